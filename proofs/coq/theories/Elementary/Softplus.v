(* softplus of src/Guarantees/Arithmetic/Elementary.Logarithm.cs every rounding: max(x, 0) + ln(1 + e), e = e^-|x|. *)
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

(** A pair of doubles that is v to within 0.24 u, its low part an error of rounding. *)
Definition close (pair : R * R) (v : R) : Prop :=
  double (fst pair) /\ double (snd pair) /\ normalised pair /\ Rabs (fst pair + snd pair - v) <= 24 / 100 * u * v.

Lemma close_approximates : forall pair v, 0 < v -> close pair v -> approximates pair 0 (/ 2 ^ 55) v.
Proof.
  intros [h l] v V (Dh & Dl & N & E). unfold normalised in N. simpl fst in *. simpl snd in *. assert (U : u = / 9007199254740992) by reflexivity.
  assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55.
  assert (T := Rabs_triang h l). assert (0 <= Rabs h) by apply Rabs_pos.
  split; [exact Dh|]. split; [exact Dl|]. split; [rewrite U in *; lra|]. split; [|split; [left; reflexivity | lra]].
  simpl bpow. rewrite Rmult_1_r, (Rabs_pos_eq v) by lra. rewrite U in *. lra.
Qed.

Lemma log1p_exp_positive : forall x, 0 < ln (1 + exp x).
Proof. intro x. assert (0 < exp x) by apply exp_pos. rewrite <- ln_1. apply ln_increasing; lra. Qed.

(** A logarithm within 2^-56 of ln(1 + d) is close to ln(1 + e). *)
Lemma log_of_near : forall pair d e, approximates pair 0 (/ 2 ^ 56) (ln (1 + d)) /\ normalised pair -> 0 < e -> Rabs (d - e) <= 1132 / 10000 * u * e -> close pair (ln (1 + e)).
Proof.
  intros [h l] d e [(Dh & Dl & Hl & E & _) N] He Hd. assert (U : u = / 9007199254740992) by reflexivity.
  assert (M := log1p_moved e d _ He Hd ltac:(rewrite U; lra)).
  assert (V0 : 0 < ln (1 + e)) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56 in E.
  split; [exact Dh|]. split; [exact Dl|]. split; [exact N|]. simpl fst. simpl snd.
  set (a := ln (1 + d)) in *. set (b := ln (1 + e)) in *. simpl bpow in *. rewrite Rmult_1_r in *.
  assert (T := Rabs_triang (a - b) b). replace (a - b + b) with a in T by ring. rewrite (Rabs_pos_eq b) in T by lra.
  replace (h + l - b) with ((h + l - a) + (a - b)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite U in *. lra.
Qed.

(** ln(1 + e), e = e^x for x < 0, with e at least 2^-61 or so: the two branches of Log1pPair. *)
Lemma softplus_near_close : forall x, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  e <= MostReduced -> close (LogReduced e el 0) (ln (1 + exp x)).
Proof.
  intros x D Hx Hk. assert (P := scaled_exp x D Hx Hk). destruct (ExpandExp x 0) as [h l]. cbv zeta in *. destruct P as (He & Hl & E).
  assert (De : double (Scale h (quotient x))) by apply rnd_double. set (e := Scale h (quotient x)) in *. set (el := Scale l (quotient x)) in *. intro M. unfold MostReduced in M.
  apply log_of_near with (e + el); [|apply exp_pos | assert (0 < exp x) by apply exp_pos; apply (Rle_trans _ _ _ E); unfold u; lra].
  replace (ln (1 + (e + el))) with (IZR 0 * ln 2 + ln (1 + (e + el))) by ring.
  assert (Least : 0%Z = 0%Z -> / 2 ^ 70 <= Rabs e).
  { intros _. rewrite Rabs_pos_eq by lra. assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra). rewrite P70. lra. }
  assert (Fl : Rabs el <= 2 * u * Rabs e) by (rewrite (Rabs_pos_eq e) by lra; exact Hl).
  split; [apply log_reduced_approximated | apply log_reduced_normalised]; try assumption; lra || lia.
