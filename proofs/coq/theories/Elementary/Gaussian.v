(* The standard Gaussian distribution function, Φ(x) = (1 + erf(x/√2)) / 2: its derivative is the density and its limits are 0 and 1, by the Gaussian integral;
   and N(y) = Φ(-y) e^(y²/2), of which Elementary.Normal.cs keeps tables. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Normal.
Open Scope R_scope.

(** An equation in a module over R, read as one of real numbers. *)
Ltac real := match goal with |- @eq _ ?a ?b => change (@eq R a b) end.

(** ** The Gaussian integral *)

Definition bell (t : R) : R := exp (- (t * t)).
Definition mass (x : R) : R := RInt bell 0 x.

Lemma bell_continuous : forall t, continuous bell t.
Proof. intro t. unfold bell. apply (ex_derive_continuous (fun t => exp (- (t * t)))). auto_derive. exact I. Qed.

Lemma bell_integrable : forall a b, ex_RInt bell a b.
Proof. intros. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply bell_continuous. Qed.

Lemma mass_derives : forall x, is_derive mass x (bell x).
Proof.
  intro x. apply (is_derive_RInt bell mass 0 x); [|apply bell_continuous].
  apply filter_forall. intro y. apply (RInt_correct bell), bell_integrable.
Qed.

Lemma constant_everywhere : forall f : R -> R, (forall x, is_derive f x 0) -> forall x, f x = f 0.
Proof.
  intros f D x. destruct (MVT_gen f 0 x (fun _ => 0)) as (c & _ & E).
  - intros t _. apply D.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous f). exists 0. apply D.
  - rewrite Rmult_0_l in E. lra.
Qed.

(** What the square of the mass lacks of π/4. *)
Definition slice (x s : R) : R := exp (- (x * x * (1 + s * s))) / (1 + s * s).
Definition lacking (x : R) : R := RInt (slice x) 0 1.

Lemma slice_continuous : forall x s, continuous (slice x) s.
Proof. intros x s. apply (ex_derive_continuous (slice x)). unfold slice. auto_derive. nra. Qed.

Lemma slice_integrable : forall x, ex_RInt (slice x) 0 1.
Proof. intro x. apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros. apply slice_continuous. Qed.

Lemma slice_derives : forall x s, is_derive (fun x => slice x s) x (-2 * x * exp (- (x * x * (1 + s * s)))).
Proof. intros x s. unfold slice. auto_derive; [nra | field; nra]. Qed.

Lemma lacking_derives : forall x, is_derive lacking x (-2 * bell x * mass x).
Proof.
  intro x. replace (-2 * bell x * mass x) with (RInt (fun s => Derive (fun x => slice x s) x) 0 1).
  - apply (is_derive_RInt_param slice 0 1 x).
    + apply filter_forall. intros y s _. exists (-2 * y * exp (- (y * y * (1 + s * s)))). apply slice_derives.
    + intros s _. apply (continuity_2d_pt_ext (fun u v => -2 * u * exp (- (u * u * (1 + v * v))))).
      * intros a b. symmetry. apply is_derive_unique, slice_derives.
      * apply continuity_2d_pt_mult.
        -- apply continuity_2d_pt_mult; [apply continuity_2d_pt_const | apply continuity_2d_pt_id1].
        -- apply (continuity_1d_2d_pt_comp exp); [apply derivable_continuous_pt, derivable_pt_exp|].
           apply continuity_2d_pt_opp. apply continuity_2d_pt_mult.
           ++ apply continuity_2d_pt_mult; apply continuity_2d_pt_id1.
           ++ apply continuity_2d_pt_plus; [apply continuity_2d_pt_const | apply continuity_2d_pt_mult; apply continuity_2d_pt_id2].
    + apply filter_forall. intro y. apply slice_integrable.
  - transitivity (RInt (fun s => -2 * bell x * (x * bell (x * s + 0))) 0 1).
    + apply RInt_ext. intros s _. transitivity (-2 * x * exp (- (x * x * (1 + s * s)))); [apply is_derive_unique, slice_derives|]. unfold bell.
      replace (- (x * x * (1 + s * s))) with (- (x * x) + - ((x * s + 0) * (x * s + 0))) by ring. rewrite exp_plus. real. ring.
    + assert (I : ex_RInt (fun s => x * bell (x * s + 0)) 0 1) by exact (ex_RInt_comp_lin (V := R_NormedModule) bell x 0 0 1 (bell_integrable _ _)).
      assert (E := RInt_scal (V := R_CompleteNormedModule) (fun s => x * bell (x * s + 0)) 0 1 (-2 * bell x) I).
      assert (L := RInt_comp_lin (V := R_CompleteNormedModule) bell x 0 0 1 (bell_integrable _ _)).
      rewrite Rmult_0_r, Rplus_0_l, Rmult_1_r, Rplus_0_r in L. unfold mass. rewrite <- L. exact E.
