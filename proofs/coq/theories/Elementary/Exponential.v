(* e^x of src/Guarantees/Arithmetic/Elementary.Exponential.cs: reduction, truncation and rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division.
Open Scope R_scope.

Ltac expand := cbv beta iota zeta delta [Polynomial Fma exactly nth Nat.add ExpTail rnd u].

(** The exact polynomial with the coefficients of the kernel. *)
Definition P (x : R) : R := Polynomial exactly 0 ExpTail x.
Definition Tail (x : R) : R := x * x * x * P x.

(** ** Truncation *)

(** The derivative of c0 x^3 + ... + c11 x^14. *)
Definition tail_slope (c : list R) (x : R) : R :=
  let a n := nth n c 0 in
  x * x * (3 * a 0%nat + x * (4 * a 1%nat + x * (5 * a 2%nat + x * (6 * a 3%nat + x * (7 * a 4%nat + x * (8 * a 5%nat + x * (9 * a 6%nat
  + x * (10 * a 7%nat + x * (11 * a 8%nat + x * (12 * a 9%nat + x * (13 * a 10%nat + x * (14 * a 11%nat)))))))))))).

Lemma tail_derives : forall c x, is_derive (fun x => exp x - 1 - x - x * x / 2 - x * x * x * Polynomial exactly 0 c x) x
  (exp x - 1 - x - tail_slope c x).
Proof.
  intros c x. unfold tail_slope, Polynomial, Fma, exactly. cbv beta zeta. simpl Nat.add.
  generalize (nth 0 c 0) (nth 1 c 0) (nth 2 c 0) (nth 3 c 0) (nth 4 c 0) (nth 5 c 0) (nth 6 c 0) (nth 7 c 0) (nth 8 c 0) (nth 9 c 0)
    (nth 10 c 0) (nth 11 c 0).
  intros. auto_derive; [exact I | field].
Qed.

Theorem exp_truncation : forall r, Rabs r <= 5680 / 16384 ->
  Rabs (exp r - 1 - r - r * r / 2 - Tail r) <= 3 / 2 ^ 60 * Rabs r.
Proof.
  intros r Hr. destruct (Rle_dec (Rabs r) (/ 4)) as [Small | Large].
  - apply (vanishing_at_zero (fun x => exp x - 1 - x - x * x / 2 - x * x * x * Polynomial exactly 0 ExpTail x)
      (fun x => exp x - 1 - x - tail_slope ExpTail x) (/ 4)); [| | |exact Small].
    + intros t _. apply tail_derives.
    + intros t Ht. unfold tail_slope, ExpTail, nth. interval with (i_prec 90, i_taylor t, i_degree 16).
    + rewrite exp_0. unfold Rdiv. ring.
  - apply Rle_trans with (3 / 2 ^ 60 * / 4); [|apply Rmult_le_compat_l; [assert (0 < / 2 ^ 60) by (apply Rinv_0_lt_compat, pow_lt; lra); lra | lra]].
    unfold Tail, P. expand. interval with (i_prec 90, i_taylor r, i_degree 17).
Qed.

(** ** Rounding *)

Lemma polynomial_rounding : forall x, Rabs x <= 5680 / 16384 -> Rabs ((Polynomial rnd 0 ExpTail x - P x) / P x) <= 2355 / 1024 * u.
Proof. intros x H. unfold P. expand. gappa. Qed.

(** P lies between 1/8 and 1/4: the tail is about r^3/6. *)
Lemma P_range : forall x, Rabs x <= 5680 / 16384 -> / 8 <= P x <= / 4.
Proof. intros x H. unfold P. expand. split; interval with (i_bisect x). Qed.

(** fl(fl(r * q) * polynomial), q = fl(r r). *)
Lemma tail_rounding : forall r, Rabs r <= 5680 / 16384 ->
  Rabs (rnd (rnd (r * rnd (r * r)) * Polynomial rnd 0 ExpTail r) - Tail r) <= 5.4 * u * Rabs (Tail r) + 4 * eta.
Proof.
  intros r Hr.
  destruct (rnd_standard (r * r)) as (e1 & h1 & E1 & H1 & ->).
  destruct (rnd_standard (r * (r * r * (1 + e1) + h1))) as (e2 & h2 & E2 & H2 & ->).
  assert (HP := P_range r Hr). assert (R := polynomial_rounding r Hr).
  set (d := (Polynomial rnd 0 ExpTail r - P r) / P r) in R.
  replace (Polynomial rnd 0 ExpTail r) with (P r * (1 + d)) by (unfold d; field; lra).
  destruct (rnd_standard ((r * (r * r * (1 + e1) + h1) * (1 + e2) + h2) * (P r * (1 + d)))) as (e3 & h3 & E3 & H3 & ->).
  unfold Tail.
  replace (_ - _) with (r * r * r * P r * ((1 + e1) * (1 + e2) * (1 + e3) * (1 + d) - 1)
    + (h1 * (r * (1 + e2) * (1 + e3) * P r * (1 + d)) + h2 * ((1 + e3) * P r * (1 + d)) + h3)) by ring.
  apply (Rle_trans _ _ _ (Rabs_triang _ _)). apply Rplus_le_compat.
  - rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|].
    unfold u in *. interval with (i_prec 130).
  - assert (B : forall h a, Rabs h <= eta -> Rabs a <= 1 -> Rabs (h * a) <= eta).
    { intros h a Hh Ha. rewrite Rabs_mult. rewrite <- (Rmult_1_r eta). apply Rmult_le_compat; try apply Rabs_pos; assumption. }
    assert (B1 := B h1 (r * (1 + e2) * (1 + e3) * P r * (1 + d)) H1 ltac:(unfold u in *; interval)).
    assert (B2 := B h2 ((1 + e3) * P r * (1 + d)) H2 ltac:(unfold u in *; interval)).
    assert (0 < eta) by apply eta_bound.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)).
    assert (T := Rabs_triang (h1 * (r * (1 + e2) * (1 + e3) * P r * (1 + d))) (h2 * ((1 + e3) * P r * (1 + d)))). lra.
