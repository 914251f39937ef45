(* The square root and the reciprocal of src/Guarantees/Arithmetic/Elementary.cs: the sign of a residual decides the bound. *)
From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core.
From Certify.Elementary Require Import Floating Outward.
Open Scope R_scope.

Lemma multiple_of : forall x j, double x -> bpow radix2 j <= Rabs x -> exists m : Z, x = IZR m * bpow radix2 (j - 52).
Proof.
  intros x j D H. apply FLT_format_generic in D; [|typeclasses eauto]. destruct D as [[m e] -> Hm He]. simpl in Hm.
  assert (L : (j < 53 + e)%Z).
  { apply (lt_bpow radix2). apply Rle_lt_trans with (1 := H). unfold F2R. simpl Fnum. simpl Fexp.
    rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0. rewrite <- abs_IZR, bpow_plus.
    apply Rmult_lt_compat_r; [apply bpow_gt_0|]. rewrite <- (IZR_Zpower radix2) by lia. apply IZR_lt. exact Hm. }
  exists (m * 2 ^ (e - (j - 52)))%Z. unfold F2R. simpl Fnum. simpl Fexp.
  rewrite mult_IZR, (IZR_Zpower radix2) by lia. rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. ring.
Qed.

(** A negative multiple of 2^-1074 keeps its sign when rounded. *)
Lemma sign_kept : forall m e y, (-1074 <= e)%Z -> y = IZR m * bpow radix2 e -> y < 0 -> rnd y < 0.
Proof.
  intros m e y He E N. assert (P : 0 < bpow radix2 (-1074)) by apply bpow_gt_0.
  assert (M : (m <= -1)%Z).
  { assert (m < 0)%Z; [|lia]. apply lt_IZR. apply Rmult_lt_reg_r with (bpow radix2 e); [apply bpow_gt_0|]. rewrite <- E. lra. }
  apply Rle_lt_trans with (- bpow radix2 (-1074)); [|lra].
  rewrite <- (rnd_id (- bpow radix2 (-1074))) by (apply double_opp, generic_format_bpow; unfold FLT_exp; lia).
  apply rnd_le. rewrite E. apply IZR_le in M. assert (B : bpow radix2 (-1074) <= bpow radix2 e) by (apply bpow_le; exact He).
  assert (0 < bpow radix2 e) by apply bpow_gt_0. nra.
Qed.

(** ** The square root; below some bound, 10^-200 in the code, the residual is scaled by 2^200. *)

Definition SqrtResidual (bound r x : R) : R :=
  if Rlt_dec x bound then let s := rnd (r * bpow radix2 100) in rnd (- s * s + rnd (rnd (x * bpow radix2 100) * bpow radix2 100))
  else rnd (- r * r + x).
Definition SqrtLower (bound x : R) : R := let r := rnd (sqrt x) in if Rlt_dec (SqrtResidual bound r x) 0 then down r else r.
Definition SqrtUpper (bound x : R) : R := let r := rnd (sqrt x) in if Rlt_dec 0 (SqrtResidual bound r x) then succ radix2 (FLT_exp (-1074) 53) r else r.

(** The residual has the sign of x - r^2. *)
Lemma residual_multiple : forall r x i j, double r -> double x -> 0 <= r -> bpow radix2 i <= r -> (2 * (i - 52) >= -1074)%Z -> (j = 2 * (i - 52))%Z ->
  bpow radix2 (-1074) <= bpow radix2 j -> exists m n : Z, r * r = IZR m * bpow radix2 (-1074) /\ x = IZR n * bpow radix2 (-1074).
