(* Interval bounds hold: of every output (interval_network_sound), and of every pre-activation along the run (interval_preactivations_sound). *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds LinearBounds Trees Order.
Import ListNotations.

Module IntervalLaws (O : RingWithOrder) (AR : DirectedArithmetic O).
Include Order O AR.
Import O AR.
Local Open Scope k_scope.

Lemma dot_below_sound : forall x bx, in_box x bx -> forall r acc, av (dot_below acc r bx) <= av acc + dot r x.
Proof.
  induction 1 as [|x b xs bs Hb H IH]; intros r acc; destruct r as [|w r]; simpl;
    try (replace (av acc + 0) with (av acc) by ring; apply kle_refl).
  destruct Hb as [Hl Hu].
  apply kle_trans with (av (if wneg w then mac_dn acc w (snd b) else mac_dn acc w (fst b)) + dot r xs); [apply IH|].
  replace (av acc + (wv w * x + dot r xs)) with ((av acc + wv w * x) + dot r xs) by ring.
  apply add_le2; [|apply kle_refl]. destruct (wneg w) eqn:E.
  - eapply kle_trans; [apply mac_dn_spec|]. apply add_le2; [apply kle_refl|]. apply mul_le_l_neg; auto using wneg_t.
  - eapply kle_trans; [apply mac_dn_spec|]. apply add_le2; [apply kle_refl|]. apply mul_le_l; auto using wneg_f.
Qed.

Lemma dot_above_sound : forall x bx, in_box x bx -> forall r acc, av acc + dot r x <= av (dot_above acc r bx).
Proof.
  induction 1 as [|x b xs bs Hb H IH]; intros r acc; destruct r as [|w r]; simpl;
    try (replace (av acc + 0) with (av acc) by ring; apply kle_refl).
  destruct Hb as [Hl Hu].
  apply kle_trans with (av (if wneg w then mac_up acc w (fst b) else mac_up acc w (snd b)) + dot r xs); [|apply IH].
  replace (av acc + (wv w * x + dot r xs)) with ((av acc + wv w * x) + dot r xs) by ring.
  apply add_le2; [|apply kle_refl]. destruct (wneg w) eqn:E.
  - eapply kle_trans; [|apply mac_up_spec]. apply add_le2; [apply kle_refl|]. apply mul_le_l_neg; auto using wneg_t.
  - eapply kle_trans; [|apply mac_up_spec]. apply add_le2; [apply kle_refl|]. apply mul_le_l; auto using wneg_f.
Qed.

Lemma interval_affine_sound : forall x bx, in_box x bx -> forall L, in_box (affine L x) (interval_affine L bx).
Proof.
  intros x bx H L. induction L as [|[r b] L IH]; simpl; constructor; auto.
  split; simpl.
  - eapply kle_trans; [apply dn_spec|]. eapply kle_trans; [apply dot_below_sound; eauto|].
    replace (dot r x + wv b) with (wv b + dot r x) by ring. apply add_le2; auto using aw_dn_spec, kle_refl.
  - eapply kle_trans; [|apply up_spec]. eapply kle_trans; [|apply dot_above_sound; eauto].
    replace (dot r x + wv b) with (wv b + dot r x) by ring. apply add_le2; auto using aw_up_spec, kle_refl.
Qed.

Lemma interval_relu_sound : forall z bz, in_box z bz -> in_box (map relu z) (map interval_relu bz).
Proof.
  induction 1 as [|z b zs bs [Hl Hu] H IH]; simpl; constructor; auto.
  split; simpl.
  - apply tmax_le. { eapply kle_trans; [exact Hl|apply kmax_l]. } rewrite t0_spec. apply relu_nn.
  - destruct (relu_cases z) as [[E _]|[E _]]; rewrite E.
    + eapply kle_trans; [exact Hu|apply tmax_l].
    + rewrite <- t0_spec at 1. apply tmax_r.
Qed.

(** The outputs lie within their interval bounds. *)
Theorem interval_network_sound : forall hs out x bx, in_box x bx -> in_box (network hs out x) (interval_network hs out bx).
Proof.
  unfold network, interval_network. induction hs as [|L hs IH]; intros; simpl.
  - apply interval_affine_sound; auto.
  - apply IH, interval_relu_sound, interval_affine_sound; auto.
Qed.

(** All pre-activations lie within their interval bounds. *)
Theorem interval_preactivations_sound : forall hs x bx, in_box x bx -> bounded hs (interval_preactivations hs bx) x.
Proof.
  induction hs as [|L hs IH]; intros; simpl; auto. split.
  - apply interval_affine_sound; auto.
  - apply IH, interval_relu_sound, interval_affine_sound; auto.
Qed.

End IntervalLaws.
