(* What the checker of diagonal Gaussian heads accepts holds for the exact network over the real numbers: gaussian_robustness_sound. *)
From Coq Require Import Reals ZArith List Bool Lra Lia.
From Certify.Checker Require Import Rings Evidence Instances Specialized GaussianHeads.
From Certify.Statistics Require Import Expectation Moments.
Import ListNotations.
Module N := OverReals.
Module F := RealArithmetic.
Local Open Scope R_scope.

(** The number that k means. *)
Definition value (k : Z) : R := F.tv k.

Definition link_value (k : link) (y : R) : R :=
  match k with Exponential => exp y | HalfExponential => exp (y / 2) | Softplus => ln (1 + exp y) end.

(** Means and standard deviations from the outputs: the first n are means. *)
Definition parameters (n : nat) (k : link) (y : list R) : list R := firstn n y ++ map (link_value k) (skipn n y).

Fixpoint square_distance (a b : list R) : R :=
  match a, b with x :: a', y :: b' => (x - y) ^ 2 + square_distance a' b' | _, _ => 0 end.

Lemma half_power_value : forall n, F.S.half_power n = / 2 ^ n.
Proof.
  induction n; simpl; unfold RealNumbers.kmul, RealNumbers.kh, RealNumbers.k1; [lra|]. rewrite IHn, Rinv_mult. reflexivity.
Qed.

Lemma value_is : forall k, value k = IZR k * / 2 ^ 24.
Proof. intro. unfold value, F.tv, F.S.scaled. rewrite half_power_value. reflexivity. Qed.

Lemma value_le : forall a b, (a <= b)%Z -> value a <= value b.
Proof. intros. rewrite !value_is. apply Rmult_le_compat_r; [|apply IZR_le; auto]. left. apply Rinv_0_lt_compat, pow_lt. lra. Qed.

Lemma value_sub : forall a b, value (a - b) = value a - value b.
Proof. intros. rewrite !value_is, minus_IZR. apply Rmult_minus_distr_r. Qed.

Lemma value_opp : forall a, value (- a) = - value a.
Proof. intros. rewrite !value_is, opp_IZR. symmetry. apply Ropp_mult_distr_l. Qed.

Lemma value_zero : value 0 = 0.
Proof. rewrite value_is. apply Rmult_0_l. Qed.

Definition wide_value (k : Z) : R := IZR k * / 2 ^ 120.

Lemma positive_power : forall n, 0 < / 2 ^ n.
Proof. intro. apply Rinv_0_lt_compat, pow_lt. lra. Qed.

Lemma power_positive : forall n, 0 < 2 ^ n.
Proof. intro. apply pow_lt. lra. Qed.

Lemma wide_parts : 2 ^ 120 = 2 ^ 55 * 2 ^ 40 * 2 ^ 24 * 2.
Proof. change 120%nat with (55 + 40 + 24 + 1)%nat. rewrite !pow_add, pow_1. reflexivity. Qed.

Lemma two_power : forall n, IZR (2 ^ Z.of_nat n) = 2 ^ n.
Proof. intro. symmetry. apply pow_IZR. Qed.

Lemma shift_right_le : forall a n, IZR (shift_right a n) <= IZR a * / 2 ^ n.
Proof.
  intros. unfold shift_right. rewrite Z.shiftr_div_pow2 by lia.
  assert (P : (0 < 2 ^ Z.of_nat n)%Z) by (apply Z.pow_pos_nonneg; lia).
  pose proof (Z.mul_div_le a _ P) as H. apply IZR_le in H. rewrite mult_IZR, two_power in H.
  apply Rmult_le_reg_l with (2 ^ n); [apply pow_lt; lra|].
  replace (2 ^ n * (IZR a * / 2 ^ n)) with (IZR a) by (field; apply pow_nonzero; lra). exact H.
Qed.

Lemma shift_up_le : forall a n, IZR a * / 2 ^ n <= IZR (shift_up a n).
Proof.
  intros. unfold shift_up. rewrite opp_IZR. pose proof (shift_right_le (- a) n) as H. rewrite opp_IZR in H. lra.
