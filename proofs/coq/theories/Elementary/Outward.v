(* The outward rounding of src/Guarantees/Arithmetic/Elementary.Expansion.cs: Expansion.Lower, Expansion.Upper, Scale, ScaleDown.
   Overflow is not modelled: where the model's bound exceeds the largest double, the code returns that double, or an infinity above. *)
From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Relative Plus_error.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Floating.
Open Scope R_scope.

Definition down (x : R) : R := pred radix2 (FLT_exp (-1074) 53) x.

Definition Scale (x : R) (k : Z) : R := rnd (rnd (x * bpow radix2 (k / 2)) * bpow radix2 (k - k / 2)).

Definition ScaleDown (x : R) (k : Z) : R :=
  let scaled := Scale x k in
  if Rlt_dec (bpow radix2 (-1022)) (Rabs scaled) then scaled
  else if Rle_dec 0 x then (if Req_EM_T scaled 0 then 0 else down scaled) else down scaled.

(** Expansion.Lower and Expansion.Upper of (high, low) 2^k with the stated error. *)
Definition Lower (pair : R * R) (k : Z) (error : R) : R :=
  let '(high, low) := pair in
  let r := rnd (high + low) in let rest := rnd (rnd (high - r) + low) in
  let below := if Rlt_dec (rnd (error * Rabs r)) rest then r else if Req_EM_T error 0 then r else down r in
  if Z.eq_dec k 0 then below else ScaleDown below k.

Definition Upper (pair : R * R) (k : Z) (error : R) : R := - Lower (- fst pair, - snd pair) k error.

(** What every Expand method establishes: (high + low) 2^k is v to within 0.999 error, relative; the 0.001 pays for error |r| where error |v| is meant. *)
Definition approximates (pair : R * R) (k : Z) (error v : R) : Prop :=
  let '(high, low) := pair in
  double high /\ double low /\ Rabs low <= Rabs high
  /\ Rabs ((high + low) * bpow radix2 k - v) <= 999 / 1000 * error * Rabs v
  /\ (k = 0%Z \/ Rabs low <= / 2 * Rabs high /\ bpow radix2 (-1000) <= Rabs high /\ bpow radix2 (-1000) <= Rabs high * bpow radix2 (k / 2))
  /\ (error = 0 -> low = 0).

(** The step down from a double is at least 2^-53 of it, or nearly. *)
Lemma step_down : forall r, double r -> u * Rabs r <= (r - down r) * (1 + u).
Proof.
  intros r D. unfold down. assert (U : bpow radix2 (Z.opp 53) = u) by (unfold u; reflexivity).
  assert (U0 : 0 < u < / 1000) by (unfold u; lra).
  destruct (Rlt_le_dec 0 r) as [P | N].
  - assert (P0 : 0 <= pred radix2 (FLT_exp (-1074) 53) r) by (apply pred_ge_0; [typeclasses eauto | exact P | exact D]).
    assert (S := succ_pred radix2 (FLT_exp (-1074) 53) r D). rewrite succ_eq_pos in S by exact P0.
    assert (G := ulp_FLT_gt radix2 (-1074) 53 (pred radix2 (FLT_exp (-1074) 53) r)). rewrite U in G.
    rewrite (Rabs_pos_eq _ P0) in G. rewrite (Rabs_pos_eq r) by lra. nra.
  - assert (E : pred radix2 (FLT_exp (-1074) 53) r = r - ulp radix2 (FLT_exp (-1074) 53) r).
    { replace r with (- - r) at 1 by ring. rewrite pred_opp, succ_eq_pos by lra. rewrite ulp_opp. ring. }
    assert (G := ulp_FLT_gt radix2 (-1074) 53 r). rewrite U in G. assert (0 <= Rabs r) by apply Rabs_pos. rewrite E. nra.
Qed.

Lemma rnd_down : forall S, rnd S - (rnd S - down (rnd S)) / 2 <= S.
Proof.
  intro S. apply Rnot_lt_le. intro H.
  assert (D := rnd_double S). assert (A := succ_pred radix2 (FLT_exp (-1074) 53) (rnd S) D).
  assert (B : rnd S <= down (rnd S)).
  { apply round_N_le_midp; [typeclasses eauto | apply generic_format_pred; [typeclasses eauto | exact D] |].
    unfold down in *. rewrite A. lra. }
  assert (u * Rabs (rnd S) <= (rnd S - down (rnd S)) * (1 + u)) by (apply step_down, D).
  assert (0 < u) by (unfold u; lra).
  destruct (Req_dec (rnd S) 0) as [Z | N].
  - unfold down in B. rewrite Z, pred_0 in B. rewrite ulp_FLT_0 in B by reflexivity. assert (0 < bpow radix2 (-1074)) by apply bpow_gt_0. lra.
  - assert (0 < Rabs (rnd S)) by (apply Rabs_pos_lt; exact N). nra.
Qed.

(** The sum of two doubles never underflows: its rounding is relative. *)
Lemma sum_relative : forall a b, double a -> double b -> Rabs (rnd (a + b) - (a + b)) <= u * Rabs (a + b).
Proof.
  intros a b Ha Hb. destruct (FLT_plus_error_N_ex radix2 (-1074) 53 (fun x => negb (Z.even x)) a b Ha Hb) as (e & He & E).
  change (rnd (a + b) = (a + b) * (1 + e)) in E. rewrite E. replace ((a + b) * (1 + e) - (a + b)) with (e * (a + b)) by ring.
  rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. apply (Rle_trans _ _ _ He).
  assert (V : u_ro radix2 53 = u) by (unfold u_ro, u; simpl; lra). rewrite V. unfold u. lra.
Qed.

Lemma below_sound : forall high low error v, double high -> double low -> Rabs low <= Rabs high -> 0 <= error <= / 2 ^ 54 ->
  Rabs (high + low - v) <= 999 / 1000 * error * Rabs v -> (error = 0 -> low = 0) ->
  Lower (high, low) 0 error <= v /\ Rabs (Lower (high, low) 0 error - rnd (high + low)) <= rnd (high + low) - down (rnd (high + low)).
Proof.
  intros high low error v Dh Dl Hl He E Z. unfold Lower. destruct (Z.eq_dec 0 0) as [_ | N]; [|lia].
  set (r := rnd (high + low)). set (rest := rnd (rnd (high - r) + low)).
  assert (R : r + rest = high + low).
  { assert (F := FastTwoSum_exact high low Dh Dl Hl). unfold FastTwoSum, fst, snd in F. fold r in F. rewrite <- F. f_equal.
    unfold rest. f_equal. replace (high - r) with (- (r - high)) by ring. rewrite rnd_opp. ring. }
  assert (B := sum_relative high low Dh Dl). fold r in B. rewrite <- R in B.
  replace (r - (r + rest)) with (- rest) in B by ring. rewrite Rabs_Ropp in B.
  assert (P54 : / 2 ^ 54 = / 18014398509481984) by (f_equal; lra). rewrite P54 in He.
  assert (T := Rabs_triang r rest). assert (W : Rabs v <= Rabs r * (10001 / 10000)).
  { assert (V := Rabs_triang (high + low) (- (high + low - v))). replace (high + low + - (high + low - v)) with v in V by ring.
    rewrite Rabs_Ropp in V. rewrite <- R in V, E. unfold u in B.
    assert (0 <= Rabs v) by apply Rabs_pos. assert (0 <= Rabs r) by apply Rabs_pos.
    assert (999 / 1000 * error * Rabs v <= / 18014398509481984 * Rabs v) by (apply Rmult_le_compat_r; lra). lra. }
  assert (M : 999 / 1000 * error * Rabs v <= error * Rabs r).
  { replace (999 / 1000 * error * Rabs v) with (error * (999 / 1000 * Rabs v)) by ring. apply Rmult_le_compat_l; [lra|].
    assert (0 <= Rabs r) by apply Rabs_pos. lra. }
  apply Rabs_le_inv in E. rewrite <- R in E.
  assert (S0 := step_down r (rnd_double _)). assert (0 < u) by (unfold u; lra). assert (R0 : 0 <= Rabs r) by apply Rabs_pos.
  destruct (Rlt_dec (rnd (error * Rabs r)) rest) as [L | L].
  - split; [|rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; unfold u in *; lra].
    assert (error * Rabs r <= rest); [|lra].
    apply Rnot_lt_le. intro A. apply (Rlt_not_le _ _ L). unfold rest.
    rewrite <- (rnd_id _ (rnd_double (rnd (high - r) + low))). apply rnd_le. fold rest. lra.
  - destruct (Req_EM_T error 0) as [Ez | En].
    + split; [|rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; unfold u in *; lra].
      assert (r = high + low). { unfold r. rewrite (Z Ez), Rplus_0_r. apply rnd_id, Dh. }
      rewrite Ez in E. lra.
    + assert (D0 : 0 <= r - down r) by (unfold u in *; lra).
      split; [|rewrite Rabs_left1; lra].
      assert (Half := rnd_down (high + low)). fold r in Half. rewrite <- R in Half.
      assert (999 / 1000 * error * Rabs v <= 9999 / 10000 * / 2 * u * Rabs r).
      { replace (999 / 1000 * error * Rabs v) with (error * (999 / 1000 * Rabs v)) by ring.
        apply Rle_trans with (/ 18014398509481984 * (999 / 1000 * Rabs v)); [apply Rmult_le_compat_r; [assert (0 <= Rabs v) by apply Rabs_pos|]; lra|].
        unfold u. lra. }
      unfold u in *. lra.
Qed.

(** ScaleDown never exceeds the number; the first step of the scaling is exact as |x| 2^(k/2) is normal. *)
Lemma double_times_power : forall x e, double x -> bpow radix2 (-1022) <= Rabs x * bpow radix2 e -> double (x * bpow radix2 e).
Proof.
  intros x e D H. destruct (Req_dec x 0) as [-> | N]; [rewrite Rmult_0_l; apply generic_format_0|].
  apply FLT_format_generic in D; [|typeclasses eauto].
  assert (G : generic_format radix2 (FLX_exp 53) (x * bpow radix2 e)).
  { destruct D as [[m n] -> Hm Hn]. apply generic_format_FLX. exists (Float radix2 m (n + e)); [|exact Hm].
    unfold F2R. simpl. rewrite bpow_plus. ring. }
  apply generic_format_FLT_FLX; [|exact G]. rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0. exact H.
Qed.

Lemma double_shift : forall x e, double x -> (0 <= e)%Z -> double (x * bpow radix2 e).
Proof.
  intros x e D He. apply FLT_format_generic in D; [|typeclasses eauto]. destruct D as [[m n] -> Hm Hn].
  unfold F2R. simpl Fnum in *. simpl Fexp in *. rewrite Rmult_assoc, <- bpow_plus. apply double_scaled; [exact Hm | lia].
Qed.

Lemma double_twice : forall x, double x -> double (2 * x).
Proof. intros x D. rewrite Rmult_comm. change 2 with (bpow radix2 1). apply double_shift; [exact D | lia]. Qed.

Lemma ScaleDown_sound : forall x k, double x -> bpow radix2 (-1022) <= Rabs x * bpow radix2 (k / 2) -> ScaleDown x k <= x * bpow radix2 k.
Proof.
  intros x k D H. unfold ScaleDown, Scale. rewrite (rnd_id (x * bpow radix2 (k / 2))) by (apply double_times_power; assumption).
  rewrite Rmult_assoc, <- bpow_plus. replace (k / 2 + (k - k / 2))%Z with k by ring.
  set (y := x * bpow radix2 k).
  assert (Down : down (rnd y) <= y) by (apply pred_round_le_id; typeclasses eauto).
  assert (Sign : 0 <= x -> 0 <= y) by (intro; unfold y; apply Rmult_le_pos; [assumption | apply bpow_ge_0]).
  destruct (Rlt_dec _ _) as [L | _].
  - right. apply rnd_id. apply double_times_power; [exact D|]. rewrite <- (Rabs_pos_eq (bpow radix2 k)), <- Rabs_mult by apply bpow_ge_0.
    apply Rnot_lt_le. intro C. apply (Rlt_not_le _ _ L). apply rnd_abs_le; [|fold y in C; lra].
    apply generic_format_bpow. unfold FLT_exp. lia.
  - destruct (Rle_dec 0 x) as [P | _]; [|exact Down]. destruct (Req_EM_T _ _) as [_ | _]; [apply Sign, P | exact Down].
Qed.

(** Expansion.Lower is at most the number and Expansion.Upper at least. *)
Theorem lower_sound : forall pair k error v, 0 <= error <= / 2 ^ 54 -> approximates pair k error v -> Lower pair k error <= v.
Proof.
  intros [high low] k error v He (Dh & Dl & Hl & E & Hk & Z).
  set (w := v * bpow radix2 (- k)).
  assert (V : v = w * bpow radix2 k). { unfold w. rewrite Rmult_assoc, <- bpow_plus. replace (- k + k)%Z with 0%Z by ring. simpl. ring. }
  assert (Pk : 0 < bpow radix2 k) by apply bpow_gt_0.
  assert (Ew : Rabs (high + low - w) <= 999 / 1000 * error * Rabs w).
  { apply Rmult_le_reg_r with (bpow radix2 k); [exact Pk|]. rewrite <- (Rabs_pos_eq (bpow radix2 k)) by lra.
    rewrite <- Rabs_mult, (Rmult_assoc _ (Rabs w)), <- Rabs_mult, <- V. rewrite Rmult_minus_distr_r, <- V. exact E. }
  destruct (below_sound high low error w Dh Dl Hl He Ew Z) as [B Near].
  unfold Lower in *. destruct (Z.eq_dec 0 0) as [_ | N]; [|lia]. destruct (Z.eq_dec k 0) as [K | K].
  { rewrite V, K. simpl. rewrite Rmult_1_r. exact B. }
  destruct Hk as [Hk | Hk]; [contradiction|].
  set (below := if Rlt_dec (rnd (error * Rabs (rnd (high + low)))) (rnd (rnd (high - rnd (high + low)) + low)) then rnd (high + low)
    else if Req_EM_T error 0 then rnd (high + low) else down (rnd (high + low))) in *.
  assert (Db : double below).
  { unfold below. destruct (Rlt_dec _ _); [|destruct (Req_EM_T _ _)]; try apply rnd_double.
    apply generic_format_pred; [typeclasses eauto | apply rnd_double]. }
  apply Rle_trans with (below * bpow radix2 k); [|rewrite V; apply Rmult_le_compat_r; lra].
  apply ScaleDown_sound; [exact Db|]. destruct Hk as (Half & Big & Bigk).
  set (r := rnd (high + low)) in *. assert (B0 := sum_relative high low Dh Dl). fold r in B0.
  assert (S0 : / 2 * Rabs high <= Rabs (high + low)).
  { assert (T := Rabs_triang (high + low) (- low)). rewrite Rabs_Ropp in T. replace (high + low + - low) with high in T by ring. lra. }
  assert (R0 : / 4 * Rabs high <= Rabs r).
  { assert (T := Rabs_triang r (- (r - (high + low)))). rewrite Rabs_Ropp in T. replace (r + - (r - (high + low))) with (high + low) in T by ring.
    assert (0 <= Rabs high) by apply Rabs_pos. unfold u in B0. lra. }
  assert (P3 : bpow radix2 (-1000) = bpow radix2 (-1003) * 8) by (change 8 with (bpow radix2 3); rewrite <- bpow_plus; reflexivity).
  assert (L3 : bpow radix2 (-1022) <= bpow radix2 (-1003)) by (apply bpow_le; lia).
  assert (Q : / 8 * Rabs high <= Rabs below).
  { unfold below. assert (H0 : 0 <= Rabs high) by apply Rabs_pos.
    destruct (Rlt_dec _ _); [|destruct (Req_EM_T _ _)]; try lra. unfold down.
    destruct (Rle_lt_dec r 0) as [N | P].
    - assert (A := pred_le_id radix2 (FLT_exp (-1074) 53) r). rewrite (Rabs_left1 r) in R0 by lra. rewrite (Rabs_left1 (pred _ _ _)) by lra. lra.
    - rewrite (Rabs_pos_eq r) in R0 by lra. apply Rle_trans with (r * / 2); [lra|].
      apply Rle_trans with (2 := Rle_abs _). apply pred_ge_gt; [typeclasses eauto | | apply rnd_double | lra].
      change (/ 2) with (bpow radix2 (-1)). apply double_times_power; [apply rnd_double|]. change (bpow radix2 (-1)) with (/ 2).
      rewrite Rabs_pos_eq by lra. lra. }
  apply Rle_trans with (/ 8 * Rabs high * bpow radix2 (k / 2)); [lra | apply Rmult_le_compat_r; [apply bpow_ge_0 | exact Q]].
Qed.

Lemma approximates_opp : forall high low k error v, approximates (high, low) k error v -> approximates (- high, - low) k error (- v).
Proof.
  intros high low k error v (Dh & Dl & Hl & E & Hk & Z). repeat split; try (apply double_opp; assumption).
  - rewrite !Rabs_Ropp. exact Hl.
  - replace (_ - - v) with (- ((high + low) * bpow radix2 k - v)) by ring. rewrite !Rabs_Ropp. exact E.
  - rewrite !Rabs_Ropp. exact Hk.
  - intro H. rewrite (Z H). ring.
Qed.

Theorem upper_sound : forall pair k error v, 0 <= error <= / 2 ^ 54 -> approximates pair k error v -> v <= Upper pair k error.
Proof.
  intros [high low] k error v He A. unfold Upper. apply Ropp_le_cancel. rewrite Ropp_involutive. simpl fst. simpl snd.
  apply lower_sound; [exact He | apply approximates_opp, A].
Qed.
