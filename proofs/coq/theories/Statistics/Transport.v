(* Plans of transport between laws: by common noise, between mixtures, and what no plan can do better. That the cost of a plan bounds a Wasserstein distance is the
   definition of that. *)
From Coq Require Import Reals Lra Lia List Bool.
From Certify.Statistics Require Import Expectation Divergence.
Import ListNotations.
Open Scope R_scope.

(** A plan of transport between two laws: a law of pairs with these marginals. *)
Definition coupling {A B} (P : integral A) (Q : integral B) (G : integral (A * B)) : Prop :=
  (forall f, G (fun z => f (fst z)) = P f) /\ (forall f, G (fun z => f (snd z)) = Q f).

(** The law of T(noise). *)
Definition image {N A} (T : N -> A) (E : integral N) : integral A.
Proof.
  refine {| value := fun f => E (fun z => f (T z)) |}; intros; [apply value_le; auto|apply (value_add E)|apply (value_scale E)].
Defined.

(** Two samplers fed the same noise are coupled. *)
Theorem common_noise : forall N A B (E : integral N) (S : N -> A) (T : N -> B), coupling (image S E) (image T E) (image (fun z => (S z, T z)) E).
Proof. intros. split; intro f; reflexivity. Qed.

(** A lower bound for every plan, on the line: E (X - Y)^2 >= (difference of means)^2 + (difference of standard deviations)^2. *)
Theorem transport_lower_bound : forall A B (P : integral A) (Q : integral B) (G : integral (A * B)) (X : A -> R) (Y : B -> R), probability G -> coupling P Q G ->
  (P X - Q Y) ^ 2 + (sqrt (P (fun x => (X x - P X) ^ 2)) - sqrt (Q (fun y => (Y y - Q Y) ^ 2))) ^ 2 <= G (fun z => (X (fst z) - Y (snd z)) ^ 2).
Proof.
  intros A B P Q G X Y N [C1 C2]. set (m := P X). set (n := Q Y). set (u := P (fun x => (X x - m) ^ 2)). set (v := Q (fun y => (Y y - n) ^ 2)).
  pose (f := fun z : A * B => X (fst z) - m). pose (g := fun z : A * B => Y (snd z) - n).
  assert (F : G f = 0). { unfold f. rewrite (value_sub G (fun z => X (fst z)) (fun _ => m)), (C1 X), (value_constant G N). unfold m. ring. }
  assert (H : G g = 0). { unfold g. rewrite (value_sub G (fun z => Y (snd z)) (fun _ => n)), (C2 Y), (value_constant G N). unfold n. ring. }
  assert (Uf : G (fun z => f z ^ 2) = u) by exact (C1 (fun x => (X x - m) ^ 2)).
  assert (Vg : G (fun z => g z ^ 2) = v) by exact (C2 (fun y => (Y y - n) ^ 2)).
  assert (U0 : 0 <= u) by (rewrite <- Uf; apply value_nonnegative; intro; apply pow2_ge_0).
  assert (V0 : 0 <= v) by (rewrite <- Vg; apply value_nonnegative; intro; apply pow2_ge_0).
  pose proof (cauchy_schwarz (A * B) G f g) as CS. rewrite Uf, Vg, sqrt_mult_alt in CS by auto.
  assert (L : G (fun z => f z * g z) <= sqrt u * sqrt v) by (eapply Rle_trans; [|exact CS]; apply value_le; intro; apply Rle_abs).
  rewrite (value_ext G _ (fun z => ((f z ^ 2 + g z ^ 2) + (-2) * (f z * g z)) + ((m - n) ^ 2 + (2 * (m - n) * f z + -2 * (m - n) * g z)))).
  - rewrite !value_add, !value_scale, F, H, Uf, Vg, (value_constant G N). pose proof (sqrt_sqrt u U0). pose proof (sqrt_sqrt v V0). nra.
  - intro z. unfold f, g. ring.
Qed.

(** The law that is E k with the weight w k. *)
Definition blend {K A} (l : list K) (w : K -> R) (H : forall k, 0 <= w k) (E : K -> integral A) : integral A.
Proof.
  refine {| value := fun f => sum l (fun k => w k * E k f) |}; intros.
  - apply sum_le. intro k. apply Rmult_le_compat_l; auto. apply value_le. auto.
  - rewrite <- sum_add. apply sum_ext. intro k. rewrite value_add. ring.
  - rewrite <- sum_scale. apply sum_ext. intro k. rewrite value_scale. ring.
