(* Gaussians with a full covariance L L^T, L lower triangular: the outputs are the means, the entries of L below its diagonal row by row, and, before a link, the diagonal. What the checker of
   GaussianHeads.v accepts of them, with means and entries as its first outputs, bounds the mean squared distance of a coupling. *)
From Coq Require Import Reals ZArith List Arith Lia Lra Psatz.
From Certify.Checker Require Import Evidence Specialized Instances GaussianHeads GaussianLaws.
From Certify.Statistics Require Import Expectation.
Import ListNotations.
Local Open Scope R_scope.

Section Coupling.
Variable Om : Type.
Variable E : integral Om.
Hypothesis E_probability : probability E.
Variable Z : nat -> Om -> R.
Hypothesis Z_mean : forall i, E (Z i) = 0.
Hypothesis Z_square : forall i, E (fun o => Z i o * Z i o) = 1.
Hypothesis Z_uncorrelated : forall i j, i <> j -> E (fun o => Z i o * Z j o) = 0.

(** Row q of a matrix times Z, from coordinate i on. *)
Fixpoint times (q : list R) (i : nat) (o : Om) : R := match q with [] => 0 | a :: q' => a * Z i o + times q' (S i) o end.

(** The squared distance of m + L Z and m' + L' Z, the rows of L of length n, n + 1, ... before the diagonal. *)
Fixpoint triangular_cost (m lower diagonal m' lower' diagonal' : list R) (n : nat) (o : Om) : R :=
  match m, diagonal, m', diagonal' with
  | a :: m1, s :: d1, a' :: m1', s' :: d1' =>
      ((a + times (firstn n lower ++ [s]) 0 o) - (a' + times (firstn n lower' ++ [s']) 0 o)) ^ 2 + triangular_cost m1 (skipn n lower) d1 m1' (skipn n lower') d1' (S n) o
  | _, _, _, _ => 0 end.

Fixpoint minus (a b : list R) : list R := match a, b with x :: a', y :: b' => (x - y) :: minus a' b' | _, _ => [] end.
Fixpoint squares (a : list R) : R := match a with [] => 0 | x :: a' => x ^ 2 + squares a' end.

Lemma value_nothing : E (fun _ => 0) = 0.
Proof. apply Expectation.value_zero. Qed.

Lemma times_mean : forall q i, E (times q i) = 0.
Proof.
  induction q as [|a q IH]; intro i.
  - rewrite (value_ext E _ (fun _ => 0)) by reflexivity. apply value_nothing.
  - rewrite (value_ext E _ (fun o => a * Z i o + times q (S i) o)) by reflexivity. rewrite value_add, value_scale, Z_mean, IH. ring.
Qed.

Lemma times_uncorrelated : forall q i j, (j < i)%nat -> E (fun o => Z j o * times q i o) = 0.
Proof.
  induction q as [|a q IH]; intros i j H.
  - rewrite (value_ext E _ (fun _ => 0)) by (intro; simpl; ring). apply value_nothing.
  - rewrite (value_ext E _ (fun o => a * (Z j o * Z i o) + Z j o * times q (S i) o)) by (intro; simpl; ring).
    rewrite value_add, value_scale, Z_uncorrelated, IH by lia. ring.
Qed.

Lemma times_square : forall q i a, E (fun o => (a + times q i o) ^ 2) = a ^ 2 + squares q.
Proof.
  induction q as [|b q IH]; intros i a.
  - rewrite (value_ext E _ (fun _ => a ^ 2)) by (intro; simpl; ring). rewrite value_constant by exact E_probability. simpl. ring.
  - rewrite (value_ext E _ (fun o => (a + times q (S i) o) ^ 2 + (2 * a * b * Z i o + (b ^ 2 * (Z i o * Z i o) + 2 * b * (Z i o * times q (S i) o))))) by (intro; simpl; ring).
    rewrite !value_add, !value_scale, Z_mean, Z_square, IH, times_uncorrelated by lia. simpl. ring.
Qed.

Lemma times_minus : forall q q' i o, length q = length q' -> times q i o - times q' i o = times (minus q q') i o.
Proof. induction q as [|a q IH]; intros [|b q'] i o H; try discriminate; simpl; [ring|]. injection H as H. rewrite <- (IH q' (S i) o H). ring. Qed.

Lemma squares_minus : forall a b, squares (minus a b) = square_distance a b.
Proof. induction a as [|x a IH]; intros [|y b]; simpl; try reflexivity. rewrite IH. ring. Qed.

Lemma split_distance : forall n a b, length a = length b -> square_distance a b = square_distance (firstn n a) (firstn n b) + square_distance (skipn n a) (skipn n b).
Proof.
  intros n a b H. rewrite <- (firstn_skipn n a) at 1. rewrite <- (firstn_skipn n b) at 1. apply square_distance_app. rewrite !firstn_length, H. reflexivity.
Qed.

Lemma sum_nonnegative : forall a a' b b' c c', 0 <= square_distance a a' + square_distance b b' + square_distance c c'.
Proof. intros. pose proof (square_distance_nonnegative a a'). pose proof (square_distance_nonnegative b b'). pose proof (square_distance_nonnegative c c'). lra. Qed.

Lemma triangular_cost_le : forall m lower d m' lower' d' n, length lower = length lower' ->
  E (triangular_cost m lower d m' lower' d' n) <= square_distance m m' + square_distance lower lower' + square_distance d d'.
Proof.
  induction m as [|a m IH]; intros lower [|s d] [|a' m'] lower' [|s' d'] n H; cbn [triangular_cost];
    try (rewrite value_nothing; apply sum_nonnegative).
  rewrite value_add.
  assert (H1 : length (skipn n lower) = length (skipn n lower')) by (rewrite !skipn_length, H; reflexivity).
  assert (H2 : length (firstn n lower) = length (firstn n lower')) by (rewrite !firstn_length, H; reflexivity).
  specialize (IH (skipn n lower) d m' (skipn n lower') d' (S n) H1).
  assert (G : E (fun o => ((a + times (firstn n lower ++ [s]) 0 o) - (a' + times (firstn n lower' ++ [s']) 0 o)) ^ 2) =
              (a - a') ^ 2 + (square_distance (firstn n lower) (firstn n lower') + (s - s') ^ 2)).
  { rewrite (value_ext E _ (fun o => ((a - a') + times (minus (firstn n lower ++ [s]) (firstn n lower' ++ [s'])) 0 o) ^ 2)).
    - rewrite times_square, squares_minus, square_distance_app by exact H2. simpl. ring.
    - intro o. rewrite <- times_minus; [ring|]. rewrite !app_length, H2. reflexivity. }
  rewrite G, (split_distance n lower lower' H). cbn [square_distance]. lra.
Qed.

(** Where the task that the whole tree is is done, one Z with means 0, mean squares 1 and no correlations, such as a standard normal vector, couples N(m(x), L L^T) and N(m(x0), L0 L0^T) at a mean squared
    distance of at most c^2, for every x of the box: d means, entries below the diagonal up to output n, link of the others on the diagonal. W2 does not exceed a coupling's. *)
Theorem cholesky_robustness_coupling : forall hs out d n k c bx bx0 t r, reference hs out n k bx0 = Some r -> walk_task (near hs out n k c r) hs (whole hs bx t) = true ->
  forall x x0, N.in_box x bx -> N.in_box x0 bx0 ->
  let y := N.network hs out x in let y0 := N.network hs out x0 in
  E (triangular_cost (firstn d (firstn n y)) (skipn d (firstn n y)) (map (link_value k) (skipn n y)) (firstn d (firstn n y0)) (skipn d (firstn n y0)) (map (link_value k) (skipn n y0)) 0) <= GaussianLaws.value c ^ 2.
Proof.
  intros hs out d n k c bx bx0 t r R H x x0 Hx H0 y y0.
  assert (L : length (firstn n y) = length (firstn n y0)) by (rewrite !firstn_length; unfold y, y0, N.network, N.affine; rewrite !map_length; reflexivity).
  eapply Rle_trans; [apply triangular_cost_le; rewrite !skipn_length, L; reflexivity|].
  assert (P : square_distance (firstn d (firstn n y)) (firstn d (firstn n y0)) + square_distance (skipn d (firstn n y)) (skipn d (firstn n y0)) +
              square_distance (map (link_value k) (skipn n y)) (map (link_value k) (skipn n y0)) = square_distance (parameters n k y) (parameters n k y0)).
  { unfold parameters. etransitivity; [|symmetry; apply square_distance_app; exact L]. f_equal. symmetry. exact (split_distance d (firstn n y) (firstn n y0) L). }
  rewrite P. pose proof (gaussian_robustness_sound hs out n k c bx bx0 t r R H x x0 Hx H0) as W. unfold wasserstein in W. fold y y0 in W.
  rewrite <- (sqrt_sqrt (square_distance (parameters n k y) (parameters n k y0))) by apply square_distance_nonnegative.
  pose proof (sqrt_pos (square_distance (parameters n k y) (parameters n k y0))). nra.
Qed.
End Coupling.
