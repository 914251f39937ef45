(* Lines that bound the logistic function and tanh: tangents and chords on either side of 0, where they are convex or concave, and lines through the ends of an interval that holds 0. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Certify.Graphs Require Import Functions.
Open Scope R_scope.

(** The derivative. *)
Definition sigmoid_slope (t : R) : R := sigmoid t * (1 - sigmoid t).

(** What has a derivative >= 0 from 0 on is at least its value at 0. *)
Lemma rises : forall f f', (forall x, is_derive f x (f' x)) -> (forall x, 0 <= x -> 0 <= f' x) -> forall x, 0 <= x -> f 0 <= f x.
Proof.
  intros f f' D P x Hx. destruct (Req_dec x 0) as [->|N]; [lra|].
  destruct (MVT_gen f 0 x f') as (c & Hc & E).
  - intros. apply D.
  - intros. apply continuity_pt_filterlim. apply (ex_derive_continuous f). exists (f' x0). apply D.
  - rewrite Rmin_left, Rmax_right in Hc by lra. assert (0 <= f' c * (x - 0)) by (apply Rmult_le_pos; [apply P|]; lra). lra.
Qed.

Lemma exp_line : forall x, 1 + x <= exp x.
Proof. intro x. destruct (Req_dec x 0) as [->|N]; [rewrite exp_0; lra|]. left. apply exp_ineq1. exact N. Qed.

Lemma exp_cosh : forall x, 2 <= exp x + exp (- x).
Proof. intro x. pose proof (exp_line x). pose proof (exp_line (- x)). lra. Qed.

Lemma sinh_above : forall x, 0 <= x -> 2 * x <= exp x - exp (- x).
Proof.
  intros x Hx. assert (H := rises (fun x => exp x - exp (- x) - 2 * x) (fun x => exp x + exp (- x) - 2)). simpl in H.
  assert (E : exp 0 - exp (- 0) - 2 * 0 <= exp x - exp (- x) - 2 * x).
  { apply H; auto. - intro y. auto_derive; auto. ring. - intros y _. pose proof (exp_cosh y). lra. }
  rewrite Ropp_0 in E. lra.
Qed.

Lemma cosh_above : forall x, 0 <= x -> exp x - exp (- x) <= x * (exp x + exp (- x)).
Proof.
  intros x Hx. assert (H := rises (fun x => x * (exp x + exp (- x)) - (exp x - exp (- x))) (fun x => x * (exp x - exp (- x)))). simpl in H.
  assert (E : 0 * (exp 0 + exp (- 0)) - (exp 0 - exp (- 0)) <= x * (exp x + exp (- x)) - (exp x - exp (- x))).
  { apply H; auto. - intro y. auto_derive; auto. ring. - intros y Hy. pose proof (sinh_above y Hy). apply Rmult_le_pos; lra. }
  rewrite Ropp_0 in E. lra.
Qed.

Lemma le_neg_r : forall c a b, c <= 0 -> a <= b -> b * c <= a * c.
Proof. intros c a b Hc H. assert (0 <= (b - a) * - c) by (apply Rmult_le_pos; lra). lra. Qed.
(** The tangent's excess, for a = e^t and d = w - t. *)
Lemma core : forall a d, 0 < a <= 1 -> a * exp d <= 1 -> 0 <= (exp d - 1) * (1 + a) - d * (1 + a * exp d).
Proof.
  intros a d Ha Hd. pose proof (exp_pos d) as P.
  assert (Q : exp d - 1 - d * exp d <= 0).
  { assert (1 + - d <= exp (- d)). { destruct (Req_dec d 0) as [->|N]; [rewrite Ropp_0, exp_0; lra|]. left. apply exp_ineq1. lra. }
    assert (exp d * (1 + - d) <= exp d * exp (- d)) by (apply Rmult_le_compat_l; lra). rewrite <- exp_plus, Rplus_opp_r, exp_0 in H0. lra. }
  replace ((exp d - 1) * (1 + a) - d * (1 + a * exp d)) with ((exp d - 1 - d) + a * (exp d - 1 - d * exp d)) by ring.
  destruct (Rle_or_lt 0 d) as [D|D].
  - pose proof (sinh_above d D). assert (I : exp d * exp (- d) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0). pose proof (exp_pos (- d)).
    assert (A : a <= exp (- d)). { apply Rmult_le_reg_l with (exp d); [lra|]. lra. }
    assert (exp (- d) * (exp d - 1 - d * exp d) <= a * (exp d - 1 - d * exp d)) by (apply le_neg_r; lra).
    replace (exp (- d) * (exp d - 1 - d * exp d)) with (exp d * exp (- d) * (1 - d) - exp (- d)) in H1 by ring. rewrite I in H1. lra.
  - assert (B : 1 * (exp d - 1 - d * exp d) <= a * (exp d - 1 - d * exp d)) by (apply le_neg_r; lra).
    pose proof (cosh_above (- d / 2) ltac:(lra)) as C. set (p := exp (d / 2)). set (q := exp (- d / 2)) in *. replace (- (- d / 2)) with (d / 2) in C by field. fold p in C.
    assert (I : p * q = 1) by (unfold p, q; rewrite <- exp_plus; replace (d / 2 + - d / 2) with 0 by field; apply exp_0).
    assert (E : exp d = p * p) by (unfold p; rewrite <- exp_plus; f_equal; field). rewrite E in *.
    assert (0 < p) by apply exp_pos.
    assert (p * (q - p) <= p * (- d / 2 * (q + p))) by (apply Rmult_le_compat_l; lra).
    replace (p * (q - p)) with (p * q - p * p) in H0 by ring. replace (p * (- d / 2 * (q + p))) with (- d / 2 * (p * q + p * p)) in H0 by ring. rewrite I in H0. lra.
Qed.
(** At t <= 0 the tangent lies below the logistic function wherever w <= 0. *)
Theorem sigmoid_tangent_below : forall t w, t <= 0 -> w <= 0 -> supports sigmoid t (sigmoid_slope t) w.
Proof.
  intros t w Ht Hw. unfold supports, sigmoid_slope. pose proof (exp_pos t) as P. pose proof (exp_pos w) as Q.
  assert (L : forall z, z <= 0 -> exp z <= 1). { intros z H. rewrite <- exp_0. destruct H as [H|H]; [left; apply exp_increasing; exact H|rewrite H; apply Rle_refl]. }
  assert (E : exp w = exp t * exp (w - t)) by (rewrite <- exp_plus; f_equal; ring).
  pose proof (core (exp t) (w - t) (conj P (L t Ht)) ltac:(rewrite <- E; apply L; exact Hw)) as C. rewrite <- E in C. unfold sigmoid.
  apply Rminus_le. replace (exp t / (1 + exp t) + exp t / (1 + exp t) * (1 - exp t / (1 + exp t)) * (w - t) - exp w / (1 + exp w))
    with (- (exp t * ((exp (w - t) - 1) * (1 + exp t) - (w - t) * (1 + exp w))) / ((1 + exp t) * (1 + exp t) * (1 + exp w))).
  - assert (0 < (1 + exp t) * (1 + exp t) * (1 + exp w)) by (repeat apply Rmult_lt_0_compat; lra).
    assert (0 <= exp t * ((exp (w - t) - 1) * (1 + exp t) - (w - t) * (1 + exp w))) by (apply Rmult_le_pos; lra).
    unfold Rdiv. rewrite <- Ropp_mult_distr_l. assert (0 < / ((1 + exp t) * (1 + exp t) * (1 + exp w))) by (apply Rinv_0_lt_compat; assumption).
    pose proof (Rmult_le_pos _ _ H0 (Rlt_le _ _ H1)). lra.
  - field_simplify_eq; [|split; lra]. rewrite E. ring.
Qed.

Lemma sigmoid_opposite : forall z, sigmoid (- z) = 1 - sigmoid z.
Proof.
  intro z. unfold sigmoid. pose proof (exp_pos z). rewrite exp_Ropp. field. split; lra.
Qed.

Lemma slope_opposite : forall z, sigmoid_slope (- z) = sigmoid_slope z.
Proof. intro. unfold sigmoid_slope. rewrite sigmoid_opposite. ring. Qed.

(** At t >= 0 it lies above, wherever w >= 0. *)
Theorem sigmoid_tangent_above : forall t w, 0 <= t -> 0 <= w -> sigmoid w <= sigmoid t + sigmoid_slope t * (w - t).
Proof.
  intros t w Ht Hw. pose proof (sigmoid_tangent_below (- t) (- w) ltac:(lra) ltac:(lra)) as H. unfold supports in H. rewrite slope_opposite, !sigmoid_opposite in H. lra.
Qed.

(** Chords: above on the left of 0, below on the right. *)
Theorem sigmoid_chord_above : forall l u, l < u <= 0 -> forall z, l <= z <= u -> sigmoid z <= (sigmoid u - sigmoid l) / (u - l) * z + (sigmoid l - (sigmoid u - sigmoid l) / (u - l) * l).
Proof. intros l u [H Hu]. apply (supported_chord sigmoid sigmoid_slope); [exact H|]. intros. apply sigmoid_tangent_below; lra. Qed.

Theorem sigmoid_chord_below : forall l u, 0 <= l < u -> forall z, l <= z <= u -> (sigmoid u - sigmoid l) / (u - l) * z + (sigmoid l - (sigmoid u - sigmoid l) / (u - l) * l) <= sigmoid z.
Proof.
  intros l u [Hl H] z Hz. pose proof (sigmoid_chord_above (- u) (- l) ltac:(lra) (- z) ltac:(lra)) as C. rewrite !sigmoid_opposite in C.
  replace ((1 - sigmoid l - (1 - sigmoid u)) / (- l - - u)) with ((sigmoid u - sigmoid l) / (u - l)) in C by (field; lra).
  replace ((sigmoid u - sigmoid l) / (u - l) * l) with ((sigmoid u - sigmoid l) / (u - l) * u - (sigmoid u - sigmoid l)) by (field; lra). lra.
Qed.

Lemma sigmoid_rises : forall a b, a <= b -> sigmoid a <= sigmoid b.
Proof.
  intros a b [H| ->]; [|apply Rle_refl]. apply exp_increasing in H. pose proof (exp_pos a). pose proof (exp_pos b). unfold sigmoid.
  apply Rmult_le_reg_r with ((1 + exp a) * (1 + exp b)); [apply Rmult_lt_0_compat; lra|].
  replace (exp a / (1 + exp a) * ((1 + exp a) * (1 + exp b))) with (exp a * (1 + exp b)) by (field; lra).
  replace (exp b / (1 + exp b) * ((1 + exp a) * (1 + exp b))) with (exp b * (1 + exp a)) by (field; lra). lra.
Qed.

Lemma sigmoid_half : sigmoid 0 = / 2.
Proof. unfold sigmoid. rewrite exp_0. lra. Qed.

Lemma slope_falls : forall a b, 0 <= a <= b -> sigmoid_slope b <= sigmoid_slope a.
Proof.
  intros a b [Ha Hb]. pose proof (sigmoid_rises 0 a Ha) as A. pose proof (sigmoid_rises a b Hb) as B. rewrite sigmoid_half in A. unfold sigmoid_slope.
  assert (0 <= (sigmoid b - sigmoid a) * (sigmoid a + sigmoid b - 1)) by (apply Rmult_le_pos; lra). lra.
Qed.

(** A line of a slope no larger than those at both ends of an interval that holds 0: through the left end it lies below, through the right above. *)
Theorem sigmoid_across_below : forall l u s z, l <= 0 <= u -> s <= sigmoid_slope l -> s <= sigmoid_slope u -> l <= z <= u -> sigmoid l + s * (z - l) <= sigmoid z.
Proof.
  intros l u s z [Hl Hu] Sl Su Hz.
  assert (L : forall w, l <= w <= 0 -> sigmoid l + s * (w - l) <= sigmoid w).
  { intros w Hw. pose proof (sigmoid_tangent_below l w Hl (proj2 Hw)) as T. unfold supports in T. assert (s * (w - l) <= sigmoid_slope l * (w - l)) by (apply Rmult_le_compat_r; lra). lra. }
  destruct (Rle_or_lt z 0) as [N|N]; [apply L; lra|].
  pose proof (L 0 ltac:(lra)) as L0. pose proof (sigmoid_tangent_above z 0 ltac:(lra) ltac:(lra)) as T. pose proof (slope_falls z u ltac:(lra)) as F.
  assert (s * z <= sigmoid_slope z * z) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Theorem sigmoid_across_above : forall l u s z, l <= 0 <= u -> s <= sigmoid_slope l -> s <= sigmoid_slope u -> l <= z <= u -> sigmoid z <= sigmoid u + s * (z - u).
Proof.
  intros l u s z [Hl Hu] Sl Su Hz. rewrite <- (slope_opposite l) in Sl. rewrite <- (slope_opposite u) in Su.
  pose proof (sigmoid_across_below (- u) (- l) s (- z) ltac:(lra) Su Sl ltac:(lra)) as H. rewrite !sigmoid_opposite in H. lra.
Qed.

(** So it is with tanh: lines s z + t of the logistic function at 2 z give 4 s z + 2 t - 1. *)
Theorem tanh_sigmoid : forall z, tanh z = 2 * sigmoid (2 * z) - 1.
Proof.
  intro z. unfold tanh, sinh, cosh, sigmoid. replace (2 * z) with (z + z) by ring. rewrite exp_plus, exp_Ropp. pose proof (exp_pos z).
  assert (0 < exp z * exp z) by (apply Rmult_lt_0_compat; lra). field. repeat split; lra.
Qed.

Theorem tanh_lines : forall l u s t s' t', (forall z, 2 * l <= z <= 2 * u -> s * z + t <= sigmoid z <= s' * z + t') ->
  forall z, l <= z <= u -> 4 * s * z + (2 * t - 1) <= tanh z <= 4 * s' * z + (2 * t' - 1).
Proof. intros l u s t s' t' H z Hz. rewrite tanh_sigmoid. pose proof (H (2 * z) ltac:(lra)). lra. Qed.
