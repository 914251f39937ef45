(* Distances of Gaussians that need no more than two moments: E is any linear expectation in which Z has mean 0 and mean square 1. *)
From Coq Require Import Reals Lra Lia List.
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
