(* erf below 0.375 of src/Guarantees/Arithmetic/Elementary.Normal.cs: the truncation of its series about 0, and every rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Logarithm.
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

(** ** Roundings of erf below 0.375 *)

Lemma erf_tame : tame ErfTail (146 / 1024).
Proof.
  intros z H. split; [|split].
  - expand_with ErfTail. gappa.
  - expand_with ErfTail. split; interval.
  - expand_with ErfTail. interval.
Qed.

(** ExpandErf for 2^-60 <= |x| < 0.375, and TinyErf below. *)
Definition ErfSeries (x : R) : R * R :=
  let '(high, low) := TwoProduct rnd x TwoOverRootPiHigh in
  (high, rnd (low + rnd (rnd (x * TwoOverRootPiLow) + odd_tail ErfTail x))).

Definition TinyErf (x : R) : R * R :=
  let scaled := rnd (x * bpow radix2 200) in
  let '(high, low) := TwoProduct rnd scaled TwoOverRootPiHigh in (high, rnd (low + rnd (scaled * TwoOverRootPiLow))).

Theorem erf_series_approximated : forall x, / 2 ^ 60 <= Rabs x <= 375 / 1000 -> approximates (ErfSeries x) 0 (/ 2 ^ 54) (erf x).
Proof.
  intros x Hx. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra).
  assert (P54 : / 2 ^ 54 = / 18014398509481984) by (f_equal; lra).
  assert (T := erf_truncation x (proj2 Hx)). rewrite P60 in Hx. rewrite P56 in T. rewrite P54.
  set (X := Rabs x) in *. assert (Xr : - X <= x <= X) by (apply Rabs_le_inv, Rle_refl).
  assert (Eta : eta <= / 1000000000000000000000000 * X) by lra.
  assert (Sq : 0 <= x * x <= 375 / 1000 * (375 / 1000)).
  { replace (x * x) with (X * X) by (unfold X; rewrite <- Rabs_mult; apply Rabs_pos_eq; nra). nra. }
  assert (O := odd_tail_rounding ErfTail (146 / 1024) x erf_tame ltac:(lra) ltac:(rewrite U; lra)).
  assert (M : Rabs (exact_tail ErfTail x) <= 53 / 1000 * X).
  { unfold exact_tail. rewrite Rmult_assoc, Rabs_mult. fold X. rewrite Rmult_comm. apply Rmult_le_compat_r; [lra|].
    set (z := x * x) in *. expand_with ErfTail. interval with (i_bisect z). }
  unfold erf_series in T. change (x * (x * x) * Polynomial exactly 0 ErfTail (x * x)) with (exact_tail ErfTail x) in T.
  set (t := exact_tail ErfTail x) in *. set (tr := odd_tail ErfTail x) in *.
  unfold approximates, ErfSeries, TwoProduct. fold tr.
  assert (CH : TwoOverRootPiHigh = 5081767996463981 / 4503599627370496) by reflexivity.
  assert (CL : TwoOverRootPiLow = 38880009166811 / 2535301200456458802993406410752) by reflexivity.
  assert (A1 := rnd_within (x * TwoOverRootPiHigh) (12 / 10 * X) ltac:(rewrite CH; lra)). set (high := rnd (x * TwoOverRootPiHigh)) in *.
  assert (A2 := rnd_within (x * TwoOverRootPiHigh - high) (13 / 10 * u * X) ltac:(rewrite U in *; lra)). set (pl := rnd (x * TwoOverRootPiHigh - high)) in *.
  assert (A3 := rnd_within (x * TwoOverRootPiLow) (u * X) ltac:(rewrite CL, U; lra)). set (xl := rnd (x * TwoOverRootPiLow)) in *.
  apply Rabs_le_inv in O. assert (M' := Rabs_le_inv _ _ M).
  assert (A4 := rnd_within (xl + tr) (531 / 10000 * X) ltac:(rewrite U, CL in *; lra)). set (a := rnd (xl + tr)) in *.
  assert (A5 := rnd_within (pl + a) (532 / 10000 * X) ltac:(rewrite U, CL, CH in *; lra)). set (low := rnd (pl + a)) in *.
  assert (EX : 1075 / 1000 * X <= Rabs (erf x)).
  { assert (V : Rabs (x * TwoOverRootPiHigh) = TwoOverRootPiHigh * X) by (rewrite Rabs_mult, (Rabs_pos_eq TwoOverRootPiHigh); unfold X; [ring | rewrite CH; lra]).
    apply Rabs_le_inv in T. rewrite CL, CH in *. unfold X, Rabs in *. destruct (Rcase_abs x); destruct (Rcase_abs (erf x)); lra. }
  repeat split; try apply rnd_double.
  - assert (HX : X <= Rabs high) by (rewrite U, CH in *; unfold X, Rabs in *; destruct (Rcase_abs x), (Rcase_abs high); lra).
    apply Rle_trans with (2 := HX). apply Rabs_le. rewrite U, CL, CH in *. lra.
  - simpl bpow. rewrite Rmult_1_r. apply Rle_trans with (999 / 1000 * / 18014398509481984 * (1075 / 1000 * X)); [|apply Rmult_le_compat_l; [lra | exact EX]].
    apply Rabs_le. apply Rabs_le_inv in T. rewrite U, CL in *. lra.
  - left. reflexivity.
  - lra.
Qed.

Lemma double_least : forall x, double x -> x <> 0 -> bpow radix2 (-1074) <= Rabs x.
Proof.
  intros x D N. apply FLT_format_generic in D; [|typeclasses eauto]. destruct D as [[m n] -> Hm Hn]. simpl in Hm, Hn.
  unfold F2R in *. simpl Fnum in *. simpl Fexp in *. rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0. rewrite <- abs_IZR.
  rewrite <- (Rmult_1_l (bpow radix2 (-1074))). apply Rmult_le_compat; [lra | apply bpow_ge_0 | | apply bpow_le; exact Hn].
  apply IZR_le. assert (m <> 0%Z) by (intro E; apply N; rewrite E; apply Rmult_0_l). simpl. lia.
Qed.

Lemma erf_linear : forall x, Rabs x <= / 2 ^ 60 -> Rabs (erf x - x * (TwoOverRootPiHigh + TwoOverRootPiLow)) <= / 2 ^ 100 * Rabs x.
Proof.
  intros x Hx. apply (vanishing_at_zero (fun x => erf x - x * (TwoOverRootPiHigh + TwoOverRootPiLow))
    (fun x => 2 / sqrt PI * exp (- (x * x)) - (TwoOverRootPiHigh + TwoOverRootPiLow)) (/ 2 ^ 60)); [| | |exact Hx].
  - intros t _. apply (is_derive_minus erf (fun x => x * (TwoOverRootPiHigh + TwoOverRootPiLow))); [apply erf_derives|]. auto_derive; [exact I | ring].
  - intros t Ht. unfold TwoOverRootPiHigh, TwoOverRootPiLow. interval with (i_prec 140).
  - unfold erf. rewrite RInt_point. unfold zero. simpl. ring.
Qed.

Theorem tiny_erf_approximated : forall x, double x -> x <> 0 -> Rabs x <= / 2 ^ 60 -> approximates (TinyErf x) (-200) (/ 2 ^ 60) (erf x).
Proof.
  intros x D N Hx. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (T := erf_linear x Hx). assert (L := double_least x D N).
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). 
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in T. rewrite P60.
  unfold approximates, TinyErf, TwoProduct. rewrite (rnd_id (x * bpow radix2 200)) by (apply double_shift; [exact D | lia]).
  assert (S : x = x * bpow radix2 200 * bpow radix2 (-200)) by (rewrite Rmult_assoc, <- bpow_plus; change (bpow radix2 (200 + -200)%Z) with 1; ring).
  set (s := x * bpow radix2 200) in *.
  assert (Big : bpow radix2 (-874) <= Rabs s).
  { unfold s. rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0.
    replace (-874)%Z with (-1074 + 200)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat_r; [apply bpow_ge_0 | exact L]. }
  assert (Eta : eta <= / 1267650600228229401496703205376 * Rabs s).
  { change (/ 1267650600228229401496703205376) with (bpow radix2 (-100)). apply Rle_trans with (bpow radix2 (-100) * bpow radix2 (-874)).
    - unfold eta. rewrite <- bpow_plus. apply bpow_le. lia.
    - apply Rmult_le_compat_l; [apply bpow_ge_0 | exact Big]. }
  assert (P : 0 < bpow radix2 (-200)) by apply bpow_gt_0.
  assert (T' : Rabs (erf x * bpow radix2 200 - s * (TwoOverRootPiHigh + TwoOverRootPiLow)) <= / 1267650600228229401496703205376 * Rabs s).
  { unfold s. rewrite Rabs_mult, (Rabs_pos_eq (bpow radix2 200)), <- Rmult_assoc by apply bpow_ge_0.
    replace (_ - _) with ((erf x - x * (TwoOverRootPiHigh + TwoOverRootPiLow)) * bpow radix2 200) by ring.
    rewrite Rabs_mult, (Rabs_pos_eq (bpow radix2 200)) by apply bpow_ge_0. apply Rmult_le_compat_r; [apply bpow_ge_0 | exact T]. }
  assert (Ev : erf x = erf x * bpow radix2 200 * bpow radix2 (-200)) by (rewrite Rmult_assoc, <- bpow_plus; change (bpow radix2 (200 + -200)%Z) with 1; ring).
  set (v := erf x * bpow radix2 200) in *.
  set (X := Rabs s) in *. assert (Xr : - X <= s <= X) by (apply Rabs_le_inv, Rle_refl).
  assert (X0 : 0 < X) by (apply Rlt_le_trans with (2 := Big), bpow_gt_0).
  assert (CH : TwoOverRootPiHigh = 5081767996463981 / 4503599627370496) by reflexivity.
  assert (CL : TwoOverRootPiLow = 38880009166811 / 2535301200456458802993406410752) by reflexivity.
  assert (A1 := rnd_within (s * TwoOverRootPiHigh) (12 / 10 * X) ltac:(rewrite CH; lra)). set (high := rnd (s * TwoOverRootPiHigh)) in *.
  assert (A2 := rnd_within (s * TwoOverRootPiHigh - high) (13 / 10 * u * X) ltac:(rewrite U in *; lra)). set (pl := rnd (s * TwoOverRootPiHigh - high)) in *.
  assert (A3 := rnd_within (s * TwoOverRootPiLow) (u * X) ltac:(rewrite CL, U; lra)). set (xl := rnd (s * TwoOverRootPiLow)) in *.
  assert (A5 := rnd_within (pl + xl) (3 * u * X) ltac:(rewrite U, CL, CH in *; lra)). set (low := rnd (pl + xl)) in *.
  assert (HX : X <= Rabs high) by (rewrite U, CH in *; unfold X, Rabs in *; destruct (Rcase_abs s), (Rcase_abs high); lra).
  assert (HL : Rabs low <= / 2 * Rabs high) by (apply Rle_trans with (/ 2 * X); [apply Rabs_le; rewrite U, CL, CH in *; lra | lra]).
  assert (VX : X <= Rabs v).
  { apply Rabs_le_inv in T'. rewrite CL, CH in *. unfold X, Rabs in *. destruct (Rcase_abs s); destruct (Rcase_abs v); lra. }
  split; [apply rnd_double|]. split; [apply rnd_double|]. split; [assert (0 <= Rabs high) by apply Rabs_pos; lra|]. split; [|split].
  - rewrite Ev. rewrite <- Rmult_minus_distr_r, !Rabs_mult, (Rabs_pos_eq (bpow _ _)), <- Rmult_assoc by lra. apply Rmult_le_compat_r; [lra|].
    apply Rle_trans with (999 / 1000 * / 1152921504606846976 * X); [|apply Rmult_le_compat_l; [lra | exact VX]].
    apply Rabs_le. apply Rabs_le_inv in T'. rewrite U, CL, CH in *. lra.
  - right. split; [exact HL|]. assert (bpow radix2 (-900) <= Rabs high) by (apply Rle_trans with (2 := HX), Rle_trans with (2 := Big), bpow_le; lia).
    split; [apply Rle_trans with (bpow radix2 (-900)); [apply bpow_le; lia | assumption]|].
    change (-200 / 2)%Z with (-100)%Z. apply Rle_trans with (bpow radix2 (-900) * bpow radix2 (-100)); [rewrite <- bpow_plus; apply bpow_le; lia|].
    apply Rmult_le_compat_r; [apply bpow_ge_0 | assumption].
  - lra.
Qed.
