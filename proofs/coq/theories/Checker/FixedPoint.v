(* Fixed-point arithmetic on integers, rounded by shifts: a directed arithmetic with exact float32 weights. *)
From Coq Require Import List Bool Arith ZArith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic.

(** Powers of one half, integers at a scale, floor and ceiling shifts. *)
Module Scaling (O : RingWithOrderAndIntegers).
  Import O.
  Notation "a + b" := (kadd a b). Notation "a * b" := (kmul a b). Notation "a - b" := (ksub a b).
  Notation "a <= b" := (kle a b). Notation "0" := k0. Notation "1" := k1.
  Add Ring KRp : kring.
  Fixpoint half_power (n : nat) : K := match n with O => 1 | S n' => kh * half_power n' end.
  Lemma half_power_add : forall n m, half_power (Nat.add n m) = half_power n * half_power m.
  Proof. induction n; intros; simpl. ring. rewrite IHn. ring. Qed.
  Lemma half_power_nn : forall n, 0 <= half_power n.
  Proof. induction n; simpl. rewrite <- kz_0, <- kz_1. apply kz_le. lia. apply kmul_nn; auto using kh_nn. Qed.
  Lemma half_power_two : forall n, half_power n * kz (2 ^ Z.of_nat n)%Z = 1.
  Proof.
    induction n. simpl. rewrite kz_1. ring.
    rewrite Nat2Z.inj_succ, Z.pow_succ_r by lia. rewrite kz_mul. simpl.
    replace (kh * half_power n * (kz 2 * kz (2 ^ Z.of_nat n))) with ((kh * kz 2) * (half_power n * kz (2 ^ Z.of_nat n))) by ring.
    rewrite kh_spec, IHn. ring.
  Qed.
  Lemma le_sub : forall a b, a <= b -> 0 <= b - a.
  Proof.
    intros a b H. apply (kadd_le _ _ (kopp a)) in H.
    replace (kopp a + a) with 0 in H by ring. replace (kopp a + b) with (b - a) in H by ring. auto.
  Qed.
  Lemma sub_le : forall a b, 0 <= b - a -> a <= b.
  Proof.
    intros a b H. apply (kadd_le _ _ a) in H.
    replace (a + 0) with a in H by ring. replace (a + (b - a)) with b in H by ring. auto.
  Qed.
  Lemma mul_le : forall c a b, 0 <= c -> a <= b -> a * c <= b * c.
  Proof. intros. apply sub_le. replace (b * c - a * c) with ((b - a) * c) by ring. apply kmul_nn; auto using le_sub. Qed.
  Lemma kz_opp : forall a, kz (- a)%Z = kopp (kz a).
  Proof.
    intros. assert (kz (- a) + kz a = 0). { rewrite <- kz_add. rewrite <- kz_0. f_equal. lia. }
    replace (kz (- a)) with ((kz (-a) + kz a) - kz a) by ring. rewrite H. ring.
  Qed.
  Lemma kz_sub : forall a b, kz (a - b)%Z = kz a - kz b.
  Proof. intros. unfold Z.sub. rewrite kz_add, kz_opp. ring. Qed.
  (* value of the integer a at scale n *)
  Definition scaled (n : nat) (a : Z) : K := kz a * half_power n.
  Lemma scaled_le : forall n a b, (a <= b)%Z <-> scaled n a <= scaled n b.
  Proof.
    intros. unfold scaled. split; intro H.
    - apply mul_le; auto using half_power_nn. apply kz_le; auto.
    - apply kz_le. assert (kz a * half_power n * kz (2 ^ Z.of_nat n) <= kz b * half_power n * kz (2 ^ Z.of_nat n)).
      { apply mul_le; auto. rewrite <- kz_0. apply kz_le. apply Z.pow_nonneg. lia. }
      replace (kz a * half_power n * kz (2 ^ Z.of_nat n)) with (kz a * (half_power n * kz (2 ^ Z.of_nat n))) in H0 by ring.
      replace (kz b * half_power n * kz (2 ^ Z.of_nat n)) with (kz b * (half_power n * kz (2 ^ Z.of_nat n))) in H0 by ring.
      rewrite half_power_two in H0. replace (kz a * 1) with (kz a) in H0 by ring. replace (kz b * 1) with (kz b) in H0 by ring. auto.
  Qed.
  Lemma scaled_up : forall n m a, scaled (Nat.add n m) (a * 2 ^ Z.of_nat m) = scaled n a.
  Proof.
    intros. unfold scaled. rewrite kz_mul, half_power_add.
    replace (kz a * kz (2 ^ Z.of_nat m) * (half_power n * half_power m)) with (kz a * half_power n * (half_power m * kz (2 ^ Z.of_nat m))) by ring.
    rewrite half_power_two. ring.
  Qed.
  Definition shr (a : Z) (m : nat) : Z := Z.shiftr a (Z.of_nat m).
  Definition shl (a : Z) (m : nat) : Z := Z.shiftl a (Z.of_nat m).
  Lemma scaled_shl : forall n m a, scaled (Nat.add n m) (shl a m) = scaled n a.
  Proof. intros. unfold shl. rewrite Z.shiftl_mul_pow2 by lia. apply scaled_up. Qed.
  Lemma scaled_shr : forall n m a, scaled n (shr a m) <= scaled (Nat.add n m) a.
  Proof.
    intros. rewrite <- (scaled_up n m (shr a m)). apply scaled_le. unfold shr.
    rewrite Z.shiftr_div_pow2 by lia. rewrite Z.mul_comm. apply Z.mul_div_le. apply Z.pow_pos_nonneg; lia.
  Qed.
  Lemma scaled_add : forall n a b, scaled n (a + b) = scaled n a + scaled n b.
  Proof. intros. unfold scaled. rewrite kz_add. ring. Qed.
  Lemma scaled_sub : forall n a b, scaled n (a - b) = scaled n a - scaled n b.
  Proof. intros. unfold scaled. rewrite kz_sub. ring. Qed.
  Lemma scaled_opp : forall n a, scaled n (- a) = kopp (scaled n a).
  Proof. intros. unfold scaled. rewrite kz_opp. ring. Qed.
  Lemma scaled_mul : forall n m a b, scaled (Nat.add n m) (a * b) = scaled n a * scaled m b.
  Proof. intros. unfold scaled. rewrite kz_mul, half_power_add. ring. Qed.
  Lemma scaled_0 : forall n, scaled n 0 = 0.
  Proof. intros. unfold scaled. rewrite kz_0. ring. Qed.
  Lemma opp_le : forall a b, a <= b -> kopp b <= kopp a.
  Proof. intros. apply sub_le. replace (kopp a - kopp b) with (b - a) by ring. apply le_sub; auto. Qed.
  Definition shru (a : Z) (m : nat) : Z := Z.opp (shr (Z.opp a) m).
  Lemma scaled_shru : forall n m a, scaled (Nat.add n m) a <= scaled n (shru a m).
  Proof.
    intros. unfold shru. rewrite scaled_opp. replace (scaled (Nat.add n m) a) with (kopp (scaled (Nat.add n m) (- a))).
    apply opp_le. apply scaled_shr. rewrite scaled_opp. ring.
  Qed.
