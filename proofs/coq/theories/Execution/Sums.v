(* Sums of products as a float32 program computes them: in any order and association, with or without fused multiply-add. The error of all of them has one bound: sums_error. *)
From Coq Require Import Reals Lra Lia List Permutation.
Import ListNotations.
Open Scope R_scope.

(** 2^-24, and a little for a rounding to a wider format before that to float32. *)
Definition u : R := / 2 ^ 24 * (1 + / 2 ^ 28).

(** 2^-126: what is lost where results or arguments below the normal numbers are flushed to zero. *)
Definition flushed : R := / 2 ^ 126.

(** 1.5 2^127, far enough below the largest float32 for results up to it not to overflow. *)
Definition limit : R := 3 / 2 * 2 ^ 127.

(** r stands for the exact x as a float32 operation rounds it; beyond the limit it may be anything. Roundings.v has the operations that do so. *)
Definition operation (x r : R) : Prop := Rabs x <= limit -> Rabs (r - x) <= u * Rabs x + flushed.

(** a as an operation reads it: itself, or what flushing to zero leaves. *)
Definition argument (a b : R) : Prop := b = a \/ (b = 0 /\ Rabs a <= flushed).

(** What is added: w times h, or a number. *)
Inductive term := Product (w h : R) | Value (v : R).

