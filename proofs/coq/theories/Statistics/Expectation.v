(* Expectations as positive linear functionals on functions: of finite laws, and of experiments in which the law of each outcome depends on those before. *)
From Coq Require Import Reals Lra Lia List Bool.
Import ListNotations.
Open Scope R_scope.

(** E f is the integral of f, positive and linear. *)
Record integral (A : Type) := {
  value :> (A -> R) -> R;
  value_le : forall f g, (forall x, f x <= g x) -> value f <= value g;
  value_add : forall f g, value (fun x => f x + g x) = value f + value g;
  value_scale : forall c f, value (fun x => c * f x) = c * value f }.
Arguments value {A}. Arguments value_le {A}. Arguments value_add {A}. Arguments value_scale {A}.

(** The integral of a probability. *)
Definition probability {A} (E : integral A) : Prop := E (fun _ => 1) = 1.

(** 1 where the event holds. *)
Definition indicator (b : bool) : R := if b then 1 else 0.

(** P(event). *)
Definition chance {A} (E : integral A) (event : A -> bool) : R := E (fun x => indicator (event x)).

Definition leb (x y : R) : bool := if Rle_dec x y then true else false.

Lemma leb_le : forall x y, leb x y = true <-> x <= y.
Proof. intros. unfold leb. destruct (Rle_dec x y); split; auto; discriminate. Qed.

Lemma indicator_range : forall b, 0 <= indicator b <= 1.
Proof. destruct b; simpl; lra. Qed.

Section Laws.
Context {A : Type} (E : integral A).

Lemma value_ext : forall f g, (forall x, f x = g x) -> E f = E g.
Proof. intros. apply Rle_antisym; apply value_le; intro x; rewrite H; lra. Qed.

Lemma value_sub : forall f g, E (fun x => f x - g x) = E f - E g.
Proof.
  intros. rewrite (value_ext _ (fun x => f x + (-1) * g x)) by (intro; ring). rewrite value_add, value_scale. ring.
Qed.

Lemma value_zero : E (fun _ => 0) = 0.
Proof. rewrite (value_ext _ (fun x => 0 * 0)) by (intro; ring). rewrite value_scale. ring. Qed.

Lemma value_nonnegative : forall f, (forall x, 0 <= f x) -> 0 <= E f.
Proof. intros. rewrite <- value_zero. apply value_le. assumption. Qed.

Lemma value_constant : probability E -> forall c, E (fun _ => c) = c.
Proof. intros P c. rewrite (value_ext _ (fun _ => c * 1)) by (intro; ring). rewrite value_scale, P. ring. Qed.

Lemma value_scale_right : forall c f, E (fun x => f x * c) = E f * c.
Proof. intros. rewrite (value_ext _ (fun x => c * f x)) by (intro; ring). rewrite value_scale. ring. Qed.

Lemma value_abs : forall f, Rabs (E f) <= E (fun x => Rabs (f x)).
Proof.
  intro f. apply Rabs_le. split.
  - rewrite <- (Rmult_1_l (E (fun x => Rabs (f x)))), Ropp_mult_distr_l, <- value_scale. apply value_le.
    intro x. pose proof (Rle_abs (- f x)) as L. rewrite Rabs_Ropp in L. lra.
  - apply value_le. intro x. apply Rle_abs.
Qed.

Lemma chance_le : forall p q : A -> bool, (forall x, p x = true -> q x = true) -> chance E p <= chance E q.
Proof.
  intros. apply value_le. intro x. specialize (H x). destruct (p x); simpl; [rewrite H by auto; simpl; lra | apply indicator_range].
Qed.

End Laws.

Fixpoint sum {A} (l : list A) (f : A -> R) : R := match l with [] => 0 | x :: l' => f x + sum l' f end.

Lemma value_sum : forall A B (E : integral A) (l : list B) (f : B -> A -> R), E (fun x => sum l (fun b => f b x)) = sum l (fun b => E (f b)).
Proof. intros. induction l; simpl; [apply value_zero|]. rewrite value_add, IHl. reflexivity. Qed.

Lemma sum_le : forall A (l : list A) f g, (forall x, f x <= g x) -> sum l f <= sum l g.
Proof. induction l; simpl; intros; [lra|]. apply Rplus_le_compat; auto. Qed.

Lemma sum_ext : forall A (l : list A) f g, (forall x, f x = g x) -> sum l f = sum l g.
Proof. induction l; simpl; intros; [reflexivity|]. f_equal; auto. Qed.

