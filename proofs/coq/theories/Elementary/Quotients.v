(* e^x - 1, tanh and the logistic function of src/Guarantees/Arithmetic/Elementary.Exponential.cs: every rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential.
Open Scope R_scope.

(** ** e^x - 1 *)

Definition Expm1Pair (x : R) : R * R :=
  let '(s, sl) := Reduced x 0 in
  let scale := bpow radix2 (quotient x) in
  let '(a, al) := TwoSum rnd scale (-1) in
  let '(high, low) := TwoSum rnd a (rnd (scale * s)) in
  FastTwoSum rnd high (rnd (low + rnd (al + rnd (scale * sl)))).

Lemma sum_exactly : forall a b c, double a -> double b -> double c -> a + b = c -> TwoSum rnd a b = (c, 0).
Proof.
  intros a b c Da Db Dc E. assert (X := TwoSum_exact a b Da Db). assert (F : fst (TwoSum rnd a b) = c) by (unfold TwoSum, fst; rewrite E; apply rnd_id, Dc).
  destruct (TwoSum rnd a b) as [h l]. simpl in *. f_equal; lra.
Qed.

Lemma rnd_scaled : forall x k, double x -> - (2 * eta) <= rnd (bpow radix2 k * x) - bpow radix2 k * x <= 2 * eta.
Proof.
  intros x k D. assert (E0 := eta_tiny). destruct (Rle_lt_dec (bpow radix2 (-1022)) (Rabs x * bpow radix2 k)) as [H | H].
  - rewrite (Rmult_comm (bpow radix2 k)), rnd_id by (apply double_times_power; assumption). lra.
  - assert (E := rnd_error (bpow radix2 k * x)). apply Rabs_le_inv.
    apply (Rle_trans _ _ _ E). rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)), (Rmult_comm (bpow _ _)) by apply bpow_ge_0.
    assert (bpow radix2 (-1022) <= eta) by (unfold eta; apply bpow_le; lia).
    assert (u * (Rabs x * bpow radix2 k) <= 1 * eta); [|lra].
    apply Rmult_le_compat; [unfold u; lra | apply Rmult_le_pos; [apply Rabs_pos | apply bpow_ge_0] | unfold u; lra | lra].
Qed.

(** The error of e^r - 1 against e^r - 1 itself, k = 0, and against 2 e^r - 1, k = 1. *)
Lemma tail_near_zero : forall x, Rabs x <= 5680 / 16384 -> 7.5 * Rabs (Tail x) + 31 / 1280 * Rabs x <= 2249 / 10000 * Rabs (exp x - 1).
Proof.
  intros x Hx. destruct (Rle_lt_dec (Rabs x) (/ 16)) as [Small | Large].
  - assert (T := exp_truncation x Hx). assert (HP := P_range x Hx). assert (X0 := Rabs_pos x).
    assert (B : Rabs (Tail x) <= / 1000 * Rabs x).
    { unfold Tail. replace (x * x * x * P x) with (x * x * P x * x) by ring. rewrite Rabs_mult. apply Rmult_le_compat_r; [exact X0|]. set (p := P x) in *. interval. }
    assert (S : Rabs (x * x / 2) <= / 31 * Rabs x) by (replace (x * x / 2) with (x / 2 * x) by field; rewrite Rabs_mult; apply Rmult_le_compat_r; [exact X0 | interval]).
    assert (V := Rabs_triang (exp x - 1) (- (exp x - 1 - x - x * x / 2 - Tail x))). rewrite Rabs_Ropp in V.
    assert (V2 := Rabs_triang (x + x * x / 2 + Tail x) (- (x * x / 2 + Tail x))). rewrite Rabs_Ropp in V2. assert (V3 := Rabs_triang (x * x / 2) (Tail x)).
    replace (exp x - 1 + _) with (x + x * x / 2 + Tail x) in V by ring. replace (x + x * x / 2 + Tail x + _) with x in V2 by ring.
    assert (P60 : 3 / 2 ^ 60 <= / 1000000) by interval. assert (3 / 2 ^ 60 * Rabs x <= / 1000000 * Rabs x) by (apply Rmult_le_compat_r; assumption). lra.
  - unfold Tail, P. expand. unfold Rabs in Large, Hx. destruct (Rcase_abs x) as [N | N].
    + assert (H : - (5680 / 16384) <= x <= - / 16) by lra. clear - H. rewrite (Rabs_left1 (exp x - 1)) by interval. rewrite (Rabs_left1 x) by lra.
      apply Rminus_le. interval with (i_bisect x, i_autodiff x).
    + assert (H : / 16 <= x <= 5680 / 16384) by lra. clear - H. rewrite (Rabs_pos_eq (exp x - 1)) by interval. rewrite (Rabs_pos_eq x) by lra.
      apply Rminus_le. interval with (i_bisect x, i_autodiff x).
Qed.

Lemma tail_near_one : forall x, Rabs x <= 5680 / 16384 -> 2 * (5.4 * Rabs (Tail x) + / 128 + 31 / 1280 * Rabs x + / 100000) <= 2495 / 10000 * (2 * exp x - 1).
Proof. intros x Hx. unfold Tail, P. expand. apply Rminus_le. interval with (i_bisect x). Qed.

Lemma expm1_pair_error : forall x, double x -> / 2 ^ 60 <= Rabs x -> -60 <= x <= 44 ->
  let '(high, low) := Expm1Pair x in
  Rabs (high + low - (exp x - 1)) <= 2497 / 10000 * u * Rabs (exp x - 1)
  /\ (quotient x = 0%Z -> Rabs (high + low - (exp x - 1)) <= 225 / 1000 * u * Rabs (exp x - 1))
  /\ (quotient x <> 0%Z -> 29 / 100 <= Rabs (exp x - 1))
  /\ double high /\ double low /\ Rabs low <= u * Rabs (high + low).
