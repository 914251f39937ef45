(* The divergence of a scale, h(t) = t^2 + 2 t - 2 ln(1 + t), of src/Guarantees/Arithmetic/Elementary.Logarithm.cs, every rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential Logarithm.
Open Scope R_scope.

Definition divergence (t : R) : R := t * t + 2 * t - 2 * ln (1 + t).

(** ** |t| < 0.29 *)

Definition odd_inner (c : list R) (z : R) : R :=
  let a n := nth n c 0 in
  3 * a 0%nat + z * (5 * a 1%nat + z * (7 * a 2%nat + z * (9 * a 3%nat + z * (11 * a 4%nat + z * (13 * a 5%nat + z * (15 * a 6%nat
  + z * (17 * a 7%nat + z * (19 * a 8%nat + z * (21 * a 9%nat + z * (23 * a 10%nat + z * (25 * a 11%nat))))))))))).

Lemma odd_slope_inner : forall c s, odd_slope c s = s * s * odd_inner c (s * s).
Proof. reflexivity. Qed.

Lemma square_of_abs : forall x, Rabs x * Rabs x = x * x.
Proof. intro x. rewrite <- Rabs_mult. apply Rabs_pos_eq. nra. Qed.

(** The truncation near 0: the series misses ln(1 + f) by 1.2 u |s|^3 at most. *)
Lemma log_truncation_cubic : forall s, Rabs s <= 1717 / 10000 -> Rabs (ln ((1 + s) / (1 - s)) - log_series s) <= 12 / 10 * u * (s * s) * Rabs s.
Proof.
  intros s Hs.
  apply (vanishing_at_zero (fun s => ln ((1 + s) / (1 - s)) - log_series s) (fun s => 2 / (1 - s * s) - (2 + odd_slope LogTail s)) (Rabs s));
    [| | |apply Rle_refl].
  - intros t Ht. assert (B := proj1 (Rabs_le_between _ _) (Rle_trans _ _ _ Ht Hs)).
    apply (is_derive_minus (fun s => ln ((1 + s) / (1 - s))) log_series).
    + auto_derive.
      * split; [lra|]. split; [|exact I]. apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra].
      * field. repeat split; nra.
    + apply (is_derive_plus (fun s => 2 * s) (fun s => s * (s * s) * Polynomial exactly 0 LogTail (s * s))); [|apply odd_derives].
      auto_derive; [exact I | ring].
  - intros t Ht. rewrite odd_slope_inner.
    assert (Z : 0 <= t * t <= s * s).
    { rewrite <- (square_of_abs t), <- (square_of_abs s). assert (0 <= Rabs t) by apply Rabs_pos. split; nra. }
    assert (S : s * s <= 295 / 10000) by (rewrite <- (square_of_abs s); assert (0 <= Rabs s) by apply Rabs_pos; nra).
    set (z := t * t) in *. assert (Z' : 0 <= z <= 295 / 10000) by lra. assert (B : Rabs (2 / (1 - z) - odd_inner LogTail z) <= 12 / 10 * u).
    { clear Z. unfold odd_inner, LogTail, nth, u. interval with (i_prec 90, i_taylor z, i_degree 14). }
    replace (2 / (1 - z) - (2 + z * odd_inner LogTail z)) with (z * (2 / (1 - z) - odd_inner LogTail z)) by (field; lra).
    rewrite Rabs_mult, (Rabs_pos_eq z), Rmult_comm by lra. apply Rmult_le_compat; try apply Rabs_pos; lra.
  - unfold log_series. replace ((1 + 0) / (1 - 0)) with 1 by field. rewrite ln_1. ring.
Qed.

Definition ScaleDivergenceNear (t : R) : R * R :=
  let '(d, dl) := TwoSum rnd 2 t in
  let '(s, sl) := Divide rnd t 0 d dl in
  let '(square, squareLow) := TwoProduct rnd t t in
  let '(product, productLow) := TwoProduct rnd (rnd (2 * t)) s in
  let '(high, rounding) := TwoSum rnd square product in
  (high, rnd (rnd (rounding + rnd (rnd (squareLow + productLow) + rnd (rnd (2 * t) * sl))) - rnd (2 * odd_tail LogTail s))).

(** What the tail may cost: its share of the divergence. *)
Lemma tail_share : forall t, Rabs t <= 29 / 100 -> let s := t / (2 + t) in
  13850 / 1000 * (2 * Rabs (exact_tail LogTail s)) + / 100 * (t * t) <= 4994 / 10000 * (t * t + 2 * (t * s) - 2 * exact_tail LogTail s)
  /\ Rabs s * (s * s) <= 150001 / 100000 * Rabs (exact_tail LogTail s) /\ 2 * Rabs (exact_tail LogTail s) <= 8 / 100 * (t * t).
Proof.
  intros t Ht s. assert (Ht' := Rabs_le_inv _ _ Ht). set (P := Polynomial exactly 0 LogTail (s * s)).
  assert (S1 : Rabs s <= 17 / 100) by (unfold s; interval with (i_bisect t, i_autodiff t)).
  assert (PB : 666666 / 1000000 <= P <= 6785 / 10000).
  { unfold P. assert (Z : 0 <= s * s <= 289 / 10000) by (rewrite <- (square_of_abs s); assert (0 <= Rabs s) by apply Rabs_pos; split; nra).
    set (z := s * s) in *. expand_with LogTail. split; interval with (i_bisect z, i_autodiff z). }
  assert (E : exact_tail LogTail s = s * (s * s) * P) by reflexivity.
  assert (EA : Rabs (exact_tail LogTail s) = Rabs s * (s * s) * P) by (rewrite E, Rabs_mult, (Rabs_pos_eq P), Rabs_mult, (Rabs_pos_eq (s * s)) by nra; ring).
  assert (T0 : 0 <= t * t) by nra. assert (SS : s * s = t * t * / ((2 + t) * (2 + t))) by (unfold s; field; lra).
  assert (TS : t * s = t * t * / (2 + t)) by (unfold s; field; lra).
  assert (A0 := Rabs_pos s). assert (S2 : 0 <= s * s) by nra.
  split; [|split].
  - rewrite EA, E, SS, TS.
    assert (F : 0 <= 4994 / 10000 * (1 + 2 * / (2 + t) - 2 * (s * / ((2 + t) * (2 + t)) * P)) - 13850 / 1000 * (2 * (Rabs s * / ((2 + t) * (2 + t)) * P)) - / 100).
    { clearbody P. unfold s. interval with (i_bisect t, i_depth 20). }
    assert (G := Rmult_le_pos _ _ T0 F). lra.
  - rewrite EA. assert (0 <= Rabs s * (s * s)) by (apply Rmult_le_pos; lra). nra.
  - rewrite EA, SS.
    assert (F : 0 <= 8 / 100 - 2 * (Rabs s * / ((2 + t) * (2 + t)) * P)) by (clearbody P; unfold s; interval with (i_bisect t)).
    assert (G := Rmult_le_pos _ _ T0 F). lra.
Qed.

Lemma log_slope_bound : forall m, Rabs m <= 172 / 1000 -> Rabs (odd_slope LogTail m) <= 207 / 100 * (m * m).
Proof.
  intros m H. rewrite odd_slope_inner, Rabs_mult, (Rabs_pos_eq (m * m)), Rmult_comm by nra. apply Rmult_le_compat_r; [nra|].
  assert (Z : 0 <= m * m <= 296 / 10000) by (rewrite <- (square_of_abs m); assert (0 <= Rabs m) by apply Rabs_pos; split; nra).
  set (z := m * m) in *. unfold odd_inner, LogTail, nth. interval with (i_bisect z).
Qed.

Theorem scale_divergence_near_approximated : forall t, double t -> / 2 ^ 60 <= Rabs t <= 29 / 100 ->
  approximates (ScaleDivergenceNear t) 0 (/ 2 ^ 54) (divergence t).
Proof.
  intros t Dt Ht. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (Ht2 := Rabs_le_inv _ _ (proj2 Ht)).
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60 in Ht. assert (P54 : / 2 ^ 54 = / 18014398509481984) by (f_equal; lra). rewrite P54.
  assert (Q := log_quotient t 0 Dt ltac:(lra) ltac:(rewrite Rabs_R0; assert (0 <= Rabs t) by apply Rabs_pos; rewrite U; lra)).
  destruct (tail_share t (proj2 Ht)) as (Share & Cube & Small).
  cbv zeta in Q. rewrite !Rplus_0_r in Q. unfold ScaleDivergenceNear.
  assert (Ddl : double (snd (TwoSum rnd 2 t))) by apply rnd_double.
  destruct (TwoSum rnd 2 t) as [d dl]. simpl snd in Ddl. rewrite Rplus_0_r, (rnd_id dl Ddl) in Q. destruct (Divide rnd t 0 d dl) as [s sl].
  destruct Q as (Q1 & _ & Q3 & Ds & _). set (sigma := t / (2 + t)) in *. set (A := Rabs sigma) in *.
  assert (P99 : / 2 ^ 99 = / 633825300114114700748351602688) by (f_equal; lra). rewrite P99 in Q1.
  set (X := Rabs t) in *. assert (X0 : 0 < X) by lra. assert (Xr : - X <= t <= X) by (apply Rabs_le_inv, Rle_refl).
  assert (XX : X * X = t * t) by apply square_of_abs. assert (A0 : 0 <= A) by apply Rabs_pos.
  assert (AX : 43 / 100 * X <= A <= 585 / 1000 * X).
  { assert (I : / (229 / 100) <= / (2 + t) <= / (171 / 100)) by (split; apply Rinv_le_contravar; lra).
    unfold A, sigma, Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; apply Rinv_0_lt_compat; lra). fold X. rewrite (Rmult_comm X). split; apply Rmult_le_compat_r; lra. }
  assert (EX : eta <= / 1000000000000000000000000000000000000 * X) by lra.
  assert (ET : eta <= / 1000000000000000000000000 * (t * t)).
  { rewrite <- XX. apply Rle_trans with (/ 1000000000000000000000000 * (/ 1152921504606846976 * / 1152921504606846976)); [lra|].
    apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat; lra. }
  assert (T0 : 0 < t * t) by (rewrite <- XX; nra). set (T := t * t) in *.
  apply Rabs_le_inv in Q1. apply Rabs_le_inv in Q3.
  assert (S1 : - (211 / 100 * u * A) <= s - sigma <= 211 / 100 * u * A) by (rewrite U in *; lra).
  assert (Sr := Rabs_le_inv _ _ (Rle_refl A)). fold A in Sr. assert (Ar : - A <= sigma <= A) by (apply Rabs_le_inv, Rle_refl).
  assert (A1 : A <= 17 / 100) by lra.
  (* the pairs *)
  unfold TwoProduct. fold T. rewrite (rnd_id (2 * t)) by (apply double_twice, Dt).
  assert (R1 := rnd_within T T ltac:(lra)). assert (Dsq : double (rnd T)) by apply rnd_double. set (sq := rnd T) in *.
  assert (R2 := rnd_within (T - sq) (u * T + eta) ltac:(lra)). set (sqL := rnd (T - sq)) in *.
  assert (TS : - (1171 / 1000 * T) <= 2 * t * s <= 1171 / 1000 * T).
  { assert (V := product_within (2 * t) s (2 * X) (5851 / 10000 * X) ltac:(lra) ltac:(rewrite U in *; lra)). fold T in XX.
    replace (2 * X * (5851 / 10000 * X)) with (11702 / 10000 * T) in V by (rewrite <- XX; field). lra. }
  assert (R3 := rnd_within (2 * t * s) _ TS). assert (Dp : double (rnd (2 * t * s))) by apply rnd_double. set (p := rnd (2 * t * s)) in *.
  assert (R4 := rnd_within (2 * t * s - p) (1172 / 1000 * u * T) ltac:(rewrite U in *; lra)). set (pL := rnd (2 * t * s - p)) in *.
  assert (F := TwoSum_exact sq p Dsq Dp). assert (N := sum_relative sq p Dsq Dp). change (rnd (sq + p)) with (fst (TwoSum rnd sq p)) in N.
  assert (Dh : double (fst (TwoSum rnd sq p))) by apply rnd_double.
  destruct (TwoSum rnd sq p) as [high r]. simpl fst in *. simpl snd in *.
  assert (Nr : - (22 / 10 * u * T) <= r <= 22 / 10 * u * T).
  { apply Rabs_le_inv. rewrite <- F in N. replace (high - (high + r)) with (- r) in N by ring. rewrite Rabs_Ropp in N. apply (Rle_trans _ _ _ N).
    rewrite F. assert (Rabs (sq + p) <= 218 / 100 * T) by (apply Rabs_le; rewrite U in *; lra). rewrite U in *. lra. }
  assert (R5 := rnd_within (sqL + pL) (22 / 10 * u * T) ltac:(rewrite U in *; lra)). set (w1 := rnd (sqL + pL)) in *.
  assert (TL : - (25 / 10 * u * T) <= 2 * t * sl <= 25 / 10 * u * T).
  { assert (V := product_within (2 * t) sl (2 * X) (1236 / 1000 * u * X) ltac:(lra) ltac:(rewrite U in *; lra)). fold T in XX.
    replace (2 * X * (1236 / 1000 * u * X)) with (2472 / 1000 * u * T) in V by (rewrite <- XX; field). rewrite U in *. lra. }
  assert (R6 := rnd_within (2 * t * sl) _ TL). set (w2 := rnd (2 * t * sl)) in *.
  assert (R7 := rnd_within (w1 + w2) (48 / 10 * u * T) ltac:(rewrite U in *; lra)). set (w3 := rnd (w1 + w2)) in *.
  assert (R8 := rnd_within (r + w3) (71 / 10 * u * T) ltac:(rewrite U in *; lra)). set (w4 := rnd (r + w3)) in *.
  (* the tail *)
  assert (Ss : 0 <= s * s <= 2952 / 100000).
  { assert (V := product_within s s (1718 / 10000) (1718 / 10000) ltac:(rewrite U in *; lra) ltac:(rewrite U in *; lra)). assert (0 <= s * s) by nra. lra. }
  assert (O := odd_tail_rounding LogTail (31 / 1024) s log_tame ltac:(lra) ltac:(rewrite U in *; lra)).
  assert (Dtr : double (odd_tail LogTail s)) by apply rnd_double. rewrite (rnd_id (2 * odd_tail LogTail s)) by (apply double_twice, Dtr).
  set (tr := odd_tail LogTail s) in *. set (G := Rabs (exact_tail LogTail sigma)) in *.
  assert (AA : A * A = sigma * sigma) by apply square_of_abs. 
  assert (Move : - (656 / 100 * u * G) <= exact_tail LogTail sigma - exact_tail LogTail s <= 656 / 100 * u * G).
  { destruct (MVT_gen (exact_tail LogTail) s sigma (odd_slope LogTail)) as (m & Hm & E).
    - intros x _. apply tail_derives_odd.
    - intros x _. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)). exists (odd_slope LogTail x). apply tail_derives_odd.
    - rewrite E. assert (Ms : - (211 / 100 * u * A) <= m - sigma <= 211 / 100 * u * A).
      { unfold Rmin, Rmax in Hm. destruct (Rle_dec s sigma); rewrite U in *; lra. }
      assert (Mm : - (10001 / 10000 * A) <= m <= 10001 / 10000 * A) by (rewrite U in *; lra).
      assert (SB := log_slope_bound m ltac:(apply Rabs_le; lra)).
      assert (M2 := product_within m m _ _ Mm Mm).
      assert (SB' : Rabs (odd_slope LogTail m) <= 2071 / 1000 * (A * A)).
      { apply (Rle_trans _ _ _ SB). assert (A2 : 0 <= A * A) by (apply Rmult_le_pos; exact A0).
        assert (M3 : m * m <= 10003 / 10000 * (A * A)) by lra. lra. }
      assert (S1' : - (211 / 100 * u * A) <= sigma - s <= 211 / 100 * u * A) by (clear - S1; lra).
      assert (V := product_within _ _ _ _ (Rabs_le_inv _ _ SB') S1').
      replace (2071 / 1000 * (A * A) * (211 / 100 * u * A)) with (2071 / 1000 * 211 / 100 * u * (A * (A * A))) in V by field.
      rewrite AA in V. rewrite U in *. lra. }
  assert (Trunc : Rabs (ln (1 + t) - log_series sigma) <= 12 / 10 * u * (sigma * sigma) * A).
  { replace (1 + t) with ((1 + sigma) / (1 - sigma)) by (unfold sigma; field; lra). apply log_truncation_cubic. fold A. lra. }
  unfold log_series in Trunc. change (sigma * (sigma * sigma) * Polynomial exactly 0 LogTail (sigma * sigma)) with (exact_tail LogTail sigma) in Trunc.
  assert (Trunc' : Rabs (ln (1 + t) - (2 * sigma + exact_tail LogTail sigma)) <= 181 / 100 * u * G) by (rewrite U in *; lra). clear Trunc.
  apply Rabs_le_inv in Trunc'.
  assert (Gr : - G <= exact_tail LogTail sigma <= G) by (apply Rabs_le_inv, Rle_refl).
  assert (G0 : 0 <= G) by apply Rabs_pos.
  set (ts := exact_tail LogTail s) in *. set (tsig := exact_tail LogTail sigma) in *.
  assert (Ga : Rabs ts <= 10001 / 10000 * G) by (apply Rabs_le; rewrite U in *; lra).
  apply Rabs_le_inv in O. assert (Ga' := Rabs_le_inv _ _ Ga).
  assert (Tr : - (1001 / 1000 * G + 5 * eta) <= tr <= 1001 / 1000 * G + 5 * eta) by (rewrite U in *; lra).
  assert (R9 := rnd_within (w4 - 2 * tr) (2 * (1001 / 1000 * G + 5 * eta) + 72 / 10 * u * T) ltac:(rewrite U in *; lra)). set (low := rnd (w4 - 2 * tr)) in *.
  (* the identity t - 2 sigma = t sigma *)
  assert (Id : t * sigma = t - 2 * sigma) by (unfold sigma; field; lra).
  assert (Moved : - (/ 1000000000000000000000 * T) <= 2 * t * (s + sl - sigma) <= / 1000000000000000000000 * T).
  { assert (V := product_within (2 * t) (s + sl - sigma) (2 * X) (/ 10000000000000000000000 * X) ltac:(lra) ltac:(lra)). fold T in XX.
    replace (2 * X * (/ 10000000000000000000000 * X)) with (/ 5000000000000000000000 * T) in V by (rewrite <- XX; field). lra. }
  assert (Hval : divergence t = T + 2 * (t * sigma) - 2 * tsig - 2 * (ln (1 + t) - (2 * sigma + tsig))) by (unfold divergence; fold T; rewrite Id; ring).
  assert (HB : 15 / 10 * T <= T + 2 * (t * sigma)).
  { assert (Tg : t * sigma = T * / (2 + t)) by (unfold T, sigma; field; lra). rewrite Tg. assert (I : / (229 / 100) <= / (2 + t)) by (apply Rinv_le_contravar; lra).
    assert (T * / (229 / 100) <= T * / (2 + t)) by (apply Rmult_le_compat_l; lra). lra. }
  assert (Error : Rabs (high + low - divergence t) <= 1381 / 100 * u * (2 * G) + / 1000 * u * T).
  { rewrite Hval. apply Rabs_le. assert (Zs : high + r = sq + p) by exact F. 
    assert (Sm : 2 * (t * sigma) = 2 * t * s + 2 * t * sl - 2 * t * (s + sl - sigma)) by ring. rewrite Sm. rewrite U in *. lra. }
  split; [exact Dh|]. split; [apply rnd_double|]. split; [|split; [|split; [left; reflexivity | lra]]].
  - assert (Lo : Rabs low <= / 10 * T) by (apply Rabs_le; rewrite U in *; lra). apply (Rle_trans _ _ _ Lo).
    assert (Sm : 2 * (t * sigma) = 2 * t * s + 2 * t * sl - 2 * t * (s + sl - sigma)) by ring.
    apply Rle_trans with (2 := Rle_abs _). rewrite U in *. lra.
  - simpl bpow. rewrite Rmult_1_r. apply (Rle_trans _ _ _ Error). rewrite (Rabs_pos_eq (divergence t)) by (rewrite Hval; rewrite U in *; lra). rewrite Hval. rewrite U in *. lra.
Qed.

(** ** t from 2^100 to 2^600 *)

Definition ScaleDivergenceLarge (t : R) : R * R := TwoProduct rnd (rnd (t * bpow radix2 (-512))) (rnd (t * bpow radix2 (-512))).

Theorem scale_divergence_large_approximated : forall t, double t -> bpow radix2 100 <= t <= bpow radix2 600 ->
  approximates (ScaleDivergenceLarge t) 1024 (/ 2 ^ 60) (divergence t).
Proof.
  intros t Dt Ht. assert (E0 := eta_bound). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60.
  assert (C : bpow radix2 100 = 1267650600228229401496703205376) by reflexivity.
  assert (T100 : 1267650600228229401496703205376 <= t) by lra.
  assert (S : bpow radix2 (-412) <= t * bpow radix2 (-512)).
  { replace (-412)%Z with (100 + -512)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat_r; [apply bpow_ge_0 | lra]. }
  assert (B0 : 0 < bpow radix2 (-412)) by apply bpow_gt_0.
  unfold ScaleDivergenceLarge. rewrite (rnd_id (t * bpow radix2 (-512))).
  2: { apply double_times_power; [exact Dt|]. rewrite Rabs_pos_eq by lra. apply Rle_trans with (2 := S). apply bpow_le. lia. }
  assert (Val : t * t = t * bpow radix2 (-512) * (t * bpow radix2 (-512)) * bpow radix2 1024).
  { replace (t * bpow radix2 (-512) * (t * bpow radix2 (-512)) * bpow radix2 1024) with (t * t * (bpow radix2 (-512) * bpow radix2 (-512) * bpow radix2 1024)) by ring.
    rewrite <- !bpow_plus. change (bpow radix2 (-512 + -512 + 1024)) with 1. ring. }
  set (s := t * bpow radix2 (-512)) in *. assert (SS : bpow radix2 (-824) <= s * s).
  { replace (-824)%Z with (-412 + -412)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat; lra. }
  set (q := s * s) in *. assert (Eta : eta <= / 1267650600228229401496703205376 * q).
  { change (/ 1267650600228229401496703205376) with (bpow radix2 (-100)). apply Rle_trans with (bpow radix2 (-100) * bpow radix2 (-824)).
    - unfold eta. rewrite <- bpow_plus. apply bpow_le. lia.
    - apply Rmult_le_compat_l; [apply bpow_ge_0 | exact SS]. }
  assert (Q0 : 0 < q) by (apply Rlt_le_trans with (2 := SS), bpow_gt_0).
  unfold TwoProduct. fold q. assert (R1 := rnd_within q q ltac:(lra)). set (h := rnd q) in *.
  assert (R2 := rnd_within (q - h) (2 * u * q) ltac:(rewrite U in *; lra)). set (l := rnd (q - h)) in *.
  assert (Hh : / 2 * q <= h) by (rewrite U in *; lra). assert (Hl : Rabs l <= / 4 * q) by (apply Rabs_le; rewrite U in *; lra).
  assert (L0 : 0 <= ln (1 + t) <= t).
  { split; [rewrite <- ln_1; left; apply ln_increasing; lra|]. assert (Q := exp_ineq1_le (ln (1 + t))). rewrite exp_ln in Q by lra. lra. }
  assert (W : 0 < bpow radix2 1024) by apply bpow_gt_0.
  split; [apply rnd_double|]. split; [apply rnd_double|]. rewrite (Rabs_pos_eq h) by lra. split; [lra|]. split; [|split; [right; split; [lra|] | lra]].
  - assert (E : Rabs ((h + l) * bpow radix2 1024 - t * t) <= / 1000000000000000000000000000 * (t * t)).
    { rewrite Val. rewrite <- Rmult_minus_distr_r, Rabs_mult, (Rabs_pos_eq (bpow _ _)), <- Rmult_assoc by lra. apply Rmult_le_compat_r; [lra|].
      apply Rabs_le. rewrite U in *. lra. }
    assert (T2 : t * 1267650600228229401496703205376 <= t * t) by (apply Rmult_le_compat_l; lra).
    clear - E T2 L0 T100. unfold divergence. set (y := (h + l) * bpow radix2 1024) in *. set (T := t * t) in *. apply Rabs_le_inv in E.
    rewrite (Rabs_pos_eq (T + 2 * t - 2 * ln (1 + t))) by lra. apply Rabs_le. lra.
  - split; [apply Rle_trans with (/ 2 * bpow radix2 (-824)); [|lra]|].
    + change (/ 2) with (bpow radix2 (-1)). rewrite <- bpow_plus. apply bpow_le. lia.
    + change (1024 / 2)%Z with 512%Z. apply Rle_trans with (/ 2 * bpow radix2 (-824) * bpow radix2 512).
      * change (/ 2) with (bpow radix2 (-1)). rewrite <- !bpow_plus. apply bpow_le. lia.
      * apply Rmult_le_compat_r; [apply bpow_ge_0 | lra].
Qed.

(** ** |t| from 2^-541 to 2^-60 *)

Definition ScaleDivergenceSmall (magnitude : R) : R * R :=
  let scaled := rnd (magnitude * bpow radix2 300) in
  let '(square, low) := TwoProduct rnd scaled scaled in (rnd (2 * square), rnd (2 * low)).

Lemma log1p_third : forall t, Rabs t <= / 2 ^ 60 -> Rabs (ln (1 + t) - t + t * t / 2) <= 3 / 4 * (1001 / 1000 * Rabs t) * (t * t).
Proof.
  intros t Ht. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60 in Ht.
  apply (vanishing_twice (fun x => ln (1 + x) - x + x * x / 2) (fun x => / (1 + x) - 1 + x) (Rabs t)); [| | |apply Rle_refl].
  - intros x Hx. assert (B := Rabs_le_inv _ _ (Rle_trans _ _ _ Hx Ht)). auto_derive; [lra | field; lra].
  - intros x Hx. assert (B := Rabs_le_inv _ _ (Rle_trans _ _ _ Hx Ht)). replace (/ (1 + x) - 1 + x) with (/ (1 + x) * x * x) by (field; lra).
    rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. rewrite Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; [|exact Hx].
    clear Hx. interval.
  - rewrite Rplus_0_r, ln_1. field.
Qed.

Theorem scale_divergence_small_approximated : forall t, double t -> bpow radix2 (-541) <= Rabs t <= / 2 ^ 60 ->
  approximates (ScaleDivergenceSmall (Rabs t)) (-600) (/ 2 ^ 60) (divergence t).
Proof.
  intros t Dt Ht. assert (E0 := eta_bound). assert (U : u = / 9007199254740992) by reflexivity.
  assert (T3 := log1p_third t (proj2 Ht)).
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). rewrite P60 in *.
  assert (S : bpow radix2 (-241) <= Rabs t * bpow radix2 300).
  { replace (-241)%Z with (-541 + 300)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat_r; [apply bpow_ge_0 | lra]. }
  assert (B0 : 0 < bpow radix2 (-241)) by apply bpow_gt_0.
  unfold ScaleDivergenceSmall. rewrite (rnd_id (Rabs t * bpow radix2 300)) by (apply double_shift; [apply double_abs, Dt | lia]).
  assert (Val : t * t = Rabs t * bpow radix2 300 * (Rabs t * bpow radix2 300) * bpow radix2 (-600)).
  { replace (Rabs t * bpow radix2 300 * (Rabs t * bpow radix2 300) * bpow radix2 (-600)) with (Rabs t * Rabs t * (bpow radix2 300 * bpow radix2 300 * bpow radix2 (-600))) by ring.
    rewrite <- !bpow_plus, square_of_abs. change (bpow radix2 (300 + 300 + -600)) with 1. ring. }
  set (s := Rabs t * bpow radix2 300) in *. assert (SS : bpow radix2 (-482) <= s * s).
  { replace (-482)%Z with (-241 + -241)%Z by ring. rewrite bpow_plus. apply Rmult_le_compat; lra. }
  unfold TwoProduct. cbv zeta. set (q := s * s) in *. assert (Eta : eta <= / 1267650600228229401496703205376 * q).
  { change (/ 1267650600228229401496703205376) with (bpow radix2 (-100)). apply Rle_trans with (bpow radix2 (-100) * bpow radix2 (-482)).
    - unfold eta. rewrite <- bpow_plus. apply bpow_le. lia.
    - apply Rmult_le_compat_l; [apply bpow_ge_0 | exact SS]. }
  assert (Q0 : 0 < q) by (apply Rlt_le_trans with (2 := SS), bpow_gt_0).
  rewrite (rnd_id (2 * rnd q)), (rnd_id (2 * rnd (q - rnd q))) by apply double_twice, rnd_double.
  assert (Dh : double (2 * rnd q)) by apply double_twice, rnd_double. assert (Dl : double (2 * rnd (q - rnd q))) by apply double_twice, rnd_double.
  assert (R1 := rnd_within q q ltac:(lra)). set (h := rnd q) in *.
  assert (R2 := rnd_within (q - h) (2 * u * q) ltac:(rewrite U in *; lra)). set (l := rnd (q - h)) in *.
  assert (Hh : / 2 * q <= h) by (rewrite U in *; lra). assert (Hl : Rabs (2 * l) <= / 4 * q) by (apply Rabs_le; rewrite U in *; lra).
  assert (W : 0 < bpow radix2 (-600)) by apply bpow_gt_0.
  split; [exact Dh|]. split; [exact Dl|]. rewrite (Rabs_pos_eq (2 * h)) by lra. split; [lra|]. split; [|split; [right; split; [lra|] | lra]].
  - assert (E : Rabs ((2 * h + 2 * l) * bpow radix2 (-600) - 2 * (t * t)) <= / 1000000000000000000000000000 * (t * t)).
    { rewrite Val. replace (_ - _) with ((2 * h + 2 * l - 2 * q) * bpow radix2 (-600)) by ring.
      rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)), <- Rmult_assoc by lra. apply Rmult_le_compat_r; [lra|].
      apply Rabs_le. rewrite U in *. lra. }
    assert (T2 : 0 <= t * t) by nra.
    assert (T4 : 3 / 4 * (1001 / 1000 * Rabs t) * (t * t) <= 751 / 1000 * / 1152921504606846976 * (t * t)) by (apply Rmult_le_compat_r; lra).
    clear - E T2 T3 T4. unfold divergence. set (y := (2 * h + 2 * l) * bpow radix2 (-600)) in *. set (T := t * t) in *. apply Rabs_le_inv in E, T3.
    rewrite (Rabs_pos_eq (T + 2 * t - 2 * ln (1 + t))) by lra. apply Rabs_le. lra.
  - split; [apply Rle_trans with (bpow radix2 (-482)); [apply bpow_le; lia | lra]|].
    change (-600 / 2)%Z with (-300)%Z. apply Rle_trans with (bpow radix2 (-482) * bpow radix2 (-300)).
    + rewrite <- bpow_plus. apply bpow_le. lia.
    + apply Rmult_le_compat_r; [apply bpow_ge_0 | lra].
Qed.

(** ** From 0.29 in magnitude to 2^100 *)

(** The sum as written, of t's square, 2 t and the pair of ln(1 + t). *)
Definition ScaleDivergenceMiddle (t : R) (pair : R * R) : R * R :=
  let '(log, logLow) := pair in
  let '(a, al) := TwoProduct rnd t t in
  let '(b, rounding) := TwoSum rnd a (rnd (2 * t)) in
  let '(high, low) := TwoSum rnd b (- rnd (2 * log)) in
  (high, rnd (low + rnd (rnd (al + rounding) - rnd (2 * logLow)))).

(** The terms against the sum. *)
Lemma divergence_share : forall t, -1 < t -> 28999 / 100000 <= Rabs t ->
  2 * Rabs (ln (1 + t)) <= 365 / 100 * divergence t /\ t * t + 2 * Rabs t <= 5 * divergence t /\ 15 / 100 <= divergence t.
Proof.
  intros t Ht Hm. unfold divergence.
  assert (Rise : forall f f' a b, a <= b -> (forall x, a <= x <= b -> is_derive f x (f' x)) -> (forall x, a <= x <= b -> 0 <= f' x) -> f a <= f b).
  { intros f f' a b Hab D P. destruct (MVT_gen f a b f') as (c & Hc & E).
    - intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra. apply D. lra.
    - intros x Hx. rewrite Rmin_left, Rmax_right in Hx by lra. apply continuity_pt_filterlim, (ex_derive_continuous f). exists (f' x). apply D. lra.
    - rewrite Rmin_left, Rmax_right in Hc by lra. assert (0 <= f' c * (b - a)) by (apply Rmult_le_pos; [apply P; exact Hc | lra]). lra. }
  destruct (Rle_lt_dec 0 t) as [P | N].
  - rewrite (Rabs_pos_eq t) in Hm |- * by exact P. assert (L0 : 0 <= ln (1 + t)) by (rewrite <- ln_1; left; apply ln_increasing; lra). rewrite (Rabs_pos_eq (ln (1 + t))) by exact L0.
    assert (I : forall x, 28999 / 100000 <= x -> 0 < / (1 + x) <= 78 / 100) by (intros x Hx; split; [apply Rinv_0_lt_compat; lra | replace (78 / 100) with (/ (100 / 78)) by field; apply Rinv_le_contravar; lra]).
    assert (A := Rise (fun x => 365 / 100 * (x * x + 2 * x) - 93 / 10 * ln (1 + x)) (fun x => 365 / 100 * (2 * x + 2) - 93 / 10 * / (1 + x)) (28999 / 100000) t Hm
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x (proj1 Hx)); lra)).
    assert (B := Rise (fun x => 4 * (x * x + 2 * x) - 10 * ln (1 + x)) (fun x => 4 * (2 * x + 2) - 10 * / (1 + x)) (28999 / 100000) t Hm
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x (proj1 Hx)); lra)).
    assert (C := Rise (fun x => x * x + 2 * x - 2 * ln (1 + x)) (fun x => 2 * x + 2 - 2 * / (1 + x)) (28999 / 100000) t Hm
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x (proj1 Hx)); lra)).
    cbv beta in A, B, C. assert (V : 2545 / 10000 <= ln (1 + 28999 / 100000) <= 25464 / 100000) by (split; interval). repeat split; lra.
  - rewrite (Rabs_left1 t) in Hm |- * by lra. assert (L0 : ln (1 + t) <= 0) by (rewrite <- ln_1; left; apply ln_increasing; lra). rewrite (Rabs_left1 (ln (1 + t))) by exact L0.
    assert (I : forall x, t <= x <= - (28999 / 100000) -> 1408 / 1000 <= / (1 + x)) by (intros x Hx; replace (1408 / 1000) with (/ (1000 / 1408)) by field; apply Rinv_le_contravar; lra).
    assert (A := Rise (fun x => - (365 / 100 * (x * x + 2 * x) - 53 / 10 * ln (1 + x))) (fun x => - (365 / 100 * (2 * x + 2) - 53 / 10 * / (1 + x))) t (- (28999 / 100000)) ltac:(lra)
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x Hx); lra)).
    assert (B := Rise (fun x => - (4 * (x * x) + 12 * x - 10 * ln (1 + x))) (fun x => - (8 * x + 12 - 10 * / (1 + x))) t (- (28999 / 100000)) ltac:(lra)
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x Hx); lra)).
    assert (C := Rise (fun x => - (x * x + 2 * x - 2 * ln (1 + x))) (fun x => - (2 * x + 2 - 2 * / (1 + x))) t (- (28999 / 100000)) ltac:(lra)
      ltac:(intros x Hx; auto_derive; [lra | field; lra]) ltac:(intros x Hx; assert (Q := I x Hx); lra)).
    cbv beta in A, B, C. assert (V : -34249 / 100000 <= ln (1 + - (28999 / 100000)) <= -34247 / 100000) by (split; interval). repeat split; lra.