Qed.

Lemma softplus_middle_close : forall x m j, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  let '(sum, rest) := TwoSum rnd 1 e in let low := rnd (rest + el) in
  MostReduced < e -> sum = m * bpow radix2 j -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> double (low * bpow radix2 (- j)) ->
  close (LogOfSum m (low * bpow radix2 (- j)) j) (ln (1 + exp x)).
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

(** ExpandSoftplus for -800 <= x < 0. *)
Theorem softplus_near_approximated : forall x, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  e <= MostReduced -> approximates (LogReduced e el 0) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x D Hx Hk. assert (C := softplus_near_close x D Hx Hk). destruct (ExpandExp x 0) as [h l]. cbv zeta in *. intro M.
  apply close_approximates; [apply log1p_exp_positive | apply C, M].
Qed.

Theorem softplus_middle_approximated : forall x m j, double x -> -800 <= x < 0 -> (-60 <= quotient x)%Z ->
  let '(h, l) := ExpandExp x 0 in let e := Scale h (quotient x) in let el := Scale l (quotient x) in
  let '(sum, rest) := TwoSum rnd 1 e in let low := rnd (rest + el) in
  MostReduced < e -> sum = m * bpow radix2 j -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> double (low * bpow radix2 (- j)) ->
  approximates (LogOfSum m (low * bpow radix2 (- j)) j) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x m j D Hx Hk. assert (C := softplus_middle_close x m j D Hx Hk). destruct (ExpandExp x 0) as [h l]. cbv zeta in *.
  destruct (TwoSum rnd 1 (Scale h (quotient x))) as [sum rest]. intros. apply close_approximates; [apply log1p_exp_positive | apply C; assumption].
Qed.

(** ** x > 0: x + ln(1 + e^-x) *)

Definition SoftplusSum (x : R) (pair : R * R) : R * R :=
  let '(high, rounding) := TwoSum rnd x (fst pair) in FastTwoSum rnd high (rnd (rounding + snd pair)).

Lemma softplus_reflected : forall x, ln (1 + exp x) = x + ln (1 + exp (- x)).
Proof.
  intro x. assert (0 < exp (- x)) by apply exp_pos. rewrite <- (ln_exp x) at 2. rewrite <- ln_mult by (try apply exp_pos; lra).
  f_equal. rewrite Rmult_plus_distr_l, <- exp_plus, Rplus_opp_r, exp_0. ring.
Qed.

Lemma softplus_sum : forall x h l L, double x -> double h -> double l -> 0 < x -> 0 <= L -> Rabs l <= 2 * u * (x + L) ->
  Rabs (h + l - L) <= 24 / 100 * u * (x + L) -> approximates (SoftplusSum x (h, l)) 0 (/ 2 ^ 55) (x + L).
