(* What the checker accepts for float32 executions holds for them: execution_sound for claims, gaussian_execution_sound for Gaussian heads. *)
From Coq Require Import Reals ZArith List Bool Lra Lia.
From Certify.Checker Require Import Rings Evidence Instances Specialized GaussianHeads GaussianLaws ExecutionBounds Lipschitz.
From Certify.Execution Require Import Sums Layers.
Import ListNotations.
Open Scope R_scope.

(** The number that k means among errors and sizes. *)
Definition fine_value (k : Z) : R := IZR k * / 2 ^ 64.

(** What a weight means. *)
Definition real_weight (w : weight) : R := F.wv w.

Definition real_row (rb : Specialized.row) : list R * R := (map real_weight (fst rb), real_weight (snd rb)).
Definition real_layer (L : Specialized.layer) : list (list R * R) := map real_row L.

(** y is what some float32 execution of the network gives for x. *)
Definition executes_network (hs : list Specialized.layer) (out : Specialized.layer) (x y : list R) : Prop := executes (map real_layer hs) (real_layer out) x y.

Lemma fine_le : forall a b, (a <= b)%Z -> fine_value a <= fine_value b.
Proof. intros. apply Rmult_le_compat_r; [left; apply positive_power|apply IZR_le; assumption]. Qed.

Lemma fine_add : forall a b, fine_value (a + b) = fine_value a + fine_value b.
Proof. intros. unfold fine_value. rewrite plus_IZR. ring. Qed.

Lemma fine_zero : fine_value 0 = 0.
Proof. apply Rmult_0_l. Qed.

Lemma fine_one_value : fine_value fine_one = 1.
Proof. unfold fine_value, fine_one. rewrite shift_left_is. unfold fine. rewrite Rmult_1_l. apply Rinv_r, pow_nonzero. lra. Qed.

Lemma refined_value : forall k, fine_value (refined k) = value k.
Proof.
  intro. unfold fine_value, refined, finer_than. rewrite shift_left_is, value_is. change 64%nat with (40 + 24)%nat. rewrite pow_add, Rinv_mult.
  field.
Qed.

Lemma magnitude_is : forall m, IZR (magnitude m) = Rabs (IZR m).
Proof. intro. unfold magnitude. destruct (Z.leb_spec 0 m). { rewrite Rabs_pos_eq; [reflexivity|apply IZR_le; assumption]. }
  rewrite opp_IZR, Rabs_left by (apply IZR_lt; assumption). reflexivity. Qed.

Lemma weight_value : forall m e, real_weight (m, e) = IZR m * / 2 ^ e.
Proof. intros. unfold real_weight, F.wv, F.S.scaled. rewrite half_power_value. reflexivity. Qed.

Lemma weigh_sound : forall w t, Rabs (real_weight w) * fine_value t <= fine_value (weigh w t).
Proof.
  intros [m e] t. rewrite weight_value, Rabs_mult, (Rabs_pos_eq (/ 2 ^ e)) by (left; apply positive_power). unfold fine_value, weigh.
  pose proof (shift_up_le (magnitude m * t) e) as H. rewrite mult_IZR, magnitude_is in H.
  replace (Rabs (IZR m) * / 2 ^ e * (IZR t * / 2 ^ 64)) with (Rabs (IZR m) * IZR t * / 2 ^ e * / 2 ^ 64) by ring.
  apply Rmult_le_compat_r; [left; apply positive_power|exact H].
Qed.

Lemma tmax_fine : forall a b, fine_value (tmax a b) = Rmax (fine_value a) (fine_value b).
Proof.
  intros. unfold tmax. destruct (Z.leb_spec a b).
  - rewrite Rmax_right by (apply fine_le; assumption). reflexivity.
  - rewrite Rmax_left by (apply fine_le; lia). reflexivity.
Qed.

Lemma row_sums_sound : forall r s e i m p, row_sums r s e = (i, m, p) ->
  let r' := map real_weight r in let s' := map fine_value s in let e' := map fine_value e in
  inherited r' s' e' <= fine_value i /\ mass r' s' e' <= fine_value m /\ peak r' s' e' <= fine_value p.
