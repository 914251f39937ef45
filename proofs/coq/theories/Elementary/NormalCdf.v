(* Φ and, from 0.375 on, erf of src/Guarantees/Arithmetic/Elementary.Normal.cs, every rounding: e^(-y²/2) N(y) and what it lacks of 1. *)
From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Outward Division Exponential Quotients Normal Gaussian ScaledPair.
Open Scope R_scope.

(** GaussianTimesTail: e^-(a + al) N(y + yl) in units of 2^(quotient (- a)). *)
Definition GaussianTail (a al y yl : R) : R * R :=
  let '(e, el) := ExpandExp (- a) (- al) in
  let '(n, nl) := ScaledPair y yl in
  let '(high, low) := TwoProduct rnd e n in
  (high, rnd (low + rnd (rnd (e * nl) + rnd (el * n)))).

Lemma quotient_sign : forall x, -800 <= x <= 0 -> (-1155 <= quotient x <= 0)%Z.
Proof.
  intros x Hx. destruct (quotient_range x ltac:(apply Rabs_le; lra)) as (K & Q & _). split; [lia|]. apply Z.lt_succ_r, lt_IZR. apply Rabs_le_inv in Q.
  assert (69 / 100 <= ln 2) by interval. simpl. apply Rnot_le_lt. intro C.
  assert (1 * (69 / 100) <= IZR (quotient x) * ln 2) by (apply Rmult_le_compat; lra). lra.
Qed.

