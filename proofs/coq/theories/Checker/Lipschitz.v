(* A Lipschitz constant of a chain of affine maps and ReLUs in the largest norm: the product of the largest absolute row sums. *)
From Coq Require Import Reals Lra List Lia.
Import ListNotations.
Open Scope R_scope.

(** Every coordinate within d. *)
Definition close (d : R) := Forall2 (fun a b : R => Rabs (a - b) <= d).

(** r . x, as far as both go. *)
Fixpoint dot (r x : list R) := match r, x with w :: r', a :: x' => w * a + dot r' x' | _, _ => 0 end.

(** The sum of the absolute weights of a row. *)
Definition row_sum (r : list R) := fold_right (fun w s => Rabs w + s) 0 r.

(** W x + b. *)
Definition affine (L : list (list R * R)) x := map (fun rb => dot (fst rb) x + snd rb) L.

(** max(z, 0). *)
Definition relu z := Rmax z 0.

Lemma row_sum_nonnegative : forall r, 0 <= row_sum r.
Proof. induction r; simpl; try lra. pose proof (Rabs_pos a). lra. Qed.

Lemma dot_lipschitz : forall d x y, 0 <= d -> close d x y -> forall r, Rabs (dot r x - dot r y) <= row_sum r * d.
Proof.
  intros d x y Hd H. induction H as [|a b x y Hab H IH]; intros [|w r]; simpl;
    try (replace (0 - 0) with 0 by lra; rewrite Rabs_R0); try lra.
  - pose proof (row_sum_nonnegative r). pose proof (Rabs_pos w). apply Rmult_le_pos; lra.
  - replace (w * a + dot r x - (w * b + dot r y)) with (w * (a - b) + (dot r x - dot r y)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rmult_plus_distr_r, Rabs_mult. specialize (IH r).
    pose proof (Rabs_pos w). pose proof (Rmult_le_compat_l (Rabs w) _ _ H0 Hab). lra.
Qed.

Lemma relu_lipschitz : forall a b, Rabs (relu a - relu b) <= Rabs (a - b).
Proof. intros. unfold relu, Rmax. destruct (Rle_dec a 0), (Rle_dec b 0); unfold Rabs; repeat destruct Rcase_abs; lra. Qed.

(** ReLU after each affine map. *)
Fixpoint chain (hs : list (list (list R * R))) x := match hs with [] => x | L :: hs' => chain hs' (map relu (affine L x)) end.

(** Inputs within d give outputs within the product of the largest row sums times d. *)
Theorem chain_lipschitz : forall hs ks x y d, 0 <= d ->
  Forall2 (fun L k => Forall (fun rb => row_sum (fst rb) <= k) L /\ 0 <= k) hs ks ->
  close d x y -> close (fold_right Rmult 1 ks * d) (chain hs x) (chain hs y).
Proof.
  intros hs ks x y d Hd H. revert x y d Hd. induction H as [|L k hs ks [HL Hk] H IH]; intros x y d Hd Hc; simpl.
  - replace (1 * d) with d by ring. auto.
  - replace (k * fold_right Rmult 1 ks * d) with (fold_right Rmult 1 ks * (k * d)) by ring.
    apply IH. apply Rmult_le_pos; auto. unfold affine. rewrite !map_map. clear IH H. unfold close in *.
    induction HL as [|[r b] L Hr HL IHL]; simpl; constructor; auto.
    eapply Rle_trans; [apply relu_lipschitz|]. replace (dot r x + b - (dot r y + b)) with (dot r x - dot r y) by ring.
    eapply Rle_trans; [apply (dot_lipschitz d); auto|]. apply Rmult_le_compat_r; auto.
Qed.