Proof.
  pose proof fine_zero as Z0.
  induction r as [|w r IH]; intros [|a s] [|d e] i m p H; try (injection H as <- <- <-; simpl; rewrite Z0; repeat split; lra).
  simpl in H. destruct (row_sums r s e) as [[i' m'] p'] eqn:E. injection H as <- <- <-. destruct (IH _ _ _ _ _ E) as (I & M & P). simpl map. cbn [inherited mass peak].
  rewrite !fine_add. pose proof (weigh_sound w d). pose proof (weigh_sound w (a + d)) as Wt. rewrite fine_add in Wt.
  repeat split; try lra. apply Rplus_le_compat; [|exact P]. rewrite tmax_fine. set (q := tmax fine_one (a + d)).
  assert (Q : fine_value q = Rmax 1 (fine_value a + fine_value d)) by (unfold q; rewrite tmax_fine, fine_one_value, fine_add; reflexivity).
  rewrite <- Q. assert (0 <= fine_value q) by (rewrite Q; pose proof (Rmax_l 1 (fine_value a + fine_value d)); lra).
  pose proof (weigh_sound w q). pose proof (Rmax_l (fine_value q) (fine_value (weigh w q))). pose proof (Rmax_r (fine_value q) (fine_value (weigh w q))).
  destruct (Rle_or_lt 1 (Rabs (real_weight w))) as [G|G]; [rewrite (Rmax_right 1 (Rabs _)) by exact G|rewrite (Rmax_left 1 (Rabs _)) by lra]; lra.
Qed.

Lemma count_is : forall r, count r = Z.of_nat (length r).
Proof. induction r as [|w r IH]; [reflexivity|]. change (count (w :: r)) with (1 + count r)%Z. rewrite IH. change (length (w :: r)) with (S (length r)). lia. Qed.

Lemma row_bound_sound : forall rb s e d, row_bound rb s e = Some d ->
  fits (real_row rb) (map fine_value s) (map fine_value e) /\ row_error (real_row rb) (map fine_value s) (map fine_value e) <= fine_value d.
Proof.
  intros [r b] s e d H. unfold row_bound, fst, snd in H. destruct (row_sums r s e) as [[i m0] p] eqn:E. destruct (row_sums_sound _ _ _ _ _ _ E) as (I & M & P).
  rewrite count_is in H. set (k := Z.of_nat (length r)) in *. set (m := (m0 + weigh b fine_one)%Z) in *.
  destruct (_ && _) eqn:T; [|discriminate]. apply same in H. subst d. apply andb_prop in T as [T Tp]. apply andb_prop in T as [Tn Tm].
  apply Z.ltb_lt in Tn. apply Z.leb_le in Tm, Tp. unfold most_roundings in Tn.
  assert (Most : fine_value most = largest). { unfold fine_value, most, fine. rewrite shift_left_is, Rmult_assoc, Rinv_r, Rmult_1_r by (apply pow_nonzero; lra). unfold largest. lra. }
  assert (Mb : mass (map real_weight r) (map fine_value s) (map fine_value e) + Rabs (real_weight b) <= fine_value m).
  { unfold m. rewrite fine_add. pose proof (weigh_sound b fine_one) as W. rewrite fine_one_value in W. lra. }
  apply fine_le in Tm, Tp. rewrite Most in Tm, Tp.
  assert (Len : length (map real_weight r) = length r) by apply map_length.
  assert (N : INR (length r + 3) = IZR (k + 3)) by (rewrite INR_IZR_INZ; f_equal; unfold k; lia).
  assert (Nk : INR (length r) = IZR k) by apply INR_IZR_INZ.
  split.
  - unfold fits, real_row, fst, snd. rewrite Len. split; [change (2 ^ 22)%Z with 4194304%Z; rewrite Nat2Z.inj_add; exact Tn|split; eapply Rle_trans; eassumption].
  - unfold row_error, real_row, fst, snd. rewrite Len, !fine_add, Nk. rewrite Rplus_assoc. apply Rplus_le_compat; [exact I|]. apply Rplus_le_compat.
    + match goal with |- _ <= fine_value ?z => change (fine_value z) with (IZR z * / 2 ^ 64) end. pose proof (shift_up_le (8 * p + (2 * k + 3) * fine_one) lost) as W. rewrite plus_IZR, !mult_IZR, plus_IZR, mult_IZR in W. unfold lost in W.
      rewrite flushed_is.
      apply Rle_trans with ((8 * IZR p + (2 * IZR k + 3) * IZR fine_one) * / 2 ^ 126 * / 2 ^ 64); [|apply Rmult_le_compat_r; [left; apply positive_power|exact W]].
      pose proof fine_one_value as O. unfold fine_value in O. change (fine_value p) with (IZR p * / 2 ^ 64) in P. replace ((8 * IZR p + (2 * IZR k + 3) * IZR fine_one) * / 2 ^ 126 * / 2 ^ 64)
        with (8 * / 2 ^ 126 * (IZR p * / 2 ^ 64) + / 2 ^ 126 * (2 * IZR k + 3) * (IZR fine_one * / 2 ^ 64)) by ring. rewrite O.
      pose proof (positive_power 126). set (f := / 2 ^ 126) in *.
      assert (8 * f * peak (map real_weight r) (map fine_value s) (map fine_value e) <= 8 * f * (IZR p * / 2 ^ 64)) by (apply Rmult_le_compat_l; [lra|exact P]). lra.
    + assert (K : (0 <= k)%Z) by (unfold k; lia). assert (K1 : (0 < 10000000 * (16777216 - (k + 3)))%Z) by lia.
      assert (D : gamma (length r + 3) = 10000001 * IZR (k + 3) / (10000000 * (16777216 - IZR (k + 3)))).
      { unfold gamma, ulp. rewrite N. assert (IZR (k + 3) < 4194304) by (apply IZR_lt; exact Tn). assert (/ 2 ^ 24 = / 16777216) by lra. rewrite H0. field. repeat split; lra. }
      assert (Dn : 0 <= gamma (length r + 3)).
      { rewrite D. assert (IZR (k + 3) < 4194304) by (apply IZR_lt; exact Tn). assert (0 <= IZR (k + 3)) by (apply IZR_le; lia). apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. lra. }
      eapply Rle_trans; [apply Rmult_le_compat_l; [exact Dn|exact Mb]|]. unfold fine_value. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; apply positive_power|].
      rewrite opp_IZR. set (a := (m * (k + 3) * 10000001)%Z). set (c := (10000000 * (16777216 - (k + 3)))%Z) in *.
      assert (Cp : 0 < IZR c) by (apply IZR_lt; exact K1). assert (Q : IZR c * IZR (- a / c) <= - IZR a) by (rewrite <- mult_IZR, <- opp_IZR; apply IZR_le, Z.mul_div_le; exact K1).
      rewrite D. replace (10000001 * IZR (k + 3) / (10000000 * (16777216 - IZR (k + 3))) * IZR m) with (IZR a / IZR c).
      * apply Rmult_le_reg_l with (IZR c); [exact Cp|]. replace (IZR c * (IZR a / IZR c)) with (IZR a) by (field; lra). lra.
      * unfold a, c. rewrite !mult_IZR, minus_IZR. field. unfold c in Cp. rewrite mult_IZR, minus_IZR in Cp. lra.