Qed.

Lemma arc_integral : is_RInt (fun s => / (1 + s * s)) 0 1 (PI / 4).
Proof.
  rewrite <- atan_1. replace (atan 1) with (minus (atan 1) (atan 0)) by (rewrite atan_0; unfold minus, plus, opp; simpl; ring).
  apply (is_RInt_derive atan).
  - intros t _. apply is_derive_Reals. replace (t * t) with (t ^ 2) by ring. apply derivable_pt_lim_atan.
  - intros t _. apply (ex_derive_continuous (fun s => / (1 + s * s))). auto_derive. nra.
Qed.

Lemma lacking_range : forall x, 0 <= lacking x <= PI / 4 * bell x.
Proof.
  intro x.
  assert (A := is_RInt_unique _ _ _ _ arc_integral). assert (I1 : ex_RInt (fun s => / (1 + s * s)) 0 1) by (exists (PI / 4); apply arc_integral).
  split.
  - apply RInt_ge_0; [lra | apply slice_integrable|]. intros s _. unfold slice. apply Rlt_le, Rdiv_lt_0_compat; [apply exp_pos | nra].
  - rewrite Rmult_comm, <- A. assert (E := RInt_scal (V := R_CompleteNormedModule) (fun s => / (1 + s * s)) 0 1 (bell x) I1).
    apply Rle_trans with (RInt (fun s => bell x * / (1 + s * s)) 0 1); [|right; exact E].
    apply RInt_le; [lra | apply slice_integrable | apply (ex_RInt_scal (V := R_NormedModule)); exact I1 |].
    intros s _. unfold slice, bell, Rdiv. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; nra|].
    destruct (Req_dec (x * x * (s * s)) 0) as [Z | N].
    + right. f_equal. rewrite Rmult_plus_distr_l, Z. ring.
    + left. apply exp_increasing. assert (0 <= x * x * (s * s)) by (apply Rmult_le_pos; nra). lra.
Qed.

Lemma mass_lacking : forall x, mass x * mass x + lacking x = PI / 4.
Proof.
  assert (D : forall x, is_derive (fun x => mass x * mass x + lacking x) x 0).
  { intro x. replace 0 with (bell x * mass x + mass x * bell x + (-2 * bell x * mass x)) by ring.
    apply (is_derive_plus (fun x => mass x * mass x) lacking); [|apply lacking_derives].
    apply (is_derive_mult mass mass); [apply mass_derives | apply mass_derives | intros; apply Rmult_comm]. }
  assert (C : forall x, mass x * mass x + lacking x = mass 0 * mass 0 + lacking 0).
  { exact (constant_everywhere _ D). }
  assert (L : lacking 0 = PI / 4).
  { apply Rle_antisym.
    - assert (R := proj2 (lacking_range 0)). unfold bell in R. rewrite Rmult_0_l, Ropp_0, exp_0, Rmult_1_r in R. exact R.
    - unfold lacking. right. symmetry. apply is_RInt_unique. apply (is_RInt_ext (fun s => / (1 + s * s))); [|exact arc_integral].
      intros s _. unfold slice. rewrite !Rmult_0_l, Ropp_0, exp_0. unfold Rdiv. symmetry. apply Rmult_1_l. }
  intro x. rewrite C, L. unfold mass. rewrite RInt_point. unfold zero. simpl. ring.
Qed.

(** ** erf and Φ *)

Lemma erf_mass : forall x, erf x = 2 / sqrt PI * mass x.
Proof. reflexivity. Qed.

Lemma mass_sign : forall x, 0 <= x -> 0 <= mass x.
Proof. intros x H. apply RInt_ge_0; [exact H | apply bell_integrable | intros; left; apply exp_pos]. Qed.