Proof.
  intros x D Hx Hr0. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (X800 : Rabs x <= 800) by (apply Rabs_le; lra).
  assert (Red := reduced_error x 0 D (generic_format_0 _ _) X800 ltac:(rewrite Rabs_R0; lra)). cbv zeta in Red.
  destruct (quotient_range x X800) as (_ & Kx & _). destruct (reduce_exact x D X800) as (RE & _ & _ & _ & Rl & _).
  unfold Expm1Pair. destruct (Reduced x 0) as [s sl]. destruct Red as (Hr & Hv & Err & Zero & Hs & Hsl & Ds & Dsl).
  set (r := fst (reduce x)) in *. set (rl := snd (reduce x)) in *.
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). assert (P60' : 31 / 10 / 2 ^ 60 = 31 / 10 / 1152921504606846976) by (f_equal; lra).
  assert (P72 : / 2 ^ 72 = / 4722366482869645213696) by (f_equal; lra). assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra).
  rewrite P60, P60', P72, P50 in *. rewrite Rplus_0_r in *.
  assert (D1 : double (-1)) by (apply (double_integer (-1)); lia).
  destruct (Z.eq_dec (quotient x) 0) as [Kz | Kn].
  - destruct (Zero Kz eq_refl) as (Rx & Err0 & Nsl). rewrite Kz in *. rewrite Rmult_0_l, Rminus_0_r in *.
    rewrite Rx in *. assert (T := tail_near_zero x Hr).
    assert (M0 : / 2 * Rabs x <= Rabs (exp x - 1)).
    { assert (Q := exp_truncation x Hr). destruct (Tail_range x Hr) as [_ T2].
      assert (S : Rabs (x * x / 2) <= 174 / 1000 * Rabs x) by (replace (x * x / 2) with (x / 2 * x) by field; rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos | interval]).
      assert (V := Rabs_triang (exp x - 1) (- (exp x - 1 - x - x * x / 2 - Tail x))). rewrite Rabs_Ropp in V.
      assert (V2 := Rabs_triang (x + x * x / 2 + Tail x) (- (x * x / 2 + Tail x))). rewrite Rabs_Ropp in V2. assert (V3 := Rabs_triang (x * x / 2) (Tail x)).
      replace (exp x - 1 + _) with (x + x * x / 2 + Tail x) in V by ring. replace (x + x * x / 2 + Tail x + _) with x in V2 by ring.
      assert (Q6 : 3 / 2 ^ 60 <= / 1000000) by interval. assert (3 / 2 ^ 60 * Rabs x <= / 1000000 * Rabs x) by (apply Rmult_le_compat_r; [apply Rabs_pos | assumption]). lra. }
    change (bpow radix2 0) with 1. rewrite !Rmult_1_l, (rnd_id s), (rnd_id sl) by assumption.
    assert (Z0 : TwoSum rnd 1 (-1) = (0, 0)).
    { apply sum_exactly; [apply (double_integer 1); lia | exact D1 | apply generic_format_0 | ring]. }
    rewrite Z0. rewrite Rplus_0_l, (rnd_id sl) by assumption.
    assert (Zs : TwoSum rnd 0 s = (s, 0)).
    { apply sum_exactly; [apply generic_format_0 | exact Ds | exact Ds | ring]. }
    rewrite Zs, Rplus_0_l, (rnd_id sl) by assumption.
    assert (A0 := Rabs_pos (s + sl)). assert (T1 := Rabs_triang (s + sl) (- sl)). rewrite Rabs_Ropp in T1. replace (s + sl + - sl) with s in T1 by ring.
    assert (T2 := Rabs_triang (s + sl) (- (s + sl - (exp x - 1)))). rewrite Rabs_Ropp in T2. replace (s + sl + - (s + sl - (exp x - 1))) with (exp x - 1) in T2 by ring.
    assert (EB : Rabs (s + sl - (exp x - 1)) <= 225 / 1000 * u * Rabs (exp x - 1)) by (rewrite U in *; lra).
    assert (T3 := Rabs_triang s sl).
    assert (Cond : Rabs sl <= Rabs s) by (rewrite U in *; lra).
    assert (F := FastTwoSum_exact s sl Ds Dsl Cond). assert (FS := sum_relative s sl Ds Dsl). change (rnd (s + sl)) with (fst (FastTwoSum rnd s sl)) in FS.
    assert (Dh : double (fst (FastTwoSum rnd s sl))) by apply rnd_double. assert (Dl : double (snd (FastTwoSum rnd s sl))) by apply rnd_double.
    destruct (FastTwoSum rnd s sl) as [high low]. simpl fst in *. simpl snd in *. rewrite F.
    assert (0 <= Rabs (exp x - 1)) by apply Rabs_pos.
    split; [rewrite U in *; lra|]. split; [intros _; exact EB|]. split; [contradiction|]. split; [exact Dh|]. split; [exact Dl|].
    replace low with (- (high - (s + sl))) by lra. rewrite Rabs_Ropp. rewrite U in *. lra.
  - set (k := quotient x) in *. set (W := bpow radix2 k) in *. set (y := x - IZR k * ln 2) in *.
    assert (W0 : 0 < W) by apply bpow_gt_0.
    assert (EW : exp x = W * exp y).
    { unfold y. replace x with (x - IZR k * ln 2 + IZR k * ln 2) at 1 by ring. rewrite exp_plus, Rmult_comm. f_equal.
      unfold W. rewrite bpow_powerRZ, powerRZ_Rpower by (simpl; lra). reflexivity. }
    assert (Ey : 707 / 1000 <= exp y <= 14145 / 10000) by interval.
    set (Ex := exp y) in *. rewrite EW. 
    destruct (Tail_range r Hr) as [Tr _].
    assert (Wc : W = 2 \/ 4 <= W \/ W <= / 2).
    { destruct (Z.eq_dec k 1) as [-> | N]; [left; reflexivity|]. right. destruct (Z.le_gt_cases 2 k); [left; change 4 with (bpow radix2 2) | right; change (/ 2) with (bpow radix2 (-1))]; apply bpow_le; lia. }
    set (m := W * Ex - 1) in *.
    assert (Wm : W * (707 / 1000) <= W * Ex <= W * (14145 / 10000)) by (split; apply Rmult_le_compat_l; lra).
    assert (Mc : W = 2 \/ 4 <= W /\ W * (707 / 1000) - 1 <= Rabs m \/ W <= / 2 /\ 2927 / 10000 <= Rabs m).
    { destruct Wc as [H | [H | H]]; [left; exact H | right; left | right; right]; (split; [exact H|]).
      - apply Rle_trans with (2 := Rle_abs _). unfold m. lra.
      - rewrite Rabs_left1 by (unfold m; lra). unfold m. lra. }
    assert (Big : 13 / 100 * (W + 1) <= Rabs m /\ 29 / 100 <= Rabs m).
    { destruct Mc as [H | [H | H]]; [|lra | lra]. rewrite Rabs_pos_eq by (unfold m; lra). unfold m. lra. }
    (* the error of e^r - 1, scaled *)
    assert (TB : W * (5.4 * u * Rabs (Tail r) + / 1152921504606846976 + 31 / 10 / 1152921504606846976 * Rabs r + / 4722366482869645213696) <= 2496 / 10000 * u * Rabs m).
    { destruct Mc as [H | [H | H]].
      - assert (N := tail_near_one r Hr). rewrite (Rabs_pos_eq m) by (unfold m; lra). unfold m. rewrite H.
        assert (Ry : Rabs (r - y) <= / 1000000000000000).
        { assert (LS := ln2_split k (proj1 (quotient_range x X800))). fold k in RE. assert (P75 : / 2 ^ 75 = / 37778931862957161709568) by (f_equal; lra).
          rewrite P75 in LS. apply Rabs_le. apply Rabs_le_inv in LS, Rl. unfold y. lra. }
        assert (Er : exp r * (1 - / 100000000000000) <= Ex).
        { unfold Ex. replace (exp y) with (exp r * exp (y - r)) by (rewrite <- exp_plus; f_equal; ring). apply Rmult_le_compat_l; [left; apply exp_pos|].
          assert (Q := exp_ineq1_le (y - r)). apply Rabs_le_inv in Ry. lra. }
        assert (exp r <= 2) by interval. rewrite U in *. lra.
      - rewrite U in *. nra.
      - assert (B : 5.4 * u * Rabs (Tail r) + / 1152921504606846976 + 31 / 10 / 1152921504606846976 * Rabs r + / 4722366482869645213696 <= 578 / 10000 * u) by (rewrite U in *; lra).
        apply Rle_trans with (/ 2 * (578 / 10000 * u)); [|rewrite U in *; lra]. apply Rmult_le_compat; [lra | | exact (proj1 H) | exact B].
        assert (0 <= Rabs (Tail r)) by apply Rabs_pos. assert (0 <= Rabs r) by apply Rabs_pos. rewrite U in *. lra. }
    assert (WE : Rabs (W * (s + sl - (Ex - 1))) <= 2496 / 10000 * u * Rabs m).
    { rewrite Rabs_mult, (Rabs_pos_eq W) by lra. apply Rle_trans with (2 := TB). apply Rmult_le_compat_l; [lra | exact Err]. }
    set (M := Rabs m) in *. apply Rabs_le_inv in WE, Hs, Hsl.
    assert (Kb : (Z.abs k <= 100)%Z).
    { apply le_IZR. rewrite abs_IZR. assert (T := Rabs_triang x (- y)). replace (x + - y) with (IZR k * ln 2) in T by (unfold y; ring).
      rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (ln 2)) in T by interval. assert (69 / 100 <= ln 2) by interval.
      assert (Rabs x <= 60) by (apply Rabs_le; lra). assert (0 <= Rabs (IZR k)) by apply Rabs_pos. nra. }
    assert (DW : double W) by (apply generic_format_bpow; unfold FLT_exp; lia).
    assert (A1 := TwoSum_exact W (-1) DW D1). assert (A2 := sum_relative W (-1) DW D1). change (rnd (W + -1)) with (fst (TwoSum rnd W (-1))) in A2.
    assert (Da : double (fst (TwoSum rnd W (-1)))) by apply rnd_double.
    destruct (TwoSum rnd W (-1)) as [a al]. simpl fst in *. simpl snd in *.
    assert (Ab : Rabs (W + -1) <= W + 1) by (apply Rabs_le; lra).
    assert (Al : - (u * (W + 1)) <= al <= u * (W + 1)).
    { assert (Rabs (a - (W + -1)) <= u * (W + 1)) by (rewrite U in *; lra). apply Rabs_le_inv in H. lra. }
    assert (Sp := rnd_scaled s k Ds). fold W in Sp. set (p := rnd (W * s)) in *.
    assert (WS := product_within W s W (/ 2) ltac:(lra) Hs). assert (WL := product_within W sl W _ ltac:(lra) Hsl).
    assert (Spl := rnd_scaled sl k Dsl). fold W in Spl. set (q := rnd (W * sl)) in *.
    assert (B1 := TwoSum_exact a p Da (rnd_double _)). assert (B2 := sum_relative a p Da (rnd_double _)). change (rnd (a + p)) with (fst (TwoSum rnd a p)) in B2.
    assert (Dh : double (fst (TwoSum rnd a p))) by apply rnd_double.
    destruct (TwoSum rnd a p) as [h0 l0]. simpl fst in *. simpl snd in *.
    assert (Apb : Rabs (a + p) <= 2 * (W + 1)) by (apply Rabs_le; rewrite U in *; lra).
    assert (L0 : - (2 * u * (W + 1)) <= l0 <= 2 * u * (W + 1)).
    { assert (Rabs (h0 - (a + p)) <= 2 * u * (W + 1)) by (rewrite U in *; lra). apply Rabs_le_inv in H. lra. }
    assert (T1 := rnd_within (al + q) (10 * u * (W + 1)) ltac:(rewrite U in *; lra)). set (t1 := rnd (al + q)) in *.
    assert (T2 := rnd_within (l0 + t1) (13 * u * (W + 1)) ltac:(rewrite U in *; lra)). set (t2 := rnd (l0 + t1)) in *.
    assert (Tot : Rabs (h0 + t2 - m) <= 24965 / 100000 * u * M).
    { replace (h0 + t2 - m) with (W * (s + sl - (Ex - 1)) + (p - W * s) + (q - W * sl) + (t1 - (al + q)) + (t2 - (l0 + t1)) + (a + al - (W + -1)) + (h0 + l0 - (a + p))) by (unfold m; ring).
      apply Rabs_le. rewrite U in *. lra. }
    assert (V := Rabs_triang (h0 + t2) (- (h0 + t2 - m))). rewrite Rabs_Ropp in V. replace (h0 + t2 + - (h0 + t2 - m)) with m in V by ring. fold M in V.
    assert (V2 := Rabs_triang h0 t2). assert (T2b : Rabs t2 <= 14 * u * (W + 1)) by (apply Rabs_le; rewrite U in *; lra).
    assert (Cond : Rabs t2 <= Rabs h0) by (rewrite U in *; lra).
    assert (F := FastTwoSum_exact h0 t2 Dh (rnd_double _) Cond). assert (FS := sum_relative h0 t2 Dh (rnd_double _)). change (rnd (h0 + t2)) with (fst (FastTwoSum rnd h0 t2)) in FS.
    assert (Dhh : double (fst (FastTwoSum rnd h0 t2))) by apply rnd_double. assert (Dl : double (snd (FastTwoSum rnd h0 t2))) by apply rnd_double.
    destruct (FastTwoSum rnd h0 t2) as [high low]. simpl fst in *. simpl snd in *. rewrite F.
    split; [rewrite U in *; lra|]. split; [contradiction|]. split; [intros _; lra|]. split; [exact Dhh|]. split; [exact Dl|].
    replace low with (- (high - (h0 + t2))) by lra. rewrite Rabs_Ropp. assert (0 <= Rabs (h0 + t2)) by apply Rabs_pos. rewrite U in *. lra.
