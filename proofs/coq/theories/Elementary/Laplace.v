(* Laplace's continued fraction for N(y) = Φ(-y) e^(y²/2), from 8 on, as Elementary.Normal.cs cuts it: the truncation.
   N/φ(0) solves w' = y w - 1. For the cut fraction r the residual y r - r' - 1 is a product over the levels, by which no derivative has to be bounded:
   with T = n / (y + S) the residual T² + y T - n - T' is -T²/n times that of S with n + 1. *)
From Coq Require Import Reals QArith Qreals Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Floating Gaussian.
Open Scope R_scope.

(** n / (t + (n + 1) / (t + ...)), so many levels, every operation rounded by o. *)
Fixpoint fraction (o : R -> R) (levels n : nat) (t : R) : R :=
  match levels with O => 0 | S l => o (INR n / o (t + fraction o l (S n) t)) end.

Definition cut := fraction exactly.
Definition convergent (t : R) : R := / (t + cut 18 1 t).

Lemma cut_step : forall l n t, cut (S l) n t = INR n / (t + cut l (S n) t).
Proof. reflexivity. Qed.

Lemma cut_positive : forall l n t, 0 < t -> 0 <= cut l n t.
Proof.
  induction l as [|l IH]; intros n t Ht; [unfold cut; simpl; lra|]. rewrite cut_step. assert (P := IH (S n) t Ht).
  apply Rmult_le_pos; [apply pos_INR | left; apply Rinv_0_lt_compat; lra].
Qed.

(** From 8 on the fraction falls, and t plus the fraction rises. *)
Lemma cut_falls : forall l n t, (n + l <= 60)%nat -> 8 <= t -> cut l n t <= cut l n 8 /\ 8 + cut l n 8 <= t + cut l n t.
Proof.
  induction l as [|l IH]; intros n t N Ht; [unfold cut; simpl; lra|]. rewrite !cut_step.
  destruct (IH (S n) t ltac:(lia) Ht) as [F G].
  assert (P := cut_positive l (S n) t ltac:(lra)). assert (P8 := cut_positive l (S n) 8 ltac:(lra)).
  set (a := cut l (S n) t) in *. set (b := cut l (S n) 8) in *.
  assert (Hn : 0 <= INR n <= 64) by (split; [apply pos_INR | rewrite INR_IZR_INZ; apply IZR_le; lia]).
  assert (I1 : 0 < / (t + a)) by (apply Rinv_0_lt_compat; lra). assert (I2 : 0 < / (8 + b)) by (apply Rinv_0_lt_compat; lra).
  assert (E : INR n / (8 + b) - INR n / (t + a) = INR n * / ((8 + b) * (t + a)) * (t + a - (8 + b))) by (field; lra).
  assert (Q : 0 <= INR n * / ((8 + b) * (t + a)) <= 1).
  { split; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra]|].
    apply Rmult_le_reg_r with ((8 + b) * (t + a)); [apply Rmult_lt_0_compat; lra|]. rewrite Rmult_assoc, Rinv_l by (apply Rgt_not_eq, Rmult_lt_0_compat; lra).
    rewrite Rmult_1_r, Rmult_1_l. apply Rle_trans with (8 * 8); [lra | apply Rmult_le_compat; lra]. }
  split.
  - apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra].
  - assert (INR n / (8 + b) - INR n / (t + a) <= 1 * (t - 8)); [|lra]. rewrite E. apply Rmult_le_compat; lra.
Qed.

(** ** The residual *)

Fixpoint slope (levels n : nat) (t : R) : R :=
  match levels with O => 0 | S l => - (INR n * (1 + slope l (S n) t)) / ((t + cut l (S n) t) * (t + cut l (S n) t)) end.