End Scaling.

(** Values are multiples of 2^-p, accumulators of 2^-(p+q). *)
Module Type Precision.
  Parameters p q : nat.
End Precision.

(* Point values and accumulators as integers at scales 2^-p and 2^-(p+q): what both kinds of weights share. *)
Module FixedPointValues (O : RingWithOrderAndIntegers) (P : Precision).
  Module S := Scaling O. Import O S P.
  Add Ring KRv : kring.
  Definition T := Z. Definition A := Z.
  Definition tv := scaled p. Definition av := scaled (Nat.add p q).
  Definition t0 : T := 0%Z. Lemma t0_spec : tv t0 = k0. Proof. apply scaled_0. Qed.
  Definition t1 : T := shl 1 p.
  Lemma t1_spec : tv t1 = k1.
  Proof. unfold tv, t1. change p with (Nat.add 0 p) at 1. rewrite scaled_shl. unfold scaled. simpl. rewrite kz_1. ring. Qed.
  Definition tleb := Z.leb.
  Lemma tleb_spec : forall a b, tleb a b = true <-> kle (tv a) (tv b).
  Proof. intros. unfold tleb, tv. rewrite Z.leb_le. apply scaled_le. Qed.
  Definition tadd := Z.add. Definition tsub := Z.sub.
  Lemma tadd_spec : forall a b, tv (tadd a b) = kadd (tv a) (tv b). Proof. intros; apply scaled_add. Qed.
  Lemma tsub_spec : forall a b, tv (tsub a b) = ksub (tv a) (tv b). Proof. intros; apply scaled_sub. Qed.
  Definition tmul_dn (a b : T) : T := shr (Z.mul a b) p.
  Lemma tmul_dn_spec : forall a b, kle (tv (tmul_dn a b)) (kmul (tv a) (tv b)).
  Proof. intros. unfold tv, tmul_dn. rewrite <- scaled_mul. apply scaled_shr. Qed.
  Definition tratio (a b c : T) : T := Z.div (Z.mul a b) c.
  Definition a0 : A := 0%Z. Lemma a0_spec : av a0 = k0. Proof. apply scaled_0. Qed.
