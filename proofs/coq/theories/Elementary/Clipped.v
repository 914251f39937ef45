(* Where src/Guarantees/Arithmetic clips an argument, since beyond it the result underflows, overflows or is 1 or -1: what Expansion.Lower and
   Expansion.Upper make of the pair at the clipped argument still encloses the value. *)
From Coq Require Import Reals Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential Quotients Logarithm Softplus ScaleDivergence Normal Gaussian NormalCdf.
Open Scope R_scope.

(** What Lower and Upper return is a double. *)
Lemma down_double : forall x, double x -> double (down x).
Proof. intros x D. apply generic_format_pred; [typeclasses eauto | exact D]. Qed.

Lemma scale_down_double : forall x k, double (ScaleDown x k).
Proof.
  intros x k. unfold ScaleDown. assert (D : double (Scale x k)) by apply rnd_double. set (s := Scale x k) in *. cbv zeta.
  destruct (Rlt_dec _ _); [exact D|]. destruct (Rle_dec _ _); [destruct (Req_EM_T _ _); [apply generic_format_0|]|]; apply down_double, D.
Qed.

Lemma lower_double : forall pair k error, double (Lower pair k error).
Proof.
  intros [high low] k error. unfold Lower. cbv zeta. destruct (Z.eq_dec k 0); [|apply scale_down_double].
  destruct (Rlt_dec _ _); [apply rnd_double|]. destruct (Req_EM_T _ _); [apply rnd_double | apply down_double, rnd_double].
Qed.

Lemma upper_double : forall pair k error, double (Upper pair k error).
Proof. intros pair k error. apply double_opp, lower_double. Qed.

Definition encloses (pair : R * R) (k : Z) (error v : R) : Prop := Lower pair k error <= v <= Upper pair k error.

(** Underflow: both the value and that at the clipped argument lie below the least double. *)
Lemma vanishing : forall pair k error w v, 0 <= error <= / 2 ^ 54 -> approximates pair k error w -> 0 < w < bpow radix2 (-1074) -> 0 <= v <= bpow radix2 (-1074) ->
  encloses pair k error v.
Proof.
  intros pair k error w v He A Hw Hv. assert (L := lower_sound pair k error w He A). assert (H := upper_sound pair k error w He A). split.
  - destruct (Rle_lt_dec (Lower pair k error) 0) as [N | P]; [lra|]. assert (D := double_least _ (lower_double pair k error) ltac:(lra)). rewrite Rabs_pos_eq in D by lra. lra.
  - assert (D := double_least _ (upper_double pair k error) ltac:(lra)). rewrite Rabs_pos_eq in D by lra. lra.
Qed.

(** Overflow: the upper bound exceeds every finite double, which the code makes infinity; the lower one holds as it stands. *)
Definition overflows (pair : R * R) (k : Z) (error v : R) : Prop := Lower pair k error <= v /\ bpow radix2 1024 <= Upper pair k error.

Lemma overflowing : forall pair k error w v, 0 <= error <= / 2 ^ 54 -> approximates pair k error w -> bpow radix2 1024 <= w <= v -> overflows pair k error v.
Proof. intros pair k error w v He A H. assert (L := lower_sound pair k error w He A). assert (U := upper_sound pair k error w He A). split; lra. Qed.

(** Saturation at 1, and at -1. *)
Lemma rnd_near_one : forall x, 18014398509481983 / 18014398509481984 <= x <= 1 -> 1 <= rnd x.
Proof. intros x H. unfold rnd. gappa. Qed.

Lemma saturating : forall pair k error w v, 0 <= error <= / 2 ^ 54 -> approximates pair k error w -> 18014398509481983 / 18014398509481984 <= w <= v -> v <= 1 ->
  encloses pair k error v.
Proof.
  intros pair k error w v He A Hw Hv. assert (L := lower_sound pair k error w He A). assert (H := upper_sound pair k error w He A). split; [lra|].
  rewrite <- (rnd_id (Upper pair k error)) by apply upper_double. apply Rle_trans with (1 := Hv). apply Rle_trans with (rnd w); [apply rnd_near_one; lra | apply rnd_le, H].
Qed.

Lemma saturating_below : forall pair k error w v, 0 <= error <= / 2 ^ 54 -> approximates pair k error w -> v <= w <= - (18014398509481983 / 18014398509481984) -> -1 <= v ->
  encloses pair k error v.