Qed.

Lemma layer_bounds_sound : forall s e L d, layer_bounds L s e = Some d -> layer_error (real_layer L) (map fine_value s) (map fine_value e) (map fine_value d).
Proof.
  intros s e. induction L as [|rb L IH]; intros d H; simpl in H; [apply same in H; subst d; constructor|].
  destruct (row_bound rb s e) as [c|] eqn:E; [|discriminate]. destruct (layer_bounds L s e) as [r|]; [|discriminate]. apply same in H. subst d.
  constructor; [apply row_bound_sound; exact E|apply IH; reflexivity].
Qed.

Lemma relu_is : forall z, Lipschitz.relu z = N.relu z.
Proof. reflexivity. Qed.

Lemma affine_is : forall L x, Lipschitz.affine (real_layer L) x = N.affine L x.
Proof.
  intros L x. unfold Lipschitz.affine, N.affine, real_layer. rewrite map_map. apply map_ext. intros [r b]. unfold real_row, fst, snd.
  change (dot (map real_weight r) x + real_weight b = N.dot r x + F.wv b). f_equal. revert x. induction r as [|w r IH]; intros [|a x]; try reflexivity. simpl. rewrite IH. reflexivity.
Qed.

Lemma outputs_is : forall hs out x, outputs (map real_layer hs) (real_layer out) x = N.network hs out x.
Proof.
  intros hs out. unfold outputs, N.network. induction hs as [|L hs IH]; intro x; [apply affine_is|]. 
  change (Lipschitz.affine (real_layer out) (chain (map real_layer hs) (map Lipschitz.relu (Lipschitz.affine (real_layer L) x))) = N.affine out (N.hidden hs (map N.relu (N.affine L x)))).
  rewrite (affine_is L). apply IH.
