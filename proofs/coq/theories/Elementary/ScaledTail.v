(* N(y) = Φ(-y) e^(y²/2) of Elementary.Normal.cs, ScaledTail: every rounding of the table's polynomials and of Laplace's fraction. *)
From Coq Require Import Reals QArith Qreals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core Sterbenz.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Gaussian Laplace NormalTable NormalRows.
Import ListNotations.
Open Scope R_scope.

(** ** The polynomial of a row *)

(** Polynomial with its coefficients as a function. *)
Definition horner (o : R -> R) (a : nat -> R) (x : R) : R :=
  let square := o (x * x) in
  let odd := Fma o (a 11%nat) square (a 9%nat) in let even := Fma o (a 10%nat) square (a 8%nat) in
  let odd := Fma o odd square (a 7%nat) in let even := Fma o even square (a 6%nat) in
  let odd := Fma o odd square (a 5%nat) in let even := Fma o even square (a 4%nat) in
  let odd := Fma o odd square (a 3%nat) in let even := Fma o even square (a 2%nat) in
  let rest := Fma o odd x even in
  Fma o (Fma o rest x (a 1%nat)) x (a 0%nat).

Lemma polynomial_horner : forall o first c x, Polynomial o first c x = horner o (fun i => nth (first + i) c 0) x.
Proof. reflexivity. Qed.

(** One step with everything in units of a scale C; errors in units of u C. *)
Lemma fma_step : forall C p pe s se a d m r w ds, 0 <= C -> eta <= / 1000000 * u * C -> 0 <= d -> 0 <= m -> 0 <= r -> 0 <= w <= 1 -> 0 <= ds <= 1 ->
  Rabs (p - pe) <= d * u * C -> Rabs pe <= m * C -> Rabs a <= r * C -> Rabs s <= w -> Rabs se <= w -> Rabs (s - se) <= ds * u ->
  Rabs (rnd (p * s + a) - (pe * se + a)) <= (1001 / 1000 * (d * w) + m * (w + ds) + r + / 1000000) * u * C /\ Rabs (pe * se + a) <= (m * w + r) * C.
