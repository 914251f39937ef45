(* The coverage of split conformal prediction given its calibration (Vovk 2012): the chance that a threshold which r of n independent scores do not exceed covers less
   than b is at most that of r successes in n trials of probability b. The scores have a finite law, with or without ties. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Expectation ClopperPearson.
Import ListNotations.
Open Scope R_scope.

Definition count {A} (p : A -> bool) (l : list A) : nat := length (filter p l).

Lemma count_le : forall A (p q : A -> bool) l, (forall x, p x = true -> q x = true) -> (count p l <= count q l)%nat.
Proof.
  intros A p q l H. unfold count. induction l; simpl; [lia|]. specialize (H a). destruct (p a); [rewrite H by auto; simpl; lia|]. destruct (q a); simpl; lia.
Qed.

(** Only outcomes of the right number count. *)
Lemma chance_run_le : forall A (step : list A -> integral A) n past (p q : list A -> bool),
  (forall o, length o = (n + length past)%nat -> p o = true -> q o = true) -> chance (run step n past) p <= chance (run step n past) q.
Proof.
  intros A step. induction n; intros past p q H; unfold chance in *; simpl.
  - specialize (H past eq_refl). destruct (p past); simpl; [rewrite H by auto; simpl; lra|apply indicator_range].
  - apply value_le. intro x. apply (IHn (x :: past)). intros o L. apply H. simpl in *. lia.
Qed.

(** The number of n independent outcomes in an event is binomial. *)
Lemma count_binomial : forall A (E : integral A) (event : A -> bool) r, probability E -> forall n past,
  chance (run (fun _ => E) n past) (fun o => (r <=? count event o)%nat) = 1 - below n (r - count event past) (chance E event).
Proof.
  intros A E event r P. set (p := chance E event). induction n; intro past.
  - unfold chance. simpl. destruct (Nat.leb_spec r (count event past)) as [L|L].
    + replace (r - count event past)%nat with 0%nat by lia. simpl. ring.
    + destruct (r - count event past)%nat eqn:D; [lia|]. simpl. ring.
  - change (E (fun x => chance (run (fun _ => E) n (x :: past)) (fun o => (r <=? count event o)%nat)) = 1 - below (S n) (r - count event past) p).
    rewrite (value_ext E _ (fun x => (1 - below n (r - count event past) p) +
      (below n (r - count event past) p - below n (r - count event past - 1) p) * indicator (event x))).
    + rewrite value_add, value_scale, value_constant by auto. change (E (fun x => indicator (event x))) with p.
      destruct (r - count event past)%nat as [|k]; [rewrite !below_0; ring|]. replace (S k - 1)%nat with k by lia. rewrite below_S. ring.
    + intro x. rewrite IHn. unfold count. simpl. destruct (event x); simpl.
      * replace (r - S (length (filter event past)))%nat with (r - length (filter event past) - 1)%nat by lia. ring.
      * ring.
Qed.

Lemma weigh_le_in : forall A (law : list (R * A)) f g, Forall (fun wx => 0 <= fst wx) law -> (forall x, In x (map snd law) -> f x <= g x) -> weigh law f <= weigh law g.
Proof.
  intros A law f g F. induction F as [|[w x] l W F IH]; simpl in *; intro H; [lra|]. apply Rplus_le_compat; [apply Rmult_le_compat_l; auto|]. apply IH. auto.
Qed.

Lemma greatest : forall A (S : A -> R) (p : A -> bool) l, (forall x, In x l -> p x = false) \/ exists m, p m = true /\ forall x, In x l -> p x = true -> S x <= S m.
Proof.
  intros A S p. induction l as [|a l [N|[m [Pm G]]]]; [left; intros x []| |].
  - destruct (p a) eqn:Pa.
    + right. exists a. split; auto. intros x [->|I] Px; [lra|]. rewrite N in Px; [discriminate|auto].
    + left. intros x [->|I]; auto.
  - right. destruct (p a) eqn:Pa; [|exists m; split; auto; intros x [->|I] Px; [congruence|auto]].
    destruct (Rle_dec (S a) (S m)) as [L|L]; [exists m|exists a]; split; auto; intros x [->|I] Px; auto; [lra|]. specialize (G x I Px). lra.
Qed.

Section Law.
Context {A : Type} (law : list (R * A)) (weights : Forall (fun wx => 0 <= fst wx) law).
Let E := finite law weights.
Hypothesis E_probability : probability E.
Variable S : A -> R.

(** The coverage of a threshold. *)
Definition coverage (t : R) : R := chance E (fun x => leb (S x) t).

Lemma coverage_monotone : forall s t, s <= t -> coverage s <= coverage t.
Proof. intros s t L. apply chance_le. intros x H. apply leb_le in H. apply leb_le. lra. Qed.

Definition low (b : R) (x : A) : bool := negb (leb b (coverage (S x))).

Lemma low_lt : forall b x, low b x = true <-> coverage (S x) < b.
Proof.
  intros. unfold low, leb. destruct (Rle_dec b (coverage (S x))); simpl; split; intros; try discriminate; auto; lra.
Qed.

Lemma low_chance : forall b, 0 <= b -> chance E (low b) <= b.
Proof.
  intros b Hb. destruct (greatest A S (low b) (map snd law)) as [N|[m [Lm G]]].
  - apply Rle_trans with (weigh law (fun _ => 0)); [|change (E (fun _ => 0) <= b); rewrite value_zero; auto]. apply weigh_le_in; auto. intros x I. rewrite (N x I). simpl. lra.
  - apply low_lt in Lm. apply Rle_trans with (coverage (S m)); [|lra]. apply weigh_le_in; auto. intros x I.
    destruct (low b x) eqn:L; [|apply indicator_range]. specialize (G x I L). apply leb_le in G. rewrite G. simpl. lra.
Qed.

(** P(the coverage of the threshold is less than b) <= P(Bin(n, b) >= r), for a threshold that at least r of the n scores do not exceed. *)
Theorem coverage_shortfall : forall n r b (threshold : list A -> R), 0 <= b <= 1 ->
  (forall o, length o = n -> (r <= count (fun x => leb (S x) (threshold o)) o)%nat) ->
  chance (run (fun _ => E) n []) (fun o => negb (leb b (coverage (threshold o)))) <= 1 - ClopperPearson.below n r b.
Proof.
  intros n r b threshold Hb H. apply Rle_trans with (chance (run (fun _ => E) n []) (fun o => (r <=? count (low b) o)%nat)).
  - apply chance_run_le. intros o L C. simpl in L. rewrite Nat.add_0_r in L. apply Nat.leb_le. eapply Nat.le_trans; [apply (H o L)|]. apply count_le.
    intros x Lx. apply leb_le in Lx. apply low_lt. pose proof (coverage_monotone _ _ Lx). apply negb_true_iff in C.
    assert (coverage (threshold o) < b); [|lra]. apply Rnot_le_lt. intro N. apply leb_le in N. congruence.
  - rewrite (count_binomial A E (low b) r E_probability n []). replace (r - count (low b) [])%nat with r by (symmetry; apply Nat.sub_0_r).
    assert (0 <= chance E (low b)) by (apply value_nonnegative; intro; apply indicator_range).
    pose proof (below_antitone n r (chance E (low b)) b H0 (low_chance b (proj1 Hb)) (proj2 Hb)). lra.
Qed.

End Law.