Qed.

Lemma rectify_sound : forall z b, N.in_box z b -> forall d s e, length d = length z -> rectify b d = (s, e) ->
  rectified z (map fine_value d) (map fine_value s) (map fine_value e).
Proof.
  induction 1 as [|z b zs bs [Hl Hu] H IH]; intros [|c d] s e Hd E; try discriminate; simpl in E.
  - injection E as <- <-. constructor.
  - destruct (rectify bs d) as [s' e'] eqn:E'. injection E as <- <-. injection Hd as Hd. simpl map.
    change (z <= value (snd b)) in Hu. rewrite <- refined_value in Hu. set (top := refined (snd b)) in *. constructor; [| |eapply IH; eauto].
    + rewrite tmax_fine. rewrite fine_zero. apply Rle_max_compat_r. exact Hu.
    + change (refined (snd b)) with top. destruct (Z.leb_spec (top + c) 0) as [T|T].
      * right. apply fine_le in T. rewrite fine_add in T. rewrite fine_zero in *. split; [|apply Rle_refl].
        eapply Rle_trans; [apply Rplus_le_compat_r; exact Hu|exact T].
      * left. rewrite fine_add. apply Rplus_le_compat_l. pose proof flushed_bounds. change (fine_value 1) with (1 * / 2 ^ 64). lra.
Qed.

Lemma layer_bounds_length : forall s e L d, layer_bounds L s e = Some d -> length d = length L.
Proof.
  intros s e. induction L as [|rb L IH]; intros d H; simpl in H; [apply same in H; subst d; reflexivity|].
  destruct (row_bound rb s e); [|discriminate]. destruct (layer_bounds L s e) as [r|]; [|discriminate]. apply same in H. subst d. simpl. f_equal. apply IH. reflexivity.
Qed.

Lemma output_errors_sound : forall hs out st s e d x, output_errors hs out st s e = Some d -> N.bounded hs st x ->
  carried (map real_layer hs) (real_layer out) (map fine_value s) (map fine_value e) x (map fine_value d).
Proof.
  induction hs as [|L hs IH]; intros out [|b st] s e d x H B; simpl in H; try contradiction; try (apply layer_bounds_sound; exact H).
  destruct (layer_bounds L s e) as [c|] eqn:E; [|discriminate]. destruct (rectify b c) as [s' e'] eqn:R. destruct B as [B1 B2].
  exists (map fine_value c), (map fine_value s'), (map fine_value e'). repeat split.
  - apply layer_bounds_sound. exact E.
  - rewrite affine_is. apply rectify_sound with b; auto. rewrite (layer_bounds_length _ _ _ _ E). unfold N.affine. symmetry. apply map_length.
  - rewrite affine_is. apply IH with st; assumption.
Qed.