Qed.

Lemma pair_approximates : forall high low c error v, double high -> double low -> Rabs low <= 3 * u * Rabs (high + low) ->
  Rabs (high + low - v) <= c * Rabs v -> c <= 999 / 1000 * error -> error <> 0 -> approximates (high, low) 0 error v.
Proof.
  intros high low c error v Dh Dl L E Hc N. split; [exact Dh|]. split; [exact Dl|]. split; [|split; [|split; [left; reflexivity | contradiction]]].
  - assert (T := Rabs_triang high low). assert (0 <= Rabs high) by apply Rabs_pos. unfold u in L. lra.
  - simpl bpow. rewrite Rmult_1_r. apply (Rle_trans _ _ _ E). apply Rmult_le_compat_r; [apply Rabs_pos | exact Hc].
Qed.

(** ExpandExpm1: in the middle, near 0, and above 44 where the 1 is left out. *)
Theorem expm1_approximated : forall x, double x -> / 2 ^ 60 <= Rabs x -> -60 <= x <= 44 -> approximates (Expm1Pair x) 0 (/ 2 ^ 55) (exp x - 1).
Proof.
  intros x D Hx Hr. assert (E := expm1_pair_error x D Hx Hr). destruct (Expm1Pair x) as [h l]. destruct E as (E & _ & _ & Dh & Dl & L).
  apply (pair_approximates h l _ _ _ Dh Dl ltac:(assert (0 <= Rabs (h + l)) by apply Rabs_pos; unfold u in *; lra) E); [unfold u; interval | apply Rinv_neq_0_compat, pow_nonzero; lra].
Qed.

