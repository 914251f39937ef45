(* Evidence as capital: e-values (Vovk, Wang 2021), Ville's inequality, and the capital of a gambler against a mean (Waudby-Smith, Ramdas 2024).
   The number of rounds is finite and any: the bounds do not depend on it. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Expectation.
Import ListNotations.
Open Scope R_scope.

(** Under the hypothesis E, X is evidence against it. *)
Definition e_value {A} (E : integral A) (X : A -> R) : Prop := (forall x, 0 <= X x) /\ E X <= 1.

(** P(1 / X <= alpha) <= alpha: 1 / X is a p-value. *)
Theorem e_value_valid : forall A (E : integral A) X alpha, e_value E X -> 0 < alpha -> chance E (fun x => leb (1 / alpha) (X x)) <= alpha.
Proof.
  intros A E X alpha [H0 H1] Ha. eapply Rle_trans; [apply markov; auto; apply Rdiv_lt_0_compat; lra|].
  unfold Rdiv. rewrite Rmult_1_l, Rinv_inv. nra.
Qed.

(** Weighted averages of e-values are e-values, however they depend on each other. *)
Theorem e_value_average : forall A B (E : integral A) (l : list B) (w : B -> R) (X : B -> A -> R),
  (forall b, 0 <= w b) -> sum l w = 1 -> (forall b, e_value E (X b)) -> e_value E (fun x => sum l (fun b => w b * X b x)).
Proof.
  intros A B E l w X Hw H1 HX. split.
  - intro x. clear H1. induction l; simpl; [lra|]. pose proof (Rmult_le_pos _ _ (Hw a) (proj1 (HX a) x)). lra.
  - rewrite value_sum, <- H1. clear H1. induction l; simpl; [lra|]. rewrite value_scale.
    pose proof (Hw a). pose proof (proj2 (HX a)). nra.
Qed.

(** What a gambler has after the outcomes, the latest first, of which K says what each multiplies it by. *)
Fixpoint capital {A} (K : list A -> A -> R) (past : list A) : R := match past with [] => 1 | x :: past' => capital K past' * K past' x end.

Lemma capital_nonnegative : forall A (K : list A -> A -> R), (forall past x, 0 <= K past x) -> forall past, 0 <= capital K past.
Proof. induction past; simpl; [lra|]. apply Rmult_le_pos; auto. Qed.

(** Whether p held after some of the outcomes, or before the first. *)
Fixpoint ever {A} (p : list A -> bool) (past : list A) : bool := p past || match past with [] => false | _ :: past' => ever p past' end.

Lemma ever_le : forall A (p q : list A -> bool), (forall past, p past = true -> ever q past = true) -> forall past, ever p past = true -> ever q past = true.
Proof.
  intros A p q H. induction past; simpl; intro E; apply orb_true_iff in E; destruct E as [E|E]; auto; try discriminate.
  - apply (H []); auto.
  - apply (H (a :: past)); auto.
  - rewrite (IHpast E). apply orb_true_r.
Qed.

(** Whether f ever reached c. *)
Definition reached {A} (f : list A -> R) (c : R) : list A -> bool := ever (fun past => leb c (f past)).

Lemma reached_le : forall A (f g : list A -> R) c, (forall past, f past <= g past) -> forall past, reached f c past = true -> reached g c past = true.
Proof.
  intros A f g c H. apply ever_le. intros past E. apply leb_le in E. specialize (H past).
  assert (leb c (g past) = true) by (apply leb_le; lra). destruct past; simpl; rewrite H0; reflexivity.
Qed.

Section Supermartingale.
Variable A : Type.
Variable step : list A -> integral A.
Hypothesis step_probability : forall past, probability (step past).
Variable W : list A -> R.
Hypothesis W_nonnegative : forall past, 0 <= W past.
Hypothesis W_falls : forall past, step past (fun x => W (x :: past)) <= W past.

Lemma reached_stays : forall c n past, reached W c past = true -> chance (run step n past) (reached W c) = 1.
Proof.
  intros c. induction n; intros past H; unfold chance; simpl.
  - rewrite H. reflexivity.
  - transitivity (step past (fun _ => 1)); [|apply step_probability]. apply value_ext. intro x.
    apply (IHn (x :: past)). unfold reached in *. simpl. rewrite H. apply orb_true_r.
Qed.

Lemma supermartingale : forall n past, run step n past W <= W past.
Proof.
  induction n; intro past; simpl; [lra|]. eapply Rle_trans; [|apply W_falls]. apply value_le. intro x. apply IHn.
Qed.

Lemma ville_from : forall c n past, 0 < c -> reached W c past = false -> chance (run step n past) (reached W c) <= W past / c.
Proof.
  intros c n. induction n; intros past Hc H.
  - unfold chance. simpl. rewrite H. simpl. apply Rmult_le_pos; auto. left. apply Rinv_0_lt_compat; auto.
  - unfold chance. simpl. apply Rle_trans with (step past (fun x => W (x :: past)) / c).
    + unfold Rdiv. rewrite <- value_scale_right. apply value_le. intro x.
      destruct (reached W c (x :: past)) eqn:R.
      * change (chance (run step n (x :: past)) (reached W c) <= W (x :: past) * / c).
        rewrite (reached_stays c n _ R). unfold reached in R, H. simpl in R. rewrite H, orb_false_r in R. apply leb_le in R.
        apply (Rmult_le_reg_r c); auto. rewrite Rmult_assoc, Rinv_l; lra.
      * apply (IHn (x :: past) Hc R).
    + apply Rmult_le_compat_r; auto. left. apply Rinv_0_lt_compat; auto.
Qed.

(** Ville's inequality: P(W >= c after some of the first n outcomes, or before the first) <= W(before) / c. *)
Theorem ville : forall c n, 0 < c -> chance (run step n []) (reached W c) <= W [] / c.
Proof.
  intros c n Hc. destruct (reached W c []) eqn:R; [|apply ville_from; auto].
  rewrite (reached_stays c n [] R). unfold reached in R. simpl in R. rewrite orb_false_r in R. apply leb_le in R.
  apply (Rmult_le_reg_r c); auto. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

End Supermartingale.

(** A product of e-values, each one given those before it: at any time an e-value, and the probability that it ever reaches 1 / alpha is at most alpha. *)
Theorem e_value_product : forall A (step : list A -> integral A) (K : list A -> A -> R), (forall past, e_value (step past) (K past)) ->
  forall n, e_value (run step n []) (capital K).
Proof.
  intros A step K HK n. split; [apply capital_nonnegative; intros; apply HK|].
  apply (supermartingale A step (capital K)). intro past. simpl. rewrite value_scale.
  pose proof (capital_nonnegative A K (fun p => proj1 (HK p)) past). pose proof (proj2 (HK past)). nra.
Qed.

Theorem e_value_sequence : forall A (step : list A -> integral A) (K : list A -> A -> R),
  (forall past, probability (step past)) -> (forall past, e_value (step past) (K past)) ->
  forall alpha n, 0 < alpha -> chance (run step n []) (reached (capital K) (1 / alpha)) <= alpha.
Proof.
  intros A step K HP HK alpha n Ha. eapply Rle_trans; [apply ville; auto|].
  - apply capital_nonnegative. intros. apply HK.
  - intro past. simpl. rewrite value_scale. pose proof (capital_nonnegative A K (fun p => proj1 (HK p)) past). pose proof (proj2 (HK past)). nra.
  - apply Rdiv_lt_0_compat; lra.
  - simpl. right. field. lra.
Qed.

(** The factor of a gambler who bets that the next number, of [0, 1], lies above m; and of one who bets that it lies below. *)
Definition bet_above (l c m y : R) : R := 1 + Rmin l (c / m) * (y - m).
Definition bet_below (l c m y : R) : R := 1 - Rmin l (c / (1 - m)) * (y - m).

Lemma bet_above_nonnegative : forall l c m y, 0 <= l -> 0 <= c <= 1 -> 0 <= y <= 1 -> 0 < m -> 0 <= bet_above l c m y.
Proof.
  intros l c m y Hl Hc Hy Hm. unfold bet_above.
  assert (0 <= c / m) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; auto]).
  pose proof (Rmin_r l (c / m)). pose proof (Rmin_glb _ _ 0 Hl H).
  assert (Rmin l (c / m) * m <= c). { replace c with (c / m * m) at 2 by (field; lra). apply Rmult_le_compat_r; lra. }
  nra.