Lemma inputs_tracked : forall x bx, N.in_box x bx ->
  tracked (map fine_value (map (fun b => refined (tmax (Z.opp (fst b)) (snd b))) bx)) (map fine_value (map (fun _ => 0%Z) bx)) x x.
Proof.
  induction 1 as [|a [l u] x bs [Hl Hu] H IH]; simpl map; constructor; auto.
  - rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. rewrite fine_zero. apply Rle_refl.
  - rewrite refined_value. change (value l <= a) in Hl. change (a <= value u) in Hu.
    destruct (tmax_cases (- l) u) as [M1 M2]. apply value_le in M1, M2. rewrite value_opp in M1. apply Rabs_le. lra.
Qed.

(** How far an execution may be from the exact outputs. *)
Theorem execution_errors_sound : forall hs out bx st e x y, execution_errors hs out bx st = Some e -> N.in_box x bx -> N.bounded hs st x -> executes_network hs out x y ->
  within (map fine_value e) y (N.network hs out x).
Proof.
  intros hs out bx st e x y H Hx Hb X. rewrite <- outputs_is. eapply network_execution_error; [apply inputs_tracked; exact Hx| |exact X].
  apply output_errors_sound with st; assumption.
Qed.

Lemma tdot_is : forall c y, N.tdot c y = dot (map value c) y.
Proof. reflexivity. Qed.

Lemma value_add : forall a b, value (a + b) = value a + value b.
Proof. intros. rewrite !value_is, plus_IZR. ring. Qed.

Lemma allowance_sound : forall c e, fold_right Rplus 0 (map (fun p => Rabs (fst p) * snd p) (combine (map value c) (map fine_value e))) <= value (shift_up (allowance c e) fine).
Proof.
  intros c e. apply Rle_trans with (IZR (allowance c e) * / 2 ^ 64 * / 2 ^ 24).
  - right. revert e. induction c as [|a c IH]; intros [|d e]; simpl map; simpl combine; simpl fold_right; simpl allowance; try ring.
    rewrite IH, plus_IZR, mult_IZR, magnitude_is, value_is, Rabs_mult, (Rabs_pos_eq (/ 2 ^ 24)) by (left; apply positive_power). unfold fine_value. ring.
  - rewrite value_is. apply Rmult_le_compat_r; [left; apply positive_power|]. apply shift_up_le.
Qed.

Lemma proves_executed_sound : forall hs out sp bx st i cs, proves_executed hs out sp bx st i cs = true ->
  forall x, N.in_box x bx -> N.bounded hs st x -> forall y, executes_network hs out x y -> N.some_holds sp y.
Proof.
  intros hs out sp bx st i cs H x Hx Hb y X. unfold proves_executed in H. destruct (nth_error sp i) as [s|] eqn:Es; [|discriminate].
  destruct (lower_bound hs out bx st cs (fst s)) as [v|] eqn:Ev; [|discriminate]. destruct (execution_errors hs out bx st) as [e|] eqn:Ee; [|discriminate].
  apply Z.leb_le, value_le in H. rewrite value_add in H. pose proof (lower_bound_real _ _ _ _ _ _ _ _ Ev Hx Hb) as V. rewrite tdot_is in V.
  apply Exists_exists. exists s. split; [eapply nth_error_In; exact Es|]. change (value (snd s) <= N.tdot (fst s) y). rewrite tdot_is.
  eapply claim_execution; [eapply execution_errors_sound; eassumption|]. pose proof (allowance_sound (fst s) e). lra.
Qed.

(** Where the task that the whole tree is is done with room for the errors at every leaf, for every float32 input of the box and every float32 execution one of the claims holds for what it computes. *)
Theorem execution_sound : forall hs out sp bx t, walk_task (proves_executed hs out sp) hs (whole hs bx t) = true ->
  forall x y, N.in_box x bx -> executes_network hs out x y -> N.some_holds sp y.