Theorem expm1_tiny_approximated : forall x, double x -> x <> 0 -> Rabs x <= / 2 ^ 60 -> approximates (x, 0) 0 (/ 2 ^ 60) (exp x - 1).
Proof.
  intros x D N H. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (T : Rabs (exp x - 1 - x) <= 3 / 4 * (1001 / 1000) * (x * x)).
  { apply (vanishing_twice (fun x => exp x - 1 - x) (fun x => exp x - 1) (/ 2 ^ 60)); [| | |exact H].
    - intros t _. auto_derive; [exact I | ring].
    - intros t Ht. apply (vanishing_at_zero (fun x => exp x - 1) exp (/ 2 ^ 60)); [| | |exact Ht].
      + intros w _. auto_derive; [exact I | ring].
      + intros w Hw. interval.
      + rewrite exp_0. ring.
    - rewrite exp_0. ring. }
  assert (XX : x * x = Rabs x * Rabs x) by (rewrite <- Rabs_mult; symmetry; apply Rabs_pos_eq; nra).
  assert (0 < Rabs x) by (apply Rabs_pos_lt; exact N). rewrite XX in T. rewrite P60 in *.
  assert (Q : Rabs x * Rabs x <= / 1152921504606846976 * Rabs x) by (apply Rmult_le_compat_r; lra).
  assert (V := Rabs_triang (exp x - 1) (- (exp x - 1 - x))). rewrite Rabs_Ropp in V. replace (exp x - 1 + - (exp x - 1 - x)) with x in V by ring.
  repeat split; [exact D | apply generic_format_0 | rewrite Rabs_R0; lra | | left; reflexivity].
  simpl bpow. rewrite Rplus_0_r, Rmult_1_r, Rabs_minus_sym. lra.
Qed.

Theorem expm1_large_approximated : forall x, double x -> 44 <= x <= 800 -> approximates (ExpandExp x 0) (quotient x) (/ 2 ^ 56) (exp x - 1).
Proof.
  intros x D H. assert (X800 : Rabs x <= 800) by (apply Rabs_le; lra).
  assert (E := exp_expansion_error x 0 D (generic_format_0 _ _) X800 ltac:(rewrite Rabs_R0; lra)).
  assert (A := exp_approximated x 0 D (generic_format_0 _ _) X800 ltac:(rewrite Rabs_R0; lra)).
  destruct (ExpandExp x 0) as [h l]. destruct A as (A1 & A2 & A3 & _ & A5 & A6). destruct E as (E & _).
  split; [exact A1|]. split; [exact A2|]. split; [exact A3|]. split; [|split; [exact A5 | exact A6]].
  rewrite Rplus_0_r in E. rewrite bpow_powerRZ. change (IZR radix2) with 2.
  assert (Big : exp 44 <= exp x) by (destruct (Req_dec x 44) as [-> | N]; [lra | left; apply exp_increasing; lra]).
  assert (Q : 9 * 2 ^ 60 <= exp 44) by interval. 
  rewrite (Rabs_pos_eq (exp x - 1)) by (assert (0 < 2 ^ 60) by (apply pow_lt; lra); lra).
  replace (_ - (exp x - 1)) with (((h + l) * powerRZ 2 (quotient x) - exp x) + 1) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)).
  rewrite (Rabs_pos_eq 1) by lra. assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). assert (P60 : 2 ^ 60 = 1152921504606846976) by lra. rewrite P56, P60 in *. lra.
Qed.

(** ** tanh *)

Definition TanhPair (y : R) : R * R :=
  let '(m, ml) := Expm1Pair (2 * y) in let '(d, dl) := TwoSum rnd 2 m in Divide rnd m ml d (rnd (dl + ml)).

Lemma divide_normal : forall a al b bl, let '(high, low) := Divide rnd a al b bl in double high /\ double low.
Proof. intros. unfold Divide, FastTwoSum. split; apply rnd_double. Qed.

