(* Distances of mixtures from those of their components and weights: total variation, Kullback-Leibler, Hellinger. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Calculus Expectation Divergence Channels.
Import ListNotations.
Open Scope R_scope.

Section Mixtures.
Context {K A : Type} (I : integral A) (components : list K).
Variables w v : K -> R.
Hypothesis w_nonnegative : forall k, 0 <= w k.
Hypothesis v_nonnegative : forall k, 0 <= v k.
Variables p q : K -> A -> R.
Hypothesis Dp : forall k, density I (p k).
Hypothesis Dq : forall k, density I (q k).

Definition mixture (w : K -> R) (p : K -> A -> R) (x : A) : R := sum components (fun k => w k * p k x).

(** TV <= |w - v|_1 / 2 + sum_k min(w_k, v_k) TV_k. *)
Theorem mixture_variation :
  variation I (mixture w p) (mixture v q) <= sum components (fun k => Rabs (w k - v k)) / 2 + sum components (fun k => Rmin (w k) (v k) * variation I (p k) (q k)).
Proof.
  unfold Rdiv. rewrite Rmult_comm, <- sum_scale, <- sum_add. unfold variation at 1, Rdiv. rewrite Rmult_comm, <- value_scale.
  apply Rle_trans with (I (fun x => sum components (fun k => / 2 * Rabs (w k * p k x - v k * q k x)))).
  - apply value_le. intro x. rewrite sum_scale. apply Rmult_le_compat_l; [lra|]. unfold mixture.
    replace (sum components (fun k => w k * p k x) - sum components (fun k => v k * q k x)) with (sum components (fun k => w k * p k x - v k * q k x)).
    + apply (value_abs (counting components)).
    + apply (value_sub (counting components)).
  - rewrite (value_sum A K I components (fun k x => / 2 * Rabs (w k * p k x - v k * q k x))). apply sum_le. intro k.
    set (m := Rmin (w k) (v k)). assert (Mw : m <= w k) by apply Rmin_l. assert (Mv : m <= v k) by apply Rmin_r.
    assert (M0 : 0 <= m) by (apply Rmin_glb; auto).
    assert (D : Rabs (w k - v k) = (w k - m) + (v k - m)) by (unfold m, Rmin, Rabs; destruct (Rle_dec (w k) (v k)), (Rcase_abs (w k - v k)); lra).
    rewrite D. apply Rle_trans with (I (fun x => m * (Rabs (p k x - q k x) * / 2) + / 2 * ((w k - m) * p k x + (v k - m) * q k x))).
    + apply value_le. intro x. pose proof (proj1 (Dp k) x). pose proof (proj1 (Dq k) x).
      assert (0 <= (w k - m) * p k x) by (apply Rmult_le_pos; lra). assert (0 <= (v k - m) * q k x) by (apply Rmult_le_pos; lra).
      replace (w k * p k x - v k * q k x) with (m * (p k x - q k x) + ((w k - m) * p k x - (v k - m) * q k x)) by ring.
      pose proof (Rabs_triang (m * (p k x - q k x)) ((w k - m) * p k x - (v k - m) * q k x)) as T. rewrite Rabs_mult, (Rabs_pos_eq m) in T by auto.
      assert (Rabs ((w k - m) * p k x - (v k - m) * q k x) <= (w k - m) * p k x + (v k - m) * q k x) by (apply Rabs_le; lra). lra.
    + rewrite value_add, !value_scale, value_add, !value_scale, value_scale_right, (proj2 (Dp k)), (proj2 (Dq k)). unfold variation. fold m. right. field.
Qed.

(** KL(sum w p | sum v q) <= KL(w | v) + sum_k w_k KL_k. *)
Theorem mixture_divergence : components <> [] -> (forall k, 0 < v k) -> (forall k x, 0 < q k x) ->
  (forall k x, 0 < p k x) -> divergence I (mixture w p) (mixture v q) <= sum components (fun k => w k * ln (w k / v k)) + sum components (fun k => w k * divergence I (p k) (q k)).
Proof.
  intros N Pv Pq Pp. rewrite <- sum_add. unfold divergence at 1.
  apply Rle_trans with (I (fun x => sum components (fun k => w k * ln (w k / v k) * p k x + w k * (p k x * ln (p k x / q k x))))).
  - apply value_le. intro x. unfold mixture.
    eapply Rle_trans; [apply (log_sum K (counting components) (fun k => w k * p k x) (fun k => v k * q k x))|].
    + intro k. apply Rmult_le_pos; [auto|left; auto].
    + intro k. apply Rmult_lt_0_compat; auto.
    + simpl. destruct components as [|k l]; [contradiction|]. simpl. pose proof (sum_nonnegative K l (fun k => v k * q k x) ltac:(intro; left; apply Rmult_lt_0_compat; auto)).
      assert (0 < v k * q k x) by (apply Rmult_lt_0_compat; auto). lra.
    + simpl. apply sum_le. intro k. destruct (w_nonnegative k) as [P|Z]; [|rewrite <- Z; lra]. right.
      replace (w k * p k x / (v k * q k x)) with (w k / v k * (p k x / q k x)) by (specialize (Pv k); specialize (Pq k x); field; lra).
      rewrite ln_mult by (apply Rdiv_lt_0_compat; auto). ring.
  - rewrite (value_sum A K I components (fun k x => w k * ln (w k / v k) * p k x + w k * (p k x * ln (p k x / q k x)))). right. apply sum_ext. intro k.
    rewrite value_add, !value_scale, (proj2 (Dp k)). unfold divergence. ring.
Qed.

Lemma root_triangle : forall a b c d, 0 <= a -> 0 <= b -> 0 <= c -> 0 <= d -> (sqrt (a + c) - sqrt (b + d)) ^ 2 <= (sqrt a - sqrt b) ^ 2 + (sqrt c - sqrt d) ^ 2.
Proof.
  intros a b c d Ha Hb Hc Hd.
  assert (C : sqrt a * sqrt b + sqrt c * sqrt d <= sqrt (a + c) * sqrt (b + d)).
  { rewrite <- (sqrt_mult_alt (a + c)) by lra. pose proof (sqrt_pos a). pose proof (sqrt_pos b). pose proof (sqrt_pos c). pose proof (sqrt_pos d).
    rewrite <- (sqrt_square (sqrt a * sqrt b + sqrt c * sqrt d)) by nra. apply sqrt_le_1_alt.
    pose proof (sqrt_sqrt a Ha). pose proof (sqrt_sqrt b Hb). pose proof (sqrt_sqrt c Hc). pose proof (sqrt_sqrt d Hd).
    set (s := sqrt a) in *. set (t := sqrt b) in *. set (y := sqrt c) in *. set (z := sqrt d) in *.
    clearbody s t y z. subst a b c d. pose proof (pow2_ge_0 (s * z - t * y)). nra. }
  assert (S : forall u z, 0 <= u -> 0 <= z -> (sqrt u - sqrt z) ^ 2 = u + z - 2 * (sqrt u * sqrt z)).
  { intros u z Hu Hz. pose proof (sqrt_sqrt u Hu). pose proof (sqrt_sqrt z Hz). nra. }
  rewrite !S by lra. lra.
Qed.

(** H^2 <= |sqrt w - sqrt v|^2 / 2 + sum_k (w_k + v_k) / 2 H_k^2. *)
Theorem mixture_hellinger : hellinger_square I (mixture w p) (mixture v q) <=
  sum components (fun k => (sqrt (w k) - sqrt (v k)) ^ 2) / 2 + sum components (fun k => (w k + v k) / 2 * hellinger_square I (p k) (q k)).
Proof.
  unfold Rdiv at 1. rewrite Rmult_comm, <- sum_scale, <- sum_add. unfold hellinger_square at 1, Rdiv at 1. rewrite Rmult_comm, <- value_scale.
  apply Rle_trans with (I (fun x => sum components (fun k => / 2 * (sqrt (w k * p k x) - sqrt (v k * q k x)) ^ 2))).
  - apply value_le. intro x. rewrite sum_scale. apply Rmult_le_compat_l; [lra|]. unfold mixture.
    assert (forall l, 0 <= sum l (fun k => w k * p k x)) by (intro; apply sum_nonnegative; intro; apply Rmult_le_pos; auto; apply Dp).
    assert (forall l, 0 <= sum l (fun k => v k * q k x)) by (intro; apply sum_nonnegative; intro; apply Rmult_le_pos; auto; apply Dq).
    induction components as [|k l]; cbn [sum]; [rewrite sqrt_0; lra|]. eapply Rle_trans; [apply root_triangle; auto; apply Rmult_le_pos; auto; [apply Dp|apply Dq]|]. apply Rplus_le_compat_l, IHl.
  - rewrite (value_sum A K I components (fun k x => / 2 * (sqrt (w k * p k x) - sqrt (v k * q k x)) ^ 2)). apply sum_le. intro k.
    set (r := sqrt (w k) * sqrt (v k)). assert (R0 : 0 <= r) by (apply Rmult_le_pos; apply sqrt_pos).
    pose proof (sqrt_sqrt (w k) (w_nonnegative k)) as Sw. pose proof (sqrt_sqrt (v k) (v_nonnegative k)) as Sv.
    assert (RS : 2 * r <= w k + v k) by (pose proof (pow2_ge_0 (sqrt (w k) - sqrt (v k))); unfold r; nra).
    rewrite (value_ext I _ (fun x => (1 / 2 * (w k - r) * p k x + 1 / 2 * (v k - r) * q k x) + 1 / 2 * r * (sqrt (p k x) - sqrt (q k x)) ^ 2)).
    + rewrite !value_add, !value_scale, (proj2 (Dp k)), (proj2 (Dq k)). pose proof (hellinger_nonnegative I (p k) (q k)) as H. unfold hellinger_square in *.
      set (h := I (fun x => (sqrt (p k x) - sqrt (q k x)) ^ 2)) in *.
      replace ((sqrt (w k) - sqrt (v k)) ^ 2) with (w k + v k - 2 * r) by (unfold r; nra). nra.
    + intro x. pose proof (proj1 (Dp k) x) as P0. pose proof (proj1 (Dq k) x) as Q0. rewrite !sqrt_mult_alt by auto.
      pose proof (sqrt_sqrt (p k x) P0). pose proof (sqrt_sqrt (q k x) Q0). unfold r.
      set (s := sqrt (w k)) in *. set (t := sqrt (v k)) in *. set (y := sqrt (p k x)) in *. set (z := sqrt (q k x)) in *.
      rewrite <- Sw, <- Sv, <- H, <- H0. field.
Qed.

End Mixtures.
