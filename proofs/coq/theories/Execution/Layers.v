(* Float32 executions of fully connected ReLU networks: the error of a row in the form that Formats/Onnx/ExecutedTensor.cs computes (row_execution_error),
   and how layers carry it on (network_execution_error). *)
From Coq Require Import Reals ZArith Lra Lia List.
From Certify.Checker Require Import Lipschitz.
From Certify.Execution Require Import Sums.
Import ListNotations.
Open Scope R_scope.

(** The terms of r . h + b, as far as r and h go. *)
Fixpoint products (r h : list R) : list term := match r, h with w :: r', a :: h' => Product w a :: products r' h' | _, _ => [] end.

Definition terms (rb : list R * R) (h : list R) : list term := Value (snd rb) :: products (fst rb) h.

(** z is what some execution gives for a row: a sum of its terms in some order, stored as a float32 (no rounding, where it is one). *)
Definition row_executes (h : list R) (rb : list R * R) (z : R) : Prop := exists s, sums (terms rb h) s /\ operation s z.

(** max(z, 0), where a number below the normal ones may be flushed to zero. *)
Definition activates (z h : R) : Prop := argument (relu z) h.

(** y is what some execution of the network gives for the float32 input x. *)
Fixpoint executes (hs : list (list (list R * R))) (out : list (list R * R)) (x y : list R) : Prop :=
  match hs with
  | [] => Forall2 (row_executes x) out y
  | L :: hs' => exists z h, Forall2 (row_executes x) L z /\ Forall2 activates z h /\ executes hs' out h y end.

(** The exact outputs. *)
Definition outputs hs out x := affine out (chain hs x).

(** 2^-24. *)
Definition ulp : R := / 2 ^ 24.

(** n u / (1 - n u) for u = 2^-24, rounded up a little. *)
Definition gamma (n : nat) : R := 10000001 / 10000000 * (INR n * ulp) / (1 - INR n * ulp).

(** Bounds for arguments of size s that are off by e: what the terms of r . h were off by before they were added, the sum of their sizes, and that of the products of max(1, |factor|). *)
Fixpoint inherited (r s e : list R) : R :=
  match r, s, e with w :: r', a :: s', d :: e' => Rabs w * d + inherited r' s' e' | _, _, _ => 0 end.
Fixpoint mass (r s e : list R) : R :=
  match r, s, e with w :: r', a :: s', d :: e' => Rabs w * (a + d) + mass r' s' e' | _, _, _ => 0 end.
Fixpoint peak (r s e : list R) : R :=
  match r, s, e with w :: r', a :: s', d :: e' => Rmax 1 (Rabs w) * Rmax 1 (a + d) + peak r' s' e' | _, _, _ => 0 end.

(** The bound of |executed - real| for a row of n inputs: what ErrorAt gives for a sum of n products and a bias. *)
Definition row_error (rb : list R * R) (s e : list R) : R :=
  let n := length (fst rb) in
  inherited (fst rb) s e + (8 * flushed * peak (fst rb) s e + 2 * flushed * INR n + 3 * flushed) + gamma (n + 3) * (mass (fst rb) s e + Rabs (snd rb)).

(** What ErrorAt asks for: no order may overflow. *)
Definition largest : R := 17 / 10 * 10 ^ 38.
Definition fits (rb : list R * R) (s e : list R) : Prop :=
  (Z.of_nat (length (fst rb) + 3) < 2 ^ 22)%Z /\ mass (fst rb) s e + Rabs (snd rb) <= largest /\ peak (fst rb) s e <= largest.