Proof.
  intros hs out sp bx t H x y Hx X. unfold walk_task, whole in H. rewrite (walk_eq _ _ (fun _ _ _ _ => eq_refl)), interval_preactivations_eq in H.
  exact (N.walk_sound _ (proves_executed hs out sp) hs (proves_executed_sound hs out sp) t bx _ H x Hx (N.interval_preactivations_sound hs x bx Hx) y X).
Qed.

Lemma widened_sound : forall y b, Forall2 inside y b -> forall e y', within (map fine_value e) y' y -> Forall2 inside y' (widened b e).
Proof.
  induction 1 as [|a b y bs [Hl Hu] H IH]; intros [|d e] y' W; inversion W as [|? a' ? ? y1 ? Ha Hw]; subst; simpl; constructor; auto.
  assert (D : fine_value d <= value (shift_up d finer_than)).
  { rewrite value_is. unfold fine_value. change 64%nat with (40 + 24)%nat. rewrite pow_add, Rinv_mult, <- Rmult_assoc. apply Rmult_le_compat_r; [left; apply positive_power|]. apply shift_up_le. }
  pose proof (two_sided (a' - a)). unfold inside in *. cbn [fst snd]. rewrite value_sub, value_add. lra.
Qed.

Lemma near_executed_sound : forall hs out n k c r bx st i cs, near_executed hs out n k c r bx st i cs = true -> forall x, N.in_box x bx -> N.bounded hs st x ->
  forall y, executes_network hs out x y -> 0 <= value c /\ forall y0, Forall2 inside y0 r -> square_distance (parameters n k y) y0 <= value c ^ 2.
Proof.
  intros hs out n k c r bx st i cs H x Hx Hb y X. unfold near_executed in H. destruct (output_bounds hs bx st cs out) as [b|] eqn:B; [|discriminate].
  destruct (execution_errors hs out bx st) as [e|] eqn:E; [|discriminate].
  destruct (parameter_bounds n k (widened b e)) as [q|] eqn:Q; [|discriminate]. apply andb_prop in H as [C0 H]. apply Z.leb_le in C0, H. split.
  - apply value_le in C0. rewrite value_zero in C0. exact C0.
  - intros y0 H0. eapply Rle_trans.
    + apply square_apart_sound with (b := q); [|exact H0]. eapply parameter_bounds_sound; [|exact Q]. apply widened_sound with (y := N.network hs out x).
      * exact (output_bounds_sound hs bx st cs x Hx Hb out b B).
      * exact (execution_errors_sound hs out bx st e x y E Hx Hb X).
    + apply IZR_le in H. rewrite mult_IZR in H. rewrite value_is. replace ((IZR c * / 2 ^ 24) ^ 2) with (IZR c * IZR c * (/ 2 ^ 24) ^ 2) by (generalize (/ 2 ^ 24); intro; ring).
      apply Rmult_le_compat_r; [|exact H]. apply pow2_ge_0.
Qed.

(** Where every leaf is accepted with room for the errors, the distribution that any float32 execution names at any x of the box is within c of the exact one at the observation. *)
Theorem gaussian_execution_sound : forall hs out n k c bx bx0 t r, reference hs out n k bx0 = Some r -> walk_task (near_executed hs out n k c r) hs (whole hs bx t) = true ->
  forall x x0 y, N.in_box x bx -> N.in_box x0 bx0 -> executes_network hs out x y -> wasserstein (parameters n k y) (parameters n k (N.network hs out x0)) <= value c.
Proof.
  intros hs out n k c bx bx0 t r R H x x0 y Hx H0 X. unfold walk_task, whole in H.
  rewrite (walk_eq _ _ (fun _ _ _ _ => eq_refl)), interval_preactivations_eq in H.
  destruct (N.walk_sound _ (near_executed hs out n k c r) hs (near_executed_sound hs out n k c r) t bx _ H x Hx (N.interval_preactivations_sound hs x bx Hx) y X) as [C0 D].
  unfold wasserstein. rewrite <- (sqrt_pow2 (value c)) by exact C0. apply sqrt_le_1_alt, D.
  eapply parameter_bounds_sound; [|exact R]. apply interval_outputs_sound. exact H0.
Qed.
