(* Distances of Gaussians that need no more than two moments: E is any linear expectation in which Z has mean 0 and mean square 1. *)
From Coq Require Import Reals Lra Lia List.
From Certify.Statistics Require Import Expectation.
Open Scope R_scope.

Section Moments.
Variable Om : Type.
Variable E : (Om -> R) -> R.
Hypothesis E_ext : forall f g, (forall w, f w = g w) -> E f = E g.
Hypothesis E_add : forall f g, E (fun w => f w + g w) = E f + E g.
Hypothesis E_scale : forall c f, E (fun w => c * f w) = c * E f.
Hypothesis E_one : E (fun _ => 1) = 1.
Variable Z : Om -> R.
Hypothesis Z1 : E Z = 0.
Hypothesis Z2 : E (fun w => Z w * Z w) = 1.

Lemma E_constant : forall c, E (fun _ => c) = c.
Proof. intros. rewrite (E_ext _ (fun w => c * 1)) by (intros; ring). rewrite E_scale, E_one. ring. Qed.

(** The mean squared distance of m1 + s1 Z and m2 + s2 Z is (m1 - m2)^2 + (s1 - s2)^2. *)
Theorem gaussian_coupling : forall m1 s1 m2 s2,
  E (fun w => ((m1 + s1 * Z w) - (m2 + s2 * Z w)) * ((m1 + s1 * Z w) - (m2 + s2 * Z w))) = (m1 - m2)^2 + (s1 - s2)^2.
Proof.
  intros.
  rewrite (E_ext _ (fun w => ((m1-m2)^2 + 2*(m1-m2)*(s1-s2) * Z w) + (s1-s2)^2 * (Z w * Z w))) by (intros; ring).
  rewrite E_add, E_add, !E_scale, E_constant, Z1, Z2. ring.
Qed.

(** The log density of a Gaussian up to the constant -ln(2 pi) / 2. *)
Definition log_density m s x := - ((x - m)^2 / (2 * s^2)) - ln s.

(** The mean log ratio of two Gaussian densities under the first: ln(s2 / s1) + (s1^2 + (m1 - m2)^2) / (2 s2^2) - 1/2. *)
Theorem gaussian_divergence : forall m1 s1 m2 s2, 0 < s1 -> 0 < s2 ->
  E (fun w => log_density m1 s1 (m1 + s1 * Z w) - log_density m2 s2 (m1 + s1 * Z w)) = ln (s2 / s1) + (s1^2 + (m1 - m2)^2) / (2 * s2^2) - 1/2.
Proof.
  intros. unfold log_density.
  replace (ln (s2 / s1)) with (ln s2 - ln s1) by (unfold Rdiv; rewrite ln_mult, ln_Rinv; auto using Rinv_0_lt_compat; ring).
  rewrite (E_ext _ (fun w => ((ln s2 - ln s1 + (m1-m2)^2/(2*s2^2)) + (m1-m2)*s1/(s2^2) * Z w) + (s1^2/(2*s2^2) - 1/2) * (Z w * Z w))).
  - rewrite E_add, E_add, !E_scale, E_constant, Z1, Z2. field. lra.
  - intros. field. lra.
Qed.

End Moments.

Section Vectors.
Variable Om : Type.
Variable E : integral Om.
Hypothesis E_probability : probability E.
Variable Coordinate : Type.
Variable same : forall i j : Coordinate, {i = j} + {i <> j}.
Variable coordinates : list Coordinate.
Hypothesis distinct : NoDup coordinates.
Variable Z : Coordinate -> Om -> R.
Hypothesis Z_mean : forall i, E (Z i) = 0.
Hypothesis Z_covariance : forall i j, E (fun o => Z i o * Z j o) = if same i j then 1 else 0.

(** Row a of a matrix times Z. *)
Definition times (a : Coordinate -> R) (o : Om) : R := sum coordinates (fun j => a j * Z j o).

Lemma times_mean : forall a, E (times a) = 0.
Proof.
  intro a. unfold times. rewrite (value_sum Om Coordinate E coordinates (fun j o => a j * Z j o)). rewrite (sum_ext _ _ _ (fun _ => 0 * 0)).
  - rewrite sum_scale. ring.
  - intro j. rewrite value_scale, Z_mean. ring.
Qed.

Lemma times_square : forall a, E (fun o => times a o ^ 2) = sum coordinates (fun j => a j ^ 2).
Proof.
  intro a. rewrite (value_ext E _ (fun o => sum coordinates (fun i => sum coordinates (fun j => a i * a j * (Z i o * Z j o))))).
  - rewrite (value_sum Om Coordinate E coordinates (fun i o => sum coordinates (fun j => a i * a j * (Z i o * Z j o)))). apply sum_ext_in. intros i Ii.
    rewrite (value_sum Om Coordinate E coordinates (fun j o => a i * a j * (Z i o * Z j o))).
    rewrite (sum_ext _ _ _ (fun j => if same i j then a i * a j else 0)).
    + rewrite (sum_one Coordinate same coordinates i (fun j => a i * a j)) by auto. ring.
    + intro j. rewrite value_scale, Z_covariance. destruct (same i j); ring.
  - intro o. unfold times. replace (sum coordinates (fun j => a j * Z j o) ^ 2) with (sum coordinates (fun j => a j * Z j o) * sum coordinates (fun j => a j * Z j o)) by ring.
    rewrite <- sum_scale. apply sum_ext. intro i. rewrite Rmult_comm, <- sum_scale. apply sum_ext. intro j. ring.
Qed.

(** The mean squared distance of m1 + L1 Z and m2 + L2 Z is |m1 - m2|^2 + |L1 - L2|_F^2. *)
Theorem gaussian_coupling_vector : forall m1 m2 (L1 L2 : Coordinate -> Coordinate -> R),
  E (fun o => sum coordinates (fun i => ((m1 i + times (L1 i) o) - (m2 i + times (L2 i) o)) ^ 2)) =
  sum coordinates (fun i => (m1 i - m2 i) ^ 2) + sum coordinates (fun i => sum coordinates (fun j => (L1 i j - L2 i j) ^ 2)).
Proof.
  intros. rewrite (value_sum Om Coordinate E coordinates (fun i o => ((m1 i + times (L1 i) o) - (m2 i + times (L2 i) o)) ^ 2)), <- sum_add. apply sum_ext. intro i.
  set (a := fun j => L1 i j - L2 i j).
  rewrite (value_ext E _ (fun o => (m1 i - m2 i) ^ 2 + 2 * (m1 i - m2 i) * times a o + times a o ^ 2)).
  - rewrite !value_add, value_scale, times_mean, times_square, value_constant by auto. unfold a. ring.
  - intro o. assert (D : times a o = times (L1 i) o - times (L2 i) o).
    { unfold times, a. symmetry. etransitivity; [symmetry; apply (value_sub (counting coordinates) (fun j => L1 i j * Z j o) (fun j => L2 i j * Z j o))|]. apply sum_ext. intro. ring. }
    rewrite D. ring.
Qed.

End Vectors.