(** Executed numbers h' and real ones h: |h' - h| <= e and |h| <= s. *)
Inductive tracked : list R -> list R -> list R -> list R -> Prop :=
| tracked_nil : tracked [] [] [] []
| tracked_cons : forall a d x' x s e h' h, Rabs (x' - x) <= d -> Rabs x <= a -> tracked s e h' h -> tracked (a :: s) (d :: e) (x' :: h') (x :: h).

(** (1 + u)^n - 1 <= gamma n. *)
Lemma growth_gamma : forall n, (Z.of_nat n < 2 ^ 22)%Z -> growth n - 1 <= gamma n /\ growth n <= 1.3334.
Proof.
  intros n Hn. pose proof u_bounds as U.
  assert (N : 0 <= INR n <= 4194303).
  { split; [apply pos_INR|]. rewrite INR_IZR_INZ. apply IZR_le. lia. }
  assert (B : forall k, 1 - INR k * u <= (1 - u) ^ k).
  { induction k as [|k IH]; [simpl; lra|]. rewrite S_INR, <- tech_pow_Rmult. assert (0 <= INR k) by apply pos_INR.
    assert ((1 - u) * (1 - INR k * u) <= (1 - u) * (1 - u) ^ k) by (apply Rmult_le_compat_l; lra).
    assert (0 <= INR k * (u * u)) by (apply Rmult_le_pos; [lra|]; apply Rmult_le_pos; lra). lra. }
  assert (P : growth n * (1 - u) ^ n <= 1).
  { unfold growth. rewrite <- Rpow_mult_distr. apply Rle_trans with (1 ^ n); [|rewrite pow1; lra]. apply pow_incr. assert (0 <= u * u) by (apply Rmult_le_pos; lra).
    assert (u * u <= 1 * u) by (apply Rmult_le_compat_r; lra). lra. }
  assert (D : INR n * u <= 0.2499999404 * (1 + / 2 ^ 28)). { unfold u. apply Rle_trans with (4194303 * (/ 2 ^ 24 * (1 + / 2 ^ 28))); [apply Rmult_le_compat_r; lra|lra]. }
  assert (G1 : growth n * (1 - INR n * u) <= 1).
  { eapply Rle_trans; [|exact P]. apply Rmult_le_compat_l; [pose proof (growth_at_least_1 n); lra|apply B]. }
  assert (Q : growth n <= / (1 - INR n * u)).
  { apply Rmult_le_reg_r with (1 - INR n * u); [lra|]. rewrite Rinv_l by lra. exact G1. }
  split.
  - unfold gamma. assert (X : INR n * ulp <= 0.2499999404). { unfold ulp. lra. }
    assert (0 <= INR n * ulp) by (apply Rmult_le_pos; unfold ulp; lra).
    assert (E : INR n * u = INR n * ulp * (1 + / 2 ^ 28)) by (unfold u, ulp; ring).
    set (t := INR n * ulp) in *. apply Rmult_le_reg_r with (1 - t); [lra|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    rewrite E in *. assert ((growth n - 1) * (1 - t * (1 + / 2 ^ 28)) <= t * (1 + / 2 ^ 28)) by lra.
    assert (G : growth n - 1 <= 1). { assert (growth n * (1 - t * (1 + / 2 ^ 28)) >= growth n * (1 / 2)) by (apply Rle_ge, Rmult_le_compat_l; [pose proof (growth_at_least_1 n); lra|lra]). lra. }
    assert ((growth n - 1) * (t * / 2 ^ 28) <= 1 * (t * / 2 ^ 28)) by (apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|exact G]).
    lra.
  - assert (growth n * (1 - INR n * u) >= growth n * 0.74999) by (apply Rle_ge, Rmult_le_compat_l; [pose proof (growth_at_least_1 n); lra|lra]). lra.
Qed.

Lemma products_tracked : forall s e h' h, tracked s e h' h -> forall r,
  Rabs (total exact (products r h') - dot r h) <= inherited r s e /\ total size (products r h') <= mass r s e /\
  total loss (products r h') <= flushed * (2 * peak r s e + 41 / 10 * INR (length (products r h'))) /\
  INR (length (products r h')) <= peak r s e /\ (length (products r h') <= length r)%nat.
