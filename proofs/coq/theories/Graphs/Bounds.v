(* Networks as graphs of affine maps, functions of one value and products: interval bounds (graph_interval_sound), and linear bounds by back-substitution (graph_linear_bound_sound). *)
From Coq Require Import Reals Lra Lia List.
From Certify.Checker Require Import Lipschitz Secants.
Import ListNotations.
Open Scope R_scope.

(** One value, from those before it, the latest first and the inputs last: row . values + b, f of one of them, the product of two. *)
Inductive node := Affine (row : list R) (b : R) | Apply (f : R -> R) (a : nat) | Product (a b : nat).

Definition at_node (n : node) (v : list R) : R :=
  match n with Affine row b => dot row v + b | Apply f a => f (nth a v 0) | Product a b => nth a v 0 * nth b v 0 end.

(** All values, the latest first, after nodes that are given the latest first too. *)
Fixpoint values (g : list node) (x : list R) : list R := match g with [] => x | n :: g' => let v := values g' x in at_node n v :: v end.

(** References point to values that exist, and rows have their length. *)
Fixpoint well_formed (inputs : nat) (g : list node) : Prop :=
  match g with
  | [] => True
  | n :: g' => let k := (length g' + inputs)%nat in
      match n with Affine row _ => length row = k | Apply _ a => (a < k)%nat | Product a b => (a < k)%nat /\ (b < k)%nat end /\ well_formed inputs g' end.

(** Bounds of values. *)
Definition inside (v : R) (b : R * R) : Prop := fst b <= v <= snd b.
Definition in_box := Forall2 inside.

(** b encloses what a node makes of values within the bounds. *)
Definition encloses (n : node) (bs : list (R * R)) (b : R * R) : Prop := forall v, in_box v bs -> inside (at_node n v) b.