Lemma tanh_rational : forall y, tanh y = (exp (2 * y) - 1) / (exp (2 * y) - 1 + 2).
Proof.
  intro y. unfold tanh, sinh, cosh. assert (0 < exp y) by apply exp_pos. assert (0 < exp (- y)) by apply exp_pos.
  assert (E : exp (2 * y) = exp y * exp y) by (rewrite <- exp_plus; f_equal; ring). assert (I : exp y * exp (- y) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
  rewrite E. replace (exp (- y)) with (/ exp y) in * by (apply Rmult_eq_reg_l with (exp y); [rewrite Rinv_r by lra; lra | lra]).
  field. repeat split; nra.
Qed.

(** The error of tanh is that of e^(2y) - 1 times 2 / (m + 2), and the division's. *)
Lemma tanh_error : forall y, double y -> / 2 ^ 60 <= y <= 22 ->
  let '(high, low) := TanhPair y in
  Rabs (high + low - tanh y) <= 2496 / 10000 * u * tanh y /\ (20 <= y -> Rabs (high + low - tanh y) <= / 100 * u * tanh y)
  /\ double high /\ double low /\ Rabs low <= 3 * u * Rabs (high + low) /\ 0 < tanh y.
Proof.
  intros y D Hy. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60 in Hy.
  assert (X := expm1_pair_error (2 * y) (double_twice y D) ltac:(rewrite P60, Rabs_pos_eq; lra) ltac:(lra)). rewrite tanh_rational.
  unfold TanhPair. destruct (Expm1Pair (2 * y)) as [h l]. destruct X as (X1 & X2 & X3 & Dh & Dl & L).
  assert (M0 : 2 * y <= exp (2 * y) - 1) by (assert (Q := exp_ineq1_le (2 * y)); lra).
  set (m := exp (2 * y) - 1) in *. rewrite (Rabs_pos_eq m) in * by lra. assert (X1' := Rabs_le_inv _ _ X1).
  rewrite (Rabs_pos_eq (h + l)) in L by (rewrite U in *; lra). assert (L' := Rabs_le_inv _ _ L).
  assert (D2 : double 2) by (apply (double_integer 2); lia).
  assert (A := TwoSum_exact 2 h D2 Dh). assert (B := sum_relative 2 h D2 Dh). change (rnd (2 + h)) with (fst (TwoSum rnd 2 h)) in B.
  destruct (TwoSum rnd 2 h) as [d dl]. simpl fst in *. simpl snd in *.
  rewrite (Rabs_pos_eq (2 + h)) in B by (rewrite U in *; lra). apply Rabs_le_inv in B.
  assert (R := rnd_within (dl + l) (5 * u * (2 + m)) ltac:(rewrite U in *; lra)). set (bl := rnd (dl + l)) in *.
  assert (Dp : (2 + m) * (1 - 10 * u) <= d) by (rewrite U in *; lra).
  assert (V := divide_error h l d bl ltac:(rewrite Rabs_pos_eq by (rewrite U in *; lra); rewrite U in *; lra)
    ltac:(rewrite (Rabs_pos_eq h) by (rewrite U in *; lra); apply Rabs_le; rewrite U in *; lra)
    ltac:(rewrite (Rabs_pos_eq d) by (rewrite U in *; lra); apply Rabs_le; rewrite U in *; lra)).
  assert (DD := divide_normal h l d bl). destruct (Divide rnd h l d bl) as [high low]. destruct DD as [Dh' Dl']. destruct V as (V1 & _ & V3).
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in V1.
  set (v := m / (m + 2)) in *. assert (I : 0 < / (m + 2)) by (apply Rinv_0_lt_compat; lra).
  assert (V0 : 0 < v) by (unfold v, Rdiv; apply Rmult_lt_0_compat; lra).
  assert (Vm : v * (m + 2) = m) by (unfold v; field; lra).
  assert (Vl : / 4611686018427387904 <= v).
  { apply Rnot_lt_le. intro Q. assert (v * (m + 2) <= / 4611686018427387904 * (m + 2)) by (apply Rmult_le_compat_r; lra). lra. }
  assert (Ve : eta <= / 1000000000000000000000000000000000 * v) by lra.
  assert (Id : 0 < / d) by (apply Rinv_0_lt_compat; rewrite U in *; lra).
  assert (HD : Rabs (h / d) <= 101 / 100 * v).
  { rewrite Rabs_pos_eq by (apply Rmult_le_pos; [rewrite U in *; lra | lra]). apply Rmult_le_reg_r with d; [rewrite U in *; lra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by (rewrite U in *; lra).
    apply Rle_trans with (101 / 100 * v * ((2 + m) * (1 - 10 * u))); [|apply Rmult_le_compat_l; lra].
    replace (101 / 100 * v * ((2 + m) * (1 - 10 * u))) with (101 / 100 * (v * (m + 2)) * (1 - 10 * u)) by ring. rewrite Vm. rewrite U in *. lra. }
  assert (DB : (2 + m) * (1 - 20 * u) <= d + bl) by (rewrite U in *; lra).
  set (r := bl - (dl + l)) in *. set (rho := 5 * u * u * (2 + m) + eta).
  assert (Rr : Rabs r <= rho) by (apply Rabs_le; unfold rho; lra).
  assert (Main : forall c K, 0 <= c -> Rabs (h + l - m) <= c * m -> 2 * c + rho <= K * (2 + m) * (1 - 20 * u) -> 0 <= K -> Rabs ((h + l) / (d + bl) - v) <= K * v).
  { intros c K C0 HM HK K0. assert (Den : 0 < d + bl) by (rewrite U in *; lra).
    replace ((h + l) / (d + bl) - v) with ((2 * (h + l - m) - m * r) * / ((d + bl) * (m + 2))).
    2: { unfold v, r. replace (2 * (h + l - m) - m * (bl - (dl + l))) with ((h + l) * (m + 2) - m * (d + bl) + m * (d + dl - (2 + h))) by ring. rewrite A. field. split; lra. }
    assert (N : Rabs (2 * (h + l - m) - m * r) <= m * (2 * c + rho)).
    { apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite Rabs_Ropp, !Rabs_mult, (Rabs_pos_eq 2), (Rabs_pos_eq m) by lra.
      assert (m * Rabs r <= m * rho) by (apply Rmult_le_compat_l; lra). lra. }
    rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra).
    apply Rmult_le_reg_r with ((d + bl) * (m + 2)); [apply Rmult_lt_0_compat; lra|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by (apply Rgt_not_eq, Rmult_lt_0_compat; lra).
    apply (Rle_trans _ _ _ N). replace (K * v * ((d + bl) * (m + 2))) with (m * (K * (d + bl))) by (rewrite <- Vm at 1; ring). apply Rmult_le_compat_l; [lra|].
    apply (Rle_trans _ _ _ HK). rewrite (Rmult_assoc K). apply Rmult_le_compat_l; lra. }
  assert (Fin : forall K, Rabs ((h + l) / (d + bl) - v) <= K * v -> Rabs (high + low - v) <= (K + / 100000 * u) * v).
  { intros K HK. replace (high + low - v) with ((high + low - (h + l) / (d + bl)) + ((h + l) / (d + bl) - v)) by ring.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite U in *. lra. }
  assert (C : Rabs (high + low - v) <= 2496 / 10000 * u * v).
  { apply Rle_trans with ((2495 / 10000 * u + / 100000 * u) * v); [|apply Rmult_le_compat_r; [lra | rewrite U; lra]]. apply Fin.
    destruct (Z.eq_dec (quotient (2 * y)) 0) as [Kz | Kn].
    - apply (Main (225 / 1000 * u)); [rewrite U; lra | exact (X2 Kz) | unfold rho; rewrite U in *; lra | rewrite U; lra].
    - apply (Main (2497 / 10000 * u)); [rewrite U; lra | exact X1 | assert (Q := X3 Kn); unfold rho; rewrite U in *; lra | rewrite U; lra]. }
  split; [exact C|]. split.
  { intro Y. apply Rle_trans with ((9 / 1000 * u + / 100000 * u) * v); [|apply Rmult_le_compat_r; [lra | rewrite U; lra]]. apply Fin.
    apply (Main (2497 / 10000 * u)); [rewrite U; lra | exact X1 | | rewrite U; lra].
    assert (Q : 1000 <= m) by (unfold m; clear - Y Hy; interval).
    unfold rho. rewrite U in *. lra. }
  split; [exact Dh'|]. split; [exact Dl'|]. split; [|exact V0].
  apply Rabs_le_inv in C. rewrite (Rabs_pos_eq (high + low)) by (rewrite U in *; lra). rewrite U in *. lra.
Qed.

(** ExpandTanh for x > 0, which is odd; the argument clipped at 22. *)
Theorem tanh_approximated : forall x, double x -> / 2 ^ 60 <= x -> approximates (TanhPair (Rmin x 22)) 0 (/ 2 ^ 55) (tanh x).
Proof.
  intros x D Hx. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra).
  destruct (Rle_dec x 22) as [L | L].
  - rewrite Rmin_left by lra. assert (E := tanh_error x D ltac:(lra)). destruct (TanhPair x) as [h l]. destruct E as (E & _ & Dh & Dl & N & V0).
    rewrite <- (Rabs_pos_eq (tanh x)) in E at 2 by lra.
    apply (pair_approximates h l _ _ _ Dh Dl N E); [unfold u; rewrite P55; lra | apply Rinv_neq_0_compat, pow_nonzero; lra].
  - rewrite Rmin_right by lra. assert (E := tanh_error 22 ltac:(apply (double_integer 22); lia) ltac:(rewrite P60; lra)).
    destruct (TanhPair 22) as [h l]. destruct E as (_ & E & Dh & Dl & N & V0). specialize (E ltac:(lra)).
    assert (T : tanh 22 <= tanh x <= 1 /\ 1 - / 1000000000000000000 <= tanh 22).
    { rewrite !tanh_rational. assert (Q : 10000000000000000000 <= exp (2 * 22)) by interval.
      assert (exp (2 * 22) <= exp (2 * x)) by (left; apply exp_increasing; lra). set (a := exp (2 * 22)) in *. set (b := exp (2 * x)) in *.
      replace ((a - 1) / (a - 1 + 2)) with (1 - 2 * / (a + 1)) by (field; lra). replace ((b - 1) / (b - 1 + 2)) with (1 - 2 * / (b + 1)) by (field; lra).
      assert (/ (b + 1) <= / (a + 1)) by (apply Rinv_le_contravar; lra). assert (0 < / (b + 1)) by (apply Rinv_0_lt_compat; lra).
      assert (/ (a + 1) <= / 10000000000000000000) by (apply Rinv_le_contravar; lra). lra. }
    apply (pair_approximates h l (/ 10 * u) _ _ Dh Dl N); [|unfold u; rewrite P55; lra | apply Rinv_neq_0_compat, pow_nonzero; lra].
    rewrite (Rabs_pos_eq (tanh x)) by lra. replace (h + l - tanh x) with ((h + l - tanh 22) + (tanh 22 - tanh x)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)).
    rewrite (Rabs_left1 (tanh 22 - tanh x)) by lra. unfold u in *. lra.
Qed.

Theorem tanh_tiny_approximated : forall x, double x -> x <> 0 -> Rabs x <= / 2 ^ 60 -> approximates (x, 0) 0 (/ 2 ^ 60) (tanh x).
Proof.
  intros x D N H. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (T : Rabs ((exp (2 * x) - 1) / (exp (2 * x) - 1 + 2) - x) <= / 2 ^ 100 * Rabs x).
  { apply (vanishing_at_zero (fun x => (exp (2 * x) - 1) / (exp (2 * x) - 1 + 2) - x)
      (fun x => - ((exp (2 * x) - 1) / (exp (2 * x) + 1) * ((exp (2 * x) - 1) / (exp (2 * x) + 1)))) (/ 2 ^ 60)); [| | |exact H].
    - intros t _. assert (0 < exp (2 * t)) by apply exp_pos. auto_derive; [lra | field; lra].
    - intros t Ht. interval with (i_prec 80).
    - rewrite Rmult_0_r, exp_0. field. }
  rewrite <- tanh_rational in T. assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in T.
  assert (0 < Rabs x) by (apply Rabs_pos_lt; exact N). rewrite P60 in *.
  assert (V := Rabs_triang (tanh x) (- (tanh x - x))). rewrite Rabs_Ropp in V. replace (tanh x + - (tanh x - x)) with x in V by ring.
  repeat split; [exact D | apply generic_format_0 | rewrite Rabs_R0; lra | | left; reflexivity].
  simpl bpow. rewrite Rplus_0_r, Rmult_1_r, Rabs_minus_sym. lra.
Qed.

(** ** The logistic function *)

(** ExpandSigmoid, z = -|x|: e / (1 + e) in units of 2^k for x < 0, and 1 / (1 + e) for x > 0. *)
Definition SigmoidParts (z : R) : R * R * R * R :=
  let '(h, l) := ExpandExp z 0 in let k := quotient z in
  let '(d, dl) := FastTwoSum rnd 1 (Scale h k) in (h, l, d, rnd (dl + Scale l k)).
Definition SigmoidBelow (z : R) : R * R := let '(h, l, d, dl) := SigmoidParts z in Divide rnd h l d dl.
Definition SigmoidAbove (z : R) : R * R := let '(h, l, d, dl) := SigmoidParts z in Divide rnd 1 0 d dl.

Lemma Scale_down : forall x k, double x -> (k <= 0)%Z -> Rabs (Scale x k - x * bpow radix2 k) <= 4 * eta.
Proof.
  intros x k D Hk. assert (E0 := eta_tiny). unfold Scale.
  assert (K2 : (k - k / 2 <= 0)%Z) by (assert (Q := Z.div_mod k 2 ltac:(lia)); assert (Q2 := Z.mod_pos_bound k 2 ltac:(lia)); lia).
  assert (A := rnd_scaled x (k / 2) D). rewrite (Rmult_comm (bpow _ _)) in A. set (y := rnd (x * bpow radix2 (k / 2))) in *.
  assert (B := rnd_scaled y (k - k / 2) (rnd_double _)). rewrite (Rmult_comm (bpow _ _)) in B.
  assert (P : 0 < bpow radix2 (k - k / 2) <= 1) by (split; [apply bpow_gt_0 | change 1 with (bpow radix2 0); apply bpow_le; exact K2]).
  replace (x * bpow radix2 k) with (x * bpow radix2 (k / 2) * bpow radix2 (k - k / 2)) by (rewrite Rmult_assoc, <- bpow_plus; do 2 f_equal; ring).
  set (W := bpow radix2 (k - k / 2)) in *. set (x2 := x * bpow radix2 (k / 2)) in *.
  assert (C := product_within (y - x2) W (2 * eta) 1 ltac:(lra) ltac:(lra)).
  apply Rabs_le. replace (rnd (y * W) - x2 * W) with ((rnd (y * W) - y * W) + (y - x2) * W) by ring. lra.
Qed.

Lemma rnd_at_most_one : forall y, y <= 1 + / 2 * u -> rnd y <= 1.
Proof.
  intros y H. apply round_N_le_midp; [typeclasses eauto | apply (double_integer 1); lia |].
  rewrite succ_eq_pos by lra. assert (G := ulp_FLT_gt radix2 (-1074) 53 1). rewrite Rabs_R1, Rmult_1_l in G. change (bpow radix2 (Z.opp 53)) with u in G. lra.
Qed.

Lemma sigmoid_parts : forall z, double z -> -800 <= z < 0 ->
  let W := bpow radix2 (quotient z) in
  let '(h, l, d, dl) := SigmoidParts z in
  double h /\ double l /\ 2 / 5 <= h <= 2 /\ Rabs l <= 3 / 2 * u * Rabs h /\ Rabs ((h + l) * W - exp z) <= 113 / 1000 * u * exp z
  /\ 1 <= d /\ Rabs dl <= 3 * u * d /\ Rabs (d + dl - (1 + exp z)) <= 114 / 1000 * u * exp z + / 1000000000000000 * u.
Proof.
  intros z D Hz W. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (Z800 : Rabs z <= 800) by (apply Rabs_le; lra).
  assert (E := exp_expansion_error z 0 D (generic_format_0 _ _) Z800 ltac:(rewrite Rabs_R0; lra)).
  unfold SigmoidParts. destruct (ExpandExp z 0) as [h l]. destruct E as (E & Hh & Hl & Dh & Dl & N). rewrite Rplus_0_r in E.
  assert (PW : powerRZ 2 (quotient z) = W) by (unfold W; rewrite bpow_powerRZ; reflexivity). rewrite PW in E.
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56 in E.
  assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra). rewrite P50 in Hl.
  assert (Ez : 0 < exp z < 1) by (split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]). set (X := exp z) in *.
  assert (W0 : 0 < W) by apply bpow_gt_0.
  assert (Hl' := Rabs_le_inv _ _ Hl). assert (E' := Rabs_le_inv _ _ E).
  (* l is below an ulp of h *)
  assert (Nl : Rabs l <= 3 / 2 * u * Rabs h).
  { assert (S := sum_relative h l Dh Dl). rewrite <- N in S. replace (h - (h + l)) with (- l) in S by ring. rewrite Rabs_Ropp in S.
    apply (Rle_trans _ _ _ S). rewrite !Rabs_pos_eq by lra. rewrite U. lra. }
  assert (Kz : (quotient z <= 0)%Z).
  { destruct (quotient_range z Z800) as (_ & Q & _). apply Z.lt_succ_r. apply lt_IZR. apply Rabs_le_inv in Q. assert (69 / 100 <= ln 2) by interval.
    assert (IZR (quotient z) * ln 2 <= 34661 / 100000) by lra. simpl. apply Rnot_le_lt. intro C.
    assert (1 * (69 / 100) <= IZR (quotient z) * ln 2) by (apply Rmult_le_compat; lra). lra. }
  assert (HW : h * W <= 1).
  { destruct (Z.eq_dec (quotient z) 0) as [K0 | K0].
    - assert (W = 1) by (unfold W; rewrite K0; reflexivity). rewrite H, Rmult_1_r in *. rewrite N. apply rnd_at_most_one. rewrite U. lra.
    - assert (W <= / 2) by (unfold W; change (/ 2) with (bpow radix2 (-1)); apply bpow_le; lia). nra. }
  assert (W1 : W <= 1) by (unfold W; change 1 with (bpow radix2 0); apply bpow_le; exact Kz).
  assert (S1 := Scale_down h (quotient z) Dh Kz). assert (S2 := Scale_down l (quotient z) Dl Kz). fold W in S1, S2.
  assert (C1 : 0 <= Scale h (quotient z) <= 1).
  { unfold Scale. assert (Kq : (-578 <= quotient z / 2)%Z) by (apply Z.div_le_lower_bound; [lia|]; assert (Q := proj1 (quotient_range z Z800)); lia).
    rewrite (rnd_id (h * bpow radix2 (quotient z / 2))).
    - rewrite Rmult_assoc, <- bpow_plus. replace (quotient z / 2 + (quotient z - quotient z / 2))%Z with (quotient z) by ring. fold W. split.
      + rewrite <- (rnd_id 0) by apply generic_format_0. apply rnd_le. apply Rmult_le_pos; lra.
      + rewrite <- (rnd_id 1) by (apply (double_integer 1); lia). apply rnd_le. exact HW.
    - apply double_times_power; [exact Dh|]. rewrite Rabs_pos_eq by lra. assert (B : bpow radix2 (-1022) * 4 <= bpow radix2 (quotient z / 2)) by (change 4 with (bpow radix2 2); rewrite <- bpow_plus; apply bpow_le; lia).
      assert (0 < bpow radix2 (quotient z / 2)) by apply bpow_gt_0. nra. }
  assert (D1 : double 1) by (apply (double_integer 1); lia).
  assert (Ds : double (Scale h (quotient z))) by apply rnd_double. set (s := Scale h (quotient z)) in *. set (sl := Scale l (quotient z)) in *.
  assert (F := FastTwoSum_exact 1 s D1 Ds ltac:(rewrite (Rabs_pos_eq 1), Rabs_pos_eq by lra; lra)).
  assert (B := sum_relative 1 s D1 Ds). change (rnd (1 + s)) with (fst (FastTwoSum rnd 1 s)) in B.
  assert (G1 : 1 <= fst (FastTwoSum rnd 1 s)) by (unfold FastTwoSum, fst; rewrite <- (rnd_id 1) at 1 by exact D1; apply rnd_le; lra).
  destruct (FastTwoSum rnd 1 s) as [d dl]. simpl fst in *. simpl snd in *. rewrite (Rabs_pos_eq (1 + s)) in B by lra. apply Rabs_le_inv in B, S1, S2.
  assert (LW : - (3 / 2 * u * (h * W)) <= l * W <= 3 / 2 * u * (h * W)).
  { assert (Q := product_within l W (3 / 2 * u * h) W ltac:(apply Rabs_le_inv; rewrite <- (Rabs_pos_eq h) by lra; exact Nl) ltac:(lra)). rewrite (Rmult_assoc (3 / 2 * u)) in Q. exact Q. }
  assert (T := rnd_within (dl + sl) (5 * u) ltac:(rewrite U in *; lra)). set (t := rnd (dl + sl)) in *.
  split; [exact Dh|]. split; [exact Dl|]. split; [lra|]. split; [exact Nl|]. split; [apply Rabs_le; rewrite U in *; lra|]. split; [exact G1|]. split.
  - apply Rabs_le. rewrite U in *. lra.
  - apply Rabs_le. rewrite U in *. lra.
Qed.

Lemma sigmoid_denominator : forall X d dl, 0 < X < 1 -> 1 <= d -> Rabs dl <= 3 * u * d -> Rabs (d + dl - (1 + X)) <= 114 / 1000 * u * X + / 1000000000000000 * u ->
  (1 + X) * (1 - u) <= d + dl /\ 0 < / (d + dl) /\ Rabs (/ d) <= 1.
Proof.
  intros X d dl HX Hd Hdl E. assert (U : u = / 9007199254740992) by reflexivity. apply Rabs_le_inv in E, Hdl.
  assert (A : (1 + X) * (1 - u) <= d + dl) by (rewrite U in *; lra). split; [exact A|]. split; [apply Rinv_0_lt_compat; rewrite U in *; lra|].
  rewrite Rabs_pos_eq by (left; apply Rinv_0_lt_compat; lra). rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
Qed.

Theorem sigmoid_below_approximated : forall z, double z -> -800 <= z < 0 -> approximates (SigmoidBelow z) (quotient z) (/ 2 ^ 55) (exp z / (1 + exp z)).
Proof.
  intros z D Hz. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P := sigmoid_parts z D Hz). cbv zeta in P. unfold SigmoidBelow. destruct (SigmoidParts z) as [[[h l] d] dl].
  destruct P as (Dh & Dl & Hh & Nl & E & Hd & Hdl & ED).
  assert (X0 : 0 < exp z < 1) by (split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]).
  set (W := bpow radix2 (quotient z)) in *. assert (W0 : 0 < W) by apply bpow_gt_0. set (X := exp z) in *.
  destruct (sigmoid_denominator X d dl X0 Hd Hdl ED) as (Den & Iden & Id).
  assert (V := divide_error h l d dl ltac:(rewrite Rabs_pos_eq; lra) ltac:(assert (0 <= Rabs h) by apply Rabs_pos; rewrite U in *; lra) ltac:(rewrite (Rabs_pos_eq d) by lra; exact Hdl)).
  assert (DD := divide_normal h l d dl). destruct (Divide rnd h l d dl) as [high low]. destruct DD as [Dh' Dl']. destruct V as (V1 & V2 & V3).
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in V1.
  assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55.
  rewrite (Rabs_pos_eq h) in Nl by lra. assert (Nl' := Rabs_le_inv _ _ Nl). assert (E' := Rabs_le_inv _ _ E).
  assert (WX : W * (399 / 1000) <= X * (1 + u)).
  { apply Rle_trans with ((h + l) * W); [rewrite (Rmult_comm _ W); apply Rmult_le_compat_l; rewrite U in *; lra | rewrite U in *; lra]. }
  assert (Qb : Rabs (h / d) <= 2).
  { unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq h) by lra. rewrite <- (Rmult_1_r 2). apply Rmult_le_compat; [lra | apply Rabs_pos | lra | exact Id]. }
  assert (Dd : d <= 22 / 10) by (apply Rabs_le_inv in ED, Hdl; rewrite U in *; lra).
  assert (Qs : 18 / 100 <= h / d).
  { apply Rmult_le_reg_r with d; [lra|]. replace (h / d * d) with h by (field; lra). lra. }
  set (v := X / (1 + X)). assert (Vx : v * (1 + X) = X) by (unfold v; field; lra).
  assert (V0 : 0 < v) by (unfold v, Rdiv; apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra]).
  assert (Vh : X <= 2 * v) by nra.
  assert (Main : Rabs ((h + l) / (d + dl) * W - v) <= 24 / 100 * u * v).
  { replace ((h + l) / (d + dl) * W - v) with ((((h + l) * W - X) * (1 + X) - X * (d + dl - (1 + X))) * / (d + dl) * / (1 + X)) by (unfold v; field; split; rewrite U in *; lra).
    assert (N : Rabs (((h + l) * W - X) * (1 + X) - X * (d + dl - (1 + X))) <= X * (24 / 100 * u * (d + dl))).
    { apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite Rabs_Ropp, !Rabs_mult, (Rabs_pos_eq (1 + X)), (Rabs_pos_eq X) by lra.
      assert (N1 : Rabs ((h + l) * W - X) * (1 + X) <= 113 / 1000 * u * X * (1 + X)) by (apply Rmult_le_compat_r; lra).
      assert (N2 : X * Rabs (d + dl - (1 + X)) <= X * (1141 / 10000 * u)) by (apply Rmult_le_compat_l; [lra|]; rewrite U in *; lra).
      apply Rle_trans with (X * (113 / 1000 * u * (1 + X) + 1141 / 10000 * u)); [lra|]. apply Rmult_le_compat_l; [lra|]. rewrite U in *. lra. }
    rewrite !Rabs_mult, (Rabs_pos_eq (/ (d + dl))), (Rabs_pos_eq (/ (1 + X))) by (left; try exact Iden; apply Rinv_0_lt_compat; lra).
    apply Rle_trans with (X * (24 / 100 * u * (d + dl)) * / (d + dl) * / (1 + X)).
    - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat_r; [lra | exact N].
    - right. unfold v. field. split; rewrite U in *; lra. }
  assert (All : Rabs ((high + low) * W - v) <= 245 / 1000 * u * v).
  { replace ((high + low) * W - v) with ((high + low - (h + l) / (d + dl)) * W + ((h + l) / (d + dl) * W - v)) by ring.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite Rabs_mult, (Rabs_pos_eq W) by lra.
    assert (S : Rabs (high + low - (h + l) / (d + dl)) * W <= / 100000000000000000000000 * W) by (apply Rmult_le_compat_r; lra).
    rewrite U in *. lra. }
  apply Rabs_le_inv in V2. rewrite (Rabs_pos_eq (h / d)) in V2, V3 by lra. rewrite (Rabs_pos_eq (h / d)) in Qb by lra.
  assert (Hb : 17 / 100 <= high) by (rewrite U in *; lra). assert (Lb : Rabs low <= / 1000) by (rewrite U in *; lra).
  split; [exact Dh'|]. split; [exact Dl'|]. split; [rewrite (Rabs_pos_eq high) by lra; lra|]. split; [|split].
  - fold W. rewrite (Rabs_pos_eq v) by lra. apply (Rle_trans _ _ _ All). apply Rmult_le_compat_r; [lra | rewrite U; lra].
  - right. rewrite (Rabs_pos_eq high) by lra. assert (Q := proj1 (quotient_range z ltac:(apply Rabs_le; lra))).
    assert (Kq : (-578 <= quotient z / 2)%Z) by (apply Z.div_le_lower_bound; lia).
    assert (B : bpow radix2 (-1000) * 8 <= bpow radix2 (quotient z / 2)) by (change 8 with (bpow radix2 3); rewrite <- bpow_plus; apply bpow_le; lia).
    assert (C : 0 < bpow radix2 (-1000) <= / 8) by (split; [apply bpow_gt_0 | change (/ 8) with (bpow radix2 (-3)); apply bpow_le; lia]).
    split; [lra|]. split; [lra|]. apply Rle_trans with (17 / 100 * bpow radix2 (quotient z / 2)); [lra | apply Rmult_le_compat_r; lra].
  - lra.
