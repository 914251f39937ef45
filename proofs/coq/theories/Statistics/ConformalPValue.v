(* p-values by rank among exchangeable points: of conformal prediction, of Monte Carlo tests (Dwass 1957) and of permutation tests. By counting; no axioms. *)
From mathcomp Require Import all_ssreflect all_algebra all_fingroup.
From Certify.Statistics Require Import Conformal.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Rank.
Variables (R : realFieldType) (n : nat) (V : finType) (s : V -> R).
Local Notation N := n.+1.
Local Notation data := {ffun 'I_N -> V}.

(** 1 + the number of other points whose score is at least that of point i; the p-value is this over n + 1. *)
Definition rank (f : data) (i : 'I_N) : nat := #|[set j | (j != i) && (s (f i) <= s (f j))]|.+1.

Lemma rank_all f i : rank f i = #|[set j | s (f i) <= s (f j)]|.
Proof.
rewrite [RHS](cardsD1 i) inE lexx add1n /rank; congr _.+1; apply: eq_card => j.
by rewrite !inE.
Qed.

Lemma rank_covered f i m : (m <= N)%N -> (rank f i <= m)%N = ~~ covered s (N - m) f i.
Proof.
move=> mN; rewrite /covered -leqNgt rank_all.
have -> : #|[set j | s (f i) <= s (f j)]| = (N - below s f i)%N.
  rewrite -[X in (X - _)%N]card_ord -(cardsC [set j | s (f j) < s (f i)]) addKn; apply: eq_card => j.
  by rewrite !inE leNgt.
have bN : (below s f i <= N)%N by rewrite -[X in (_ <= X)%N]card_ord max_card.
by rewrite leq_subCl.
Qed.

Variable mu : data -> R.
Hypothesis mu_ge0 : forall f, 0 <= mu f.
Hypothesis mu_sum1 : \sum_f mu f = 1.
Hypothesis exch : forall p f, mu (permuted p f) = mu f.

Lemma rank_rare m i : (m <= N)%N -> \sum_f mu f *+ (rank f i <= m)%N <= m%:R / N%:R.
Proof.
move=> mN; have := conformal_coverage s mu_ge0 mu_sum1 exch i (leq_subr m N).
have N0 : N%:R != 0 :> R by rewrite pnatr_eq0.
rewrite natrB // mulrBl divff // ler_subl_addr -ler_subl_addl; apply: le_trans.
rewrite -{1}mu_sum1 -sumrB; apply: ler_sum => f _; rewrite rank_covered //.
by case: (covered _ _ _ _); rewrite /= ?mulr0n ?mulr1n ?subrr ?subr0.
Qed.

(** P(p <= alpha) <= alpha for p = (1 + #{j <> i : S_j >= S_i}) / (n + 1). *)
Theorem conformal_pvalue_valid (alpha : R) i : 0 <= alpha -> \sum_f mu f *+ ((rank f i)%:R / N%:R <= alpha)%R <= alpha.
Proof.
move=> a0; have N0 : 0 < N%:R :> R by rewrite ltr0n.
pose m := \max_(k < N.+1 | ((k : nat)%:R / N%:R <= alpha)%R) (k : nat).
have mN : (m <= N)%N by apply/bigmax_leqP => k _; rewrite -ltnS.
have ma : m%:R / N%:R <= alpha.
  have [k ek ->] : {k : 'I_N.+1 | (k : nat)%:R / N%:R <= alpha & m = k}.
    by apply: (eq_bigmax_cond (fun k : 'I_N.+1 => k : nat)); apply/card_gt0P; exists ord0; rewrite unfold_in /= mul0r.
  exact: ek.
apply: le_trans (le_trans (rank_rare i mN) ma); apply: ler_sum => f _.
case C: (_ <= alpha)%R; last by rewrite mulr0n mulrn_wge0.
suff -> : (rank f i <= m)%N by [].
have rN : (rank f i < N.+1)%N by rewrite ltnS rank_all -[X in (_ <= X)%N]card_ord max_card.
exact: (leq_bigmax_cond (Ordinal rN)).
Qed.

End Rank.

Section Permutations.
Variables (R : realFieldType) (m : nat) (V : finType) (B : nat).
Local Notation data := {ffun 'I_m -> V}.
Variable T : data -> R.
Variable mu : data -> R.
Hypothesis mu_ge0 : forall f, 0 <= mu f.
Hypothesis mu_sum1 : \sum_f mu f = 1.

(** The data in another order. *)
Definition shuffled (p : {perm 'I_m}) (f : data) : data := [ffun i => f (p i)].
Lemma shuffledM p r f : shuffled (p * r)%g f = shuffled p (shuffled r f).
Proof. by apply/ffunP=> i; rewrite !ffunE permM. Qed.

Hypothesis exch : forall p f, mu (shuffled p f) = mu f.

Local Notation shuffles := {ffun 'I_B -> {perm 'I_m}}.

(** 1 + the number of B shuffles of the data whose statistic is at least that of the data as they are; the p-value is this over B + 1. *)
Definition permutation_rank (f : data) (r : shuffles) : nat := #|[set b | T f <= T (shuffled (r b) f)]|.+1.

Local Notation marks := {ffun 'I_B.+1 -> {perm 'I_m}}.
Local Notation score f := (fun p : {perm 'I_m} => T (shuffled p f)).

(** The shuffles of shuffled data: p first. *)
Definition joined (p : {perm 'I_m}) (r : shuffles) : marks := [ffun k => if unlift ord0 k is Some b then (r b * p)%g else p].

Lemma joined_rank (f : data) p r : rank (score f) (joined p r) ord0 = permutation_rank (shuffled p f) r.
Proof.
rewrite /rank /permutation_rank; congr _.+1.
rewrite -[RHS](card_imset _ (@lift_inj _ ord0)); apply: eq_card => k; apply/idP/imsetP.
- rewrite inE => /andP[k0 le]; case: (unliftP ord0 k) le k0 => [b ->|->]; last by rewrite eqxx.
  by move=> le _; exists b => //; rewrite inE; move: le; rewrite !ffunE unlift_none liftK shuffledM.
- case=> b; rewrite !inE => le ->; rewrite eq_sym neq_lift /=; move: le.
  by rewrite !ffunE unlift_none liftK shuffledM.
Qed.

Lemma joined_bijective : bijective (fun pr => joined pr.1 pr.2).
Proof.
exists (fun h : marks => (h ord0, [ffun b => h (lift ord0 b) * (h ord0)^-1]%g)) => [[p r]|h] /=.
- by congr pair; rewrite ?ffunE ?unlift_none //; apply/ffunP=> b; rewrite !ffunE ?liftK ?unlift_none mulgK.
- apply/ffunP=> k; rewrite !ffunE; case: (unliftP ord0 k) => [b ->|->]; rewrite ?liftK ?unlift_none //.
  by rewrite ffunE mulgKV.
Qed.

(** P(p <= alpha) <= alpha for exchangeable data, B shuffles drawn uniformly and independently, and p = (1 + #{b : T(shuffle b of the data) >= T(data)}) / (B + 1). *)
Theorem permutation_pvalue_valid (alpha : R) : 0 <= alpha ->
  \sum_f mu f * (\sum_(r : shuffles) 1 *+ ((permutation_rank f r)%:R / B.+1%:R <= alpha)%R / #|{: shuffles}|%:R) <= alpha.
Proof.
move=> a0; pose G := {perm 'I_m}; pose ok (f : data) (r : shuffles) : R := 1 *+ ((permutation_rank f r)%:R / B.+1%:R <= alpha)%R.
have G0 : 0 < #|{: G}|%:R :> R by rewrite ltr0n; apply/card_gt0P; exists 1%g.
have S0 : 0 < #|{: shuffles}|%:R :> R by rewrite ltr0n; apply/card_gt0P; exists [ffun=> 1%g].
rewrite -(ler_pmul2r G0).
have -> : (\sum_f mu f * (\sum_r ok f r / #|{: shuffles}|%:R)) * #|{: G}|%:R =
  \sum_(p : G) \sum_f mu f * (\sum_r ok (shuffled p f) r / #|{: shuffles}|%:R).
  rewrite [RHS](eq_bigr (fun _ => \sum_f mu f * (\sum_r ok f r / #|{: shuffles}|%:R))); last first.
    move=> p _; rewrite [RHS](reindex_inj (h := shuffled p)) /=; last first.
      move=> f h /ffunP E; apply/ffunP=> l; have := E ((p^-1)%g l); by rewrite !ffunE permKV.
    by apply: eq_bigr => f _; rewrite exch.
  by rewrite sumr_const mulr_natr.
rewrite exchange_big /=.
have -> : alpha * #|{: G}|%:R = \sum_f mu f * (alpha * #|{: G}|%:R) by rewrite -mulr_suml mu_sum1 mul1r.
apply: ler_sum => f _; rewrite -mulr_sumr; apply: ler_wpmul2l => //.
under eq_bigr => p _ do rewrite -mulr_suml.
rewrite -mulr_suml ler_pdivr_mulr // -mulrA -natrM.
have -> : \sum_(p : G) \sum_r ok (shuffled p f) r = \sum_(h : marks) 1 *+ ((rank (score f) h ord0)%:R / B.+1%:R <= alpha)%R.
  rewrite (reindex _ (onW_bij _ joined_bijective)) pair_big /=.
  by apply: eq_bigr => [[p r]] _; rewrite joined_rank.
have M : (#|{: G}| * #|{: shuffles}| = #|{: marks}|)%N by rewrite !card_ffun !card_ord expnS.
rewrite M; have M0 : 0 < #|{: marks}|%:R :> R by rewrite ltr0n; apply/card_gt0P; exists [ffun=> 1%g].
rewrite -ler_pdivr_mulr // mulr_suml.
apply: le_trans (_ : _ <= \sum_(h : marks) #|{: marks}|%:R^-1 *+ ((rank (score f) h ord0)%:R / B.+1%:R <= alpha)%R) _.
  by apply: ler_sum => h _; case: (_ <= alpha)%R; rewrite ?mul1r ?mul0r.
apply: (@conformal_pvalue_valid _ _ _ _ (fun=> #|{: marks}|%:R^-1)) => //.
- by move=> _; rewrite invr_ge0 ltW.
- by rewrite sumr_const -[X in X = _]mulr_natr mulVf // gt_eqF.
Qed.

End Permutations.
