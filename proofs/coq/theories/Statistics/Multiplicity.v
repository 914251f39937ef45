(* Many tests at once: that Bonferroni's and Holm's (1979) procedures reject any true hypothesis with probability at most alpha, however the p-values depend on each other. *)
From Coq Require Import Reals Lra Lia List Bool Permutation.
From Certify.Statistics Require Import Expectation.
Import ListNotations.
Open Scope R_scope.

(** P(any of the events) is at most the sum of their probabilities. *)
Lemma union_bound : forall A B (E : integral A) (event : B -> A -> bool) l,
  chance E (fun x => existsb (fun b => event b x) l) <= sum l (fun b => chance E (event b)).
Proof.
  intros A B E event l. unfold chance. rewrite <- value_sum. apply value_le. intro x.
  induction l; simpl; [lra|]. destruct (event a x); simpl; [|lra].
  assert (0 <= sum l (fun b => indicator (event b x))); [|lra]. clear. induction l; simpl; [lra|]. pose proof (indicator_range (event a x)). lra.
Qed.

Section Tests.
Variable A : Type.
Variable E : integral A.
Hypothesis E_probability : probability E.
Variable Hyp : Type.
Variable hypotheses : list Hyp.
Variable holds : Hyp -> bool.
Variable p : Hyp -> A -> R.
Hypothesis p_nonnegative : forall h x, 0 <= p h x.
Hypothesis p_valid : forall h t, holds h = true -> 0 <= t -> chance E (fun x => leb (p h x) t) <= t.
Variable alpha : R.
Hypothesis alpha_nonnegative : 0 <= alpha.

Definition count_true (l : list Hyp) : nat := length (filter holds l).

Lemma count_true_le : forall l, (count_true l <= length l)%nat.
Proof. unfold count_true. induction l; simpl; [lia|]. destruct (holds a); simpl; lia. Qed.

(** Any p-value of the true hypotheses is so small that c times it is at most alpha, c at least their number. *)
Lemma any_small : forall c, (count_true hypotheses <= c)%nat ->
  chance E (fun x => existsb (fun h => leb (INR c * p h x) alpha) (filter holds hypotheses)) <= alpha.
Proof.
  intros c Hc. destruct c as [|c].
  - unfold count_true in Hc. destruct (filter holds hypotheses); simpl in Hc; [|lia]. unfold chance. simpl. rewrite value_zero. auto.
  - assert (C : 0 < INR (S c)) by (apply lt_0_INR; lia).
    assert (S0 : 0 <= alpha / INR (S c)) by (apply Rmult_le_pos; auto; left; apply Rinv_0_lt_compat; auto).
    eapply Rle_trans; [apply union_bound|].
    apply Rle_trans with (INR (count_true hypotheses) * (alpha / INR (S c))).
    + unfold count_true. assert (T : forall h, In h (filter holds hypotheses) -> holds h = true) by (intros h I; apply filter_In in I; apply I).
      induction (filter holds hypotheses) as [|h l IH]; [simpl; lra|]. change (length (h :: l)) with (S (length l)). rewrite (S_INR (length l)). cbn [sum].
      assert (chance E (fun x => leb (INR (S c) * p h x) alpha) <= alpha / INR (S c)).
      { eapply Rle_trans; [|apply (p_valid h); [apply T; left; auto|auto]]. apply chance_le. intros x L. apply leb_le in L. apply leb_le.
        apply (Rmult_le_reg_l (INR (S c))); auto. replace (INR (S c) * (alpha / INR (S c))) with alpha by (field; lra). auto. }
      specialize (IH (fun h' I => T h' (or_intror I))). lra.
    + apply le_INR in Hc. apply Rle_trans with (INR (S c) * (alpha / INR (S c))); [apply Rmult_le_compat_r; auto|right; field; lra].
Qed.

(** Bonferroni rejects h where m p is at most alpha, m hypotheses in all. *)
Definition bonferroni_rejects (x : A) (h : Hyp) : bool := leb (INR (length hypotheses) * p h x) alpha.

(** P(a true hypothesis is rejected) <= alpha. *)
Theorem bonferroni_error : chance E (fun x => existsb (bonferroni_rejects x) (filter holds hypotheses)) <= alpha.
Proof. apply any_small, count_true_le. Qed.

(** Holm goes through the hypotheses in order, from small to large p-values, and rejects while the number that are left times p is at most alpha. *)
Fixpoint holm_rejected (x : A) (l : list Hyp) : list Hyp :=
  match l with [] => [] | h :: l' => if leb (INR (length l) * p h x) alpha then h :: holm_rejected x l' else [] end.

Lemma holm_small : forall x l, existsb holds (holm_rejected x l) = true -> existsb (fun h => leb (INR (count_true l) * p h x) alpha) (filter holds l) = true.
Proof.
  intros x. induction l as [|h l IH]; [discriminate|]. cbn [holm_rejected]. destruct (leb (INR (length (h :: l)) * p h x) alpha) eqn:L; [|discriminate].
  cbn [existsb filter]. unfold count_true. cbn [filter]. destruct (holds h) eqn:T; [|exact IH]. intros _. cbn [existsb].
  apply orb_true_iff. left. apply leb_le in L. apply leb_le. eapply Rle_trans; [|exact L]. apply Rmult_le_compat_r; auto. apply le_INR.
  pose proof (count_true_le (h :: l)) as C. unfold count_true in C. cbn [filter] in C. rewrite T in C. exact C.
Qed.

(** P(a true hypothesis is rejected) <= alpha, in whatever order the hypotheses are taken: that of rising p-values, any where they are equal, is one. *)
Theorem holm_error : forall order : A -> list Hyp, (forall x, Permutation hypotheses (order x)) ->
  chance E (fun x => existsb holds (holm_rejected x (order x))) <= alpha.
Proof.
  intros order O. eapply Rle_trans; [|apply (any_small (count_true hypotheses)); lia]. apply chance_le. intros x R. apply holm_small in R.
  specialize (O x). assert (F : Permutation (filter holds hypotheses) (filter holds (order x))).
  { clear R. induction O; simpl.
    - constructor.
    - destruct (holds x0); auto.
    - destruct (holds y), (holds x0); auto. apply perm_swap.
    - eapply perm_trans; eauto. }
  unfold count_true in *. rewrite (Permutation_length F). apply existsb_exists in R. destruct R as [h [I L]]. apply existsb_exists. exists h. split; auto.
  apply (Permutation_in h (Permutation_sym F)); auto.
Qed.

End Tests.