Proof.
  intros pair k error w v He A Hw Hv. assert (L := lower_sound pair k error w He A). assert (H := upper_sound pair k error w He A). split; [|lra].
  rewrite <- (rnd_id (Lower pair k error)) by apply lower_double. apply Rle_trans with (2 := Hv). apply Rle_trans with (rnd w); [apply rnd_le, L|].
  assert (Q := rnd_near_one (- w) ltac:(lra)). rewrite rnd_opp in Q. lra.
Qed.

Lemma errors : 0 <= / 2 ^ 54 <= / 2 ^ 54 /\ 0 <= / 2 ^ 55 <= / 2 ^ 54 /\ 0 <= / 2 ^ 56 <= / 2 ^ 54 /\ 0 <= / 2 ^ 60 <= / 2 ^ 54.
Proof. repeat split; try (left; apply Rinv_0_lt_compat, pow_lt; lra); try apply Rle_refl; apply Rinv_le_contravar; try (apply pow_lt; lra); apply Rle_pow; lra || lia. Qed.

Lemma least : forall n, (n <= -1075)%Z -> bpow radix2 n < bpow radix2 (-1074).
Proof. intros n H. apply bpow_lt. lia. Qed.

(** e^x in powers of two. *)
Lemma exp_power : forall x n, x <= IZR n * (693147 / 1000000) -> (0 <= n)%Z -> exp x <= bpow radix2 n.
Proof.
  intros x n H Hn. rewrite bpow_powerRZ, powerRZ_Rpower by (simpl; lra). unfold Rpower. simpl. assert (693147 / 1000000 <= ln 2) by interval.
  assert (0 <= IZR n) by (apply IZR_le; exact Hn). assert (IZR n * (693147 / 1000000) <= IZR n * ln 2) by (apply Rmult_le_compat_l; assumption).
  destruct (Req_dec x (IZR n * ln 2)) as [-> | N]; [apply Rle_refl | left; apply exp_increasing; lra].
Qed.

Lemma exp_power_below : forall x n, IZR n * (693148 / 1000000) <= x -> (0 <= n)%Z -> bpow radix2 n <= exp x.
Proof.
  intros x n H Hn. rewrite bpow_powerRZ, powerRZ_Rpower by (simpl; lra). unfold Rpower. simpl. assert (ln 2 <= 693148 / 1000000) by interval.
  assert (0 <= IZR n) by (apply IZR_le; exact Hn). assert (IZR n * ln 2 <= IZR n * (693148 / 1000000)) by (apply Rmult_le_compat_l; assumption).
  destruct (Req_dec x (IZR n * ln 2)) as [-> | N]; [apply Rle_refl | left; apply exp_increasing; lra].
Qed.

Lemma exp_800 : 0 < exp (-800) <= bpow radix2 (-1154) /\ bpow radix2 1154 <= exp 800.
Proof.
  assert (B := exp_power_below 800 1154 ltac:(lra) ltac:(lia)). split; [split; [apply exp_pos|] | exact B]. replace (-800) with (- (800)) by ring. rewrite exp_Ropp.
  change (-1154)%Z with (- (1154))%Z. rewrite bpow_opp. apply Rinv_le_contravar; [apply bpow_gt_0 | exact B].
Qed.

Lemma exp_rises : forall x y, x <= y -> exp x <= exp y.
Proof. intros x y H. destruct (Req_dec x y) as [-> | N]; [apply Rle_refl | left; apply exp_increasing; lra]. Qed.

Lemma double_800 : double 800 /\ double (-800).
Proof. split; [apply (double_integer 800) | apply (double_integer (-800))]; lia. Qed.

(** ** The functions *)

Theorem exp_clipped_below : forall x, x <= -800 -> encloses (ExpandExp (-800) 0) (quotient (-800)) (/ 2 ^ 56) (exp x).
Proof.
  intros x Hx. destruct exp_800 as [[P Q] _]. assert (L := least (-1154) ltac:(lia)). assert (R := exp_rises x (-800) Hx). assert (P2 := exp_pos x).
  assert (A := exp_approximated (-800) 0 (proj2 double_800) (generic_format_0 _ _) ltac:(apply Rabs_le; lra) ltac:(rewrite Rabs_R0; lra)). rewrite Rplus_0_r in A.
  apply (vanishing _ _ _ (exp (-800))); [apply errors | exact A | lra | lra].
Qed.

