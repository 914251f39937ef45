(* Ordered commutative rings, in which networks have their meaning: the signature, and the rational (no axioms) and the real numbers. *)
From Coq Require Import ZArith Lia Ring Ring_theory QArith Qcanon Reals Lra.

(** A totally ordered commutative ring with maxima. *)
Module Type RingWithOrder.
  Parameter K : Type.
  Parameters (k0 k1 : K) (kadd kmul ksub : K -> K -> K) (kopp : K -> K).
  Parameter kle : K -> K -> Prop.
  Parameter kring : ring_theory k0 k1 kadd kmul ksub kopp (@eq K).
  Parameter kle_refl : forall a, kle a a.
  Parameter kle_trans : forall a b c, kle a b -> kle b c -> kle a c.
  Parameter kle_total : forall a b, kle a b \/ kle b a.
  Parameter kle_antisym : forall a b, kle a b -> kle b a -> a = b.
  Parameter kadd_le : forall a b c, kle a b -> kle (kadd c a) (kadd c b).
  Parameter kmul_nn : forall a b, kle k0 a -> kle k0 b -> kle k0 (kmul a b).
  Parameter kmax : K -> K -> K.
  Parameter kmax_l : forall a b, kle a (kmax a b).
  Parameter kmax_r : forall a b, kle b (kmax a b).
  Parameter kmax_case : forall a b, kmax a b = a \/ kmax a b = b.
End RingWithOrder.

(** The same with the integers and one half. *)
Module Type RingWithOrderAndIntegers.
  Include RingWithOrder.
  Parameter kz : Z -> K.
  Parameter kz_0 : kz 0%Z = k0.
  Parameter kz_1 : kz 1%Z = k1.
  Parameter kz_add : forall a b, kz (a + b)%Z = kadd (kz a) (kz b).
  Parameter kz_mul : forall a b, kz (a * b)%Z = kmul (kz a) (kz b).
  Parameter kz_le : forall a b, (a <= b)%Z <-> kle (kz a) (kz b).
  Parameter kh : K.                       (* one half *)
  Parameter kh_spec : kmul kh (kz 2%Z) = k1.
  Parameter kh_nn : kle k0 kh.
End RingWithOrderAndIntegers.

