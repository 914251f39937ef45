(* The upper confidence limit of Clopper and Pearson (1934) for the probability of a binomial count: its coverage. *)
From Coq Require Import Reals Lra Lia List Bool Psatz.
Open Scope R_scope.

(** P(X < k) for X binomial with n trials of probability p, by the last trial. *)
Fixpoint below (n k : nat) (p : R) : R :=
  match k with O => 0 | S k' => match n with O => 1 | S n' => p * below n' k' p + (1 - p) * below n' (S k') p end end.

(** P(X = k), by the last trial. *)
Fixpoint mass (n k : nat) (p : R) : R :=
  match n with O => match k with O => 1 | S _ => 0 end
  | S n' => (match k with O => 0 | S k' => p * mass n' k' p end) + (1 - p) * mass n' k p end.

Lemma mass_nonnegative : forall n k p, 0 <= p <= 1 -> 0 <= mass n k p.
Proof.
  induction n; destruct k; simpl; intros; try lra.
  - assert (0 <= mass n 0 p) by auto. nra.
  - assert (0 <= mass n k p) by auto. assert (0 <= mass n (S k) p) by auto. nra.
Qed.

(** f 0 + ... + f (k - 1). *)
Fixpoint total (f : nat -> R) (k : nat) : R := match k with O => 0 | S k' => total f k' + f k' end.

Lemma below_0 : forall n p, below n 0 p = 0.
Proof. destruct n; reflexivity. Qed.

Lemma below_S : forall n k p, below (S n) (S k) p = p * below n k p + (1 - p) * below n (S k) p.
Proof. reflexivity. Qed.

Lemma below_step : forall n k p, below n (S k) p = below n k p + mass n k p.
Proof.
  induction n; intros k p.
  - destruct k; simpl; lra.
  - rewrite below_S, (IHn k p). destruct k.
    + rewrite !below_0. simpl. ring.
    + rewrite below_S, (IHn k p). simpl. ring.
Qed.

Lemma below_total : forall n p k, below n k p = total (fun x => mass n x p) k.
Proof. intros n p. induction k. destruct n; reflexivity. rewrite below_step. simpl. lra. Qed.

Lemma below_le : forall n k p, 0 <= p <= 1 -> below n k p <= below n (S k) p.
Proof. intros. rewrite below_step. pose proof (mass_nonnegative n k p). lra. Qed.

Lemma below_antitone : forall n k p q, 0 <= p -> p <= q -> q <= 1 -> below n k q <= below n k p.
Proof.
  induction n; intros k p q H0 H1 H2; destruct k; try (simpl; lra).
  rewrite !below_S. pose proof (IHn k p q H0 H1 H2). pose proof (IHn (S k) p q H0 H1 H2).
  pose proof (below_le n k p). pose proof (below_le n k q). nra.
Qed.

Lemma total_le : forall f g k, (forall x, f x <= g x) -> total f k <= total g k.
Proof. induction k; intros; simpl; try lra. pose proof (H k). specialize (IHk H). lra. Qed.

(** The probability that the limit u(X) lies below p is at most alpha, for any limits with P(X <= x) <= alpha at p = u(x) wherever u(x) < 1. *)
Theorem clopper_pearson_upper : forall n p alpha (u : nat -> R), 0 <= p <= 1 -> 0 <= alpha ->
  (forall x, u x <= 1) -> (forall x, 0 <= u x) -> (forall x, u x < 1 -> below n (S x) (u x) <= alpha) ->
  total (fun x => if Rlt_dec (u x) p then mass n x p else 0) (S n) <= alpha.
Proof.
  intros n p alpha u Hp Ha Hu Hu0 Hx.
  assert (G : forall k, total (fun x => if Rlt_dec (u x) p then mass n x p else 0) k <= alpha).
  { induction k; simpl; auto. destruct (Rlt_dec (u k) p) as [L|L]; [|lra].
    apply Rle_trans with (below n (S k) p).
    - rewrite below_total. simpl. apply Rplus_le_compat_r. apply total_le. intro x.
      destruct (Rlt_dec (u x) p); pose proof (mass_nonnegative n x p Hp); lra.
    - apply Rle_trans with (below n (S k) (u k)). apply below_antitone; auto; lra. apply Hx. lra. }
  apply G.
Qed.
