(* erf of src/Guarantees/Arithmetic/Elementary.Normal.cs: the truncation of its series about 0. *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Logarithm.
Open Scope R_scope.

Definition erf (x : R) : R := 2 / sqrt PI * RInt (fun t => exp (- (t * t))) 0 x.

(** The kernel's erf below 0.375 before rounding. *)
Definition erf_series (x : R) : R :=
  x * (TwoOverRootPiHigh + TwoOverRootPiLow) + x * (x * x) * Polynomial exactly 0 ErfTail (x * x).

Lemma erf_derives : forall x, is_derive erf x (2 / sqrt PI * exp (- (x * x))).
Proof.
  assert (C : forall t, continuous (fun t => exp (- (t * t))) t).
  { intro t. apply (ex_derive_continuous (fun t => exp (- (t * t)))). auto_derive. exact I. }
  intro x. unfold erf. apply (is_derive_scal (fun x => RInt (fun t => exp (- (t * t))) 0 x)).
  apply (is_derive_RInt (fun t => exp (- (t * t))) (fun x => RInt (fun t => exp (- (t * t))) 0 x) 0 x); [|apply C].
  apply filter_forall. intro y. apply (RInt_correct (fun t => exp (- (t * t)))). apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros t _. apply C.
Qed.

Theorem erf_truncation : forall x, Rabs x <= 375 / 1000 -> Rabs (erf x - erf_series x) <= / 2 ^ 56 * Rabs x.
Proof.
  intros x Hx.
  apply (vanishing_at_zero (fun x => erf x - erf_series x)
    (fun x => 2 / sqrt PI * exp (- (x * x)) - (TwoOverRootPiHigh + TwoOverRootPiLow + odd_slope ErfTail x)) (375 / 1000)); [| | |exact Hx].
  - intros t _. apply (is_derive_minus erf erf_series); [apply erf_derives|].
    apply (is_derive_plus (fun x => x * (TwoOverRootPiHigh + TwoOverRootPiLow)) (fun x => x * (x * x) * Polynomial exactly 0 ErfTail (x * x)));
      [|apply odd_derives].
    auto_derive; [exact I | ring].
  - intros t Ht. unfold odd_slope, ErfTail, nth, TwoOverRootPiHigh, TwoOverRootPiLow. interval with (i_prec 120, i_taylor t, i_degree 26).
  - unfold erf, erf_series. rewrite RInt_point. unfold zero. simpl. ring.
Qed.