Qed.

Lemma Tail_range : forall r, Rabs r <= 5680 / 16384 -> Rabs (Tail r) <= 77 / 10000 /\ Rabs (Tail r) <= Rabs r * (3 / 100).
Proof.
  intros r Hr. assert (HP := P_range r Hr). split.
  - unfold Tail, P. expand. interval with (i_bisect r, i_autodiff r).
  - unfold Tail. replace (r * r * r * P r) with (r * (r * r * P r)) by ring. rewrite Rabs_mult.
    apply Rmult_le_compat_l; [apply Rabs_pos|]. unfold P. expand. interval with (i_bisect r).
Qed.

(** ** e^(r + rl) - 1 as a pair *)

Definition expm1_pair (r rl : R) : R * R :=
  let '(q, ql) := TwoProduct rnd r r in
  let tail := rnd (rnd (r * q) * Polynomial rnd 0 ExpTail r) in
  let '(s, sl) := FastTwoSum rnd r (rnd (/ 2 * q)) in
  let sl := rnd (sl + rnd (rnd (rnd (rl + rnd (rl * rnd (s + tail))) + rnd (/ 2 * ql)) + tail)) in
  FastTwoSum rnd s sl.

Lemma rnd_half_ulp : forall x, - / 128 <= x <= / 128 -> - / 2305843009213693952 <= rnd x - x <= / 2305843009213693952.
Proof. intros x H. unfold rnd. gappa. Qed.

(** The pair is e^(r + rl) - 1 to first order in rl, but for the roundings of the tail and of the last sums: an absolute and a relative bound. *)
Lemma pair_rounding : forall r rl, double r -> double rl -> Rabs r <= 5680 / 16384 -> Rabs rl <= / 8796093022208 ->
  let S := r + r * r / 2 + Tail r in
  let pair := expm1_pair r rl in
  let error := fst pair + snd pair - (S + rl * (1 + S)) in
  Rabs error <= 5.4 * u * Rabs (Tail r) + / 2 ^ 60 + / 2 ^ 90
  /\ Rabs error <= 7.5 * u * Rabs (Tail r) + / 2 ^ 90 * Rabs r + / 2 ^ 47 * Rabs rl + 400 * eta
  /\ Rabs (fst pair) <= / 2 /\ Rabs (snd pair) <= / 2 ^ 50
  /\ double (fst pair) /\ double (snd pair)
  /\ Rabs (snd pair) <= 2 * u * Rabs (fst pair + snd pair) + 25 * u * Rabs rl + 700 * eta.
