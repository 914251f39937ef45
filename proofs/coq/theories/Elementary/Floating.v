(* Double arithmetic as the C# kernel uses it: rounding to nearest even with subnormals, and the error-free transformations.
   Overflow is not modelled: every theorem bounds its intermediate results far below 2^1024. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Flocq Require Import Core Relative Pff2Flocq.
Open Scope R_scope.

(** The rounding of every operation, and "x is a double" (of unbounded exponent above). *)
Definition rnd : R -> R := round radix2 (FLT_exp (-1074) 53) ZnearestE.
Definition double (x : R) : Prop := generic_format radix2 (FLT_exp (-1074) 53) x.

(** The operations of Elementary.Expansion.cs, for any rounding: with the identity they are the exact formulas. *)
Section Operations.
  Variable o : R -> R.
  Definition FastTwoSum (a b : R) : R * R := let sum := o (a + b) in (sum, o (b - o (sum - a))).
  Definition TwoSum (a b : R) : R * R :=
    let sum := o (a + b) in let back := o (sum - a) in (sum, o (o (a - o (sum - back)) + o (b - back))).
  Definition TwoProduct (a b : R) : R * R := let product := o (a * b) in (product, o (a * b - product)).
  Definition Fma (a b c : R) : R := o (a * b + c).
  Definition Divide (a al b bl : R) : R * R :=
    let q := o (a / b) in
    let residual := o (- q * b + a) in
    FastTwoSum q (o (o (o (residual - o (q * bl)) + al) / b)).
  (** c[0] + c[1] x + ... + c[11] x^11, from c[first] on. *)
  Definition Polynomial (first : nat) (c : list R) (x : R) : R :=
    let a n := nth (first + n) c 0 in
    let square := o (x * x) in
    let odd := Fma (a 11%nat) square (a 9%nat) in let even := Fma (a 10%nat) square (a 8%nat) in
    let odd := Fma odd square (a 7%nat) in let even := Fma even square (a 6%nat) in
    let odd := Fma odd square (a 5%nat) in let even := Fma even square (a 4%nat) in
    let odd := Fma odd square (a 3%nat) in let even := Fma even square (a 2%nat) in
    let rest := Fma odd x even in
    Fma (Fma rest x (a 1%nat)) x (a 0%nat).
End Operations.

Definition exactly (x : R) : R := x.

#[global] Instance valid_exponent : Valid_exp (FLT_exp (-1074) 53).
Proof. apply FLT_exp_valid. reflexivity. Qed.
#[global] Instance precision : Prec_gt_0 53.
Proof. reflexivity. Qed.

Lemma rnd_double : forall x, double (rnd x).
Proof. intro x. apply generic_format_round; typeclasses eauto. Qed.

Lemma rnd_id : forall x, double x -> rnd x = x.
Proof. intros x H. apply round_generic; [typeclasses eauto | exact H]. Qed.

Lemma rnd_opp : forall x, rnd (- x) = - rnd x.
Proof. apply round_NE_opp. Qed.

Lemma rnd_le : forall x y, x <= y -> rnd x <= rnd y.
Proof. intros. apply round_le; [typeclasses eauto | typeclasses eauto | assumption]. Qed.

Lemma double_opp : forall x, double x -> double (- x).
Proof. apply generic_format_opp. Qed.

Lemma double_abs : forall x, double x -> double (Rabs x).
Proof. apply generic_format_abs. Qed.

(** |rnd x| <= b for a double b >= |x|. *)
Lemma rnd_abs_le : forall x b, double b -> Rabs x <= b -> Rabs (rnd x) <= b.
Proof.
  intros x b Hb H. apply Rabs_le. apply Rabs_le_inv in H. split.
  - rewrite <- (rnd_id (- b)) by (apply double_opp; exact Hb). apply rnd_le. lra.
  - rewrite <- (rnd_id b) by exact Hb. apply rnd_le. lra.
Qed.

(** m 2^e is a double for |m| < 2^53 and e >= -1074. *)
Lemma double_scaled : forall m e : Z, (Z.abs m < 2 ^ 53)%Z -> (-1074 <= e)%Z -> double (IZR m * bpow radix2 e).
Proof.
  intros m e Hm He. apply generic_format_FLT. exists (Float radix2 m e); [reflexivity | exact Hm | exact He].
Qed.

Lemma double_integer : forall m : Z, (Z.abs m < 2 ^ 53)%Z -> double (IZR m).
Proof. intros m H. rewrite <- (Rmult_1_r (IZR m)). apply (double_scaled m 0); [exact H | lia]. Qed.

(** u = 2^-53; the underflow error is at most 2^-1075, here 2^-1000. *)
Definition u : R := / 9007199254740992.
Definition eta : R := bpow radix2 (-1000).

Lemma eta_bound : 0 < eta <= / 2 ^ 1000.
Proof.
  unfold eta. split; [apply bpow_gt_0|]. right. rewrite bpow_powerRZ. simpl powerRZ.
  replace (Pos.to_nat 1000) with 1000%nat by reflexivity. reflexivity.
Qed.

Lemma rnd_standard : forall x, exists e h, Rabs e <= u /\ Rabs h <= eta /\ rnd x = x * (1 + e) + h.
Proof.
  intro x. destruct (error_N_FLT radix2 (-1074) 53 eq_refl (fun x => negb (Z.even x)) x) as (e & h & He & Hh & _ & Hx).
  exists e, h. split; [|split].
  - apply (Rle_trans _ _ _ He). unfold u. simpl. lra.
  - apply (Rle_trans _ _ _ Hh). unfold eta.
    apply Rle_trans with (bpow radix2 (-1074)). { assert (H := bpow_gt_0 radix2 (-1074)). lra. }
    apply bpow_le. lia.
  - exact Hx.
Qed.

Lemma rnd_error : forall x, Rabs (rnd x - x) <= u * Rabs x + eta.
Proof.
  intro x. destruct (rnd_standard x) as (e & h & He & Hh & E).
  replace (rnd x - x) with (x * e + h) by (rewrite E; ring).
  apply (Rle_trans _ _ _ (Rabs_triang _ _)). apply Rplus_le_compat; [|exact Hh].
  rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos | exact He].