(** erf rises from 0 to 1, and what it lacks of 1 is at most e^(-x²). *)
Lemma erf_bounds : forall x, 0 <= x -> 1 - bell x <= erf x <= 1 /\ 0 <= erf x.
Proof.
  intros x Hx. assert (P : 0 < sqrt PI) by (apply sqrt_lt_R0, PI_RGT_0). assert (SP : sqrt PI * sqrt PI = PI) by (apply sqrt_sqrt; left; apply PI_RGT_0).
  assert (M := mass_sign x Hx). assert (E := mass_lacking x). assert (L := lacking_range x).
  assert (E2 : erf x * erf x = 1 - 4 / PI * lacking x).
  { rewrite erf_mass. replace (2 / sqrt PI * mass x * (2 / sqrt PI * mass x)) with (4 / (sqrt PI * sqrt PI) * (mass x * mass x)) by (field; lra).
    rewrite SP. replace (mass x * mass x) with (PI / 4 - lacking x) by lra. field. apply PI_neq0. }
  assert (P0 := PI_RGT_0). assert (Q : 0 <= 4 / PI * lacking x <= bell x).
  { assert (0 < 4 / PI) by (apply Rdiv_lt_0_compat; lra). split; [apply Rmult_le_pos; lra|].
    replace (bell x) with (4 / PI * (PI / 4 * bell x)) by (field; lra). apply Rmult_le_compat_l; lra. }
  assert (Z : 0 <= erf x) by (rewrite erf_mass; apply Rmult_le_pos; [left; apply Rdiv_lt_0_compat; lra | exact M]).
  assert (O : erf x <= 1) by nra. repeat split; [nra | exact O | exact Z].
Qed.

Lemma erf_odd : forall x, erf (- x) = - erf x.
Proof.
  intro x. assert (D : forall t, is_derive (fun t => erf t + erf (- t)) t 0).
  { intro t. set (w := 2 / sqrt PI * exp (- (t * t))). replace 0 with (w + - w) by ring.
    apply (is_derive_plus erf (fun t => erf (- t))); [apply erf_derives|].
    replace (- w) with (scal (-1) (2 / sqrt PI * exp (- (- t * - t)))) by (unfold scal; simpl; unfold mult; simpl; unfold w; replace (- t * - t) with (t * t) by ring; ring).
    apply (is_derive_comp erf (fun t => - t)); [apply erf_derives | auto_derive; [exact I | ring]]. }
  assert (E := constant_everywhere _ D x). simpl in E.
  assert (Z : erf 0 = 0) by (unfold erf; rewrite RInt_point; unfold zero; simpl; ring). rewrite Ropp_0, Z in E. lra.
Qed.

(** The distribution function, as the integral of the density up to an additive constant that its limits fix (normal_distribution). *)
Definition Phi (x : R) : R := (1 + erf (x / sqrt 2)) / 2.
Definition density (x : R) : R := / sqrt (2 * PI) * exp (- (x * x / 2)).

Lemma root_two : 0 < sqrt 2 /\ sqrt 2 * sqrt 2 = 2.
Proof. split; [apply sqrt_lt_R0; lra | apply sqrt_sqrt; lra]. Qed.

Lemma bell_scaled : forall x, bell (x / sqrt 2) = exp (- (x * x / 2)).
Proof.
  intro x. destruct root_two as [P S]. unfold bell. f_equal. replace (x / sqrt 2 * (x / sqrt 2)) with (x * x / (sqrt 2 * sqrt 2)) by (field; lra). rewrite S. reflexivity.
Qed.

Lemma Phi_derives : forall x, is_derive Phi x (density x).
Proof.
  intro x. destruct root_two as [P S]. unfold Phi.
  assert (D : is_derive (fun x => erf (x / sqrt 2)) x (scal (/ sqrt 2) (2 / sqrt PI * exp (- (x / sqrt 2 * (x / sqrt 2)))))).
  { apply (is_derive_comp erf (fun x => x / sqrt 2)); [apply erf_derives | auto_derive; [lra | field; lra]]. }
  change (exp (- (x / sqrt 2 * (x / sqrt 2)))) with (bell (x / sqrt 2)) in D. rewrite bell_scaled in D.
  replace (density x) with (/ 2 * (0 + scal (/ sqrt 2) (2 / sqrt PI * exp (- (x * x / 2))))).
  - apply (is_derive_ext (fun x => / 2 * (1 + erf (x / sqrt 2)))); [intro t; real; field|]. apply (is_derive_scal (fun x => 1 + erf (x / sqrt 2))).
    apply (is_derive_plus (fun _ => 1)); [apply (is_derive_const 1) | exact D].
  - unfold density, scal. simpl. unfold mult. simpl. real. rewrite sqrt_mult by (left; try apply PI_RGT_0; lra). field. assert (0 < sqrt PI) by (apply sqrt_lt_R0, PI_RGT_0). lra.
Qed.

Lemma Phi_opp : forall x, Phi (- x) = 1 - Phi x.
Proof. intro x. unfold Phi. replace (- x / sqrt 2) with (- (x / sqrt 2)) by (destruct root_two; field; lra). rewrite erf_odd. field. Qed.