Qed.

Lemma shift_left_is : forall a n, IZR (shift_left a n) = IZR a * 2 ^ n.
Proof. intros. unfold shift_left. rewrite Z.shiftl_mul_pow2 by lia. rewrite mult_IZR, two_power. reflexivity. Qed.

Lemma tmax_cases : forall a b, (a <= tmax a b)%Z /\ (b <= tmax a b)%Z.
Proof. intros. unfold tmax. destruct (Z.leb_spec a b); lia. Qed.

Lemma tmin_cases : forall a b, (tmin a b <= a)%Z /\ (tmin a b <= b)%Z.
Proof. intros. unfold tmin. destruct (Z.leb_spec a b); lia. Qed.

Lemma exp_mono : forall x y, x <= y -> exp x <= exp y.
Proof. intros x y [H|H]; [left; apply exp_increasing; auto|right; congruence]. Qed.

Lemma ln_mono : forall x y, 0 < x -> x <= y -> ln x <= ln y.
Proof. intros x y P [H|H]; [left; apply ln_increasing; auto|right; congruence]. Qed.

Lemma squared_below : forall n v x, (0 <= v)%Z -> wide_value v <= exp x -> wide_value (squared n v) <= exp (x * 2 ^ n).
Proof.
  induction n as [|n IH]; intros v x Hv H; simpl squared.
  - rewrite pow_O, Rmult_1_r. auto.
  - replace (x * 2 ^ S n) with ((x + x) * 2 ^ n) by (simpl; ring). apply IH.
    + unfold shift_right. apply Z.shiftr_nonneg. apply Z.square_nonneg.
    + rewrite exp_plus. assert (W : 0 <= wide_value v).
      { unfold wide_value. apply Rmult_le_pos; [apply IZR_le; auto|left; apply positive_power]. }
      apply Rle_trans with (wide_value v * wide_value v); [|apply Rmult_le_compat; auto].
      unfold wide_value at 1. pose proof (shift_right_le (v * v) wide) as S. rewrite mult_IZR in S. change wide with 120%nat in S.
      apply Rle_trans with (IZR v * IZR v * / 2 ^ 120 * / 2 ^ 120).
      * apply Rmult_le_compat_r; [left; apply positive_power|exact S].
      * unfold wide_value. generalize (/ 2 ^ 120). intro. right. ring.
Qed.

(** The exponential function at half of a number. *)
Lemma exp_below_sound : forall a, wide_value (exp_below a) <= exp (value a / 2).
Proof.
  intro a. apply Rle_trans with (exp (value (tmin a largest_argument) / 2)).
  2: { apply exp_mono. pose proof (value_le _ _ (proj1 (tmin_cases a largest_argument))). lra. }
  unfold exp_below. set (b := tmin a largest_argument).
  replace (value b / 2) with (value b / 2 * / 2 ^ 40 * 2 ^ 40)
    by (pose proof (power_positive 40); generalize dependent (2 ^ 40); intros; field; lra).
  apply (squared_below halvings).
  - apply (proj1 (tmax_cases 0 _)).
  - unfold tmax. destruct (Z.leb_spec 0 (wide_one + shift_left b finer)).
    + apply Rle_trans with (1 + value b / 2 * / 2 ^ 40); [|apply exp_ineq1_le]. right.
      unfold wide_value. rewrite plus_IZR, value_is. unfold wide_one. rewrite !shift_left_is. change wide with 120%nat. change finer with 55%nat.
      rewrite wide_parts. pose proof (positive_power 55). pose proof (positive_power 40). pose proof (positive_power 24).
      pose proof (power_positive 55). pose proof (power_positive 40). pose proof (power_positive 24).
      generalize dependent (2 ^ 55). generalize dependent (2 ^ 40). generalize dependent (2 ^ 24). intros. field. lra.
    + left. unfold wide_value. rewrite Rmult_0_l. apply exp_pos.
