(* Lines and planes that bound ReLU, exp, softplus and products over intervals: what graph_linear_bound_sound asks of nonlinear nodes (Bounds.v). *)
From Coq Require Import Reals Lra.
Open Scope R_scope.

(** s is a slope of a line through (t, f t) below f at w. *)
Definition supports (f : R -> R) (t s w : R) : Prop := f t + s * (w - t) <= f w.

(** Where lines support f from every point of an interval its chord lies above it. *)
Theorem supported_chord : forall f g l u, l < u -> (forall t w, l <= t <= u -> l <= w <= u -> supports f t (g t) w) ->
  forall z, l <= z <= u -> f z <= (f u - f l) / (u - l) * z + (f l - (f u - f l) / (u - l) * l).
Proof.
  intros f g l u H S z Hz. pose proof (S z l Hz ltac:(lra)) as A. pose proof (S z u Hz ltac:(lra)) as B. unfold supports in *.
  apply Rmult_le_reg_l with (u - l); [lra|].
  replace ((u - l) * ((f u - f l) / (u - l) * z + (f l - (f u - f l) / (u - l) * l))) with ((u - z) * f l + (z - l) * f u) by (field; lra).
  assert ((u - z) * (f z + g z * (l - z)) <= (u - z) * f l) by (apply Rmult_le_compat_l; lra).
  assert ((z - l) * (f z + g z * (u - z)) <= (z - l) * f u) by (apply Rmult_le_compat_l; lra). lra.
Qed.

(** The tangent lies below e^z. *)
Theorem exp_tangent : forall t w, supports exp t (exp t) w.
Proof.
  intros t w. unfold supports. replace (exp w) with (exp t * exp (w - t)) by (rewrite <- exp_plus; f_equal; ring).
  pose proof (exp_pos t). assert (1 + (w - t) <= exp (w - t)). { destruct (Req_dec (w - t) 0) as [->|N]; [rewrite exp_0; lra|]. left. apply exp_ineq1. exact N. }
  assert (exp t * (1 + (w - t)) <= exp t * exp (w - t)) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Definition softplus (z : R) : R := ln (1 + exp z).
Definition sigmoid (z : R) : R := exp z / (1 + exp z).

(** The tangent, of slope e^t / (1 + e^t), lies below ln(1 + e^z). *)
Theorem softplus_tangent : forall t w, supports softplus t (sigmoid t) w.
Proof.
  intros t w. unfold supports, softplus. pose proof (exp_pos t) as P. set (s := sigmoid t). set (d := w - t).
  assert (Hs : s * (1 + exp t) = exp t) by (unfold s, sigmoid; field; lra).
  assert (S0 : 0 < s) by (unfold s, sigmoid; apply Rdiv_lt_0_compat; lra). assert (S1 : s < 1) by (assert (s * (1 + exp t) < 1 * (1 + exp t)) by lra; apply Rmult_lt_reg_r with (1 + exp t); lra).
  assert (C : exp (s * d) <= s * exp d + (1 - s)).
  { pose proof (exp_tangent (s * d) d) as A. pose proof (exp_tangent (s * d) 0) as B. unfold supports in *. rewrite exp_0 in B.
    assert (s * (exp (s * d) + exp (s * d) * (d - s * d)) <= s * exp d) by (apply Rmult_le_compat_l; lra).
    assert ((1 - s) * (exp (s * d) + exp (s * d) * (0 - s * d)) <= (1 - s) * 1) by (apply Rmult_le_compat_l; lra). lra. }
  assert (E : exp w = exp t * exp d) by (unfold d; rewrite <- exp_plus; f_equal; ring).
  rewrite <- (ln_exp (s * d)), <- ln_mult by (try apply exp_pos; lra).
  assert (M : (1 + exp t) * exp (s * d) <= 1 + exp w). { rewrite E. assert ((1 + exp t) * exp (s * d) <= (1 + exp t) * (s * exp d + (1 - s))) by (apply Rmult_le_compat_l; lra).
    replace ((1 + exp t) * (s * exp d + (1 - s))) with (s * (1 + exp t) * exp d + (1 + exp t) - s * (1 + exp t)) in H by ring. rewrite Hs in H. lra. }
  assert (Q : 0 < (1 + exp t) * exp (s * d)) by (apply Rmult_lt_0_compat; [lra|apply exp_pos]).
  destruct (Rle_lt_or_eq_dec _ _ M) as [L|G]; [left; apply ln_increasing; assumption|rewrite G; apply Rle_refl].
Qed.

(** Their chords. *)
Theorem exp_chord : forall l u, l < u -> forall z, l <= z <= u -> exp z <= (exp u - exp l) / (u - l) * z + (exp l - (exp u - exp l) / (u - l) * l).
Proof. intros l u H. apply (supported_chord exp exp); [exact H|]. intros. apply exp_tangent. Qed.

Theorem softplus_chord : forall l u, l < u -> forall z, l <= z <= u -> softplus z <= (softplus u - softplus l) / (u - l) * z + (softplus l - (softplus u - softplus l) / (u - l) * l).
Proof. intros l u H. apply (supported_chord softplus sigmoid); [exact H|]. intros. apply softplus_tangent. Qed.

(** Lines of a slope from 0 to 1 through 0 lie below max(z, 0), its chord above. *)
Theorem relu_below : forall s z, 0 <= s <= 1 -> s * z <= Rmax z 0.
Proof.
  intros s z H. destruct (Rle_or_lt z 0) as [L|L].
  - apply Rle_trans with 0; [|apply Rmax_r]. assert (0 <= s * - z) by (apply Rmult_le_pos; lra). lra.
  - apply Rle_trans with z; [|apply Rmax_l]. assert (s * z <= 1 * z) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Theorem relu_chord : forall l u z, l < 0 < u -> l <= z <= u -> Rmax z 0 <= u / (u - l) * z + - (u / (u - l) * l).
Proof.
  intros l u z H Hz. apply Rmult_le_reg_l with (u - l); [lra|]. replace ((u - l) * (u / (u - l) * z + - (u / (u - l) * l))) with (u * (z - l)) by (field; lra).
  destruct (Rle_or_lt z 0); [rewrite Rmax_right by lra; assert (0 <= u * (z - l)) by (apply Rmult_le_pos; lra); lra|].
  rewrite Rmax_left by lra. assert (0 <= (u - z) * - l) by (apply Rmult_le_pos; lra). lra.
Qed.

(** The four planes of McCormick bound x y over a box. *)
Theorem mccormick : forall a b c d x y, a <= x <= b -> c <= y <= d ->
  c * x + a * y - a * c <= x * y /\ d * x + b * y - b * d <= x * y /\ x * y <= c * x + b * y - b * c /\ x * y <= d * x + a * y - a * d.
Proof.
  intros a b c d x y Hx Hy.
  assert (0 <= (x - a) * (y - c)) by (apply Rmult_le_pos; lra). assert (0 <= (b - x) * (d - y)) by (apply Rmult_le_pos; lra).
  assert (0 <= (b - x) * (y - c)) by (apply Rmult_le_pos; lra). assert (0 <= (x - a) * (d - y)) by (apply Rmult_le_pos; lra). repeat split; lra.
Qed.