Theorem exp_clipped_above : forall x, 800 <= x -> overflows (ExpandExp 800 0) (quotient 800) (/ 2 ^ 56) (exp x).
Proof.
  intros x Hx. destruct exp_800 as [_ Q]. assert (L : bpow radix2 1024 <= bpow radix2 1154) by (apply bpow_le; lia).
  assert (A := exp_approximated 800 0 (proj1 double_800) (generic_format_0 _ _) ltac:(apply Rabs_le; lra) ltac:(rewrite Rabs_R0; lra)). rewrite Rplus_0_r in A.
  apply (overflowing _ _ _ (exp 800)); [apply errors | exact A|]. assert (R := exp_rises 800 x Hx). lra.
Qed.

Theorem expm1_clipped_below : forall x, x <= -60 -> encloses (Expm1Pair (-60)) 0 (/ 2 ^ 55) (exp x - 1).
Proof.
  intros x Hx. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (A := expm1_approximated (-60) ltac:(apply (double_integer (-60)); lia) ltac:(rewrite P60; rewrite Rabs_left1; lra) ltac:(lra)).
  apply (saturating_below _ _ _ (exp (-60) - 1)); [apply errors | exact A | | assert (P := exp_pos x); lra].
  assert (R := exp_rises x (-60) Hx). assert (exp (-60) <= / 18014398509481984) by interval. lra.
Qed.

Theorem expm1_clipped_above : forall x, 800 <= x -> overflows (ExpandExp 800 0) (quotient 800) (/ 2 ^ 56) (exp x - 1).
Proof.
  intros x Hx. destruct exp_800 as [_ Q]. assert (L : 2 * bpow radix2 1024 <= bpow radix2 1154) by (change 2 with (bpow radix2 1); rewrite <- bpow_plus; apply bpow_le; lia).
  assert (L1 : 1 <= bpow radix2 1024) by (change 1 with (bpow radix2 0); apply bpow_le; lia).
  apply (overflowing _ _ _ (exp 800 - 1)); [apply errors | apply expm1_large_approximated; [apply double_800 | lra]|]. assert (R := exp_rises 800 x Hx). lra.
Qed.