Lemma gaussian_tail_error : forall a al y yl c, double a -> double al -> 0 <= a <= 800 -> Rabs al <= / 17592186044416 -> double y -> 0 <= y <= 40 -> Rabs yl <= 2 * u * y -> 0 <= c <= 20000 ->
  (let '(n, nl) := ScaledPair y yl in Rabs (n + nl - scaled (y + yl)) <= c * u * scaled (y + yl)) ->
  let '(high, low) := GaussianTail a al y yl in let v := exp (- a + - al) * scaled (y + yl) in
  Rabs ((high + low) * bpow radix2 (quotient (- a)) - v) <= (c + 1126 / 10000) * u * v
  /\ / 300 <= high <= 113 / 100 /\ Rabs low <= 10 * u * high /\ double high /\ double low.
Proof.
  intros a al y yl c Da Dal Ha Hal Dy Hy Hyl Hc HN. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (X := exp_expansion_error (- a) (- al) (double_opp _ Da) (double_opp _ Dal) ltac:(rewrite Rabs_Ropp, Rabs_pos_eq; lra) ltac:(rewrite Rabs_Ropp; exact Hal)).
  assert (N := scaled_pair_error y yl Dy Hy Hyl). unfold GaussianTail. destruct (ExpandExp (- a) (- al)) as [e el]. destruct (ScaledPair y yl) as [n nl].
  destruct X as (X & He & Hel & De & Del & Xn). cbv zeta in N. destruct N as (_ & _ & _ & Hn & Dn & Dnl & Nn). cbv zeta.
  assert (PW : powerRZ 2 (quotient (- a)) = bpow radix2 (quotient (- a))) by (rewrite bpow_powerRZ; reflexivity). rewrite PW in X.
  assert (W0 := bpow_gt_0 radix2 (quotient (- a))). set (W := bpow radix2 (quotient (- a))) in *.
  assert (P56 : / 2 ^ 56 = / 72057594037927936) by (f_equal; lra). rewrite P56 in X. assert (P50 : / 2 ^ 50 = / 1125899906842624) by (f_equal; lra). rewrite P50 in Hel.
  assert (Ne : Rabs el <= 3 * u).
  { assert (S := sum_relative e el De Del). rewrite <- Xn in S. replace (e - (e + el)) with (- el) in S by ring. rewrite Rabs_Ropp in S. apply (Rle_trans _ _ _ S).
    apply Rabs_le_inv in Hel. rewrite (Rabs_pos_eq (e + el)) by lra. rewrite U. lra. }
  assert (V0 := exp_pos (- a + - al)). set (E := exp (- a + - al)) in *. set (N := scaled (y + yl)) in *.
  apply Rabs_le_inv in Ne, Nn. assert (HN' := Rabs_le_inv _ _ HN).
  assert (N0 : / 103 <= N).
  { assert (0 <= c * u <= / 100000) by (split; [apply Rmult_le_pos; rewrite ?U; lra | rewrite U; lra]). unfold N in *. rewrite U in Nn.
    destruct (Rle_dec 0 (scaled (y + yl))) as [P | P]; [|exfalso; assert (S := proj1 (scaled_range (y + yl) ltac:(apply Rabs_le_inv in Hyl; rewrite U in *; lra))); lra]. set (s := scaled (y + yl)) in *.
    assert (c * u * s <= / 100000 * s) by (apply Rmult_le_compat_r; lra). lra. }
  assert (N1 : N <= / 2) by (apply scaled_range; apply Rabs_le_inv in Hyl; rewrite U in *; lra).
  unfold TwoProduct. assert (B1 : 2 / 5 * / 102 <= e * n <= 2 * (56 / 100)) by (split; apply Rmult_le_compat; lra).
  assert (A1 := rnd_within (e * n) (112 / 100) ltac:(lra)). assert (Dh : double (rnd (e * n))) by apply rnd_double. set (high := rnd (e * n)) in *.
  assert (A2 := rnd_within (e * n - high) (12 / 10 * u) ltac:(rewrite U in *; lra)). set (p := rnd (e * n - high)) in *.
  assert (Q1 := product_within e nl 2 (3 * u * (56 / 100)) ltac:(lra) ltac:(rewrite U in *; lra)). assert (A3 := rnd_within (e * nl) _ Q1). set (s1 := rnd (e * nl)) in *.
  assert (Q2 := product_within el n (3 * u) (56 / 100) Ne ltac:(lra)). assert (A4 := rnd_within (el * n) _ Q2). set (s2 := rnd (el * n)) in *.
  assert (A5 := rnd_within (s1 + s2) (6 * u) ltac:(rewrite U in *; lra)). set (s3 := rnd (s1 + s2)) in *.
  assert (A6 := rnd_within (p + s3) (8 * u) ltac:(rewrite U in *; lra)). assert (Dl : double (rnd (p + s3))) by apply rnd_double. set (low := rnd (p + s3)) in *.
  assert (Q3 := product_within el nl (3 * u) (3 * u) Ne ltac:(rewrite U in *; lra)).
  set (e' := e + el) in *. set (n' := n + nl) in *.
  assert (Small : Rabs (high + low - e' * n') <= / 1000000000000 * u).
  { replace (high + low - e' * n') with ((low - (p + s3)) + (s3 - (s1 + s2)) + (s1 - e * nl) + (s2 - el * n) + (p - (e * n - high)) - el * nl) by (unfold e', n'; ring).
    apply Rabs_le. rewrite U in *. lra. }
  split; [|split; [rewrite U in *; lra|]; split; [|split; [exact Dh | exact Dl]]].
  - assert (X' := Rabs_le_inv _ _ X). assert (EN : 0 < E * N) by (apply Rmult_lt_0_compat; lra).
    assert (En : 39 / 100 <= e') by (unfold e'; rewrite U in *; lra). assert (Nn' : / 104 <= n') by (unfold n'; rewrite U in *; lra).
    assert (M1 : Rabs (e' * W - E) <= 1125 / 10000 * u * E) by (apply (Rle_trans _ _ _ X); rewrite U; lra).
    assert (EW : 39 / 100 * W <= E * (1001 / 1000)).
    { apply Rle_trans with (e' * W); [apply Rmult_le_compat_r; lra | rewrite U in *; lra]. }
    replace ((high + low) * W - E * N) with ((high + low - e' * n') * W + (e' * W - E) * (n' - N) + (e' * W - E) * N + E * (n' - N)) by ring.
    assert (T1 : Rabs ((high + low - e' * n') * W) <= / 1000000000 * u * (E * N)).
    { rewrite Rabs_mult, (Rabs_pos_eq W) by lra. apply Rle_trans with (/ 1000000000000 * u * (3 * E)).
      - apply Rmult_le_compat; [apply Rabs_pos | lra | exact Small | lra].
      - assert (E * / 103 <= E * N) by (apply Rmult_le_compat_l; lra). rewrite U. lra. }
    assert (T2 : Rabs ((e' * W - E) * N) <= 1125 / 10000 * u * (E * N)).
    { rewrite Rabs_mult, (Rabs_pos_eq N), <- Rmult_assoc by lra. apply Rmult_le_compat_r; lra. }
    assert (T3 : Rabs (E * (n' - N)) <= c * u * (E * N)).
    { rewrite Rabs_mult, (Rabs_pos_eq E) by lra. replace (c * u * (E * N)) with (E * (c * u * N)) by ring. apply Rmult_le_compat_l; [lra | exact HN]. }
    assert (T4 : Rabs ((e' * W - E) * (n' - N)) <= / 100000 * u * (E * N)).
    { rewrite Rabs_mult. apply Rle_trans with (1125 / 10000 * u * E * (c * u * N)); [apply Rmult_le_compat; try apply Rabs_pos; assumption|].
      replace (1125 / 10000 * u * E * (c * u * N)) with ((1125 / 10000 * u * u * c) * (E * N)) by ring. apply Rmult_le_compat_r; [lra|].
      apply Rle_trans with (1125 / 10000 * u * u * 20000); [apply Rmult_le_compat_l; [rewrite U; lra | lra] | rewrite U; lra]. }
    set (x1 := (high + low - e' * n') * W) in *. set (x2 := (e' * W - E) * N) in *. set (x3 := E * (n' - N)) in *. set (x4 := (e' * W - E) * (n' - N)) in *.
    apply Rabs_le_inv in T1, T2, T3, T4. set (v := E * N) in *. apply Rabs_le. assert (0 <= u * v) by (apply Rmult_le_pos; [rewrite U; lra | lra]). lra.
  - assert (R1 : - (3 * u * n) <= nl <= 3 * u * n) by exact Nn. assert (S1 := product_within e nl e (3 * u * n) ltac:(lra) R1).
    assert (NeR : - (3 * u * e) <= el <= 3 * u * e).
    { assert (S := sum_relative e el De Del). fold e' in S. rewrite <- Xn in S. replace (e - e') with (- el) in S by (unfold e'; ring). rewrite Rabs_Ropp in S.
      apply Rabs_le_inv. apply (Rle_trans _ _ _ S). rewrite (Rabs_pos_eq e') by (unfold e'; rewrite U in *; lra). unfold e'. rewrite U in *. lra. }
    assert (S2 := product_within el n (3 * u * e) n NeR ltac:(lra)). set (en := e * n) in *. replace (e * (3 * u * n)) with (3 * u * en) in S1 by (unfold en; ring).
    replace (3 * u * e * n) with (3 * u * en) in S2 by (unfold en; ring). assert (A1' := rnd_within en en ltac:(lra)). fold high in A1'.
    assert (A2' := rnd_within (en - high) (101 / 100 * u * en) ltac:(rewrite U in *; lra)). fold p in A2'. apply Rabs_le. rewrite U in *. lra.
Qed.

(** Complement: 1 - (high + low) 2^k. *)
Definition Complement (high low : R) (k : Z) : R * R :=
  let '(sum, rounding) := FastTwoSum rnd 1 (- Scale high k) in (sum, rnd (rounding - Scale low k)).

Lemma Scale_near : forall x k, double x -> (k <= 1)%Z -> Rabs (Scale x k - x * bpow radix2 k) <= 4 * eta.
Proof.
  intros x k D Hk. destruct (Z.eq_dec k 1) as [-> | N]; [|apply Scale_down; [exact D | lia]].
  assert (E0 := eta_tiny). unfold Scale. change (1 / 2)%Z with 0%Z. change (1 - 0)%Z with 1%Z. change (bpow radix2 0) with 1. change (bpow radix2 1) with 2.
  rewrite Rmult_1_r, (rnd_id x) by exact D. rewrite (rnd_id (x * 2)) by (rewrite Rmult_comm; apply double_twice, D). rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
Qed.

Lemma complement_error : forall h l k v eps, double h -> double l -> (-1155 <= k <= 1)%Z -> 0 < h -> Rabs l <= 10 * u * h -> 0 <= v <= 6 / 10 -> 0 <= eps <= / 1000 ->
  Rabs ((h + l) * bpow radix2 k - v) <= eps ->
  let '(sum, low) := Complement h l k in
  Rabs (sum + low - (1 - v)) <= eps + / 1000000000000 * u /\ double sum /\ double low /\ Rabs low <= Rabs sum.
Proof.
  intros h l k v eps Dh Dl Hk Hh Hl Hv He E. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  unfold Complement. assert (S1 := Scale_near h k Dh ltac:(lia)). assert (S2 := Scale_near l k Dl ltac:(lia)).
  assert (W0 := bpow_gt_0 radix2 k). set (W := bpow radix2 k) in *. assert (Ds : double (- Scale h k)) by (apply double_opp, rnd_double).
  set (s := Scale h k) in *. set (sl := Scale l k) in *. apply Rabs_le_inv in E, S1, S2, Hl.
  assert (LW : - (10 * u * (h * W)) <= l * W <= 10 * u * (h * W)).
  { assert (Q := product_within l W (10 * u * h) W Hl ltac:(lra)). replace (10 * u * h * W) with (10 * u * (h * W)) in Q by ring. exact Q. }
  assert (HW0 : 0 < h * W) by (apply Rmult_lt_0_compat; assumption). rewrite Rmult_plus_distr_r in E.
  assert (HW : h * W <= 61 / 100) by (rewrite U in *; lra).
  assert (D1 : double 1) by (apply (double_integer 1); lia).
  assert (F := FastTwoSum_exact 1 (- s) D1 Ds ltac:(rewrite (Rabs_pos_eq 1) by lra; apply Rabs_le; lra)).
  assert (N := sum_relative 1 (- s) D1 Ds). change (rnd (1 + - s)) with (fst (FastTwoSum rnd 1 (- s))) in N.
  assert (D2 : double (fst (FastTwoSum rnd 1 (- s)))) by apply rnd_double.
  destruct (FastTwoSum rnd 1 (- s)) as [sum r]. simpl fst in *. simpl snd in *. rewrite (Rabs_pos_eq (1 + - s)) in N by lra. apply Rabs_le_inv in N.
  assert (T := rnd_within (r - sl) (20 * u) ltac:(rewrite U in *; lra)). assert (D3 : double (rnd (r - sl))) by apply rnd_double. set (low := rnd (r - sl)) in *.
  split; [apply Rabs_le; rewrite U in *; lra|]. split; [exact D2|]. split; [exact D3|]. rewrite (Rabs_pos_eq sum) by (rewrite U in *; lra). apply Rabs_le. rewrite U in *. lra.
Qed.

(** ** Φ *)

Lemma rnd_half_ulp_2048 : forall x, -2048 <= x <= 2048 -> - / 8796093022208 <= rnd x - x <= / 8796093022208.
Proof. intros x H. unfold rnd. gappa. Qed.

(** The parts of ExpandNormalCdf for y = |x|, clipped. *)
Definition HalfSquare (y : R) : R * R := let '(square, low) := TwoProduct rnd y y in (rnd (/ 2 * square), rnd (/ 2 * low)).
Definition NormalTailPair (y : R) : R * R := let '(a, al) := HalfSquare y in GaussianTail a al y 0.
Definition NormalTailExponent (y : R) : Z := quotient (- fst (HalfSquare y)).

Lemma half_square : forall y, double y -> 0 <= y <= 40 -> let '(a, al) := HalfSquare y in
  double a /\ double al /\ 0 <= a <= 800 /\ Rabs al <= / 17592186044416 /\ Rabs (a + al - y * y / 2) <= / 100000000000 * u.
Proof.
  intros y D Hy. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity. unfold HalfSquare, TwoProduct.
  assert (Y : 0 <= y * y <= 1600) by (split; [nra | apply Rle_trans with (40 * 40); [apply Rmult_le_compat; lra | lra]]).
  assert (S := rnd_half_ulp_2048 (y * y) ltac:(lra)). assert (S0 : 0 <= rnd (y * y) <= 1600).
  { split; [rewrite <- (rnd_id 0) by apply generic_format_0; apply rnd_le; lra | rewrite <- (rnd_id 1600) by (apply (double_integer 1600); lia); apply rnd_le; lra]. }
  assert (H1 := rnd_half (rnd (y * y)) (rnd_double _)). set (s := rnd (y * y)) in *.
  assert (P : double (/ 8796093022208)) by (change (/ 8796093022208) with (bpow radix2 (-43)); apply generic_format_bpow; unfold FLT_exp; lia).
  assert (P2 : double (/ 17592186044416)) by (change (/ 17592186044416) with (bpow radix2 (-44)); apply generic_format_bpow; unfold FLT_exp; lia).
  assert (L := rnd_within (y * y - s) (/ 8796093022208) ltac:(lra)). assert (L1 : Rabs (rnd (y * y - s)) <= / 8796093022208) by (apply rnd_abs_le; [exact P | apply Rabs_le; lra]).
  assert (H2 := rnd_half (rnd (y * y - s)) (rnd_double _)). set (sl := rnd (y * y - s)) in *. apply Rabs_le_inv in L1.
  split; [apply rnd_double|]. split; [apply rnd_double|]. split; [|split].
  - split; [rewrite <- (rnd_id 0) by apply generic_format_0; apply rnd_le; lra | rewrite <- (rnd_id 800) by (apply (double_integer 800); lia); apply rnd_le; lra].
  - apply rnd_abs_le; [exact P2 | apply Rabs_le; lra].
  - apply Rabs_le. rewrite U in *. lra.
Qed.

(** An argument of exp slightly off. *)
Lemma exp_moved : forall b c d, Rabs (b - c) <= d -> d <= / 1000 -> Rabs (exp b - exp c) <= 1002 / 1000 * d * exp c.
Proof.
  intros b c d H Hd. replace (exp b) with (exp (b - c) * exp c) by (rewrite <- exp_plus; f_equal; ring). set (t := b - c) in *. assert (X := exp_pos c).
  replace (exp t * exp c - exp c) with ((exp t - 1) * exp c) by ring. rewrite Rabs_mult, (Rabs_pos_eq (exp c)) by lra. apply Rmult_le_compat_r; [lra|].
  apply Rle_trans with (1002 / 1000 * Rabs t); [|apply Rmult_le_compat_l; lra].
  apply (vanishing_at_zero (fun t => exp t - 1) exp (/ 1000)); [intros; auto_derive; [exact I | ring] | intros s Hs; interval | rewrite exp_0; ring | lra].
Qed.

Lemma normal_tail_error : forall y, double y -> 0 <= y <= 40 ->
  let '(high, low) := NormalTailPair y in let k := NormalTailExponent y in
  Rabs ((high + low) * bpow radix2 k - Phi (- y)) <= 214 / 1000 * u * Phi (- y)
  /\ / 300 <= high <= 113 / 100 /\ Rabs low <= 10 * u * high /\ double high /\ double low /\ (-1155 <= k <= 0)%Z.
Proof.
  intros y D Hy. assert (U : u = / 9007199254740992) by reflexivity. assert (H := half_square y D Hy). unfold NormalTailPair, NormalTailExponent.
  destruct (HalfSquare y) as [a al]. destruct H as (Da & Dal & Ha & Hal & E). simpl fst.
  assert (Z0 : Rabs 0 <= 2 * u * y) by (rewrite Rabs_R0; apply Rmult_le_pos; [rewrite U; lra | lra]).
  assert (N := scaled_pair_error y 0 D Hy Z0).
  assert (G := gaussian_tail_error a al y 0 (101 / 1000) Da Dal Ha Hal D Hy Z0 ltac:(lra)).
  destruct (ScaledPair y 0) as [n nl]. cbv zeta in N. specialize (G (proj1 N eq_refl)). clear N.
  destruct (GaussianTail a al y 0) as [high low]. cbv zeta in G. destruct G as (G & Hh & Hl & D1 & D2). cbv zeta.
  split; [|split; [exact Hh|]; split; [exact Hl|]; split; [exact D1|]; split; [exact D2 | apply quotient_sign; lra]].
  rewrite Rplus_0_r in G. set (V := exp (- a + - al) * scaled y) in *.
  assert (M := exp_moved (- a + - al) (- (y * y / 2)) (/ 100000000000 * u) ltac:(apply Rabs_le; apply Rabs_le_inv in E; lra) ltac:(rewrite U; lra)).
  assert (NP := scaled_range y ltac:(lra)).
  assert (VP : Rabs (V - Phi (- y)) <= 1002 / 1000 * (/ 100000000000 * u) * Phi (- y)).
  { rewrite Phi_scaled. unfold V. rewrite <- Rmult_minus_distr_r, Rabs_mult, (Rabs_pos_eq (scaled y)), <- Rmult_assoc by lra. apply Rmult_le_compat_r; lra. }
  assert (P0 := proj1 (proj1 (Phi_tail y ltac:(lra)))). set (P := Phi (- y)) in *. set (x := (high + low) * bpow radix2 (quotient (- a))) in *.
  apply Rabs_le_inv in G, VP. apply Rabs_le. assert (UP : 0 <= u * P) by (apply Rmult_le_pos; [rewrite U; lra | lra]). rewrite U in *. lra.
Qed.

Lemma Phi_positive : forall x, 0 < Phi x.
Proof.
  intro x. destruct (Rle_lt_dec 0 (Phi x)) as [P | N].
  - destruct (Req_dec (Phi x) 0) as [Z | Ne]; [|lra]. exfalso.
    destruct (MVT_gen Phi (- Rabs x - 1) x density) as (c & _ & E).
    + intros t _. apply Phi_derives.
    + intros t _. apply continuity_pt_filterlim, (ex_derive_continuous Phi). eexists. apply Phi_derives.
    + assert (T := Phi_tail (Rabs x + 1) ltac:(assert (Q := Rabs_pos x); lra)). replace (- (Rabs x + 1)) with (- Rabs x - 1) in T by ring.
      assert (0 < density c) by (unfold density; apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat, sqrt_lt_R0; assert (Q := PI_RGT_0); lra | apply exp_pos]).
      assert (0 < x - (- Rabs x - 1)) by (unfold Rabs; destruct (Rcase_abs x); lra). assert (0 < density c * (x - (- Rabs x - 1))) by (apply Rmult_lt_0_compat; assumption). lra.
  - exfalso. destruct (Rle_lt_dec 0 x) as [H | H].
    + assert (B := proj2 (Phi_tail x H)). rewrite Phi_opp in B. lra.
    + assert (B := proj1 (proj1 (Phi_tail (- x) ltac:(lra)))). rewrite Ropp_involutive in B. lra.
Qed.

Lemma Phi_rises : forall x y, x <= y -> Phi x <= Phi y.
Proof.
  intros x y H. destruct (MVT_gen Phi x y density) as (c & _ & E).
  - intros t _. apply Phi_derives.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous Phi). eexists. apply Phi_derives.
  - assert (0 <= density c) by (unfold density; apply Rmult_le_pos; [left; apply Rinv_0_lt_compat, sqrt_lt_R0; assert (Q := PI_RGT_0); lra | left; apply exp_pos]). nra.
Qed.

(** ExpandNormalCdf below 0, down to -40 (the code clips the argument a little above that). *)
Theorem normal_below_approximated : forall y, double y -> 0 <= y <= 40 -> approximates (NormalTailPair y) (NormalTailExponent y) (/ 2 ^ 55) (Phi (- y)).
Proof.
  intros y D Hy. assert (U : u = / 9007199254740992) by reflexivity. assert (T := normal_tail_error y D Hy). destruct (NormalTailPair y) as [h l]. cbv zeta in T.
  destruct T as (E & Hh & Hl & Dh & Dl & K). set (k := NormalTailExponent y) in *. assert (P := Phi_positive (- y)).
  assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55.
  split; [exact Dh|]. split; [exact Dl|]. rewrite (Rabs_pos_eq h) by lra. split; [rewrite U in *; lra|]. split; [|split].
  - rewrite (Rabs_pos_eq (Phi (- y))) by lra. apply (Rle_trans _ _ _ E). apply Rmult_le_compat_r; [lra | rewrite U; lra].
  - right. split; [rewrite U in *; lra|]. assert (Kq : (-578 <= k / 2)%Z) by (apply Z.div_le_lower_bound; lia).
    assert (B : bpow radix2 (-1000) * 512 <= bpow radix2 (k / 2)) by (change 512 with (bpow radix2 9); rewrite <- bpow_plus; apply bpow_le; lia).
    assert (C : 0 < bpow radix2 (-1000) <= / 512) by (split; [apply bpow_gt_0 | change (/ 512) with (bpow radix2 (-9)); apply bpow_le; lia]).
    split; [lra|]. apply Rle_trans with (/ 300 * bpow radix2 (k / 2)); [lra | apply Rmult_le_compat_r; lra].
  - lra.
Qed.

Definition NormalAbovePair (y : R) : R * R := let '(high, low) := NormalTailPair y in Complement high low (NormalTailExponent y).

(** ExpandNormalCdf above 0; the argument clipped anywhere from 39 to 40. *)
Theorem normal_above_approximated : forall x clip, double x -> double clip -> 39 <= clip <= 40 -> 0 < x ->
  approximates (NormalAbovePair (Rmin x clip)) 0 (/ 2 ^ 55) (Phi x).
Proof.
  intros x clip Dx Dc Hc Hx. assert (U : u = / 9007199254740992) by reflexivity.
  assert (Y : double (Rmin x clip) /\ 0 < Rmin x clip <= 40 /\ Rmin x clip <= x).
  { unfold Rmin. destruct (Rle_dec x clip); repeat split; try assumption; lra. }
  destruct Y as (D & Hy & Yx). assert (Far : Phi (- Rmin x clip) - Phi (- x) <= / 1000000000000 * u /\ Phi (- x) <= Phi (- Rmin x clip)).
  { split; [|apply Phi_rises; lra]. unfold Rmin. destruct (Rle_dec x clip) as [_ | N]; [rewrite U; lra|].
    assert (T := proj1 (Phi_tail clip ltac:(lra))). assert (P := Phi_positive (- x)). assert (B : exp (- (clip * clip / 2)) <= / 1000000000000 * u) by (rewrite U; interval). lra. }
  set (y := Rmin x clip) in *. assert (T := normal_tail_error y D ltac:(lra)). unfold NormalAbovePair. destruct (NormalTailPair y) as [h l]. cbv zeta in T.
  destruct T as (E & Hh & Hl & Dh & Dl & K). assert (Half := proj2 (Phi_tail y ltac:(lra))). assert (P := Phi_positive (- y)). assert (Px := Phi_opp x).
  assert (X := complement_error h l (NormalTailExponent y) (Phi (- y)) (214 / 1000 * u * Phi (- y)) Dh Dl ltac:(lia) ltac:(lra) Hl ltac:(lra) ltac:(rewrite U; lra) E).
  destruct (Complement h l (NormalTailExponent y)) as [s lo]. destruct X as (X & D1 & D2 & N). assert (P55 : / 2 ^ 55 = / 36028797018963968) by (f_equal; lra). rewrite P55.
  split; [exact D1|]. split; [exact D2|]. split; [exact N|]. split; [|split; [left; reflexivity | lra]].
  simpl bpow. rewrite Rmult_1_r. replace (Phi x) with (1 - Phi (- x)) by lra. assert (Half' := proj2 (Phi_tail x ltac:(lra))). rewrite (Rabs_pos_eq (1 - Phi (- x))) by lra.
  apply Rabs_le_inv in X. apply Rabs_le. rewrite U in *. lra.
Qed.

Theorem normal_zero : Phi 0 = / 2.
Proof.
  unfold Phi. replace (0 / sqrt 2) with 0 by (unfold Rdiv; ring). assert (Z : erf 0 = 0) by (unfold erf; rewrite RInt_point; unfold zero; simpl; ring).
  rewrite Z. field.
Qed.

(** ** erf from 0.375 on *)

Definition HalfErfcPair (y : R) : R * R :=
  let '(square, squareLow) := TwoProduct rnd y y in
  let '(root, rootLow) := TwoProduct rnd y RootTwoHigh in
  GaussianTail square squareLow root (rnd (rootLow + rnd (y * RootTwoLow))).
Definition HalfErfcExponent (y : R) : Z := quotient (- fst (TwoProduct rnd y y)).
Definition ErfAbovePair (y : R) : R * R := let '(high, low) := HalfErfcPair y in Complement high low (HalfErfcExponent y + 1).

Lemma erfc_scaled : forall y, 1 - erf y = 2 * (exp (- (y * y)) * scaled (sqrt 2 * y)).
Proof.
  intro y. destruct root_two as [P S]. unfold scaled. rewrite Phi_opp. unfold Phi. replace (sqrt 2 * y / sqrt 2) with y by (field; lra).
  replace (sqrt 2 * y * (sqrt 2 * y) / 2) with (y * y) by (replace (sqrt 2 * y * (sqrt 2 * y)) with (sqrt 2 * sqrt 2 * (y * y)) by ring; rewrite S; field).
  replace (2 * (exp (- (y * y)) * ((1 - (1 + erf y) / 2) * exp (y * y)))) with (exp (- (y * y)) * exp (y * y) * (1 - erf y)) by field.
  rewrite <- exp_plus, Rplus_opp_l, exp_0. ring.
Qed.

Lemma erf_three_eighths : 404 / 1000 <= erf (375 / 1000) <= 405 / 1000.
Proof.
  assert (T := erf_truncation (375 / 1000) ltac:(rewrite Rabs_pos_eq; lra)). rewrite (Rabs_pos_eq (375 / 1000)) in T by lra.
  assert (S : 4041 / 10000 <= erf_series (375 / 1000) <= 4042 / 10000).
  { unfold erf_series. cbv beta iota zeta delta [Polynomial Fma exactly nth Nat.add ErfTail TwoOverRootPiHigh TwoOverRootPiLow]. split; interval. }
  assert (/ 2 ^ 56 * (375 / 1000) <= / 100000) by interval. apply Rabs_le_inv in T. lra.
Qed.

Lemma erf_rises : forall x y, x <= y -> erf x <= erf y.
Proof.
  intros x y H. destruct (MVT_gen erf x y (fun x => 2 / sqrt PI * exp (- (x * x)))) as (c & _ & E).
  - intros t _. apply erf_derives.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous erf). eexists. apply erf_derives.
  - assert (0 <= 2 / sqrt PI * exp (- (c * c))) by (apply Rmult_le_pos; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat, sqrt_lt_R0, PI_RGT_0] | left; apply exp_pos]). nra.
Qed.

(** erfc / 2 as a pair: near 8 / √2 and beyond only its smallness counts. *)
Lemma half_erfc_error : forall y, double y -> 375 / 1000 <= y <= 13 / 2 ->
  let '(high, low) := HalfErfcPair y in let k := HalfErfcExponent y in
  Rabs ((high + low) * bpow radix2 k - (1 - erf y) / 2) <= 25 / 100 * u * ((1 - erf y) / 2) + / 100000000 * u
  /\ / 300 <= high <= 113 / 100 /\ Rabs low <= 10 * u * high /\ double high /\ double low /\ (-1155 <= k <= 0)%Z.
Proof.
  intros y D Hy. assert (U : u = / 9007199254740992) by reflexivity. assert (E0 := eta_tiny). unfold HalfErfcPair, HalfErfcExponent, TwoProduct. simpl fst.
  assert (YY := product_within y y (13 / 2) (13 / 2) ltac:(lra) ltac:(lra)). assert (Y2 : 140625 / 1000000 <= y * y) by (apply Rle_trans with (375 / 1000 * (375 / 1000)); [lra | apply Rmult_le_compat; lra]).
  assert (A1 := rnd_within (y * y) (4225 / 100) ltac:(lra)). assert (Da : double (rnd (y * y))) by apply rnd_double. set (a := rnd (y * y)) in *.
  assert (A2 := rnd_within (y * y - a) (423 / 10 * u) ltac:(rewrite U in *; lra)). assert (Dal : double (rnd (y * y - a))) by apply rnd_double. set (al := rnd (y * y - a)) in *.
  assert (CH : RootTwoHigh = 6369051672525773 / 4503599627370496) by reflexivity. assert (CL : RootTwoLow = -3921520054841899 / 40564819207303340847894502572032) by reflexivity.
  assert (Root : Rabs (RootTwoHigh + RootTwoLow - sqrt 2) <= / 2 ^ 100) by (rewrite CH, CL; interval with (i_prec 150)).
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100 in Root.
  assert (B1 := rnd_within (y * RootTwoHigh) (y * RootTwoHigh) ltac:(rewrite CH; lra)). assert (Dr : double (rnd (y * RootTwoHigh))) by apply rnd_double. set (r := rnd (y * RootTwoHigh)) in *.
  assert (B2 := rnd_within (y * RootTwoHigh - r) (u * (y * RootTwoHigh) + eta) ltac:(lra)). set (rl := rnd (y * RootTwoHigh - r)) in *.
  assert (B3 := rnd_within (y * RootTwoLow) (/ 1000 * (/ 1000000000000 * y)) ltac:(rewrite CL; lra)). set (s := rnd (y * RootTwoLow)) in *.
  assert (B4 := rnd_within (rl + s) (19 / 10 * u * r) ltac:(rewrite U, CH, CL in *; lra)). set (yl := rnd (rl + s)) in *.
  assert (Hr : 53 / 100 <= r <= 92 / 10) by (rewrite U, CH in *; lra).
  assert (Hyl : Rabs yl <= 2 * u * r) by (apply Rabs_le; rewrite U, CH, CL in *; lra).
  assert (Sum : Rabs (r + yl - sqrt 2 * y) <= / 1000000000000 * u).
  { replace (r + yl - sqrt 2 * y) with (y * (RootTwoHigh + RootTwoLow - sqrt 2) + (yl - (rl + s)) + (rl - (y * RootTwoHigh - r)) + (s - y * RootTwoLow)) by ring.
    assert (Q := product_within y _ 7 _ ltac:(lra) (Rabs_le_inv _ _ Root)). apply Rabs_le. rewrite U, CH, CL in *. lra. }
  assert (N := scaled_pair_error r yl Dr ltac:(lra) Hyl). assert (Ha : 0 <= a <= 800) by (rewrite U in *; lra).
  assert (Hal : Rabs al <= / 17592186044416) by (apply Rabs_le; rewrite U in *; lra).
  assert (G := gaussian_tail_error a al r yl (if Rle_dec 8 r then 20000 else 135 / 1000) Da Dal Ha Hal Dr ltac:(lra) Hyl ltac:(destruct (Rle_dec 8 r); lra)).
  destruct (ScaledPair r yl) as [n nl]. cbv zeta in N. destruct N as (_ & N1 & N2 & _).
  assert (NN : Rabs (n + nl - scaled (r + yl)) <= (if Rle_dec 8 r then 20000 else 135 / 1000) * u * scaled (r + yl)) by (destruct (Rle_dec 8 r); [apply N2 | apply N1]; lra).
  specialize (G NN). clear N1 N2 NN. destruct (GaussianTail a al r yl) as [high low]. cbv zeta in G. destruct G as (G & Hh & Hl & D1 & D2). cbv zeta.
  split; [|split; [exact Hh|]; split; [exact Hl|]; split; [exact D1|]; split; [exact D2 | apply quotient_sign; lra]].
  assert (EV := erfc_scaled y). assert (Yp : 0 <= r + yl) by (apply Rabs_le_inv in Hyl; rewrite U in *; lra).
  assert (M := exp_moved (- a + - al) (- (y * y)) (/ 100000000000 * u) ltac:(apply Rabs_le; rewrite U in *; lra) ltac:(rewrite U; lra)).
  assert (Sq : 0 <= sqrt 2 * y <= 10) by (apply Rabs_le_inv in Sum, Hyl; rewrite U in *; lra).
  destruct (scaled_moved (sqrt 2 * y) (r + yl - sqrt 2 * y) Sq ltac:(apply (Rle_trans _ _ _ Sum); rewrite U; lra) ltac:(lra)) as [_ SM].
  replace (sqrt 2 * y + (r + yl - sqrt 2 * y)) with (r + yl) in SM by ring.
  assert (S1 := scaled_range (sqrt 2 * y) ltac:(lra)). assert (S2 := scaled_range (r + yl) Yp). set (X := exp (- (y * y))) in *. set (X' := exp (- a + - al)) in *.
  set (N := scaled (sqrt 2 * y)) in *. set (N' := scaled (r + yl)) in *.
  assert (X0 : 0 < X <= 1) by (split; [apply exp_pos | unfold X; rewrite <- exp_0; left; apply exp_increasing; lra]).
  replace ((1 - erf y) / 2) with (X * N) by (rewrite EV; field).
  apply Rabs_le_inv in M. assert (SM' : - (/ 100000000000 * u) <= N' - N <= / 100000000000 * u) by (apply Rabs_le_inv in SM; apply Rabs_le_inv in Sum; apply Rabs_le_inv; apply Rle_trans with (6 * Rabs (r + yl - sqrt 2 * y)); [apply Rabs_le; exact SM | assert (Rabs (r + yl - sqrt 2 * y) <= / 1000000000000 * u) by (apply Rabs_le; exact Sum); rewrite U in *; lra]).
  assert (V1 := product_within (X' - X) N' (/ 100000000 * / 100 * u) 1 ltac:(clear - M X0 U; rewrite U in *; lra) ltac:(lra)).
  assert (V2 := product_within X (N' - N) 1 _ ltac:(lra) SM').
  assert (VV : - (/ 1000000000 * / 2 * u) <= X' * N' - X * N <= / 1000000000 * / 2 * u) by (replace (X' * N' - X * N) with ((X' - X) * N' + X * (N' - N)) by ring; rewrite U in *; lra).
  assert (XN : 0 <= X * N) by (apply Rmult_le_pos; lra).
  assert (C : ((if Rle_dec 8 r then 20000 else 135 / 1000) + 1126 / 10000) * u * (X' * N') <= 2477 / 10000 * u * (X * N) + / 1000000000 * 9 * u).
  { destruct (Rle_dec 8 r) as [Far | _]; [|rewrite U in *; lra].
    assert (Y56 : 56 / 10 <= y) by (rewrite U, CH in *; lra). assert (X <= / 10000000000000).
    { unfold X. apply Rle_trans with (exp (- (56 / 10 * (56 / 10)))); [|interval]. assert (Y6 : 56 / 10 * (56 / 10) <= y * y) by (apply Rmult_le_compat; lra).
      destruct (Rle_lt_or_eq_dec _ _ Y6) as [L | <-]; [left; apply exp_increasing; lra | right; reflexivity]. }
    assert (X * N <= / 10000000000000 * / 2) by (apply Rmult_le_compat; lra). rewrite U in *. lra. }
  apply Rabs_le_inv in G. apply Rabs_le. rewrite U in *. lra.
Qed.

(** ExpandErf from 0.375 on, clipped at 6.5. *)
Theorem erf_above_approximated : forall x, double x -> 375 / 1000 <= x -> approximates (ErfAbovePair (Rmin x (13 / 2))) 0 (/ 2 ^ 54) (erf x).
Proof.
  intros x Dx Hx. assert (U : u = / 9007199254740992) by reflexivity.
  assert (D65 : double (13 / 2)) by (replace (13 / 2) with (13 * bpow radix2 (-1)) by reflexivity; apply (double_scaled 13 (-1)); lia).
  assert (Y : double (Rmin x (13 / 2)) /\ 375 / 1000 <= Rmin x (13 / 2) <= 13 / 2 /\ Rmin x (13 / 2) <= x).
  { unfold Rmin. destruct (Rle_dec x (13 / 2)); repeat split; try assumption; lra. }
  destruct Y as (D & Hy & Yx). assert (Far : 0 <= erf x - erf (Rmin x (13 / 2)) <= / 100 * u).
  { split; [assert (R := erf_rises _ _ Yx); lra|]. unfold Rmin. destruct (Rle_dec x (13 / 2)) as [_ | N]; [rewrite U; lra|].
    assert (B1 := proj1 (erf_bounds (13 / 2) ltac:(lra))). assert (B2 := proj1 (erf_bounds x ltac:(lra))). assert (bell (13 / 2) <= / 100 * u) by (unfold bell; rewrite U; interval). lra. }
  set (y := Rmin x (13 / 2)) in *. assert (T := half_erfc_error y D Hy). unfold ErfAbovePair. destruct (HalfErfcPair y) as [h l]. cbv zeta in T.
  destruct T as (E & Hh & Hl & Dh & Dl & K). assert (L := erf_three_eighths). assert (R := erf_rises (375 / 1000) y ltac:(lra)). assert (B := proj1 (erf_bounds y ltac:(lra))).
  assert (E' : Rabs ((h + l) * bpow radix2 (HalfErfcExponent y + 1) - (1 - erf y)) <= 25 / 100 * u * (1 - erf y) + / 50000000 * u).
  { rewrite bpow_plus. change (bpow radix2 1) with 2. apply Rabs_le_inv in E. set (w := bpow radix2 (HalfErfcExponent y)) in *.
    replace ((h + l) * (w * 2) - (1 - erf y)) with (2 * ((h + l) * w - (1 - erf y) / 2)) by field. apply Rabs_le. lra. }
  assert (X := complement_error h l (HalfErfcExponent y + 1) (1 - erf y) (25 / 100 * u * (1 - erf y) + / 50000000 * u) Dh Dl ltac:(lia) ltac:(lra) Hl ltac:(lra) ltac:(rewrite U; lra) E').
  destruct (Complement h l (HalfErfcExponent y + 1)) as [s lo]. destruct X as (X & D1 & D2 & N). assert (P54 : / 2 ^ 54 = / 18014398509481984) by (f_equal; lra). rewrite P54.
  split; [exact D1|]. split; [exact D2|]. split; [exact N|]. split; [|split; [left; reflexivity | lra]].
  simpl bpow. rewrite Rmult_1_r. assert (Bx := proj2 (proj1 (erf_bounds x ltac:(lra)))). rewrite (Rabs_pos_eq (erf x)) by lra.
  apply Rabs_le_inv in X. apply Rabs_le. rewrite U in *. lra.
Qed.

(** The sign goes through. *)
Theorem erf_opposite : forall pair k error x, approximates pair k error (erf x) -> approximates (- fst pair, - snd pair) k error (erf (- x)).
Proof. intros [h l] k error x H. rewrite erf_odd. apply approximates_opp, H. Qed.