End FixedPointValues.

(* Fixed point: every weight is m * 2^-q exactly, values m * 2^-p, accumulators m * 2^-(p+q). *)
Module FixedPoint (O : RingWithOrderAndIntegers) (P : Precision) <: DirectedArithmetic O.
  Include FixedPointValues O P. Import O S P.
  Add Ring KRf : kring.
  Definition W := Z. Definition wv := scaled q.
  Definition wneg (w : W) := Z.ltb w 0.
  Lemma wneg_spec : forall w, if wneg w then kle (wv w) k0 else kle k0 (wv w).
  Proof. intros. unfold wneg, wv. rewrite <- (scaled_0 q). destruct (Z.ltb_spec w 0); apply scaled_le; lia. Qed.
  Definition aw_dn (w : W) : A := shl w p. Definition aw_up (w : W) : A := shl w p.
  Lemma aw_v : forall w, av (shl w p) = wv w.
  Proof. intros. unfold av, wv. rewrite Nat.add_comm. apply scaled_shl. Qed.
  Lemma aw_dn_spec : forall w, kle (av (aw_dn w)) (wv w). Proof. intros. unfold aw_dn. rewrite aw_v. apply kle_refl. Qed.
  Lemma aw_up_spec : forall w, kle (wv w) (av (aw_up w)). Proof. intros. unfold aw_up. rewrite aw_v. apply kle_refl. Qed.
  Definition mac_dn (a : A) (w : W) (t : T) : A := Z.add a (Z.mul w t).
  Definition mac_up (a : A) (w : W) (t : T) : A := Z.add a (Z.mul w t).
  Lemma mac_v : forall a w t, av (mac_dn a w t) = kadd (av a) (kmul (wv w) (tv t)).
  Proof. intros. unfold av, mac_dn. rewrite scaled_add. f_equal. unfold wv, tv. rewrite Nat.add_comm. apply scaled_mul. Qed.
  Lemma mac_dn_spec : forall a w t, kle (av (mac_dn a w t)) (kadd (av a) (kmul (wv w) (tv t))).
  Proof. intros. rewrite mac_v. apply kle_refl. Qed.
  Lemma mac_up_spec : forall a w t, kle (kadd (av a) (kmul (wv w) (tv t))) (av (mac_up a w t)).
  Proof. intros. rewrite <- mac_v. apply kle_refl. Qed.
  Definition at_dn (a : A) (t : T) : A := Z.add a (shl t q).
  Lemma at_dn_spec : forall a t, kle (av (at_dn a t)) (kadd (av a) (tv t)).
  Proof. intros. unfold av, at_dn. rewrite scaled_add, scaled_shl. apply kle_refl. Qed.
  Definition dn (a : A) : T := shr a q. Definition up (a : A) : T := shru a q.
  Lemma dn_spec : forall a, kle (tv (dn a)) (av a). Proof. intros. apply scaled_shr. Qed.
  Lemma up_spec : forall a, kle (av a) (tv (up a)). Proof. intros. apply scaled_shru. Qed.
End FixedPoint.

(* Fixed-point values, floating weights: w = (m, e) means m * 2^-e exactly (every float32 with e >= 0);
   products are floored to accumulator scale 2^-(p+q). *)
