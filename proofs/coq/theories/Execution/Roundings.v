(* What float32 arithmetic does, as Flocq formalises IEEE 754, is what Sums.v asks of an operation: nearest rounding with subnormal numbers, kept or flushed to zero, directly or through a wider format
   (nearest_operation, stored_operation, flushed_operation); and the operations on binary32 numbers themselves, in any tree of additions, products and fused ones (binary32_row). *)
From Coq Require Import Reals ZArith Lra Lia List Permutation.
From Flocq Require Import Core Relative Pff2Flocq IEEE754.BinarySingleNaN.
From Certify.Execution Require Import Sums Layers.
Import ListNotations.
Open Scope R_scope.

(** Rounding to the nearest number of p bits and exponents from e on, ties by any rule. *)
Definition nearest (p e : Z) (tie : Z -> bool) : R -> R := round radix2 (FLT_exp e p) (Znearest tie).

Lemma flushed_power : flushed = bpow radix2 (-126).
Proof. rewrite flushed_is, bpow_powerRZ. reflexivity. Qed.

Lemma nearest_error : forall p e tie x, (24 <= p)%Z -> (e <= -149)%Z -> Rabs (nearest p e tie x - x) <= bpow radix2 (- p) * Rabs x + bpow radix2 (-150).
Proof.
  intros p e tie x Hp He. destruct (error_N_FLT radix2 e p ltac:(lia) tie x) as (d & h & Hd & Hh & _ & E). fold (nearest p e tie x) in E. rewrite E.
  replace (x * (1 + d) + h - x) with (x * d + h) by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, Rmult_comm. apply Rplus_le_compat.
  - apply Rmult_le_compat_r; [apply Rabs_pos|]. eapply Rle_trans; [exact Hd|]. right. replace (- p + 1)%Z with (1 + - p)%Z by ring. rewrite bpow_plus. simpl (bpow radix2 1). lra.
  - eapply Rle_trans; [exact Hh|]. apply Rle_trans with (/ 2 * bpow radix2 (-149)).
    + apply Rmult_le_compat_l; [lra|]. apply bpow_le. exact He.
    + right. replace (-149)%Z with (1 + -150)%Z by reflexivity. rewrite bpow_plus. simpl (bpow radix2 1). lra.
Qed.

Lemma small_absolute : bpow radix2 (-150) <= / 4 * flushed.
Proof. rewrite flushed_power. apply Rle_trans with (bpow radix2 (-128)); [apply bpow_le; lia|]. right. replace (-128)%Z with (-2 + -126)%Z by reflexivity. rewrite bpow_plus. simpl (bpow radix2 (-2)). lra. Qed.

(** float32, or any wider format. *)
Theorem nearest_operation : forall p e tie x, (24 <= p)%Z -> (e <= -149)%Z -> operation x (nearest p e tie x).
Proof.
  intros p e tie x Hp He _. pose proof flushed_bounds. pose proof small_absolute. eapply Rle_trans; [apply nearest_error; assumption|].
  apply Rplus_le_compat; [|lra]. apply Rmult_le_compat_r; [apply Rabs_pos|]. apply Rle_trans with (bpow radix2 (-24)); [apply bpow_le; lia|]. unfold u. simpl bpow. lra.
Qed.