(** Every float32 value of the sum of the terms. *)
Inductive sums : list term -> R -> Prop :=
| sums_value : forall v r, argument v r -> sums [Value v] r
| sums_product : forall w h w' h' r, argument w w' -> argument h h' -> operation (w' * h') r -> sums [Product w h] r
| sums_add : forall k l a b a' b' r, sums k a -> sums l b -> argument a a' -> argument b b' -> operation (a' + b') r -> sums (k ++ l) r
| sums_fused : forall l w h a w' h' a' r, sums l a -> argument w w' -> argument h h' -> argument a a' -> operation (w' * h' + a') r -> sums (Product w h :: l) r
| sums_order : forall k l r, sums k r -> Permutation k l -> sums l r.

Definition exact (t : term) : R := match t with Product w h => w * h | Value v => v end.

(** 3.1 2^-126: what an addition may lose beside its relative error. *)
Definition joined : R := 31 / 10 * flushed.

(** What a term and its addition may lose beside their relative errors. *)
Definition loss (t : term) : R := match t with Product w h => flushed * (Rabs w + Rabs h) + flushed | Value _ => flushed end + joined.

(** The sum of g over the terms. *)
Definition total (g : term -> R) (l : list term) : R := fold_right (fun t s => g t + s) 0 l.

Definition size (t : term) : R := Rabs (exact t).

(** (1 + u)^n. *)
Definition growth (n : nat) : R := (1 + u) ^ n.

Lemma u_bounds : 0 < u <= / 2 ^ 23.
Proof. unfold u. lra. Qed.

Lemma power_at_least_1 : forall n, 1 <= 2 ^ n.
Proof. intro. apply pow_R1_Rle. lra. Qed.

Lemma flushed_bounds : 0 < flushed <= / 2 ^ 64.
Proof.
  unfold flushed. split; [apply Rinv_0_lt_compat, pow_lt; lra|].
  apply Rinv_le_contravar; [apply pow_lt; lra|]. apply Rle_pow; [lra|lia].
Qed.

Lemma flushed_is : flushed = / 2 ^ 126.
Proof. reflexivity. Qed.

Global Opaque flushed.

Lemma total_app : forall g k l, total g (k ++ l) = total g k + total g l.
Proof. intros g k l. induction k; simpl; [ring|]. rewrite IHk. ring. Qed.

Lemma total_order : forall g k l, Permutation k l -> total g k = total g l.
Proof. intros g k l H. induction H; simpl; try lra. Qed.

Lemma growth_succ : forall n, growth (S n) = (1 + u) * growth n.
Proof. reflexivity. Qed.

Lemma growth_at_least_1 : forall n, 1 <= growth n.
Proof. intro. unfold growth. apply pow_R1_Rle. pose proof u_bounds. lra. Qed.

Lemma growth_le : forall m n, (m <= n)%nat -> growth m <= growth n.
Proof. intros. apply Rle_pow; [pose proof u_bounds; lra|assumption]. Qed.

Lemma total_exact : forall l, Rabs (total exact l) <= total size l.
Proof. induction l; simpl; [rewrite Rabs_R0; lra|]. eapply Rle_trans; [apply Rabs_triang|]. unfold size at 1. lra. Qed.

Lemma total_size_nonnegative : forall l, 0 <= total size l.
Proof. intro. eapply Rle_trans; [apply Rabs_pos|apply total_exact]. Qed.

Lemma loss_above_joined : forall t, joined <= loss t.
Proof.
  intros [w h|v]; unfold loss; pose proof flushed_bounds; [|lra]. pose proof (Rabs_pos w). pose proof (Rabs_pos h).
  assert (0 <= flushed * (Rabs w + Rabs h)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma total_loss_nonnegative : forall l, 0 <= total loss l.
Proof. induction l as [|t l IH]; simpl; [lra|]. pose proof (loss_above_joined t). unfold joined in *. pose proof flushed_bounds. lra. Qed.

Lemma sums_nonempty : forall l r, sums l r -> (1 <= length l)%nat.
Proof.
  induction 1; simpl; try lia; [rewrite app_length; lia|]. rewrite <- (Permutation_length H0). assumption.
Qed.

Lemma argument_close : forall a b, argument a b -> Rabs (b - a) <= flushed /\ Rabs b <= Rabs a.
Proof.
  pose proof flushed_bounds. intros a b [->|[-> Ha]].
  - rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
  - rewrite Rminus_0_l, Rabs_Ropp, Rabs_R0. split; [exact Ha|apply Rabs_pos].
Qed.

Lemma two_sided : forall x, - Rabs x <= x <= Rabs x.
Proof. intro. pose proof (Rle_abs x). pose proof (Rle_abs (- x)). rewrite Rabs_Ropp in *. lra. Qed.

Lemma triangle : forall a b c, Rabs (a - c) <= Rabs (a - b) + Rabs (b - c).
Proof. intros. replace (a - c) with ((a - b) + (b - c)) by ring. apply Rabs_triang. Qed.

Lemma product_read : forall w h w' h', argument w w' -> argument h h' ->
  Rabs (w' * h' - w * h) <= flushed * (Rabs w + Rabs h) /\ Rabs (w' * h') <= Rabs (w * h).
Proof.
  intros w h w' h' Hw Hh. apply argument_close in Hw as [Hw Lw]. apply argument_close in Hh as [Hh Lh]. split.
  - replace (w' * h' - w * h) with ((w' - w) * h' + w * (h' - h)) by ring. eapply Rle_trans; [apply Rabs_triang|].
    rewrite !Rabs_mult. pose proof flushed_bounds.
    assert (Rabs (w' - w) * Rabs h' <= flushed * Rabs h) by (apply Rmult_le_compat; auto using Rabs_pos).
    assert (Rabs w * Rabs (h' - h) <= Rabs w * flushed) by (apply Rmult_le_compat_l; auto using Rabs_pos). lra.
  - rewrite !Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
Qed.

(** How far a sum of n terms may be from its value; the limit bounds all partial sums. *)
Definition bound (l : list term) : R := (growth (length l) - 1) * total size l + growth (length l) * total loss l.

(** The largest that a partial sum may be. *)
Definition reach (l : list term) : R := growth (length l) * (total size l + total loss l).

Lemma reach_app : forall k l, reach k <= reach (k ++ l) /\ reach l <= reach (k ++ l) /\ reach k + reach l <= reach (k ++ l).
Proof.
  intros k l. unfold reach. rewrite app_length, !total_app.
  pose proof (growth_le (length k) (length k + length l)). pose proof (growth_le (length l) (length k + length l)).
  pose proof (total_size_nonnegative k). pose proof (total_size_nonnegative l). pose proof (total_loss_nonnegative k). pose proof (total_loss_nonnegative l).
  pose proof (growth_at_least_1 (length k)). pose proof (growth_at_least_1 (length l)). pose proof (growth_at_least_1 (length k + length l)).
  assert (growth (length k) * (total size k + total loss k) <= growth (length k + length l) * (total size k + total loss k)) by (apply Rmult_le_compat_r; lra || apply H; lia).
  assert (growth (length l) * (total size l + total loss l) <= growth (length k + length l) * (total size l + total loss l)) by (apply Rmult_le_compat_r; lra || apply H0; lia).
  assert (0 <= growth (length k) * (total size k + total loss k)) by (apply Rmult_le_pos; lra).
  assert (0 <= growth (length l) * (total size l + total loss l)) by (apply Rmult_le_pos; lra).
  repeat split; lra.
Qed.

(** The step of a sum: two numbers that are off by A and B, joined. *)
Lemma join_error : forall m n A B a b k l, (m < n)%nat -> (k < n)%nat -> 0 <= A -> 0 <= B -> 0 <= a -> 0 <= b ->
  l <= (1 + u) * ((growth m - 1) * A + growth m * a + ((growth k - 1) * B + growth k * b)) + u * (A + B) ->
  l <= (growth n - 1) * (A + B) + growth n * (a + b).
Proof.
  intros m n A B a b k l Hm Hk PA PB Pa Pb H. eapply Rle_trans; [exact H|]. clear H.
  pose proof (growth_le (S m) n Hm) as Gm. pose proof (growth_le (S k) n Hk) as Gk. rewrite growth_succ in Gm, Gk.
  assert (X : forall g, (1 + u) * g <= growth n -> forall c d, 0 <= c -> 0 <= d -> (1 + u) * ((g - 1) * c + g * d) + u * c <= (growth n - 1) * c + growth n * d).
  { intros g Hg c d Hc Hd. assert ((1 + u) * g * c <= growth n * c) by (apply Rmult_le_compat_r; lra).
    assert ((1 + u) * g * d <= growth n * d) by (apply Rmult_le_compat_r; lra). lra. }
  pose proof (X _ Gm A a PA Pa). pose proof (X _ Gk B b PB Pb). lra.
Qed.

Lemma bound_reach : forall l e r, Rabs (r - total exact l) + e <= bound l -> Rabs r + e <= reach l.
Proof.
  intros l e r H. pose proof (total_exact l). replace r with ((r - total exact l) + total exact l) by ring.
  pose proof (Rabs_triang (r - total exact l) (total exact l)). unfold bound, reach in *. lra.
Qed.

(** Every sum of the terms is within the bound of its exact value, with room for one addition more. *)
Theorem sums_error : forall l r, sums l r -> reach l <= limit -> Rabs (r - total exact l) + joined <= bound l.
Proof.
  pose proof flushed_bounds as F. pose proof u_bounds as U.
  induction 1 as [v r Hr|w h w' h' r Hw Hh Hr|k l a b a' b' r Hk IHk Hl IHl Ha Hb Hr|l w h a w' h' a' r Hl IHl Hw Hh Ha Hr|k l r Hk IHk P]; intro L.
  - apply argument_close in Hr as [Hr _]. unfold bound. simpl. unfold growth, size, loss in *. simpl. rewrite !Rmult_1_r, !Rplus_0_r.
    pose proof (Rabs_pos v). assert (0 <= u * Rabs v) by (apply Rmult_le_pos; lra). assert (0 <= u * (flushed + joined)) by (apply Rmult_le_pos; unfold joined; lra). lra.
  - destruct (product_read w h w' h' Hw Hh) as [E M]. pose proof (Rabs_pos (w * h)).
    assert (N : 0 <= flushed * (Rabs w + Rabs h)) by (apply Rmult_le_pos; pose proof (Rabs_pos w); pose proof (Rabs_pos h); lra).
    unfold bound, reach in *. simpl in *. unfold growth, size, loss, joined in *. simpl in *. rewrite !Rmult_1_r, !Rplus_0_r in *.
    assert (D : 0 <= u * Rabs (w * h)) by (apply Rmult_le_pos; lra).
    assert (G : 0 <= u * (flushed * (Rabs w + Rabs h) + flushed + 31 / 10 * flushed)) by (apply Rmult_le_pos; lra).
    unfold operation in Hr. assert (Rabs (r - w' * h') <= u * Rabs (w' * h') + flushed) by (apply Hr; lra).
    assert (u * Rabs (w' * h') <= u * Rabs (w * h)) by (apply Rmult_le_compat_l; lra).
    pose proof (triangle r (w' * h') (w * h)). lra.
  - destruct (reach_app k l) as (Lk & Ll & Lkl). specialize (IHk (Rle_trans _ _ _ Lk L)). specialize (IHl (Rle_trans _ _ _ Ll L)).
    pose proof (bound_reach _ _ _ IHk) as Ra. pose proof (bound_reach _ _ _ IHl) as Rb.
    apply argument_close in Ha as [Ha La]. apply argument_close in Hb as [Hb Lb].
    assert (J : Rabs (a' + b') <= limit). { eapply Rle_trans; [apply Rabs_triang|]. unfold joined in *. lra. }
    specialize (Hr J). clear J L Lk Ll Lkl Ra Rb La Lb.
    unfold bound. rewrite app_length, !total_app.
    apply (join_error (length k) (length k + length l) _ _ _ _ (length l));
      try (apply sums_nonempty in Hk; apply sums_nonempty in Hl; lia); auto using total_size_nonnegative, total_loss_nonnegative.
    fold (bound k) (bound l).
    pose proof (two_sided (total exact k)). pose proof (two_sided (total exact l)). pose proof (total_exact k). pose proof (total_exact l).
    pose proof (two_sided (a' - a)). pose proof (two_sided (b' - b)). pose proof (two_sided (a - total exact k)). pose proof (two_sided (b - total exact l)).
    pose proof (two_sided (r - (a' + b'))).
    assert (T : Rabs (a' + b') <= Rabs (a - total exact k) + Rabs (b - total exact l) + total size k + total size l + 2 * flushed) by (apply Rabs_le; lra).
    assert (V : Rabs (r - (total exact k + total exact l)) <= Rabs (r - (a' + b')) + Rabs (a - total exact k) + Rabs (b - total exact l) + 2 * flushed) by (apply Rabs_le; lra).
    assert (M : u * Rabs (a' + b') <= u * (Rabs (a - total exact k) + Rabs (b - total exact l) + total size k + total size l + 2 * flushed)) by (apply Rmult_le_compat_l; lra).
    assert (u * flushed <= / 2 ^ 23 * flushed) by (apply Rmult_le_compat_r; lra).
    assert ((1 + u) * (Rabs (a - total exact k) + Rabs (b - total exact l)) <= (1 + u) * (bound k + bound l - 2 * joined)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= u * joined) by (apply Rmult_le_pos; unfold joined; lra). unfold joined in *. lra.
  - change (Product w h :: l) with ([Product w h] ++ l) in *. destruct (reach_app [Product w h] l) as (_ & Ll & Lpl). specialize (IHl (Rle_trans _ _ _ Ll L)).
    pose proof (bound_reach _ _ _ IHl) as Ra. destruct (product_read w h w' h' Hw Hh) as [E M]. apply argument_close in Ha as [Ha La].
    assert (N : 0 <= flushed * (Rabs w + Rabs h)) by (apply Rmult_le_pos; pose proof (Rabs_pos w); pose proof (Rabs_pos h); lra).
    assert (Rp : Rabs (w * h) <= reach [Product w h]).
    { unfold reach, size, loss, growth. simpl. pose proof (Rabs_pos (w * h)). rewrite !Rplus_0_r, Rmult_1_r. unfold joined.
      assert (0 <= u * (Rabs (w * h) + (flushed * (Rabs w + Rabs h) + flushed + 31 / 10 * flushed))) by (apply Rmult_le_pos; lra). lra. }
    assert (J : Rabs (w' * h' + a') <= limit). { eapply Rle_trans; [apply Rabs_triang|]. unfold joined in *. lra. }
    specialize (Hr J). clear J L Ll Lpl Ra Rp La.
    unfold bound. rewrite app_length, !total_app.
    apply (join_error 0 (length [Product w h] + length l) _ _ _ _ (length l));
      try (apply sums_nonempty in Hl; simpl; lia); auto using total_size_nonnegative, total_loss_nonnegative.
    fold (bound l). change (growth 0) with 1.
    pose proof (two_sided (total exact l)). pose proof (total_exact l). pose proof (two_sided (w' * h')).
    pose proof (two_sided (a' - a)). pose proof (two_sided (a - total exact l)). pose proof (two_sided (w' * h' - w * h)). pose proof (two_sided (r - (w' * h' + a'))).
    assert (T : Rabs (w' * h' + a') <= Rabs (a - total exact l) + Rabs (w * h) + total size l + flushed) by (apply Rabs_le; lra).
    change (total exact [Product w h]) with (w * h + 0). change (total size [Product w h]) with (Rabs (w * h) + 0).
    change (total loss [Product w h]) with (flushed * (Rabs w + Rabs h) + flushed + joined + 0). rewrite !Rplus_0_r.
    assert (V : Rabs (r - (w * h + total exact l)) <= Rabs (r - (w' * h' + a')) + Rabs (a - total exact l) + flushed * (Rabs w + Rabs h) + flushed) by (apply Rabs_le; lra).
    assert (Mu : u * Rabs (w' * h' + a') <= u * (Rabs (a - total exact l) + Rabs (w * h) + total size l + flushed)) by (apply Rmult_le_compat_l; lra).
    assert (u * flushed <= / 2 ^ 23 * flushed) by (apply Rmult_le_compat_r; lra).
    assert ((1 + u) * Rabs (a - total exact l) <= (1 + u) * (bound l - joined)) by (apply Rmult_le_compat_l; lra).
    assert (0 <= u * (flushed * (Rabs w + Rabs h))) by (apply Rmult_le_pos; lra).
    assert (0 <= u * (flushed + joined)) by (apply Rmult_le_pos; unfold joined; lra).
    assert (0 <= u * joined) by (apply Rmult_le_pos; unfold joined; lra). unfold joined in *. lra.
  - assert (B : bound l = bound k) by (unfold bound; rewrite (Permutation_length P), !(total_order _ _ _ P); reflexivity).
    assert (C : reach l = reach k) by (unfold reach; rewrite (Permutation_length P), !(total_order _ _ _ P); reflexivity).
    rewrite B, <- (total_order exact _ _ P). apply IHk. rewrite <- C. exact L.
Qed.
