From Coq Require Import Reals Lra Lia ZArith List.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Gappa Require Import Gappa_tactic.
From Certify.Elementary Require Import Coefficients Floating Analysis Exponential.
Open Scope R_scope.

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
