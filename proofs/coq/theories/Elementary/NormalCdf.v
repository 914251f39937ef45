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