(** Chernoff's bound. *)
Lemma Phi_tail : forall y, 0 <= y -> 0 <= Phi (- y) <= / 2 * exp (- (y * y / 2)) /\ Phi (- y) <= / 2.
Proof.
  intros y Hy. destruct root_two as [P S]. assert (H : 0 <= y / sqrt 2) by (apply Rmult_le_pos; [exact Hy | left; apply Rinv_0_lt_compat, P]).
  assert (B := erf_bounds _ H). rewrite Phi_opp, <- bell_scaled. unfold Phi. lra.
Qed.

(** Φ has the density as its derivative and the limits 0 and 1. *)
Theorem normal_distribution : (forall x, is_derive Phi x (density x)) /\ is_lim Phi m_infty 0 /\ is_lim Phi p_infty 1.
Proof.
  split; [exact Phi_derives|].
  assert (T : forall y, 0 < y -> 0 <= Phi (- y) <= / y).
  { intros y Hy. assert (B := Phi_tail y ltac:(lra)). split; [lra|].
    assert (E : exp (- (y * y / 2)) <= 2 / y); [|lra]. rewrite exp_Ropp. assert (Q := exp_ineq1_le (y * y / 2)).
    replace (2 / y) with (/ (y / 2)) by (field; lra). apply Rinv_le_contravar; nra. }
  split.
  - apply is_lim_spec. intro eps. exists (- / eps). intros x Hx. destruct eps as [e He]. simpl in *. assert (0 < / e) by (apply Rinv_0_lt_compat, He).
    assert (B := T (- x) ltac:(lra)). rewrite Ropp_involutive in B. rewrite Rminus_0_r, Rabs_pos_eq by lra. apply Rle_lt_trans with (1 := proj2 B).
    rewrite <- (Rinv_inv e). apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra.
  - apply is_lim_spec. intro eps. exists (/ eps). intros x Hx. destruct eps as [e He]. simpl in *. assert (0 < / e) by (apply Rinv_0_lt_compat, He).
    assert (B := T x ltac:(lra)). rewrite Phi_opp in B. rewrite Rabs_left1 by lra. apply Rle_lt_trans with (/ x); [lra|].
    rewrite <- (Rinv_inv e). apply Rinv_lt_contravar; [apply Rmult_lt_0_compat|]; lra.
Qed.

(** ** N(y) = Φ(-y) e^(y²/2) *)

Definition root_density : R := / sqrt (2 * PI).
Definition scaled (y : R) : R := Phi (- y) * exp (y * y / 2).

Lemma scaled_derives : forall y, is_derive scaled y (y * scaled y - root_density).
Proof.
  intro y. assert (D : is_derive (fun y => Phi (- y)) y (- density y)).
  { replace (- density y) with (scal (-1) (density (- y))) by (unfold scal; simpl; unfold mult; simpl; unfold density; replace (- y * - y) with (y * y) by ring; ring).
    apply (is_derive_comp Phi (fun t => - t)); [apply Phi_derives | auto_derive; [exact I | ring]]. }
  assert (E : is_derive (fun y => exp (y * y / 2)) y (y * exp (y * y / 2))) by (auto_derive; [exact I | unfold Rdiv; field]).
  replace (y * scaled y - root_density) with (- density y * exp (y * y / 2) + Phi (- y) * (y * exp (y * y / 2))).
  - apply (is_derive_mult (fun y => Phi (- y)) (fun y => exp (y * y / 2))); [exact D | exact E | intros; apply Rmult_comm].
  - unfold density, scaled, root_density. rewrite exp_Ropp. real. assert (P := exp_pos (y * y / 2)). set (e := exp (y * y / 2)) in *. set (r := / sqrt (2 * PI)).
    set (q := Phi (- y)). field. lra.
Qed.

Lemma scaled_range : forall y, 0 <= y -> 0 <= scaled y <= / 2.
Proof.
  intros y Hy. assert (B := proj1 (Phi_tail y Hy)). assert (E := exp_pos (y * y / 2)). unfold scaled. split; [apply Rmult_le_pos; lra|].
  apply Rle_trans with (/ 2 * exp (- (y * y / 2)) * exp (y * y / 2)); [apply Rmult_le_compat_r; lra|]. rewrite Rmult_assoc, <- exp_plus, Rplus_opp_l, exp_0. lra.
Qed.

Lemma Phi_scaled : forall y, Phi (- y) = exp (- (y * y / 2)) * scaled y.
Proof. intro y. unfold scaled. rewrite (Rmult_comm (Phi _)), <- Rmult_assoc, <- exp_plus, Rplus_opp_l, exp_0. ring. Qed.

Lemma root_density_range : 398942 / 1000000 <= root_density <= 398943 / 1000000.
Proof. unfold root_density. split; interval. Qed.
