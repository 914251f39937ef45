(* Hoeffding's inequality (1963): his lemma with the constant 1/8, the tail of a mean of bounded numbers, and the confidence bounds that follow. *)
From Coq Require Import Reals Lra Lia List Bool.
From Coquelicot Require Import Coquelicot.
From Certify.Statistics Require Import Calculus Expectation.
Import ListNotations.
Open Scope R_scope.

Lemma mixture_positive : forall p u, 0 <= p <= 1 -> 0 < 1 - p + p * exp u.
Proof. intros. pose proof (exp_pos u). nra. Qed.

(** (1 - p + p e^u) e^(-p u) <= e^(u^2 / 8). *)
Lemma bernoulli_moment : forall p u, 0 <= p <= 1 -> 0 <= u -> (1 - p + p * exp u) * exp (- (p * u)) <= exp (u * u / 8).
Proof.
  intros p u Hp Hu.
  pose (s := fun u => p * exp u / (1 - p + p * exp u)).
  assert (G : 0 <= p * u + u * u / 8 - ln (1 - p + p * exp u)).
  { apply (grows (fun u => p * u + u * u / 8 - ln (1 - p + p * exp u)) (fun u => p + u / 4 - s u)); auto.
    - intros v Hv. pose proof (mixture_positive p v Hp). unfold s. auto_derive; [lra|]. field. lra.
    - intros v Hv. apply (grows (fun u => p + u / 4 - s u) (fun u => 1 / 4 - s u * (1 - s u))); auto.
      + intros w Hw. pose proof (mixture_positive p w Hp). unfold s. auto_derive; [lra|]. field. lra.
      + intros w Hw. pose proof (pow2_ge_0 (s w - 1 / 2)). nra.
      + unfold s. cbv beta. rewrite exp_0. right. field. lra.
    - cbv beta. rewrite exp_0. replace (1 - p + p * 1) with 1 by ring. rewrite ln_1. right. field. }
  pose proof (mixture_positive p u Hp). rewrite <- (exp_ln (1 - p + p * exp u)) by auto. rewrite <- exp_plus.
  apply exp_le. lra.
Qed.

(** E e^(l (X - E X)) <= e^(l^2 (b - a)^2 / 8) for X in [a, b]. *)
Theorem hoeffding_lemma : forall A (E : integral A) (X : A -> R) a b l, probability E -> a < b -> (forall x, a <= X x <= b) -> 0 <= l ->
  E (fun x => exp (l * (X x - E X))) <= exp (l ^ 2 * (b - a) ^ 2 / 8).
Proof.
  intros A E X a b l P L HX Hl. set (m := E X).
  assert (Hm : a <= m <= b).
  { split; [rewrite <- (value_constant E P a)|rewrite <- (value_constant E P b)]; apply value_le; intro x; apply HX. }
  destruct (Rle_lt_or_eq_dec 0 l Hl) as [Hp|Hz].
  2:{ subst l. rewrite (value_ext E _ (fun _ => 1)) by (intro; rewrite Rmult_0_l, exp_0; reflexivity). rewrite P.
      replace (0 ^ 2 * (b - a) ^ 2 / 8) with 0 by (unfold Rdiv; ring). rewrite exp_0. lra. }
  pose (p := (m - a) / (b - a)). pose (u := l * (b - a)).
  assert (Hpp : 0 <= p <= 1).
  { unfold p. split; [apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]|]. apply (Rmult_le_reg_r (b - a)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  apply Rle_trans with (E (fun x => (1 - p + p * exp u) * exp (- (p * u)) + (X x - m) * ((exp (l * (b - m)) - exp (l * (a - m))) / (b - a)))).
  - apply value_le. intro x. specialize (HX x).
    eapply Rle_trans; [apply (exp_chord (l * (a - m)) (l * (b - m))); split || idtac; nra|]. right.
    replace (exp u * 1) with (exp u) by ring.
    replace ((1 - p + p * exp u) * exp (- (p * u))) with ((1 - p) * exp (l * (a - m)) + p * exp (l * (b - m))).
    + unfold p. field. split; nra.
    + rewrite Rmult_plus_distr_r, Rmult_assoc, <- exp_plus. f_equal; f_equal; f_equal; unfold p, u; field; lra.
  - rewrite value_add, (value_constant E P), value_scale_right, value_sub, (value_constant E P). fold m. replace (m - m) with 0 by ring. rewrite Rmult_0_l, Rplus_0_r.
    eapply Rle_trans; [apply bernoulli_moment; auto; unfold u; nra|]. right. f_equal. unfold u. field.
Qed.

Section Hoeffding.
Variable A : Type.
Variable step : list A -> integral A.
Hypothesis step_probability : forall past, probability (step past).
Variable X : A -> R.
Variables a b m : R.
Hypothesis ab : a < b.
Hypothesis X_range : forall x, a <= X x <= b.
Hypothesis X_mean : forall past, step past X = m.

Lemma hoeffding_moment : forall l n past, 0 <= l ->
  run step n past (fun outcomes => exp (l * (sum outcomes X - m * INR n))) <= exp (INR n * (l ^ 2 * (b - a) ^ 2 / 8)) * exp (l * sum past X).
Proof.
  intros l n. induction n; intros past Hl.
  - simpl. rewrite <- exp_plus. right. f_equal. ring.
  - apply Rle_trans with (step past (fun x => exp (INR n * (l ^ 2 * (b - a) ^ 2 / 8)) * exp (l * sum past X) * exp (l * (X x - m)))).
    + apply (value_le (step past)). intro x.
      change (run step n (x :: past) (fun outcomes => exp (l * (sum outcomes X - m * INR (S n)))) <=
        exp (INR n * (l ^ 2 * (b - a) ^ 2 / 8)) * exp (l * sum past X) * exp (l * (X x - m))).
      rewrite (value_ext (run step n (x :: past)) _ (fun outcomes => exp (- (l * m)) * exp (l * (sum outcomes X - m * INR n)))).
      2:{ intro o. rewrite <- exp_plus. f_equal. rewrite S_INR. ring. }
      rewrite value_scale. eapply Rle_trans; [apply Rmult_le_compat_l; [left; apply exp_pos|apply IHn; auto]|].
      right. rewrite <- !exp_plus. f_equal. simpl. ring.
    + rewrite value_scale. rewrite <- (X_mean past).
      eapply Rle_trans; [apply Rmult_le_compat_l; [left; apply Rmult_lt_0_compat; apply exp_pos|apply (hoeffding_lemma A (step past) X a b l); auto]|].
      right. rewrite <- !exp_plus. f_equal. rewrite S_INR. ring.
Qed.

(** P(mean - m >= t) <= e^(-2 n t^2 / (b - a)^2) for n numbers in [a, b], each with the mean m given those before. *)
Theorem hoeffding : forall n t, (0 < n)%nat -> 0 <= t ->
  chance (run step n []) (fun outcomes => leb t (sum outcomes X / INR n - m)) <= exp (- 2 * INR n * t ^ 2 / (b - a) ^ 2).
Proof.
  intros n t Hn Ht. assert (N : 0 < INR n) by (apply lt_0_INR; auto).
  pose (l := 4 * t / (b - a) ^ 2).
  assert (W : 0 < (b - a) ^ 2) by (apply pow_lt; lra).
  assert (Hl : 0 <= l) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; auto]).
  apply Rle_trans with (exp (- (l * t * INR n)) * run step n [] (fun outcomes => exp (l * (sum outcomes X - m * INR n)))).
  - rewrite <- value_scale. apply value_le. intro o. rewrite <- exp_plus. unfold leb. destruct (Rle_dec t (sum o X / INR n - m)) as [L|L].
    + apply Rle_trans with (exp 0); [rewrite exp_0; simpl; lra|apply exp_le].
      assert (t * INR n <= sum o X - m * INR n).
      { replace (sum o X - m * INR n) with ((sum o X / INR n - m) * INR n) by (field; lra). apply Rmult_le_compat_r; lra. }
      nra.
    + left. apply exp_pos.
  - eapply Rle_trans; [apply Rmult_le_compat_l; [left; apply exp_pos|apply hoeffding_moment; auto]|].
    right. rewrite <- !exp_plus. f_equal. unfold l. simpl sum. field. lra.
