(* softplus of src/Guarantees/Arithmetic/Elementary.Logarithm.cs for x <= 0, every rounding: ln(1 + e), e = e^x. *)
From Coq Require Import Reals Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential Quotients Logarithm.
Open Scope R_scope.

Lemma log1p_second : forall x, Rabs x <= / 2 ^ 50 -> Rabs (ln (1 + x) - x) <= 4 / 5 * (x * x).
Proof.
  intros x H. assert (P : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra).
  apply Rle_trans with (3 / 4 * (1001 / 1000) * (x * x)); [|assert (0 <= x * x) by nra; lra].
  apply (vanishing_twice (fun x => ln (1 + x) - x) (fun x => / (1 + x) - 1) (/ 2 ^ 50)); [| | |exact H].
  - intros t Ht. rewrite P in Ht. apply Rabs_le_inv in Ht. auto_derive; [lra | field; lra].
  - intros t Ht. rewrite P in Ht. assert (Ht' := Rabs_le_inv _ _ Ht). replace (/ (1 + t) - 1) with (- t * / (1 + t)) by (field; lra).
    rewrite Rabs_mult, Rabs_Ropp, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. interval.
  - rewrite Rplus_0_r, ln_1. ring.
Qed.

(** Where e is below 2^-60, the pair of e stands for ln(1 + e). *)
Theorem softplus_tail_approximated : forall x, double x -> -800 <= x < 0 -> (quotient x < -60)%Z ->
  approximates (ExpandExp x 0) (quotient x) (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x D Hx Hk. assert (X800 : Rabs x <= 800) by (apply Rabs_le; lra).
  assert (E := exp_expansion_error x 0 D (generic_format_0 _ _) X800 ltac:(rewrite Rabs_R0; lra)).
  assert (A := exp_approximated x 0 D (generic_format_0 _ _) X800 ltac:(rewrite Rabs_R0; lra)).
  destruct (ExpandExp x 0) as [h l]. destruct A as (A1 & A2 & A3 & _ & A5 & _). destruct E as (E & _).
  rewrite Rplus_0_r in E.
  assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra). assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra).
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra).
  assert (X0 : 0 < exp x <= / 500000000000000000).
  { split; [apply exp_pos|]. destruct (quotient_range x X800) as (_ & Q & _). apply Rabs_le_inv in Q. assert (IZR (quotient x) <= -61) by (apply IZR_le; lia).
    assert (69 / 100 <= ln 2) by interval. assert (x <= -41) by nra. apply Rle_trans with (exp (-41)); [destruct (Req_dec x (-41)) as [-> | N]; [lra | left; apply exp_increasing; lra] | interval]. }
  set (X := exp x) in *. assert (T := log1p_second X ltac:(rewrite Rabs_pos_eq by lra; rewrite P50; lra)).
  assert (X * X <= / 500000000000000000 * X) by (apply Rmult_le_compat_r; lra).
  assert (T' := Rabs_le_inv _ _ T).
  split; [exact A1|]. split; [exact A2|]. split; [exact A3|]. split; [|split; [exact A5 | intro Z; exfalso; revert Z; apply Rinv_neq_0_compat, pow_nonzero; lra]].
  rewrite bpow_powerRZ. change (IZR radix2) with 2. rewrite (Rabs_pos_eq (ln (1 + X))) by lra. rewrite P55. rewrite P56 in E.
  apply Rabs_le_inv in E. apply Rabs_le. lra.
Qed.

(** What an error of e does to ln(1 + e): the same, relative, at most. *)
Lemma log1p_moved : forall e d c, 0 < e -> Rabs (d - e) <= c * e -> 0 <= c <= / 2 -> Rabs (ln (1 + d) - ln (1 + e)) <= c * (1 + 2 * c) * ln (1 + e).
Proof.
  intros e d c He Hd Hc. apply Rabs_le_inv in Hd. assert (D0 : - (e / 2) <= d - e) by nra.
  assert (L : e / (1 + e) <= ln (1 + e)).
  { assert (Q := exp_ineq1_le (- ln (1 + e))). rewrite exp_Ropp, exp_ln in Q by lra. replace (e / (1 + e)) with (1 - / (1 + e)) by (field; lra). lra. }
  assert (Up : forall a b, 0 < a -> 0 < b -> ln a - ln b <= (a - b) / b).
  { intros a b Ha Hb. assert (Q := exp_ineq1_le (ln a - ln b)). replace (ln a - ln b) with (ln a + - ln b) in Q at 2 by ring.
    rewrite exp_plus, exp_Ropp, !exp_ln in Q by lra. replace ((a - b) / b) with (a * / b - 1) by (field; lra). lra. }
  assert (I1 : 0 < / (1 + e)) by (apply Rinv_0_lt_compat; lra). assert (Fe : 0 < e / (1 + e)) by (unfold Rdiv; apply Rmult_lt_0_compat; lra).
  assert (U1 := Up (1 + d) (1 + e) ltac:(lra) ltac:(lra)). assert (U2 := Up (1 + e) (1 + d) ltac:(lra) ltac:(lra)).
  assert (V1 : (1 + d - (1 + e)) / (1 + e) <= c * (e / (1 + e))).
  { unfold Rdiv. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; lra. }
  assert (V2 : (1 + e - (1 + d)) / (1 + d) <= c * (1 + 2 * c) * (e / (1 + e))).
  { apply Rmult_le_reg_r with ((1 + d) * (1 + e)); [apply Rmult_lt_0_compat; lra|].
    replace ((1 + e - (1 + d)) / (1 + d) * ((1 + d) * (1 + e))) with ((e - d) * (1 + e)) by (field; lra).
    replace (c * (1 + 2 * c) * (e / (1 + e)) * ((1 + d) * (1 + e))) with (c * e * ((1 + 2 * c) * (1 + d))) by (field; lra).
    apply Rle_trans with (c * e * (1 + e)); [apply Rmult_le_compat_r; lra|]. apply Rmult_le_compat_l; [nra|].
    assert (c * (e * (1 - 2 * c)) >= 0) by (apply Rle_ge, Rmult_le_pos; [lra | apply Rmult_le_pos; lra]).
    apply Rle_trans with ((1 + 2 * c) * (1 + e * (1 - c))); [nra | apply Rmult_le_compat_l; lra]. }
  assert (c * (e / (1 + e)) <= c * ln (1 + e)) by (apply Rmult_le_compat_l; lra).
  assert (c * (1 + 2 * c) * (e / (1 + e)) <= c * (1 + 2 * c) * ln (1 + e)) by (apply Rmult_le_compat_l; [nra | lra]).
  assert (0 <= 2 * c * c * ln (1 + e)) by (apply Rmult_le_pos; [nra | lra]).
  apply Rabs_le. split; nra.
Qed.

(** The pair of e^x scaled, for e^x from 2^-61 on. *)
Lemma scaled_exp : forall z, double z -> -800 <= z < 0 -> (-60 <= quotient z)%Z ->
  let '(h, l) := ExpandExp z 0 in let H := Scale h (quotient z) in let L := Scale l (quotient z) in
  / 9223372036854775808 <= H <= 1 /\ Rabs L <= 2 * u * H /\ Rabs (H + L - exp z) <= 1131 / 10000 * u * exp z.
Proof.
  intros z D Hz Hk. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P := sigmoid_parts z D Hz). cbv zeta in P. unfold SigmoidParts in P.
  assert (Z800 : Rabs z <= 800) by (apply Rabs_le; lra).
  assert (En := exp_expansion_error z 0 D (generic_format_0 _ _) Z800 ltac:(rewrite Rabs_R0; lra)).
  destruct (ExpandExp z 0) as [h l]. destruct En as (_ & _ & _ & _ & _ & N).
  assert (Kz : (quotient z <= 0)%Z).
  { destruct (quotient_range z Z800) as (_ & Q & _). apply Z.lt_succ_r. apply lt_IZR. apply Rabs_le_inv in Q. assert (69 / 100 <= ln 2) by interval.
    assert (IZR (quotient z) * ln 2 <= 34661 / 100000) by lra. simpl. apply Rnot_le_lt. intro C.
    assert (1 * (69 / 100) <= IZR (quotient z) * ln 2) by (apply Rmult_le_compat; lra). lra. }
  destruct (FastTwoSum rnd 1 (Scale h (quotient z))) as [d dl]. destruct P as (Dh & Dl & Hh & Nl & E & _).
  assert (S1 := Scale_down h (quotient z) Dh Kz). assert (S2 := Scale_down l (quotient z) Dl Kz).
  assert (Ez : 0 < exp z < 1) by (split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]). set (X := exp z) in *.
  set (W := bpow radix2 (quotient z)) in *. assert (Wl : / 1152921504606846976 <= W) by (unfold W; change (/ 1152921504606846976) with (bpow radix2 (-60)); apply bpow_le; exact Hk).
  rewrite (Rabs_pos_eq h) in Nl by lra. assert (Nl' := Rabs_le_inv _ _ Nl). assert (E' := Rabs_le_inv _ _ E).
  assert (LW : - (3 / 2 * u * (h * W)) <= l * W <= 3 / 2 * u * (h * W)).
  { assert (Q := product_within l W (3 / 2 * u * h) W Nl' ltac:(lra)). rewrite (Rmult_assoc (3 / 2 * u)) in Q. exact Q. }
  assert (hW : 2 / 5 * W <= h * W) by (apply Rmult_le_compat_r; lra).
  assert (Xl : / 3000000000000000000 <= X) by (rewrite U in *; lra).
  assert (C1 : Scale h (quotient z) <= 1).
  { unfold Scale. rewrite <- (rnd_id 1) by (apply (double_integer 1); lia). apply rnd_le.
    assert (Kq : (-30 <= quotient z / 2)%Z) by (apply Z.div_le_lower_bound; lia).
    rewrite (rnd_id (h * bpow radix2 (quotient z / 2))).
    - rewrite Rmult_assoc, <- bpow_plus. replace (quotient z / 2 + (quotient z - quotient z / 2))%Z with (quotient z) by ring. fold W.
      destruct (Z.eq_dec (quotient z) 0) as [K0 | K0].
      + assert (W1 : W = 1) by (unfold W; rewrite K0; reflexivity). rewrite W1, Rmult_1_r in *. rewrite N. apply rnd_at_most_one. rewrite U in *. lra.
      + assert (W <= / 2) by (unfold W; change (/ 2) with (bpow radix2 (-1)); apply bpow_le; lia). nra.
    - apply double_times_power; [exact Dh|]. rewrite Rabs_pos_eq by lra. assert (B : bpow radix2 (-1022) * 4 <= bpow radix2 (quotient z / 2)) by (change 4 with (bpow radix2 2); rewrite <- bpow_plus; apply bpow_le; lia).
      assert (0 < bpow radix2 (quotient z / 2)) by apply bpow_gt_0. nra. }
  cbv zeta. set (H := Scale h (quotient z)) in *. set (L := Scale l (quotient z)) in *. apply Rabs_le_inv in S1, S2.
  split; [split; [lra | exact C1]|]. split; apply Rabs_le; rewrite U in *; lra.
Qed.

(** A logarithm within 2^-56 of ln(1 + d) is within 2^-55 of ln(1 + e). *)
Lemma log_of_near : forall pair d e, approximates pair 0 (/ 2 ^ 56) (ln (1 + d)) -> 0 < e -> Rabs (d - e) <= 1132 / 10000 * u * e -> approximates pair 0 (/ 2 ^ 55) (ln (1 + e)).
Proof.
  intros [h l] d e (Dh & Dl & Hl & E & _) He Hd. assert (U : u = / 9007199254740992) by reflexivity.
  assert (M := log1p_moved e d _ He Hd ltac:(rewrite U; lra)).
  assert (V0 : 0 < ln (1 + e)) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56 in E.
  split; [exact Dh|]. split; [exact Dl|]. split; [exact Hl|]. split; [|split; [left; reflexivity | rewrite P55; lra]].
  set (a := ln (1 + d)) in *. set (b := ln (1 + e)) in *. rewrite (Rabs_pos_eq b) by lra. rewrite P55. simpl bpow in *. rewrite Rmult_1_r in *.
  assert (T := Rabs_triang (a - b) b). replace (a - b + b) with a in T by ring. rewrite (Rabs_pos_eq b) in T by lra.
  replace (h + l - b) with ((h + l - a) + (a - b)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite U in *. lra.
Qed.

(** ExpandSoftplus for x < 0 with e at least 2^-61 or so: the two branches of Log1pPair. *)
Theorem softplus_near_approximated : forall x, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  e <= MostReduced -> approximates (LogReduced e el 0) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x D Hx Hk. assert (P := scaled_exp x D Hx Hk). destruct (ExpandExp x 0) as [h l]. cbv zeta in *. destruct P as (He & Hl & E).
  assert (De : double (Scale h (quotient x))) by apply rnd_double. set (e := Scale h (quotient x)) in *. set (el := Scale l (quotient x)) in *. intro M. unfold MostReduced in M.
  apply log_of_near with (e + el); [|apply exp_pos | assert (0 < exp x) by apply exp_pos; apply (Rle_trans _ _ _ E); unfold u; lra].
  replace (ln (1 + (e + el))) with (IZR 0 * ln 2 + ln (1 + (e + el))) by ring.
  apply log_reduced_approximated; [exact De | lra | rewrite (Rabs_pos_eq e) by lra; exact Hl | lia |].
  intros _. rewrite Rabs_pos_eq by lra. assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra). rewrite P70. lra.
Qed.

Theorem softplus_middle_approximated : forall x m j, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  let '(sum, rest) := TwoSum rnd 1 e in let low := rnd (rest + el) in
  MostReduced < e -> sum = m * bpow radix2 j -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> double (low * bpow radix2 (- j)) ->
  approximates (LogOfSum m (low * bpow radix2 (- j)) j) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x m j D Hx Hk. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P := scaled_exp x D Hx Hk). destruct (ExpandExp x 0) as [h l]. cbv zeta in *. destruct P as (He & Hl & E).
  assert (De : double (Scale h (quotient x))) by apply rnd_double. set (e := Scale h (quotient x)) in *. set (el := Scale l (quotient x)) in *.
  assert (D1 : double 1) by (apply (double_integer 1); lia).
  assert (A := TwoSum_exact 1 e D1 De). assert (S := sum_relative 1 e D1 De). change (rnd (1 + e)) with (fst (TwoSum rnd 1 e)) in S.
  destruct (TwoSum rnd 1 e) as [sum rest]. simpl fst in *. simpl snd in *. intros M Es Dm Hm Dlow. unfold MostReduced in M.
  rewrite (Rabs_pos_eq (1 + e)) in S by lra. apply Rabs_le_inv in S, Hl.
  assert (T := rnd_within (rest + el) (5 * u) ltac:(rewrite U in *; lra)). set (low := rnd (rest + el)) in *.
  assert (J : j = 0%Z \/ j = 1%Z).
  { assert (B : 14 / 10 <= m * bpow radix2 j <= 201 / 100) by (rewrite <- Es; rewrite U in *; lra). assert (P := bpow_gt_0 radix2 j).
    assert (B1 : 98 / 100 < bpow radix2 j) by nra. assert (B2 : bpow radix2 j < 3) by nra.
    assert (-1 < j)%Z by (apply (lt_bpow radix2); change (bpow radix2 (-1)) with (/ 2); lra).
    assert (j < 2)%Z by (apply (lt_bpow radix2); change (bpow radix2 2) with 4; lra). lia. }
  assert (X0 : 0 < exp x) by apply exp_pos. apply Rabs_le_inv in E.
  apply log_of_near with (sum + low - 1); [|exact X0 | apply Rabs_le; rewrite U in *; lra].
  replace (1 + (sum + low - 1)) with (sum + low) by ring.
  destruct J as [-> | ->].
  - change (bpow radix2 0) with 1 in *. change (bpow radix2 (- 0)) with 1 in *. rewrite !Rmult_1_r in *. rewrite Es.
    replace (ln (m + low)) with (IZR 0 * ln 2 + ln (m + low)) by ring.
    apply log_of_sum; [exact Dm | exact Dlow | exact Hm | apply Rabs_le; rewrite U in *; lra | lia |].
    intros _. right. rewrite Rabs_pos_eq; rewrite U in *; lra.
  - change (bpow radix2 1) with 2 in *. change (bpow radix2 (- (1))) with (/ 2) in *.
    replace (sum + low) with ((m + low * / 2) * 2) by (rewrite Es; field). rewrite ln_mult by (rewrite U in *; lra).
    replace (ln (m + low * / 2) + ln 2) with (IZR 1 * ln 2 + ln (m + low * / 2)) by (simpl; ring).
    apply log_of_sum; [exact Dm | exact Dlow | exact Hm | apply Rabs_le; rewrite U in *; lra | lia | lia].
Qed.