(** Every node's bounds enclose what it makes of values within those before. *)
Fixpoint enclosures (g : list node) (bs box : list (R * R)) : Prop :=
  match g, bs with [], _ => bs = box | n :: g', b :: bs' => encloses n bs' b /\ enclosures g' bs' box | _, _ => False end.

(** All values of the run lie within such bounds. *)
Theorem graph_interval_sound : forall g bs box x, enclosures g bs box -> in_box x box -> in_box (values g x) bs.
Proof.
  induction g as [|n g IH]; intros bs box x E Hx; simpl in *; [subst; exact Hx|]. destruct bs as [|b bs]; [contradiction|]. destruct E as [E1 E2].
  pose proof (IH _ _ _ E2 Hx) as V. constructor; [apply E1; exact V|exact V].
Qed.

(** coefficients . values + constant *)
Definition form := (list R * R)%type.
Definition at_form (f : form) (v : list R) : R := dot (fst f) v + snd f.

(** Linear functions of the earlier values below and above a node's, wherever those keep to the bounds. *)
Definition relaxes (n : node) (bs : list (R * R)) (r : form * form) : Prop :=
  length (fst (fst r)) = length bs /\ length (fst (snd r)) = length bs /\ forall v, in_box v bs -> at_form (fst r) v <= at_node n v <= at_form (snd r) v.

Fixpoint relaxations (g : list node) (bs : list (R * R)) (rs : list (form * form)) : Prop :=
  match g, bs, rs with [], _, [] => True | n :: g', _ :: bs', r :: rs' => relaxes n bs' r /\ relaxations g' bs' rs' | _, _, _ => False end.

(** From coefficients c of all values to those of the inputs: the lower function stands for a value where its coefficient is at least 0, else the upper. *)
Fixpoint back (rs : list (form * form)) (c : list R) (k : R) : form :=
  match rs, c with
  | r :: rs', a :: c' => let f := if Rle_dec 0 a then fst r else snd r in back rs' (plus c' a (fst f)) (k + a * snd f)
  | _, _ => (c, k) end.

Lemma in_box_length : forall v bs, in_box v bs -> length v = length bs.
Proof. induction 1; simpl; congruence. Qed.

(** For every input of the box the linear function of the inputs is at most c . values + k. *)
Theorem graph_linear_bound_sound : forall g bs box rs, enclosures g bs box -> relaxations g bs rs ->
  forall x c k, in_box x box -> length c = length bs -> at_form (back rs c k) x <= dot c (values g x) + k.
Proof.
  induction g as [|n g IH]; intros bs box rs E Q x c k Hx Hc.
  - destruct rs; [|contradiction]. apply Rle_refl.
  - destruct bs as [|b bs]; [contradiction|]. destruct rs as [|[lo hi] rs]; [contradiction|]. destruct E as [E1 E2]. destruct Q as [(L1 & L2 & Q1) Q2]. cbn [fst snd] in *.
    destruct c as [|a c]; [discriminate|]. injection Hc as Hc. pose proof (graph_interval_sound _ _ _ _ E2 Hx) as V. specialize (Q1 _ V).
    change (values (n :: g) x) with (at_node n (values g x) :: values g x). cbn [back dot fst snd]. cbv zeta. set (f := if Rle_dec 0 a then lo else hi).
    assert (Lf : length (fst f) = length c) by (unfold f; destruct (Rle_dec 0 a); congruence).
    eapply Rle_trans; [apply (IH bs box rs E2 Q2 x _ _ Hx); rewrite plus_length by exact Lf; exact Hc|].
    rewrite dot_plus by exact Lf. unfold at_form in Q1. assert (a * (dot (fst f) (values g x) + snd f) <= a * at_node n (values g x)); [|lra].
    unfold f. destruct (Rle_dec 0 a) as [P|P]; [apply Rmult_le_compat_l; lra|]. apply Rmult_le_compat_neg_l; lra.
Qed.

(** c for value a of n, 0 for the others. *)
Fixpoint only (n a : nat) (c : R) : list R := match n, a with O, _ => [] | S n', O => c :: repeat 0 n' | S n', S a' => 0 :: only n' a' c end.

Lemma only_length : forall n a c, length (only n a c) = n.
Proof. induction n as [|n IH]; intros [|a] c; simpl; rewrite ?repeat_length, ?IH; reflexivity. Qed.

Lemma dot_only : forall v a c, (a < length v)%nat -> dot (only (length v) a c) v = c * nth a v 0.
Proof.
  induction v as [|x v IH]; intros [|a] c H; simpl in *; try lia; [rewrite dot_zeros; ring|]. rewrite IH by lia. ring.
Qed.

Lemma nth_inside : forall v bs, in_box v bs -> forall a, (a < length bs)%nat -> inside (nth a v 0) (nth a bs (0, 0)).
Proof. induction 1 as [|x b v bs H V IH]; intros [|a] L; simpl in *; try lia; [exact H|]. apply IH. lia. Qed.

(** An affine map is its own relaxation. *)
Theorem affine_relaxes : forall row b bs, length row = length bs -> relaxes (Affine row b) bs ((row, b), (row, b)).
Proof. intros row b bs H. repeat split; try exact H; apply Rle_refl. Qed.

(** Lines s z + t below and above f between the bounds of its argument. *)
Theorem lines_relax : forall f a bs s t s' t', (a < length bs)%nat ->
  (forall z, inside z (nth a bs (0, 0)) -> s * z + t <= f z <= s' * z + t') -> relaxes (Apply f a) bs ((only (length bs) a s, t), (only (length bs) a s', t')).
Proof.
  intros f a bs s t s' t' La H. repeat split; cbn [fst snd]; try apply only_length; unfold at_form; cbn [fst snd at_node];
    rewrite <- (in_box_length _ _ H0), dot_only by (rewrite (in_box_length _ _ H0); exact La); apply H, nth_inside; assumption.
Qed.

(** Planes p x + q y + r below and above x y between the bounds of its factors. *)
Theorem planes_relax : forall a b bs p q r p' q' r', (a < length bs)%nat -> (b < length bs)%nat ->
  (forall x y, inside x (nth a bs (0, 0)) -> inside y (nth b bs (0, 0)) -> p * x + q * y + r <= x * y <= p' * x + q' * y + r') ->
  relaxes (Product a b) bs ((plus (only (length bs) a p) 1 (only (length bs) b q), r), (plus (only (length bs) a p') 1 (only (length bs) b q'), r')).
Proof.
  intros a b bs p q r p' q' r' La Lb H. repeat split; cbn [fst snd]; try (rewrite plus_length; rewrite !only_length; reflexivity); unfold at_form; cbn [fst snd at_node];
    rewrite <- (in_box_length _ _ H0), dot_plus, !dot_only by (rewrite ?only_length, ?(in_box_length _ _ H0); auto);
    pose proof (H _ _ (nth_inside _ _ H0 a La) (nth_inside _ _ H0 b Lb)); lra.
Qed.