Proof.
  intros x h l L Dx Dh Dl Hx HL Hl E. assert (U : u = / 9007199254740992) by reflexivity.
  assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55. unfold SoftplusSum. simpl fst. simpl snd.
  assert (X := TwoSum_exact x h Dx Dh). assert (S := sum_relative x h Dx Dh). change (rnd (x + h)) with (fst (TwoSum rnd x h)) in S.
  assert (D1 : double (fst (TwoSum rnd x h))) by apply rnd_double. assert (D2 : double (snd (TwoSum rnd x h))) by apply rnd_double.
  destruct (TwoSum rnd x h) as [s r]. simpl fst in *. simpl snd in *.
  apply Rabs_le_inv in Hl, E. rewrite (Rabs_pos_eq (x + h)) in S by (rewrite U in *; lra). apply Rabs_le_inv in S.
  assert (T := sum_relative r l D2 Dl). assert (B : Rabs (r + l) <= 31 / 10 * u * (x + L)) by (apply Rabs_le; rewrite U in *; lra).
  assert (T' : Rabs (rnd (r + l) - (r + l)) <= 31 / 10 * u * u * (x + L)) by (rewrite U in *; lra). apply Rabs_le_inv in T', B.
  assert (D3 : double (rnd (r + l))) by apply rnd_double. set (t := rnd (r + l)) in *.
  assert (F := FastTwoSum_exact s t D1 D3 ltac:(rewrite (Rabs_pos_eq s) by (rewrite U in *; lra); apply Rabs_le; rewrite U in *; lra)).
  assert (N := sum_relative s t D1 D3). change (rnd (s + t)) with (fst (FastTwoSum rnd s t)) in N.
  assert (D4 : double (fst (FastTwoSum rnd s t))) by apply rnd_double. assert (D5 : double (snd (FastTwoSum rnd s t))) by apply rnd_double.
  destruct (FastTwoSum rnd s t) as [high low]. simpl fst in *. simpl snd in *.
  rewrite <- F in N. replace (high - (high + low)) with (- low) in N by ring. rewrite Rabs_Ropp in N.
  assert (T1 := Rabs_triang high low). assert (0 <= Rabs high) by apply Rabs_pos.
  split; [exact D4|]. split; [exact D5|]. split; [rewrite U in *; lra|]. split; [|split; [left; reflexivity | lra]].
  simpl bpow. rewrite Rmult_1_r, (Rabs_pos_eq (x + L)), F by lra. apply Rabs_le. rewrite U in *. lra.
Qed.

Lemma softplus_close_sum : forall x pair, double x -> 0 < x -> close pair (ln (1 + exp (- x))) -> approximates (SoftplusSum x pair) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x [h l] Dx Hx (Dh & Dl & N & E). unfold normalised in N. simpl fst in *. simpl snd in *. assert (U : u = / 9007199254740992) by reflexivity.
  rewrite softplus_reflected. assert (P := log1p_exp_positive (- x)). set (L := ln (1 + exp (- x))) in *.
  assert (E' := Rabs_le_inv _ _ E). rewrite (Rabs_pos_eq (h + l)) in N by (rewrite U in *; lra).
  apply softplus_sum; try assumption; rewrite U in *; lra.
Qed.

Theorem softplus_above_near_approximated : forall x, double x -> 0 < x <= 800 -> (-60 <= quotient (- x))%Z ->
  let '(h, l) := ExpandExp (- x) 0 in let e := Scale h (quotient (- x)) in let el := Scale l (quotient (- x)) in
  e <= MostReduced -> approximates (SoftplusSum x (LogReduced e el 0)) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x D Hx Hk. assert (C := softplus_near_close (- x) (double_opp _ D) ltac:(lra) Hk). destruct (ExpandExp (- x) 0) as [h l]. cbv zeta in *. intro M.
  apply softplus_close_sum; [exact D | lra | apply C, M].
Qed.

Theorem softplus_above_middle_approximated : forall x m j, double x -> 0 < x <= 800 -> (-60 <= quotient (- x))%Z ->
  let '(h, l) := ExpandExp (- x) 0 in let e := Scale h (quotient (- x)) in let el := Scale l (quotient (- x)) in
  let '(sum, rest) := TwoSum rnd 1 e in let low := rnd (rest + el) in
  MostReduced < e -> sum = m * bpow radix2 j -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> double (low * bpow radix2 (- j)) ->
  approximates (SoftplusSum x (LogOfSum m (low * bpow radix2 (- j)) j)) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x m j D Hx Hk. assert (C := softplus_middle_close (- x) m j (double_opp _ D) ltac:(lra) Hk). destruct (ExpandExp (- x) 0) as [h l]. cbv zeta in *.
  destruct (TwoSum rnd 1 (Scale h (quotient (- x)))) as [sum rest]. intros. apply softplus_close_sum; [exact D | lra | apply C; assumption].
Qed.

(** Where e is below 2^-60 the pair of e stands for the logarithm, also where -x is clipped. *)
Theorem softplus_above_tail_approximated : forall x, double x -> 0 < x -> let z := Rmax (- x) (-800) in (quotient z < -60)%Z ->
  let '(h, l) := ExpandExp z 0 in approximates (SoftplusSum x (Scale h (quotient z), Scale l (quotient z))) 0 (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x D Hx z Hk. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (Z : -800 <= z < 0 /\ double z /\ - x <= z).
  { unfold z. split; [split; [apply Rmax_r | apply Rmax_lub_lt; lra]|]. split; [|apply Rmax_l].
    unfold Rmax. destruct (Rle_dec _ _); [apply (double_integer (-800)); lia | apply double_opp, D]. }
  destruct Z as (Hz & Dz & Xz). assert (Z800 : Rabs z <= 800) by (apply Rabs_le; lra).
  assert (E := exp_expansion_error z 0 Dz (generic_format_0 _ _) Z800 ltac:(rewrite Rabs_R0; lra)).
  destruct (ExpandExp z 0) as [h l]. destruct E as (_ & Hh & Hl & Dh & Dl & _).
  assert (Far : 41 <= x /\ 0 < exp (- x) <= / 500000000000000000).
  { destruct (quotient_range z Z800) as (_ & Q & _). apply Rabs_le_inv in Q. assert (IZR (quotient z) <= -61) by (apply IZR_le; lia).
    assert (69 / 100 <= ln 2) by interval. assert (z <= -41) by nra. split; [lra|]. split; [apply exp_pos|].
    apply Rle_trans with (exp (-41)); [destruct (Req_dec (- x) (-41)) as [-> | N]; [lra | left; apply exp_increasing; lra] | interval]. }
  destruct Far as (Far & Tiny).
  assert (W : 0 < bpow radix2 (quotient z) <= / 2305843009213693952).
  { split; [apply bpow_gt_0|]. change (/ 2305843009213693952) with (bpow radix2 (-61)). apply bpow_le. lia. }
  assert (S1 := Scale_down h (quotient z) Dh ltac:(lia)). assert (S2 := Scale_down l (quotient z) Dl ltac:(lia)).
  set (w := bpow radix2 (quotient z)) in *. assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra). rewrite P50 in Hl.
  assert (A1 := product_within h w 2 (/ 2305843009213693952) ltac:(lra) ltac:(lra)).
  assert (A2 := product_within l w (/ 1125899906842624) (/ 2305843009213693952) (Rabs_le_inv _ _ Hl) ltac:(lra)).
  apply Rabs_le_inv in S1, S2.
  assert (LL : 0 < ln (1 + exp (- x)) <= exp (- x)).
  { split; [apply log1p_exp_positive|]. assert (Q := exp_ineq1_le (ln (1 + exp (- x)))). rewrite exp_ln in Q by lra. lra. }
  rewrite softplus_reflected. set (L := ln (1 + exp (- x))) in *.
  apply softplus_sum; [exact D | apply rnd_double | apply rnd_double | exact Hx | lra | |]; apply Rabs_le; rewrite U in *; lra.
Qed.

(** From 2^60 on the result is x. *)
Theorem softplus_huge_approximated : forall x, double x -> 2 ^ 60 <= x -> approximates (x, 0) 0 (/ 2 ^ 60) (ln (1 + exp x)).
Proof.
  intros x D Hx. assert (P60 : 2 ^ 60 = 1152921504606846976) by lra. rewrite P60 in *.
  assert (LL : 0 < ln (1 + exp (- x)) <= exp (- x)).
  { split; [apply log1p_exp_positive|]. assert (P := exp_pos (- x)). assert (Q := exp_ineq1_le (ln (1 + exp (- x)))). rewrite exp_ln in Q by lra. lra. }
  assert (T : exp (- x) <= exp (-1)) by (left; apply exp_increasing; lra). assert (exp (-1) <= / 2) by interval.
  rewrite softplus_reflected. set (L := ln (1 + exp (- x))) in *.
  split; [exact D|]. split; [apply generic_format_0|]. split; [rewrite Rabs_R0; apply Rabs_pos|]. split; [|split; [left; reflexivity | lra]].
  simpl bpow. rewrite Rplus_0_r, Rmult_1_r, (Rabs_pos_eq (x + L)) by lra. apply Rabs_le. lra.
Qed.
