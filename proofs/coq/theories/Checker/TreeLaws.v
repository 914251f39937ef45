(* What the checker accepts holds: certify_sound. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds LinearBounds Trees Order IntervalLaws LinearLaws.
Import ListNotations.

Module TreeLaws (O : RingWithOrder) (AR : DirectedArithmetic O).
Include LinearLaws O AR.
Import O AR.
Local Open Scope k_scope.

Lemma preactivations_network : forall hs k L x, nth_error hs k = Some L -> preactivations hs k x = network (firstn k hs) L x.
Proof.
  unfold network. induction hs as [|M hs IH]; intros [|k] L x H; simpl in *; try discriminate.
  - congruence. - apply IH; auto.
Qed.

Lemma bounded_firstn : forall hs k st x, bounded hs st x -> bounded (firstn k hs) st x.
Proof.
  induction hs as [|L hs IH]; intros [|k] st x H; simpl in *; auto.
  destruct st as [|b st]; auto. destruct H; split; auto.
Qed.

Lemma in_box_update : forall f j z bz, in_box z bz ->
  (forall a b, nth_error z j = Some a -> inside a b -> inside a (f b)) -> in_box z (update j f bz).
Proof.
  intros f j z bz H. revert j. induction H as [|a b z bz Hab H IH]; intros j Hf.
  - destruct j; constructor.
  - destruct j as [|j]; simpl; constructor; auto.
    apply IH. intros a' b' Ea. apply Hf. exact Ea.
Qed.

Lemma bounded_update : forall f j k hs st x, bounded hs st x ->
  (forall a b, nth_error (preactivations hs k x) j = Some a -> inside a b -> inside a (f b)) -> bounded hs (update k (update j f) st) x.
Proof.
  intros f j. induction k; intros hs st x H Hf; destruct hs as [|L hs]; simpl in *; auto;
    destruct st as [|b st]; auto; destruct H as [H1 H2]; simpl; split; auto.
  apply in_box_update; auto.
Qed.

Lemma in_box_meet : forall z a, in_box z a -> forall b, in_box z b -> in_box z (zip_with meet a b).
Proof.
  induction 1 as [|x a z az [H1 H2] H IH]; intros b Hb; inversion Hb as [|y b' ? bz [H3 H4] Hb']; subst; simpl; constructor; [|apply IH; auto].
  split; simpl; [apply tmax_le|apply tmin_ge]; auto.
Qed.

(** Changing the bounds of a whole layer. *)
Lemma bounded_layer : forall f k hs st x, bounded hs st x -> (forall L, nth_error hs k = Some L -> forall b,
  nth_error st k = Some b -> in_box (preactivations hs k x) b -> in_box (preactivations hs k x) (f b)) -> bounded hs (update k f st) x.
Proof.
  intros f. induction k; intros hs st x H Hf; destruct hs as [|L hs]; simpl in *; auto;
    destruct st as [|b st]; auto; destruct H as [H1 H2]; simpl; split; eauto.
Qed.

(** The bounds before hidden layer k hold for what it reads. *)
Lemma before_sound : forall k hs st bx x L, in_box x bx -> bounded hs st x -> nth_error hs k = Some L ->
  in_box (preactivations hs k x) (interval_affine L (before bx st k)).
Proof.
  induction k as [|k IH]; intros hs st bx x L Hx Hb E; destruct hs as [|M hs]; simpl in E; try discriminate.
  - injection E as E. subst. apply interval_affine_sound; auto.
  - destruct st as [|b st]; [contradiction|]. destruct Hb as [H1 H2]. simpl preactivations.
    replace (before bx (b :: st) (S k)) with (before (map interval_relu b) st k) by (destruct k; reflexivity).
    apply IH; auto using interval_relu_sound.
Qed.

Lemma interval_sound : forall k hs st bx x L, in_box x bx -> bounded hs st x -> nth_error hs k = Some L ->
  bounded hs (update k (fun b => zip_with meet b (interval_affine L (before bx st k))) st) x.
Proof.
  intros. apply bounded_layer; auto. intros L' E b Eb Hb. apply in_box_meet; auto. apply before_sound; auto.
Qed.

Lemma bounded_nth : forall k hs st x j b, bounded hs st x -> bound_at st k j = Some b -> (k < length hs)%nat ->
  exists a, inside a b.
Proof.
  unfold bound_at. induction k; intros hs st x j b H E Hk; destruct hs as [|L hs]; simpl in *; try lia;
   destruct st as [|b1 st]; simpl in *; try contradiction; destruct H as [H1 H2].
  - clear H2 Hk. revert j E. induction H1 as [|a c z bz Hac H IH]; intros [|j] E; simpl in *; try discriminate.
    + injection E as E; subst. eauto. + eauto.
  - eapply IHk; eauto; lia.
Qed.

Lemma tighten_sound : forall hs bx st k j hi cs f x a b, tighten hs bx st k j hi cs = Some f ->
  in_box x bx -> bounded hs st x -> nth_error (preactivations hs k x) j = Some a -> inside a b -> inside a (f b).
Proof.
  intros hs bx st k j hi cs f x a b Ht Hx Hb Ha [Hl Hu]. unfold tighten in Ht.
  destruct (nth_error hs k) as [L|] eqn:EL; [|discriminate].
  destruct (nth_error L j) as [rb|] eqn:Er; [|discriminate].
  destruct (lower_bound _ _ _ _ _ _) as [v|] eqn:Ev; [|discriminate].
  rewrite (preactivations_network _ _ _ _ EL) in Ha. pose proof (lower_bound_sound _ _ _ _ _ _ _ _ Ev Hx (bounded_firstn _ k _ _ Hb)) as Hv.
  unfold network, affine in *. rewrite (map_nth_error _ _ _ Er) in Ha. injection Ha as Ha.
  unfold tdot in Hv. cbn [map kdot fst snd] in Hv.
  match type of Hv with _ <= _ * ?e + _ => replace e with a in Hv by (symmetry; exact Ha) end.
  destruct hi; injection Ht as Ht; subst f; split; simpl; auto.
  - apply tmin_ge; auto. rewrite tsub_spec, t0_spec in *. rewrite t1_spec in Hv. apply le_of_sub.
    replace (0 - tv v - a) with ((0 - 1) * a + 0 - tv v) by ring. apply sub_of_le; auto.
  - apply tmax_le; auto. rewrite t1_spec in Hv. replace (1 * a + 0) with a in Hv by ring. auto.
Qed.

(** What holds where a leaf is accepted holds for every input that keeps to the bounds. *)
Theorem walk_sound : forall (P : list K -> Prop) leaf hs,
  (forall bx st i cs, leaf bx st i cs = true -> forall x, in_box x bx -> bounded hs st x -> P x) ->
  forall t bx st, walk leaf hs bx st t = true -> forall x, in_box x bx -> bounded hs st x -> P x.
Proof.
  intros P leaf hs Hleaf. induction t as [i cs|i c l IHl r IHr|k j l IHl r IHr|k t IH|k j hi cs t IH|k j];
    intros bx st Hc x Hx Hb; simpl in Hc.
  - eauto.
  - apply andb_prop in Hc as [H1 H2]. destruct (kle_total (nth i x 0) (tv c)) as [D|D].
    + eapply IHl; eauto. apply in_box_update; auto. intros a b Ea [? ?]. rewrite (nth_error_nth _ _ _ Ea) in D.
      split; simpl; auto. apply tmin_ge; auto.
    + eapply IHr; eauto. apply in_box_update; auto. intros a b Ea [? ?]. rewrite (nth_error_nth _ _ _ Ea) in D.
      split; simpl; auto. apply tmax_le; auto.
  - apply andb_prop in Hc as [H1 H2]. destruct (kle_total (nth j (preactivations hs k x) 0) 0) as [D|D].
    + eapply IHl; eauto. apply bounded_update; auto. intros a b Ea [? ?]. rewrite (nth_error_nth _ _ _ Ea) in D.
      split; simpl; auto. apply tmin_ge; auto. rewrite t0_spec. auto.
    + eapply IHr; eauto. apply bounded_update; auto. intros a b Ea [? ?]. rewrite (nth_error_nth _ _ _ Ea) in D.
      split; simpl; auto. apply tmax_le; auto. rewrite t0_spec. auto.
  - destruct (nth_error hs k) as [L|] eqn:EL; [|discriminate]. eapply IH; eauto using interval_sound.
  - destruct (tighten hs bx st k j hi cs) as [f|] eqn:Ef; [|discriminate].
    eapply IH; eauto. apply bounded_update; auto. intros. eapply tighten_sound; eauto.
  - destruct (bound_at st k j) as [b|] eqn:Eb; [|discriminate]. apply andb_prop in Hc as [Hk Hc].
    apply Nat.ltb_lt in Hk. apply negb_true_iff in Hc.
    destruct (bounded_nth k hs st x j b Hb Eb Hk) as [a [Ha1 Ha2]].
    assert (tleb (fst b) (snd b) = true) by (apply tleb_spec; eapply kle_trans; eauto). congruence.
Qed.

Lemma proves_sound : forall hs out sp bx st i cs, proves hs out sp bx st i cs = true ->
  forall x, in_box x bx -> bounded hs st x -> some_holds sp (network hs out x).
Proof.
  unfold proves. intros hs out sp bx st i cs Hc x Hx Hb. destruct (nth_error sp i) as [s|] eqn:Es; [|discriminate].
  destruct (lower_bound _ _ _ _ _ _) as [v|] eqn:Ev; [|discriminate].
  apply Exists_exists. exists s. split. { eapply nth_error_In; eauto. }
  unfold holds. apply tleb_t in Hc. eapply kle_trans; [exact Hc|]. eapply lower_bound_sound; eauto.
Qed.

(** What check accepts holds for every input that keeps to the bounds. *)
Theorem check_sound : forall hs out sp t bx st, check hs out sp bx st t = true ->
  forall x, in_box x bx -> bounded hs st x -> some_holds sp (network hs out x).
Proof. intros hs out sp. exact (walk_sound _ _ hs (proves_sound hs out sp)). Qed.

(** For every input of the box some claim holds for the exact output. *)
Theorem certify_sound : forall hs out sp bx t, certify hs out sp bx t = true ->
  forall x, in_box x bx -> some_holds sp (network hs out x).
Proof. intros. eapply check_sound; eauto. apply interval_preactivations_sound; auto. Qed.

Lemma divide_walk : forall leaf hs t n bx st, forallb (walk_task leaf hs) (divide hs n bx st t) = true -> walk leaf hs bx st t = true.
Proof.
  intros leaf hs. induction t as [i cs|i c l IHl r IHr|k j l IHl r IHr|k t IH|k j hi cs t IH|k j]; intros [|n] bx st H;
    simpl divide in H; try (simpl in H; rewrite andb_true_r in H; exact H).
  - rewrite forallb_app in H. apply andb_prop in H as [H1 H2]. simpl. rewrite (IHl _ _ _ H1), (IHr _ _ _ H2). auto.
  - rewrite forallb_app in H. apply andb_prop in H as [H1 H2]. simpl. rewrite (IHl _ _ _ H1), (IHr _ _ _ H2). auto.
  - revert H. simpl. destruct (nth_error hs k) eqn:E; intro H; [eapply IH; eauto|]. simpl in H. rewrite ?E in H. discriminate.
  - revert H. simpl. destruct (tighten hs bx st k j hi cs) eqn:E; intro H; [eapply IH; eauto|]. simpl in H. rewrite ?E in H. discriminate.
Qed.

End TreeLaws.
