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

(** What ScaledTail does below 8, at the node k: y = k/4 + t, and yl its low part. *)
Definition TablePair (k : nat) (t yl : R) : R * R :=
  let c := entry k in
  let '(linear, linearLow) := TwoProduct rnd t (c 2%nat) in
  let '(high, low) := FastTwoSum rnd (c 0%nat) linear in
  let derivative := rnd (c 2%nat + rnd (rnd (2 * t) * c 4%nat)) in
  let rest := rnd (rnd (t * t) * Polynomial rnd (16 * k + 4) NormalTail t) in
  let low := rnd (low + rnd (rnd (rnd (rnd (linearLow + c 1%nat) + rnd (t * c 3%nat)) + rnd (yl * derivative)) + rest)) in
  FastTwoSum rnd high low.

Ltac fraction_double := match goal with |- double (IZR ?n / IZR (Zpos ?d)) =>
  let e := eval compute in (- Z.log2 (Zpos d))%Z in change (double (IZR n * bpow radix2 e)); apply double_scaled; [reflexivity | discriminate] end.

Lemma constant_double : forall k, (k <= 32)%nat -> double (entry k 0).
Proof.
  intros k Hk. do 33 (destruct k as [|k]; [unfold entry, NormalTail; cbv beta iota delta [nth Nat.mul Nat.add]; fraction_double|]). lia.
Qed.

Lemma polynomial_row : forall o k t, Polynomial o (16 * k + 4) NormalTail t = horner o (fun i => entry k (4 + i)) t.
Proof. intros o k t. rewrite polynomial_horner. unfold horner, Fma, entry. rewrite !Nat.add_assoc. reflexivity. Qed.

Lemma taylor_horner : forall k t, taylor (coefficient k) t =
  entry k 0 + entry k 1 + t * (entry k 2 + entry k 3) + t * t * horner exactly (fun i => entry k (4 + i)) t.
Proof. intros k t. unfold taylor, coefficient, horner, Fma, exactly. cbv zeta. simpl Nat.add. ring. Qed.

Lemma table_rounding : forall k t yl, (k <= 32)%nat -> Rabs t <= / 8 -> Rabs yl <= 17 * u ->
  let C := entry k 0 in let '(high, low) := TablePair k t yl in
  Rabs (high + low - (taylor (coefficient k) t + yl * (entry k 2 + 2 * t * entry k 4))) <= 45 / 1000 * u * C
  /\ 88 / 100 * C <= high <= 112 / 100 * C /\ double high /\ double low /\ Rabs low <= u * Rabs (high + low).
