(* ln and ln(1 + x) of src/Guarantees/Arithmetic/Elementary.Logarithm.cs: the truncation of the series in s = f / (2 + f), and every rounding. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential.
Open Scope R_scope.

(** The derivative of c0 s^3 + c1 s^5 + ... + c11 s^25. *)
Definition odd_slope (c : list R) (s : R) : R :=
  let a n := nth n c 0 in let z := s * s in
  z * (3 * a 0%nat + z * (5 * a 1%nat + z * (7 * a 2%nat + z * (9 * a 3%nat + z * (11 * a 4%nat + z * (13 * a 5%nat + z * (15 * a 6%nat
  + z * (17 * a 7%nat + z * (19 * a 8%nat + z * (21 * a 9%nat + z * (23 * a 10%nat + z * (25 * a 11%nat)))))))))))).

Lemma odd_derives : forall c s, is_derive (fun s => s * (s * s) * Polynomial exactly 0 c (s * s)) s (odd_slope c s).
Proof.
  intros c s. unfold odd_slope, Polynomial, Fma, exactly. cbv beta zeta. simpl Nat.add.
  generalize (nth 0 c 0) (nth 1 c 0) (nth 2 c 0) (nth 3 c 0) (nth 4 c 0) (nth 5 c 0) (nth 6 c 0) (nth 7 c 0) (nth 8 c 0) (nth 9 c 0)
    (nth 10 c 0) (nth 11 c 0).
  intros. auto_derive; [exact I | ring].
Qed.

(** The kernel's ln(1 + f) before rounding, as a function of s. *)
Definition log_series (s : R) : R := 2 * s + s * (s * s) * Polynomial exactly 0 LogTail (s * s).

Lemma artanh_truncation : forall s, Rabs s <= 1717 / 10000 ->
  Rabs (ln ((1 + s) / (1 - s)) - log_series s) <= / 2 ^ 58 * Rabs s.
Proof.
  intros s Hs.
  apply (vanishing_at_zero (fun s => ln ((1 + s) / (1 - s)) - log_series s) (fun s => 2 / (1 - s * s) - (2 + odd_slope LogTail s)) (1717 / 10000));
    [| | |exact Hs].
  - intros t Ht. assert (B := proj1 (Rabs_le_between _ _) Ht).
    apply (is_derive_minus (fun s => ln ((1 + s) / (1 - s))) log_series).
    + auto_derive.
      * split; [lra|]. split; [|exact I]. apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra].
      * field. repeat split; nra.
    + apply (is_derive_plus (fun s => 2 * s) (fun s => s * (s * s) * Polynomial exactly 0 LogTail (s * s))); [|apply odd_derives].
      auto_derive; [exact I | ring].
  - intros t Ht. unfold odd_slope, LogTail, nth. interval with (i_prec 90, i_taylor t, i_degree 24).
  - unfold log_series. replace ((1 + 0) / (1 - 0)) with 1 by field. rewrite ln_1. ring.
Qed.

Theorem log_truncation : forall f, -293 / 1000 <= f <= 4143 / 10000 ->
  Rabs (ln (1 + f) - log_series (f / (2 + f))) <= / 2 ^ 58 * Rabs (f / (2 + f)).
Proof.
  intros f Hf. replace (1 + f) with ((1 + f / (2 + f)) / (1 - f / (2 + f))) by (field; lra).
  apply artanh_truncation. interval with (i_bisect f, i_autodiff f).
Qed.

(** ** Rounding of an odd tail: fl(fl(s z) polynomial(z)), z = fl(s s); also that of erf *)

Definition odd_tail (c : list R) (s : R) : R := let z := rnd (s * s) in rnd (rnd (s * z) * Polynomial rnd 0 c z).
Definition exact_tail (c : list R) (s : R) : R := s * (s * s) * Polynomial exactly 0 c (s * s).

Definition polynomial_slope (c : list R) (x : R) : R :=
  let a n := nth n c 0 in
  a 1%nat + x * (2 * a 2%nat + x * (3 * a 3%nat + x * (4 * a 4%nat + x * (5 * a 5%nat + x * (6 * a 6%nat + x * (7 * a 7%nat + x * (8 * a 8%nat
  + x * (9 * a 9%nat + x * (10 * a 10%nat + x * (11 * a 11%nat)))))))))).

Lemma polynomial_derives : forall c x, is_derive (Polynomial exactly 0 c) x (polynomial_slope c x).
Proof.
  intros c x. unfold polynomial_slope, Polynomial, Fma, exactly. cbv beta zeta. simpl Nat.add.
  generalize (nth 0 c 0) (nth 1 c 0) (nth 2 c 0) (nth 3 c 0) (nth 4 c 0) (nth 5 c 0) (nth 6 c 0) (nth 7 c 0) (nth 8 c 0) (nth 9 c 0)
    (nth 10 c 0) (nth 11 c 0).
  intros. auto_derive; [exact I | ring].
Qed.

(** What is asked of the coefficients c for z up to b. *)
Definition tame (c : list R) (b : R) : Prop := forall z, 0 <= z <= b ->
  Rabs ((Polynomial rnd 0 c z - Polynomial exactly 0 c z) / Polynomial exactly 0 c z) <= 1100 / 1024 * u
  /\ / 3 <= Rabs (Polynomial exactly 0 c z) <= 3 / 4 /\ Rabs (polynomial_slope c z) <= / 2.

Lemma odd_tail_rounding : forall c b s, tame c b -> b <= 146 / 1024 -> s * s * (1 + u) + eta <= b ->
  Rabs (odd_tail c s - exact_tail c s) <= 44 / 10 * u * Rabs (exact_tail c s) + 4 * eta.
Proof.
  intros c b s T Hb Hs. assert (E0 := eta_tiny). assert (U0 : 0 < u < / 1000) by (unfold u; lra). assert (S0 : 0 <= s * s) by nra.
  assert (Ss : Rabs s <= 38 / 100).
  { apply Rnot_lt_le. intro H. assert (144 / 1000 < s * s); [|nra]. replace (s * s) with (Rabs s * Rabs s) by (rewrite <- Rabs_mult; apply Rabs_pos_eq; lra). nra. }
  assert (Z := rnd_error (s * s)). rewrite (Rabs_pos_eq (s * s)) in Z by lra.
  assert (Z0 : 0 <= rnd (s * s)) by (rewrite <- (rnd_id 0) by apply generic_format_0; apply rnd_le; lra).
  unfold odd_tail, exact_tail. cbv zeta. set (z := rnd (s * s)) in *.
  assert (Iz : 0 <= z <= b) by (apply Rabs_le_inv in Z; lra).
  destruct (T z Iz) as (R & _ & _). destruct (T (s * s) ltac:(unfold u in *; nra)) as (_ & PS & _).
  destruct (T z Iz) as (_ & PZ & _).
  assert (Lip : Rabs (Polynomial exactly 0 c z - Polynomial exactly 0 c (s * s)) <= / 2 * Rabs (z - s * s)).
  { destruct (MVT_gen (Polynomial exactly 0 c) (s * s) z (polynomial_slope c)) as (m & Hm & E).
    - intros t _. apply polynomial_derives.
    - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)). exists (polynomial_slope c t). apply polynomial_derives.
    - rewrite E, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|]. apply T.
      unfold Rmin, Rmax in Hm. destruct (Rle_dec (s * s) z); unfold u in *; nra. }
  set (p := Polynomial exactly 0 c (s * s)) in *. set (pz := Polynomial exactly 0 c z) in *.
  assert (P0 : p <> 0) by (intro H; rewrite H, Rabs_R0 in PS; lra). assert (Pz0 : pz <> 0) by (intro H; rewrite H, Rabs_R0 in PZ; lra).
  set (d1 := (Polynomial rnd 0 c z - pz) / pz) in R. set (d2 := (pz - p) / p).
  assert (D2 : Rabs d2 <= / 4 * u).
  { unfold d2, Rdiv. rewrite Rabs_mult, Rabs_inv. apply Rmult_le_reg_r with (Rabs p); [lra|]. rewrite Rmult_assoc, Rinv_l by lra.
    apply Rle_trans with (/ 2 * (u * (s * s) + eta)); [lra|]. unfold u in *. nra. }
  replace (Polynomial rnd 0 c z) with (p * ((1 + d1) * (1 + d2))) by (unfold d1, d2; field; split; assumption).
  unfold z. clear R. assert (R : Rabs d1 <= 1100 / 1024 * u) by exact (proj1 (T z Iz)).
  destruct (rnd_standard (s * s)) as (e1 & h1 & E1 & H1 & ->).
  destruct (rnd_standard (s * (s * s * (1 + e1) + h1))) as (e2 & h2 & E2 & H2 & ->).
  destruct (rnd_standard ((s * (s * s * (1 + e1) + h1) * (1 + e2) + h2) * (p * ((1 + d1) * (1 + d2))))) as (e3 & h3 & E3 & H3 & ->).
  replace (_ - _) with (s * (s * s) * p * ((1 + e1) * (1 + e2) * (1 + e3) * (1 + d1) * (1 + d2) - 1)
    + (h1 * (s * (1 + e2) * (1 + e3) * p * ((1 + d1) * (1 + d2))) + h2 * ((1 + e3) * p * ((1 + d1) * (1 + d2))) + h3)) by ring.
  apply (Rle_trans _ _ _ (Rabs_triang _ _)). clearbody d1 d2 p. apply Rplus_le_compat.
  - rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. unfold u in *. interval with (i_prec 130).
  - assert (B : forall h a, Rabs h <= eta -> Rabs a <= 1 -> Rabs (h * a) <= eta).
    { intros h a Hh Ha. rewrite Rabs_mult. rewrite <- (Rmult_1_r eta). apply Rmult_le_compat; try apply Rabs_pos; assumption. }
    destruct PS as [_ PS].
    assert (B1 := B h1 (s * (1 + e2) * (1 + e3) * p * ((1 + d1) * (1 + d2))) H1 ltac:(unfold u in *; interval)).
    assert (B2 := B h2 ((1 + e3) * p * ((1 + d1) * (1 + d2))) H2 ltac:(unfold u in *; interval)).
    apply (Rle_trans _ _ _ (Rabs_triang _ _)).
    assert (Q := Rabs_triang (h1 * (s * (1 + e2) * (1 + e3) * p * ((1 + d1) * (1 + d2)))) (h2 * ((1 + e3) * p * ((1 + d1) * (1 + d2))))). lra.