Lemma sum_ext_in : forall A (l : list A) f g, (forall x, In x l -> f x = g x) -> sum l f = sum l g.
Proof. induction l; simpl; intros; [reflexivity|]. f_equal; auto. Qed.

Lemma sum_swap : forall A B (l : list A) (m : list B) f, sum l (fun x => sum m (fun y => f x y)) = sum m (fun y => sum l (fun x => f x y)).
Proof.
  induction l; intros; simpl; [induction m; simpl; lra|]. rewrite IHl. induction m; simpl; [lra|]. rewrite <- IHm. ring.
Qed.

Lemma sum_add : forall A (l : list A) f g, sum l (fun x => f x + g x) = sum l f + sum l g.
Proof. induction l; simpl; intros; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_scale : forall A (l : list A) c f, sum l (fun x => c * f x) = c * sum l f.
Proof. induction l; simpl; intros; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_nonnegative : forall A (l : list A) f, (forall x, 0 <= f x) -> 0 <= sum l f.
Proof. induction l; simpl; intros; [lra|]. pose proof (H a). specialize (IHl f H). lra. Qed.

Lemma sum_one : forall A (same : forall x y : A, {x = y} + {x <> y}) (l : list A) a f, NoDup l -> In a l -> sum l (fun x => if same a x then f x else 0) = f a.
Proof.
  intros A same. induction l as [|b l IH]; [intros a f N []|]. intros a f N [->|I]; simpl; inversion N; subst.
  - destruct (same a a); [|contradiction]. replace (sum l (fun x => if same a x then f x else 0)) with 0; [ring|].
    symmetry. transitivity (sum l (fun _ => 0)); [|clear; induction l; simpl; lra]. apply sum_ext_in. intros x Ix. destruct (same a x); [subst; contradiction|reflexivity].
  - destruct (same a b); [subst; contradiction|]. rewrite (IH a f) by auto. ring.
Qed.

(** A sum is an integral. *)
Definition counting {A} (l : list A) : integral A.
Proof.
  refine {| value := sum l |}; intros; [apply sum_le; auto|apply sum_add|apply sum_scale].
Defined.

(** A finite measure: weights of at least 0 and where they lie. *)
Fixpoint weigh {A} (law : list (R * A)) (f : A -> R) : R := match law with [] => 0 | (w, x) :: law' => w * f x + weigh law' f end.

Definition finite {A} (law : list (R * A)) (H : Forall (fun wx => 0 <= fst wx) law) : integral A.
Proof.
  refine {| value := weigh law |}.
  - intros f g L. induction H as [|[w x] l W _ I]; simpl in *; [lra|]. specialize (L x). nra.
  - intros f g. clear H. induction law as [|[w x] l I]; simpl; [lra|]. rewrite I. ring.
  - intros c f. clear H. induction law as [|[w x] l I]; simpl; [lra|]. rewrite I. ring.
Defined.

(** n outcomes, each with the law that step gives it from those before, the latest first. *)
Fixpoint experiment {A} (step : list A -> integral A) (n : nat) (past : list A) (f : list A -> R) : R :=
  match n with O => f past | S n' => step past (fun x => experiment step n' (x :: past) f) end.

Definition run {A} (step : list A -> integral A) (n : nat) (past : list A) : integral (list A).
Proof.
  refine {| value := experiment step n past |}.
  - revert past. induction n; simpl; intros past f g L; [apply L|]. apply value_le. intro x. apply IHn, L.
  - revert past. induction n; simpl; intros past f g; [reflexivity|]. rewrite <- value_add. apply value_ext. intro x. apply IHn.
  - revert past. induction n; simpl; intros past c f; [reflexivity|]. rewrite <- value_scale. apply value_ext. intro x. apply IHn.
Defined.

Lemma run_probability : forall A (step : list A -> integral A), (forall past, probability (step past)) -> forall n past, probability (run step n past).
Proof.
  intros A step P. induction n; intro past; [reflexivity|]. unfold probability in *. simpl.
  transitivity (step past (fun _ => 1)); [apply value_ext; intro; apply IHn|apply P].
Qed.

(** Markov's inequality: P(X >= c) <= E X / c. *)
Theorem markov : forall A (E : integral A) (X : A -> R) c, (forall x, 0 <= X x) -> 0 < c -> chance E (fun x => leb c (X x)) <= E X / c.
Proof.
  intros A E X c HX Hc. unfold Rdiv. rewrite <- value_scale_right. apply value_le. intro x. unfold leb. destruct (Rle_dec c (X x)); simpl.
  - apply (Rmult_le_reg_r c); auto. rewrite Rmult_assoc, Rinv_l; lra.
  - apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat; auto.
Qed.
