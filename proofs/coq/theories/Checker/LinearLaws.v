(* Linear bounds hold for any slopes and multipliers: lower_bound_sound. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds LinearBounds Trees Order IntervalLaws.
Import ListNotations.

Module LinearLaws (O : RingWithOrder) (AR : DirectedArithmetic O).
Include IntervalLaws O AR.
Import O AR.
Local Open Scope k_scope.

Lemma clamp_lo : forall lo hi x, tv lo <= tv hi -> tv lo <= tv (clamp lo hi x).
Proof. intros. unfold clamp. destruct (tleb lo x) eqn:E; [destruct (tleb x hi)|]; auto using tleb_t, kle_refl. Qed.

Lemma clamp_hi : forall lo hi x, tv lo <= tv hi -> tv (clamp lo hi x) <= tv hi.
Proof. intros. unfold clamp. destruct (tleb lo x) eqn:E; [destruct (tleb x hi) eqn:E2|]; auto using tleb_t, kle_refl. Qed.

(** One ReLU, for any advice. *)
Lemma relu_step_sound : forall lam b c z, inside z b ->
  tv (fst (relu_step lam b c)) * z + tv (snd (relu_step lam b c)) <= tv lam * relu z.
Proof.
  intros lam [l u] [[al s] mu] z [Hl Hu]. unfold relu_step. cbn [fst snd] in *.
  destruct (tleb u t0) eqn:E1; [|destruct (tleb t0 l) eqn:E2; [|destruct (tleb t0 lam) eqn:E3]]; cbn [fst snd].
  - apply tleb_t in E1. rewrite t0_spec in *. assert (Hz : z <= 0) by (eapply kle_trans; eauto).
    rewrite (relu_below _ Hz). replace (tv lam * 0) with (0 * z + 0) by ring. apply add_le2; [|apply kle_refl].
    apply mul_le_r_neg; auto. rewrite <- t0_spec. apply tmax_r.
  - apply tleb_t in E2. rewrite t0_spec in *. assert (Hz : 0 <= z) by (eapply kle_trans; eauto).
    rewrite (relu_above _ Hz). rewrite tadd_spec. replace ((tv lam + tv (tmin mu t0)) * z + 0) with (tv lam * z + tv (tmin mu t0) * z) by ring.
    replace (tv lam * z) with (tv lam * z + 0 * z) at 2 by ring. apply add_le2; [apply kle_refl|].
    apply mul_le_r; auto. rewrite <- t0_spec. apply tmin_r.
  - apply tleb_t in E3.
    set (c0 := match al with Some _ => _ | None => _ end).
    assert (H : 0 <= tv c0 /\ tv c0 <= tv lam).
    { rewrite t0_spec in E3. unfold c0. destruct al; [|destruct (tleb t0 (tadd l u))]; rewrite <- ?t0_spec in *; split;
        auto using clamp_lo, clamp_hi, kle_refl. }
    destruct H as [H0 H1]. rewrite t0_spec. replace (tv c0 * z + 0) with (tv c0 * z) by ring.
    destruct (relu_cases z) as [[R Rz]|[R Rz]]; rewrite R.
    + apply mul_le_r; auto.
    + apply kle_trans with (tv c0 * 0). { apply mul_le_l; auto. }
      replace (tv c0 * 0) with 0 by ring. replace (tv lam * 0) with 0 by ring. apply kle_refl.
  - apply tleb_f in E3. set (c0 := clamp lam t0 _).
    assert (H0 : tv c0 <= 0) by (rewrite <- t0_spec; apply clamp_hi; auto).
    assert (H1 : tv lam <= tv c0) by (apply clamp_lo; auto).
    set (kk := tmin _ _).
    assert (K1 : tv kk <= (tv lam - tv c0) * tv u).
    { eapply kle_trans; [apply tmin_l|]. eapply kle_trans; [apply tmul_dn_spec|]. rewrite tsub_spec. apply kle_refl. }
    assert (K2 : tv kk <= (0 - tv c0) * tv l).
    { eapply kle_trans; [apply tmin_r|]. eapply kle_trans; [apply tmul_dn_spec|]. rewrite tsub_spec, t0_spec. apply kle_refl. }
    destruct (relu_cases z) as [[R Rz]|[R Rz]]; rewrite R.
    + apply kle_trans with (tv c0 * z + (tv lam - tv c0) * z).
      * apply add_le2; [apply kle_refl|]. eapply kle_trans; [exact K1|].
        apply mul_le_l_neg; auto. apply le_of_sub.
        replace (0 - (tv lam - tv c0)) with (tv c0 - tv lam) by ring. apply sub_of_le; auto.
      * replace (tv c0 * z + (tv lam - tv c0) * z) with (tv lam * z) by ring. apply kle_refl.
    + apply kle_trans with (tv c0 * z + (0 - tv c0) * z).
      * apply add_le2; [apply kle_refl|]. eapply kle_trans; [exact K2|].
        apply mul_le_l; auto. apply sub_of_le; auto.
      * replace (tv c0 * z + (0 - tv c0) * z) with (tv lam * 0) by ring. apply kle_refl.
Qed.

Lemma relu_steps_sound : forall z b, in_box z b -> forall lam k c,
  tdot (fst (relu_steps k lam b c)) z + av (snd (relu_steps k lam b c)) <= av k + tdot lam (map relu z).
Proof.
  unfold tdot. induction 1 as [|z b zs bs Hb H IH]; intros lam k c; destruct lam as [|x lam]; simpl;
   try (replace (0 + av k) with (av k) by ring; replace (av k + 0) with (av k) by ring; apply kle_refl).
  pose proof (relu_step_sound x b (hd no_slopes c) z Hb) as Hr. destruct (relu_step x b (hd no_slopes c)) as [d kk].
  specialize (IH lam (at_dn k kk) (tl c)).
  destruct (relu_steps (at_dn k kk) lam bs (tl c)) as [ds k']. simpl in *.
  pose proof (at_dn_spec k kk) as Ha.
  set (S := kdot (map tv ds) zs) in *. set (S' := kdot (map tv lam) (map relu zs)) in *.
  apply kle_trans with (tv d * z + (av (at_dn k kk) + S')).
  { replace (tv d * z + S + av k') with (tv d * z + (S + av k')) by ring.
    apply add_le2; [apply kle_refl|exact IH]. }
  apply kle_trans with (tv d * z + ((av k + tv kk) + S')).
  { apply add_le2; [apply kle_refl|]. apply add_le2; [exact Ha|apply kle_refl]. }
  replace (tv d * z + (av k + tv kk + S')) with ((tv d * z + tv kk) + (av k + S')) by ring.
  replace (av k + (tv x * relu z + S')) with (tv x * relu z + (av k + S')) by ring.
  apply add_le2; [exact Hr|apply kle_refl].
Qed.

(** The coefficients and the bias that exact arithmetic would give. *)
Fixpoint exact_axpy (acc : list K) (keep : list bool) (r : list W) (d : K) : list K :=
  match acc, keep, r with
  | a :: acc', q :: keep', w :: r' => (if q then a + wv w * d else a) :: exact_axpy acc' keep' r' d
  | _, _, _ => acc end.

Fixpoint exact_coefficients (acc : list K) (keep : list bool) (L : layer) (d : list K) : list K :=
  match L, d with rb :: L', x :: d' => exact_coefficients (exact_axpy acc keep (fst rb) x) keep L' d' | _, _ => acc end.

Fixpoint exact_bias (L : layer) (d : list K) : K :=
  match L, d with rb :: L', x :: d' => wv (snd rb) * x + exact_bias L' d' | _, _ => 0 end.

Definition exact_row keep L d := exact_coefficients (map (fun _ => 0) keep) keep L (map tv d).

(** What is not kept is 0. *)
Definition silent (keep : list bool) (h : list K) := Forall2 (fun q a => q = true \/ a = 0) keep h.

Lemma silent_len : forall keep h, silent keep h -> length keep = length h.
Proof. induction 1; simpl; auto. Qed.

Lemma exact_axpy_len : forall acc keep r d, length (exact_axpy acc keep r d) = length acc.
Proof. induction acc; destruct keep; destruct r; simpl; auto. Qed.

Lemma exact_axpy_dot : forall keep h, silent keep h -> forall acc r d, length acc = length h ->
  kdot (exact_axpy acc keep r d) h = kdot acc h + d * dot r h.
Proof.
  induction 1 as [|q x keep h Hq H IH]; intros [|a acc] [|w r] d Hl; simpl in *; try discriminate; try ring.
  injection Hl as Hl. rewrite IH by auto. destruct q; [ring|]. destruct Hq as [Hq|Hq]; [discriminate|]. rewrite Hq. ring.
Qed.

Lemma exact_coefficients_dot : forall keep h, silent keep h -> forall L d acc, length acc = length h ->
  kdot (exact_coefficients acc keep L d) h + exact_bias L d = kdot acc h + kdot d (affine L h).
Proof.
  intros keep h Hs. induction L as [|[r b] L IH]; intros [|x d] acc Hl; simpl; try ring.
  replace (kdot (exact_coefficients (exact_axpy acc keep r x) keep L d) h + (wv b * x + exact_bias L d))
     with ((kdot (exact_coefficients (exact_axpy acc keep r x) keep L d) h + exact_bias L d) + wv b * x) by ring.
  rewrite IH by (rewrite exact_axpy_len; auto). rewrite (exact_axpy_dot keep h Hs) by auto. ring.
Qed.

Lemma is0_v : forall t, is0 t = true -> tv t = 0.
Proof.
  intros t H. apply andb_prop in H as [H1 H2]. apply tleb_t in H1, H2. rewrite t0_spec in *.
  apply kle_antisym; auto.
Qed.

Lemma exact_axpy_0 : forall acc keep r, exact_axpy acc keep r 0 = acc.
Proof. induction acc; intros [|q keep] [|w r]; simpl; auto. rewrite IHacc. f_equal. destruct q; [ring|auto]. Qed.

Lemma axpy_dn : forall acc ka, Forall2 (fun a k => av a <= k) acc ka -> forall keep r d,
  Forall2 (fun a k => av a <= k) (axpy mac_dn acc keep r d) (exact_axpy ka keep r (tv d)).
Proof.
  induction 1; intros [|q keep] [|w r] d; simpl; constructor; auto. destruct q; auto.
  eapply kle_trans; [apply mac_dn_spec|]. apply add_le2; auto using kle_refl.
Qed.

Lemma axpy_up : forall acc ka, Forall2 (fun a k => k <= av a) acc ka -> forall keep r d,
  Forall2 (fun a k => k <= av a) (axpy mac_up acc keep r d) (exact_axpy ka keep r (tv d)).
Proof.
  induction 1; intros [|q keep] [|w r] d; simpl; constructor; auto. destruct q; auto.
  eapply kle_trans; [|apply mac_up_spec]. apply add_le2; auto using kle_refl.
Qed.

Lemma coefficients_dn : forall keep L d acc ka, Forall2 (fun a k => av a <= k) acc ka ->
  Forall2 (fun a k => av a <= k) (coefficients mac_dn acc keep L d) (exact_coefficients ka keep L (map tv d)).
Proof.
  intros keep. induction L as [|[r b] L IH]; intros [|x d] acc ka H; simpl; auto. destruct (is0 x) eqn:E.
  - rewrite (is0_v _ E), exact_axpy_0. auto.
  - auto using axpy_dn.
Qed.

Lemma coefficients_up : forall keep L d acc ka, Forall2 (fun a k => k <= av a) acc ka ->
  Forall2 (fun a k => k <= av a) (coefficients mac_up acc keep L d) (exact_coefficients ka keep L (map tv d)).
Proof.
  intros keep. induction L as [|[r b] L IH]; intros [|x d] acc ka H; simpl; auto. destruct (is0 x) eqn:E.
  - rewrite (is0_v _ E), exact_axpy_0. auto.
  - auto using axpy_up.
Qed.

Lemma bias_below_dn : forall L d k, av (bias_below k L d) <= av k + exact_bias L (map tv d).
Proof.
  induction L as [|[r b] L IH]; intros [|x d] k; simpl;
    try (replace (av k + 0) with (av k) by ring; apply kle_refl).
  eapply kle_trans; [apply IH|].
  replace (av k + (wv b * tv x + exact_bias L (map tv d))) with ((av k + wv b * tv x) + exact_bias L (map tv d)) by ring.
  apply add_le2; auto using mac_dn_spec, kle_refl.
Qed.

Lemma zeros_dn : forall keep : list bool, Forall2 (fun a k => av a <= k) (map (fun _ => a0) keep) (map (fun _ => 0) keep).
Proof. induction keep; simpl; constructor; auto. rewrite a0_spec. apply kle_refl. Qed.

Lemma zeros_up : forall keep : list bool, Forall2 (fun a k => k <= av a) (map (fun _ => a0) keep) (map (fun _ => 0) keep).
Proof. induction keep; simpl; constructor; auto. rewrite a0_spec. apply kle_refl. Qed.

Lemma coefficients_below_sound : forall keep L d, Forall2 (fun t k => tv t <= k) (coefficients_below keep L d) (exact_row keep L d).
Proof.
  intros. unfold coefficients_below, exact_row. pose proof (coefficients_dn keep L d _ _ (zeros_dn keep)) as H.
  induction H; simpl; constructor; auto. eapply kle_trans; [apply dn_spec|auto].
Qed.

Lemma coefficients_above_sound : forall keep L d, Forall2 (fun t k => k <= tv t) (coefficients_above keep L d) (exact_row keep L d).
Proof.
  intros. unfold coefficients_above, exact_row. pose proof (coefficients_up keep L d _ _ (zeros_up keep)) as H.
  induction H; simpl; constructor; auto. eapply kle_trans; [|apply up_spec]; auto.
Qed.

Lemma kdot_zeros : forall (keep : list bool) h, kdot (map (fun _ => 0) keep) h = 0.
Proof. induction keep; destruct h; simpl; auto. rewrite IHkeep. ring. Qed.

Lemma exact_row_dot : forall keep L d h, silent keep h ->
  kdot (exact_row keep L d) h + exact_bias L (map tv d) = tdot d (affine L h).
Proof.
  intros keep L d h H. unfold exact_row. rewrite (exact_coefficients_dot keep h H) by (rewrite map_length; apply silent_len; auto).
  rewrite kdot_zeros. unfold tdot. ring.
Qed.

(** Rounding a coefficient down is free where the input is >= 0. *)
Lemma kdot_mono : forall ct ck, Forall2 (fun t k => tv t <= k) ct ck -> forall h, Forall (fun a => 0 <= a) h ->
  tdot ct h <= kdot ck h.
Proof.
  unfold tdot. induction 1; intros [|a h] Hh; simpl; auto using kle_refl.
  inversion Hh; subst. apply add_le2; auto. apply mul_le_r; auto.
Qed.

Lemma affine_back_sound : forall keep L d k h, silent keep h -> Forall (fun a => 0 <= a) h ->
  tdot (fst (affine_back keep L d k)) h + av (snd (affine_back keep L d k)) <= av k + tdot d (affine L h).
Proof.
  intros. unfold affine_back; cbn [fst snd].
  rewrite <- (exact_row_dot keep L d h) by auto.
  replace (av k + (kdot (exact_row keep L d) h + exact_bias L (map tv d)))
     with (kdot (exact_row keep L d) h + (av k + exact_bias L (map tv d))) by ring.
  apply add_le2; auto using bias_below_dn. apply kdot_mono; auto using coefficients_below_sound.
Qed.

Lemma relus_nn : forall z, Forall (fun a => 0 <= a) (map relu z).
Proof. induction z; simpl; constructor; auto using relu_nn. Qed.

Lemma alive_sound : forall z b, in_box z b -> silent (alive b) (map relu z).
Proof.
  induction 1 as [|z b zs bs [_ Hu] H IH]; simpl; constructor; auto.
  destruct (tleb (snd b) t0) eqn:E; simpl; auto. right. apply tleb_t in E. rewrite t0_spec in E.
  apply relu_below. eapply kle_trans; eauto.
Qed.

Lemma backward_sound : forall hs out st cs c keep h, bounded hs st h -> silent keep h -> Forall (fun a => 0 <= a) h ->
  tdot (fst (backward keep hs out st cs c)) h + av (snd (backward keep hs out st cs c)) <= tdot c (network hs out h).
Proof.
  unfold network. induction hs as [|L hs IH]; intros out st cs c keep h Hb Hn Hp; simpl hidden.
  - assert (E : backward keep [] out st cs c = affine_back keep out c a0) by (destruct st; reflexivity). rewrite E.
    eapply kle_trans; [apply affine_back_sound; auto|]. rewrite a0_spec. set (y := tdot c _). replace (0 + y) with y by ring. apply kle_refl.
  - destruct st as [|b st]; [contradiction|]. destruct Hb as [Hb Hr]. simpl backward.
    specialize (IH out st (tl cs) c (alive b) (map relu (affine L h)) Hr (alive_sound _ _ Hb) (relus_nn _)).
    destruct (backward (alive b) hs out st (tl cs) c) as [lam k1].
    pose proof (relu_steps_sound _ _ Hb lam k1 (hd [] cs)) as Hs.
    destruct (relu_steps k1 lam b (hd [] cs)) as [d k2]. cbn [fst snd] in *.
    eapply kle_trans; [apply affine_back_sound; auto|].
    replace (av k2 + tdot d (affine L h)) with (tdot d (affine L h) + av k2) by ring.
    eapply kle_trans; [exact Hs|].
    replace (av k1 + tdot lam (map relu (affine L h))) with (tdot lam (map relu (affine L h)) + av k1) by ring.
    exact IH.
Qed.

Lemma product_below_sound : forall c1 c2 b c x, tv c1 <= c -> c <= tv c2 -> inside x b -> tv (product_below c1 c2 b) <= c * x.
Proof.
  intros c1 c2 [l u] c x H1 H2 [Hl Hu]; unfold product_below; simpl in *.
  destruct (kle_total 0 x) as [Hx|Hx].
  - apply kle_trans with (tv c1 * x); [|apply mul_le_r; auto]. eapply kle_trans; [apply tmin_l|].
    destruct (kle_total 0 (tv c1)).
    + eapply kle_trans; [apply tmin_l|]. eapply kle_trans; [apply tmul_dn_spec|]. apply mul_le_l; auto.
    + eapply kle_trans; [apply tmin_r|]. eapply kle_trans; [apply tmul_dn_spec|]. apply mul_le_l_neg; auto.
  - apply kle_trans with (tv c2 * x); [|apply mul_le_r_neg; auto]. eapply kle_trans; [apply tmin_r|].
    destruct (kle_total 0 (tv c2)).
    + eapply kle_trans; [apply tmin_l|]. eapply kle_trans; [apply tmul_dn_spec|]. apply mul_le_l; auto.
    + eapply kle_trans; [apply tmin_r|]. eapply kle_trans; [apply tmul_dn_spec|]. apply mul_le_l_neg; auto.
Qed.

Lemma concretize_sound : forall x bx, in_box x bx -> forall ck c1 c2 k,
  Forall2 (fun t k => tv t <= k) c1 ck -> Forall2 (fun t k => k <= tv t) c2 ck ->
  av (concretize k c1 c2 bx) <= av k + kdot ck x.
Proof.
  induction 1 as [|x b xs bs Hb H IH]; intros ck c1 c2 k H1 H2.
  - assert (concretize k c1 c2 [] = k) by (destruct c1, c2; auto). rewrite H.
    destruct ck; simpl; replace (av k + 0) with (av k) by ring; apply kle_refl.
  - destruct H1 as [|t kk c1 ck Ht H1].
    { simpl. replace (av k + 0) with (av k) by ring; apply kle_refl. }
    inversion H2 as [|t2 kk2 c2' ck' Ht2 H2']; subst. simpl.
    eapply kle_trans; [apply IH; eauto|].
    replace (av k + (kk * x + kdot ck xs)) with ((av k + kk * x) + kdot ck xs) by ring.
    apply add_le2; [|apply kle_refl]. eapply kle_trans; [apply at_dn_spec|].
    apply add_le2; [apply kle_refl|]. apply product_below_sound; auto.
Qed.

Lemma every_silent : forall x bx, in_box x bx -> silent (map (fun _ => true) bx) x.
Proof. induction 1; simpl; constructor; auto. Qed.

(** The bound holds for every input of the box along whose run the bounds st hold, for any slopes and multipliers cs. *)
Theorem lower_bound_sound : forall hs out bx st cs c t x,
  lower_bound hs out bx st cs c = Some t -> in_box x bx -> bounded hs st x -> tv t <= tdot c (network hs out x).
Proof.
  intros hs out bx st cs c t x Hlow Hx Hb. unfold lower_bound in Hlow.
  destruct hs as [|L hs]; [discriminate|]. destruct st as [|b st]; [discriminate|]. destruct Hb as [Hb Hr].
  pose proof (backward_sound hs out st (tl cs) c (alive b) _ Hr (alive_sound _ _ Hb) (relus_nn _)) as Hk.
  destruct (backward (alive b) hs out st (tl cs) c) as [lam k1].
  pose proof (relu_steps_sound _ _ Hb lam k1 (hd [] cs)) as Hs.
  destruct (relu_steps k1 lam b (hd [] cs)) as [d k2]. cbn [fst snd] in *.
  set (every := map (fun _ => true) bx) in *. injection Hlow as Ht. subst t.
  eapply kle_trans; [apply dn_spec|].
  eapply kle_trans; [eapply (concretize_sound _ _ Hx (exact_row every L d)); [apply coefficients_below_sound|apply coefficients_above_sound]|].
  pose proof (bias_below_dn L d k2) as Hab.
  apply kle_trans with ((av k2 + exact_bias L (map tv d)) + kdot (exact_row every L d) x).
  { apply add_le2; auto using kle_refl. }
  replace (av k2 + exact_bias L (map tv d) + kdot (exact_row every L d) x)
     with (av k2 + (kdot (exact_row every L d) x + exact_bias L (map tv d))) by ring.
  rewrite (exact_row_dot every L d x) by (apply every_silent; auto).
  replace (av k2 + tdot d (affine L x)) with (tdot d (affine L x) + av k2) by ring.
  eapply kle_trans; [exact Hs|].
  replace (av k1 + tdot lam (map relu (affine L x))) with (tdot lam (map relu (affine L x)) + av k1) by ring.
  exact Hk.
Qed.

End LinearLaws.