Qed.

End Hoeffding.

(** The half width of the bounds. *)
Definition radius (n : nat) (width alpha : R) : R := width * sqrt (ln (1 / alpha) / (2 * INR n)).

Section Bounds.
Variable A : Type.
Variable step : list A -> integral A.
Hypothesis step_probability : forall past, probability (step past).
Variable X : A -> R.
Variables a b m : R.
Hypothesis ab : a < b.
Hypothesis X_range : forall x, a <= X x <= b.
Hypothesis X_mean : forall past, step past X = m.

Lemma radius_tail : forall n alpha, (0 < n)%nat -> 0 < alpha <= 1 -> 0 <= radius n (b - a) alpha /\ exp (- 2 * INR n * radius n (b - a) alpha ^ 2 / (b - a) ^ 2) = alpha.
Proof.
  intros n alpha Hn Ha. assert (N : 0 < INR n) by (apply lt_0_INR; auto).
  assert (Q : 0 <= ln (1 / alpha) / (2 * INR n)).
  { apply Rmult_le_pos; [|left; apply Rinv_0_lt_compat; lra]. unfold Rdiv. rewrite Rmult_1_l, ln_Rinv by lra.
    assert (ln alpha <= 0); [|lra]. rewrite <- ln_1. destruct (proj2 Ha) as [L| ->]; [left; apply ln_increasing; lra|lra]. }
  unfold radius. split; [apply Rmult_le_pos; [lra|apply sqrt_pos]|].
  rewrite Rpow_mult_distr, pow2_sqrt by auto. replace (ln (1 / alpha)) with (- ln alpha) by (unfold Rdiv; rewrite Rmult_1_l, ln_Rinv; lra).
  replace (- 2 * INR n * ((b - a) ^ 2 * (- ln alpha / (2 * INR n))) / (b - a) ^ 2) with (ln alpha) by (field; split; lra).
  apply exp_ln. lra.