Qed.

(** Betting against a larger number wins less. *)
Lemma bet_above_antitone : forall l c m m' y, 0 <= l -> 0 <= c <= 1 -> 0 <= y <= 1 -> 0 < m -> m <= m' -> bet_above l c m' y <= bet_above l c m y.
Proof.
  intros l c m m' y Hl Hc Hy Hm L. unfold bet_above.
  assert (D : c / m' <= c / m) by (apply Rmult_le_compat_l; [lra|]; apply Rinv_le_contravar; lra).
  assert (0 <= c / m') by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (E : c / m' * m' = c) by (field; lra). assert (E' : c / m * m = c) by (field; lra).
  unfold Rmin. destruct (Rle_dec l (c / m')), (Rle_dec l (c / m)); nra.
Qed.

Lemma capital_le : forall A (K K' : list A -> A -> R), (forall p x, 0 <= K p x <= K' p x) -> forall past, capital K past <= capital K' past.
Proof.
  intros A K K' H. induction past; simpl; [lra|]. apply Rmult_le_compat; auto; try apply H. apply capital_nonnegative. intros. apply H.
Qed.

Section Betting.
Variable A : Type.
Variable step : list A -> integral A.
Hypothesis step_probability : forall past, probability (step past).
Variable y : A -> R.
Hypothesis y_range : forall x, 0 <= y x <= 1.
Variable m : R.
Hypothesis m_mean : forall past, step past y = m.
(* The bets and their limits, from the outcomes before. *)
Variables l c : list A -> R.
Hypothesis l_nonnegative : forall past, 0 <= l past.
Hypothesis c_range : forall past, 0 <= c past <= 1.

Lemma bet_mean : forall past k, step past (fun x => 1 + k * (y x - m)) = 1.
Proof.
  intros. rewrite (value_ext _ _ (fun x => (1 - k * m) + k * y x)) by (intro; ring).
  rewrite value_add, value_scale, m_mean, value_constant by apply step_probability. ring.
Qed.

Lemma bet_above_fair : 0 < m -> forall past, e_value (step past) (fun x => bet_above (l past) (c past) m (y x)).
Proof. intros Hm past. split; [intro; apply bet_above_nonnegative; auto|right; apply bet_mean]. Qed.

Lemma mean_range : 0 <= m <= 1.
Proof.
  rewrite <- (m_mean []). split; [apply value_nonnegative; apply y_range|]. rewrite <- (step_probability []). apply value_le. apply y_range.
Qed.

(** An L that the gambler's capital at it ever reached 1 / alpha, as long as there was one: P(L ever lies above m) <= alpha. *)
Theorem betting_lower_bound : forall alpha n (L : list A -> R), 0 < alpha ->
  (forall past, L past <= 0 \/ reached (capital (fun p x => bet_above (l p) (c p) (L past) (y x))) (1 / alpha) past = true) ->
  chance (run step n []) (ever (fun past => negb (leb (L past) m))) <= alpha.
Proof.
  intros alpha n L Ha HL.
  assert (D : exists K, (forall past, e_value (step past) (K past)) /\ forall m' p x, m < m' -> 0 <= bet_above (l p) (c p) m' (y x) <= K p x).
  { destruct (Req_dec m 0) as [Z|Z].
    - exists (fun p x => 1 + l p * (y x - m)). split.
      + intro past. split; [|right; apply bet_mean]. intro x. pose proof (y_range x). pose proof (l_nonnegative past). nra.
      + intros m' p x Hm. split; [apply bet_above_nonnegative; auto; lra|]. unfold bet_above. pose proof (y_range x). pose proof (l_nonnegative p).
        assert (0 <= c p / m') by (apply Rmult_le_pos; [apply c_range|left; apply Rinv_0_lt_compat; lra]).
        pose proof (Rmin_l (l p) (c p / m')). pose proof (Rmin_glb _ _ 0 H0 H1). nra.
    - exists (fun p x => bet_above (l p) (c p) m (y x)). pose proof mean_range. split; [apply bet_above_fair; lra|].
      intros m' p x Hm. split; [apply bet_above_nonnegative; auto; lra|apply bet_above_antitone; auto; lra]. }
  destruct D as [K [HK D]]. apply Rle_trans with (chance (run step n []) (reached (capital K) (1 / alpha))); [|apply e_value_sequence; auto].
  apply chance_le, ever_le. intros past E. apply negb_true_iff in E.
  assert (m < L past). { apply Rnot_le_lt. intro. apply leb_le in H. congruence. }
  pose proof mean_range. destruct (HL past) as [N|N]; [lra|].
  revert N. apply reached_le. intro. apply capital_le; intros; apply (D (L past)); auto.
Qed.

End Betting.

(** A U at which the other gambler's capital ever reached 1 / alpha, as long as there was one: P(U ever lies below m) <= alpha. *)
Theorem betting_upper_bound : forall A (step : list A -> integral A) (y : A -> R) m (l c : list A -> R) alpha n (U : list A -> R),
  (forall past, probability (step past)) -> (forall x, 0 <= y x <= 1) -> (forall past, step past y = m) ->
  (forall past, 0 <= l past) -> (forall past, 0 <= c past <= 1) -> 0 < alpha ->
  (forall past, 1 <= U past \/ reached (capital (fun p x => bet_below (l p) (c p) (U past) (y x))) (1 / alpha) past = true) ->
  chance (run step n []) (ever (fun past => negb (leb m (U past)))) <= alpha.
Proof.
  intros A step y m l c alpha n U HP Hy Hm Hl Hc Ha HU.
  eapply Rle_trans; [|apply (betting_lower_bound A step HP (fun x => 1 - y x) ltac:(intro x; specialize (Hy x); lra) (1 - m)
    ltac:(intro p; rewrite value_sub, HP, Hm; reflexivity) l c Hl Hc alpha n (fun p => 1 - U p) Ha)].
  - apply chance_le, ever_le. intros past E. apply negb_true_iff in E. assert (N : U past < m).
    { apply Rnot_le_lt. intro. apply leb_le in H. congruence. }
    assert (leb (1 - U past) (1 - m) = false). { destruct (leb (1 - U past) (1 - m)) eqn:L; auto. apply leb_le in L. lra. }
    destruct past; simpl; rewrite H; reflexivity.
  - intro past. destruct (HU past) as [H|H]; [left; lra|right]. revert H. apply reached_le. intro p.
    right. induction p; simpl; auto. rewrite IHp. f_equal. unfold bet_above, bet_below. ring.
Qed.
