(* Total variation, Kullback-Leibler and Hellinger distance of two densities with respect to any positive linear integral (a finite sum is one), and what each bounds of another. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Calculus Expectation.
Import ListNotations.
Open Scope R_scope.

Definition variation {A} (I : integral A) (p q : A -> R) : R := I (fun x => Rabs (p x - q x)) / 2.
Definition divergence {A} (I : integral A) (p q : A -> R) : R := I (fun x => p x * ln (p x / q x)).
Definition hellinger_square {A} (I : integral A) (p q : A -> R) : R := I (fun x => (sqrt (p x) - sqrt (q x)) ^ 2) / 2.

(** A density: not negative, of integral 1. *)
Definition density {A} (I : integral A) (p : A -> R) : Prop := (forall x, 0 <= p x) /\ I p = 1.

(** From 2 w <= t u + v / t for all t > 0. *)
Lemma best_scale : forall u v w, 0 <= u -> 0 <= v -> (forall t, 0 < t -> 2 * w <= t * u + v / t) -> w <= sqrt (u * v).
Proof.
  intros u v w Hu Hv H. destruct (Rle_dec w 0) as [N|N]; [apply Rle_trans with 0; auto; apply sqrt_pos|].
  destruct Hu as [Pu| <-].
  - assert (S : w * w <= u * v).
    { pose proof (H (w / u) ltac:(apply Rdiv_lt_0_compat; lra)) as L.
      replace (w / u * u + v / (w / u)) with (w + u * v / w) in L by (field; lra).
      assert (M : w <= u * v / w) by lra. apply (Rmult_le_compat_r w) in M; [|lra]. unfold Rdiv in M. rewrite Rmult_assoc, Rinv_l in M; lra. }
    rewrite <- (sqrt_square w) by lra. apply sqrt_le_1_alt. exact S.
  - exfalso. assert (P : 0 < (v + 1) / w) by (apply Rdiv_lt_0_compat; lra). pose proof (H _ P) as L.
    replace ((v + 1) / w * 0 + v / ((v + 1) / w)) with (w * (v / (v + 1))) in L by (field; lra).
    assert (v / (v + 1) <= 1). { apply (Rmult_le_reg_r (v + 1)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    assert (w * (v / (v + 1)) <= w * 1) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Lemma twice_geometric : forall d u v t, d ^ 2 <= u * v -> 0 <= u -> 0 <= v -> 0 < t -> 2 * Rabs d <= t * u + v / t.
Proof.
  intros d u v t H Hu Hv Ht. assert (V : 0 <= v / t) by (apply Rmult_le_pos; auto; left; apply Rinv_0_lt_compat; auto).
  rewrite <- pow2_abs in H. pose proof (Rabs_pos d) as P. assert (E : Rabs d ^ 2 <= t * u * (v / t)).
  { replace (t * u * (v / t)) with (u * v) by (field; lra). exact H. }
  assert (W : 0 <= t * u) by (apply Rmult_le_pos; lra). set (w := t * u) in *. set (z := v / t) in *. set (s := Rabs d) in *.
  apply Rnot_lt_le. intro L. pose proof (pow2_ge_0 (w - z)). assert (0 < (2 * s - (w + z)) * (2 * s + (w + z))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

Lemma cauchy_schwarz : forall A (I : integral A) f g, I (fun x => Rabs (f x * g x)) <= sqrt (I (fun x => f x ^ 2) * I (fun x => g x ^ 2)).
Proof.
  intros A I f g. apply best_scale; try (apply value_nonnegative; intro; apply pow2_ge_0). intros t Ht.
  unfold Rdiv. rewrite <- !value_scale, <- value_scale_right, <- value_add. apply value_le. intro x.
  apply twice_geometric; auto using pow2_ge_0. right. ring.
Qed.

Section Densities.
Context {A : Type} (I : integral A).
Variables p q : A -> R.
Hypothesis Dp : density I p.
Hypothesis Dq : density I q.

(** Events and tests: |E_p g - E_q g| <= TV for every g from 0 to 1. *)
Theorem variation_tests : forall g, (forall x, 0 <= g x <= 1) -> Rabs (I (fun x => p x * g x) - I (fun x => q x * g x)) <= variation I p q.
Proof.
  intros g Hg. destruct Dp as [_ P1], Dq as [_ Q1].
  replace (I (fun x => p x * g x) - I (fun x => q x * g x)) with (I (fun x => (p x - q x) * (g x - 1 / 2))).
  - eapply Rle_trans; [apply value_abs|]. unfold variation, Rdiv. rewrite <- value_scale_right. apply value_le. intro x.
    rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|]. apply Rabs_le. specialize (Hg x). lra.
  - rewrite (value_ext I _ (fun x => (p x * g x - q x * g x) + (-1/2) * (p x - q x))) by (intro; field).
    rewrite value_add, value_scale, !value_sub, P1, Q1. ring.
Qed.

Lemma variation_bound : forall l m, (forall x, Rabs (p x - q x) / 2 <= l * p x + m * q x) -> variation I p q <= l + m.
Proof.
  intros l m H. destruct Dp as [_ P1], Dq as [_ Q1]. replace (l + m) with (I (fun x => l * p x + m * q x)) by (rewrite value_add, !value_scale, P1, Q1; ring).
  unfold variation, Rdiv. rewrite <- value_scale_right. apply value_le. exact H.
Qed.

Theorem variation_at_most_1 : variation I p q <= 1.
Proof.
  replace 1 with (1 / 2 + 1 / 2) by field. apply variation_bound. intro x. pose proof (proj1 Dp x). pose proof (proj1 Dq x).
  assert (Rabs (p x - q x) <= p x + q x) by (apply Rabs_le; lra). lra.
Qed.

(** On the whole space: q not below e^-c p on an event that has at least the probability 1 - m under p. *)
Theorem log_density_whole : forall c m (inside : A -> bool), 0 <= c -> (forall x, inside x = true -> exp (- c) * p x <= q x) ->
  1 - m <= I (fun x => p x * indicator (inside x)) -> variation I p q <= 1 - exp (- c) * (1 - m).
Proof.
  intros c m inside Hc H M. destruct Dp as [P0 P1], Dq as [Q0 Q1].
  assert (E : exp (- c) <= 1) by (rewrite <- exp_0; apply exp_le; lra). pose proof (exp_pos (- c)).
  apply Rle_trans with (I (fun x => 1 / 2 * p x + (1 / 2 * q x + - exp (- c) * (p x * indicator (inside x))))).
  - unfold variation, Rdiv. rewrite <- value_scale_right. apply value_le. intro x. specialize (H x). specialize (P0 x). specialize (Q0 x).
    destruct (inside x); simpl.
    + specialize (H eq_refl). assert (exp (- c) * p x <= p x) by nra. unfold Rabs. destruct (Rcase_abs (p x - q x)); lra.
    + unfold Rabs. destruct (Rcase_abs (p x - q x)); lra.
  - rewrite !value_add, !value_scale, P1, Q1. nra.
Qed.

(** H^2 <= TV <= H sqrt(2 - H^2). *)
Theorem hellinger_below_variation : hellinger_square I p q <= variation I p q.
Proof.
  unfold hellinger_square, variation. apply Rmult_le_compat_r; [lra|]. apply value_le. intro x.
  pose proof (proj1 Dp x) as Hp. pose proof (proj1 Dq x) as Hq. rewrite <- (sqrt_sqrt (p x)) at 2 by auto. rewrite <- (sqrt_sqrt (q x)) at 2 by auto.
  pose proof (sqrt_pos (p x)). pose proof (sqrt_pos (q x)). set (a := sqrt (p x)) in *. set (b := sqrt (q x)) in *.
  replace (a * a - b * b) with ((a - b) * (a + b)) by ring. rewrite Rabs_mult, (Rabs_pos_eq (a + b)) by lra.
  replace ((a - b) ^ 2) with (Rabs (a - b) * Rabs (a - b)) by (rewrite <- (pow2_abs (a - b)); ring).
  apply Rmult_le_compat_l; [apply Rabs_pos|]. apply Rabs_le. lra.
Qed.

Lemma hellinger_nonnegative : 0 <= hellinger_square I p q.
Proof. unfold hellinger_square. apply Rmult_le_pos; [|lra]. apply value_nonnegative. intro. apply pow2_ge_0. Qed.

Theorem variation_below_hellinger : variation I p q <= sqrt (hellinger_square I p q) * sqrt (2 - hellinger_square I p q).
Proof.
  pose proof hellinger_nonnegative as H0. rewrite <- sqrt_mult_alt by auto.
  pose proof (cauchy_schwarz A I (fun x => sqrt (p x) - sqrt (q x)) (fun x => sqrt (p x) + sqrt (q x))) as C. cbv beta in C.
  assert (S : I (fun x => (sqrt (p x) + sqrt (q x)) ^ 2) = 2 * (2 - hellinger_square I p q)).
  { destruct Dp as [P0 P1], Dq as [Q0 Q1].
    rewrite (value_ext I _ (fun x => (2 * p x + 2 * q x) + (-1) * (sqrt (p x) - sqrt (q x)) ^ 2)).
    - rewrite !value_add, !value_scale, P1, Q1. unfold hellinger_square. field.
    - intro x. pose proof (sqrt_sqrt (p x) (P0 x)). pose proof (sqrt_sqrt (q x) (Q0 x)). nra. }
  rewrite S in C. replace (I (fun x => (sqrt (p x) - sqrt (q x)) ^ 2)) with (2 * hellinger_square I p q) in C by (unfold hellinger_square; field).
  rewrite (value_ext I _ (fun x => Rabs (p x - q x))) in C.
  - replace (2 * hellinger_square I p q * (2 * (2 - hellinger_square I p q))) with (2 ^ 2 * (hellinger_square I p q * (2 - hellinger_square I p q))) in C by ring.
    rewrite sqrt_mult_alt, sqrt_pow2 in C by (try apply pow2_ge_0; lra). unfold variation. lra.
  - intro x. f_equal. pose proof (sqrt_sqrt (p x) (proj1 Dp x)). pose proof (sqrt_sqrt (q x) (proj1 Dq x)). nra.
Qed.

Hypothesis q_positive : forall x, 0 < q x.

Lemma divergence_term : forall x, p x * ln (p x / q x) - p x + q x = q x * (p x / q x * ln (p x / q x) - p x / q x + 1).
Proof. intro x. specialize (q_positive x). field. lra. Qed.

Lemma divergence_centred : I (fun x => p x * ln (p x / q x) - p x + q x) = divergence I p q.
Proof. unfold divergence. rewrite value_add, value_sub, (proj2 Dp), (proj2 Dq). ring. Qed.

Lemma ratio_nonnegative : forall x, 0 <= p x / q x.
Proof. intro x. apply Rmult_le_pos; [apply Dp|left; apply Rinv_0_lt_compat; auto]. Qed.

(** KL >= 0. *)
Theorem divergence_nonnegative : 0 <= divergence I p q.
Proof.
  rewrite <- divergence_centred. apply value_nonnegative. intro x. rewrite divergence_term. apply Rmult_le_pos; [left; auto|].
  pose proof (entropy_tangent _ (ratio_nonnegative x)). lra.
Qed.

(** TV <= sqrt(KL / 2). *)
Theorem pinsker : variation I p q <= sqrt (divergence I p q / 2).
Proof.
  assert (L : I (fun x => Rabs (p x - q x)) <= sqrt (2 * divergence I p q)).
  { rewrite <- divergence_centred. replace 2 with (I (fun x => 2 / 3 * p x + 4 / 3 * q x)) by (rewrite value_add, !value_scale, (proj2 Dp), (proj2 Dq); field).
    assert (V : forall x, 0 <= p x * ln (p x / q x) - p x + q x).
    { intro x. rewrite divergence_term. apply Rmult_le_pos; [left; auto|]. pose proof (entropy_tangent _ (ratio_nonnegative x)). lra. }
    assert (U : forall x, 0 <= 2 / 3 * p x + 4 / 3 * q x) by (intro x; pose proof (proj1 Dp x); specialize (q_positive x); lra).
    apply best_scale; try (apply value_nonnegative; auto). intros t Ht.
    match goal with |- _ <= _ + ?b / t => change (b / t) with (b * / t) end. rewrite <- !value_scale, <- value_scale_right, <- value_add. apply value_le. intro x.
    apply twice_geometric; auto. rewrite divergence_term. pose proof (entropy_square _ (ratio_nonnegative x)) as Q. specialize (q_positive x).
    set (r := p x / q x) in *. assert (E : p x = r * q x) by (unfold r; field; lra). rewrite E.
    replace ((r * q x - q x) ^ 2) with (q x ^ 2 / 3 * (3 * (r - 1) ^ 2)) by field.
    replace ((2 / 3 * (r * q x) + 4 / 3 * q x) * (q x * (r * ln r - r + 1))) with (q x ^ 2 / 3 * ((2 * r + 4) * (r * ln r - r + 1))) by field.
    apply Rmult_le_compat_l; auto. pose proof (pow2_ge_0 (q x)). lra. }
  pose proof divergence_nonnegative. unfold variation.
  replace (divergence I p q / 2) with ((/ 2) ^ 2 * (2 * divergence I p q)) by field.
  rewrite sqrt_mult_alt, sqrt_pow2 by (try apply pow2_ge_0; lra). lra.
Qed.

End Densities.

(** The mean of a log ratio between -e and e is at most e tanh(e / 2), if that of the ratio is 1. *)
Lemma log_chord : forall e t, 0 < e -> - e <= t <= e -> t <= e * tanh (e / 2) + - (2 * e / (exp e - exp (- e))) * (exp (- t) - 1).
Proof.
  intros e t He Ht. pose proof (exp_chord (- e) e (- t) ltac:(lra) ltac:(lra)) as C.
  assert (G : exp (- e) < exp e) by (apply exp_increasing; lra). rewrite tanh_half. pose proof (exp_pos e) as P.
  assert (N : exp (- e) * exp e = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0).
  assert (K : 0 < exp e - exp (- e)) by lra.
  apply (Rmult_le_reg_r (exp e - exp (- e))); auto.
  replace ((e * ((exp e - 1) / (exp e + 1)) + - (2 * e / (exp e - exp (- e))) * (exp (- t) - 1)) * (exp e - exp (- e)))
    with (e * (exp e + exp (- e)) - 2 * e * exp (- t)).
  - replace (e - - e) with (2 * e) in C by ring. apply (Rmult_le_compat_l (2 * e)) in C; [|lra].
    replace (2 * e * ((e - - t) / (2 * e) * exp (- e) + (- t - - e) / (2 * e) * exp e)) with ((e + t) * exp (- e) + (e - t) * exp e) in C by (field; lra). lra.
  - assert (Q : (exp e - 1) / (exp e + 1) * (exp e - exp (- e)) = exp e + exp (- e) - 2).
    { apply (Rmult_eq_reg_r (exp e + 1)); [|lra]. field_simplify; [|lra]. nra. }
    replace ((e * ((exp e - 1) / (exp e + 1)) + - (2 * e / (exp e - exp (- e))) * (exp (- t) - 1)) * (exp e - exp (- e)))
      with (e * ((exp e - 1) / (exp e + 1) * (exp e - exp (- e))) - 2 * e * (exp (- t) - 1)) by (field; lra).
    rewrite Q. ring.
Qed.

(** The chord of |L - 1| / 2 over [1 / a, b], at 1. *)
Lemma variation_chord : forall a b E, 1 <= a -> 1 <= b -> 1 < E -> a * b = E ^ 2 -> (b - 1) * (a - 1) / (a * b - 1) <= (E - 1) / (E + 1).
Proof.
  intros a b E Ha Hb HE H. assert (S : 2 * E <= a + b). { apply Rsqr_incr_0_var; [|lra]. unfold Rsqr. pose proof (pow2_ge_0 (a - b)). nra. }
  assert (P : 0 < a * b - 1) by nra. apply (Rmult_le_reg_r (a * b - 1)); auto. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra.
  replace ((E - 1) / (E + 1) * (a * b - 1)) with ((E - 1) ^ 2) by (rewrite H; field; lra). nra.
Qed.

Section Ratio.
Context {A : Type} (I : integral A).
Variables p q : A -> R.
Variable e : R.
Hypothesis p_positive : forall x, 0 < p x.
Hypothesis q_positive : forall x, 0 < q x.
Hypothesis close : forall x, Rabs (ln (p x) - ln (q x)) <= e.

Lemma close_ratio : forall x, exp (- e) * q x <= p x <= exp e * q x.
Proof.
  intro x. specialize (close x). assert (C : - e <= ln (p x) - ln (q x) <= e).
  { revert close. unfold Rabs. destruct (Rcase_abs (ln (p x) - ln (q x))); lra. }
  rewrite <- (exp_ln (p x)), <- (exp_ln (q x)), <- !exp_plus by auto. split; apply exp_le; lra.
Qed.

(** Log densities that differ by at most e, up to any normalisers: once normalised, TV <= tanh(e / 2). *)
Theorem log_density_variation : 0 < I p -> 0 < I q -> variation I (fun x => p x / I p) (fun x => q x / I q) <= tanh (e / 2).
Proof.
  intros Zp Zq.
  assert (Np : density I (fun x => p x / I p)).
  { split; [intro; apply Rmult_le_pos; [left; auto|left; apply Rinv_0_lt_compat; auto]|unfold Rdiv; rewrite value_scale_right; apply Rinv_r; lra]. }
  assert (Nq : density I (fun x => q x / I q)).
  { split; [intro; apply Rmult_le_pos; [left; auto|left; apply Rinv_0_lt_compat; auto]|unfold Rdiv; rewrite value_scale_right; apply Rinv_r; lra]. }
  pose (c := I q / I p). assert (Pc : 0 < c) by (apply Rdiv_lt_0_compat; auto).
  pose proof (exp_pos e) as PE. assert (N : exp (- e) * exp e = 1) by (rewrite <- exp_plus, Rplus_opp_l; apply exp_0).
  assert (L : forall x, exp (- e) * c * (q x / I q) <= p x / I p <= exp e * c * (q x / I q)).
  { intro x. pose proof (close_ratio x) as [L1 L2]. unfold c. split.
    - replace (exp (- e) * (I q / I p) * (q x / I q)) with (exp (- e) * q x / I p) by (field; lra). apply Rmult_le_compat_r; auto. left. apply Rinv_0_lt_compat. auto.
    - replace (exp e * (I q / I p) * (q x / I q)) with (exp e * q x / I p) by (field; lra). apply Rmult_le_compat_r; auto. left. apply Rinv_0_lt_compat. auto. }
  assert (L1 : exp (- e) * c <= 1).
  { rewrite <- (proj2 Np). replace (exp (- e) * c) with (I (fun x => exp (- e) * c * (q x / I q))) by (rewrite value_scale, (proj2 Nq); ring). apply value_le. apply L. }
  assert (L2 : 1 <= exp e * c).
  { rewrite <- (proj2 Np). replace (exp e * c) with (I (fun x => exp e * c * (q x / I q))) by (rewrite value_scale, (proj2 Nq); ring). apply value_le. apply L. }
  pose (b := exp e * c). pose (l := exp (- e) * c). fold l in L, L1. fold b in L, L2. rewrite tanh_half.
  assert (Pl : 0 < l) by (apply Rmult_lt_0_compat; auto; apply exp_pos).
  assert (B : b = exp e ^ 2 * l). { unfold b, l. replace (exp e ^ 2 * (exp (- e) * c)) with (exp (- e) * exp e * (exp e * c)) by ring. rewrite N. ring. }
  assert (E1 : 1 <= exp e) by nra.
  destruct (Req_dec b l) as [S|S].
  - assert (E2 : exp e = 1) by nra. assert (l = 1) by lra. rewrite E2. replace ((1 - 1) / (1 + 1)) with (0 + 0) by field.
    apply (variation_bound I _ _ Np Nq). intro x. specialize (L x). rewrite S, H in L. replace (p x / I p - q x / I q) with 0 by lra. rewrite Rabs_R0. lra.
  - assert (D : 0 < b - l) by nra. pose (k := (b + l - 2) / (2 * (b - l))). pose (m := (1 - l) / 2 - k * l).
    apply Rle_trans with (k + m).
    + apply (variation_bound I _ _ Np Nq). intro x. specialize (L x). pose proof (proj1 Nq x) as Q0. cbv beta in Q0.
      set (P := p x / I p) in *. set (Q := q x / I q) in *.
      assert (K : k * (b - l) = (b + l - 2) / 2) by (unfold k; field; lra).
      assert (K1 : 0 <= 1 / 2 - k). { apply (Rmult_le_reg_r (b - l)); auto. rewrite Rmult_0_l. nra. }
      assert (K2 : 0 <= 1 / 2 + k). { apply (Rmult_le_reg_r (b - l)); auto. rewrite Rmult_0_l. nra. }
      unfold m. unfold Rabs. destruct (Rcase_abs (P - Q)).
      * assert (0 <= (1 / 2 + k) * (P - l * Q)) by (apply Rmult_le_pos; lra). lra.
      * assert (0 <= (1 / 2 - k) * (b * Q - P)) by (apply Rmult_le_pos; lra). nra.
    + assert (E2 : 1 < exp e) by (destruct E1 as [E1|E1]; auto; exfalso; apply S; rewrite B, <- E1; ring). pose proof (variation_chord (/ l) b (exp e)) as V.
      replace (k + m) with ((b - 1) * (/ l - 1) / (/ l * b - 1)).
      * apply V; auto; [rewrite <- Rinv_1; apply Rinv_le_contravar; auto|rewrite B; field; lra].
      * unfold m, k. field. repeat split; lra.
Qed.

(** Densities with log densities that differ by at most e: KL <= e tanh(e / 2) <= e^2 / 2. *)
Theorem log_density_divergence : 0 < e -> density I p -> density I q -> divergence I p q <= e * tanh (e / 2).
Proof.
  intros He [_ P1] [_ Q1]. unfold divergence.
  apply Rle_trans with (I (fun x => e * tanh (e / 2) * p x + - (2 * e / (exp e - exp (- e))) * (q x - p x))).
  - apply value_le. intro x. assert (R : ln (p x / q x) = ln (p x) - ln (q x)).
    { unfold Rdiv. rewrite ln_mult, ln_Rinv; auto. apply Rinv_0_lt_compat; auto. }
    specialize (close x). assert (C : - e <= ln (p x / q x) <= e).
    { rewrite R. revert close. unfold Rabs. destruct (Rcase_abs (ln (p x) - ln (q x))); lra. }
    pose proof (log_chord e _ He C) as L. rewrite (exp_Ropp (ln (p x / q x))), exp_ln in L by (apply Rdiv_lt_0_compat; auto).
    apply (Rmult_le_compat_l (p x)) in L; [|left; auto]. eapply Rle_trans; [exact L|]. right.
    set (k := 2 * e / (exp e - exp (- e))). specialize (p_positive x). specialize (q_positive x). field. lra.
  - rewrite value_add, !value_scale, value_sub, P1, Q1. lra.
Qed.

Theorem log_density_divergence_square : 0 < e -> density I p -> density I q -> divergence I p q <= e ^ 2 / 2.
Proof.
  intros He P Q. eapply Rle_trans; [apply log_density_divergence; auto|]. pose proof (tanh_le (e / 2) ltac:(lra)). nra.
Qed.

End Ratio.

(** Weights softmax(z): TV <= tanh(max |dz| / 2), whatever is summed. *)
Theorem softmax_variation : forall A (I : integral A) (z z' : A -> R) e, (forall x, Rabs (z x - z' x) <= e) -> 0 < I (fun x => exp (z x)) -> 0 < I (fun x => exp (z' x)) ->
  variation I (fun x => exp (z x) / I (fun x => exp (z x))) (fun x => exp (z' x) / I (fun x => exp (z' x))) <= tanh (e / 2).
Proof.
  intros A I z z' e H P P'. apply (log_density_variation I (fun x => exp (z x)) (fun x => exp (z' x))); auto; intro x; try apply exp_pos.
  rewrite !ln_exp. apply H.
Qed.

(** KL of softmax weights: ln sum_k w0_k e^(d_k - mean d), at most sum_k w0_k e^(d_k - mean d) - 1, with d the change of the logits and its mean under w0. *)
Theorem softmax_divergence : forall A (I : integral A) (z0 z : A -> R), 0 < I (fun x => exp (z0 x)) -> 0 < I (fun x => exp (z x)) ->
  let w0 := fun x => exp (z0 x) / I (fun x => exp (z0 x)) in
  let mean := I (fun x => w0 x * (z x - z0 x)) in
  let moment := I (fun x => w0 x * exp (z x - z0 x - mean)) in
  divergence I w0 (fun x => exp (z x) / I (fun x => exp (z x))) = ln moment /\ ln moment <= moment - 1.
Proof.
  intros A I z0 z P0 P w0 mean moment. set (Z0 := I (fun x => exp (z0 x))) in *. set (Z := I (fun x => exp (z x))) in *.
  assert (T : I w0 = 1) by (unfold w0, Rdiv; rewrite value_scale_right; fold Z0; apply Rinv_r; lra).
  assert (M : moment = Z / Z0 * exp (- mean)).
  { unfold moment. rewrite (value_ext I _ (fun x => exp (z x) * (/ Z0 * exp (- mean)))); [rewrite value_scale_right; fold Z; unfold Rdiv; ring|].
    intro x. unfold w0, Rdiv. replace (z x - z0 x - mean) with (- z0 x + (z x + - mean)) by ring. rewrite !exp_plus, exp_Ropp. fold Z0. pose proof (exp_pos (z0 x)). field. lra. }
  assert (Mp : 0 < moment) by (rewrite M; apply Rmult_lt_0_compat; [apply Rdiv_lt_0_compat; auto|apply exp_pos]).
  split.
  - unfold divergence. rewrite (value_ext I _ (fun x => w0 x * ln (Z / Z0) + (-1) * (w0 x * (z x - z0 x)))).
    + rewrite value_add, value_scale, value_scale_right, T. fold mean.
      rewrite M, ln_mult, ln_exp by (try apply exp_pos; apply Rdiv_lt_0_compat; auto). ring.
    + intro x. replace (ln (w0 x / (exp (z x) / Z))) with (ln (Z / Z0) - (z x - z0 x)); [ring|].
      replace (w0 x / (exp (z x) / Z)) with (Z / Z0 * exp (- (z x - z0 x))).
      * rewrite ln_mult, ln_exp by (try apply exp_pos; apply Rdiv_lt_0_compat; auto). ring.
      * unfold w0. fold Z0. replace (- (z x - z0 x)) with (z0 x + - z x) by ring. rewrite exp_plus, exp_Ropp. pose proof (exp_pos (z x)). field. lra.
  - pose proof (exp_ineq1_le (ln moment)) as L. rewrite exp_ln in L by auto. lra.
Qed.

Definition jensen_shannon {A} (I : integral A) (p q : A -> R) : R := (divergence I p (fun x => (p x + q x) / 2) + divergence I q (fun x => (p x + q x) / 2)) / 2.

(** JS <= H^2. *)
Theorem jensen_shannon_hellinger : forall A (I : integral A) p q, (forall x, 0 < p x) -> (forall x, 0 < q x) -> jensen_shannon I p q <= hellinger_square I p q.
Proof.
  intros A I p q Pp Pq. unfold jensen_shannon, hellinger_square, divergence. apply Rmult_le_compat_r; [lra|]. rewrite <- value_add. apply value_le. intro x.
  specialize (Pp x). specialize (Pq x). pose proof (entropy_roots (p x / q x) ltac:(apply Rdiv_lt_0_compat; auto)) as E. set (t := p x / q x) in *.
  assert (T : p x = t * q x) by (unfold t; field; lra). assert (Pt : 0 < t) by (apply Rdiv_lt_0_compat; auto). rewrite T, sqrt_mult_alt by lra.
  replace (t * q x / ((t * q x + q x) / 2)) with (2 * t / (1 + t)) by (field; lra). replace (q x / ((t * q x + q x) / 2)) with (2 / (1 + t)) by (field; lra).
  apply (Rmult_le_compat_l (q x)) in E; [|lra]. pose proof (sqrt_sqrt (q x) ltac:(lra)) as S.
  replace ((sqrt t * sqrt (q x) - sqrt (q x)) ^ 2) with (q x * (sqrt t - 1) ^ 2) by (rewrite <- S at 1; ring). lra.
Qed.

(** JS <= ln 2. *)
Theorem jensen_shannon_at_most_ln2 : forall A (I : integral A) p q, (forall x, 0 < p x) -> (forall x, 0 < q x) -> I p = 1 -> I q = 1 -> jensen_shannon I p q <= ln 2.
Proof.
  intros A I p q Pp Pq P1 Q1.
  assert (D : forall r s : A -> R, (forall x, 0 < r x) -> (forall x, 0 < s x) -> I r = 1 -> divergence I r (fun x => (r x + s x) / 2) <= ln 2).
  { intros r s Pr Ps R1. unfold divergence. rewrite <- (Rmult_1_l (ln 2)), <- R1, <- value_scale_right. apply value_le. intro x. specialize (Pr x). specialize (Ps x).
    apply Rmult_le_compat_l; [lra|]. assert (0 < r x / ((r x + s x) / 2)) by (apply Rdiv_lt_0_compat; lra).
    assert (r x / ((r x + s x) / 2) <= 2). { apply (Rmult_le_reg_r ((r x + s x) / 2)); [lra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l; lra. }
    destruct H0 as [L|E]; [left; apply ln_increasing; auto|rewrite E; lra]. }
  unfold jensen_shannon. pose proof (D p q Pp Pq P1). pose proof (D q p Pq Pp Q1) as D2.
  replace (divergence I q (fun x => (p x + q x) / 2)) with (divergence I q (fun x => (q x + p x) / 2)); [lra|].
  apply value_ext. intro x. rewrite (Rplus_comm (q x)). reflexivity.
Qed.