Qed.

Ltac expand_with c := cbv beta iota zeta delta [Polynomial Fma exactly nth Nat.add polynomial_slope c rnd u].

Lemma log_tame : tame LogTail (31 / 1024).
Proof.
  intros z H. split; [|split].
  - expand_with LogTail. gappa.
  - expand_with LogTail. split; interval.
  - expand_with LogTail. interval.
Qed.

(** ** Rounding of ln((1 + f + fl) 2^k) *)

Definition LogReduced (f fl : R) (k : Z) : R * R :=
  let '(d, dl) := TwoSum rnd 2 f in
  let '(s, sl) := Divide rnd f fl d (rnd (dl + fl)) in
  let z := rnd (s * s) in
  let '(high, low) := FastTwoSum rnd (rnd (IZR k * Ln2High)) (rnd (2 * s)) in
  FastTwoSum rnd high (rnd (low + rnd (rnd (2 * rnd (sl + rnd (sl * z))) + rnd (rnd (IZR k * Ln2Low) + odd_tail LogTail s)))).

Lemma tail_derives_odd : forall c s, is_derive (exact_tail c) s (odd_slope c s).
Proof. intros c s. apply odd_derives. Qed.

Lemma log_tail_bounds : forall s, Rabs s <= 172 / 1000 ->
  Rabs (exact_tail LogTail s) <= 202 / 10000 * Rabs s /\ Rabs (odd_slope LogTail s - 2 * (s * s)) <= 2 / 1000.
Proof.
  intros s H. split.
  - unfold exact_tail. rewrite Rmult_assoc, Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. expand_with LogTail.
    interval with (i_bisect s).
  - unfold odd_slope, LogTail, nth. interval with (i_bisect s).
Qed.

(** The quotient of LogReduced against f / (2 + f), f and fl together. *)
Lemma log_quotient : forall f fl, double f -> -29290 / 100000 <= f <= 41422 / 100000 -> Rabs fl <= 2 * u * Rabs f ->
  let sigma := (f + fl) / (2 + (f + fl)) in let A := Rabs sigma in
  let '(d, dl) := TwoSum rnd 2 f in let '(s, sl) := Divide rnd f fl d (rnd (dl + fl)) in
  Rabs (s + sl - sigma) <= / 2 ^ 99 * A + 61 * eta /\ Rabs (s - sigma) <= 14 * u * A + 61 * eta /\ Rabs sl <= 21 / 10 * u * A + 61 * eta
  /\ double s /\ Rabs f <= 243 / 100 * A.