Theorem sigmoid_clipped_below : forall x, x <= -800 -> encloses (SigmoidBelow (-800)) (quotient (-800)) (/ 2 ^ 55) (exp x / (1 + exp x)).
Proof.
  intros x Hx. destruct exp_800 as [[P Q] _]. assert (L := least (-1154) ltac:(lia)). assert (P2 := exp_pos x). assert (R := exp_rises x (-800) Hx).
  assert (B : forall a, 0 < a -> 0 < a / (1 + a) <= a).
  { intros a Ha. split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (1 + a); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
  assert (B1 := B _ P). assert (B2 := B _ P2).
  apply (vanishing _ _ _ (exp (-800) / (1 + exp (-800)))); [apply errors | apply sigmoid_below_approximated; [apply double_800 | lra] | lra | lra].
Qed.

Theorem sigmoid_clipped_above : forall x, 800 <= x -> encloses (SigmoidAbove (-800)) 0 (/ 2 ^ 55) (/ (1 + exp (- x))).
Proof.
  intros x Hx. destruct exp_800 as [[P Q] _]. assert (P2 := exp_pos (- x)). assert (R := exp_rises (- x) (-800) ltac:(lra)).
  assert (T : bpow radix2 (-1154) <= / 18014398509481984) by (change (/ 18014398509481984) with (bpow radix2 (-54)); apply bpow_le; lia).
  apply (saturating _ _ _ (/ (1 + exp (-800)))); [apply errors | apply sigmoid_above_approximated; [apply double_800 | lra] | | rewrite <- Rinv_1; apply Rinv_le_contravar; lra].
  split; [|apply Rinv_le_contravar; lra]. apply Rmult_le_reg_r with (1 + exp (-800)); [lra|]. rewrite Rinv_l by lra. lra.
Qed.

Theorem softplus_clipped_below : forall x, x <= -800 -> encloses (ExpandExp (-800) 0) (quotient (-800)) (/ 2 ^ 55) (ln (1 + exp x)).
Proof.
  intros x Hx. destruct exp_800 as [[P Q] _]. assert (L := least (-1154) ltac:(lia)). assert (P2 := exp_pos x). assert (R := exp_rises x (-800) Hx).
  assert (B : forall a, 0 < a -> 0 < ln (1 + a) <= a).
  { intros a Ha. split; [rewrite <- ln_1; apply ln_increasing; lra|]. assert (E := exp_ineq1_le (ln (1 + a))). rewrite exp_ln in E by lra. lra. }
  assert (B1 := B _ P). assert (B2 := B _ P2). assert (K : (quotient (-800) < -60)%Z).
  { destruct (quotient_range (-800) ltac:(apply Rabs_le; lra)) as (_ & E & _). apply lt_IZR. apply Rabs_le_inv in E. assert (69 / 100 <= ln 2 <= 7 / 10) by (split; interval). simpl.
    apply Rnot_le_lt. intro C. destruct (Rle_lt_dec 0 (IZR (quotient (-800)))) as [Z | Z]; nra. }
  apply (vanishing _ _ _ (ln (1 + exp (-800)))); [apply errors | apply softplus_tail_approximated; [apply double_800 | lra | exact K] | lra | lra].
Qed.

(** e^0 is found as 1, exactly. *)
Lemma exp_zero : ExpandExp 0 0 = (1, 0) /\ quotient 0 = 0%Z.
Proof.
  assert (R0 : rnd 0 = 0) by (apply rnd_id, generic_format_0). assert (R1 : rnd 1 = 1) by (apply rnd_id, (double_integer 1); lia).
  assert (Q : quotient 0 = 0%Z) by (unfold quotient; rewrite Rmult_0_l, R0; apply Znearest_imp; rewrite Rminus_0_r, Rabs_R0; lra). split; [|exact Q].
  unfold ExpandExp, Reduced, reduce. rewrite Q. unfold TwoSum, expm1_pair, TwoProduct, FastTwoSum.
  repeat (rewrite ?Rmult_0_l, ?Rmult_0_r, ?Rplus_0_l, ?Rplus_0_r, ?Rminus_0_r, ?Ropp_0, ?(Rminus_diag_eq 1 1 eq_refl), ?R0, ?R1; cbv beta iota zeta). reflexivity.
Qed.

Theorem softplus_zero_approximated : ExpandExp 0 0 = (1, 0) /\ quotient 0 = 0%Z /\ TwoSum rnd 1 1 = (2, 0) /\ approximates (LogOfSum 1 0 1) 0 (/ 2 ^ 55) (ln (1 + exp 0)).
Proof.
  split; [apply exp_zero|]. split; [apply exp_zero|]. split.
  { apply sum_exactly; [apply (double_integer 1); lia | apply (double_integer 1); lia | apply (double_integer 2); lia | ring]. }
  assert (A := log_approximated 1 1 ltac:(apply (double_integer 1); lia) ltac:(lra) ltac:(lia) ltac:(left; lia)). change (bpow radix2 1) with 2 in A. rewrite exp_0. replace (1 + 1) with (1 * 2) by ring.
  destruct (LogOfSum 1 0 1) as [h l]. destruct A as (D1 & D2 & N & E & K & _). split; [exact D1|]. split; [exact D2|]. split; [exact N|]. split; [|split; [exact K|]].
  - apply (Rle_trans _ _ _ E). apply Rmult_le_compat_r; [apply Rabs_pos|]. interval.
  - intro Z. exfalso. revert Z. apply Rinv_neq_0_compat, pow_nonzero. lra.
Qed.

Theorem normal_clipped_below : forall x clip, double clip -> 39 <= clip <= 40 -> clip <= x -> encloses (NormalTailPair clip) (NormalTailExponent clip) (/ 2 ^ 55) (Phi (- x)).
Proof.
  intros x clip Dc Hc Hx. assert (T := proj1 (Phi_tail clip ltac:(lra))). assert (P := Phi_positive (- clip)). assert (P2 := Phi_positive (- x)). assert (R := Phi_rises (- x) (- clip) ltac:(lra)).
  assert (B : exp (- (clip * clip / 2)) <= bpow radix2 (-1097)).
  { rewrite exp_Ropp. change (-1097)%Z with (- (1097))%Z. rewrite bpow_opp. apply Rinv_le_contravar; [apply bpow_gt_0|]. apply exp_power_below; [|lia].
    assert (39 * 39 <= clip * clip) by (apply Rmult_le_compat; lra). lra. }
  assert (L := least (-1097) ltac:(lia)). apply (vanishing _ _ _ (Phi (- clip))); [apply errors | apply normal_below_approximated; [exact Dc | lra] | lra | lra].
Qed.

(** The divergence of a scale. *)
Lemma divergence_rises : forall s t, 0 <= s <= t -> divergence s <= divergence t.
Proof.
  intros s t H. unfold divergence. destruct (MVT_gen (fun x => x * x + 2 * x - 2 * ln (1 + x)) s t (fun x => 2 * x + 2 - 2 * / (1 + x))) as (c & Hc & E).
  - intros x Hx. rewrite Rmin_left in Hx by lra. auto_derive; [lra | field; lra].
  - intros x Hx. rewrite Rmin_left in Hx by lra. apply continuity_pt_filterlim, (ex_derive_continuous (fun x => x * x + 2 * x - 2 * ln (1 + x))). auto_derive. lra.
  - rewrite Rmin_left in Hc by lra. assert (0 < / (1 + c) <= 1) by (split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]).
    assert (0 <= (2 * c + 2 - 2 * / (1 + c)) * (t - s)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma divergence_small : forall t, Rabs t <= / 2 ^ 60 -> t * t <= divergence t <= 3 * (t * t).
Proof.
  intros t Ht. assert (T := log1p_third t Ht). assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60 in Ht.
  assert (T2 : 0 <= t * t) by nra. assert (3 / 4 * (1001 / 1000 * Rabs t) * (t * t) <= / 1000 * (t * t)) by (apply Rmult_le_compat_r; lra). apply Rabs_le_inv in T. unfold divergence. lra.
Qed.

Theorem scale_divergence_clipped_below : forall t, t <> 0 -> Rabs t <= bpow radix2 (-541) ->
  encloses (ScaleDivergenceSmall (bpow radix2 (-541))) (-600) (/ 2 ^ 60) (divergence t).
Proof.
  intros t Nt Ht. assert (B : bpow radix2 (-541) <= / 2 ^ 60).
  { replace (/ 2 ^ 60) with (bpow radix2 (-60)) by (change (bpow radix2 (-60)) with (/ 1152921504606846976); f_equal; lra). apply bpow_le. lia. }
  assert (P := bpow_gt_0 radix2 (-541)). assert (D : double (bpow radix2 (-541))) by (apply generic_format_bpow; unfold FLT_exp; lia).
  assert (A := scale_divergence_small_approximated (bpow radix2 (-541)) D ltac:(rewrite Rabs_pos_eq by lra; lra)). rewrite (Rabs_pos_eq (bpow radix2 (-541))) in A by lra.
  assert (S1 := divergence_small (bpow radix2 (-541)) ltac:(rewrite Rabs_pos_eq by lra; lra)). assert (S2 := divergence_small t ltac:(lra)).
  assert (Q : bpow radix2 (-541) * bpow radix2 (-541) = bpow radix2 (-1082)) by (rewrite <- bpow_plus; reflexivity). rewrite Q in S1.
  assert (TT : 0 < t * t <= bpow radix2 (-1082)).
  { rewrite <- square_of_abs, <- Q. assert (0 < Rabs t) by (apply Rabs_pos_lt, Nt). split; [apply Rmult_lt_0_compat; assumption | apply Rmult_le_compat; lra]. }
  assert (L : 8 * bpow radix2 (-1082) < bpow radix2 (-1074)) by (change 8 with (bpow radix2 3); rewrite <- bpow_plus; apply bpow_lt; lia).
  assert (P2 := bpow_gt_0 radix2 (-1082)).
  apply (vanishing _ _ _ (divergence (bpow radix2 (-541)))); [apply errors | exact A | lra | lra].
Qed.

Theorem scale_divergence_clipped_above : forall t, bpow radix2 600 <= t -> overflows (ScaleDivergenceLarge (bpow radix2 600)) 1024 (/ 2 ^ 60) (divergence t).
Proof.
  intros t Ht. assert (P := bpow_gt_0 radix2 600). assert (B : bpow radix2 100 <= bpow radix2 600) by (apply bpow_le; lia). assert (D : double (bpow radix2 600)) by (apply generic_format_bpow; unfold FLT_exp; lia).
  assert (A := scale_divergence_large_approximated (bpow radix2 600) D ltac:(lra)). assert (R := divergence_rises (bpow radix2 600) t ltac:(lra)).
  apply (overflowing _ _ _ (divergence (bpow radix2 600))); [apply errors | exact A|]. split; [|exact R]. unfold divergence. set (s := bpow radix2 600) in *.
  assert (LS : ln (1 + s) <= s) by (assert (Q := exp_ineq1_le (ln (1 + s))); rewrite exp_ln in Q by lra; lra).
  assert (Q : bpow radix2 1024 <= s * s) by (unfold s; rewrite <- bpow_plus; apply bpow_le; lia). lra.
Qed.
