(* Coverage of weighted conformal prediction (Tibshirani, Foygel Barber, Candes, Ramdas 2019): n calibration points and one point of another distribution
   with likelihood ratio w, on a finite set, scores with or without ties. By counting; no axioms. *)
From mathcomp Require Import all_ssreflect all_algebra all_fingroup.
From Certify.Statistics Require Import Conformal.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Section Weighted.
Variables (R : realFieldType) (n : nat) (V : finType) (s w : V -> R).
Local Notation N := n.+1.
Local Notation data := {ffun 'I_N -> V}.
Hypothesis w_ge0 : forall v, 0 <= w v.

(** What the points with scores of at least that of point j weigh. *)
Definition above (f : data) (j : 'I_N) : R := \sum_(k | s (f j) <= s (f k)) w (f k).

Definition everything (f : data) : R := \sum_k w (f k).

(** Point j lies in the upper tail. *)
Definition extreme (alpha : R) (f : data) (j : 'I_N) : bool := above f j <= alpha * everything f.

Lemma above_permuted p f j : above (permuted p f) j = above f (p j).
Proof.
rewrite /above [RHS](reindex_inj (@perm_inj _ p)) /=.
by apply: eq_big => k; rewrite !ffunE.
Qed.

Lemma everything_permuted p f : everything (permuted p f) = everything f.
Proof.
rewrite /everything [RHS](reindex_inj (@perm_inj _ p)) /=.
by apply: eq_bigr => k; rewrite !ffunE.
Qed.

(** The upper tail weighs at most alpha of everything. *)
Lemma extreme_weight alpha f : 0 <= alpha -> \sum_(j | extreme alpha f j) w (f j) <= alpha * everything f.
Proof.
move=> a0; case: (pickP (extreme alpha f)) => [j0 e0|no]; last first.
  by rewrite big_pred0 // mulr_ge0 // sumr_ge0.
pose j := [arg min_(j < j0 | extreme alpha f j) s (f j)]%O.
have [ej least] : extreme alpha f j /\ forall k, extreme alpha f k -> s (f j) <= s (f k).
  by rewrite /j; case: Order.TotalTheory.arg_minP.
apply: le_trans ej; rewrite /above big_mkcond [X in _ <= X]big_mkcond /=.
apply: ler_sum => k _; case E: (extreme alpha f k); first by rewrite least.
by case: ifP.
Qed.

Variable g : data -> R.
Hypothesis g_ge0 : forall f, 0 <= g f.
Hypothesis exch : forall p f, g (permuted p f) = g f.

Lemma extreme_same alpha i j :
  \sum_f g f * w (f i) *+ extreme alpha f i = \sum_f g f * w (f j) *+ extreme alpha f j.
Proof.
rewrite (reindex_inj (h := permuted (tperm i j))) /=; last first.
  move=> f h /ffunP E; apply/ffunP=> l; have := E (tperm i j l); by rewrite !ffunE tpermK.
by apply: eq_bigr => f _; rewrite exch /extreme above_permuted everything_permuted ffunE tpermL.
Qed.

Lemma weight_same i j : \sum_f g f * w (f i) = \sum_f g f * w (f j).
Proof.
rewrite (reindex_inj (h := permuted (tperm i j))) /=; last first.
  move=> f h /ffunP E; apply/ffunP=> l; have := E (tperm i j l); by rewrite !ffunE tpermK.
by apply: eq_bigr => f _; rewrite exch ffunE tpermL.
Qed.

(** The data have the probabilities g(f) w(f i), g exchangeable. *)
Variable i : 'I_N.
Hypothesis total1 : \sum_f g f * w (f i) = 1.

Lemma extreme_rare alpha : 0 <= alpha -> \sum_f g f * w (f i) *+ extreme alpha f i <= alpha.
Proof.
move=> a0; have N0 : 0 < N%:R :> R by rewrite ltr0n.
rewrite -(ler_pmul2r N0).
have -> : (\sum_f g f * w (f i) *+ extreme alpha f i) * N%:R = \sum_(j < N) \sum_f g f * w (f j) *+ extreme alpha f j.
  rewrite [RHS](eq_bigr (fun _ => \sum_f g f * w (f i) *+ extreme alpha f i)); last by move=> j _; exact: extreme_same.
  by rewrite sumr_const card_ord mulr_natr.
have -> : alpha * N%:R = \sum_f g f * (alpha * everything f).
  have E : \sum_f g f * everything f = N%:R.
    under eq_bigr => f _ do rewrite /everything mulr_sumr.
    rewrite exchange_big /= (eq_bigr (fun _ => 1)); last by move=> j _; rewrite -total1; exact: weight_same.
    by rewrite sumr_const card_ord.
  by under eq_bigr => f _ do rewrite mulrCA; rewrite -mulr_sumr E.
rewrite exchange_big /=; apply: ler_sum => f _.
apply: le_trans (ler_wpmul2l (g_ge0 f) (extreme_weight f a0)).
rewrite mulr_sumr [X in _ <= X]big_mkcond /=; apply: ler_sum => j _.
by case: (extreme alpha f j).
Qed.

(** P(the score of point i is at most the threshold) >= 1 - alpha, for any threshold q(f) that is infinite or at which w' and the weight of the other
    points with scores above it are at most alpha of w' and all the others; w'(f) is the weight of point i or a number not below it. *)
Theorem weighted_conformal_coverage alpha (infinite : data -> bool) (q w' : data -> R) : 0 <= alpha <= 1 ->
  (forall f : data, w (f i) <= w' f) ->
  (forall f : data, ~~ infinite f ->
    w' f + \sum_(j | (j != i) && (q f < s (f j))) w (f j) <= alpha * (w' f + \sum_(j | j != i) w (f j))) ->
  1 - alpha <= \sum_f g f * w (f i) *+ (infinite f || (s (f i) <= q f)).
Proof.
move=> /andP[a0 a1] hw hq; rewrite ler_subl_addr -ler_subl_addl.
apply: le_trans (extreme_rare a0); rewrite -total1 -sumrB.
apply: ler_sum => f _; case C: (infinite f || (s (f i) <= q f)).
  by rewrite mulr1n subrr mulrn_wge0 // mulr_ge0.
rewrite mulr0n subr0; suff -> : extreme alpha f i by [].
move/negbT: C; rewrite negb_or -ltNge => /andP[fin lt].
have := hq f fin; rewrite /extreme /everything /above.
rewrite [X in _ -> X <= _](bigD1 i) //= [X in _ -> _ <= _ * X](bigD1 i) //=.
set T := \sum_(j | (j != i) && _) _; set S := \sum_(j | (s (f i) <= _) && _) _; set A := \sum_(j | j != i) _ => le.
have ST : S <= T.
  rewrite /S /T big_mkcond [X in _ <= X]big_mkcond /=; apply: ler_sum => j _.
  case: (j != i); rewrite ?andbF //= andbT.
  by case: ifP => [h|_]; [rewrite (lt_le_trans lt h) | case: ifP].
have E x y z : (x + y <= alpha * (x + z)) = (x * (1 - alpha) + y <= alpha * z).
  by rewrite [alpha * _]mulrDr mulrBr mulr1 [x * alpha]mulrC -ler_subl_addl addrAC.
rewrite E in le; rewrite E; apply: le_trans le; apply: ler_add ST.
by rewrite ler_wpmul2r // subr_ge0.
Qed.

End Weighted.

Section Shift.
Variables (R : realFieldType) (n : nat) (V : finType) (s w P Q : V -> R) (c : R).
Local Notation data := {ffun 'I_n.+1 -> V}.
Hypothesis w_ge0 : forall v, 0 <= w v.
Hypothesis P_ge0 : forall v, 0 <= P v.
Hypothesis P_sum1 : \sum_v P v = 1.
Hypothesis Q_sum1 : \sum_v Q v = 1.
Hypothesis c_ge0 : 0 <= c.
Hypothesis ratio : forall v, Q v = c * w v * P v.

(** The case of n independent points of law P and an independent point i of law Q = c w P. *)
Theorem covariate_shift_coverage alpha (i : 'I_n.+1) (infinite : data -> bool) (q w' : data -> R) : 0 <= alpha <= 1 ->
  (forall f : data, w (f i) <= w' f) ->
  (forall f : data, ~~ infinite f ->
    w' f + \sum_(j | (j != i) && (q f < s (f j))) w (f j) <= alpha * (w' f + \sum_(j | j != i) w (f j))) ->
  1 - alpha <= \sum_(f : data) (Q (f i) * \prod_(j | j != i) P (f j)) *+ (infinite f || (s (f i) <= q f)).
Proof.
move=> a hw hq; pose g (f : data) := c * \prod_j P (f j).
have E (f : data) : Q (f i) * \prod_(j | j != i) P (f j) = g f * w (f i).
  by rewrite ratio /g [X in _ = _ * X * _](bigD1 i) //= -!mulrA; congr (_ * _); rewrite mulrC -mulrA.
under eq_bigr => f _ do rewrite E.
apply: weighted_conformal_coverage hq => //.
- by move=> f; rewrite mulr_ge0 // prodr_ge0.
- by move=> p f; rewrite /g [X in _ = _ * X](reindex_inj (@perm_inj _ p)) /=; congr (_ * _); apply: eq_bigr => j _; rewrite ffunE.
- under eq_bigr => f _ do rewrite -E.
  transitivity (\sum_(f : {ffun 'I_n.+1 -> V}) \prod_j (if j == i then Q (f j) else P (f j))).
    apply: eq_bigr => f _; rewrite [RHS](bigD1 i) //= eqxx; congr (_ * _).
    by apply: eq_bigr => j /negbTE ->.
  rewrite -(bigA_distr_bigA (fun j v => if j == i then Q v else P v)) /= big1 // => j _.
  by case: (j == i).
Qed.

End Shift.
