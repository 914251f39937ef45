(* ln(1 + f) of src/Guarantees/Arithmetic/Elementary.Logarithm.cs: the truncation of the series in s = f / (2 + f). *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis.
Open Scope R_scope.

(** The derivative of c0 s^3 + c1 s^5 + ... + c11 s^25. *)
Definition odd_slope (c : list R) (s : R) : R :=
  let a n := nth n c 0 in let z := s * s in
  z * (3 * a 0%nat + z * (5 * a 1%nat + z * (7 * a 2%nat + z * (9 * a 3%nat + z * (11 * a 4%nat + z * (13 * a 5%nat + z * (15 * a 6%nat
  + z * (17 * a 7%nat + z * (19 * a 8%nat + z * (21 * a 9%nat + z * (23 * a 10%nat + z * (25 * a 11%nat)))))))))))).

Lemma odd_derives : forall c s, is_derive (fun s => s * (s * s) * Polynomial exactly 0 c (s * s)) s (odd_slope c s).
Proof.
  intros c s. unfold odd_slope, Polynomial, Fma, exactly. cbv beta zeta. simpl Nat.add.
  generalize (nth 0 c 0) (nth 1 c 0) (nth 2 c 0) (nth 3 c 0) (nth 4 c 0) (nth 5 c 0) (nth 6 c 0) (nth 7 c 0) (nth 8 c 0) (nth 9 c 0)
    (nth 10 c 0) (nth 11 c 0).
  intros. auto_derive; [exact I | ring].
Qed.

(** The kernel's ln(1 + f) before rounding, as a function of s. *)
Definition log_series (s : R) : R := 2 * s + s * (s * s) * Polynomial exactly 0 LogTail (s * s).

Lemma artanh_truncation : forall s, Rabs s <= 1717 / 10000 ->
  Rabs (ln ((1 + s) / (1 - s)) - log_series s) <= / 2 ^ 58 * Rabs s.
Proof.
  intros s Hs.
  apply (vanishing_at_zero (fun s => ln ((1 + s) / (1 - s)) - log_series s) (fun s => 2 / (1 - s * s) - (2 + odd_slope LogTail s)) (1717 / 10000));
    [| | |exact Hs].
  - intros t Ht. assert (B := proj1 (Rabs_le_between _ _) Ht).
    apply (is_derive_minus (fun s => ln ((1 + s) / (1 - s))) log_series).
    + auto_derive.
      * split; [lra|]. split; [|exact I]. apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra].
      * field. repeat split; nra.
    + apply (is_derive_plus (fun s => 2 * s) (fun s => s * (s * s) * Polynomial exactly 0 LogTail (s * s))); [|apply odd_derives].
      auto_derive; [exact I | ring].
  - intros t Ht. unfold odd_slope, LogTail, nth. interval with (i_prec 90, i_taylor t, i_degree 24).
  - unfold log_series. replace ((1 + 0) / (1 - 0)) with 1 by field. rewrite ln_1. ring.
Qed.

Theorem log_truncation : forall f, -293 / 1000 <= f <= 4143 / 10000 ->
  Rabs (ln (1 + f) - log_series (f / (2 + f))) <= / 2 ^ 58 * Rabs (f / (2 + f)).
Proof.
  intros f Hf. replace (1 + f) with ((1 + f / (2 + f)) / (1 - f / (2 + f))) by (field; lra).
  apply artanh_truncation. interval with (i_bisect f, i_autodiff f).
Qed.