Proof.
  intros r x i j Dr Dx R0 Hr Hi -> _. destruct (multiple_of r i Dr ltac:(rewrite Rabs_pos_eq; assumption)) as [m Em].
  assert (Dx' := Dx). apply FLT_format_generic in Dx'; [|typeclasses eauto]. destruct Dx' as [[n e] Ex _ He]. simpl in He.
  exists (m * m * 2 ^ (2 * (i - 52) + 1074))%Z, (n * 2 ^ (e + 1074))%Z. split.
  - rewrite !mult_IZR, (IZR_Zpower radix2) by lia. rewrite Em at 1 2. rewrite (Rmult_assoc (IZR m * IZR m)), <- bpow_plus.
    replace (2 * (i - 52) + 1074 + -1074)%Z with ((i - 52) + (i - 52))%Z by ring. rewrite bpow_plus. ring.
  - rewrite mult_IZR, (IZR_Zpower radix2) by lia. rewrite Rmult_assoc, <- bpow_plus. rewrite Ex. unfold F2R. simpl Fnum. simpl Fexp. do 2 f_equal. ring.
Qed.

Lemma sqrt_at_least : forall x i, bpow radix2 (2 * i) <= x -> (-1074 <= i)%Z -> bpow radix2 i <= rnd (sqrt x).
Proof.
  intros x i H Hi. rewrite <- (rnd_id (bpow radix2 i)) by (apply generic_format_bpow; unfold FLT_exp; lia). apply rnd_le.
  rewrite <- (sqrt_square (bpow radix2 i)) by apply bpow_ge_0. apply sqrt_le_1_alt. rewrite <- bpow_plus. replace (i + i)%Z with (2 * i)%Z by ring. exact H.
Qed.

Lemma residual_signs : forall bound x, double x -> 0 < x -> bpow radix2 (-700) <= bound ->
  let r := rnd (sqrt x) in let d := x - r * r in (d < 0 -> SqrtResidual bound r x < 0) /\ (0 < d -> 0 < SqrtResidual bound r x).
Proof.
  intros bound x D X0 Hb r d. assert (Dr : double r) by apply rnd_double.
  assert (Signs : forall y m n e, (-1074 <= e)%Z -> y = IZR m * bpow radix2 e - IZR n * bpow radix2 e -> (y < 0 -> rnd y < 0) /\ (0 < y -> 0 < rnd y)).
  { intros y m n e He E. split; intro N.
    - apply (sign_kept (m - n) e); [exact He | rewrite minus_IZR, E; ring | exact N].
    - assert (rnd (- y) < 0); [|rewrite rnd_opp in H; lra]. apply (sign_kept (n - m) e); [exact He | rewrite minus_IZR, E; ring | lra]. }
  unfold SqrtResidual. destruct (Rlt_dec x bound) as [Small | Large].
  - assert (L : bpow radix2 (2 * -537) <= x).
    { assert (Q := D). apply FLT_format_generic in Q; [|typeclasses eauto]. destruct Q as [[n e] -> _ He]. simpl in He. unfold F2R in *. simpl Fnum in *. simpl Fexp in *.
      assert (P : 0 < bpow radix2 e) by apply bpow_gt_0. assert (1 <= n)%Z.
      { assert (0 < n)%Z; [|lia]. apply lt_IZR. apply Rmult_lt_reg_r with (bpow radix2 e); [exact P | lra]. }
      apply Rle_trans with (bpow radix2 e); [apply bpow_le; lia|]. apply IZR_le in H. nra. }
    assert (Lr := sqrt_at_least x (-537) L ltac:(lia)). fold r in Lr.
    assert (Ds : double (r * bpow radix2 100)) by (apply double_shift; [exact Dr | lia]).
    assert (D1 : double (x * bpow radix2 100)) by (apply double_shift; [exact D | lia]).
    assert (D2 : double (x * bpow radix2 100 * bpow radix2 100)) by (apply double_shift; [exact D1 | lia]).
    cbv zeta. rewrite (rnd_id _ Ds), (rnd_id _ D1), (rnd_id _ D2).
    destruct (residual_multiple (r * bpow radix2 100) (x * bpow radix2 100 * bpow radix2 100) (-437) (-978) Ds D2) as (m & n & Em & En).
    + apply Rmult_le_pos; [apply Rle_trans with (2 := Lr) |]; apply bpow_ge_0.
    + replace (-437)%Z with (-537 + 100)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat_r; [apply bpow_ge_0 | exact Lr].
    + lia.
    + lia.
    + apply bpow_le. lia.
    + assert (S := Signs (- (r * bpow radix2 100) * (r * bpow radix2 100) + x * bpow radix2 100 * bpow radix2 100) n m (-1074)%Z ltac:(lia) ltac:(rewrite <- Em, <- En; ring)).
      replace (- (r * bpow radix2 100) * (r * bpow radix2 100) + x * bpow radix2 100 * bpow radix2 100) with (d * (bpow radix2 100 * bpow radix2 100)) in * by (unfold d; ring).
      assert (P : 0 < bpow radix2 100 * bpow radix2 100) by (apply Rmult_lt_0_compat; apply bpow_gt_0).
      split; intro N; apply S; nra.
  - assert (L : bpow radix2 (2 * -350) <= x) by (apply Rle_trans with (1 := Hb); lra).
    assert (Lr := sqrt_at_least x (-350) L ltac:(lia)). fold r in Lr.
    destruct (residual_multiple r x (-350) (-804) Dr D) as (m & n & Em & En).
    + apply Rle_trans with (2 := Lr), bpow_ge_0.
    + exact Lr.
    + lia.
    + lia.
    + apply bpow_le. lia.
    + assert (S := Signs (- r * r + x) n m (-1074)%Z ltac:(lia) ltac:(rewrite <- Em, <- En; ring)).
      replace (- r * r + x) with d in * by (unfold d; ring). exact S.
Qed.

Theorem sqrt_enclosed : forall bound x, double x -> 0 <= x -> bpow radix2 (-700) <= bound -> SqrtLower bound x <= sqrt x <= SqrtUpper bound x.
Proof.
  intros bound x D X0 Hb. unfold SqrtLower, SqrtUpper. set (r := rnd (sqrt x)).
  assert (Down : down r <= sqrt x) by (apply pred_round_le_id; typeclasses eauto).
  assert (Up : sqrt x <= succ radix2 (FLT_exp (-1074) 53) r) by (apply succ_round_ge_id; typeclasses eauto).
  assert (R0 : 0 <= r) by (unfold r; rewrite <- (rnd_id 0) by apply generic_format_0; apply rnd_le, sqrt_pos).
  destruct (Req_dec x 0) as [Z | N].
  { assert (Er : r = 0) by (unfold r; rewrite Z, sqrt_0; apply rnd_id, generic_format_0). assert (Es : sqrt x = 0) by (rewrite Z; apply sqrt_0).
    split; destruct (Rlt_dec _ _); lra. }
  destruct (residual_signs bound x D ltac:(lra) Hb) as [S1 S2]. fold r in S1, S2.
  assert (Sq : sqrt x * sqrt x = x) by (apply sqrt_sqrt, X0). assert (P := sqrt_pos x). split.
  - destruct (Rlt_dec _ _) as [L | L]; [exact Down|]. apply Rnot_lt_le. intro C. apply L, S1. nra.
  - destruct (Rlt_dec _ _) as [L | L]; [exact Up|]. apply Rnot_lt_le. intro C. apply L, S2. nra.
Qed.

(** ** The reciprocal *)

Definition ReciprocalLower (x : R) : R :=
  let r := rnd (1 / x) in let residual := rnd (- r * x + 1) in
  if Rlt_dec (if Rlt_dec x 0 then - residual else residual) 0 then down r else r.

(** r x is a multiple of 2^-105. *)
Theorem reciprocal_enclosed : forall x, double x -> x <> 0 -> Rabs x < bpow radix2 1024 ->
  ReciprocalLower x <= 1 / x <= - ReciprocalLower (- x).
Proof.
  assert (Low : forall x, double x -> x <> 0 -> Rabs x < bpow radix2 1024 -> ReciprocalLower x <= 1 / x).
  { intros x D N Big. unfold ReciprocalLower. set (r := rnd (1 / x)). assert (Down : down r <= 1 / x) by (apply pred_round_le_id; typeclasses eauto).
    assert (Dr : double r) by apply rnd_double.
    destruct (mag radix2 x) as [e He]. specialize (He N). simpl in He.
    assert (E1024 : (e - 1 < 1024)%Z) by (apply (lt_bpow radix2); lra).
    destruct (multiple_of x (e - 1) D (proj1 He)) as [m Em].
    assert (I : bpow radix2 (- e) <= Rabs (1 / x)).
    { unfold Rdiv. rewrite Rmult_1_l, Rabs_inv, bpow_opp. apply Rinv_le_contravar; [apply Rabs_pos_lt, N | lra]. }
    assert (Ir : bpow radix2 (- e) <= Rabs r).
    { unfold r. rewrite <- (rnd_id (bpow radix2 (- e))) by (apply generic_format_bpow; unfold FLT_exp; lia).
      destruct (Rle_dec 0 (1 / x)) as [P | P].
      - rewrite (Rabs_pos_eq (1 / x)) in I by exact P. apply Rle_trans with (2 := Rle_abs _). apply rnd_le. exact I.
      - rewrite (Rabs_left1 (1 / x)) in I by lra. apply Rle_trans with (rnd (- (1 / x))); [apply rnd_le; exact I|]. rewrite rnd_opp, <- Rabs_Ropp. apply Rle_abs. }
    destruct (multiple_of r (- e) Dr Ir) as [n En].
    assert (Prod : r * x = IZR (n * m) * bpow radix2 (-105)).
    { rewrite Em at 1. rewrite En at 1. rewrite mult_IZR. replace (-105)%Z with ((- e - 52) + (e - 1 - 52))%Z by ring. rewrite bpow_plus. ring. }
    assert (One : 1 = IZR (2 ^ 105) * bpow radix2 (-105)) by (rewrite (IZR_Zpower radix2) by lia; rewrite <- bpow_plus; reflexivity).
    assert (Neg : 1 - r * x < 0 -> rnd (- r * x + 1) < 0).
    { intro Q. apply (sign_kept (2 ^ 105 - n * m) (-105)); [lia | rewrite minus_IZR, Rmult_minus_distr_r, <- One, <- Prod; ring | lra]. }
    assert (Pos : 0 < 1 - r * x -> rnd (- (- r * x + 1)) < 0).
    { intro Q. apply (sign_kept (n * m - 2 ^ 105) (-105)); [lia | rewrite minus_IZR, Rmult_minus_distr_r, <- One, <- Prod; ring | lra]. }
    rewrite rnd_opp in Pos. assert (X1 : 1 / x * x = 1) by (field; exact N).
    destruct (Rlt_dec x 0) as [S | S]; destruct (Rlt_dec _ 0) as [L | L]; try exact Down; apply Rnot_lt_le; intro C; apply L.
    - apply Pos. nra.
    - apply Neg. assert (0 < x) by lra. nra. }
  intros x D N Big. split; [apply Low; assumption|].
  assert (Q := Low (- x) (double_opp x D) ltac:(lra) ltac:(rewrite Rabs_Ropp; exact Big)). replace (1 / - x) with (- (1 / x)) in Q by (field; exact N). lra.
Qed.