Qed.

Lemma wide_square_is : IZR wide_square = 2 ^ 120 * 2 ^ 120.
Proof. unfold wide_square. rewrite shift_left_is, Rmult_1_l. change double_wide with (120 + 120)%nat. apply pow_add. Qed.

Lemma wide_value_add_one : forall a, wide_value (wide_one + a) = 1 + wide_value a.
Proof.
  intro. unfold wide_value, wide_one. rewrite plus_IZR, shift_left_is. change wide with 120%nat.
  pose proof (power_positive 120). generalize dependent (2 ^ 120). intros. field. lra.
Qed.

Local Opaque exp_below wide_square wide_one largest_argument.

Lemma same : forall (X : Type) (x y : X), Some x = Some y -> x = y.
Proof. congruence. Qed.

Lemma exp_above_sound : forall a v, exp_above a = Some v -> exp (value a / 2) <= wide_value v.
Proof.
  intros a v. unfold exp_above. set (b := tmax a (- largest_argument)). destruct (Z.leb_spec (exp_below (- b)) 0) as [|P]; [discriminate|].
  intro E. apply same in E. subst v. set (w := exp_below (- b)) in *.
  apply Rle_trans with (exp (value b / 2)).
  { apply exp_mono. pose proof (value_le _ _ (proj1 (tmax_cases a (- largest_argument)))). unfold b. lra. }
  pose proof (exp_below_sound (- b)) as H. fold w in H. rewrite value_opp in H.
  assert (W : 0 < IZR w) by (apply IZR_lt; auto).
  assert (W' : 0 < wide_value w) by (unfold wide_value; apply Rmult_lt_0_compat; [exact W|apply positive_power]).
  replace (- value b / 2) with (- (value b / 2)) in H by field. rewrite exp_Ropp in H.
  apply Rle_trans with (/ wide_value w).
  { rewrite <- (Rinv_inv (exp (value b / 2))). apply Rinv_le_contravar; auto. }
  pose proof (Z.mul_div_le (- wide_square) w P) as D. apply IZR_le in D. rewrite mult_IZR, opp_IZR in D.
  rewrite wide_square_is in D. unfold wide_value. rewrite opp_IZR. set (d := IZR (- wide_square / w)) in *.
  pose proof (power_positive 120) as P2. clearbody d. generalize dependent (2 ^ 120). intros p D P2.
  rewrite Rinv_mult, Rinv_inv. apply Rmult_le_reg_r with (IZR w * p); [apply Rmult_lt_0_compat; auto|].
  replace (/ IZR w * p * (IZR w * p)) with (p * p) by (field; lra). replace (- d * / p * (IZR w * p)) with (- (IZR w * d)) by (field; lra). lra.
Qed.

Lemma wide_value_le : forall a b, (a <= b)%Z -> wide_value a <= wide_value b.
Proof. intros. apply Rmult_le_compat_r; [left; apply positive_power|apply IZR_le; auto]. Qed.

Lemma double_value : forall y, value (y + y) / 2 = value y.
Proof. intro. rewrite !value_is, plus_IZR. generalize (/ 2 ^ 24). intro. field. Qed.

Local Opaque exp_above least.

Lemma softplus_above_sound : forall y z, softplus_above y = Some z -> ln (1 + exp (value y)) <= value z.
Proof.
  intros y z. unfold softplus_above. destruct (exp_above (y + y)) as [e|] eqn:E; [|discriminate].
  set (z' := least _ _ _ _). destruct (Z.leb_spec (wide_one + e) (exp_below (z' + z'))) as [H|]; [|discriminate].
  intro Z. apply same in Z. subst z. apply exp_above_sound in E. apply wide_value_le in H. rewrite wide_value_add_one in H.
  pose proof (exp_below_sound (z' + z')) as B. rewrite double_value in *.
  rewrite <- (ln_exp (value z')). apply ln_mono; [|lra]. pose proof (exp_pos (value y)). lra.
Qed.

Lemma softplus_below_sound : forall y z, softplus_below y = Some z -> value z <= ln (1 + exp (value y)).
Proof.
  intros y z. unfold softplus_below. set (z' := least _ _ _ _). destruct (exp_above (- (z' + z'))) as [v|] eqn:E; [|discriminate].
  destruct (Z.leb_spec v (wide_one + exp_below (y + y))) as [H|]; [|discriminate].
  intro Z. apply same in Z. subst z. apply exp_above_sound in E. apply wide_value_le in H. rewrite wide_value_add_one in H.
  pose proof (exp_below_sound (y + y)) as B. rewrite double_value in B. replace (- (z' + z'))%Z with (- z' + - z')%Z in E by ring. rewrite double_value in E.
  rewrite <- (ln_exp (value (- z'))). apply ln_mono; [apply exp_pos|]. lra.
Qed.

Definition inside (x : R) (b : interval) := value (fst b) <= x <= value (snd b).

Lemma coarse_parts : / 2 ^ 120 = / 2 ^ 96 * / 2 ^ 24.
Proof. rewrite <- Rinv_mult, <- pow_add. reflexivity. Qed.

Lemma coarse_below : forall v, value (shift_right v coarser) <= wide_value v.
Proof.
  intro. rewrite value_is. unfold wide_value. pose proof (shift_right_le v coarser) as H. change coarser with 96%nat in *.
  rewrite coarse_parts, <- Rmult_assoc. apply Rmult_le_compat_r; [left; apply positive_power|exact H].
Qed.

Lemma coarse_above : forall v, wide_value v <= value (shift_up v coarser).
Proof.
  intro. rewrite value_is. unfold wide_value. pose proof (shift_up_le v coarser) as H. change coarser with 96%nat in *.
  rewrite coarse_parts, <- Rmult_assoc. apply Rmult_le_compat_r; [left; apply positive_power|exact H].
Qed.

Lemma exp_range_sound : forall l u b y, exp_range l u = Some b -> value l / 2 <= y <= value u / 2 -> inside (exp y) b.
Proof.
  intros l u b y. unfold exp_range. destruct (exp_above u) as [v|] eqn:E; [|discriminate]. intros H [L U]. apply same in H. subst b.
  apply exp_above_sound in E. unfold inside. cbn [fst snd]. split.
  - eapply Rle_trans; [apply coarse_below|]. eapply Rle_trans; [apply exp_below_sound|]. apply exp_mono. exact L.
  - eapply Rle_trans; [|apply coarse_above]. eapply Rle_trans; [|exact E]. apply exp_mono. exact U.
Qed.

Lemma softplus_mono : forall x y, x <= y -> ln (1 + exp x) <= ln (1 + exp y).
Proof. intros x y H. apply ln_mono; [pose proof (exp_pos x); lra|]. apply exp_mono in H. lra. Qed.

Local Opaque exp_range softplus_below softplus_above shift_up shift_right coarser.

Lemma linked_sound : forall k b r y, linked k b = Some r -> inside y b -> inside (link_value k y) r.
Proof.
  intros k [l u] r y H [L U]. cbn [fst snd] in *. destruct k; cbn [linked link_value] in *.
  - eapply exp_range_sound; eauto. rewrite !double_value. auto.
  - eapply exp_range_sound; eauto. lra.
  - destruct (softplus_below l) eqn:B; [|discriminate]. destruct (softplus_above u) eqn:A; [|discriminate]. apply same in H. subst r.
    apply softplus_below_sound in B. apply softplus_above_sound in A. unfold inside. cbn [fst snd]. split.
    + eapply Rle_trans; [exact B|]. apply softplus_mono. auto.
    + eapply Rle_trans; [|exact A]. apply softplus_mono. auto.
Qed.

Lemma all_linked_sound : forall k y b, Forall2 inside y b -> forall r, all_linked k b = Some r -> Forall2 inside (map (link_value k) y) r.
Proof.
  induction 1 as [|y b ys bs I F IH]; intros r E; simpl in *.
  - apply same in E. subst. constructor.
  - destruct (linked k b) eqn:L; [|discriminate]. destruct (all_linked k bs); [|discriminate]. apply same in E. subst. constructor; eauto using linked_sound.
Qed.

Lemma all_skipn : forall n y b, Forall2 inside y b -> Forall2 inside (skipn n y) (skipn n b).
Proof. induction n; intros y b H; simpl; auto. destruct H; auto. Qed.

Lemma all_firstn : forall n y b, Forall2 inside y b -> Forall2 inside (firstn n y) (firstn n b).
Proof. induction n; intros y b H; simpl; auto. destruct H; auto. Qed.

Lemma parameter_bounds_sound : forall n k y b r, Forall2 inside y b -> parameter_bounds n k b = Some r -> Forall2 inside (parameters n k y) r.
Proof.
  intros n k y b r H. unfold parameter_bounds. destruct (all_linked k (skipn n b)) eqn:E; [|discriminate]. intro R. apply same in R. subst.
  apply Forall2_app; [apply all_firstn; auto|]. eapply all_linked_sound; eauto using all_skipn.
Qed.

Lemma square_apart_sound : forall y b, Forall2 inside y b -> forall y0 b0, Forall2 inside y0 b0 -> square_distance y y0 <= IZR (square_apart b b0) * (/ 2 ^ 24) ^ 2.
Proof.
  induction 1 as [|y b ys bs [L U] F IH]; intros y0 b0 H; [simpl; lra|]. destruct H as [|y0 b0 ys0 bs0 [L0 U0] F0]; [simpl; lra|].
  cbn [square_distance square_apart]. specialize (IH _ _ F0). rewrite plus_IZR, mult_IZR, Rmult_plus_distr_r. apply Rplus_le_compat; [|exact IH].
  pose proof (tmax_cases (snd b - fst b0) (snd b0 - fst b)) as [A B]. fold (apart b b0) in A, B. apply value_le in A, B. rewrite !value_sub in *.
  replace (IZR (apart b b0) * IZR (apart b b0) * (/ 2 ^ 24) ^ 2) with (value (apart b b0) ^ 2) by (rewrite value_is; generalize (/ 2 ^ 24); intro; ring).
  set (d := value (apart b b0)) in *. assert (Hd : - d <= y - y0 <= d) by lra. nra.
Qed.

Lemma interval_outputs_sound : forall hs out bx x, N.in_box x bx -> Forall2 inside (N.network hs out x) (interval_outputs hs out bx).
Proof.
  intros hs out bx x H. assert (E : interval_outputs hs out bx = C.interval_network hs out bx).
  { clear H. unfold C.interval_network. revert bx. induction hs as [|L hs IH]; intro bx; simpl; [apply interval_affine_eq|].
    rewrite IH, interval_relu_eq, interval_affine_eq. reflexivity. }
  rewrite E. exact (N.interval_network_sound hs out x bx H).
Qed.

Lemma lower_bound_real : forall hs out bx st cs c v x, lower_bound hs out bx st cs c = Some v -> N.in_box x bx -> N.bounded hs st x ->
  value v <= N.tdot c (N.network hs out x).
Proof. intros hs out bx st cs c v x H. rewrite lower_bound_eq in H. exact (N.lower_bound_sound hs out bx st cs c v x H). Qed.

Lemma one_value : F.tv one = 1.
Proof. exact F.t1_spec. Qed.

Lemma output_bounds_sound : forall hs bx st cs x, N.in_box x bx -> N.bounded hs st x -> forall out b, output_bounds hs bx st cs out = Some b ->
  Forall2 inside (N.network hs out x) b.
Proof.
  intros hs bx st cs x Hx Hb. induction out as [|r out IH]; intros b E; cbn [output_bounds] in E.
  - apply same in E. subst. constructor.
  - destruct (lower_bound hs [r] bx st cs [one]) as [l|] eqn:L; [|discriminate].
    destruct (lower_bound hs [r] bx st cs [Z.sub 0 one]) as [u|] eqn:U; [|discriminate].
    destruct (output_bounds hs bx st cs out) as [b'|]; [|discriminate]. apply same in E. subst b.
    specialize (IH _ eq_refl).
    pose proof (lower_bound_real _ _ _ _ _ _ _ _ L Hx Hb) as L'. pose proof (lower_bound_real _ _ _ _ _ _ _ _ U Hx Hb) as U'.
    unfold N.network in *. cbn [N.affine map] in *. constructor; [|exact IH].
    unfold N.tdot in L', U'. cbn [map N.kdot] in L', U'. change (F.tv (Z.sub 0 one)) with (value (0 - one)) in U'. rewrite value_sub in U'.
    change (value one) with (F.tv one) in U'. rewrite one_value in L', U'. rewrite value_zero in U'.
    unfold RealNumbers.kadd, RealNumbers.kmul, RealNumbers.k0 in L', U'.
    unfold inside, RealNumbers.kadd. cbn [fst snd]. rewrite value_sub, value_zero. split; lra.
Qed.

Lemma near_sound : forall hs out n k c r bx st i cs, near hs out n k c r bx st i cs = true -> forall x, N.in_box x bx -> N.bounded hs st x ->
  0 <= value c /\ forall y0, Forall2 inside y0 r -> square_distance (parameters n k (N.network hs out x)) y0 <= value c ^ 2.
Proof.
  intros hs out n k c r bx st i cs H x Hx Hb. unfold near in H. destruct (output_bounds hs bx st cs out) as [b|] eqn:B; [|discriminate].
  destruct (parameter_bounds n k b) as [q|] eqn:Q; [|discriminate]. apply andb_prop in H as [C0 H]. apply Z.leb_le in C0, H. split.
  - apply value_le in C0. rewrite value_zero in C0. exact C0.
  - intros y0 H0. eapply Rle_trans.
    + apply square_apart_sound with (b := q); [|exact H0]. eapply parameter_bounds_sound; [|exact Q]. eapply output_bounds_sound; eauto.
    + apply IZR_le in H. rewrite mult_IZR in H. rewrite value_is. replace ((IZR c * / 2 ^ 24) ^ 2) with (IZR c * IZR c * (/ 2 ^ 24) ^ 2) by (generalize (/ 2 ^ 24); intro; ring).
      apply Rmult_le_compat_r; [|exact H]. apply pow2_ge_0.
Qed.

(** The Wasserstein distance of order 2 between diagonal Gaussians, from their means and standard deviations: the closed form. *)
Definition wasserstein (a b : list R) : R := sqrt (square_distance a b).

(** Where the task that the whole tree is is done, with the reference that the checker found at the observation, the distribution at every x of the box is within c of that at the
    observation, wherever in its box that lies. *)
Theorem gaussian_robustness_sound : forall hs out n k c bx bx0 t r, reference hs out n k bx0 = Some r -> walk_task (near hs out n k c r) hs (whole hs bx t) = true ->
  forall x x0, N.in_box x bx -> N.in_box x0 bx0 -> wasserstein (parameters n k (N.network hs out x)) (parameters n k (N.network hs out x0)) <= value c.
Proof.
  intros hs out n k c bx bx0 t r R H x x0 Hx H0. unfold walk_task, whole in H.
  rewrite (walk_eq _ _ (fun _ _ _ _ => eq_refl)), interval_preactivations_eq in H.
  destruct (N.walk_sound _ (near hs out n k c r) hs (near_sound hs out n k c r) t bx _ H x Hx (N.interval_preactivations_sound hs x bx Hx)) as [C0 D].
  unfold wasserstein. rewrite <- (sqrt_pow2 (value c)) by exact C0. apply sqrt_le_1_alt, D.
  eapply parameter_bounds_sound; [|exact R]. apply interval_outputs_sound. exact H0.
Qed.

Section Coupling.
Variable Om : Type.
Variable E : integral Om.
Hypothesis E_probability : probability E.
Variable Z : nat -> Om -> R.
Hypothesis Z_mean : forall i, E (Z i) = 0.
Hypothesis Z_square : forall i, E (fun o => Z i o * Z i o) = 1.

(** The squared distance of m + s Z and m' + s' Z, coordinate by coordinate, from coordinate i on. *)
Fixpoint cost (m s m' s' : list R) (i : nat) (o : Om) : R :=
  match m, s, m', s' with
  | a :: m1, b :: s1, a' :: m1', b' :: s1' => ((a + b * Z i o) - (a' + b' * Z i o)) ^ 2 + cost m1 s1 m1' s1' (S i) o
  | _, _, _, _ => 0 end.

Lemma square_distance_nonnegative : forall a b, 0 <= square_distance a b.
Proof. induction a as [|x a IH]; intros [|y b]; simpl; try lra. pose proof (pow2_ge_0 (x - y)). specialize (IH b). simpl in *. lra. Qed.

Lemma cost_le : forall m s m' s' i, E (cost m s m' s' i) <= square_distance m m' + square_distance s s'.
Proof.
  assert (E0 : E (fun _ => 0) = 0) by apply Expectation.value_zero.
  induction m as [|a m IH]; intros [|b s] [|a' m'] [|b' s'] i; cbn [cost square_distance];
    try (change (fun o : Om => 0) with (fun _ : Om => 0) in *; rewrite E0; repeat (apply Rplus_le_le_0_compat || apply pow2_ge_0 || apply square_distance_nonnegative || lra)).
  rewrite value_add. specialize (IH s m' s' (S i)).
  assert (G : E (fun o => ((a + b * Z i o) - (a' + b' * Z i o)) ^ 2) = (a - a') ^ 2 + (b - b') ^ 2).
  { rewrite <- (gaussian_coupling Om E (value_ext E) (value_add E) (value_scale E) E_probability (Z i) (Z_mean i) (Z_square i) a b a' b').
    apply value_ext. intro o. ring. }
  rewrite G. lra.
Qed.

Lemma square_distance_app : forall a a' b b', length a = length a' -> square_distance (a ++ b) (a' ++ b') = square_distance a a' + square_distance b b'.
Proof. induction a as [|x a IH]; intros [|x' a'] b b' H; try discriminate; simpl; [lra|]. injection H as H. rewrite IH by auto. ring. Qed.

(** There one Z with means 0 and mean squares 1, such as a standard normal vector, couples the two distributions at a mean squared distance of at most c^2: m + s Z has the one, m' + s' Z the other. *)
Theorem gaussian_robustness_coupling : forall hs out n k c bx bx0 t r, reference hs out n k bx0 = Some r -> walk_task (near hs out n k c r) hs (whole hs bx t) = true ->
  forall x x0, N.in_box x bx -> N.in_box x0 bx0 ->
  let y := N.network hs out x in let y0 := N.network hs out x0 in
  E (cost (firstn n y) (map (link_value k) (skipn n y)) (firstn n y0) (map (link_value k) (skipn n y0)) 0) <= value c ^ 2.
Proof.
  intros hs out n k c bx bx0 t r R H x x0 Hx H0 y y0. eapply Rle_trans; [apply cost_le|].
  rewrite <- square_distance_app by (rewrite !firstn_length; unfold y, y0, N.network, N.affine; rewrite !map_length; reflexivity).
  pose proof (gaussian_robustness_sound hs out n k c bx bx0 t r R H x x0 Hx H0) as W. unfold wasserstein in W. fold y y0 in W.
  change (square_distance (parameters n k y) (parameters n k y0) <= value c ^ 2).
  rewrite <- (sqrt_sqrt (square_distance (parameters n k y) (parameters n k y0))) by apply square_distance_nonnegative.
  pose proof (sqrt_pos (square_distance (parameters n k y) (parameters n k y0))). nra.
Qed.
End Coupling.