Proof.
  intros f fl Df Hf Hfl sigma A. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). assert (P99 : / 2 ^ 99 = / 633825300114114700748351602688) by (f_equal; lra).
  assert (D2 : double 2) by (apply (double_integer 2); lia).
  assert (X := TwoSum_exact 2 f D2 Df). assert (S := sum_relative 2 f D2 Df). change (rnd (2 + f)) with (fst (TwoSum rnd 2 f)) in S.
  destruct (TwoSum rnd 2 f) as [d dl]. simpl fst in *. simpl snd in *.
  set (F := Rabs f) in *. assert (F0 : 0 <= F) by apply Rabs_pos. assert (Fr : - F <= f <= F) by (apply Rabs_le_inv, Rle_refl).
  assert (F1 : F <= 41422 / 100000) by (apply Rabs_le; lra).
  apply Rabs_le_inv in Hfl. rewrite (Rabs_pos_eq (2 + f)) in S by lra. apply Rabs_le_inv in S.
  assert (Dl : - (u * (2 + f)) <= dl <= u * (2 + f)) by lra.
  assert (B := rnd_within (dl + fl) (4 * u) ltac:(rewrite U in *; lra)). set (bl := rnd (dl + fl)) in *.
  set (n := f + fl) in *. assert (Hn : -2929 / 10000 - / 1000000 <= n <= 41423 / 100000) by (unfold n; rewrite U in *; lra).
  assert (Dd : 17 / 10 <= d <= 242 / 100) by (rewrite U in *; lra).
  assert (Inv : 0 < / (2 + n)) by (apply Rinv_0_lt_compat; lra).
  assert (Af : F * (1 - 3 * u) * / (2 + n) <= A <= F * (1 + 3 * u) * / (2 + n)).
  { unfold A, sigma, Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by lra. assert (T1 := Rabs_triang f fl). assert (T2 := Rabs_triang n (- fl)).
    replace (n + - fl) with f in T2 by (unfold n; ring). fold n F in T1. fold F in T2. rewrite Rabs_Ropp in T2. assert (Rabs fl <= 2 * u * F) by (apply Rabs_le; lra).
    split; apply Rmult_le_compat_r; rewrite U in *; lra. }
  assert (G := divide_error f fl d bl ltac:(rewrite Rabs_pos_eq by lra; lra) ltac:(fold F; apply Rabs_le; rewrite U in *; lra)
    ltac:(rewrite (Rabs_pos_eq d) by lra; apply Rabs_le; rewrite U in *; lra)).
  assert (Ds : double (fst (Divide rnd f fl d bl))) by apply rnd_double.
  destruct (Divide rnd f fl d bl) as [s sl]. simpl fst in *. destruct G as (G1 & G2 & G3).
  assert (A0 : 0 <= A) by apply Rabs_pos.
  assert (Q : Rabs (f / d - sigma) <= 4 * u * A).
  { replace (f / d - sigma) with ((f * (2 + n - d) - fl * d) * / (2 + n) * / d) by (unfold sigma; fold n; unfold n; field; unfold n in *; repeat split; lra).
    assert (M1 := product_within f (2 + n - d) F (u * (1 + 2 * u) * d + 2 * u * F) Fr ltac:(unfold n; rewrite U in *; lra)).
    assert (M2 := product_within fl d (2 * u * F) d ltac:(lra) ltac:(lra)).
    assert (FF : F * F <= F * (41422 / 100000)) by (apply Rmult_le_compat_l; lra).
    assert (Fd : F * (17 / 10) <= F * d) by (apply Rmult_le_compat_l; lra).
    assert (M : Rabs (f * (2 + n - d) - fl * d) <= 35 / 10 * u * F * d).
    { apply Rabs_le. assert (F * (u * (1 + 2 * u) * d + 2 * u * F) <= 15 / 10 * u * (F * d)); [|lra].
      replace (F * (u * (1 + 2 * u) * d + 2 * u * F)) with (u * ((1 + 2 * u) * (F * d) + 2 * (F * F))) by ring. 
      replace (15 / 10 * u * (F * d)) with (u * (15 / 10 * (F * d))) by ring. apply Rmult_le_compat_l; rewrite U in *; lra. }
    rewrite !Rabs_mult, (Rabs_pos_eq (/ (2 + n))), (Rabs_pos_eq (/ d)) by (left; apply Rinv_0_lt_compat; lra).
    apply Rle_trans with (35 / 10 * u * F * d * / (2 + n) * / d).
    - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. apply Rmult_le_compat_r; [lra | exact M].
    - replace (35 / 10 * u * F * d * / (2 + n) * / d) with (35 / 10 * u * (F * / (2 + n))) by (field; repeat split; lra).
      assert (0 <= F * / (2 + n)) by (apply Rmult_le_pos; lra). rewrite U in *. lra. }
  assert (QA : Rabs (f / d) <= 10001 / 10000 * A).
  { assert (T := Rabs_triang (f / d - sigma) sigma). replace (f / d - sigma + sigma) with (f / d) in T by ring. fold A in T. rewrite U in *. lra. }
  assert (Z : Rabs ((f + fl) / (d + bl) - sigma) <= 4 * u * u * A + / 2 * eta * A * 2).
  { fold n. replace (n / (d + bl) - sigma) with (sigma * ((2 + n - d - bl) * / (d + bl))) by (unfold sigma; fold n; field; rewrite U in *; repeat split; lra).
    rewrite Rabs_mult. fold A. rewrite Rmult_comm. replace (4 * u * u * A + / 2 * eta * A * 2) with ((4 * u * u + eta) * A) by field. apply Rmult_le_compat_r; [exact A0|].
    rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; apply Rinv_0_lt_compat; rewrite U in *; lra).
    assert (Rabs (2 + n - d - bl) <= 4 * u * u + eta) by (apply Rabs_le; unfold n; rewrite U in *; lra).
    assert (0 < / (d + bl) <= 1).
    { split; [apply Rinv_0_lt_compat; rewrite U in *; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; rewrite U in *; lra. }
    assert (0 <= Rabs (2 + n - d - bl)) by apply Rabs_pos. nra. }
  assert (A1 : A <= 2 / 10). { unfold A, sigma. interval with (i_bisect n). }
  rewrite P99, P100 in *.
  repeat split.
  - replace (s + sl - sigma) with ((s + sl - (f + fl) / (d + bl)) + ((f + fl) / (d + bl) - sigma)) by ring.
    apply (Rle_trans _ _ _ (Rabs_triang _ _)). assert (eta * A <= eta * 1) by (apply Rmult_le_compat_l; lra). rewrite U in *. lra.
  - replace (s - sigma) with ((s - f / d) + (f / d - sigma)) by ring. apply (Rle_trans _ _ _ (Rabs_triang _ _)). rewrite U in *. lra.
  - rewrite U in *. lra.
  - exact Ds.
  - assert (/ (242 / 100) <= / (2 + n)) by (apply Rinv_le_contravar; lra). assert (F * (1 - 3 * u) * / (242 / 100) <= F * (1 - 3 * u) * / (2 + n)) by (apply Rmult_le_compat_l; [rewrite U; lra | assumption]).
    rewrite U in *. lra.
Qed.

(** The error grows with sigma and, for what reaches the low parts of k ln 2, with k. *)
Lemma log_reduced_error : forall f fl k, double f -> -29290 / 100000 <= f <= 41422 / 100000 -> Rabs fl <= 2 * u * Rabs f ->
  (Z.abs k <= 1200)%Z -> (k = 0%Z -> / 2 ^ 70 <= Rabs f) ->
  let A := Rabs ((f + fl) / (2 + (f + fl))) in let K := Rabs (IZR k) in let exact := IZR k * ln 2 + ln (1 + (f + fl)) in
  let '(high, low) := LogReduced f fl k in
  Rabs (high + low - exact) <= 19 / 100 * u * A + / 10 ^ 9 * u * K + 200 * eta
  /\ double high /\ double low /\ Rabs low <= u * Rabs (high + low) /\ high = rnd (high + low).
