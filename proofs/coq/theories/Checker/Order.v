(* Laws of the order of a ring, of ReLU, and of the comparisons of a directed arithmetic. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds LinearBounds Trees.
Import ListNotations.

Module Order (O : RingWithOrder) (AR : DirectedArithmetic O).
Include Trees O AR.
Import O AR.
Local Open Scope k_scope.

Add Ring KR : kring.

Lemma le_of_sub : forall a b, 0 <= b - a -> a <= b.
Proof.
  intros a b H. apply (kadd_le _ _ a) in H.
  replace (a + 0) with a in H by ring. replace (a + (b - a)) with b in H by ring. exact H.
Qed.

Lemma sub_of_le : forall a b, a <= b -> 0 <= b - a.
Proof.
  intros a b H. apply (kadd_le _ _ (-a)) in H.
  replace (- a + a) with 0 in H by ring. replace (- a + b) with (b - a) in H by ring. exact H.
Qed.

Lemma add_nn : forall a b, 0 <= a -> 0 <= b -> 0 <= a + b.
Proof.
  intros a b Ha Hb. apply kle_trans with a; auto.
  apply (kadd_le _ _ a) in Hb. replace (a + 0) with a in Hb by ring. exact Hb.
Qed.

Lemma add_le2 : forall a b c d, a <= b -> c <= d -> a + c <= b + d.
Proof.
  intros. apply le_of_sub. replace (b + d - (a + c)) with ((b - a) + (d - c)) by ring.
  apply add_nn; apply sub_of_le; auto.
Qed.

Lemma mul_le_l : forall c a b, 0 <= c -> a <= b -> c * a <= c * b.
Proof.
  intros. apply le_of_sub. replace (c * b - c * a) with (c * (b - a)) by ring.
  apply kmul_nn; auto. apply sub_of_le; auto.
Qed.

Lemma mul_le_l_neg : forall c a b, c <= 0 -> a <= b -> c * b <= c * a.
Proof.
  intros. apply le_of_sub. replace (c * a - c * b) with ((0 - c) * (b - a)) by ring.
  apply kmul_nn; auto using sub_of_le.
Qed.

Lemma mul_le_r : forall c a b, 0 <= c -> a <= b -> a * c <= b * c.
Proof.
  intros c a b Hc H. replace (a * c) with (c * a) by ring. replace (b * c) with (c * b) by ring.
  apply mul_le_l; auto.
Qed.

Lemma mul_le_r_neg : forall c a b, c <= 0 -> a <= b -> b * c <= a * c.
Proof.
  intros c a b Hc H. replace (a * c) with (c * a) by ring. replace (b * c) with (c * b) by ring.
  apply mul_le_l_neg; auto.
Qed.

Lemma relu_cases : forall z, (relu z = z /\ 0 <= z) \/ (relu z = 0 /\ z <= 0).
Proof.
  intro z. unfold relu. destruct (kmax_case z 0) as [E|E].
  - left. split; auto. rewrite <- E. apply kmax_r.
  - right. split; auto. pose proof (kmax_l z 0) as H. rewrite E in H. exact H.
Qed.

Lemma relu_nn : forall z, 0 <= relu z.
Proof. intro. apply kmax_r. Qed.

Lemma relu_below : forall z, z <= 0 -> relu z = 0.
Proof. intros z H. destruct (relu_cases z) as [[R Rz]|[R _]]; auto. rewrite R. apply kle_antisym; auto. Qed.

Lemma relu_above : forall z, 0 <= z -> relu z = z.
Proof. intros z H. destruct (relu_cases z) as [[R _]|[R Rz]]; auto. rewrite R. apply kle_antisym; auto. Qed.

Lemma wneg_t : forall w, wneg w = true -> wv w <= 0.
Proof. intros w H. pose proof (wneg_spec w). rewrite H in *. auto. Qed.

Lemma wneg_f : forall w, wneg w = false -> 0 <= wv w.
Proof. intros w H. pose proof (wneg_spec w). rewrite H in *. auto. Qed.

Lemma tleb_t : forall a b, tleb a b = true -> tv a <= tv b.
Proof. intros a b H. apply tleb_spec. auto. Qed.

Lemma tleb_f : forall a b, tleb a b = false -> tv b <= tv a.
Proof. intros a b H. destruct (kle_total (tv a) (tv b)) as [D|D]; auto. apply tleb_spec in D. congruence. Qed.

Lemma tmax_l : forall a b, tv a <= tv (tmax a b).
Proof. intros. unfold tmax. destruct (tleb a b) eqn:E; auto using tleb_t, kle_refl. Qed.

Lemma tmax_r : forall a b, tv b <= tv (tmax a b).
Proof. intros. unfold tmax. destruct (tleb a b) eqn:E; auto using tleb_f, kle_refl. Qed.

Lemma tmin_l : forall a b, tv (tmin a b) <= tv a.
Proof. intros. unfold tmin. destruct (tleb a b) eqn:E; auto using tleb_f, kle_refl. Qed.

Lemma tmin_r : forall a b, tv (tmin a b) <= tv b.
Proof. intros. unfold tmin. destruct (tleb a b) eqn:E; auto using tleb_t, kle_refl. Qed.

Lemma tmax_le : forall a b k, tv a <= k -> tv b <= k -> tv (tmax a b) <= k.
Proof. intros. unfold tmax. destruct (tleb a b); auto. Qed.

Lemma tmin_ge : forall a b k, k <= tv a -> k <= tv b -> k <= tv (tmin a b).
Proof. intros. unfold tmin. destruct (tleb a b); auto. Qed.

End Order.