Proof.
  pose proof flushed_bounds as F. induction 1 as [|a d x' x s e h' h Hd Ha H IH]; intros [|w r];
    try (cbn [products total fold_right exact size loss dot inherited mass peak length INR]; replace (0 - 0) with 0 by ring; rewrite Rabs_R0; repeat split; try lra; lia).
  destruct (IH r) as (I1 & I2 & I3 & I4 & I5). cbn [products dot inherited mass peak length]. change (total exact (Product w x' :: products r h')) with (w * x' + total exact (products r h')).
  change (total size (Product w x' :: products r h')) with (Rabs (w * x') + total size (products r h')).
  change (total loss (Product w x' :: products r h')) with (flushed * (Rabs w + Rabs x') + flushed + joined + total loss (products r h')). rewrite S_INR.
  assert (X : Rabs x' <= a + d) by (pose proof (two_sided (x' - x)); pose proof (two_sided x); apply Rabs_le; lra).
  pose proof (Rabs_pos w). pose proof (Rabs_pos x'). pose proof (Rmax_l 1 (Rabs w)). pose proof (Rmax_r 1 (Rabs w)). pose proof (Rmax_l 1 (a + d)). pose proof (Rmax_r 1 (a + d)).
  set (P := Rmax 1 (Rabs w)) in *. set (Q := Rmax 1 (a + d)) in *.
  assert (1 * Q <= P * Q) by (apply Rmult_le_compat_r; lra). assert (P * 1 <= P * Q) by (apply Rmult_le_compat_l; lra).
  repeat split; [| | |lra|lia].
  - replace (w * x' + total exact (products r h') - (w * x + dot r h)) with (w * (x' - x) + (total exact (products r h') - dot r h)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult. apply Rplus_le_compat; [|exact I1]. apply Rmult_le_compat_l; assumption.
  - rewrite Rabs_mult. apply Rplus_le_compat; [|exact I2]. apply Rmult_le_compat_l; assumption.
  - assert (flushed * (Rabs w + Rabs x') <= flushed * (2 * (P * Q))) by (apply Rmult_le_compat_l; lra). unfold joined. lra.
Qed.

(** What fits does not overflow, in any order. *)
Lemma fits_reach : forall rb s e h' h, tracked s e h' h -> fits rb s e -> reach (terms rb h') <= limit.
Proof.
  pose proof flushed_bounds as F. intros [r b] s e h' h T (N & M & P). unfold terms, fst, snd in *.
  destruct (products_tracked _ _ _ _ T r) as (I1 & I2 & I3 & I4 & I5). set (l := Value b :: products r h') in *.
  assert (L : length l = S (length (products r h'))) by reflexivity.
  assert (S1 : total size l = Rabs b + total size (products r h')) by reflexivity.
  assert (S2 : total loss l = flushed + joined + total loss (products r h')) by reflexivity.
  assert (G0 : growth (length l) <= 1.3334) by (apply growth_gamma; lia).
  pose proof (growth_at_least_1 (length l)) as G3. pose proof (total_size_nonnegative l) as Z1. pose proof (total_loss_nonnegative l) as Z2.
  clearbody l. set (k := length (products r h')) in *. set (p := peak r s e) in *. pose proof (pos_INR k).
  assert (Ep : total loss l <= flushed * (2 * p + 41 / 10 * INR k + 41 / 10)) by (rewrite S2; unfold joined; lra).
  unfold reach. assert (growth (length l) * (total size l + total loss l) <= 1.3334 * (total size l + total loss l)) by (apply Rmult_le_compat_r; lra).
  assert (flushed * (2 * p + 41 / 10 * INR k + 41 / 10) <= / 2 ^ 64 * (2 * p + 41 / 10 * INR k + 41 / 10)) by (apply Rmult_le_compat_r; lra).
  unfold limit, largest in *. lra.
Qed.

(** Whatever the order, a row's result is within row_error of the exact row at the real inputs. *)
Theorem row_execution_error : forall rb s e h' h z, tracked s e h' h -> fits rb s e -> row_executes h' rb z -> Rabs (z - (dot (fst rb) h + snd rb)) <= row_error rb s e.
Proof.
  pose proof flushed_bounds as F. pose proof u_bounds as U. intros [r b] s e h' h z T (N & M & P) (v & Hs & Hz). pose proof (fits_reach (r, b) s e h' h T (conj N (conj M P))) as R0. unfold terms, fst, snd in *.
  destruct (products_tracked _ _ _ _ T r) as (I1 & I2 & I3 & I4 & I5). set (l := Value b :: products r h') in *.
  assert (L : length l = S (length (products r h'))) by reflexivity.
  assert (S1 : total size l = Rabs b + total size (products r h')) by reflexivity.
  assert (S2 : total loss l = flushed + joined + total loss (products r h')) by reflexivity.
  assert (S3 : total exact l = b + total exact (products r h')) by reflexivity.
  clearbody l. set (k := length (products r h')) in *. set (p := peak r s e) in *.
  assert (K : 0 <= INR k) by apply pos_INR.
  assert (Kn : INR k <= INR (length r)) by (apply le_INR; exact I5).
  destruct (growth_gamma (length r + 3)) as [Gg _]; [lia|].
  assert (G1 : growth (S (length l)) <= growth (length r + 3)) by (apply growth_le; lia).
  assert (G2 : growth (S (length l)) <= 1.3334) by (apply growth_gamma; lia).
  pose proof (growth_at_least_1 (length l)) as G3. pose proof (total_size_nonnegative l) as Z1. pose proof (total_loss_nonnegative l) as Z2.
  assert (Ep : total loss l <= flushed * (2 * p + 41 / 10 * INR k + 41 / 10)) by (rewrite S2; unfold joined; lra).
  pose proof (sums_error l v Hs R0) as E. pose proof (bound_reach l _ _ E) as V.
  assert (Hv : Rabs v <= limit) by (unfold joined in V; lra). specialize (Hz Hv).
  assert (W : Rabs (z - total exact l) <= (growth (S (length l)) - 1) * total size l + growth (S (length l)) * total loss l - joined + flushed).
  { pose proof (two_sided (z - v)). pose proof (two_sided (v - total exact l)). pose proof (two_sided (total exact l)). pose proof (total_exact l).
    assert (Rabs v <= Rabs (v - total exact l) + total size l) by (apply Rabs_le; lra).
    assert (u * Rabs v <= u * (Rabs (v - total exact l) + total size l)) by (apply Rmult_le_compat_l; lra).
    assert (Rabs (z - total exact l) <= Rabs (z - v) + Rabs (v - total exact l)) by (apply Rabs_le; lra).
    assert ((1 + u) * Rabs (v - total exact l) <= (1 + u) * (bound l - joined)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= u * joined) by (apply Rmult_le_pos; unfold joined; lra). rewrite growth_succ. unfold bound in *. lra. }
  assert (A : (growth (S (length l)) - 1) * total size l <= gamma (length r + 3) * (mass r s e + Rabs b)).
  { pose proof (growth_at_least_1 (S (length l))). apply Rmult_le_compat; lra. }
  assert (B : growth (S (length l)) * total loss l - joined + flushed <= 8 * flushed * p + 2 * flushed * INR (length r) + 3 * flushed).
  { assert (X : 2 * flushed * INR k <= 2 * flushed * INR (length r)) by (apply Rmult_le_compat_l; lra).
    assert (Y : flushed * INR k <= flushed * p) by (apply Rmult_le_compat_l; lra).
    assert (growth (S (length l)) * total loss l <= growth (S (length l)) * (flushed * (2 * p + 41 / 10 * INR k + 41 / 10))) by (apply Rmult_le_compat_l; [pose proof (growth_at_least_1 (S (length l)))|]; lra).
    destruct k as [|k'] eqn:Ek.
    - rewrite L in *. unfold growth in *. simpl INR in *. simpl pow in *. assert (0 <= flushed * p) by lra. assert (u * flushed <= / 2 ^ 23 * flushed) by (apply Rmult_le_compat_r; lra).
      assert ((1 + u) * ((1 + u) * 1) <= 1.001). { assert (u * u <= 1 * u) by (apply Rmult_le_compat_r; lra). lra. }
      assert ((1 + u) * ((1 + u) * 1) * (flushed * (2 * p + 41 / 10 * 0 + 41 / 10)) <= 1.001 * (flushed * (2 * p + 41 / 10 * 0 + 41 / 10))) by (apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|lra]).
      unfold joined in *. lra.
    - assert (growth (S (length l)) * (flushed * (2 * p + 41 / 10 * INR (S k') + 41 / 10)) <= 1.3334 * (flushed * (2 * p + 41 / 10 * INR (S k') + 41 / 10))) by (apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|lra]).
      assert (1 <= INR (S k')) by (rewrite S_INR; pose proof (pos_INR k'); lra).
      assert (flushed * 1 <= flushed * INR (S k')) by (apply Rmult_le_compat_l; lra). unfold joined in *. lra. }
  unfold row_error, fst, snd. fold p. pose proof (two_sided (z - total exact l)). pose proof (two_sided (total exact (products r h') - dot r h)). apply Rabs_le. lra.
Qed.

(** |y' - y| <= e, coordinate by coordinate. *)
Inductive within : list R -> list R -> list R -> Prop :=
| within_nil : within [] [] []
| within_cons : forall d a b e y' y, Rabs (a - b) <= d -> within e y' y -> within (d :: e) (a :: y') (b :: y).

(** From pre-activations z that are off by d: sizes s of the ReLUs' values and what those are off by, e. It is nothing where z stays below 0 though it is off. *)
Inductive rectified : list R -> list R -> list R -> list R -> Prop :=
| rectified_nil : rectified [] [] [] []
| rectified_cons : forall z d a c zs ds s e, relu z <= a -> d + flushed <= c \/ (z + d <= 0 /\ 0 <= c) -> rectified zs ds s e -> rectified (z :: zs) (d :: ds) (a :: s) (c :: e).

(** d bounds the errors of all rows of a layer. *)
Definition layer_error L s e d := Forall2 (fun rb d => fits rb s e /\ row_error rb s e <= d) L d.

(** Layer by layer the sizes bound the exact values along the run from x and the errors what rounding adds, down to those of the outputs, d. *)
Fixpoint carried (hs : list (list (list R * R))) out (s e x d : list R) : Prop :=
  match hs with
  | [] => layer_error out s e d
  | L :: hs' => exists c s' e', layer_error L s e c /\ rectified (affine L x) c s' e' /\ carried hs' out s' e' (map relu (affine L x)) d end.

Lemma layer_within : forall s e h' h, tracked s e h' h -> forall L d z, layer_error L s e d -> Forall2 (row_executes h') L z -> within d z (affine L h).
Proof.
  intros s e h' h T L d z E. revert z. induction E as [|rb c L d [F B] E IH]; intros z X; inversion X; subst; simpl; constructor; auto.
  eapply Rle_trans; [eapply row_execution_error; eauto|exact B].
Qed.

Lemma relu_nonnegative : forall z, 0 <= relu z.
Proof. intro. apply Rmax_r. Qed.

Lemma rectified_tracked : forall z d s e, rectified z d s e -> forall z' h', within d z' z -> Forall2 activates z' h' -> tracked s e h' (map relu z).
Proof.
  induction 1 as [|z d a c zs ds s e Ha Hc H IH]; intros z' h' W A; inversion W as [|? b ? ? z1 ? Hb Hw]; subst; inversion A as [|? h1 ? h2 Hh Hr]; subst; simpl; constructor; eauto.
  - pose proof flushed_bounds as F. destruct Hc as [Hc|[Hz Hc]].
    + apply argument_close in Hh as [Hh _]. pose proof (relu_lipschitz b z). pose proof (triangle h1 (relu b) (relu z)). lra.
    + pose proof (two_sided (b - z)). pose proof (Rabs_pos (b - z)).
      assert (Zb : relu b = 0) by (apply Rmax_right; lra). assert (Zz : relu z = 0) by (apply Rmax_right; lra).
      unfold activates in Hh. rewrite Zb in Hh. rewrite Zz. destruct Hh as [->|[-> _]]; rewrite Rminus_0_r, Rabs_R0; exact Hc.
  - rewrite Rabs_pos_eq by apply relu_nonnegative. exact Ha.
Qed.

(** Every execution's outputs are within d of the exact ones. *)
Theorem network_execution_error : forall hs out s e x' x d y, tracked s e x' x -> carried hs out s e x d -> executes hs out x' y -> within d y (outputs hs out x).
Proof.
  unfold outputs. induction hs as [|L hs IH]; intros out s e x' x d y T C X; simpl in *.
  - eapply layer_within; eauto.
  - destruct C as (c & s' & e' & E & Z & C). destruct X as (z & h & Xz & Xh & X). eapply IH; [|exact C|exact X].
    eapply rectified_tracked; [exact Z|eapply layer_within; eauto|exact Xh].
Qed.

(** A claim c . y >= b for the exact outputs with room for the errors holds for those of every execution. *)
Theorem claim_execution : forall d y' y, within d y' y -> forall c b, b + fold_right Rplus 0 (map (fun p => Rabs (fst p) * snd p) (combine c d)) <= dot c y -> b <= dot c y'.
Proof.
  assert (E : forall d y' y, within d y' y -> forall c, dot c y <= dot c y' + fold_right Rplus 0 (map (fun p => Rabs (fst p) * snd p) (combine c d))).
  { induction 1 as [|d a b e y' y H W IH]; intros [|w c]; simpl; try lra. specialize (IH c).
    assert (Rabs (w * (a - b)) <= Rabs w * d) by (rewrite Rabs_mult; apply Rmult_le_compat_l; auto using Rabs_pos). pose proof (two_sided (w * (a - b))). lra. }
  intros d y' y W c b H. specialize (E _ _ _ W c). lra.
Qed.