Proof.
  intros k t yl Hk Ht Hyl C. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  destruct (rows k Hk) as [R0 R1 R2 R3 RH _ _ _]. assert (D0 := constant_double k Hk). fold C in R0, R1, R2, R3, RH, D0.
  destruct (horner_rounding (fun i => entry k (4 + i)) C t ltac:(lra) Ht RH) as [PE PB]. rewrite <- polynomial_row in PE.
  rewrite taylor_horner. fold C. unfold TablePair. cbv zeta. fold C. set (P := horner exactly (fun i => entry k (4 + i)) t) in *. set (p := Polynomial rnd (16 * k + 4) NormalTail t) in *.
  assert (R4 := RH 0%nat ltac:(lia)). cbv beta iota delta [ratios nth] in R4. rewrite fraction_of in R4. simpl Nat.add in R4.
  set (c1 := entry k 1) in *. set (c2 := entry k 2) in *. set (c3 := entry k 3) in *. set (c4 := entry k 4) in *. clearbody c1 c2 c3 c4 p P. clear RH.
  assert (Ht' := Rabs_le_inv _ _ Ht). apply Rabs_le_inv in R1, R2, R3, R4, PE, PB, Hyl.
  assert (UC : eta <= / 1000000 * u * C) by (rewrite U; lra). assert (UU : 0 < u <= / 1000000000000000) by (rewrite U; lra).
  unfold TwoProduct. assert (L := product_within t c2 _ _ Ht' R2). assert (A1 := rnd_within (t * c2) (/ 10 * C) ltac:(lra)).
  assert (Dl : double (rnd (t * c2))) by apply rnd_double. set (linear := rnd (t * c2)) in *.
  assert (A2 := rnd_within (t * c2 - linear) (11 / 100 * u * C) ltac:(lra)). set (linearLow := rnd (t * c2 - linear)) in *.
  assert (Lin : - (101 / 1000 * C) <= linear <= 101 / 1000 * C) by (rewrite U in *; lra).
  assert (F := FastTwoSum_exact C linear D0 Dl ltac:(rewrite (Rabs_pos_eq C) by lra; apply Rabs_le; lra)).
  assert (N := sum_relative C linear D0 Dl). change (rnd (C + linear)) with (fst (FastTwoSum rnd C linear)) in N.
  assert (Dh : double (fst (FastTwoSum rnd C linear))) by apply rnd_double.
  destruct (FastTwoSum rnd C linear) as [high low]. simpl fst in *. simpl snd in *.
  rewrite (Rabs_pos_eq (C + linear)) in N by lra. apply Rabs_le_inv in N.
  assert (Low : - (111 / 100 * u * C) <= low <= 111 / 100 * u * C) by (rewrite U in *; lra).
  assert (B1 := rnd_within (linearLow + c1) (112 / 100 * u * C) ltac:(rewrite U in *; lra)). set (s1 := rnd (linearLow + c1)) in *.
  assert (TC3 := product_within t c3 _ _ Ht' R3). assert (B2 := rnd_within (t * c3) (/ 8 * (u * C)) TC3). set (s2 := rnd (t * c3)) in *.
  assert (B3 := rnd_within (s1 + s2) (13 / 10 * u * C) ltac:(rewrite U in *; lra)). set (s3 := rnd (s1 + s2)) in *.
  assert (T2 := rnd_within (2 * t) (/ 4) ltac:(lra)). set (t2 := rnd (2 * t)) in *.
  assert (T2' : - (26 / 100) <= t2 <= 26 / 100) by (rewrite U in *; lra).
  assert (T4 := product_within t2 c4 _ _ T2' R4). assert (T4' := product_within (t2 - 2 * t) c4 (/ 1000 * / 1000) (1 / 2 * C) ltac:(rewrite U in *; lra) R4).
  assert (B4 := rnd_within (t2 * c4) (14 / 100 * C) ltac:(lra)). set (s4 := rnd (t2 * c4)) in *.
  assert (B5 := rnd_within (c2 + s4) (95 / 100 * C) ltac:(rewrite U in *; lra)). set (deriv := rnd (c2 + s4)) in *.
  assert (DD : - (/ 100000 * C) <= deriv - (c2 + 2 * t * c4) <= / 100000 * C) by (rewrite U in *; lra).
  assert (YD := product_within yl (deriv - (c2 + 2 * t * c4)) _ _ Hyl DD).
  assert (YL := product_within yl deriv (17 * u) (96 / 100 * C) Hyl ltac:(rewrite U in *; lra)).
  assert (B6 := rnd_within (yl * deriv) (17 * u * C) ltac:(rewrite U in *; lra)). set (s6 := rnd (yl * deriv)) in *.
  assert (B7 := rnd_within (s3 + s6) (20 * u * C) ltac:(rewrite U in *; lra)). set (s7 := rnd (s3 + s6)) in *.
  assert (TT := product_within t t _ _ Ht' Ht'). assert (TT0 : 0 <= t * t) by nra.
  assert (B8 := rnd_within (t * t) (/ 64) ltac:(lra)). set (tt := rnd (t * t)) in *.
  assert (Q1 := product_within (tt - t * t) P (/ 63 * u) (536 / 1000 * C) ltac:(rewrite U in *; lra) PB).
  assert (Q2 := product_within tt (p - P) (/ 63) (6 / 10 * u * C) ltac:(rewrite U in *; lra) PE).
  assert (Q3 := product_within tt p (/ 6399 * 100) (537 / 1000 * C) ltac:(rewrite U in *; lra) ltac:(rewrite U in *; lra)).
  assert (B9 := rnd_within (tt * p) (84 / 10000 * C) ltac:(lra)). set (rest := rnd (tt * p)) in *.
  assert (B10 := rnd_within (s7 + rest) (85 / 10000 * C) ltac:(rewrite U in *; lra)). set (s8 := rnd (s7 + rest)) in *.
  assert (B11 := rnd_within (low + s8) (86 / 10000 * C) ltac:(rewrite U in *; lra)). assert (Ds : double (rnd (low + s8))) by apply rnd_double. set (s9 := rnd (low + s8)) in *.
  assert (High : 89 / 100 * C <= high <= 111 / 100 * C) by (rewrite U in *; lra). assert (S9 : - (87 / 10000 * C) <= s9 <= 87 / 10000 * C) by (rewrite U in *; lra).
  assert (G := FastTwoSum_exact high s9 Dh Ds ltac:(rewrite (Rabs_pos_eq high) by lra; apply Rabs_le; lra)).
  assert (M := sum_relative high s9 Dh Ds). change (rnd (high + s9)) with (fst (FastTwoSum rnd high s9)) in M.
  assert (Do : double (fst (FastTwoSum rnd high s9)) /\ double (snd (FastTwoSum rnd high s9))) by (split; apply rnd_double).
  destruct (FastTwoSum rnd high s9) as [h l]. simpl fst in *. simpl snd in *. rewrite <- G in M. replace (h - (h + l)) with (- l) in M by ring. rewrite Rabs_Ropp in M.
  split; [|split; [|split; [exact (proj1 Do) | split; [exact (proj2 Do) | exact M]]]].
  - rewrite G. replace (high + s9 - (C + c1 + t * (c2 + c3) + t * t * P + yl * (c2 + 2 * t * c4)))
      with ((s9 - (low + s8)) + (s8 - (s7 + rest)) + (rest - tt * p) + tt * (p - P) + (tt - t * t) * P + (s7 - (s3 + s6)) + (s6 - yl * deriv) + yl * (deriv - (c2 + 2 * t * c4))
        + (s3 - (s1 + s2)) + (s2 - t * c3) + (s1 - (linearLow + c1)) + (linearLow - (t * c2 - linear)))
      by (replace high with (C + linear - low) by lra; ring).
    apply Rabs_le. rewrite U in *. lra.
  - rewrite (Rabs_pos_eq (h + l)) in M by lra. apply Rabs_le_inv in M. rewrite U in *. lra.
Qed.
