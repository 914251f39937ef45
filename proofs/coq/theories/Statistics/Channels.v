(* What a channel does to distances (data processing), and the log-sum inequality behind it. The inputs are finitely many, the outputs any. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Calculus Expectation Divergence.
Import ListNotations.
Open Scope R_scope.

Lemma log_term : forall a b c, 0 <= a -> 0 < b -> 0 < c -> a * ln c + (a - c * b) <= a * ln (a / b).
Proof.
  intros a b c [Pa| <-] Hb Hc; [|unfold Rdiv; rewrite !Rmult_0_l; nra].
  assert (Q : 0 < a / b) by (apply Rdiv_lt_0_compat; auto). assert (R : 0 < a / b / c) by (apply Rdiv_lt_0_compat; auto).
  assert (S : ln (a / b) = ln (a / b / c) + ln c) by (rewrite <- ln_mult by auto; f_equal; field; lra).
  pose proof (entropy_tangent (a / b / c) (Rlt_le _ _ R)) as T. apply (Rmult_le_compat_l (b * c)) in T; [|left; apply Rmult_lt_0_compat; auto].
  replace (b * c * (a / b / c - 1)) with (a - c * b) in T by (field; lra).
  replace (b * c * (a / b / c * ln (a / b / c))) with (a * ln (a / b / c)) in T by (field; lra). rewrite S. lra.
Qed.

(** A ln(A / B) <= the integral of a ln(a / b), A and B those of a and b. *)
Theorem log_sum : forall A (I : integral A) (a b : A -> R), (forall x, 0 <= a x) -> (forall x, 0 < b x) -> 0 < I b ->
  I a * ln (I a / I b) <= I (fun x => a x * ln (a x / b x)).
Proof.
  intros A I a b Ha Hb B.
  assert (G : forall c, 0 < c -> I a * ln c + (I a - c * I b) <= I (fun x => a x * ln (a x / b x))).
  { intros c Hc. rewrite <- value_scale, <- value_sub, <- value_scale_right, <- value_add. apply value_le. intro x. apply log_term; auto. }
  assert (N : 0 <= I a) by (apply value_nonnegative; auto). destruct N as [P|Z].
  - eapply Rle_trans; [|apply (G (I a / I b)); apply Rdiv_lt_0_compat; auto]. right. field. lra.
  - rewrite <- Z, Rmult_0_l. rewrite <- Z in G. set (r := I (fun x => a x * ln (a x / b x))) in *. apply Rnot_lt_le. intro L.
    specialize (G (- r / 2 / I b)). replace (- r / 2 / I b * I b) with (- r / 2) in G by (field; lra).
    assert (0 < - r / 2 / I b) by (apply Rdiv_lt_0_compat; lra). specialize (G H). lra.
Qed.

Lemma value_swap : forall A B (J : integral B) (law : list (R * A)) (f : A -> B -> R),
  J (fun y => weigh law (fun x => f x y)) = weigh law (fun x => J (f x)).
Proof. intros. induction law as [|[w x] l IH]; simpl; [apply value_zero|]. rewrite value_add, value_scale, IH. reflexivity. Qed.

Section Channel.
Context {A B : Type} (law : list (R * A)) (weights : Forall (fun wx => 0 <= fst wx) law) (J : integral B).
Let I := finite law weights.
Variables p q : A -> R.
Hypothesis Dp : density I p.
Hypothesis Dq : density I q.
(* k x is the density of the output for the input x. *)
Variable k : A -> B -> R.
Hypothesis k_density : forall x, density J (k x).

(** The density of the output. *)
Definition output (r : A -> R) (y : B) : R := I (fun x => r x * k x y).

Lemma output_density : forall r, density I r -> density J (output r).
Proof.
  intros r [R0 R1]. split.
  - intro y. apply value_nonnegative. intro x. apply Rmult_le_pos; auto. apply (k_density x).
  - unfold output, I. simpl. rewrite (value_swap A B J law (fun x y => r x * k x y)). rewrite <- R1. unfold I. simpl.
    apply (value_ext I). intro x. rewrite value_scale, (proj2 (k_density x)). ring.
Qed.

(** TV does not grow. *)
Theorem variation_processed : variation J (output p) (output q) <= variation I p q.
Proof.
  unfold variation. apply Rmult_le_compat_r; [lra|].
  apply Rle_trans with (J (fun y => I (fun x => Rabs (p x - q x) * k x y))).
  - apply value_le. intro y. unfold output. rewrite <- value_sub. eapply Rle_trans; [apply value_abs|]. apply value_le. intro x.
    replace (p x * k x y - q x * k x y) with ((p x - q x) * k x y) by ring. rewrite Rabs_mult, (Rabs_pos_eq (k x y)) by apply (k_density x). lra.
  - unfold I at 1. simpl. rewrite (value_swap A B J law (fun x y => Rabs (p x - q x) * k x y)). right. apply (value_ext I).
    intro x. rewrite value_scale, (proj2 (k_density x)). ring.
Qed.

Lemma positive_output : forall y, (forall x, 0 < q x) -> (forall x y, 0 < k x y) -> 0 < I (fun x => q x * k x y).
Proof.
  intros y Pq Pk. destruct Dq as [Q0 Q1]. revert Q1. unfold I. simpl. intro Q1.
  assert (N : 0 < weigh law q) by lra. clear Q1. revert N. clear Dp Dq I. induction weights as [|[w x] l W F IH]; simpl; intro N; [lra|].
  simpl in W. assert (0 <= weigh l q) by (apply (value_nonnegative (finite l F)); intro; left; auto).
  assert (0 <= weigh l (fun x => q x * k x y)) by (apply (value_nonnegative (finite l F)); intro; left; apply Rmult_lt_0_compat; auto).
  assert (0 < q x * k x y) by (apply Rmult_lt_0_compat; auto). destruct W as [W| <-]; [nra|].
  rewrite Rmult_0_l, Rplus_0_l in *. apply IH; assumption.
Qed.

(** KL does not grow. *)
Theorem divergence_processed : (forall x, 0 < q x) -> (forall x y, 0 < k x y) -> divergence J (output p) (output q) <= divergence I p q.
Proof.
  intros Pq Pk. unfold divergence. apply Rle_trans with (J (fun y => I (fun x => p x * ln (p x / q x) * k x y))).
  - apply value_le. intro y. unfold output.
    eapply Rle_trans; [apply (log_sum A I (fun x => p x * k x y) (fun x => q x * k x y))|].
    + intro x. apply Rmult_le_pos; [apply Dp|left; auto].
    + intro x. apply Rmult_lt_0_compat; auto.
    + apply (positive_output y Pq Pk).
    + right. apply value_ext. intro x. replace (p x * k x y / (q x * k x y)) with (p x / q x); [ring|]. specialize (Pq x). specialize (Pk x y). field. lra.
  - unfold I at 1. simpl. rewrite (value_swap A B J law (fun x y => p x * ln (p x / q x) * k x y)). right. apply (value_ext I).
    intro x. rewrite value_scale, (proj2 (k_density x)). ring.
Qed.

End Channel.
