(* What the other files need of calculus: chords of exp and -ln, functions that do not fall, convex ones with their minimum at 1. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Lemma exp_le : forall x y, x <= y -> exp x <= exp y.
Proof. intros x y [L|L]; [left; apply exp_increasing; auto|rewrite L; lra]. Qed.

Lemma exp_chord : forall a b x, a < b -> a <= x <= b -> exp x <= (b - x) / (b - a) * exp a + (x - a) / (b - a) * exp b.
Proof.
  intros a b x L Hx.
  assert (T : forall z, exp x * (1 + (z - x)) <= exp z).
  { intro z. replace (exp z) with (exp x * exp (z - x)) by (rewrite <- exp_plus; f_equal; ring).
    apply Rmult_le_compat_l; [left; apply exp_pos|apply exp_ineq1_le]. }
  pose proof (T a). pose proof (T b).
  replace (exp x) with ((b - x) / (b - a) * (exp x * (1 + (a - x))) + (x - a) / (b - a) * (exp x * (1 + (b - x)))) at 1 by (field; lra).
  apply Rplus_le_compat; apply Rmult_le_compat_l; auto; apply Rmult_le_pos; try lra; left; apply Rinv_0_lt_compat; lra.
Qed.

(** What starts at 0 and does not fall is not negative. *)
Lemma grows : forall f df : R -> R, (forall u, 0 <= u -> is_derive f u (df u)) -> (forall u, 0 <= u -> 0 <= df u) -> 0 <= f 0 -> forall u, 0 <= u -> 0 <= f u.
Proof.
  intros f df D P Z u Hu. destruct (Req_dec u 0) as [->|N]; auto.
  destruct (MVT_gen f 0 u df) as [c [Hc E]].
  - intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra. apply D. lra.
  - intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra. apply continuity_pt_filterlim, (ex_derive_continuous f). exists (df x). apply D. lra.
  - rewrite Rmin_left, Rmax_right in Hc by lra. assert (0 <= df c) by (apply P; lra). nra.
Qed.

(** A convex function on the positive numbers that is 0 with its derivative at 1 is not negative. *)
Lemma convex_minimum : forall f df ddf : R -> R, (forall u, 0 < u -> is_derive f u (df u)) -> (forall u, 0 < u -> is_derive df u (ddf u)) ->
  (forall u, 0 < u -> 0 <= ddf u) -> f 1 = 0 -> df 1 = 0 -> forall x, 0 < x -> 0 <= f x.
Proof.
  intros f df ddf D D2 P F1 D1 x Hx.
  assert (C : forall (h dh : R -> R) y, (forall u, 0 < u -> is_derive h u (dh u)) -> 0 < y ->
    exists c, Rmin 1 y <= c <= Rmax 1 y /\ h y - h 1 = dh c * (y - 1)).
  { intros h dh y H Hy. destruct (MVT_gen h 1 y dh) as [c Hc]; [| |exists c; exact Hc].
    - intros z Hz. apply H. revert Hz. unfold Rmin. destruct (Rle_dec 1 y); lra.
    - intros z Hz. apply continuity_pt_filterlim, (ex_derive_continuous h). exists (dh z). apply H. revert Hz. unfold Rmin. destruct (Rle_dec 1 y); lra. }
  destruct (C f df x D Hx) as [c [Hc E]].
  assert (Pc : 0 < c) by (revert Hc; unfold Rmin; destruct (Rle_dec 1 x); lra).
  destruct (C df ddf c D2 Pc) as [d [Hd E2]].
  assert (Pd : 0 < d) by (revert Hd; unfold Rmin; destruct (Rle_dec 1 c); lra).
  rewrite F1 in E. rewrite D1 in E2. specialize (P d Pd). replace (f x) with (ddf d * ((c - 1) * (x - 1))) by nra.
  apply Rmult_le_pos; auto. revert Hc. unfold Rmin, Rmax. destruct (Rle_dec 1 x); intros; nra.
Qed.

Lemma tanh_half : forall e, tanh (e / 2) = (exp e - 1) / (exp e + 1).
Proof.
  intro e. unfold tanh, sinh, cosh. pose proof (exp_pos (e / 2)) as P. pose proof (exp_pos (- (e / 2))).
  replace (exp e) with (exp (e / 2) * exp (e / 2)) by (rewrite <- exp_plus; f_equal; field).
  assert (Q : exp (e / 2) * exp (- (e / 2)) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
  replace (exp (- (e / 2))) with (/ exp (e / 2)) by (rewrite exp_Ropp; reflexivity). field. split; nra.
Qed.

Lemma tanh_le : forall x, 0 <= x -> tanh x <= x.
Proof.
  intros x Hx. replace x with (2 * x / 2) at 1 by field. rewrite tanh_half.
  assert (G : 0 <= x * (exp (2 * x) + 1) - (exp (2 * x) - 1)).
  { apply (grows (fun x => x * (exp (2 * x) + 1) - (exp (2 * x) - 1)) (fun x => 1 - exp (2 * x) * (1 - 2 * x))); auto.
    - intros u Hu. auto_derive; auto. ring.
    - intros u Hu. pose proof (exp_ineq1_le (- (2 * u))) as L. rewrite exp_Ropp in L. pose proof (exp_pos (2 * u)).
      apply (Rmult_le_compat_l (exp (2 * u))) in L; [|lra]. rewrite Rinv_r in L; lra.
    - rewrite Rmult_0_r, exp_0. lra. }
  pose proof (exp_pos (2 * x)). apply (Rmult_le_reg_r (exp (2 * x) + 1)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

(** x - 1 <= x ln x, with 0 ln 0 = 0. *)
Lemma entropy_tangent : forall x, 0 <= x -> x - 1 <= x * ln x.
Proof.
  intros x [P| <-]; [|lra]. pose proof (exp_ineq1_le (- ln x)) as L. rewrite exp_Ropp, exp_ln in L by auto.
  apply (Rmult_le_compat_l x) in L; [|lra]. rewrite Rinv_r in L; lra.
Qed.

(** 3 (x - 1)^2 <= (2 x + 4) (x ln x - x + 1), the inequality behind Pinsker's. *)
Lemma entropy_square : forall x, 0 <= x -> 3 * (x - 1) ^ 2 <= (2 * x + 4) * (x * ln x - x + 1).
Proof.
  intros x [P| <-]; [|lra].
  assert (G : 0 <= x * ln x - x + 1 - 3 / 2 * (x - 4 + 9 / (x + 2))).
  { apply (convex_minimum (fun x => x * ln x - x + 1 - 3 / 2 * (x - 4 + 9 / (x + 2))) (fun x => ln x - 3 / 2 * (1 - 9 / (x + 2) ^ 2)) (fun x => / x - 27 / (x + 2) ^ 3)); auto.
    - intros u Hu. auto_derive; [split; [auto|split; [lra|auto]]|]. field. lra.
    - intros u Hu. auto_derive; [repeat split; auto; apply Rgt_not_eq; nra|]. field. lra.
    - intros u Hu. assert (0 < (u + 2) ^ 3) by (apply pow_lt; lra).
      replace (/ u - 27 / (u + 2) ^ 3) with (((u + 2) ^ 3 - 27 * u) * (/ u * / (u + 2) ^ 3)) by (field; lra).
      apply Rmult_le_pos; [|left; apply Rmult_lt_0_compat; apply Rinv_0_lt_compat; auto].
      replace ((u + 2) ^ 3 - 27 * u) with ((u - 1) ^ 2 * (u + 8)) by ring. apply Rmult_le_pos; [apply pow2_ge_0|lra].
    - rewrite ln_1. field.
    - rewrite ln_1. field. }
  assert (Q : 3 * (x - 1) ^ 2 = (2 * x + 4) * (3 / 2 * (x - 4 + 9 / (x + 2)))) by (field; lra).
  rewrite Q. apply Rmult_le_compat_l; lra.
Qed.

(** t ln(2 t / (1 + t)) + ln(2 / (1 + t)) <= (sqrt t - 1)^2: behind JS <= H^2. *)
Lemma entropy_roots : forall t, 0 < t -> t * ln (2 * t / (1 + t)) + ln (2 / (1 + t)) <= (sqrt t - 1) ^ 2.
Proof.
  intros t P. pose proof (sqrt_sqrt t (Rlt_le _ _ P)) as S.
  assert (G : 0 <= t + 1 - 2 * sqrt t - (t * ln t + (1 + t) * (ln 2 - ln (1 + t)))).
  { apply (convex_minimum (fun t => t + 1 - 2 * sqrt t - (t * ln t + (1 + t) * (ln 2 - ln (1 + t)))) (fun t => 1 - / sqrt t - (ln t + ln 2 - ln (1 + t)))
      (fun t => / (2 * t * sqrt t) - / (t * (1 + t)))); auto.
    - intros u Hu. pose proof (sqrt_lt_R0 u Hu). auto_derive; [repeat split; auto; lra|]. field. split; [lra|]. split; lra.
    - intros u Hu. pose proof (sqrt_lt_R0 u Hu) as Q. pose proof (sqrt_sqrt u (Rlt_le _ _ Hu)) as E. auto_derive; [repeat split; auto; lra|].
      remember (sqrt u) as s. clear Heqs. subst u. field. repeat split; nra.
    - intros u Hu. pose proof (sqrt_lt_R0 u Hu) as Q. pose proof (sqrt_sqrt u (Rlt_le _ _ Hu)) as E.
      assert (L : / (u * (1 + u)) <= / (2 * u * sqrt u)); [|lra]. apply Rinv_le_contravar; [nra|]. pose proof (pow2_ge_0 (sqrt u - 1)). nra.
    - rewrite sqrt_1, ln_1. replace (1 + 1) with 2 by ring. ring.
    - rewrite sqrt_1, ln_1. replace (1 + 1) with 2 by ring. field. }
  assert (L2 : ln (2 / (1 + t)) = ln 2 - ln (1 + t)) by (unfold Rdiv; rewrite ln_mult, ln_Rinv; try lra; apply Rinv_0_lt_compat; lra).
  assert (L1 : ln (2 * t / (1 + t)) = ln t + (ln 2 - ln (1 + t))).
  { replace (2 * t / (1 + t)) with (t * (2 / (1 + t))) by (field; lra). rewrite ln_mult; [rewrite L2; ring|auto|apply Rdiv_lt_0_compat; lra]. }
  rewrite L1, L2. nra.
Qed.