Proof.
  intros r rl Dr Drl Hr Hrl S pair error.
  assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (TB := tail_rounding r Hr). destruct (Tail_range r Hr) as [T1 T2].
  set (q := rnd (r * r)) in *. set (t := rnd (rnd (r * q) * Polynomial rnd 0 ExpTail r)) in *.
  set (z := Rabs r) in *. set (rho := Rabs rl) in *. set (tau := Rabs (Tail r)) in *.
  assert (Z0 : 0 <= z) by apply Rabs_pos. assert (R0 : 0 <= rho) by apply Rabs_pos. assert (A0 : 0 <= tau) by apply Rabs_pos.
  assert (Zr : - z <= r <= z) by (apply Rabs_le_inv, Rle_refl).
  assert (Rr : - rho <= rl <= rho) by (apply Rabs_le_inv, Rle_refl).
  assert (Tr : - tau <= Tail r <= tau) by (apply Rabs_le_inv, Rle_refl).
  assert (Rsq : 0 <= r * r <= 5680 / 16384 * z).
  { replace (r * r) with (z * z) by (unfold z; rewrite <- Rabs_mult; apply Rabs_pos_eq; nra). nra. }
  apply Rabs_le_inv in TB.
  assert (Q := rnd_within (r * r) (5680 / 16384 * z) ltac:(lra)). fold q in Q.
  set (ql := rnd (r * r - q)) in *.
  assert (QL := rnd_within (r * r - q) (u * (5680 / 16384 * z) + eta) ltac:(lra)). fold ql in QL.
  assert (H := rnd_half q (rnd_double _)). set (h := rnd (/ 2 * q)) in *.
  assert (Qz : - z <= q <= z).
  { apply Rabs_le_inv, rnd_abs_le; [apply double_abs, Dr | apply Rabs_le; lra]. }
  assert (Hz : - z <= h <= z).
  { apply Rabs_le_inv, rnd_abs_le; [apply double_abs, Dr | apply Rabs_le; lra]. }
  assert (F := FastTwoSum_exact r h Dr (rnd_double _) ltac:(apply Rabs_le; exact Hz)).
  assert (S1 := rnd_within (r + h) (1.5 * z + eta) ltac:(rewrite U in *; lra)).
  unfold FastTwoSum in F. simpl fst in F. simpl snd in F.
  set (s1 := rnd (r + h)) in *. set (e1 := rnd (h - rnd (s1 - r))) in *.
  assert (E1 : - (u * (1.5 * z + eta) + eta) <= e1 <= u * (1.5 * z + eta) + eta) by lra.
  assert (A1 := rnd_within (s1 + t) (1.6 * z + 8 * eta) ltac:(rewrite U in *; lra)). set (a1 := rnd (s1 + t)) in *.
  assert (AS : - (4 * u) <= a1 - S <= 4 * u).
  { unfold S. clear - A1 S1 H Q TB E0 Hr T1 U Z0. rewrite U in *. lra. }
  assert (RA := product_within rl (a1 - S) rho (4 * u) Rr AS).
  assert (RP := product_within rl a1 rho 1 Rr ltac:(rewrite U in *; lra)).
  assert (A2 := rnd_within (rl * a1) rho ltac:(lra)). set (a2 := rnd (rl * a1)) in *.
  assert (A3 := rnd_within (rl + a2) (2.1 * rho + eta) ltac:(rewrite U in *; lra)). set (a3 := rnd (rl + a2)) in *.
  assert (HQ := rnd_half ql (rnd_double _)). set (hql := rnd (/ 2 * ql)) in *.
  assert (A4 := rnd_within (a3 + hql) (2.2 * rho + 2 * u * z + 6 * eta) ltac:(clear - A3 RP A2 HQ QL Q Rr E0 U R0 Z0 A0 Hr Hrl T1; rewrite U in *; lra)). set (a4 := rnd (a3 + hql)) in *.
  assert (A5 := rnd_within (a4 + t) (tau * (1 + 7 * u) + 2.3 * rho + 3 * u * z + 14 * eta) ltac:(clear - A4 A3 HQ QL Q TB Tr RP A2 Rr E0 U R0 Z0 A0 Hr Hrl T1; rewrite U in *; lra)).
  assert (A5' := rnd_half_ulp (a4 + t) ltac:(clear - A4 A3 HQ QL Q TB Tr RP A2 Rr E0 U R0 Z0 A0 Hr Hrl T1; rewrite U in *; lra)). set (a5 := rnd (a4 + t)) in *.
  assert (B := rnd_within (e1 + a5) (tau * (1 + 10 * u) + 2.4 * rho + 6 * u * z + 20 * eta) ltac:(clear - A5 A4 A3 HQ QL Q TB Tr RP A2 Rr E1 E0 U R0 Z0 A0 Hr Hrl T1; rewrite U in *; lra)).
  assert (B' := rnd_half_ulp (e1 + a5) ltac:(clear - A5 A4 A3 HQ QL Q TB Tr RP A2 Rr E1 E0 U R0 Z0 A0 Hr Hrl T1; rewrite U in *; lra)). set (b := rnd (e1 + a5)) in *.
  assert (C := FastTwoSum_close s1 b (rnd_double _) (rnd_double _)).
  assert (P90 : / 2 ^ 90 = / 1237940039285380274899124224) by (f_equal; lra).
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra).
  assert (P47 : / 2 ^ 47 = / 140737488355328) by (f_equal; lra).
  assert (Bb : - / 100 <= b <= / 100) by (clear - B A5 A4 A3 HQ QL Q TB Tr RP A2 Rr Rsq E1 E0 Hr T1 Hrl U A0 Z0 R0; rewrite U in *; lra).
  assert (SB : - (9 / 20) <= s1 + b <= 9 / 20) by (clear - Bb S1 Zr Hz H Q Rsq E0 Hr U Z0; rewrite U in *; lra).
  (* Where the second is the larger, s1 is tiny and so is r, and b is about rl. *)
  assert (C' : - (23 * u * rho + 300 * eta) <= fst (FastTwoSum rnd s1 b) + snd (FastTwoSum rnd s1 b) - (s1 + b)
     <= 23 * u * rho + 300 * eta).
  { apply Rabs_le_inv, (Rle_trans _ _ _ C). destruct (Rle_dec (Rabs b) (Rabs s1)) as [_ | N]; [rewrite U; lra|].
    assert (N' : Rabs s1 < Rabs b) by lra.
    assert (Sb : / 2 * z <= Rabs s1 + 4 * eta).
    { clear - S1 H Q Rsq Zr E0 Hr U Z0. unfold z in *. rewrite U in *. unfold Rabs in *.
      destruct (Rcase_abs r), (Rcase_abs s1); lra. }
    assert (Bs : Rabs b <= 2.2 * rho + / 10 * z + 30 * eta).
    { clear - B A5 A4 A3 HQ QL Q TB Tr RP A2 Rr Rsq E1 E0 U R0 Z0 A0 Hr Hrl T1 T2. apply Rabs_le. rewrite U in *. lra. }
    clear - N' Sb Bs E0 R0 Z0 U. rewrite U. lra. }
  assert (FS := rnd_within (s1 + b) (9 / 20) SB).
  assert (FR := sum_relative s1 b (rnd_double _) (rnd_double _)).
  change (rnd (s1 + b)) with (fst (FastTwoSum rnd s1 b)) in FR.
  change (rnd (s1 + b)) with (fst (FastTwoSum rnd s1 b)) in FS.
  change (FastTwoSum rnd s1 b) with pair in *.
  set (f := fst pair) in *. set (g := snd pair) in *.
  assert (Err : error = (f + g - (s1 + b)) + (b - (e1 + a5)) + (a5 - (a4 + t)) + (a4 - (a3 + hql)) + (a3 - (rl + a2))
    + (a2 - rl * a1) + rl * (a1 - S) + (hql - / 2 * ql) + / 2 * (ql - (r * r - q)) + (t - Tail r) + (h - / 2 * q)).
  { unfold error. fold f g. unfold S. replace s1 with (r + h - e1) by lra. field. }
  rewrite P90, P60, P50, P47. rewrite Err. clear Err error.
  clear - C' B B' A5 A5' A4 A3 A2 RA HQ QL TB H E0 U Hr T1 T2 A0 Z0 R0 Hrl FS FR SB.
  set (R1 := f + g - (s1 + b)) in *.
  set (R2 := b - (e1 + a5)) in *. set (R3 := a5 - (a4 + t)) in *. set (R4 := a4 - (a3 + hql)) in *. set (R5 := a3 - (rl + a2)) in *.
  set (R6 := a2 - rl * a1) in *. set (R7 := rl * (a1 - S)) in *. set (R8 := hql - / 2 * ql) in *. set (R9 := ql - (r * r - q)) in *.
  set (R10 := t - Tail r) in *. set (R11 := h - / 2 * q) in *.
  assert (G : g = R1 - (f - (s1 + b))) by (unfold R1; ring).
  clearbody R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 z rho tau.
  repeat split.
  - apply Rabs_le. rewrite U in *. lra.
  - apply Rabs_le. rewrite U in *. lra.
  - apply Rabs_le. rewrite U in *. lra.
  - rewrite G. apply Rabs_le. rewrite U in *. lra.
  - apply rnd_double.
  - apply rnd_double.
  - assert (Rabs R1 <= 23 * u * rho + 300 * eta) by (apply Rabs_le; exact C').
    assert (Y := Rabs_triang (f + g) (- R1)). rewrite Rabs_Ropp in Y. replace (f + g + - R1) with (s1 + b) in Y by (unfold R1; ring).
    assert (Y2 := Rabs_triang R1 (- (f - (s1 + b)))). rewrite Rabs_Ropp in Y2. replace (R1 + - (f - (s1 + b))) with g in Y2 by (unfold R1; ring).
    assert (0 <= Rabs (f + g)) by apply Rabs_pos. rewrite U in *. lra.
Qed.

(** ** Reduction: x + low = k ln 2 + r + rl *)

Definition quotient (x : R) : Z := ZnearestE (rnd (x * InverseLn2)).

Definition reduce (x : R) : R * R :=
  let k := IZR (quotient x) in TwoSum rnd (rnd (x - rnd (k * Ln2High))) (- rnd (k * Ln2Low)).

Lemma quotient_range : forall x, Rabs x <= 800 ->
  (Z.abs (quotient x) <= 1155)%Z /\ Rabs (x - IZR (quotient x) * ln 2) <= 34661 / 100000 /\ (Rabs x <= / 4 -> quotient x = 0%Z).
Proof.
  intros x Hx. unfold quotient. set (y := rnd (x * InverseLn2)).
  assert (Y := rnd_within (x * InverseLn2) 1155 ltac:(apply Rabs_le_inv; unfold InverseLn2; interval)). fold y in Y.
  assert (N := Znearest_half (fun x => negb (Z.even x)) y). set (k := Znearest _ y) in *.
  assert (E0 := eta_tiny). unfold u in Y.
  assert (D : - (500001 / 1000000) <= IZR k - x * InverseLn2 <= 500001 / 1000000) by (apply Rabs_le_inv in N; lra).
  assert (Ky : Rabs (x * InverseLn2) <= 11542 / 10) by (unfold InverseLn2; interval).
  split; [|split].
  - assert (Rabs (IZR k) < IZR 1156) by (apply Rabs_le_inv in Ky; apply Rabs_lt; lra).
    rewrite <- abs_IZR in H. apply lt_IZR in H. lia.
  - set (d := IZR k - x * InverseLn2) in D. replace (IZR k) with (x * InverseLn2 + d) by (unfold d; ring).
    replace (x - _) with (x * (1 - InverseLn2 * ln 2) - d * ln 2) by ring. unfold InverseLn2. interval with (i_prec 80).
  - intro Small. assert (Rabs (x * InverseLn2) <= 4 / 10) by (unfold InverseLn2; interval).
    apply Rabs_le_inv in H. assert (Rabs (IZR k) < 1) by (apply Rabs_lt; lra).
    rewrite <- abs_IZR in H0. apply lt_IZR in H0. lia.
Qed.

Lemma Ln2High_multiple : forall k, IZR k * Ln2High = IZR (k * 3048493539143) * bpow radix2 (-42).
Proof. intro k. rewrite mult_IZR. change (bpow radix2 (-42)) with (/ 4398046511104). unfold Ln2High. field. Qed.

Lemma Ln2Low_multiple : forall k, IZR k * Ln2Low = IZR (k * 1063452974651) * bpow radix2 (-84).
Proof. intro k. rewrite mult_IZR. change (bpow radix2 (-84)) with (/ 19342813113834066795298816). unfold Ln2Low. field. Qed.

Lemma ln2_split : forall k, (Z.abs k <= 1155)%Z -> Rabs (IZR k * (ln 2 - Ln2High - Ln2Low)) <= / 2 ^ 75.
Proof.
  intros k Hk. assert (Rabs (IZR k) <= 1155) by (rewrite <- abs_IZR; apply IZR_le; exact Hk).
  unfold Ln2High, Ln2Low. interval with (i_prec 120).
Qed.

Lemma reduce_exact : forall x, double x -> Rabs x <= 800 ->
  let k := IZR (quotient x) in
  let r := fst (reduce x) in let rl := snd (reduce x) in
  r + rl = x - k * Ln2High - k * Ln2Low /\ double r /\ double rl /\ Rabs r <= 5680 / 16384 /\ Rabs rl <= / 18014398509481984
  /\ (quotient x = 0%Z -> r = x /\ rl = 0).
Proof.
  intros x Dx Hx k r rl. destruct (quotient_range x Hx) as (K & Kx & Kz). fold k in Kx.
  assert (E0 := eta_tiny).
  assert (KH : double (k * Ln2High)).
  { unfold k. rewrite Ln2High_multiple. apply double_scaled; lia. }
  assert (KL : double (k * Ln2Low)).
  { unfold k. rewrite Ln2Low_multiple. apply double_scaled; lia. }
  assert (LS := ln2_split _ K). fold k in LS.
  assert (P75 : / 2 ^ 75 = / 37778931862957161709568) by (f_equal; lra). rewrite P75 in LS.
  assert (KLs : Rabs (k * Ln2Low) <= / 10000000000).
  { assert (Rabs k <= 1155) by (unfold k; rewrite <- abs_IZR; apply IZR_le; exact K). unfold Ln2Low. interval. }
  apply Rabs_le_inv in LS, Kx, KLs.
  assert (D : double (x - k * Ln2High)).
  { destruct (Z.eq_dec (quotient x) 0) as [Zero | Nonzero].
    - unfold k. rewrite Zero, Rmult_0_l, Rminus_0_r. exact Dx.
    - destruct (double_multiple x Dx) as [m Hm].
      { apply Rnot_lt_le. intro A. apply Nonzero, Kz. lra. }
      assert (E : x - k * Ln2High = IZR (m - quotient x * 3048493539143 * 4096) * bpow radix2 (-54)).
      { unfold k. rewrite Ln2High_multiple, Hm at 1. rewrite minus_IZR, (mult_IZR _ 4096), Rmult_minus_distr_r. f_equal.
        rewrite Rmult_assoc. f_equal. change 4096 with (bpow radix2 12). rewrite <- bpow_plus. reflexivity. }
      rewrite E. apply double_scaled; [|lia].
      assert (B : Rabs (x - k * Ln2High) < / 2) by (apply Rabs_lt; lra).
      rewrite E, Rabs_mult, (Rabs_pos_eq (bpow _ _)) in B by apply bpow_ge_0. rewrite <- abs_IZR in B.
      change (bpow radix2 (-54)) with (/ 18014398509481984) in B. apply lt_IZR. change (IZR (2 ^ 53)) with 9007199254740992. lra. }
  assert (E : r + rl = x - k * Ln2High + - (k * Ln2Low)).
  { unfold r, rl, reduce. fold k. rewrite !rnd_id by (repeat (rewrite ?rnd_id by assumption); try assumption).
    apply TwoSum_exact; [exact D | apply double_opp, KL]. }
  assert (Er : r = rnd (x - k * Ln2High + - (k * Ln2Low))).
  { unfold r, reduce. fold k. rewrite (rnd_id (k * Ln2High)) by exact KH. rewrite (rnd_id (k * Ln2Low)) by exact KL.
    rewrite (rnd_id (x - _)) by exact D. reflexivity. }
  assert (B := rnd_within (x - k * Ln2High + - (k * Ln2Low)) (34662 / 100000) ltac:(lra)). rewrite <- Er in B. unfold u in B.
  split; [rewrite E; ring|]. split; [apply rnd_double|]. split; [apply rnd_double|].
  split; [apply Rabs_le; lra|]. split; [apply Rabs_le; lra|].
  intro Zero. assert (k = 0) by (unfold k; rewrite Zero; reflexivity).
  assert (r = x). { rewrite Er, H, !Rmult_0_l. rewrite Rminus_0_r, Ropp_0, Rplus_0_r. apply rnd_id, Dx. }
  split; [assumption|]. rewrite H, !Rmult_0_l in E. lra.
Qed.

(** ** The functions *)

(** e^(x + low) - 1 in units of 2^k, as Elementary.Reduced returns it. *)
Definition Reduced (x low : R) : R * R :=
  let '(r, rl) := reduce x in expm1_pair r (rnd (rl + low)).

Theorem reduced_error : forall x low, double x -> double low -> Rabs x <= 800 -> Rabs low <= / 17592186044416 ->
  let r := fst (reduce x) in
  let exact := exp (x + low - IZR (quotient x) * ln 2) in
  let '(s, sl) := Reduced x low in
  Rabs r <= 5680 / 16384 /\ Rabs (x + low - IZR (quotient x) * ln 2) <= 3467 / 10000 /\
  Rabs (s + sl - (exact - 1)) <= 5.4 * u * Rabs (Tail r) + / 2 ^ 60 + 31 / 10 / 2 ^ 60 * Rabs r + / 2 ^ 72
  /\ (quotient x = 0%Z -> low = 0 -> r = x /\
      Rabs (s + sl - (exact - 1)) <= 7.5 * u * Rabs (Tail r) + 31 / 10 / 2 ^ 60 * Rabs r + 400 * eta /\ Rabs sl <= 2 * u * Rabs (s + sl) + 700 * eta)
  /\ Rabs s <= / 2 /\ Rabs sl <= / 2 ^ 50 /\ double s /\ double sl.
Proof.
  intros x low Dx Dl Hx Hl r. destruct (reduce_exact x Dx Hx) as (E & Dr & Drl & Hr & Hrl & Zero).
  destruct (quotient_range x Hx) as (K & Kx & _). assert (LS := ln2_split _ K).
  fold r in E, Dr, Hr, Zero. set (rl0 := snd (reduce x)) in *.
  replace (Reduced x low) with (expm1_pair r (rnd (rl0 + low))) by (unfold Reduced, r, rl0; destruct (reduce x); reflexivity).
  set (k := IZR (quotient x)) in *. assert (E0 := eta_tiny).
  assert (RL := rnd_within (rl0 + low) (/ 18014398509481984 + / 17592186044416) ltac:(apply Rabs_le_inv in Hrl, Hl; lra)).
  set (rl := rnd (rl0 + low)) in *.
  assert (HRL : Rabs rl <= / 8796093022208) by (apply Rabs_le; apply Rabs_le_inv in Hrl, Hl; unfold u in RL; lra).
  destruct (pair_rounding r rl Dr (rnd_double _) Hr HRL) as (P1 & P2 & P3 & P4 & P5 & P6 & P7).
  destruct (expm1_pair r rl) as [s sl]. simpl fst in *. simpl snd in *.
  set (S := r + r * r / 2 + Tail r) in *.
  set (v := x + low - k * ln 2 - r) in *.
  assert (V : Rabs (v - rl) <= / 2 ^ 74).
  { replace (v - rl) with (- (k * (ln 2 - Ln2High - Ln2Low)) - (rl - (rl0 + low))) by (unfold v; lra).
    assert (P75 : / 2 ^ 75 = / 37778931862957161709568) by (f_equal; lra).
    assert (P74 : / 2 ^ 74 = / 18889465931478580854784) by (f_equal; lra).
    rewrite P75 in LS. rewrite P74. apply Rabs_le. apply Rabs_le_inv in LS. unfold u in RL. lra. }
  assert (V' : Rabs v <= / 2 ^ 42).
  { replace v with ((v - rl) + rl) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)). 
    apply Rle_trans with (/ 2 ^ 74 + / 8796093022208); [lra | interval]. }
  assert (W : Rabs (exp v - 1 - v) <= / 2 ^ 80) by (interval with (i_prec 120, i_taylor v, i_degree 3)).
  assert (T := exp_truncation r Hr). replace (exp r - 1 - r - r * r / 2 - Tail r) with (exp r - 1 - S) in T by (unfold S; ring).
  replace (x + low - k * ln 2) with (r + v) in * by (unfold v; ring). rewrite exp_plus.
  assert (SB : Rabs S <= / 2).
  { assert (A := Tail_range r Hr). destruct A as [A _]. set (w := Tail r) in *. unfold S. interval. }
  set (D := exp r - 1 - S) in *. set (w := exp v - 1 - v) in *.
  assert (Step : s + sl - (exp r * exp v - 1) = (s + sl - (S + rl * (1 + S))) - (D * (1 + (v + w)) + (1 + S) * (v - rl + w))).
  { unfold D, w. ring. }
  assert (DB : Rabs (D * (1 + (v + w))) <= 31 / 10 / 2 ^ 60 * Rabs r).
  { rewrite Rabs_mult. replace (31 / 10 / 2 ^ 60 * Rabs r) with (3 / 2 ^ 60 * Rabs r * (31 / 30)) by (field; apply pow_nonzero; lra).
    apply Rmult_le_compat; [apply Rabs_pos | apply Rabs_pos | exact T | interval]. }
  split; [exact Hr|]. split. { apply Rle_trans with (Rabs r + Rabs v); [apply Rabs_triang|]. 
     apply Rle_trans with (5680 / 16384 + / 2 ^ 42); [lra | interval]. }
  split; [|split; [|split; [exact P3 | split; [exact P4 | split; [exact P5 | exact P6]]]]].
  - assert (VB : Rabs ((1 + S) * (v - rl + w)) <= / 2 ^ 72 - / 2 ^ 90).
    { set (vr := v - rl) in *. interval with (i_prec 120). }
    rewrite Step. unfold Rminus at 1. apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite Rabs_Ropp.
    assert (Q := Rabs_triang (D * (1 + (v + w))) ((1 + S) * (v - rl + w))). lra.
  - intros Kz Lz. destruct (Zero Kz) as [Rx R0]. split; [exact Rx|].
    assert (Z1 : rl = 0). { unfold rl. rewrite R0, Lz, Rplus_0_r. apply rnd_id. apply generic_format_0. }
    assert (Z2 : v = 0). { unfold v. unfold k. rewrite Kz, Lz, Rx. ring. }
    assert (Z3 : w = 0) by (unfold w; rewrite Z2, exp_0; ring).
    split; [|rewrite Z1, Rabs_R0 in P7; lra].
    rewrite Step. rewrite Z3, Z2, Z1 in *. rewrite Rabs_R0 in *.
    replace (_ - (_ + _)) with ((s + sl - (S + 0 * (1 + S))) + - (D * (1 + (0 + 0)))) by ring.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite Rabs_Ropp.
    replace (D * (1 + (0 + 0))) with D by ring.
    assert (0 <= Rabs r) by apply Rabs_pos.
    assert (Y : 3 / 2 ^ 60 = 3 / 1152921504606846976) by (f_equal; f_equal; lra). 
    assert (Y' : 31 / 10 / 2 ^ 60 = 31 / 10 / 1152921504606846976) by (f_equal; f_equal; lra).
    assert (P90 : / 2 ^ 90 = / 1237940039285380274899124224) by (f_equal; lra).
    rewrite Y in T. rewrite Y'. rewrite P90 in P2. lra.
Qed.

(** Elementary.ExpandExp(x, low): the pair (High, Low); its exponent is quotient x. *)
Definition ExpandExp (x low : R) : R * R :=
  let '(s, sl) := Reduced x low in
  let '(high, error) := FastTwoSum rnd 1 s in
  FastTwoSum rnd high (rnd (error + sl)).

Lemma small_second : forall a b, double a -> double b -> Rabs b <= Rabs a ->
  Rabs (snd (FastTwoSum rnd a b)) <= u * Rabs (a + b) + eta.
Proof.
  intros a b Da Db H. assert (F := FastTwoSum_exact a b Da Db H). assert (E := rnd_error (a + b)).
  change (rnd (a + b)) with (fst (FastTwoSum rnd a b)) in E.
  replace (snd (FastTwoSum rnd a b)) with (- (fst (FastTwoSum rnd a b) - (a + b))) by lra. rewrite Rabs_Ropp. exact E.
Qed.

(** The pair of ExpandExp is within 0.9 2^-56, relative, of e^(x + low) / 2^k. *)
Theorem exp_expansion_error : forall x low, double x -> double low -> Rabs x <= 800 -> Rabs low <= / 17592186044416 ->
  let '(high, rest) := ExpandExp x low in
  Rabs ((high + rest) * powerRZ 2 (quotient x) - exp (x + low)) <= 9 / 10 * / 2 ^ 56 * exp (x + low)
  /\ 2 / 5 <= high <= 2 /\ Rabs rest <= / 2 ^ 50 /\ double high /\ double rest /\ high = rnd (high + rest).
Proof.
  intros x low Dx Dl Hx Hl. assert (Red := reduced_error x low Dx Dl Hx Hl). unfold ExpandExp.
  destruct (Reduced x low) as [s sl]. destruct Red as (Hr & Hv & Err & _ & Hs & Hsl & Ds & Dsl).
  set (r := fst (reduce x)) in *. set (y := x + low - IZR (quotient x) * ln 2) in *.
  assert (D1 : double 1) by (apply (double_integer 1); lia).
  assert (F1 := FastTwoSum_exact 1 s D1 Ds ltac:(rewrite (Rabs_pos_eq 1) by lra; lra)).
  assert (S1 := small_second 1 s D1 Ds ltac:(rewrite (Rabs_pos_eq 1) by lra; lra)).
  assert (E0 := eta_tiny). assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra).
  assert (Ha : double (fst (FastTwoSum rnd 1 s))) by apply rnd_double.
  destruct (FastTwoSum rnd 1 s) as [a e]. simpl fst in *. simpl snd in *. simpl in Ha.
  assert (Eb : Rabs e <= 2 * u).
  { apply (Rle_trans _ _ _ S1). assert (Rabs (1 + s) <= 3 / 2) by (apply Rabs_le; apply Rabs_le_inv in Hs; lra). unfold u. lra. }
  assert (Sum := rnd_within (e + sl) (/ 500000000000000) ltac:(apply Rabs_le_inv in Eb, Hsl; rewrite P50 in Hsl; unfold u in Eb; lra)).
  set (b := rnd (e + sl)) in *.
  apply Rabs_le_inv in Hs. assert (Eb' := Rabs_le_inv _ _ Eb). assert (Hsl' := Rabs_le_inv _ _ Hsl). rewrite P50 in Hsl'.
  assert (Ab : 45 / 100 <= a <= 155 / 100) by (unfold u in *; lra).
  assert (Bb : Rabs b <= / 400000000000000) by (apply Rabs_le; unfold u in *; lra).
  assert (Cond : Rabs b <= Rabs a) by (rewrite (Rabs_pos_eq a) by lra; lra).
  assert (F2 := FastTwoSum_exact a b Ha (rnd_double _) Cond).
  assert (S2 := small_second a b Ha (rnd_double _) Cond).
  assert (N : fst (FastTwoSum rnd a b) = rnd (fst (FastTwoSum rnd a b) + snd (FastTwoSum rnd a b))) by (rewrite F2; reflexivity).
  assert (Dh : double (fst (FastTwoSum rnd a b))) by apply rnd_double. assert (Dr : double (snd (FastTwoSum rnd a b))) by apply rnd_double.
  destruct (FastTwoSum rnd a b) as [high rest]. simpl fst in *. simpl snd in *.
  assert (S3 : Rabs rest <= / 2 ^ 50).
  { apply (Rle_trans _ _ _ S2). assert (Rabs (a + b) <= 2) by (apply Rabs_le; apply Rabs_le_inv in Bb; lra). rewrite P50. unfold u. lra. }
  assert (S3' := Rabs_le_inv _ _ S3). rewrite P50 in S3'. assert (Bb' := Rabs_le_inv _ _ Bb).
  split; [|repeat split; [lra | lra | exact S3 | exact Dh | exact Dr | exact N]].
  assert (Sp : exp (x + low) = exp y * powerRZ 2 (quotient x)).
  { replace (x + low) with (y + IZR (quotient x) * ln 2) by (unfold y; ring). rewrite exp_plus. f_equal.
    rewrite powerRZ_Rpower by lra. reflexivity. }
  rewrite Sp. replace (_ - _) with ((high + rest - exp y) * powerRZ 2 (quotient x)) by ring.
  assert (Pos : 0 < powerRZ 2 (quotient x)) by (apply powerRZ_lt; lra).
  rewrite Rabs_mult, (Rabs_pos_eq (powerRZ _ _)), <- Rmult_assoc by lra. apply Rmult_le_compat_r; [lra|].
  replace (high + rest - exp y) with ((s + sl - (exp y - 1)) + (b - (e + sl))) by lra.
  apply (Rle_trans _ _ _ (Rabs_triang _ _)).
  destruct (Tail_range r Hr) as [T1 _].
  assert (B : Rabs (b - (e + sl)) <= u * / 400000000000000) by (apply Rabs_le; unfold u in *; lra).
  assert (Ey : 707 / 1000 <= exp y) by interval.
  apply Rle_trans with (9 / 10 * / 2 ^ 56 * (707 / 1000)); [|apply Rmult_le_compat_l; [interval | exact Ey]].
  apply Rle_trans with (5.4 * u * (77 / 10000) + / 2 ^ 60 + 31 / 10 / 2 ^ 60 * (5680 / 16384) + / 2 ^ 72 + u * / 400000000000000).
  - assert (31 / 10 / 2 ^ 60 * Rabs r <= 31 / 10 / 2 ^ 60 * (5680 / 16384)) by (apply Rmult_le_compat_l; [interval | exact Hr]).
    unfold u in *. lra.
  - unfold u. interval.
Qed.

Theorem exp_approximated : forall x low, double x -> double low -> Rabs x <= 800 -> Rabs low <= / 17592186044416 ->
  approximates (ExpandExp x low) (quotient x) (/ 2 ^ 56) (exp (x + low)).
Proof.
  intros x low Dx Dl Hx Hl. assert (E := exp_expansion_error x low Dx Dl Hx Hl). destruct (quotient_range x Hx) as [K _].
  destruct (ExpandExp x low) as [high rest]. destruct E as (E & Hh & Hr & Dh & Dr & _).
  assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra). rewrite P50 in Hr.
  assert (Ah : Rabs high = high) by (apply Rabs_pos_eq; lra).
  split; [exact Dh|]. split; [exact Dr|]. split; [lra|]. split.
  { rewrite bpow_powerRZ, (Rabs_pos_eq (exp _)) by (left; apply exp_pos). apply (Rle_trans _ _ _ E).
    apply Rmult_le_compat_r; [left; apply exp_pos | interval]. }
  split.
  - right. split; [lra|]. rewrite Ah. assert (B : bpow radix2 (-1000) * 4 <= bpow radix2 (quotient x / 2)).
    { change 4 with (bpow radix2 2). rewrite <- bpow_plus. apply bpow_le. assert (-578 <= quotient x / 2)%Z; [|lia].
      apply Z.div_le_lower_bound; lia. }
    assert (C : 0 < bpow radix2 (-1000) <= / 4) by (split; [apply bpow_gt_0 | change (/ 4) with (bpow radix2 (-2)); apply bpow_le; lia]).
    split; [lra | nra].
  - intro Z. exfalso. revert Z. apply Rinv_neq_0_compat, pow_nonzero. lra.
Qed.