(** Rounded to a format of 53 bits or more, and then to float32. *)
Theorem stored_operation : forall p e tie tie' x, (53 <= p)%Z -> (e <= -149)%Z -> operation x (nearest 24 (-149) tie' (nearest p e tie x)).
Proof.
  intros p e tie tie' x Hp He _. pose proof flushed_bounds. pose proof small_absolute.
  pose proof (nearest_error p e tie x ltac:(lia) He) as E1. set (a := nearest p e tie x) in *. pose proof (nearest_error 24 (-149) tie' a ltac:(lia) ltac:(lia)) as E2.
  set (b := nearest 24 (-149) tie' a) in *. pose proof (Rabs_pos x).
  assert (D : bpow radix2 (- p) * Rabs x <= / 2 ^ 53 * Rabs x). { apply Rmult_le_compat_r; [assumption|]. apply Rle_trans with (bpow radix2 (-53)); [apply bpow_le; lia|]. simpl bpow. lra. }
  pose proof (two_sided (a - x)). pose proof (two_sided x). pose proof (triangle b a x).
  assert (A : Rabs a <= Rabs x + Rabs (a - x)) by (apply Rabs_le; lra). assert (F : bpow radix2 (- (24)) = / 2 ^ 24) by (simpl bpow; lra). rewrite F in E2.
  assert (/ 2 ^ 24 * Rabs a <= / 2 ^ 24 * (Rabs x + Rabs (a - x))) by (apply Rmult_le_compat_l; lra). unfold u. lra.
Qed.

Lemma below_power : forall p e tie x, (24 <= p)%Z -> (e <= -149)%Z -> Rabs (nearest p e tie x) < flushed -> Rabs x < flushed.
Proof.
  intros p e tie x Hp He H. destruct (Rlt_or_le (Rabs x) flushed) as [|L]; [assumption|]. exfalso. revert H. apply Rle_not_lt. rewrite flushed_power in *. unfold nearest.
  assert (Prec_gt_0 p) by (unfold Prec_gt_0; lia).
  apply abs_round_ge_generic; try typeclasses eauto; [|exact L]. apply generic_format_bpow. unfold FLT_exp. lia.
Qed.

(** A result below the normal numbers set to zero, whichever of the two it is. *)
Theorem flushed_operation : forall p e tie tie' x, (24 <= p)%Z -> (e <= -149)%Z ->
  (Rabs (nearest p e tie x) < flushed -> operation x 0) /\ (Rabs (nearest 24 (-149) tie' (nearest p e tie x)) < flushed -> operation x 0).
Proof.
  assert (Z : forall x, Rabs x < flushed -> operation x 0).
  { intros x H _. rewrite Rminus_0_l, Rabs_Ropp. pose proof u_bounds. assert (0 <= u * Rabs x) by (apply Rmult_le_pos; [lra|apply Rabs_pos]). lra. }
  intros p e tie tie' x Hp He. split; intro H; apply Z; apply below_power in H; try assumption; try lia. apply below_power in H; assumption.
Qed.

(** Numbers of IEEE 754's binary32 (one NaN), and its operations, rounded to nearest, ties to even. *)
#[local] Instance precision_positive : Prec_gt_0 24 := eq_refl.
#[local] Instance precision_small : Prec_lt_emax 24 128 := eq_refl.
Definition binary32 := binary_float 24 128.
Definition real (v : binary32) : R := B2R v.
Definition add : binary32 -> binary32 -> binary32 := Bplus mode_NE.
Definition multiply : binary32 -> binary32 -> binary32 := Bmult mode_NE.
Definition fuse : binary32 -> binary32 -> binary32 -> binary32 := Bfma mode_NE.

(** A program for a sum: in what order numbers are multiplied and added, fused or not. *)
Inductive program := Number (v : binary32) | Times (w h : binary32) | Sum (a b : program) | Fused (w h : binary32) (a : program).

Fixpoint runs (t : program) : binary32 :=
  match t with Number v => v | Times w h => multiply w h | Sum a b => add (runs a) (runs b) | Fused w h a => fuse w h (runs a) end.

Fixpoint adds (t : program) : list term :=
  match t with Number v => [Value (real v)] | Times w h => [Product (real w) (real h)] | Sum a b => adds a ++ adds b | Fused w h a => Product (real w) (real h) :: adds a end.

(** Its numbers are finite. *)
Fixpoint finite (t : program) : Prop :=
  let f v := is_finite v = true in match t with Number v => f v | Times w h => f w /\ f h | Sum a b => finite a /\ finite b | Fused w h a => f w /\ f h /\ finite a end.

Definition single : R -> R := round radix2 (SpecFloat.fexp 24 128) (round_mode mode_NE).

Lemma single_operation : forall x, Rabs x <= limit -> operation x (single x) /\ Rabs (single x) < bpow radix2 128.
Proof.
  intros x H. assert (O : operation x (single x)) by (apply (nearest_operation 24 (-149) (fun z => negb (Z.even z)) x); lia). split; [exact O|].
  specialize (O H). pose proof (two_sided (single x - x)). pose proof (two_sided x). pose proof u_bounds. pose proof flushed_bounds.
  assert (u * Rabs x <= u * limit) by (apply Rmult_le_compat_l; lra). assert (u * limit <= / 2 ^ 23 * limit) by (apply Rmult_le_compat_r; unfold limit; lra).
  apply Rle_lt_trans with (limit * (1 + / 2 ^ 23) + / 2 ^ 64); [apply Rabs_le; lra|]. rewrite bpow_powerRZ. unfold limit. simpl. lra.
Qed.

(** As long as nothing can overflow, what the program computes is finite, and a float32 sum of its terms. *)
Theorem binary32_sums : forall t, finite t -> reach (adds t) <= limit -> is_finite (runs t) = true /\ sums (adds t) (real (runs t)).
Proof.
  pose proof flushed_bounds as F. assert (A : forall v, argument v v) by (left; reflexivity).
  induction t as [v|w h|a IHa b IHb|w h a IHa]; intros Ft L; simpl in Ft.
  - split; [exact Ft|]. constructor. apply A.
  - destruct Ft as [Fw Fh]. assert (R : Rabs (real w * real h) <= limit).
    { eapply Rle_trans; [|exact L]. unfold reach, growth, size, loss, joined. simpl. pose proof (Rabs_pos (real w * real h)). pose proof u_bounds. rewrite !Rplus_0_r, Rmult_1_r.
      assert (0 <= flushed * (Rabs (real w) + Rabs (real h))) by (apply Rmult_le_pos; [lra|]; apply Rplus_le_le_0_compat; apply Rabs_pos).
      assert (0 <= u * (Rabs (real w * real h) + (flushed * (Rabs (real w) + Rabs (real h)) + flushed + 31 / 10 * flushed))) by (apply Rmult_le_pos; lra). lra. }
    destruct (single_operation _ R) as [O B]. pose proof (Bmult_correct 24 128 _ _ mode_NE w h) as C.
    unfold single, real in *. rewrite Rlt_bool_true in C by exact B. destruct C as (C & Ff & _). simpl runs. unfold multiply, real. rewrite Ff, Fw, Fh. split; [reflexivity|].
    simpl adds. apply sums_product with (B2R w) (B2R h); auto. rewrite C. exact O.
  - destruct Ft as [Fa Fb]. simpl adds in *. destruct (reach_app (adds a) (adds b)) as (La & Lb & Lab).
    destruct (IHa Fa (Rle_trans _ _ _ La L)) as [Ga Sa]. destruct (IHb Fb (Rle_trans _ _ _ Lb L)) as [Gb Sb].
    pose proof (bound_reach _ _ _ (sums_error _ _ Sa (Rle_trans _ _ _ La L))) as Ra. pose proof (bound_reach _ _ _ (sums_error _ _ Sb (Rle_trans _ _ _ Lb L))) as Rb.
    assert (R : Rabs (real (runs a) + real (runs b)) <= limit). { eapply Rle_trans; [apply Rabs_triang|]. unfold joined in *. lra. }
    destruct (single_operation _ R) as [O B]. pose proof (Bplus_correct 24 128 _ _ mode_NE (runs a) (runs b) Ga Gb) as C.
    unfold single, real in *. rewrite Rlt_bool_true in C by exact B. destruct C as (C & Ff & _). simpl runs. unfold add, real. split; [exact Ff|].
    eapply sums_add; eauto. rewrite C. exact O.
  - destruct Ft as (Fw & Fh & Fa). simpl adds in *. change (Product (real w) (real h) :: adds a) with ([Product (real w) (real h)] ++ adds a) in L.
    destruct (reach_app [Product (real w) (real h)] (adds a)) as (_ & La & Lab). destruct (IHa Fa (Rle_trans _ _ _ La L)) as [Ga Sa].
    pose proof (bound_reach _ _ _ (sums_error _ _ Sa (Rle_trans _ _ _ La L))) as Ra.
    assert (Rp : Rabs (real w * real h) <= reach [Product (real w) (real h)]).
    { unfold reach, growth, size, loss, joined. simpl. pose proof (Rabs_pos (real w * real h)). pose proof u_bounds. rewrite !Rplus_0_r, Rmult_1_r.
      assert (0 <= flushed * (Rabs (real w) + Rabs (real h))) by (apply Rmult_le_pos; [lra|]; apply Rplus_le_le_0_compat; apply Rabs_pos).
      assert (0 <= u * (Rabs (real w * real h) + (flushed * (Rabs (real w) + Rabs (real h)) + flushed + 31 / 10 * flushed))) by (apply Rmult_le_pos; lra). lra. }
    assert (R : Rabs (real w * real h + real (runs a)) <= limit). { eapply Rle_trans; [apply Rabs_triang|]. unfold joined in *. lra. }
    destruct (single_operation _ R) as [O B]. pose proof (Bfma_correct 24 128 _ _ mode_NE w h (runs a) Fw Fh Ga) as C. cbv zeta in C.
    unfold single, real in *. rewrite Rlt_bool_true in C by exact B. destruct C as (C & Ff & _). simpl runs. unfold fuse, real. split; [exact Ff|].
    eapply sums_fused; eauto. rewrite C. exact O.
Qed.

(** Any program of binary32 operations whose terms are those of a row, in any order, executes the row. *)
Theorem binary32_row : forall t rb s e h' h, finite t -> Permutation (adds t) (terms rb h') -> tracked s e h' h -> fits rb s e ->
  is_finite (runs t) = true /\ row_executes h' rb (real (runs t)).
Proof.
  intros t rb s e h' h Ft P T Fs. pose proof (fits_reach _ _ _ _ _ T Fs) as L.
  assert (C : reach (adds t) = reach (terms rb h')) by (unfold reach; rewrite (Permutation_length P), !(total_order _ _ _ P); reflexivity).
  destruct (binary32_sums t Ft) as [Fr S]; [rewrite C; exact L|]. split; [exact Fr|]. exists (real (runs t)). split; [eapply sums_order; eauto|].
  intros _. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. pose proof flushed_bounds. pose proof u_bounds. pose proof (Rmult_le_pos u (Rabs (real (runs t))) ltac:(lra) (Rabs_pos _)). lra.
Qed.