Lemma cut_derives : forall l n t, 0 < t -> is_derive (cut l n) t (slope l n t).
Proof.
  induction l as [|l IH]; intros n t Ht; [apply (is_derive_const 0)|].
  assert (D := IH (S n) t Ht). assert (P := cut_positive l (S n) t Ht). set (f := cut l (S n)) in *.
  apply (is_derive_ext (fun t => INR n / (t + f t))); [reflexivity|]. simpl slope. fold f. set (s := slope l (S n) t) in *.
  auto_derive.
  - split; [exists s; exact D | split; [lra | exact I]].
  - replace (Derive (fun x => f x) t) with s by (symmetry; apply is_derive_unique, D). field. lra.
Qed.

Definition residual (l n : nat) (t : R) : R := cut l n t * cut l n t + t * cut l n t - INR n - slope l n t.

Lemma residual_step : forall l n t, 0 < t -> (0 < n)%nat -> residual (S l) n t = - (cut (S l) n t * cut (S l) n t / INR n) * residual l (S n) t.
Proof.
  intros l n t Ht Hn. unfold residual. simpl slope. rewrite cut_step, S_INR. assert (P := cut_positive l (S n) t Ht).
  assert (0 < INR n) by (apply lt_0_INR; exact Hn). set (a := cut l (S n) t) in *. set (s := slope l (S n) t). field. lra.
Qed.

Fixpoint residual_bound (l n : nat) : R := match l with O => INR n | S l' => cut l n 8 * cut l n 8 / INR n * residual_bound l' (S n) end.

Lemma residual_bounded : forall l n t, (0 < n)%nat -> (n + l <= 60)%nat -> 8 <= t -> Rabs (residual l n t) <= residual_bound l n.
Proof.
  induction l as [|l IH]; intros n t Hn N Ht.
  - unfold residual, cut. simpl. replace (0 * 0 + t * 0 - INR n - 0) with (- INR n) by ring. rewrite Rabs_Ropp, Rabs_pos_eq by apply pos_INR. lra.
  - rewrite residual_step by (lra || exact Hn). rewrite Rabs_mult, Rabs_Ropp. assert (R := IH (S n) t ltac:(lia) ltac:(lia) Ht).
    simpl residual_bound. assert (I : 0 < INR n) by (apply lt_0_INR; exact Hn). assert (P := cut_positive (S l) n t ltac:(lra)).
    destruct (cut_falls (S l) n t N Ht) as [F _]. apply Rmult_le_compat; try apply Rabs_pos; [|exact R].
    rewrite Rabs_pos_eq by (apply Rmult_le_pos; [nra | left; apply Rinv_0_lt_compat, I]).
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, I | apply Rmult_le_compat; assumption].
Qed.

(** The numbers at 8, as fractions. *)
Fixpoint cut_q (levels n : nat) (t : Q) : Q := match levels with O => 0 | S l => Qred (inject_Z (Z.of_nat n) / (t + cut_q l (S n) t)) end.
Fixpoint residual_q (l n : nat) : Q :=
  match l with O => inject_Z (Z.of_nat n) | S l' => let c := cut_q l n 8 in Qred (c * c / inject_Z (Z.of_nat n) * residual_q l' (S n)) end.

Lemma Q2R_of_nat : forall n, Q2R (inject_Z (Z.of_nat n)) = INR n.
Proof. intro n. rewrite INR_IZR_INZ. unfold Q2R, inject_Z. simpl. field. Qed.

Lemma Q2R_quotient : forall a b, Q2R b <> 0 -> Q2R (a / b) = Q2R a / Q2R b.
Proof. intros a b N. apply Q2R_div. intro E. apply N. rewrite (Qeq_eqR _ _ E). unfold Q2R. simpl. field. Qed.

