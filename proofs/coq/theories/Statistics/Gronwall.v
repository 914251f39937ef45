(* Gronwall's inequality: how an error grows over steps that multiply it by at most 1 + L and add at most d, and along flows. *)
From Coq Require Import Reals Lra Lia List.
From Coquelicot Require Import Coquelicot.
From Certify.Statistics Require Import Calculus Expectation.
Open Scope R_scope.

(** e(n) <= d (1 + (1 + L) + ... + (1 + L)^n). *)
Theorem gronwall_discrete : forall (e : nat -> R) L d, 0 <= L -> 0 <= d -> e O <= d ->
  (forall n, e (S n) <= (1 + L) * e n + d) -> forall n, e n <= d * sum_f_R0 (fun k => (1 + L)^k) n.
Proof.
  intros e L d HL Hd H0 Hs. assert (A : forall n, sum_f_R0 (fun k => (1+L)^k) (S n) = 1 + (1+L) * sum_f_R0 (fun k => (1+L)^k) n).
  { intro n. rewrite decomp_sum by lia. simpl pred. rewrite scal_sum. simpl pow at 1. f_equal. apply sum_eq. intros. simpl. ring. }
  induction n. simpl. lra. rewrite A. eapply Rle_trans; [apply Hs|].
  apply Rle_trans with ((1+L) * (d * sum_f_R0 (fun k => (1 + L) ^ k) n) + d). apply Rplus_le_compat_r, Rmult_le_compat_l; lra. lra.
Qed.

(** e' <= L e + d gives e(t) <= e^(L t) e(0) + d (e^(L t) - 1) / L. *)
Theorem gronwall_continuous : forall (e de : R -> R) L d, L <> 0 -> (forall u, 0 <= u -> is_derive e u (de u)) -> (forall u, 0 <= u -> de u <= L * e u + d) ->
  forall t, 0 <= t -> e t <= exp (L * t) * e 0 + d * (exp (L * t) - 1) / L.
Proof.
  intros e de L d HL D H t Ht.
  assert (G : 0 <= e 0 + d / L - exp (- (L * t)) * (e t + d / L)).
  { apply (grows (fun u => e 0 + d / L - exp (- (L * u)) * (e u + d / L)) (fun u => exp (- (L * u)) * (L * e u + d - de u))); auto.
    - intros u Hu. specialize (D u Hu). auto_derive; [exists (de u); exact D|]. replace (Derive (fun x : R => e x) u) with (de u) by (symmetry; exact (is_derive_unique e u (de u) D)). field. auto.
    - intros u Hu. apply Rmult_le_pos; [left; apply exp_pos|]. specialize (H u Hu). lra.
    - rewrite Rmult_0_r, Ropp_0, exp_0. right. ring. }
  pose proof (exp_pos (L * t)) as P. apply (Rmult_le_compat_l (exp (L * t))) in G; [|lra]. rewrite exp_Ropp in G.
  replace (exp (L * t) * (e 0 + d / L - / exp (L * t) * (e t + d / L))) with (exp (L * t) * (e 0 + d / L) - (e t + d / L)) in G by (field; split; [auto|lra]).
  replace (d * (exp (L * t) - 1) / L) with (exp (L * t) * (d / L) - d / L) by (field; auto). lra.
Qed.

Lemma sum_derive : forall A (l : list A) (f df : A -> R -> R) u, (forall i, is_derive (f i) u (df i u)) -> is_derive (fun x => sum l (fun i => f i x)) u (sum l (fun i => df i u)).
Proof.
  intros A l f df u D. induction l as [|a l IH]; simpl; [apply (is_derive_const 0)|]. apply (is_derive_plus (f a) (fun x => sum l (fun i => f i x))); auto.
Qed.

(** Two paths whose velocities differ by at most L times their distance along its direction: |x(t) - y(t)|^2 <= e^(2 L t) |x(0) - y(0)|^2. *)
Theorem flow_distance : forall I (coordinates : list I) (x y vx vy : I -> R -> R) L, L <> 0 ->
  (forall i u, 0 <= u -> is_derive (x i) u (vx i u)) -> (forall i u, 0 <= u -> is_derive (y i) u (vy i u)) ->
  (forall u, 0 <= u -> sum coordinates (fun i => (x i u - y i u) * (vx i u - vy i u)) <= L * sum coordinates (fun i => (x i u - y i u) ^ 2)) ->
  forall t, 0 <= t -> sum coordinates (fun i => (x i t - y i t) ^ 2) <= exp (2 * L * t) * sum coordinates (fun i => (x i 0 - y i 0) ^ 2).
Proof.
  intros I coordinates x y vx vy L HL Dx Dy H t Ht.
  pose proof (gronwall_continuous (fun u => sum coordinates (fun i => (x i u - y i u) ^ 2)) (fun u => sum coordinates (fun i => 2 * ((x i u - y i u) * (vx i u - vy i u)))) (2 * L) 0) as G.
  eapply Rle_trans; [apply G; auto; try lra|right; field; lra].
  - intros u Hu. apply (sum_derive I coordinates (fun i u => (x i u - y i u) ^ 2) (fun i u => 2 * ((x i u - y i u) * (vx i u - vy i u)))). intro i.
    specialize (Dx i u Hu). specialize (Dy i u Hu). auto_derive; [split; [exists (vx i u); exact Dx|split; [exists (vy i u); exact Dy|auto]]|].
    replace (Derive (fun z : R => x i z) u) with (vx i u) by (symmetry; exact (is_derive_unique (x i) u (vx i u) Dx)).
    replace (Derive (fun z : R => y i z) u) with (vy i u) by (symmetry; exact (is_derive_unique (y i) u (vy i u) Dy)). ring.
  - intros u Hu. rewrite sum_scale. specialize (H u Hu). lra.
Qed.