Defined.

Section Transport.
Context {K A : Type} (components : list K).
Variables w v : K -> R.
Hypothesis w_nonnegative : forall k, 0 <= w k.
Hypothesis v_nonnegative : forall k, 0 <= v k.
Variables P Q : K -> integral A.
Variable cost : A * A -> R.

(* t k l is the weight that goes from component k to component l, by the plan G k l. *)
Variable G : K -> K -> integral (A * A).
Hypothesis G_coupling : forall k l, coupling (P k) (Q l) (G k l).

(** The plan for the mixtures. *)
Definition moved (t : K -> K -> R) (H : forall k l, 0 <= t k l) : integral (A * A) :=
  blend (list_prod components components) (fun kl => t (fst kl) (snd kl)) (fun kl => H (fst kl) (snd kl)) (fun kl => G (fst kl) (snd kl)).

Lemma sum_product : forall (l l' : list K) (f : K -> K -> R), sum (list_prod l l') (fun kl => f (fst kl) (snd kl)) = sum l (fun k => sum l' (f k)).
Proof.
  induction l; intros; simpl; [reflexivity|]. rewrite <- IHl. generalize (list_prod l l'). induction l' as [|b l' I]; intro r; simpl; [ring|]. rewrite I. ring.
Qed.

(** Weights moved from k to l in the amounts t k l, with any plans between components: a coupling of the mixtures, at the cost sum t_kl cost_kl. *)
Theorem mixture_transport : forall t (H : forall k l, 0 <= t k l),
  (forall k, In k components -> sum components (t k) = w k) -> (forall l, In l components -> sum components (fun k => t k l) = v l) ->
  coupling (blend components w w_nonnegative P) (blend components v v_nonnegative Q) (moved t H) /\
  moved t H cost = sum components (fun k => sum components (fun l => t k l * G k l cost)).
Proof.
  intros t H Tw Tv. split; [split|]; intros; unfold moved; simpl.
  - rewrite (sum_product components components (fun k l => t k l * G k l (fun z => f (fst z)))). apply sum_ext_in. intros k Ik.
    rewrite <- (Tw k Ik), Rmult_comm, <- sum_scale. apply sum_ext. intro l. rewrite (proj1 (G_coupling k l)). ring.
  - rewrite (sum_product components components (fun k l => t k l * G k l (fun z => f (snd z)))), sum_swap. apply sum_ext_in. intros l Il.
    rewrite <- (Tv l Il), Rmult_comm, <- sum_scale. apply sum_ext. intro k. rewrite (proj2 (G_coupling k l)). ring.
  - apply (sum_product components components (fun k l => t k l * G k l cost)).
Qed.

Hypothesis same : forall k l : K, {k = l} + {k <> l}.
Hypothesis distinct : NoDup components.
Hypothesis w_total : sum components w = 1.
Hypothesis v_total : sum components v = 1.
Variable D : K -> R.
Variable M : R.
Hypothesis D_cost : forall k, G k k cost <= D k.
Hypothesis M_cost : forall k l, G k l cost <= M.

Lemma sum_member : forall (l : list K) k f, (forall x, 0 <= f x) -> In k l -> f k <= sum l f.
Proof.
  induction l as [|a l IH]; [intros k f F []|]. intros k f F [->|I]; simpl; [pose proof (sum_nonnegative K l f F); lra|]. specialize (F a) as Fa. specialize (IH k f F I). lra.
Qed.

(** Mixtures have a coupling at the cost sum_k min(w_k, v_k) D_k + |w - v|_1 / 2 M, where component k costs at most D_k and any two at most M. *)
Theorem mixture_coupling : exists plan, coupling (blend components w w_nonnegative P) (blend components v v_nonnegative Q) plan /\
  plan cost <= sum components (fun k => Rmin (w k) (v k) * D k) + sum components (fun k => Rabs (w k - v k)) / 2 * M.
Proof.
  pose (m := fun k => Rmin (w k) (v k)). pose (r := fun k => w k - m k). pose (s := fun k => v k - m k). pose (d := sum components r).
  assert (M0 : forall k, 0 <= m k) by (intro; apply Rmin_glb; auto).
  assert (R0 : forall k, 0 <= r k) by (intro k; unfold r, m; pose proof (Rmin_l (w k) (v k)); lra).
  assert (S0 : forall k, 0 <= s k) by (intro k; unfold s, m; pose proof (Rmin_r (w k) (v k)); lra).
  assert (Er : d = 1 - sum components m) by (unfold d, r; rewrite <- w_total; apply (value_sub (counting components))).
  assert (Es : sum components s = d) by (rewrite Er, <- v_total; apply (value_sub (counting components))).
  assert (Ed : sum components (fun k => Rabs (w k - v k)) / 2 = d).
  { rewrite (sum_ext K components _ (fun k => r k + s k)); [rewrite sum_add, Es; fold d; field|]. intro k. unfold r, s, m, Rmin, Rabs.
    destruct (Rle_dec (w k) (v k)), (Rcase_abs (w k - v k)); lra. }
  assert (D0 : 0 <= d) by (apply sum_nonnegative; auto). pose (c := if Req_EM_T d 0 then 0 else / d).
  assert (C0 : 0 <= c) by (unfold c; destruct (Req_EM_T d 0); [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (Cr : forall k, In k components -> r k * (c * d) = r k).
  { intros k Ik. unfold c. destruct (Req_EM_T d 0) as [Z|Z]; [|field; auto]. pose proof (sum_member components k r R0 Ik). fold d in H. specialize (R0 k). nra. }
  assert (Cs : forall k, In k components -> s k * (c * d) = s k).
  { intros k Ik. unfold c. destruct (Req_EM_T d 0) as [Z|Z]; [|field; auto]. pose proof (sum_member components k s S0 Ik). rewrite Es in H. specialize (S0 k). nra. }
  pose (t := fun k l => (if same k l then m l else 0) + c * r k * s l).
  assert (T0 : forall k l, 0 <= t k l).
  { intros k l. unfold t. assert (0 <= c * r k * s l) by (apply Rmult_le_pos; auto; apply Rmult_le_pos; auto). specialize (M0 l). destruct (same k l); lra. }
  exists (moved t T0). destruct (mixture_transport t T0) as [Cp Cc].
  - intros k Ik. unfold t. rewrite sum_add, sum_scale, Es, (sum_one K same components k m) by auto. specialize (Cr k Ik). unfold r in *. lra.
  - intros l Il. unfold t. rewrite sum_add, (sum_ext K components (fun k => c * r k * s l) (fun k => c * s l * r k)), sum_scale by (intro; ring). fold d.
    rewrite (sum_ext K components (fun k => if same k l then m l else 0) (fun k => if same l k then m k else 0)).
    + rewrite (sum_one K same components l m) by auto. specialize (Cs l Il). unfold s in *. lra.
    + intro k. destruct (same k l), (same l k); subst; try contradiction; try reflexivity; congruence.
  - split; [exact Cp|]. rewrite Cc, Ed.
    apply Rle_trans with (sum components (fun k => m k * D k + r k * (c * d) * M)).
    + apply Rle_trans with (sum components (fun k => sum components (fun l => (if same k l then m l * D l else 0) + c * r k * M * s l))).
      * apply sum_le. intro k. apply sum_le. intro l. unfold t. rewrite Rmult_plus_distr_r. apply Rplus_le_compat.
        -- destruct (same k l) as [->|]; [apply Rmult_le_compat_l; auto|lra].
        -- replace (c * r k * M * s l) with (c * r k * s l * M) by ring. apply Rmult_le_compat_l; auto. apply Rmult_le_pos; auto. apply Rmult_le_pos; auto.
      * right. apply sum_ext_in. intros k Ik. rewrite sum_add, sum_scale, Es, (sum_one K same components k (fun l => m l * D l)) by auto. ring.
    + right. rewrite (sum_ext_in K components _ (fun k => m k * D k + M * r k)).
      * rewrite sum_add, sum_scale. fold d. unfold m. ring.
      * intros k Ik. rewrite (Cr k Ik). ring.
Qed.

End Transport.