Lemma cut_fraction : forall l n t, 0 < Q2R t -> Q2R (cut_q l n t) = cut l n (Q2R t).
Proof.
  induction l as [|l IH]; intros n t Ht; [unfold cut, Q2R; simpl; field|].
  rewrite cut_step. change (cut_q (S l) n t) with (Qred (inject_Z (Z.of_nat n) / (t + cut_q l (S n) t))). rewrite (Qeq_eqR _ _ (Qred_correct _)). assert (P := cut_positive l (S n) (Q2R t) Ht). rewrite <- IH in P by exact Ht.
  rewrite Q2R_quotient, Q2R_of_nat, Q2R_plus, IH; try exact Ht; [reflexivity|]. rewrite Q2R_plus. lra.
Qed.

Lemma eight : Q2R 8 = 8.
Proof. unfold Q2R. simpl. field. Qed.

Lemma residual_fraction : forall l n, (0 < n)%nat -> Q2R (residual_q l n) = residual_bound l n.
Proof.
  induction l as [|l IH]; intros n Hn; [apply Q2R_of_nat|].
  assert (C : Q2R (cut_q (S l) n 8) = cut (S l) n 8) by (rewrite cut_fraction; rewrite eight; [reflexivity | lra]).
  assert (I : 0 < INR n) by (apply lt_0_INR; exact Hn).
  change (residual_q (S l) n) with (Qred (cut_q (S l) n 8 * cut_q (S l) n 8 / inject_Z (Z.of_nat n) * residual_q l (S n))).
  rewrite (Qeq_eqR _ _ (Qred_correct _)), Q2R_mult, Q2R_quotient, Q2R_mult, C, Q2R_of_nat, IH; [reflexivity | lia | rewrite Q2R_of_nat; lra].
Qed.

(** ** The truncation *)

Lemma convergent_derives : forall t, 0 < t -> is_derive convergent t (- (1 + slope 18 1 t) * (convergent t * convergent t)).
Proof.
  intros t Ht. assert (D := cut_derives 18 1 t Ht). assert (P := cut_positive 18 1 t Ht). unfold convergent. set (f := cut 18 1) in *. set (s := slope 18 1 t) in *.
  auto_derive.
  - split; [exists s; exact D | split; [lra | exact I]].
  - replace (Derive (fun x => f x) t) with s by (symmetry; apply is_derive_unique, D). field. lra.
Qed.

Lemma convergent_range : forall t, 8 <= t -> 0 < convergent t <= convergent 8.
Proof.
  intros t Ht. destruct (cut_falls 18 1 t ltac:(lia) Ht) as [_ G]. assert (P := cut_positive 18 1 8 ltac:(lra)). unfold convergent. split; [apply Rinv_0_lt_compat; lra | apply Rinv_le_contravar; lra].
Qed.

Lemma convergent_residual : forall t, 8 <= t ->
  Rabs (t * convergent t - - (1 + slope 18 1 t) * (convergent t * convergent t) - 1) <= / 2 ^ 63.
