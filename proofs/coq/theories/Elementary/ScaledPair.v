(* N(y) = Φ(-y) e^(y²/2) as the pair that ScaledTail of Elementary.Normal.cs returns, at y + yl: truncation, node and every rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
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

(** Below 8 the pair is N(y + yl) within 0.127 u of the constant of its row. *)
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