Qed.

Theorem sigmoid_above_approximated : forall z, double z -> -800 <= z < 0 -> approximates (SigmoidAbove z) 0 (/ 2 ^ 55) (/ (1 + exp z)).
Proof.
  intros z D Hz. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P := sigmoid_parts z D Hz). cbv zeta in P. unfold SigmoidAbove. destruct (SigmoidParts z) as [[[h l] d] dl].
  destruct P as (_ & _ & _ & _ & _ & Hd & Hdl & ED).
  assert (X0 : 0 < exp z < 1) by (split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]). set (X := exp z) in *.
  destruct (sigmoid_denominator X d dl X0 Hd Hdl ED) as (Den & Iden & Id).
  assert (V := divide_error 1 0 d dl ltac:(rewrite Rabs_pos_eq; lra) ltac:(rewrite Rabs_R0, Rabs_R1; rewrite U; lra) ltac:(rewrite (Rabs_pos_eq d) by lra; exact Hdl)).
  assert (DD := divide_normal 1 0 d dl). destruct (Divide rnd 1 0 d dl) as [high low]. destruct DD as [Dh' Dl']. destruct V as (V1 & _ & V3).
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in V1.
  unfold Rdiv in V1, V3. rewrite Rplus_0_r, !Rmult_1_l in V1. rewrite Rmult_1_l in V3.
  set (v := / (1 + X)). assert (V0 : / 2 <= v <= 1).
  { unfold v. split; [apply Rinv_le_contravar; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]. }
  assert (Main : Rabs (/ (d + dl) - v) <= 115 / 1000 * u * v).
  { replace (/ (d + dl) - v) with (- (d + dl - (1 + X)) * / (d + dl) * v) by (unfold v; field; split; rewrite U in *; lra).
    rewrite !Rabs_mult, Rabs_Ropp, (Rabs_pos_eq (/ (d + dl))), (Rabs_pos_eq v) by lra. apply Rmult_le_compat_r; [lra|].
    apply Rmult_le_reg_r with (d + dl); [rewrite U in *; lra|]. rewrite Rmult_assoc, Rinv_l by (rewrite U in *; lra). rewrite U in *. lra. }
  assert (All : Rabs (high + low - v) <= 12 / 100 * u * Rabs v).
  { rewrite (Rabs_pos_eq v) by lra. replace (high + low - v) with ((high + low - / (d + dl)) + (/ (d + dl) - v)) by ring.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite U in *. lra. }
  apply (pair_approximates high low (12 / 100 * u) _ _ Dh' Dl'); [| exact All | | apply Rinv_neq_0_compat, pow_nonzero; lra].
  - rewrite (Rabs_pos_eq v) in All by lra. apply Rabs_le_inv in All. rewrite (Rabs_pos_eq (high + low)) by (rewrite U in *; lra).
    assert (Dv : Rabs (/ d) <= 102 / 100 * v).
    { rewrite Rabs_pos_eq by (left; apply Rinv_0_lt_compat; lra). apply Rabs_le_inv in Hdl, Main.
      apply Rle_trans with (/ (d + dl) * (1 + 3 * u)); [|rewrite U in *; lra].
      apply Rmult_le_reg_r with d; [lra|]. rewrite Rinv_l by lra. apply Rmult_le_reg_r with (d + dl); [rewrite U in *; lra|].
      replace (/ (d + dl) * (1 + 3 * u) * d * (d + dl)) with ((1 + 3 * u) * d) by (field; rewrite U in *; lra). lra. }
    rewrite U in *. lra.
  - assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55, U. lra.
Qed.