Proof.
  intros t Ht. assert (P := cut_positive 18 1 t ltac:(lra)). assert (R := residual_bounded 18 1 t ltac:(lia) ltac:(lia) Ht). destruct (convergent_range t Ht) as [C0 C8].
  replace (_ - 1) with (- (convergent t * convergent t) * residual 18 1 t).
  - rewrite Rabs_mult, Rabs_Ropp, Rabs_pos_eq by nra.
    apply Rle_trans with (convergent 8 * convergent 8 * residual_bound 18 1); [apply Rmult_le_compat; [nra | apply Rabs_pos | nra | exact R]|].
    unfold convergent. rewrite <- residual_fraction by lia. rewrite <- eight at 1 2. rewrite <- eight, <- cut_fraction, <- !Q2R_plus by (rewrite eight; lra).
    set (q := (8 + cut_q 18 1 8)%Q). assert (Q0 : 0 < Q2R q) by (unfold q; rewrite Q2R_plus, cut_fraction, eight by (rewrite eight; lra); assert (W := cut_positive 18 1 8); lra).
    apply Rmult_le_reg_r with (Q2R q * Q2R q); [nra|]. replace (_ * _ * _ * _) with (Q2R (residual_q 18 1)) by (field; lra).
    replace (/ 2 ^ 63) with (Q2R (1 # 9223372036854775808)) by (unfold Q2R; simpl; field). rewrite <- !Q2R_mult. apply Qle_Rle.
    unfold Qle. vm_compute. discriminate.
  - unfold residual, convergent in *. set (a := cut 18 1 t) in *. set (s := slope 18 1 t). simpl INR. field. lra.
Qed.

(** A function whose residual is relatively small from y on is as near to N, since what they differ by vanishes far out. *)
Lemma far_near : forall (r r' : R -> R) eps y, 0 < y -> 0 <= eps <= 1 -> (forall t, y <= t -> is_derive r t (r' t)) -> (forall t, y <= t -> 0 <= r t <= 1) ->
  (forall t, y <= t -> Rabs (t * r t - r' t - 1) <= eps) -> Rabs (scaled y - root_density * r y) <= eps * scaled y.
Proof.
  intros r r' eps y Hy He Dr Br Res. assert (K := root_density_range).
  assert (One : forall s, s = 1 \/ s = -1 -> 0 <= s * (Phi (- y) - root_density * exp (- (y * y / 2)) * r y) + eps * Phi (- y)).
  { intros s Hs. set (h := fun t => s * (Phi (- t) - root_density * exp (- (t * t / 2)) * r t) + eps * Phi (- t)). change (0 <= h y).
    assert (Dh : forall t, y <= t -> is_derive h t (root_density * exp (- (t * t / 2)) * (s * (t * r t - r' t - 1) - eps))).
    { intros t Ht. assert (DP : is_derive (fun y => Phi (- y)) t (- density t)).
      { replace (- density t) with (scal (-1) (density (- t))) by (unfold scal; simpl; unfold mult; simpl; unfold density; replace (- t * - t) with (t * t) by ring; ring).
        apply (is_derive_comp Phi (fun t => - t)); [apply Phi_derives | auto_derive; [exact I | ring]]. }
      assert (DE : is_derive (fun t => root_density * exp (- (t * t / 2))) t (root_density * (- t * exp (- (t * t / 2))))) by (auto_derive; [exact I | unfold Rdiv; field]).
      assert (DQ : is_derive (fun t => Phi (- t) - root_density * exp (- (t * t / 2)) * r t) t
        (- density t - (root_density * (- t * exp (- (t * t / 2))) * r t + root_density * exp (- (t * t / 2)) * r' t))).
      { apply (is_derive_minus (fun t => Phi (- t)) (fun t => root_density * exp (- (t * t / 2)) * r t)); [exact DP|].
        apply (is_derive_mult (fun t => root_density * exp (- (t * t / 2))) r); [exact DE | apply Dr, Ht | intros; apply Rmult_comm]. }
      replace (root_density * exp (- (t * t / 2)) * (s * (t * r t - r' t - 1) - eps))
        with (s * (- density t - (root_density * (- t * exp (- (t * t / 2))) * r t + root_density * exp (- (t * t / 2)) * r' t)) + eps * (- density t))
        by (unfold density, root_density; ring).
      apply (is_derive_plus (fun t => s * (Phi (- t) - root_density * exp (- (t * t / 2)) * r t)) (fun t => eps * Phi (- t))).
      - apply (is_derive_scal (fun t => Phi (- t) - root_density * exp (- (t * t / 2)) * r t)), DQ.
      - apply (is_derive_scal (fun t => Phi (- t))), DP. }
    apply Rnot_lt_le. intro Neg. set (eta := - h y) in *. assert (E0 : 0 < eta) by (unfold eta; lra).
    set (b := y + 3 + 2 / eta). assert (B0 : 0 < 2 / eta) by (apply Rdiv_lt_0_compat; lra).
    assert (Fall : h b <= h y).
    { destruct (MVT_gen h y b (fun t => root_density * exp (- (t * t / 2)) * (s * (t * r t - r' t - 1) - eps))) as (c & Hc & E).
      - intros t Ht. rewrite Rmin_left in Ht by (unfold b; lra). apply Dh. lra.
      - intros t Ht. rewrite Rmin_left in Ht by (unfold b; lra). apply continuity_pt_filterlim, (ex_derive_continuous h). eexists. apply Dh. lra.
      - rewrite Rmin_left in Hc by (unfold b; lra). assert (V := Rabs_le_inv _ _ (Res c ltac:(lra))).
        assert (W : s * (c * r c - r' c - 1) - eps <= 0) by (destruct Hs; subst s; lra).
        assert (P := exp_pos (- (c * c / 2))). assert (G : 0 <= root_density * exp (- (c * c / 2))) by (apply Rmult_le_pos; lra).
        assert (Z : 0 <= - (root_density * exp (- (c * c / 2)) * (s * (c * r c - r' c - 1) - eps)) * (b - y)); [|lra].
        apply Rmult_le_pos; [nra | unfold b; lra]. }
    assert (Hb : 0 < b) by (unfold b; lra). assert (T := proj1 (Phi_tail b ltac:(lra))). assert (Rb := Br b ltac:(unfold b; lra)).
    assert (Eb : exp (- (b * b / 2)) <= / b).
    { rewrite exp_Ropp. assert (Q := exp_ineq1_le (b * b / 2)). apply Rinv_le_contravar; [exact Hb|]. assert (3 <= b) by (unfold b; lra). nra. }
    assert (Ib : / b < eta / 2).
    { replace (eta / 2) with (/ (2 / eta)) by (field; lra). apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; lra | unfold b; lra]. }
    assert (P := exp_pos (- (b * b / 2))). assert (Abs : - (2 * exp (- (b * b / 2))) <= h b).
    { unfold h. assert (0 <= root_density * exp (- (b * b / 2)) * r b <= exp (- (b * b / 2))).
      { split; [apply Rmult_le_pos; [apply Rmult_le_pos|]; lra|]. rewrite <- (Rmult_1_r (exp _)) at 2. apply Rmult_le_compat; [apply Rmult_le_pos; lra | lra | nra | lra]. }
      assert (0 <= eps * Phi (- b)) by (apply Rmult_le_pos; lra). destruct Hs; subst s; lra. }
    unfold eta in *. lra. }
  assert (E := exp_pos (y * y / 2)). unfold scaled.
  assert (Z : root_density * r y = root_density * exp (- (y * y / 2)) * r y * exp (y * y / 2)).
  { rewrite <- (Rmult_1_r (root_density * r y)). rewrite <- exp_0. replace 0 with (- (y * y / 2) + y * y / 2) at 1 by ring. rewrite exp_plus. ring. }
  rewrite Z, <- Rmult_assoc, <- Rmult_minus_distr_r, Rabs_mult, (Rabs_pos_eq (exp (y * y / 2))) by lra. apply Rmult_le_compat_r; [lra|].
  assert (A := One 1 ltac:(lra)). assert (B := One (-1) ltac:(lra)). apply Rabs_le. lra.
Qed.

Theorem laplace_truncation : forall y, 8 <= y -> Rabs (scaled y - root_density * convergent y) <= / 2 ^ 63 * scaled y.
Proof.
  intros y Hy. apply (far_near convergent (fun t => - (1 + slope 18 1 t) * (convergent t * convergent t))); [lra | | | |].
  - split; [left; apply Rinv_0_lt_compat, pow_lt; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; [lra | apply pow_R1_Rle; lra].
  - intros t Ht. apply convergent_derives. lra.
  - intros t Ht. destruct (convergent_range t ltac:(lra)) as [C0 C8]. split; [lra|]. apply (Rle_trans _ _ _ C8).
    unfold convergent. assert (P := cut_positive 18 1 8 ltac:(lra)). rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
  - intros t Ht. apply convergent_residual. lra.
Qed.