Proof.
  intros C p pe s se a d m r w ds HC He Hd Hm Hr Hw Hds Hp Hpe Ha Hs Hse Hss. assert (U : 0 < u <= / 1000) by (unfold u; lra).
  apply Rabs_le_inv in Hp, Hpe, Ha, Hs, Hse, Hss.
  assert (A1 := product_within (p - pe) s (d * u * C) w Hp Hs). assert (A2 := product_within pe (s - se) (m * C) (ds * u) Hpe Hss).
  assert (A3 := product_within pe s (m * C) w Hpe Hs). assert (A4 := product_within pe se (m * C) w Hpe Hse).
  assert (Dw : 0 <= d * w * C) by (repeat apply Rmult_le_pos; lra).
  assert (T : u * (d * w * C) <= / 1000 * (d * w * C)) by (apply Rmult_le_compat_r; lra).
  assert (R := rnd_within (p * s + a) (d * w * C * u + m * w * C + r * C) ltac:(lra)).
  assert (T' : u * (d * w * C * u) <= / 1000 * (d * w * C) * u) by (replace (u * (d * w * C * u)) with (u * (d * w * C) * u) by ring; apply Rmult_le_compat_r; lra).
  split; apply Rabs_le; [|lra].
  replace (rnd (p * s + a) - (pe * se + a)) with ((rnd (p * s + a) - (p * s + a)) + (p - pe) * s + pe * (s - se)) by ring. lra.
Qed.

Lemma horner_rounding : forall a C x, / 100 <= C -> Rabs x <= / 8 -> (forall i, (i < 12)%nat -> Rabs (a i) <= Q2R (nth i ratios 0%Q) * C) ->
  Rabs (horner rnd a x - horner exactly a x) <= 6 / 10 * u * C /\ Rabs (horner exactly a x) <= 536 / 1000 * C.
Proof.
  intros a C x HC Hx Ha. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (Eta : eta <= / 1000000 * u * C) by (rewrite U; lra).
  assert (Hx' := Rabs_le_inv _ _ Hx). assert (XX : 0 <= x * x <= / 64) by (assert (P := product_within x x _ _ Hx' Hx'); split; [nra | lra]).
  assert (S := rnd_within (x * x) (/ 64) ltac:(lra)). assert (S0 : Rabs (rnd (x * x)) <= / 64).
  { apply rnd_abs_le; [|apply Rabs_le; lra]. change (/ 64) with (bpow radix2 (-6)). apply generic_format_bpow. unfold FLT_exp. lia. }
  assert (A0 := Ha 0%nat ltac:(lia)). assert (A1 := Ha 1%nat ltac:(lia)). assert (A2 := Ha 2%nat ltac:(lia)). assert (A3 := Ha 3%nat ltac:(lia)).
  assert (A4 := Ha 4%nat ltac:(lia)). assert (A5 := Ha 5%nat ltac:(lia)). assert (A6 := Ha 6%nat ltac:(lia)). assert (A7 := Ha 7%nat ltac:(lia)).
  assert (A8 := Ha 8%nat ltac:(lia)). assert (A9 := Ha 9%nat ltac:(lia)). assert (A10 := Ha 10%nat ltac:(lia)). assert (A11 := Ha 11%nat ltac:(lia)). clear Ha.
  cbv beta iota delta [ratios nth] in A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11. rewrite ?fraction_of in *.
  unfold horner, Fma, exactly. cbv zeta. set (s := rnd (x * x)) in *.
  assert (Z : forall y r, Rabs y <= r * C -> Rabs (y - y) <= 0 * u * C /\ Rabs y <= r * C) by (intros; split; [rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra | assumption]).
  assert (SS : Rabs (s - x * x) <= / 60 * u) by (apply Rabs_le; rewrite U in *; lra). assert (S1 : Rabs (x * x) <= / 64) by (apply Rabs_le; lra).
  assert (XZ : Rabs (x - x) <= 0 * u) by (rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra).
  assert (Next : forall p pe b d m r d' m', 0 <= d -> 0 <= m -> 0 <= r -> Rabs (p - pe) <= d * u * C /\ Rabs pe <= m * C -> Rabs b <= r * C ->
    1001 / 1000 * (d * / 64) + m * (/ 64 + / 60) + r + / 1000000 <= d' -> m * / 64 + r <= m' ->
    Rabs (rnd (p * s + b) - (pe * (x * x) + b)) <= d' * u * C /\ Rabs (pe * (x * x) + b) <= m' * C).
  { intros p pe b d m r d' m' Hd Hm Hr [H1 H2] H3 Hd' Hm'.
    destruct (fma_step C p pe s (x * x) b d m r (/ 64) (/ 60) ltac:(lra) Eta Hd Hm Hr ltac:(lra) ltac:(lra) H1 H2 H3 S0 S1 SS) as [N1 N2].
    split; [apply (Rle_trans _ _ _ N1); apply Rmult_le_compat_r; [lra|]; apply Rmult_le_compat_r; [rewrite U; lra | exact Hd'] | apply (Rle_trans _ _ _ N2); apply Rmult_le_compat_r; lra]. }
  assert (Last : forall p pe b be d db m r d' m', 0 <= d -> 0 <= db -> 0 <= m -> 0 <= r -> Rabs (p - pe) <= d * u * C /\ Rabs pe <= m * C -> Rabs (b - be) <= db * u * C /\ Rabs be <= r * C ->
    1001 / 1000 * (d * / 8) + m * / 8 + r + 1001 / 1000 * db + / 100000 <= d' -> m * / 8 + r <= m' ->
    Rabs (rnd (p * x + b) - (pe * x + be)) <= d' * u * C /\ Rabs (pe * x + be) <= m' * C).
  { intros p pe b be d db m r d' m' Hd Hdb Hm Hr [H1 H2] [H3 H4] Hd' Hm'.
    assert (HB : Rabs b <= (r + db * u) * C).
    { replace b with (be + (b - be)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)). lra. }
    destruct (fma_step C p pe x x b d m (r + db * u) (/ 8) 0 ltac:(lra) Eta Hd Hm ltac:(apply Rplus_le_le_0_compat; [lra | apply Rmult_le_pos; [lra | rewrite U; lra]]) ltac:(lra) ltac:(lra) H1 H2 HB Hx Hx XZ) as [N1 N2].
    assert (UC : 0 <= u * C) by (rewrite U; lra). assert (DU : db * u <= / 1000 * db) by (rewrite Rmult_comm; apply Rmult_le_compat_r; [exact Hdb | rewrite U; lra]).
    split.
    - replace (rnd (p * x + b) - (pe * x + be)) with ((rnd (p * x + b) - (pe * x + b)) + (b - be)) by ring.
      apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite !(Rmult_assoc _ u C) in *. 
      assert (V := Rmult_le_compat_r (u * C) _ _ UC Hd'). assert (V2 := Rmult_le_compat_r (u * C) _ _ UC DU). lra.
    - replace (pe * x + be) with ((pe * x + b) - (b - be)) by ring.
      assert (PX := product_within pe x (m * C) (/ 8) (Rabs_le_inv _ _ H2) Hx'). apply Rabs_le_inv in H4. assert (V := Rmult_le_compat_r C _ _ ltac:(lra) Hm'). apply Rabs_le. lra. }
  assert (O1 := Next (a 11%nat) (a 11%nat) (a 9%nat) 0 (1 / 1000) (1 / 1000) (11 / 10000) (11 / 10000) ltac:(lra) ltac:(lra) ltac:(lra) (Z _ _ A11) A9 ltac:(lra) ltac:(lra)).
  assert (V1 := Next (a 10%nat) (a 10%nat) (a 8%nat) 0 (1 / 1000) (1 / 1000) (11 / 10000) (11 / 10000) ltac:(lra) ltac:(lra) ltac:(lra) (Z _ _ A10) A8 ltac:(lra) ltac:(lra)).
  apply (Next _ _ (a 7%nat) _ _ (/ 1000) (11 / 10000) (11 / 10000)) in O1; [|lra|lra|lra|lra|lra|lra].
  apply (Next _ _ (a 6%nat) _ _ (3 / 1000) (32 / 10000) (31 / 10000)) in V1; [|lra|lra|lra|lra|lra|lra].
  apply (Next _ _ (a 5%nat) _ _ (8 / 1000) (82 / 10000) (81 / 10000)) in O1; [|lra|lra|lra|lra|lra|lra].
  apply (Next _ _ (a 4%nat) _ _ (21 / 1000) (22 / 1000) (211 / 10000)) in V1; [|lra|lra|lra|lra|lra|lra].
  apply (Next _ _ (a 3%nat) _ _ (54 / 1000) (55 / 1000) (542 / 10000)) in O1; [|lra|lra|lra|lra|lra|lra].
  apply (Next _ _ (a 2%nat) _ _ (126 / 1000) (128 / 1000) (1264 / 10000)) in V1; [|lra|lra|lra|lra|lra|lra].
  assert (W := Last _ _ _ _ (55 / 1000) (128 / 1000) (542 / 10000) (1264 / 10000) (269 / 1000) (134 / 1000) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) O1 V1 ltac:(lra) ltac:(lra)).
  apply (fun H => Last _ _ (a 1%nat) (a 1%nat) (269 / 1000) 0 (134 / 1000) (266 / 1000) (318 / 1000) (284 / 1000) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) H (Z _ _ A1) ltac:(lra) ltac:(lra)) in W.
  apply (fun H => Last _ _ (a 0%nat) (a 0%nat) (318 / 1000) 0 (284 / 1000) (1 / 2) (576 / 1000) (536 / 1000) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) H (Z _ _ A0) ltac:(lra) ltac:(lra)) in W.
  destruct W as [W1 W2]. split; [apply (Rle_trans _ _ _ W1); rewrite U; lra | exact W2].
Qed.
