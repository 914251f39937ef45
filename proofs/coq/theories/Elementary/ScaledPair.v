(* N(y) = Φ(-y) e^(y²/2) as the pair that ScaledTail of Elementary.Normal.cs returns, at y + yl: truncation, node and every rounding. *)
From Coq Require Import Reals QArith Qreals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core Sterbenz.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Gaussian Laplace NormalTable NormalRows ScaledTail.
Open Scope R_scope.

(** ** The low part of the argument *)

Lemma scaled_moved : forall y yl, 0 <= y <= 10 -> Rabs yl <= / 1000 -> 0 <= y + yl ->
  Rabs (scaled (y + yl) - scaled y - yl * (y * scaled y - root_density)) <= 100 * (yl * yl) /\ Rabs (scaled (y + yl) - scaled y) <= 6 * Rabs yl.
Proof.
  intros y yl Hy Hl Hs. assert (K := root_density_range). apply Rabs_le_inv in Hl.
  assert (In : forall t, Rmin y (y + yl) <= t <= Rmax y (y + yl) -> 0 <= t <= 10001 / 1000 /\ Rabs (t - y) <= Rabs yl).
  { intros t Ht. unfold Rmin, Rmax in Ht. destruct (Rle_dec y (y + yl)).
    - rewrite (Rabs_pos_eq yl) by lra. split; [lra | apply Rabs_le; lra].
    - rewrite (Rabs_left1 yl) by lra. split; [lra | apply Rabs_le; lra]. }
  assert (S1 : forall t, 0 <= t <= 10001 / 1000 -> Rabs (t * scaled t - root_density) <= 6).
  { intros t Ht. assert (R := scaled_range t ltac:(lra)). assert (0 <= t * scaled t <= 10001 / 1000 * / 2) by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). apply Rabs_le. lra. }
  assert (D1 : forall t, is_derive scaled t (t * scaled t - root_density)) by apply scaled_derives.
  assert (Main : forall t, 0 <= t <= 10001 / 1000 -> Rabs (t - y) <= Rabs yl -> Rabs ((t * scaled t - root_density) - (y * scaled y - root_density)) <= 100 * Rabs yl).
  { intros t Ht Hty. destruct (MVT_gen (fun t => t * scaled t - root_density) y t (fun t => scaled t + t * (t * scaled t - root_density))) as (c & Hc & E).
    - intros x _. replace (scaled x + x * (x * scaled x - root_density)) with (1 * scaled x + x * (x * scaled x - root_density) - 0) by ring.
      apply (is_derive_minus (fun t => t * scaled t) (fun _ => root_density)); [|apply (is_derive_const root_density)].
      apply (is_derive_mult (fun t => t) scaled); [apply (is_derive_id x) | apply D1 | intros; apply Rmult_comm].
    - intros x _. apply continuity_pt_filterlim, (ex_derive_continuous (fun t => t * scaled t - root_density)).
      exists (1 * scaled x + x * (x * scaled x - root_density) - 0).
      apply (is_derive_minus (fun t => t * scaled t) (fun _ => root_density)); [|apply (is_derive_const root_density)].
      apply (is_derive_mult (fun t => t) scaled); [apply (is_derive_id x) | apply D1 | intros; apply Rmult_comm].
    - assert (Rc : 0 <= c <= 10001 / 1000) by (unfold Rmin, Rmax in Hc; destruct (Rle_dec y t); lra).
      assert (B := S1 c Rc). assert (R := scaled_range c ltac:(lra)). apply Rabs_le_inv in B.
      assert (V := product_within c (c * scaled c - root_density) (10001 / 1000) 6 ltac:(lra) ltac:(lra)).
      rewrite E, Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; [apply Rabs_le; lra | exact Hty]. }
  destruct (MVT_gen scaled y (y + yl) (fun t => t * scaled t - root_density)) as (c & Hc & E).
  - intros t _. apply D1.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous scaled). eexists. apply D1.
  - destruct (In c Hc) as [Rc Dc]. replace (y + yl - y) with yl in E by ring. assert (M := Main c Rc Dc). rewrite E. split.
    + replace ((c * scaled c - root_density) * yl - yl * (y * scaled y - root_density)) with (((c * scaled c - root_density) - (y * scaled y - root_density)) * yl) by ring.
      rewrite Rabs_mult. assert (YY : yl * yl = Rabs yl * Rabs yl) by (rewrite <- Rabs_mult; symmetry; apply Rabs_pos_eq; nra). rewrite YY, <- Rmult_assoc.
      apply Rmult_le_compat_r; [apply Rabs_pos | exact M].
    + rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos | apply S1, Rc].