Qed.

Theorem scale_divergence_middle_approximated : forall t log logLow, double t -> -1 < t <= bpow radix2 101 -> 28999 / 100000 <= Rabs t ->
  approximates (log, logLow) 0 (/ 2 ^ 56) (ln (1 + t)) -> normalised (log, logLow) ->
  approximates (ScaleDivergenceMiddle t (log, logLow)) 0 (/ 2 ^ 54) (divergence t).
Proof.
  intros t log logLow Dt Ht Hm (Dg & Dgl & _ & EL & _) Nl. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  unfold normalised in Nl. simpl fst in Nl. simpl snd in Nl. simpl bpow in EL. rewrite Rmult_1_r in EL.
  destruct (divergence_share t (proj1 Ht) Hm) as (S1 & S2 & S3). assert (HD : divergence t = t * t + 2 * t - 2 * ln (1 + t)) by reflexivity. set (h := divergence t) in *.
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56 in EL. assert (P54 : / 2 ^ 54 = / 18014398509481984) by (f_equal; lra). rewrite P54.
  set (L := ln (1 + t)) in *. set (X := Rabs t) in *. assert (Xr : - X <= t <= X) by (apply Rabs_le_inv, Rle_refl). set (A := Rabs L) in *. assert (Ar : - A <= L <= A) by (apply Rabs_le_inv, Rle_refl).
  assert (A0 : 0 <= A) by apply Rabs_pos. assert (X0 : 0 <= X) by apply Rabs_pos. assert (T0 : 0 <= t * t) by nra. set (T := t * t) in *.
  apply Rabs_le_inv in EL. assert (LB : Rabs (log + logLow) <= 1001 / 1000 * A) by (apply Rabs_le; lra).
  assert (Nl' : Rabs logLow <= 1001 / 1000 * u * A) by (apply (Rle_trans _ _ _ Nl); rewrite U; lra). apply Rabs_le_inv in Nl', LB. clear Nl.
  unfold ScaleDivergenceMiddle, TwoProduct. fold T. rewrite (rnd_id (2 * t)), (rnd_id (2 * log)), (rnd_id (2 * logLow)) by (apply double_twice; assumption).
  assert (R1 := rnd_within T T ltac:(lra)). assert (Da : double (rnd T)) by apply rnd_double. set (a := rnd T) in *.
  assert (R2 := rnd_within (T - a) (u * T + eta) ltac:(lra)). set (al := rnd (T - a)) in *.
  assert (D2t : double (2 * t)) by (apply double_twice, Dt). assert (D2l : double (- (2 * log))) by (apply double_opp, double_twice, Dg).
  assert (F1 := TwoSum_exact a (2 * t) Da D2t). assert (N1 := sum_relative a (2 * t) Da D2t). change (rnd (a + 2 * t)) with (fst (TwoSum rnd a (2 * t))) in N1.
  assert (Db : double (fst (TwoSum rnd a (2 * t)))) by apply rnd_double.
  destruct (TwoSum rnd a (2 * t)) as [b r]. simpl fst in *. simpl snd in *.
  assert (Nr : Rabs r <= u * (101 / 100 * (T + 2 * X))).
  { replace r with (- (b - (a + 2 * t))) by lra. rewrite Rabs_Ropp. apply (Rle_trans _ _ _ N1). apply Rmult_le_compat_l; [rewrite U; lra|]. apply Rabs_le. rewrite U in *. lra. }
  assert (F2 := TwoSum_exact b (- (2 * log)) Db D2l). assert (N2 := sum_relative b (- (2 * log)) Db D2l). change (rnd (b + - (2 * log))) with (fst (TwoSum rnd b (- (2 * log)))) in N2.
  assert (Dh : double (fst (TwoSum rnd b (- (2 * log))))) by apply rnd_double.
  destruct (TwoSum rnd b (- (2 * log))) as [high w]. simpl fst in *. simpl snd in *. apply Rabs_le_inv in Nr.
  assert (Nw : Rabs w <= u * (102 / 100 * (T + 2 * X) + 201 / 100 * A)).
  { replace w with (- (high - (b + - (2 * log)))) by lra. rewrite Rabs_Ropp. apply (Rle_trans _ _ _ N2). apply Rmult_le_compat_l; [rewrite U; lra|]. apply Rabs_le. rewrite U in *. lra. }
  apply Rabs_le_inv in Nw.
  assert (R3 := rnd_within (al + r) (3 * u * (T + 2 * X)) ltac:(rewrite U in *; lra)). set (s1 := rnd (al + r)) in *.
  assert (R4 := rnd_within (s1 - 2 * logLow) (4 * u * (T + 2 * X) + 3 * u * A) ltac:(rewrite U in *; lra)). set (s2 := rnd (s1 - 2 * logLow)) in *.
  assert (R5 := rnd_within (w + s2) (6 * u * (T + 2 * X) + 6 * u * A) ltac:(rewrite U in *; lra)). assert (Dl : double (rnd (w + s2))) by apply rnd_double. set (low := rnd (w + s2)) in *.
  assert (Total : Rabs (high + low - h) <= 4990 / 10000 * u * h).
  { replace (high + low - h) with ((low - (w + s2)) + (s2 - (s1 - 2 * logLow)) + (s1 - (al + r)) + (al - (T - a)) - 2 * (log + logLow - L)) by (rewrite HD; fold T; lra).
    apply Rabs_le. rewrite U in *. lra. }
  split; [exact Dh|]. split; [exact Dl|]. split; [|split; [|split; [left; reflexivity | lra]]].
  - apply Rle_trans with (/ 2 * h); [apply Rabs_le; rewrite U in *; lra|]. apply Rle_trans with (2 := Rle_abs _). apply Rabs_le_inv in Total. rewrite U in *. lra.
  - simpl bpow. rewrite Rmult_1_r, (Rabs_pos_eq h) by lra. apply (Rle_trans _ _ _ Total). rewrite U. lra.
Qed.

(** With the two logarithms of Log1pPair. *)
Theorem scale_divergence_reduced_approximated : forall t, double t -> LeastReduced <= t <= MostReduced -> 28999 / 100000 <= Rabs t ->
  approximates (ScaleDivergenceMiddle t (LogReduced t 0 0)) 0 (/ 2 ^ 54) (divergence t).
Proof.
  intros t Dt Ht Hm. assert (U : u = / 9007199254740992) by reflexivity.
  assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra). assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra).
  assert (A := log1p_near_approximated t Dt Ht ltac:(rewrite P60; lra)). unfold LeastReduced, MostReduced in Ht.
  assert (N := log_reduced_normalised t 0 0 Dt ltac:(lra) ltac:(rewrite Rabs_R0; assert (0 <= Rabs t) by apply Rabs_pos; rewrite U; lra) ltac:(lia) ltac:(intros _; rewrite P70; lra)).
  destruct (LogReduced t 0 0) as [log logLow]. apply scale_divergence_middle_approximated; try assumption.
  split; [lra|]. apply Rle_trans with 1; [lra | change 1 with (bpow radix2 0); apply bpow_le; lia].
Qed.

Theorem scale_divergence_far_approximated : forall t m k, double t -> -1 < t <= bpow radix2 101 -> t < LeastReduced \/ MostReduced < t ->
  let '(sum, rest) := TwoSum rnd 1 t in
  sum = m * bpow radix2 k -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> (Z.abs k <= 1200)%Z -> double (rest * bpow radix2 (- k)) ->
  approximates (ScaleDivergenceMiddle t (LogOfSum m (rest * bpow radix2 (- k)) k)) 0 (/ 2 ^ 54) (divergence t).
Proof.
  intros t m k Dt Ht Far. assert (H := log1p_far t m k Dt (proj1 Ht) Far). destruct (TwoSum rnd 1 t) as [sum rest]. intros Es Dm Hm Hk Dr.
  destruct (H Es Dm Hm Hk Dr) as [A N]. destruct (LogOfSum m (rest * bpow radix2 (- k)) k) as [log logLow]. apply scale_divergence_middle_approximated; try assumption.
  unfold LeastReduced, MostReduced in Far. unfold Rabs. destruct (Rcase_abs t), Far; lra.
Qed.
