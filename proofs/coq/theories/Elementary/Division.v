(* The division of pairs of src/Guarantees/Arithmetic/Elementary.Expansion.cs: Divide. *)
From Coq Require Import Reals Lra.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Floating.
Open Scope R_scope.

(** FastTwoSum with the larger number second: not exact, but close. *)
Lemma FastTwoSum_close : forall a b, double a -> double b ->
  Rabs (fst (FastTwoSum rnd a b) + snd (FastTwoSum rnd a b) - (a + b)) <= (if Rle_dec (Rabs b) (Rabs a) then 0 else 8 * u * Rabs b + 8 * eta).
Proof.
  intros a b Ha Hb. destruct (Rle_dec (Rabs b) (Rabs a)) as [H | H].
  - rewrite (FastTwoSum_exact a b Ha Hb H). right. rewrite Rminus_diag_eq by reflexivity. apply Rabs_R0.
  - unfold FastTwoSum, fst, snd.
    destruct (rnd_standard (a + b)) as (e1 & h1 & E1 & H1 & ->).
    destruct (rnd_standard ((a + b) * (1 + e1) + h1 - a)) as (e2 & h2 & E2 & H2 & ->).
    destruct (rnd_standard (b - (((a + b) * (1 + e1) + h1 - a) * (1 + e2) + h2))) as (e3 & h3 & E3 & H3 & ->).
    assert (Hab : Rabs a <= Rabs b) by lra.
    replace (_ - (a + b)) with (a * (- e1 * e2 - (e1 + e1 * e2) * e3) + b * (- e2 - e1 * e2 - (e1 + e2 + e1 * e2) * e3)
       + (h1 * (- e2 - (1 + e2) * e3) + (- h2 * (1 + e3) + h3))) by ring.
    assert (B : forall h a k c, Rabs h <= k -> Rabs a <= c -> Rabs (h * a) <= k * c).
    { intros h c k m Hh Hc. rewrite Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; assumption. }
    assert (T1 := B a (- e1 * e2 - (e1 + e1 * e2) * e3) (Rabs b) u Hab ltac:(unfold u in *; interval)).
    assert (T2 := B b (- e2 - e1 * e2 - (e1 + e2 + e1 * e2) * e3) (Rabs b) (2 * u) (Rle_refl _) ltac:(unfold u in *; interval)).
    assert (T3 := B h1 (- e2 - (1 + e2) * e3) eta 1 H1 ltac:(unfold u in *; interval)).
    assert (T4 := B (- h2) (1 + e3) eta 2 ltac:(rewrite Rabs_Ropp; exact H2) ltac:(unfold u in *; interval)).
    assert (0 < eta) by apply eta_bound. assert (0 <= Rabs b) by apply Rabs_pos.
    unfold u in *.
    apply Rabs_le. apply Rabs_le_inv in T1, T2, T3, T4, H3. lra.
Qed.

Lemma quotient_rounding : forall x b B, / 4 <= Rabs b -> Rabs (x / b) <= B -> Rabs ((rnd x - x) / b) <= u * B + 4 * eta.
Proof.
  intros x b B Hb H. assert (E := rnd_error x). assert (E0 := eta_tiny). unfold Rdiv in *. rewrite Rabs_mult, Rabs_inv in *.
  assert (I : 0 < / Rabs b <= 4).
  { split; [apply Rinv_0_lt_compat; lra|]. replace 4 with (/ (/ 4)) by field. apply Rinv_le_contravar; lra. }
  apply Rle_trans with ((u * Rabs x + eta) * / Rabs b); [apply Rmult_le_compat_r; lra|].
  assert (0 < u) by (unfold u; lra). nra.
Qed.

(** Divide is within 2^-100 of the quotient where nothing underflows. *)
Theorem divide_error : forall a al b bl, / 4 <= Rabs b -> Rabs al <= 3 * u * Rabs a -> Rabs bl <= 3 * u * Rabs b ->
  let '(high, low) := Divide rnd a al b bl in
  Rabs (high + low - (a + al) / (b + bl)) <= / 2 ^ 100 * Rabs (a / b) + 60 * eta
  /\ Rabs (high - a / b) <= 9 * u * Rabs (a / b) + 60 * eta /\ Rabs low <= 2 * u * Rabs (a / b) + 60 * eta.