Qed.

(** The derivative that the row uses, for the low part. *)
Lemma row_slope : forall k t, (k <= 32)%nat -> Rabs t <= / 8 -> 0 <= centre k + t -> let C := entry k 0 in
  (centre k + t) * Rabs (taylor_slope (coefficient k) t - (entry k 2 + 2 * t * entry k 4)) <= 15 / 1000 * C.
Proof.
  intros k t Hk Ht Hy C. assert (U : u = / 9007199254740992) by reflexivity. destruct (rows k Hk) as [R0 _ _ R3 RH R5 _ _]. fold C in R0, R3, RH, R5.
  assert (Ck : 0 <= centre k <= 8).
  { unfold centre. rewrite INR_IZR_INZ. assert (0 <= IZR (Z.of_nat k) <= 32) by (split; apply IZR_le; lia). lra. }
  assert (H2 := RH 2%nat ltac:(lia)). assert (H3 := RH 3%nat ltac:(lia)). assert (H4 := RH 4%nat ltac:(lia)). assert (H5 := RH 5%nat ltac:(lia)). assert (H6 := RH 6%nat ltac:(lia)).
  assert (H7 := RH 7%nat ltac:(lia)). assert (H8 := RH 8%nat ltac:(lia)). assert (H9 := RH 9%nat ltac:(lia)). assert (H10 := RH 10%nat ltac:(lia)). assert (H11 := RH 11%nat ltac:(lia)).
  cbv beta iota delta [ratios nth] in H2, H3, H4, H5, H6, H7, H8, H9, H10, H11. rewrite ?fraction_of in *. simpl Nat.add in *. clear RH.
  assert (Ht' := Rabs_le_inv _ _ Ht). set (y := centre k + t) in *. assert (Y : 0 <= y <= centre k + / 8) by (split; [exact Hy | unfold y; lra]).
  rewrite <- (Rabs_pos_eq y) by lra. rewrite <- Rabs_mult.
  set (tail := 4 * entry k 6 + t * (5 * entry k 7 + t * (6 * entry k 8 + t * (7 * entry k 9 + t * (8 * entry k 10 + t * (9 * entry k 11
      + t * (10 * entry k 12 + t * (11 * entry k 13 + t * (12 * entry k 14 + t * (13 * entry k 15)))))))))).
  assert (Step : forall a b n m r, Rabs a <= m / 1000 * C -> 0 <= n -> Rabs b <= r * C -> Rabs (n * a + t * b) <= (n * m / 1000 + r / 8) * C).
  { intros a b n m r Ha Hn Hb. assert (V := product_within t b _ _ Ht' (Rabs_le_inv _ _ Hb)). apply Rabs_le_inv in Ha.
    assert (V2 := Rmult_le_compat_l n _ _ Hn (proj2 Ha)). assert (V3 := Rmult_le_compat_l n _ _ Hn (proj1 Ha)). apply Rabs_le. lra. }
  assert (Tail : Rabs tail <= 560 / 1000 * C).
  { assert (B : Rabs (13 * entry k 15) <= 13 / 1000 * C) by (apply Rabs_le; apply Rabs_le_inv in H11; lra).
    apply (Step (entry k 14) _ 12 1) in B; [|lra|lra]. apply (Step (entry k 13) _ 11 1) in B; [|lra|lra]. apply (Step (entry k 12) _ 10 1) in B; [|lra|lra].
    apply (Step (entry k 11) _ 9 1) in B; [|lra|lra]. apply (Step (entry k 10) _ 8 3) in B; [|lra|lra]. apply (Step (entry k 9) _ 7 8) in B; [|lra|lra].
    apply (Step (entry k 8) _ 6 21) in B; [|lra|lra]. apply (Step (entry k 7) _ 5 54) in B; [|lra|lra]. apply (Step (entry k 6) _ 4 126) in B; [|lra|lra].
    apply (Rle_trans _ _ _ B). lra. }
  replace (taylor_slope (coefficient k) t - (entry k 2 + 2 * t * entry k 4)) with (entry k 3 + 3 * (t * t) * entry k 5 + t * (t * t) * tail)
    by (unfold taylor_slope, coefficient, tail; simpl Nat.add; ring).
  assert (TT := product_within t t _ _ Ht' Ht'). assert (TT0 : 0 <= t * t) by nra. apply Rabs_le_inv in R3, Tail, R5.
  assert (TTT := product_within t (t * t) _ (/ 64) Ht' ltac:(lra)). assert (T4 := product_within _ tail _ _ TTT Tail).
  assert (Y1 := product_within y (entry k 3) 9 (u * C) ltac:(lra) R3).
  assert (Y2 := product_within y (t * (t * t) * tail) (82 / 10) _ ltac:(lra) T4).
  assert (Y3 : - (11 / 100 * C) <= y * entry k 5 <= 11 / 100 * C).
  { apply Rabs_le_inv. rewrite Rabs_mult, (Rabs_pos_eq y) by lra. apply Rle_trans with ((centre k + / 8) * Rabs (entry k 5)); [apply Rmult_le_compat_r; [apply Rabs_pos | lra]|].
    rewrite <- (Rabs_pos_eq (centre k + / 8)) by lra. rewrite <- Rabs_mult. apply Rabs_le. rewrite (Rmult_comm _ (entry k 5)). lra. }
  assert (Y4 := product_within (3 * (t * t)) (y * entry k 5) (3 / 64) (11 / 100 * C) ltac:(lra) Y3).
  replace (y * (entry k 3 + 3 * (t * t) * entry k 5 + t * (t * t) * tail)) with (y * entry k 3 + 3 * (t * t) * (y * entry k 5) + y * (t * (t * t) * tail)) by ring.
  apply Rabs_le. rewrite U in *. lra.
Qed.

(** Below 8 the pair is N(y + yl) within 0.118 u of the constant of its row. *)
Lemma table_pair : forall k t yl, (k <= 32)%nat -> Rabs t <= / 8 -> 0 <= centre k + t -> Rabs yl <= 2 * u * (centre k + t) -> 0 <= centre k + t + yl ->
  let C := entry k 0 in let '(high, low) := TablePair k t yl in
  Rabs (high + low - scaled (centre k + t + yl)) <= 118 / 1000 * u * C /\ (yl = 0 -> Rabs (high + low - scaled (centre k + t + yl)) <= 88 / 1000 * u * C)
  /\ 88 / 100 * C <= high <= 112 / 100 * C /\ 49 / 1000 <= C <= / 2 /\ double high /\ double low /\ Rabs low <= u * Rabs (high + low).
Proof.
  intros k t yl Hk Ht Hy Hl Hs C. assert (U : u = / 9007199254740992) by reflexivity.
  assert (Ck : 0 <= centre k <= 8).
  { unfold centre. rewrite INR_IZR_INZ. assert (0 <= IZR (Z.of_nat k) <= 32) by (split; apply IZR_le; lia). lra. }
  assert (Ht' := Rabs_le_inv _ _ Ht). assert (Yl : Rabs yl <= 17 * u) by (apply (Rle_trans _ _ _ Hl); rewrite U; lra).
  assert (Rd := table_rounding k t yl Hk Ht Yl). cbv zeta in Rd. fold C in Rd. destruct (TablePair k t yl) as [high low]. destruct Rd as (E & H & D1 & D2 & N).
  destruct (rows k Hk) as [R0 _ _ _ _ _ _ RR]. fold C in R0, RR.
  assert (T := table_truncation k (centre k + t) Hk Hy ltac:(replace (centre k + t - centre k) with t by ring; exact Ht)). replace (centre k + t - centre k) with t in T by ring. fold C in T.
  assert (S := row_slope k t Hk Ht Hy). cbv zeta in S. fold C in S.
  destruct (scaled_moved (centre k + t) yl ltac:(lra) ltac:(apply (Rle_trans _ _ _ Yl); rewrite U; lra) Hs) as [M _].
  assert (G := residual_growth root_density (coefficient k) (centre k) t).
  assert (GB : growth' (even root_density (coefficient k) (centre k)) t <= 4 / 10 * u * C).
  { apply Rle_trans with (2 := RR). assert (P := even_positive root_density (coefficient k) (centre k)). set (g := even root_density (coefficient k) (centre k)) in *.
    assert (TT := product_within t t _ _ Ht' Ht'). assert (TT0 : 0 <= t * t) by nra. unfold growth'. cbv zeta.
    assert (Q : forall a x b, 0 <= x <= b -> a + t * t * x <= a + / 8 * / 8 * b) by (intros a x b Hx; apply Rplus_le_compat_l, Rmult_le_compat; lra).
    assert (Pos : forall i x, 0 <= x -> 0 <= g i + t * t * x) by (intros i x Hx; apply Rplus_le_le_0_compat; [apply P | apply Rmult_le_pos; lra]).
    repeat (apply Q; split; [repeat apply Pos; apply P|]). apply Rle_refl. }
  set (y := centre k + t) in *. set (p := taylor (coefficient k) t) in *. set (p' := taylor_slope (coefficient k) t) in *. set (w := entry k 2 + 2 * t * entry k 4) in *.
  assert (Exact : yl = 0 -> Rabs (high + low - scaled (y + yl)) <= 88 / 1000 * u * C).
  { intro Z. rewrite Z in *. rewrite Rmult_0_l, Rplus_0_r in *. apply Rabs_le_inv in E, T. apply Rabs_le. lra. }
  split; [|split; [exact Exact|]; split; [exact H|]; split; [exact R0|]; split; [exact D1|]; split; [exact D2 | exact N]].
  assert (YY : yl * yl <= 17 * u * (17 * u)).
  { rewrite <- (Rabs_pos_eq (yl * yl)) by nra. rewrite Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; exact Yl. }
  assert (G' : Rabs (y * p - p' - root_density) <= 4 / 10 * u * C) by (apply Rle_trans with (2 := GB), G). clear G GB RR.
  assert (A1 : Rabs (yl * (p' - w)) <= 2 * u * (15 / 1000 * C)).
  { rewrite Rabs_mult. apply Rle_trans with (2 * u * y * Rabs (p' - w)); [apply Rmult_le_compat_r; [apply Rabs_pos | exact Hl]|].
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [rewrite U; lra | exact S]. }
  assert (A2 : Rabs (y * scaled y - root_density - p') <= u * C).
  { replace (y * scaled y - root_density - p') with (y * (scaled y - p) + (y * p - p' - root_density)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)).
    rewrite Rabs_mult, (Rabs_pos_eq y) by lra. assert (y * Rabs (scaled y - p) <= 9 * (42 / 1000 * u * C)) by (apply Rmult_le_compat; [exact Hy | apply Rabs_pos | unfold y; lra | exact T]).
    assert (0 <= u * C) by (apply Rmult_le_pos; [rewrite U; lra | lra]). lra. }
  assert (A3 := product_within yl (y * scaled y - root_density - p') _ _ (Rabs_le_inv _ _ Yl) (Rabs_le_inv _ _ A2)).
  apply Rabs_le_inv in E, T, M, A1.
  replace (high + low - scaled (y + yl)) with ((high + low - (p + yl * w)) - (scaled y - p) - (scaled (y + yl) - scaled y - yl * (y * scaled y - root_density))
    - yl * (y * scaled y - root_density - p') - yl * (p' - w)) by ring.
  apply Rabs_le. rewrite U in *. lra.
Qed.

(** ** Laplace's fraction *)

Definition LaplacePair (y : R) : R * R :=
  let '(d, dl) := FastTwoSum rnd y (fraction rnd 18 1 y) in Divide rnd InverseRootTwoPiHigh InverseRootTwoPiLow d dl.

Lemma fraction_rounding : forall l n y, (0 < n)%nat -> (n + l <= 20)%nat -> 8 <= y <= 40 ->
  Rabs (fraction rnd l n y - cut l n y) <= 3 * u * cut l n y /\ 0 <= cut l n y <= INR n / 8.
Proof.
  induction l as [|l IH]; intros n y Hn N Hy.
  - unfold cut. simpl. rewrite Rminus_0_r, Rabs_R0. assert (P := pos_INR n). split; lra.
  - destruct (IH (S n) y ltac:(lia) ltac:(lia) Hy) as [E B]. rewrite cut_step. change (fraction rnd (S l) n y) with (rnd (INR n / rnd (y + fraction rnd l (S n) y))).
    assert (U : u = / 9007199254740992) by reflexivity. assert (E0 := eta_tiny).
    assert (Hn1 : 1 <= INR n <= 20) by (rewrite INR_IZR_INZ; split; apply IZR_le; lia). rewrite S_INR in B.
    set (g := cut l (S n) y) in *. set (gr := fraction rnd l (S n) y) in *. apply Rabs_le_inv in E.
    assert (Gb : 0 <= g <= 21 / 8) by lra.
    assert (S1 := rnd_within (y + gr) (y + 1001 / 1000 * g) ltac:(rewrite U in *; lra)). set (s := rnd (y + gr)) in *.
    assert (Sg : - (176 / 100 * u * (y + g)) <= s - (y + g) <= 176 / 100 * u * (y + g)).
    { assert (g <= / 4 * (y + g)) by lra. rewrite U in *. lra. }
    assert (S0 : 0 < s) by (rewrite U in *; lra). assert (F : INR n / 43 <= INR n / (y + g) <= INR n / 8).
    { split; apply Rmult_le_compat_l; try lra; apply Rinv_le_contravar; lra. }
    set (f := INR n / (y + g)) in *. assert (Q : Rabs (INR n / s - f) <= 177 / 100 * u * f).
    { replace (INR n / s - f) with (f * ((y + g - s) * / s)) by (unfold f; field; lra). rewrite Rabs_mult, (Rabs_pos_eq f), Rmult_comm by lra. apply Rmult_le_compat_r; [lra|].
      rewrite Rabs_mult, (Rabs_pos_eq (/ s)) by (left; apply Rinv_0_lt_compat, S0). apply Rmult_le_reg_r with s; [exact S0|].
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply Rabs_le. rewrite U in *. lra. }
    apply Rabs_le_inv in Q. assert (S2 := rnd_within (INR n / s) (1001 / 1000 * f) ltac:(rewrite U in *; lra)).
    split; [|lra]. apply Rabs_le. rewrite U in *. lra.
Qed.

Lemma laplace_pair : forall y, double y -> 8 <= y <= 40 ->
  let '(high, low) := LaplacePair y in
  Rabs (high + low - scaled y) <= 49 / 1000 * u * scaled y /\ / 102 <= high <= / 20 /\ double high /\ double low /\ Rabs low <= 3 * u * high.
Proof.
  intros y Dy Hy. assert (U : u = / 9007199254740992) by reflexivity. assert (E0 := eta_tiny). assert (K := root_density_range).
  destruct (fraction_rounding 18 1 y ltac:(lia) ltac:(lia) Hy) as [E B]. assert (T := laplace_truncation y ltac:(lra)). unfold convergent in T.
  assert (N0 := scaled_range y ltac:(lra)). assert (DD := density_fraction). unfold density_q in DD. rewrite Q2R_plus in DD.
  change (Q2R high_q) with InverseRootTwoPiHigh in DD. change (Q2R low_q) with InverseRootTwoPiLow in DD.
  simpl INR in B. unfold LaplacePair. assert (Df : double (fraction rnd 18 1 y)) by apply rnd_double.
  set (f := cut 18 1 y) in *. set (fr := fraction rnd 18 1 y) in *. apply Rabs_le_inv in E.
  assert (F := FastTwoSum_exact y fr Dy Df ltac:(rewrite (Rabs_pos_eq y) by lra; apply Rabs_le; rewrite U in *; lra)).
  assert (S := sum_relative y fr Dy Df). change (rnd (y + fr)) with (fst (FastTwoSum rnd y fr)) in S.
  destruct (FastTwoSum rnd y fr) as [d dl]. simpl fst in *. simpl snd in *. rewrite (Rabs_pos_eq (y + fr)) in S by (rewrite U in *; lra). apply Rabs_le_inv in S.
  assert (Hd : 799 / 100 <= d <= 402 / 10) by (rewrite U in *; lra).
  assert (CH : InverseRootTwoPiHigh = 7186705221432913 / 18014398509481984) by reflexivity. assert (CL : InverseRootTwoPiLow = -8088064189267221 / 324518553658426726783156020576256) by reflexivity.
  assert (V := divide_error InverseRootTwoPiHigh InverseRootTwoPiLow d dl ltac:(rewrite Rabs_pos_eq; lra) ltac:(rewrite CL, CH, U; apply Rabs_le; rewrite Rabs_pos_eq; lra)
    ltac:(rewrite (Rabs_pos_eq d) by lra; apply Rabs_le; rewrite U in *; lra)).
  assert (Dn : double (fst (Divide rnd InverseRootTwoPiHigh InverseRootTwoPiLow d dl)) /\ double (snd (Divide rnd InverseRootTwoPiHigh InverseRootTwoPiLow d dl))) by (split; apply rnd_double).
  destruct (Divide rnd InverseRootTwoPiHigh InverseRootTwoPiLow d dl) as [high low]. simpl fst in Dn. simpl snd in Dn. destruct V as (V1 & V2 & V3).
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in *. assert (P63 : / 2 ^ 63 = / 9223372036854775808) by (f_equal; lra). rewrite P63 in T.
  set (h := InverseRootTwoPiHigh) in *. set (hl := InverseRootTwoPiLow) in *.
  assert (W : Rabs ((h + hl) / (d + dl) - root_density * / (y + f)) <= 47 / 1000 * u * (root_density * / (y + f))).
  { rewrite F. replace ((h + hl) / (y + fr) - root_density * / (y + f)) with ((((h + hl) - root_density) * (y + f) - root_density * (fr - f)) * / (y + fr) * / (y + f)) by (field; rewrite U in *; split; lra).
    assert (I1 : 0 < / (y + f)) by (apply Rinv_0_lt_compat; lra). assert (I2 : 0 < / (y + fr)) by (apply Rinv_0_lt_compat; rewrite U in *; lra).
    rewrite !Rabs_mult, (Rabs_pos_eq (/ (y + fr))), (Rabs_pos_eq (/ (y + f))), <- Rmult_assoc by lra. apply Rmult_le_compat_r; [lra|].
    apply Rmult_le_reg_r with (y + fr); [rewrite U in *; lra|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by (rewrite U in *; lra).
    assert (Q1 := product_within (h + hl - root_density) (y + f) (/ 1267650600228229401496703205376) 41 ltac:(apply Rabs_le_inv in DD; lra) ltac:(lra)).
    assert (Q2 := product_within root_density (fr - f) (398943 / 1000000) (3 * u * f) ltac:(lra) ltac:(lra)).
    assert (Q3 : 398942 / 1000000 * (y + fr) <= root_density * (y + fr)) by (apply Rmult_le_compat_r; [rewrite U in *; lra | lra]).
    assert (Q4 : f <= / 64 * y) by lra.
    apply Rle_trans with (47 / 1000 * u * (398942 / 1000000 * (y + fr))); [|replace (47 / 1000 * u * root_density * (y + fr)) with (47 / 1000 * u * (root_density * (y + fr))) by ring; apply Rmult_le_compat_l; [rewrite U; lra | exact Q3]].
    apply Rabs_le. rewrite U in *. lra. }
  assert (X : 398942 / 1000000 * / 41 <= root_density * / (y + f) <= 398943 / 1000000 * / 8).
  { split; apply Rmult_le_compat; try lra; try (left; apply Rinv_0_lt_compat; lra); apply Rinv_le_contravar; lra. }
  set (x := root_density * / (y + f)) in *. assert (Hq : / 101 <= h / d <= 4994 / 100000).
  { split; apply Rmult_le_reg_r with d; try lra; replace (h / d * d) with h by (field; lra); rewrite CH; lra. }
  rewrite (Rabs_pos_eq (h / d)) in * by lra. apply Rabs_le_inv in V1, W, T, V2.
  assert (Hh : / 102 <= high <= / 20) by (rewrite U in *; lra).
  assert (HN : / 103 <= scaled y) by lra.
  split; [|split; [|split; [exact (proj1 Dn) | split; [exact (proj2 Dn)|]]]].
  - apply Rabs_le. rewrite U in *. lra.
  - exact Hh.
  - apply (Rle_trans _ _ _ V3). rewrite U in *. lra.
Qed.

(** ** ScaledTail *)

Definition node (y : R) : nat := Z.to_nat (ZnearestE (rnd (4 * y))).
Definition ScaledPair (y yl : R) : R * R :=
  if Rle_dec 8 y then LaplacePair y else TablePair (node y) (rnd (y - rnd (/ 4 * INR (node y)))) yl.

Lemma node_exact : forall y, double y -> 0 <= y < 8 -> (node y <= 32)%nat /\ rnd (y - rnd (/ 4 * INR (node y))) = y - centre (node y) /\ Rabs (y - centre (node y)) <= / 8.
Proof.
  intros y Dy Hy. assert (R4 : rnd (4 * y) = 4 * y).
  { apply rnd_id. rewrite Rmult_comm. change 4 with (bpow radix2 2). apply double_shift; [exact Dy | lia]. }
  unfold node. rewrite R4. assert (N := Znearest_half (fun x => negb (Z.even x)) (4 * y)). set (z := Znearest _ (4 * y)) in *. apply Rabs_le_inv in N.
  assert (Z0 : (0 <= z)%Z) by (apply Z.lt_succ_r, lt_IZR; rewrite succ_IZR; lra). assert (Z32 : (z <= 32)%Z) by (apply Z.lt_succ_r, lt_IZR; rewrite succ_IZR; lra).
  assert (C : centre (Z.to_nat z) = IZR z / 4) by (unfold centre; rewrite INR_IZR_INZ, Z2Nat.id by exact Z0; reflexivity).
  assert (Q : rnd (/ 4 * INR (Z.to_nat z)) = centre (Z.to_nat z)).
  { rewrite C, INR_IZR_INZ, Z2Nat.id by exact Z0. replace (/ 4 * IZR z) with (IZR z / 4) by field. apply rnd_id. replace (IZR z / 4) with (IZR z * bpow radix2 (-2)) by (change (bpow radix2 (-2)) with (/ 4); reflexivity).
    apply double_scaled; [apply Z.abs_lt; lia | lia]. }
  split; [apply Nat2Z.inj_le; rewrite Z2Nat.id by exact Z0; exact Z32|]. rewrite Q, C. split; [|apply Rabs_le; lra].
  apply rnd_id. destruct (Z.eq_dec z 0) as [E | Ne]; [rewrite E; replace (y - 0 / 4) with y by field; exact Dy|].
  assert (1 <= IZR z) by (apply IZR_le; lia).
  apply sterbenz; [typeclasses eauto | typeclasses eauto | exact Dy | rewrite <- C, <- Q; apply rnd_double | lra].
Qed.

(** The pair is N(y + yl): 0.101 u where yl = 0, 0.135 u below 8, and from 8 to 10 20000 u, where only what e^-y²/2 makes tiny needs it. *)
Theorem scaled_pair_error : forall y yl, double y -> 0 <= y <= 40 -> Rabs yl <= 2 * u * y ->
  let '(high, low) := ScaledPair y yl in
  let error := Rabs (high + low - scaled (y + yl)) in
  (yl = 0 -> error <= 101 / 1000 * u * scaled (y + yl)) /\ (y < 8 -> error <= 135 / 1000 * u * scaled (y + yl)) /\ (y <= 10 -> error <= 20000 * u * scaled (y + yl))
  /\ / 102 <= high <= 56 / 100 /\ double high /\ double low /\ Rabs low <= 3 * u * high.
Proof.
  intros y yl Dy Hy Hl. assert (U : u = / 9007199254740992) by reflexivity. unfold ScaledPair. assert (Hl' := Rabs_le_inv _ _ Hl).
  destruct (Rle_dec 8 y) as [Far | Near].
  - assert (L := laplace_pair y Dy ltac:(lra)). destruct (LaplacePair y) as [high low]. destruct L as (E & H & D1 & D2 & N).
    assert (N0 := scaled_range y ltac:(lra)). cbv zeta. split; [|split; [lra|]; split; [|split; [lra|]; split; [exact D1|]; split; assumption]].
    + intro Z. rewrite Z, Rplus_0_r. apply (Rle_trans _ _ _ E). apply Rmult_le_compat_r; [lra | rewrite U; lra].
    + intro H10. destruct (scaled_moved y yl ltac:(lra) ltac:(apply (Rle_trans _ _ _ Hl); rewrite U; lra) ltac:(rewrite U in *; lra)) as [_ M].
      apply Rabs_le_inv in E, M, N. assert (N1 : / 103 <= scaled y) by (rewrite U in *; lra). apply Rabs_le. rewrite U in *. lra.
  - destruct (node_exact y Dy ltac:(lra)) as (Hk & Ex & Ht). rewrite Ex. assert (S : centre (node y) + (y - centre (node y)) = y) by ring.
    assert (T := table_pair (node y) (y - centre (node y)) yl Hk Ht ltac:(rewrite S; lra) ltac:(rewrite S; exact Hl) ltac:(rewrite S; rewrite U in *; lra)).
    cbv zeta in T. rewrite S in T. set (C := entry (node y) 0) in *. destruct (TablePair (node y) (y - centre (node y)) yl) as [high low].
    destruct T as (E1 & E2 & H & HC & D1 & D2 & N). cbv zeta.
    assert (T := Rabs_triang high low). rewrite (Rabs_pos_eq high) in T by lra. assert (N' : Rabs low <= 3 * u * high) by (rewrite U in *; lra).
    assert (E1' := Rabs_le_inv _ _ E1). apply Rabs_le_inv in N'.
    assert (HN : 8799 / 10000 * C <= scaled (y + yl)) by (rewrite U in *; lra).
    split; [intro Z; apply (Rle_trans _ _ _ (E2 Z)); rewrite U; lra|]. split; [intros _; apply (Rle_trans _ _ _ E1); rewrite U; lra|].
    split; [intros _; apply (Rle_trans _ _ _ E1); rewrite U; lra|]. split; [lra|]. split; [exact D1|]. split; [exact D2 | apply Rabs_le; exact N'].
Qed.