Module FixedPointFloatWeights (O : RingWithOrderAndIntegers) (P : Precision) <: DirectedArithmetic O.
  Include FixedPointValues O P. Import O S P.
  Add Ring KRm : kring.
  Definition W := (Z * nat)%type. Definition wv (w : W) := scaled (snd w) (fst w).
  Definition wneg (w : W) := Z.ltb (fst w) 0.
  Lemma wneg_spec : forall w, if wneg w then kle (wv w) k0 else kle k0 (wv w).
  Proof. intros [m e]. unfold wneg, wv; simpl. rewrite <- (scaled_0 e). destruct (Z.ltb_spec m 0); apply scaled_le; lia. Qed.
  (* x at scale p+e  ->  scale p+q, rounded down / up *)
  Definition rescale_down (x : Z) (e : nat) : Z := if Nat.leb e q then shl x (Nat.sub q e) else shr x (Nat.sub e q).
  Definition rescale_up (x : Z) (e : nat) : Z := if Nat.leb e q then shl x (Nat.sub q e) else shru x (Nat.sub e q).
  Lemma rescale_down_spec : forall x e, kle (av (rescale_down x e)) (scaled (Nat.add p e) x).
  Proof.
    intros. unfold rescale_down, av. destruct (Nat.leb_spec e q).
    - replace (Nat.add p q) with (Nat.add (Nat.add p e) (Nat.sub q e)) by lia. rewrite scaled_shl. apply kle_refl.
    - replace (Nat.add p e) with (Nat.add (Nat.add p q) (Nat.sub e q)) by lia. apply scaled_shr.
  Qed.
  Lemma rescale_up_spec : forall x e, kle (scaled (Nat.add p e) x) (av (rescale_up x e)).
  Proof.
    intros. unfold rescale_up, av. destruct (Nat.leb_spec e q).
    - replace (Nat.add p q) with (Nat.add (Nat.add p e) (Nat.sub q e)) by lia. rewrite scaled_shl. apply kle_refl.
    - replace (Nat.add p e) with (Nat.add (Nat.add p q) (Nat.sub e q)) by lia. apply scaled_shru.
  Qed.
  Definition aw_dn (w : W) : A := rescale_down (shl (fst w) p) (snd w).
  Definition aw_up (w : W) : A := rescale_up (shl (fst w) p) (snd w).
  Lemma aw_v : forall w, scaled (Nat.add p (snd w)) (shl (fst w) p) = wv w.
  Proof. intros. rewrite Nat.add_comm. apply scaled_shl. Qed.
  Lemma aw_dn_spec : forall w, kle (av (aw_dn w)) (wv w). Proof. intros. rewrite <- aw_v. apply rescale_down_spec. Qed.
  Lemma aw_up_spec : forall w, kle (wv w) (av (aw_up w)). Proof. intros. rewrite <- aw_v. apply rescale_up_spec. Qed.
  Definition mac_dn (a : A) (w : W) (t : T) : A := Z.add a (rescale_down (Z.mul (fst w) t) (snd w)).
  Definition mac_up (a : A) (w : W) (t : T) : A := Z.add a (rescale_up (Z.mul (fst w) t) (snd w)).
  Lemma mac_dn_spec : forall a w t, kle (av (mac_dn a w t)) (kadd (av a) (kmul (wv w) (tv t))).
  Proof.
    intros. unfold mac_dn. unfold av at 1. rewrite scaled_add. apply kadd_le.
    eapply kle_trans; [apply rescale_down_spec|]. unfold wv, tv. rewrite Nat.add_comm, scaled_mul. apply kle_refl.
  Qed.
  Lemma mac_up_spec : forall a w t, kle (kadd (av a) (kmul (wv w) (tv t))) (av (mac_up a w t)).
  Proof.
    intros. unfold mac_up. unfold av at 2. rewrite scaled_add. apply kadd_le.
    eapply kle_trans; [|apply rescale_up_spec]. unfold wv, tv. rewrite Nat.add_comm, scaled_mul. apply kle_refl.
  Qed.
  Definition at_dn (a : A) (t : T) : A := Z.add a (shl t q).
  Lemma at_dn_spec : forall a t, kle (av (at_dn a t)) (kadd (av a) (tv t)).
  Proof. intros. unfold av, at_dn. rewrite scaled_add, scaled_shl. apply kle_refl. Qed.
  Definition dn (a : A) : T := shr a q. Definition up (a : A) : T := shru a q.
  Lemma dn_spec : forall a, kle (tv (dn a)) (av a). Proof. intros. apply scaled_shr. Qed.
  Lemma up_spec : forall a, kle (av a) (tv (up a)). Proof. intros. apply scaled_shru. Qed.
End FixedPointFloatWeights.