Proof.
  intros a al b bl Hb Hal Hbl. assert (E0 := eta_tiny). assert (U : u = / 9007199254740992) by reflexivity.
  assert (P100 : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P100.
  assert (B0 : b <> 0) by (intro H; rewrite H, Rabs_R0 in Hb; lra).
  assert (Rb : 0 < Rabs b) by lra.
  set (Q := a / b). set (A := Rabs Q). assert (A0 : 0 <= A) by apply Rabs_pos. assert (Qr : - A <= Q <= A) by (apply Rabs_le_inv, Rle_refl).
  set (alpha := al / b). set (beta := bl / b).
  assert (Ra : - (3 * u * A) <= alpha <= 3 * u * A).
  { apply Rabs_le_inv. unfold alpha, A, Q, Rdiv. rewrite !Rabs_mult, Rabs_inv, <- Rmult_assoc.
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, Rb | exact Hal]. }
  assert (Rbeta : - (3 * u) <= beta <= 3 * u).
  { apply Rabs_le_inv. unfold beta, Rdiv. rewrite Rabs_mult, Rabs_inv. apply Rmult_le_reg_r with (Rabs b); [lra|].
    rewrite Rmult_assoc, Rinv_l by lra. lra. }
  unfold Divide. fold Q.
  assert (D := rnd_within Q A Qr). set (q := rnd Q) in *. set (delta := q - Q) in *.
  assert (D1 : - (u * A + eta) <= delta <= u * A + eta) by exact D.
  (* every step divided by b *)
  assert (R2 : Rabs ((rnd (- q * b + a) - (- q * b + a)) / b) <= u * (u * A + eta) + 4 * eta).
  { apply quotient_rounding; [exact Hb|]. replace ((- q * b + a) / b) with (- delta) by (unfold delta, Q; field; exact B0). rewrite Rabs_Ropp. apply Rabs_le. lra. }
  set (residual := rnd (- q * b + a)) in *. set (r2 := (residual - (- q * b + a)) / b) in *.
  assert (QB := product_within q beta (A * (1 + u) + eta) (3 * u) ltac:(unfold delta in D1; lra) Rbeta).
  assert (R3 : Rabs ((rnd (q * bl) - q * bl) / b) <= u * ((A * (1 + u) + eta) * (3 * u)) + 4 * eta).
  { apply quotient_rounding; [exact Hb|]. replace (q * bl / b) with (q * beta) by (unfold beta; field; exact B0). apply Rabs_le. lra. }
  set (t := rnd (q * bl)) in *. set (r3 := (t - q * bl) / b) in *.
  apply Rabs_le_inv in R2, R3.
  assert (W : (residual - t) / b = - delta + r2 - q * beta - r3) by (unfold r2, r3, delta, Q, beta; field; exact B0).
  assert (R4 : Rabs ((rnd (residual - t) - (residual - t)) / b) <= u * (45 / 10 * u * A + 20 * eta) + 4 * eta).
  { apply quotient_rounding; [exact Hb|]. rewrite W. apply Rabs_le. rewrite U in *. lra. }
  set (w := rnd (residual - t)) in *. set (r4 := (w - (residual - t)) / b) in *. apply Rabs_le_inv in R4.
  assert (X : (w + al) / b = - delta + r2 - q * beta - r3 + r4 + alpha) by (rewrite <- W; unfold r4, alpha; field; exact B0).
  assert (R5 : Rabs ((rnd (w + al) - (w + al)) / b) <= u * (75 / 10 * u * A + 40 * eta) + 4 * eta).
  { apply quotient_rounding; [exact Hb|]. rewrite X. apply Rabs_le. rewrite U in *. lra. }
  set (x := rnd (w + al)) in *. set (r5 := (x - (w + al)) / b) in *. apply Rabs_le_inv in R5.
  assert (Y : x / b = - delta + r2 - q * beta - r3 + r4 + alpha + r5) by (rewrite <- X; unfold r5; field; exact B0).
  assert (R6 := rnd_within (x / b) (76 / 10 * u * A + 45 * eta) ltac:(rewrite Y; rewrite U in *; lra)). set (y := rnd (x / b)) in *.
  assert (C := FastTwoSum_close q y (rnd_double _) (rnd_double _)).
  assert (H := rnd_within (q + y) (A * (101 / 100) + 50 * eta) ltac:(rewrite Y in R6; unfold delta in *; rewrite U in *; lra)).
  change (rnd (q + y)) with (fst (FastTwoSum rnd q y)) in H.
  assert (C' : - (20 * eta) <= fst (FastTwoSum rnd q y) + snd (FastTwoSum rnd q y) - (q + y) <= 20 * eta).
  { apply Rabs_le_inv, (Rle_trans _ _ _ C). destruct (Rle_dec (Rabs y) (Rabs q)) as [_ | N]; [lra|]. apply Rnot_le_lt in N.
    assert (Ay : Rabs y <= 77 / 10 * u * A + 46 * eta) by (apply Rabs_le; rewrite Y in R6; rewrite U in *; lra).
    assert (Aq : A * (1 - u) - eta <= Rabs q).
    { assert (T := Rabs_triang q (- delta)). replace (q + - delta) with Q in T by (unfold delta; ring). fold A in T. rewrite Rabs_Ropp in T.
      assert (Rabs delta <= u * A + eta) by (apply Rabs_le; exact D1). lra. }
    rewrite U in *. lra. }
  destruct (FastTwoSum rnd q y) as [high low]. simpl fst in *. simpl snd in *.
  assert (B1 : 0 < 1 + beta) by (rewrite U in *; lra).
  assert (Ex : (a + al) / (b + bl) = (Q + alpha) / (1 + beta)).
  { assert (Bs : b + bl <> 0).
    { replace (b + bl) with (b * (1 + beta)) by (unfold beta; field; exact B0). apply Rmult_integral_contrapositive_currified; lra. }
    unfold Q, alpha, beta. field. split; assumption. }
  rewrite Ex. set (g := (alpha - Q * beta) / (1 + beta) - delta).
  assert (G : - (8 * u * A + 2 * eta) <= g <= 8 * u * A + 2 * eta).
  { assert (QB' := product_within Q beta A (3 * u) Qr Rbeta).
    assert (V : - (65 / 10 * u * A) <= (alpha - Q * beta) / (1 + beta) <= 65 / 10 * u * A).
    { split; [apply Rmult_le_reg_r with (1 + beta) | apply Rmult_le_reg_r with (1 + beta)]; try exact B1;
      unfold Rdiv; rewrite ?Rmult_assoc, ?Rinv_l, ?Rmult_1_r by lra.
      - assert (65 / 10 * (u * A) * (1 + beta) >= 62 / 10 * (u * A)); [|rewrite U in *; lra].
        apply Rle_ge. replace (65 / 10 * (u * A) * (1 + beta)) with ((u * A) * (65 / 10 * (1 + beta))) by ring.
        rewrite (Rmult_comm (62 / 10)). apply Rmult_le_compat_l; [rewrite U in *; lra | rewrite U in *; lra].
      - assert (65 / 10 * (u * A) * (1 + beta) >= 62 / 10 * (u * A)); [|rewrite U in *; lra].
        apply Rle_ge. replace (65 / 10 * (u * A) * (1 + beta)) with ((u * A) * (65 / 10 * (1 + beta))) by ring.
        rewrite (Rmult_comm (62 / 10)). apply Rmult_le_compat_l; [rewrite U in *; lra | rewrite U in *; lra]. }
    unfold g. lra. }
  assert (BG := product_within beta g (3 * u) (8 * u * A + 2 * eta) Rbeta G).
  assert (Total : q + y - (Q + alpha) / (1 + beta) = (y - x / b) + r2 - r3 + r4 + r5 + beta * g).
  { rewrite Y. unfold g. replace q with (Q + delta) by (unfold delta; ring). field. lra. }
  repeat split.
  - apply Rabs_le. rewrite U in *. lra.
  - apply Rabs_le. rewrite Y in R6. unfold delta in *. rewrite U in *. lra.
  - apply Rabs_le. rewrite Y in R6. unfold delta in *. rewrite U in *. lra.
Qed.