Qed.

(** FastTwoSum is exact for |b| <= |a|, TwoSum always. *)
Lemma choice_symmetric : forall x : Z, negb (Z.even x) = negb (negb (Z.even (- (x + 1)))).
Proof. intro x. rewrite Z.even_opp, Z.even_add. simpl. now destruct (Z.even x). Qed.

Lemma FastTwoSum_exact : forall a b, double a -> double b -> Rabs b <= Rabs a ->
  fst (FastTwoSum rnd a b) + snd (FastTwoSum rnd a b) = a + b.
Proof.
  intros a b Ha Hb H. unfold FastTwoSum, fst, snd.
  assert (E := Fast2Sum_correct (-1074) 53 _ eq_refl ltac:(lia) choice_symmetric a b Ha Hb H).
  change (rnd (a + b) + rnd (b + rnd (a - rnd (a + b))) = a + b) in E. rewrite <- E at 3.
  replace (a - rnd (a + b)) with (- (rnd (a + b) - a)) by ring. rewrite rnd_opp. reflexivity.
Qed.

Lemma TwoSum_exact : forall a b, double a -> double b -> fst (TwoSum rnd a b) + snd (TwoSum rnd a b) = a + b.
Proof.
  intros a b Ha Hb. unfold TwoSum, fst, snd.
  exact (TwoSum_correct (-1074) 53 _ eq_refl ltac:(lia) choice_symmetric a b Ha Hb).
Qed.

(** Errors as two-sided bounds, so that linear arithmetic combines them. *)
Lemma rnd_within : forall x B, - B <= x <= B -> - (u * B + eta) <= rnd x - x <= u * B + eta.
Proof.
  intros x B H. assert (E := rnd_error x). assert (A : Rabs x <= B) by (apply Rabs_le; lra).
  assert (M : u * Rabs x <= u * B) by (apply Rmult_le_compat_l; [unfold u; lra | exact A]).
  apply Rabs_le_inv in E. lra.
Qed.