Proof.
  intros f fl k Df Hf Hfl Hk Small A K exact. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  unfold LogReduced. assert (G := log_quotient f fl Df Hf Hfl).
  set (sigma := (f + fl) / (2 + (f + fl))) in *. fold A in G.
  destruct (TwoSum rnd 2 f) as [d dl]. destruct (Divide rnd f fl d (rnd (dl + fl))) as [s sl].
  destruct G as (G1 & G2 & G3 & Ds & G4). fold A in G1, G2, G3, G4.
  assert (P99 : / 2 ^ 99 = / 633825300114114700748351602688) by (f_equal; lra). rewrite P99 in G1.
  assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra). rewrite P70 in Small.
  set (n := f + fl) in *. apply Rabs_le_inv in Hfl. set (F := Rabs f) in *. assert (F0 : 0 <= F) by apply Rabs_pos.
  assert (Hn : -293 / 1000 <= n <= 4143 / 10000).
  { assert (F <= 41422 / 100000) by (apply Rabs_le; lra). unfold n. rewrite U in *. lra. }
  assert (A0 : 0 <= A) by apply Rabs_pos. assert (Ar : - A <= sigma <= A) by (apply Rabs_le_inv, Rle_refl).
  assert (A1 : A <= 1717 / 10000) by (unfold A, sigma; interval with (i_bisect n, i_autodiff n)).
  assert (K0 : 0 <= K) by apply Rabs_pos. assert (Kr : - K <= IZR k <= K) by (apply Rabs_le_inv, Rle_refl).
  assert (T := log_truncation n Hn). fold sigma in T. fold A in T.
  assert (P58 : / 2 ^ 58 = / 288230376151711744) by (f_equal; lra). rewrite P58 in T.
  unfold log_series in T. change (sigma * (sigma * sigma) * Polynomial exactly 0 LogTail (sigma * sigma)) with (exact_tail LogTail sigma) in T.
  (* s *)
  apply Rabs_le_inv in G1, G2, G3.
  assert (S1 : Rabs s <= 1718 / 10000) by (apply Rabs_le; rewrite U in *; lra).
  assert (Sq : 0 <= s * s <= 2952 / 100000).
  { replace (s * s) with (Rabs s * Rabs s) by (rewrite <- Rabs_mult; apply Rabs_pos_eq; nra). assert (0 <= Rabs s) by apply Rabs_pos. nra. }
  assert (O := odd_tail_rounding LogTail (31 / 1024) s log_tame ltac:(lra) ltac:(rewrite U in *; lra)).
  assert (Zr := rnd_within (s * s) (2952 / 100000) ltac:(lra)).
  destruct (log_tail_bounds s ltac:(lra)) as [TB _].
  (* W: the tail at sigma against that at s, moved along its slope *)
  assert (W : - (6 / 1000 * u * A + 60 * eta) <= exact_tail LogTail sigma - exact_tail LogTail s - 2 * (sl * rnd (s * s)) <= 6 / 1000 * u * A + 60 * eta).
  { destruct (MVT_gen (exact_tail LogTail) s sigma (odd_slope LogTail)) as (m & Hm & E).
    - intros t _. apply tail_derives_odd.
    - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)). exists (odd_slope LogTail t). apply tail_derives_odd.
    - rewrite E. assert (Ms : - (14 * u * A + 61 * eta) <= m - s <= 14 * u * A + 61 * eta).
      { unfold Rmin, Rmax in Hm. destruct (Rle_dec s sigma); lra. }
      apply Rabs_le_inv in S1.
      assert (M1 : Rabs m <= 172 / 1000) by (apply Rabs_le; rewrite U in *; lra).
      destruct (log_tail_bounds m M1) as [_ SB]. set (o := odd_slope LogTail m) in *.
      set (z := rnd (s * s)) in *. apply Rabs_le_inv in SB, M1.
      replace (o * (sigma - s) - 2 * (sl * z)) with ((o - 2 * (m * m)) * (sigma - s) + 2 * ((m - s) * (m + s) + (s * s - z)) * (sigma - s) + 2 * z * (sigma - s - sl)) by ring.
      assert (V : - (22 / 10 * u * A + 130 * eta) <= sigma - s <= 22 / 10 * u * A + 130 * eta) by (rewrite U in *; lra).
      assert (V1 := product_within _ _ _ _ SB V).
      assert (V2 := product_within (m - s) (m + s) _ (4 / 10) Ms ltac:(lra)).
      assert (V3 := product_within (2 * ((m - s) * (m + s) + (s * s - z))) (sigma - s) (10 * u) _ ltac:(rewrite U in *; lra) V).
      assert (V4 := product_within (2 * z) (sigma - s - sl) (/ 10) (/ 633825300114114700748351602688 * A + 61 * eta) ltac:(rewrite U in *; lra) ltac:(lra)).
      rewrite U in *. lra. }
  set (ts := exact_tail LogTail s) in *. set (tsig := exact_tail LogTail sigma) in *. set (tr := odd_tail LogTail s) in *.
  set (z := rnd (s * s)) in *.
  apply Rabs_le_inv in TB, O.
  assert (SA : Rabs s <= A * (1 + 14 * u) + 61 * eta) by (apply Rabs_le; lra).
  assert (TsA : Rabs ts <= 2021 / 100000 * A + 2 * eta) by (apply Rabs_le; rewrite U in *; lra).
  assert (TA := Rabs_le_inv _ _ TsA).
  assert (O' : - (44 / 10 * u * (2021 / 100000 * A + 2 * eta) + 4 * eta) <= tr - ts <= 44 / 10 * u * (2021 / 100000 * A + 2 * eta) + 4 * eta) by (rewrite U in *; lra).
  assert (KH : double (IZR k * Ln2High)) by (rewrite Ln2High_multiple; apply double_scaled; lia).
  assert (KL : double (IZR k * Ln2Low)) by (rewrite Ln2Low_multiple; apply double_scaled; lia).
  rewrite (rnd_id _ KH), (rnd_id _ KL), (rnd_id (2 * s)) by (apply double_twice, Ds).
  assert (L2 : Rabs (ln 2 - Ln2High - Ln2Low) <= / 2 ^ 85) by (unfold Ln2High, Ln2Low; interval with (i_prec 120)).
  assert (P85 : / 2 ^ 85 = / 38685626227668133590597632) by (f_equal; lra). rewrite P85 in L2. apply Rabs_le_inv in L2.
  assert (LK := product_within _ _ _ _ Kr L2).
  assert (KLs := product_within (IZR k) Ln2Low K (6 / 100000000000000) Kr ltac:(unfold Ln2Low; lra)).
  assert (KHs := product_within (IZR k) Ln2High K (7 / 10) Kr ltac:(unfold Ln2High; lra)).
  (* the sums *)
  assert (SZ := product_within sl z _ (3 / 100) ltac:(exact G3) ltac:(rewrite U in *; lra)).
  assert (Y1 := rnd_within (sl * z) _ SZ). set (y1 := rnd (sl * z)) in *.
  assert (Y2 := rnd_within (sl + y1) (22 / 10 * u * A + 70 * eta) ltac:(rewrite U in *; lra)). set (y2 := rnd (sl + y1)) in *.
  rewrite (rnd_id (2 * y2)) by (apply double_twice, rnd_double).
  assert (Y3 := rnd_within (IZR k * Ln2Low + tr) (6 / 100000000000000 * K + 2022 / 100000 * A + 10 * eta) ltac:(rewrite U in *; lra)).
  set (y3 := rnd (IZR k * Ln2Low + tr)) in *.
  assert (Y4 := rnd_within (2 * y2 + y3) (7 / 100000000000000 * K + 2023 / 100000 * A + 160 * eta) ltac:(rewrite U in *; lra)).
  set (y4 := rnd (2 * y2 + y3)) in *.
  assert (Kcase : (k = 0%Z /\ IZR k = 0 /\ K = 0) \/ 1 <= K).
  { destruct (Z.eq_dec k 0) as [-> | N]; [left; unfold K; rewrite Rabs_R0; auto | right].
    unfold K. rewrite <- abs_IZR. apply IZR_le. lia. }
  assert (HL : fst (FastTwoSum rnd (IZR k * Ln2High) (2 * s)) + snd (FastTwoSum rnd (IZR k * Ln2High) (2 * s)) = IZR k * Ln2High + 2 * s).
  { destruct Kcase as [(Kz & Kz' & _) | K1].
    - rewrite Kz', Rmult_0_l, Rplus_0_l. unfold FastTwoSum. simpl. rewrite Rplus_0_l, (rnd_id (2 * s)) by (apply double_twice, Ds).
      rewrite Rminus_0_r, (rnd_id (2 * s)) by (apply double_twice, Ds). rewrite Rminus_diag_eq by reflexivity.
      rewrite rnd_id by apply generic_format_0. ring.
    - apply FastTwoSum_exact; [exact KH | apply double_twice, Ds|].
      rewrite !Rabs_mult. fold K. rewrite (Rabs_pos_eq 2), (Rabs_pos_eq Ln2High) by (unfold Ln2High; lra). unfold Ln2High. lra. }
  assert (HS := sum_relative (IZR k * Ln2High) (2 * s) KH (double_twice _ Ds)).
  change (rnd (IZR k * Ln2High + 2 * s)) with (fst (FastTwoSum rnd (IZR k * Ln2High) (2 * s))) in HS.
  assert (Low1 : Rabs (snd (FastTwoSum rnd (IZR k * Ln2High) (2 * s))) <= 11 / 10 * u * K).
  { set (h := fst _) in *. set (l := snd _) in *. replace l with (- (h - (IZR k * Ln2High + 2 * s))) by lra. rewrite Rabs_Ropp.
    destruct Kcase as [(Kz & Kz' & Kz'') | K1].
    - unfold h, FastTwoSum, fst. rewrite Kz', Kz'', Rmult_0_l, Rplus_0_l, (rnd_id (2 * s)) by (apply double_twice, Ds).
      rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
    - apply (Rle_trans _ _ _ HS). rewrite (Rmult_comm (11 / 10)), Rmult_assoc. apply Rmult_le_compat_l; [rewrite U; lra|].
      apply Rabs_le. apply Rabs_le_inv in S1. lra. }
  assert (Dh : double (fst (FastTwoSum rnd (IZR k * Ln2High) (2 * s)))) by apply rnd_double.
  destruct (FastTwoSum rnd (IZR k * Ln2High) (2 * s)) as [high low1]. simpl fst in *. simpl snd in *.
  apply Rabs_le_inv in Low1.
  assert (Y5 := rnd_within (low1 + y4) (/ 1000000000000 * K + 2024 / 100000 * A + 170 * eta) ltac:(rewrite U in *; lra)).
  set (y5 := rnd (low1 + y4)) in *.
  assert (Cond : Rabs y5 <= Rabs high).
  { apply Rle_trans with (/ 100000000000 * K + 21 / 1000 * A + 200 * eta); [apply Rabs_le; rewrite U in *; lra|].
    destruct Kcase as [(Kz & Kz' & Kz'') | K1].
    - assert (Sm := Small Kz). rewrite Kz' in HL. replace high with (2 * s - low1) by lra. rewrite Kz'' in *.
      assert (V : A <= Rabs (2 * s - low1)).
      { assert (As : 0 <= sigma /\ A = sigma \/ sigma <= 0 /\ A = - sigma).
        { unfold A. destruct (Rle_dec 0 sigma); [left; rewrite Rabs_pos_eq by lra | right; rewrite Rabs_left1 by lra]; split; lra. }
        unfold Rabs. destruct (Rcase_abs (2 * s - low1)), As as [[? ?] | [? ?]]; rewrite U in *; lra. }
      apply Rle_trans with (2 := V). lra.
    - replace high with (IZR k * Ln2High + 2 * s - low1) by lra.
      assert (V : 68 / 100 * K <= Rabs (IZR k * Ln2High)) by (rewrite Rabs_mult; fold K; rewrite (Rabs_pos_eq Ln2High); unfold Ln2High; lra).
      assert (V2 := Rabs_triang (IZR k * Ln2High + 2 * s - low1) (- (2 * s - low1))). rewrite Rabs_Ropp in V2.
      replace (IZR k * Ln2High + 2 * s - low1 + - (2 * s - low1)) with (IZR k * Ln2High) in V2 by ring.
      assert (V3 : Rabs (2 * s - low1) <= 344 / 1000 + / 1000000 * K) by (apply Rabs_le; apply Rabs_le_inv in S1; rewrite U in *; lra). lra. }
  assert (Fin := FastTwoSum_exact high y5 Dh (rnd_double _) Cond).
  assert (FS := sum_relative high y5 Dh (rnd_double _)).
  change (rnd (high + y5)) with (fst (FastTwoSum rnd high y5)) in FS.
  assert (Nm : fst (FastTwoSum rnd high y5) = rnd (fst (FastTwoSum rnd high y5) + snd (FastTwoSum rnd high y5))) by (rewrite Fin; reflexivity).
  assert (D1 : double (fst (FastTwoSum rnd high y5))) by apply rnd_double. assert (D3 : double (snd (FastTwoSum rnd high y5))) by apply rnd_double.
  destruct (FastTwoSum rnd high y5) as [h l]. simpl fst in *. simpl snd in *.
  split; [|repeat split; [exact D1 | exact D3 | | exact Nm]].
  - rewrite Fin. apply Rabs_le_inv in T. 
    assert (P9 : / 10 ^ 9 = / 1000000000) by (f_equal; lra). rewrite P9.
    replace (high + y5 - exact) with ((y5 - (low1 + y4)) + (y4 - (2 * y2 + y3)) + (y3 - (IZR k * Ln2Low + tr)) + 2 * (y2 - (sl + y1)) + 2 * (y1 - sl * z)
      - IZR k * (ln 2 - Ln2High - Ln2Low) + 2 * (s + sl - sigma) + (tr - ts) - (tsig - ts - 2 * (sl * z)) - (ln (1 + n) - (2 * sigma + tsig)))
      by (unfold exact; replace high with (IZR k * Ln2High + 2 * s - low1) by lra; ring).
    apply Rabs_le. rewrite U in *. lra.
  - rewrite Fin. replace l with (- (h - (high + y5))) by lra. rewrite Rabs_Ropp. exact FS.
Qed.

Lemma log_ratio_below : forall n, -2930 / 10000 <= n <= 4143 / 10000 -> 2 * Rabs (n / (2 + n)) <= Rabs (ln (1 + n)) + / 2 ^ 58 * Rabs (n / (2 + n)).
Proof.
  intros n Hn. assert (T := log_truncation n ltac:(lra)). set (s := n / (2 + n)) in *.
  assert (S1 : Rabs s <= 1718 / 10000) by (unfold s; interval with (i_bisect n, i_autodiff n)).
  assert (L : 2 * Rabs s <= Rabs (log_series s)).
  { unfold log_series. replace (2 * s + s * (s * s) * Polynomial exactly 0 LogTail (s * s)) with (s * (2 + s * s * Polynomial exactly 0 LogTail (s * s))) by ring.
    rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_l; [apply Rabs_pos|]. apply Rle_trans with (2 := Rle_abs _).
    assert (P : 0 <= Polynomial exactly 0 LogTail (s * s)) by (expand_with LogTail; interval). assert (0 <= s * s) by nra. nra. }
  assert (Q := Rabs_triang (ln (1 + n)) (- (ln (1 + n) - log_series s))). rewrite Rabs_Ropp in Q.
  replace (ln (1 + n) + - (ln (1 + n) - log_series s)) with (log_series s) in Q by ring. lra.
Qed.

(** LogReduced is within 0.999 2^-56 of k ln 2 + ln(1 + f + fl), with room to spare near 1. *)
Theorem log_reduced_approximated : forall f fl k, double f -> -29290 / 100000 <= f <= 41422 / 100000 -> Rabs fl <= 2 * u * Rabs f ->
  (Z.abs k <= 1200)%Z -> (k = 0%Z -> / 2 ^ 70 <= Rabs f) ->
  approximates (LogReduced f fl k) 0 (/ 2 ^ 56) (IZR k * ln 2 + ln (1 + (f + fl))).
Proof.
  intros f fl k Df Hf Hfl Hk Small. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (H := log_reduced_error f fl k Df Hf Hfl Hk Small). cbv zeta in H.
  set (A := Rabs ((f + fl) / (2 + (f + fl)))) in *. set (K := Rabs (IZR k)) in *. set (exact := IZR k * ln 2 + ln (1 + (f + fl))) in *.
  destruct (LogReduced f fl k) as [h l]. destruct H as (E & Dh & Dl & Low & _).
  assert (F1 : Rabs f <= 41422 / 100000) by (apply Rabs_le; lra). apply Rabs_le_inv in Hfl.
  assert (Hn : -293 / 1000 <= f + fl <= 4143 / 10000) by (assert (0 <= Rabs f) by apply Rabs_pos; rewrite U in *; lra).
  assert (LB := log_ratio_below (f + fl) ltac:(lra)). fold A in LB. assert (A0 : 0 <= A) by apply Rabs_pos. assert (K0 : 0 <= K) by apply Rabs_pos.
  assert (A1 : A <= 1717 / 10000) by (unfold A; set (n := f + fl) in *; interval with (i_bisect n, i_autodiff n)).
  assert (P58 : / 2 ^ 58 = / 288230376151711744) by (f_equal; lra). rewrite P58 in LB.
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56.
  assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra). rewrite P70 in Small.
  assert (P9 : / 10 ^ 9 = / 1000000000) by (f_equal; lra). rewrite P9 in E.
  split; [exact Dh|]. split; [exact Dl|]. split; [|split; [|split; [left; reflexivity | lra]]].
  - assert (T := Rabs_triang h l). assert (0 <= Rabs h) by apply Rabs_pos. rewrite U in *. lra.
  - simpl bpow. rewrite Rmult_1_r. apply (Rle_trans _ _ _ E). destruct (Z.eq_dec k 0) as [Kz | Kn].
    + assert (S := Small Kz). assert (Kz' : IZR k = 0) by (rewrite Kz; reflexivity).
      assert (EQ : exact = ln (1 + (f + fl))) by (unfold exact; rewrite Kz'; ring). assert (K = 0) by (unfold K; rewrite Kz'; apply Rabs_R0).
      rewrite <- EQ in LB. assert (AF : / 4722366482869645213696 <= A).
      { unfold A, Rdiv. rewrite Rabs_mult. assert (V := Rabs_triang (f + fl) (- fl)). replace (f + fl + - fl) with f in V by ring. rewrite Rabs_Ropp in V.
        assert (Rabs fl <= 2 * u * Rabs f) by (apply Rabs_le; lra). assert (I : / 3 <= / (2 + (f + fl))) by (apply Rinv_le_contravar; lra).
        rewrite (Rabs_pos_eq (/ _)) by lra. assert (0 <= Rabs (f + fl)) by apply Rabs_pos.
        apply Rle_trans with (Rabs (f + fl) * / 3); [rewrite U in *; lra | apply Rmult_le_compat_l; assumption]. }
      rewrite U in *. lra.
    + assert (K1 : 1 <= K) by (unfold K; rewrite <- abs_IZR; apply IZR_le; lia).
      assert (X : K * (693 / 1000) - 347 / 1000 <= Rabs exact).
      { assert (V := Rabs_triang exact (- ln (1 + (f + fl)))). replace (exact + - ln (1 + (f + fl))) with (IZR k * ln 2) in V by (unfold exact; ring).
        rewrite Rabs_Ropp, Rabs_mult in V. fold K in V. rewrite (Rabs_pos_eq (ln 2)) in V by interval.
        assert (W : Rabs (ln (1 + (f + fl))) <= 347 / 1000) by (set (n := f + fl) in *; interval).
        assert (693 / 1000 <= ln 2) by interval. nra. }
      rewrite U in *. lra.
Qed.

(** A pair whose low part is an error of rounding. *)
Definition normalised (pair : R * R) : Prop := Rabs (snd pair) <= u * Rabs (fst pair + snd pair).

Lemma log_reduced_normalised : forall f fl k, double f -> -29290 / 100000 <= f <= 41422 / 100000 -> Rabs fl <= 2 * u * Rabs f ->
  (Z.abs k <= 1200)%Z -> (k = 0%Z -> / 2 ^ 70 <= Rabs f) -> normalised (LogReduced f fl k).
Proof.
  intros f fl k Df Hf Hfl Hk Small. assert (H := log_reduced_error f fl k Df Hf Hfl Hk Small). cbv zeta in H. unfold normalised.
  destruct (LogReduced f fl k) as [h l]. destruct H as (_ & _ & _ & Low & _). exact Low.
Qed.

(** ** The functions *)

(** LogOfSum: x = m 2^k, low already scaled by 2^-k. That m and k are read from the bits of x is not modelled. *)
Definition LogOfSum (m low : R) (k : Z) : R * R := let '(f, fl) := TwoSum rnd (rnd (m - 1)) low in LogReduced f fl k.

Lemma mantissa_less_one : forall m, double m -> 7 / 10 <= m <= 145 / 100 -> double (m - 1) /\ (m <> 1 -> / 18014398509481984 <= Rabs (m - 1)).
Proof.
  intros m D H. destruct (double_multiple m D) as [i Hi]; [rewrite Rabs_pos_eq; lra|].
  change (bpow radix2 (-54)) with (/ 18014398509481984) in Hi.
  assert (E : m - 1 = IZR (i - 18014398509481984) * bpow radix2 (-54)).
  { rewrite minus_IZR, Hi. change (bpow radix2 (-54)) with (/ 18014398509481984). field. }
  assert (B : (Z.abs (i - 18014398509481984) <= 9007199254740992)%Z).
  { apply le_IZR. rewrite abs_IZR. apply Rabs_le. rewrite minus_IZR. lra. }
  split.
  - destruct (Z.eq_dec (Z.abs (i - 18014398509481984)) 9007199254740992) as [Q | Q].
    + exfalso. assert (i = 27021597764222976 \/ i = 9007199254740992)%Z by lia. destruct H0 as [-> | ->]; lra.
    + rewrite E. apply double_scaled; lia.
  - intro N. rewrite E, Rabs_mult. change (bpow radix2 (-54)) with (/ 18014398509481984). rewrite (Rabs_pos_eq (/ _)) by lra.
    rewrite <- (Rmult_1_l (/ 18014398509481984)) at 1. apply Rmult_le_compat_r; [lra|]. rewrite <- abs_IZR. apply IZR_le.
    assert (i <> 18014398509481984)%Z; [|lia]. intro Q. apply N. rewrite Hi, Q. field.
Qed.

Lemma log_of_sum : forall m low k, double m -> double low -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> Rabs low <= 4 * u -> (Z.abs k <= 1200)%Z ->
  (k = 0%Z -> low = 0 /\ m <> 1 \/ / 4 <= Rabs (m - 1)) ->
  approximates (LogOfSum m low k) 0 (/ 2 ^ 56) (IZR k * ln 2 + ln (m + low)) /\ normalised (LogOfSum m low k).
Proof.
  intros m low k Dm Dl Hm Hl Hk Hz. assert (U : u = / 9007199254740992) by reflexivity.
  destruct (mantissa_less_one m Dm ltac:(lra)) as [D1 Far]. unfold LogOfSum. rewrite (rnd_id (m - 1)) by exact D1.
  assert (X := TwoSum_exact (m - 1) low D1 Dl). assert (S := sum_relative (m - 1) low D1 Dl).
  change (rnd (m - 1 + low)) with (fst (TwoSum rnd (m - 1) low)) in S.
  assert (Df : double (fst (TwoSum rnd (m - 1) low))) by apply rnd_double.
  destruct (TwoSum rnd (m - 1) low) as [f fl]. simpl fst in *. simpl snd in *.
  replace (m + low) with (1 + (f + fl)) by lra. rewrite <- X in S. replace (f - (f + fl)) with (- fl) in S by ring. rewrite Rabs_Ropp in S.
  assert (T := Rabs_triang f fl). assert (0 <= Rabs f) by apply Rabs_pos. assert (0 <= Rabs fl) by apply Rabs_pos.
  assert (Fl : Rabs fl <= 2 * u * Rabs f) by (rewrite U in *; lra).
  assert (S1 : Rabs fl <= / 1000000000) by (apply (Rle_trans _ _ _ S); rewrite X; assert (Rabs (m - 1 + low) <= 1) by (apply Rabs_le; apply Rabs_le_inv in Hl; rewrite U in *; lra); rewrite U in *; lra).
  apply Rabs_le_inv in S1. assert (Hl' := Rabs_le_inv _ _ Hl).
  assert (Range : -29290 / 100000 <= f <= 41422 / 100000) by (rewrite U in *; lra).
  assert (Least : k = 0%Z -> / 2 ^ 70 <= Rabs f).
  { intro Z. assert (P70 : / 2 ^ 70 = / 1180591620717411303424) by (f_equal; lra). rewrite P70.
    assert (V := Rabs_triang (f + fl) (- low)). rewrite X in V. replace (m - 1 + low + - low) with (m - 1) in V by ring. rewrite Rabs_Ropp in V.
    rewrite <- X in V. destruct (Hz Z) as [[L0 N] | Q].
    - assert (Y := Far N). rewrite L0, Rabs_R0 in V. rewrite U in *. lra.
    - rewrite U in *. lra. }
  split; [apply log_reduced_approximated | apply log_reduced_normalised]; assumption.
Qed.

(** ExpandLog: ln(m 2^k); at 1 the code states the error 0 of (0, 0). *)
Theorem log_approximated : forall m k, double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> (Z.abs k <= 1200)%Z -> (k <> 0%Z \/ m <> 1) ->
  approximates (LogOfSum m 0 k) 0 (/ 2 ^ 56) (ln (m * bpow radix2 k)).
Proof.
  intros m k Dm Hm Hk N.
  assert (P := bpow_gt_0 radix2 k). rewrite ln_mult by lra.
  replace (ln (bpow radix2 k)) with (IZR k * ln 2).
  - replace (ln m + IZR k * ln 2) with (IZR k * ln 2 + ln (m + 0)) by (rewrite Rplus_0_r; ring).
    eapply proj1, log_of_sum; [exact Dm | apply generic_format_0 | exact Hm | rewrite Rabs_R0; unfold u; lra | exact Hk|].
    intro Z. left. split; [reflexivity|]. destruct N; [contradiction | assumption].
  - rewrite bpow_powerRZ, powerRZ_Rpower by (simpl; lra). unfold Rpower. rewrite ln_exp. reflexivity.
Qed.

(** Log1pPair with low = 0: the argument itself near 0, elsewhere the exact sum 1 + x = sum + rest with sum = m 2^k. *)
Theorem log1p_near_approximated : forall x, double x -> LeastReduced <= x <= MostReduced -> / 2 ^ 60 <= Rabs x ->
  approximates (LogReduced x 0 0) 0 (/ 2 ^ 56) (ln (1 + x)).
Proof.
  intros x D H S. unfold LeastReduced, MostReduced in H.
  replace (ln (1 + x)) with (IZR 0 * ln 2 + ln (1 + (x + 0))) by (rewrite Rplus_0_r; ring).
  apply log_reduced_approximated; [exact D | lra | | lia |].
  - rewrite Rabs_R0. assert (0 <= Rabs x) by apply Rabs_pos. unfold u. lra.
  - intros _. apply Rle_trans with (2 := S). apply Rinv_le_contravar; [lra|]. apply Rle_pow; [lra | lia].
Qed.

Lemma log1p_far : forall x m k, double x -> -1 < x -> x < LeastReduced \/ MostReduced < x ->
  let '(sum, rest) := TwoSum rnd 1 x in
  sum = m * bpow radix2 k -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> (Z.abs k <= 1200)%Z -> double (rest * bpow radix2 (- k)) ->
  approximates (LogOfSum m (rest * bpow radix2 (- k)) k) 0 (/ 2 ^ 56) (ln (1 + x)) /\ normalised (LogOfSum m (rest * bpow radix2 (- k)) k).
Proof.
  intros x m k Dx Hx Far. assert (U : u = / 9007199254740992) by reflexivity. unfold LeastReduced, MostReduced in Far.
  assert (D1 : double 1) by (apply (double_integer 1); lia).
  assert (X := TwoSum_exact 1 x D1 Dx). assert (S := sum_relative 1 x D1 Dx). change (rnd (1 + x)) with (fst (TwoSum rnd 1 x)) in S.
  destruct (TwoSum rnd 1 x) as [sum rest]. simpl fst in *. simpl snd in *. intros Es Dm Hm Hk Dr.
  assert (P := bpow_gt_0 radix2 k). assert (P' := bpow_gt_0 radix2 (- k)).
  assert (PP : bpow radix2 (- k) * bpow radix2 k = 1) by (rewrite <- bpow_plus; replace (- k + k)%Z with 0%Z by ring; reflexivity).
  rewrite <- X in S |- *. replace (sum - (sum + rest)) with (- rest) in S by ring. rewrite Rabs_Ropp in S.
  assert (R : Rabs (rest * bpow radix2 (- k)) <= u * 15 / 10).
  { rewrite Rabs_mult, (Rabs_pos_eq (bpow _ _)) by lra. apply Rmult_le_reg_r with (bpow radix2 k); [exact P|]. rewrite Rmult_assoc, PP, Rmult_1_r.
    assert (T := Rabs_triang sum rest). rewrite (Rabs_pos_eq sum) in T by (rewrite Es; apply Rmult_le_pos; lra).
    assert (sum <= 1414214 / 1000000 * bpow radix2 k) by (rewrite Es; apply Rmult_le_compat_r; lra). rewrite U in *. lra. }
  replace (sum + rest) with ((m + rest * bpow radix2 (- k)) * bpow radix2 k) by (rewrite Es, Rmult_plus_distr_r, Rmult_assoc, PP; ring).
  assert (R' := Rabs_le_inv _ _ R).
  rewrite ln_mult by (rewrite U in *; lra).
  replace (ln (bpow radix2 k)) with (IZR k * ln 2) by (rewrite bpow_powerRZ, powerRZ_Rpower by (simpl; lra); unfold Rpower; rewrite ln_exp; reflexivity).
  rewrite (Rplus_comm (ln _)). apply log_of_sum; [exact Dm | exact Dr | exact Hm | rewrite U in *; lra | exact Hk|].
  intro Z. right. subst k. simpl bpow in Es, R'. rewrite Rmult_1_r in Es. rewrite <- Es. simpl Z.opp in R'. simpl bpow in R'. rewrite Rmult_1_r in R'.
  unfold Rabs. destruct (Rcase_abs (sum - 1)), Far; rewrite U in *; lra.
Qed.

Theorem log1p_far_approximated : forall x m k, double x -> -1 < x -> x < LeastReduced \/ MostReduced < x ->
  let '(sum, rest) := TwoSum rnd 1 x in
  sum = m * bpow radix2 k -> double m -> 707106 / 1000000 <= m <= 1414214 / 1000000 -> (Z.abs k <= 1200)%Z -> double (rest * bpow radix2 (- k)) ->
  approximates (LogOfSum m (rest * bpow radix2 (- k)) k) 0 (/ 2 ^ 56) (ln (1 + x)).
Proof.
  intros x m k Dx Hx Far. assert (H := log1p_far x m k Dx Hx Far). destruct (TwoSum rnd 1 x) as [sum rest]. intros. apply H; assumption.
Qed.

Theorem log1p_tiny_approximated : forall x, double x -> x <> 0 -> Rabs x <= / 2 ^ 60 -> approximates (x, 0) 0 (/ 2 ^ 60) (ln (1 + x)).
Proof.
  intros x D N H. assert (P60 : / 2 ^ 60 = / 1152921504606846976) by (f_equal; lra).
  assert (T : Rabs (ln (1 + x) - x) <= 3 / 4 * (1001 / 1000) * (x * x)).
  { apply (vanishing_twice (fun x => ln (1 + x) - x) (fun x => / (1 + x) - 1) (/ 2 ^ 60)); [| | |exact H].
    - intros t Ht. rewrite P60 in Ht. apply Rabs_le_inv in Ht. auto_derive; [lra | field; lra].
    - intros t Ht. rewrite P60 in Ht. assert (Ht' := Rabs_le_inv _ _ Ht). replace (/ (1 + t) - 1) with (- t * / (1 + t)) by (field; lra).
      rewrite Rabs_mult, Rabs_Ropp, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. interval.
    - rewrite Rplus_0_r, ln_1. ring. }
  assert (XX : x * x = Rabs x * Rabs x) by (rewrite <- Rabs_mult; symmetry; apply Rabs_pos_eq; nra).
  assert (0 < Rabs x) by (apply Rabs_pos_lt; exact N). rewrite XX in T. rewrite P60 in *.
  assert (Q : Rabs x * Rabs x <= / 1152921504606846976 * Rabs x) by (apply Rmult_le_compat_r; lra).
  assert (V := Rabs_triang (ln (1 + x)) (- (ln (1 + x) - x))). rewrite Rabs_Ropp in V. replace (ln (1 + x) + - (ln (1 + x) - x)) with x in V by ring.
  repeat split; [exact D | apply generic_format_0 | rewrite Rabs_R0; lra | | left; reflexivity].
  simpl bpow. rewrite Rplus_0_r, Rmult_1_r, Rabs_minus_sym. lra.
Qed.