Qed.

(** P(m >= mean + (b - a) sqrt(ln(1 / alpha) / (2 n))) <= alpha. *)
Theorem hoeffding_upper_bound : forall n alpha, (0 < n)%nat -> 0 < alpha <= 1 ->
  chance (run step n []) (fun outcomes => leb (sum outcomes X / INR n + radius n (b - a) alpha) m) <= alpha.
Proof.
  intros n alpha Hn Ha. destruct (radius_tail n alpha Hn Ha) as [R0 RE].
  apply Rle_trans with (exp (- 2 * INR n * radius n (b - a) alpha ^ 2 / (- a - - b) ^ 2)); [|replace (- a - - b) with (b - a) by ring; lra].
  eapply Rle_trans; [|apply (hoeffding A step step_probability (fun x => - X x) (- b) (- a) (- m)); auto; try lra].
  - apply chance_le. intros o E. apply leb_le in E. apply leb_le.
    assert (S : sum o (fun x => - X x) = - sum o X) by (clear; induction o; simpl; lra). rewrite S. unfold Rdiv in *. lra.
  - intro x. specialize (X_range x). lra.
  - intro past. rewrite <- (X_mean past), (value_ext _ _ (fun x => (-1) * X x)) by (intro; ring). rewrite value_scale. ring.
Qed.

(** P(m <= mean - (b - a) sqrt(ln(1 / alpha) / (2 n))) <= alpha. *)
Theorem hoeffding_lower_bound : forall n alpha, (0 < n)%nat -> 0 < alpha <= 1 ->
  chance (run step n []) (fun outcomes => leb m (sum outcomes X / INR n - radius n (b - a) alpha)) <= alpha.
Proof.
  intros n alpha Hn Ha. destruct (radius_tail n alpha Hn Ha) as [R0 RE].
  apply Rle_trans with (exp (- 2 * INR n * radius n (b - a) alpha ^ 2 / (b - a) ^ 2)); [|lra].
  eapply Rle_trans; [|apply (hoeffding A step step_probability X a b m); auto].
  apply chance_le. intros o E. apply leb_le in E. apply leb_le. lra.
Qed.

End Bounds.