(** Halving loses nothing but a subnormal's last bit. *)
Lemma rnd_half : forall x, double x -> - eta <= rnd (/ 2 * x) - / 2 * x <= eta.
Proof.
  intros x H. assert (Pe := eta_bound). apply Rabs_le_inv.
  destruct (FLT_format_generic radix2 (-1074) 53 x H) as [[m e] -> Hm He]. simpl in Hm, He.
  destruct (Z.le_gt_cases (-1073) e) as [Normal | Subnormal].
  - replace (/ 2 * F2R (Float radix2 m e)) with (IZR m * bpow radix2 (e - 1)).
    + rewrite rnd_id by (apply double_scaled; [exact Hm | lia]). rewrite Rminus_diag_eq by reflexivity. rewrite Rabs_R0. lra.
    + unfold F2R. simpl Fnum. simpl Fexp. replace (e - 1)%Z with (e + -1)%Z by ring. rewrite bpow_plus.
      change (bpow radix2 (-1)) with (/ 2). ring.
  - assert (e = (-1074)%Z) by lia. subst e.
    apply Rle_trans with (/ 2 * ulp radix2 (FLT_exp (-1074) 53) (/ 2 * F2R (Float radix2 m (-1074)))).
    + apply error_le_half_ulp. typeclasses eauto.
    + rewrite ulp_FLT_small.
      * unfold eta. assert (L : bpow radix2 (-1074) <= bpow radix2 (-1000)) by (apply bpow_le; lia).
        assert (0 < bpow radix2 (-1074)) by apply bpow_gt_0. lra.
      * reflexivity.
      * unfold F2R. simpl Fnum. simpl Fexp. rewrite Rabs_mult, Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0.
        rewrite (Rabs_pos_eq (/ 2)) by lra. rewrite <- abs_IZR.
        replace (-1074 + 53)%Z with (53 + -1074)%Z by ring. rewrite bpow_plus.
        assert (IZR (Z.abs m) < bpow radix2 53) by (rewrite <- (IZR_Zpower radix2) by lia; apply IZR_lt; exact Hm).
        assert (0 < bpow radix2 (-1074)) by apply bpow_gt_0.
        assert (0 <= IZR (Z.abs m)) by (apply IZR_le; lia).
        rewrite <- Rmult_assoc. apply Rmult_lt_compat_r; lra.
Qed.

Lemma eta_tiny : 0 < eta <= / 1606938044258990275541962092341162602522202993782792835301376.
Proof.
  split; [apply eta_bound|]. unfold eta.
  apply Rle_trans with (bpow radix2 (-200)); [apply bpow_le; lia | right; reflexivity].
Qed.

Lemma product_within : forall a b A B, - A <= a <= A -> - B <= b <= B -> - (A * B) <= a * b <= A * B.
Proof.
  intros a b A B Ha Hb. apply Rabs_le_inv. rewrite Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; apply Rabs_le; lra.
Qed.

(** A double of magnitude 1/4 or more is a multiple of 2^-54. *)
Lemma double_multiple : forall x, double x -> / 4 <= Rabs x -> exists m : Z, x = IZR m * bpow radix2 (-54).
Proof.
  intros x H Hx. destruct (FLT_format_generic radix2 (-1074) 53 x H) as [[m e] -> Hm He]. simpl in Hm, He.
  destruct (Z.le_gt_cases (-54) e) as [L | L].
  - exists (m * 2 ^ (e + 54))%Z. unfold F2R. simpl Fnum. simpl Fexp.
    rewrite mult_IZR, (IZR_Zpower radix2) by lia. rewrite Rmult_assoc, <- bpow_plus. f_equal. f_equal. ring.
  - exfalso. revert Hx. apply Rlt_not_le. unfold F2R. simpl Fnum. simpl Fexp.
    rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by apply bpow_ge_0. rewrite <- abs_IZR.
    apply Rlt_le_trans with (bpow radix2 53 * bpow radix2 e).
    + apply Rmult_lt_compat_r; [apply bpow_gt_0|]. rewrite <- (IZR_Zpower radix2) by lia. apply IZR_lt. exact Hm.
    + rewrite <- bpow_plus. change (/ 4) with (bpow radix2 (-2)). apply bpow_le. lia.
Qed.