(** The rational numbers. *)
Module RationalNumbers <: RingWithOrderAndIntegers.
  Local Open Scope Qc_scope.
  Definition K := Qc.
  Definition k0 : K := 0. Definition k1 : K := 1.
  Definition kadd := Qcplus. Definition kmul := Qcmult. Definition ksub := Qcminus. Definition kopp := Qcopp.
  Definition kle := Qcle.
  Lemma kring : ring_theory k0 k1 kadd kmul ksub kopp (@eq K). Proof. exact Qcrt. Qed.
  Lemma kle_refl : forall a, kle a a. Proof. exact Qcle_refl. Qed.
  Lemma kle_trans : forall a b c, kle a b -> kle b c -> kle a c. Proof. exact Qcle_trans. Qed.
  Lemma kle_antisym : forall a b, kle a b -> kle b a -> a = b. Proof. exact Qcle_antisym. Qed.
  Lemma kle_total : forall a b, kle a b \/ kle b a.
  Proof. intros a b. destruct (Qclt_le_dec a b); [left; apply Qclt_le_weak|right]; auto. Qed.
  Lemma kadd_le : forall a b c, kle a b -> kle (kadd c a) (kadd c b).
  Proof. intros. apply Qcplus_le_compat; auto. apply Qcle_refl. Qed.
  Lemma kmul_nn : forall a b, kle k0 a -> kle k0 b -> kle k0 (kmul a b).
  Proof. intros a b Ha Hb. unfold kle, k0, kmul. replace 0 with (0 * b) by ring. apply Qcmult_le_compat_r; auto. Qed.
  Definition kmax (a b : K) : K := if Qclt_le_dec a b then b else a.
  Lemma kmax_l : forall a b, kle a (kmax a b).
  Proof. intros. unfold kmax. destruct (Qclt_le_dec a b); [apply Qclt_le_weak; auto|apply Qcle_refl]. Qed.
  Lemma kmax_r : forall a b, kle b (kmax a b).
  Proof. intros. unfold kmax. destruct (Qclt_le_dec a b); [apply Qcle_refl|auto]. Qed.
  Lemma kmax_case : forall a b, kmax a b = a \/ kmax a b = b.
  Proof. intros. unfold kmax. destruct (Qclt_le_dec a b); auto. Qed.
  Definition kz (z : Z) : K := Q2Qc (inject_Z z).
  Lemma kz_0 : kz 0%Z = k0. Proof. reflexivity. Qed.
  Lemma kz_1 : kz 1%Z = k1. Proof. reflexivity. Qed.
  Lemma kz_add : forall a b, kz (a + b)%Z = kadd (kz a) (kz b).
  Proof. intros. apply Qc_is_canon. unfold kz, kadd, Qcplus. cbn [this Q2Qc]. rewrite !Qred_correct. rewrite inject_Z_plus. reflexivity. Qed.
  Lemma kz_mul : forall a b, kz (a * b)%Z = kmul (kz a) (kz b).
  Proof. intros. apply Qc_is_canon. unfold kz, kmul, Qcmult. cbn [this Q2Qc]. rewrite !Qred_correct. rewrite inject_Z_mult. reflexivity. Qed.
  Lemma kz_le : forall a b, (a <= b)%Z <-> kle (kz a) (kz b).
  Proof. intros. unfold kle, kz, Qcle. cbn [this Q2Qc]. rewrite !Qred_correct. rewrite Zle_Qle. reflexivity. Qed.
  Definition kh : K := Q2Qc (1 # 2).
  Lemma kh_spec : kmul kh (kz 2%Z) = k1. Proof. apply Qc_is_canon. reflexivity. Qed.
  Lemma kh_nn : kle k0 kh. Proof. unfold kle, k0, kh, Qcle. simpl. discriminate. Qed.
End RationalNumbers.

(** The real numbers of the standard library. *)
Module RealNumbers <: RingWithOrderAndIntegers.
  Local Open Scope R_scope.
  Definition K := R.
  Definition k0 : K := 0. Definition k1 : K := 1.
  Definition kadd := Rplus. Definition kmul := Rmult. Definition ksub := Rminus. Definition kopp := Ropp.
  Definition kle := Rle.
  Lemma kring : ring_theory k0 k1 kadd kmul ksub kopp (@eq K). Proof. exact RTheory. Qed.
  Lemma kle_refl : forall a, kle a a. Proof. exact Rle_refl. Qed.
  Lemma kle_trans : forall a b c, kle a b -> kle b c -> kle a c. Proof. exact Rle_trans. Qed.
  Lemma kle_antisym : forall a b, kle a b -> kle b a -> a = b. Proof. exact Rle_antisym. Qed.
  Lemma kle_total : forall a b, kle a b \/ kle b a.
  Proof. intros a b. unfold kle. lra. Qed.
  Lemma kadd_le : forall a b c, kle a b -> kle (kadd c a) (kadd c b).
  Proof. unfold kle, kadd. intros; lra. Qed.
  Lemma kmul_nn : forall a b, kle k0 a -> kle k0 b -> kle k0 (kmul a b). Proof. exact Rmult_le_pos. Qed.
  Definition kmax (a b : K) : K := Rmax a b.
  Lemma kmax_l : forall a b, kle a (kmax a b). Proof. exact Rmax_l. Qed.
  Lemma kmax_r : forall a b, kle b (kmax a b). Proof. exact Rmax_r. Qed.
  Lemma kmax_case : forall a b, kmax a b = a \/ kmax a b = b.
  Proof. intros. unfold kmax, Rmax. destruct (Rle_dec a b); auto. Qed.
  Definition kz : Z -> K := IZR.
  Lemma kz_0 : kz 0%Z = k0. Proof. reflexivity. Qed.
  Lemma kz_1 : kz 1%Z = k1. Proof. reflexivity. Qed.
  Lemma kz_add : forall a b, kz (a + b)%Z = kadd (kz a) (kz b). Proof. exact plus_IZR. Qed.
  Lemma kz_mul : forall a b, kz (a * b)%Z = kmul (kz a) (kz b). Proof. exact mult_IZR. Qed.
  Lemma kz_le : forall a b, (a <= b)%Z <-> kle (kz a) (kz b).
  Proof. split; [apply IZR_le|apply le_IZR]. Qed.
  Definition kh : K := / 2.
  Lemma kh_spec : kmul kh (kz 2%Z) = k1. Proof. unfold kmul, kh, kz, k1. field. Qed.
  Lemma kh_nn : kle k0 kh. Proof. unfold kle, k0, kh. lra. Qed.
End RealNumbers.
