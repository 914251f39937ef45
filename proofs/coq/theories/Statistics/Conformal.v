(* Coverage of split conformal prediction (Vovk, Gammerman, Shafer 2005) from exchangeability: n + 1 points of a finite set with any exchangeable
   weights mu of total 1, scores with or without ties. By counting; no axioms. *)
From mathcomp Require Import all_ssreflect all_algebra all_fingroup.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Section Conformal.
Variables (R : realFieldType) (n : nat) (V : finType) (s : V -> R).
Local Notation N := n.+1.
Local Notation data := {ffun 'I_N -> V}.
Variable mu : data -> R.
Hypothesis mu_ge0 : forall f, 0 <= mu f.
Hypothesis mu_sum1 : \sum_f mu f = 1.

(** The data with its points permuted. *)
Definition permuted (p : {perm 'I_N}) (f : data) : data := [ffun i => f (p i)].
Hypothesis exch : forall p f, mu (permuted p f) = mu f.

(** The number of points with strictly smaller score than point i. *)
Definition below (f : data) (i : 'I_N) : nat := #|[set j | s (f j) < s (f i)]|.

(** Point i is covered at level k: fewer than k scores lie strictly below its own. *)
Definition covered (k : nat) (f : data) (i : 'I_N) : bool := (below f i < k)%N.

Lemma below_permuted p f i : below (permuted p f) i = below f (p i).
Proof.
rewrite /below -(card_imset _ (@perm_inj _ p)); congr #|pred_of_set _|.
apply/setP=> j; apply/imsetP/idP.
- by case=> k; rewrite inE !ffunE => H ->; rewrite inE.
- rewrite inE => H; exists ((p^-1)%g j); last by rewrite permKV.
  by rewrite inE !ffunE permKV.
Qed.

(** At least k of the n + 1 points are covered. *)
Lemma covered_count k f : (k <= N)%N -> (k <= #|[set i | covered k f i]|)%N.
Proof.
move=> kN.
pose t := sort (fun i j => s (f i) <= s (f j)) (enum 'I_N).
have tot : total (fun i j : 'I_N => s (f i) <= s (f j)) by move=> i j; exact: le_total.
have trn : transitive (fun i j : 'I_N => s (f i) <= s (f j)) by move=> j i l; exact: le_trans.
have st : sorted (fun i j => s (f i) <= s (f j)) t by exact: sort_sorted.
have ut : uniq t by rewrite sort_uniq enum_uniq.
have szt : size t = N by rewrite size_sort size_enum_ord.
have H : {subset take k t <= [set i | covered k f i]}.
  move=> i it; rewrite inE /covered /below.
  have ik : (index i t < k)%N by exact: index_ltn it.
  apply: leq_ltn_trans ik.
  have -> : #|[set j | s (f j) < s (f i)]| = size [seq j <- t | s (f j) < s (f i)].
    rewrite cardE; apply: perm_size; apply: uniq_perm; rewrite ?enum_uniq ?filter_uniq //.
    by move=> j; rewrite mem_enum inE mem_filter mem_sort mem_enum andbT.
  rewrite -[X in (_ <= X)%N](size_takel (s := t)); last by rewrite index_size.
  apply: uniq_leq_size; first by rewrite filter_uniq.
  move=> j; rewrite mem_filter => /andP[lt jt].
  have it' : i \in t by rewrite mem_sort mem_enum.
  rewrite in_take //; rewrite ltnNge; apply/negP => le.
  have rfl : reflexive (fun i j : 'I_N => s (f i) <= s (f j)) by move=> x; exact: lexx.
  have := sorted_leq_index trn rfl st i j it' jt le.
  by rewrite leNgt lt.
have ck : #|[set i in take k t]| = k.
  have u : uniq (take k t) by exact: take_uniq.
  by rewrite cardsE (card_uniqP u) size_takel // szt.
rewrite -{1}ck; apply: subset_leq_card; apply/subsetP=> i; rewrite inE => it; exact: H.
Qed.

Lemma covered_same k i j : \sum_f mu f *+ covered k f i = \sum_f mu f *+ covered k f j.
Proof.
rewrite (reindex_inj (h := permuted (tperm i j))) /=; last first.
  move=> f g /ffunP E; apply/ffunP=> l; have := E (tperm i j l); by rewrite !ffunE tpermK.
by apply: eq_bigr => f _; rewrite exch /covered below_permuted tpermL.
Qed.

(** P(point i is covered at level k) >= k / (n + 1). *)
Theorem conformal_coverage k (i : 'I_N) : (k <= N)%N -> k%:R / N%:R <= \sum_f mu f *+ covered k f i.
Proof.
move=> kN; rewrite ler_pdivr_mulr ?ltr0n //.
have -> : (\sum_f mu f *+ covered k f i) * N%:R = \sum_(j < N) \sum_f mu f *+ covered k f j.
  rewrite [RHS](eq_bigr (fun _ => \sum_f mu f *+ covered k f i)); last by move=> j _; exact: covered_same.
  by rewrite sumr_const card_ord mulr_natr.
rewrite exchange_big /=.
have -> : k%:R = \sum_f mu f * k%:R :> R by rewrite -mulr_suml mu_sum1 mul1r.
apply: ler_sum => f _.
have -> : \sum_(j < N) mu f *+ covered k f j = mu f * #|[set j | covered k f j]|%:R.
  rewrite -sum1_card natr_sum mulr_sumr [RHS]big_mkcond /=; apply: eq_bigr => j _.
  by rewrite inE mulr1; case: (covered k f j); rewrite ?mulr1n ?mulr0n.
by apply: ler_wpmul2l => //; rewrite ler_nat covered_count.
Qed.

(** P(the score of point i is at most q) >= k / (n + 1), for any q that at least k of the other scores do not exceed: their k-th smallest, say. *)
Theorem split_conformal_coverage k (i : 'I_N) (q : data -> R) : (k <= N)%N ->
  (forall f : data, k <= #|[set j | (j != i) && (s (f j) <= q f)%R]|)%N -> k%:R / N%:R <= \sum_f mu f *+ (s (f i) <= q f)%R.
Proof.
move=> kN Hq; apply: le_trans (conformal_coverage i kN) _.
apply: ler_sum => f _.
case C: (covered k f i); last by rewrite mulr0n mulrn_wge0.
suff -> : s (f i) <= q f by [].
rewrite leNgt; apply/negP => lt; move: C; rewrite /covered ltnNge => /negP; apply.
apply: leq_trans (Hq f) _; apply: subset_leq_card; apply/subsetP => j; rewrite !inE => /andP[_ le].
exact: le_lt_trans le lt.
Qed.

(** An adversary sees all the data and moves the given point u to any u' near it. Where the score s of a point is at least the score b of everything near it,
    P(b(u') <= q) >= k / (n + 1) for the threshold q of the scores s. *)
Theorem robust_conformal_coverage (U : Type) (near : V -> U -> Prop) (b : U -> R) (attack : data -> U) k (i : 'I_N) (q : data -> R) :
  (forall v u, near v u -> b u <= s v) -> (forall f : data, near (f i) (attack f)) -> (k <= N)%N ->
  (forall f : data, k <= #|[set j | (j != i) && (s (f j) <= q f)%R]|)%N -> k%:R / N%:R <= \sum_f mu f *+ (b (attack f) <= q f)%R.
Proof.
move=> hb ha kN hq; apply: le_trans (split_conformal_coverage kN hq) _.
apply: ler_sum => f _; case C: (s (f i) <= q f); last by rewrite mulr0n mulrn_wge0.
by rewrite (le_trans (hb _ _ (ha f)) C).
Qed.

End Conformal.
