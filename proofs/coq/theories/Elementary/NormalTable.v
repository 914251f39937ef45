(* How near a polynomial is to N(y) = Φ(-y) e^(y²/2), by its residual. N(y) = Φ(-y) e^(y²/2) solves N' = y N - φ(0); a polynomial p that nearly does stays, going down
   from b, as near to N as it is at b, plus the integral of its residual. NormalRows.v goes down the table of Elementary.NormalTail.cs so. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Certify.Elementary Require Import Gaussian.
Open Scope R_scope.

(** E grows at least as fast as the residual of p is large. *)
Lemma descent : forall p p' E E' b beta y, 0 <= y <= b -> (forall t, y <= t <= b -> is_derive p t (p' t)) -> (forall t, y <= t <= b -> is_derive E t (E' t)) ->
  (forall t, y <= t <= b -> Rabs (t * p t - p' t - root_density) <= E' t) -> Rabs (scaled b - p b) <= beta ->
  Rabs (scaled y - p y) <= exp ((y * y - b * b) / 2) * beta + (E b - E y).
Proof.
  intros p p' E E' b beta y Hy Dp DE Res End.
  assert (One : forall s, s = 1 \/ s = -1 -> s * (scaled y - p y) <= exp ((y * y - b * b) / 2) * beta + (E b - E y)).
  { intros s Hs. set (h := fun t => s * (exp ((y * y - t * t) / 2) * (scaled t - p t)) + E t).
    assert (Dh : forall t, y <= t <= b -> is_derive h t (s * (exp ((y * y - t * t) / 2) * (t * p t - p' t - root_density)) + E' t)).
    { intros t Ht. apply (is_derive_plus (fun t => s * (exp ((y * y - t * t) / 2) * (scaled t - p t))) E); [|apply DE, Ht].
      apply (is_derive_scal (fun t => exp ((y * y - t * t) / 2) * (scaled t - p t))).
      replace (exp ((y * y - t * t) / 2) * (t * p t - p' t - root_density))
        with (- t * exp ((y * y - t * t) / 2) * (scaled t - p t) + exp ((y * y - t * t) / 2) * (t * scaled t - root_density - p' t)) by ring.
      apply (is_derive_mult (fun t => exp ((y * y - t * t) / 2)) (fun t => scaled t - p t)); [| |intros; apply Rmult_comm].
      - auto_derive; [exact I | unfold Rdiv, Rminus; field].
      - apply (is_derive_minus scaled p); [apply scaled_derives | apply Dp, Ht]. }
    assert (Rise : h y <= h b).
    { destruct (MVT_gen h y b (fun t => s * (exp ((y * y - t * t) / 2) * (t * p t - p' t - root_density)) + E' t)) as (c & Hc & V).
      - intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra. apply Dh. lra.
      - intros t Ht. rewrite Rmin_left, Rmax_right in Ht by lra. apply continuity_pt_filterlim, (ex_derive_continuous h). eexists. apply Dh. lra.
      - rewrite Rmin_left, Rmax_right in Hc by lra. assert (R := Rabs_le_inv _ _ (Res c ltac:(lra))). set (rho := c * p c - p' c - root_density) in *.
        assert (X : 0 < exp ((y * y - c * c) / 2) <= 1).
        { split; [apply exp_pos|]. rewrite <- exp_0. destruct (Req_dec y c) as [-> | N]; [right; f_equal; field | left; apply exp_increasing; nra]. }
        set (x := exp ((y * y - c * c) / 2)) in *.
        assert (Z : 0 <= (s * (x * rho) + E' c) * (b - y)); [|lra]. apply Rmult_le_pos; [|lra].
        assert (Y : - E' c <= x * rho <= E' c) by (split; nra). destruct Hs; subst s; lra. }
    unfold h in Rise. assert (Y : exp ((y * y - y * y) / 2) = 1) by (replace ((y * y - y * y) / 2) with 0 by field; apply exp_0). rewrite Y, Rmult_1_l in Rise.
    assert (X := exp_pos ((y * y - b * b) / 2)). apply Rabs_le_inv in End.
    assert (B : s * (exp ((y * y - b * b) / 2) * (scaled b - p b)) <= exp ((y * y - b * b) / 2) * beta).
    { replace (s * (exp ((y * y - b * b) / 2) * (scaled b - p b))) with (exp ((y * y - b * b) / 2) * (s * (scaled b - p b))) by ring.
      apply Rmult_le_compat_l; [lra|]. destruct Hs; subst s; lra. }
    lra. }
  assert (A := One 1 ltac:(lra)). assert (B := One (-1) ltac:(lra)). apply Rabs_le. lra.
Qed.

(** ** A row *)

(** a0 + a1 t + ... + a13 t^13, its derivative, and what c + t times it lacks of its derivative and φ(0). *)
Definition taylor (a : nat -> R) (t : R) : R :=
  a 0%nat + t * (a 1%nat + t * (a 2%nat + t * (a 3%nat + t * (a 4%nat + t * (a 5%nat + t * (a 6%nat + t * (a 7%nat + t * (a 8%nat + t * (a 9%nat
  + t * (a 10%nat + t * (a 11%nat + t * (a 12%nat + t * a 13%nat)))))))))))).
Definition taylor_slope (a : nat -> R) (t : R) : R :=
  a 1%nat + t * (2 * a 2%nat + t * (3 * a 3%nat + t * (4 * a 4%nat + t * (5 * a 5%nat + t * (6 * a 6%nat + t * (7 * a 7%nat + t * (8 * a 8%nat + t * (9 * a 9%nat
  + t * (10 * a 10%nat + t * (11 * a 11%nat + t * (12 * a 12%nat + t * (13 * a 13%nat)))))))))))).
Definition defect (d : R) (a : nat -> R) (c : R) (j : nat) : R :=
  match j with
  | O => c * a 0%nat - a 1%nat - d
  | 13%nat => c * a 13%nat + a 12%nat
  | 14%nat => a 13%nat
  | S i => c * a j + a i - (INR j + 1) * a (S j)
  end.

Lemma taylor_derives : forall a t, is_derive (taylor a) t (taylor_slope a t).
Proof. intros a t. unfold taylor, taylor_slope. auto_derive; [exact I | ring]. Qed.

Lemma taylor_residual : forall d a c t, (c + t) * taylor a t - taylor_slope a t - d =
  defect d a c 0 + t * (defect d a c 1 + t * (defect d a c 2 + t * (defect d a c 3 + t * (defect d a c 4 + t * (defect d a c 5 + t * (defect d a c 6 + t * (defect d a c 7
  + t * (defect d a c 8 + t * (defect d a c 9 + t * (defect d a c 10 + t * (defect d a c 11 + t * (defect d a c 12 + t * (defect d a c 13 + t * defect d a c 14))))))))))))).
Proof. intros d a c t. unfold taylor, taylor_slope, defect. simpl INR. ring. Qed.

(** Even powers only: |t| is at most 1/16 + 4 t². *)
Definition even (d : R) (a : nat -> R) (c : R) (i : nat) : R :=
  let e j := Rabs (defect d a c j) in
  match i with O => e 0%nat + e 1%nat / 16 | 7%nat => e 14%nat + 4 * e 13%nat | S h => e (2 * i)%nat + e (2 * i + 1)%nat / 16 + 4 * e (2 * h + 1)%nat end.
Definition growth' (g : nat -> R) (t : R) : R :=
  let z := t * t in g 0%nat + z * (g 1%nat + z * (g 2%nat + z * (g 3%nat + z * (g 4%nat + z * (g 5%nat + z * (g 6%nat + z * g 7%nat)))))).
Definition growth (g : nat -> R) (t : R) : R :=
  let z := t * t in
  t * (g 0%nat + z * (g 1%nat / 3 + z * (g 2%nat / 5 + z * (g 3%nat / 7 + z * (g 4%nat / 9 + z * (g 5%nat / 11 + z * (g 6%nat / 13 + z * (g 7%nat / 15)))))))).

Lemma growth_derives : forall g t, is_derive (growth g) t (growth' g t).
Proof. intros g t. unfold growth, growth'. auto_derive; [exact I | field]. Qed.

Lemma pair_bound : forall t m a b r, Rabs r <= m -> Rabs (a + t * (b + t * r)) <= Rabs a + Rabs b / 16 + t * t * (4 * Rabs b + m).
Proof.
  intros t m a b r Hr. replace (a + t * (b + t * r)) with (a + (t * b + t * t * r)) by ring.
  assert (T1 := Rabs_triang a (t * b + t * t * r)). assert (T2 := Rabs_triang (t * b) (t * t * r)). rewrite !Rabs_mult in T2.
  assert (TT : Rabs t * Rabs t = t * t) by (rewrite <- Rabs_mult; apply Rabs_pos_eq; nra). rewrite TT in T2.
  assert (A : Rabs t <= / 16 + 4 * (t * t)) by (assert (Q := Rle_0_sqr (Rabs t - / 8)); unfold Rsqr in Q; lra).
  assert (B : Rabs t * Rabs b <= (/ 16 + 4 * (t * t)) * Rabs b) by (apply Rmult_le_compat_r; [apply Rabs_pos | exact A]).
  assert (C : t * t * Rabs r <= t * t * m) by (apply Rmult_le_compat_l; [nra | exact Hr]). lra.
Qed.

Lemma residual_growth : forall d a c t, Rabs ((c + t) * taylor a t - taylor_slope a t - d) <= growth' (even d a c) t.
Proof.
  intros d a c t. rewrite taylor_residual.
  eapply Rle_trans.
  - do 7 (apply pair_bound). apply Rle_refl.
  - right. unfold growth', even. simpl Nat.mul. simpl Nat.add. field.
Qed.

Lemma even_positive : forall d a c i, 0 <= even d a c i.
Proof.
  intros d a c i. assert (P : forall j, 0 <= Rabs (defect d a c j)) by (intro; apply Rabs_pos). unfold even.
  destruct i as [|[|[|[|[|[|[|[|i]]]]]]]]; unfold Rdiv; repeat (apply Rplus_le_le_0_compat || apply Rmult_le_pos || apply P); lra.
Qed.

Lemma growth_odd : forall g t, growth g (- t) = - growth g t.
Proof. intros g t. unfold growth. replace (- t * - t) with (t * t) by ring. ring. Qed.

Lemma growth_rises : forall g s t, (forall i, 0 <= g i) -> s <= t -> growth g s <= growth g t.
Proof.
  intros g s t G H. destruct (MVT_gen (growth g) s t (growth' g)) as (c & _ & E).
  - intros x _. apply growth_derives.
  - intros x _. apply continuity_pt_filterlim, (ex_derive_continuous (growth g)). eexists. apply growth_derives.
  - assert (0 <= growth' g c); [|nra]. unfold growth'. assert (Z : 0 <= c * c) by nra. set (z := c * c) in *.
    assert (Q : forall i x, 0 <= x -> 0 <= g i + z * x) by (intros i x Hx; assert (0 <= z * x) by (apply Rmult_le_pos; assumption); assert (V := G i); lra).
    cbv zeta. repeat apply Q. apply G.
Qed.

(** From the right end of a row to any of its points. *)
Lemma row_descent : forall a c beta y, let b := c + / 8 in 0 <= y -> Rabs (y - c) <= / 8 -> Rabs (scaled b - taylor a (/ 8)) <= beta ->
  Rabs (scaled y - taylor a (y - c)) <= exp ((y * y - b * b) / 2) * beta + 2 * growth (even root_density a c) (/ 8).
Proof.
  intros a c beta y b Hy Hc End. apply Rabs_le_inv in Hc.
  assert (D : Rabs (scaled y - taylor a (y - c)) <= exp ((y * y - b * b) / 2) * beta + (growth (even root_density a c) (b - c) - growth (even root_density a c) (y - c))).
  { apply (descent (fun y => taylor a (y - c)) (fun y => taylor_slope a (y - c)) (fun y => growth (even root_density a c) (y - c)) (fun y => growth' (even root_density a c) (y - c)));
      [unfold b; lra | | | |].
    - intros t _. replace (taylor_slope a (t - c)) with (scal 1 (taylor_slope a (t - c))) by (unfold scal; simpl; unfold mult; simpl; ring).
      apply (is_derive_comp (taylor a) (fun t => t - c)); [apply taylor_derives | auto_derive; [exact I | ring]].
    - intros t _. replace (growth' (even root_density a c) (t - c)) with (scal 1 (growth' (even root_density a c) (t - c))) by (unfold scal; simpl; unfold mult; simpl; ring).
      apply (is_derive_comp (growth (even root_density a c)) (fun t => t - c)); [apply growth_derives | auto_derive; [exact I | ring]].
    - intros t _. replace t with (c + (t - c)) at 1 by ring. apply residual_growth.
    - replace (b - c) with (/ 8) by (unfold b; ring). exact End. }
  replace (b - c) with (/ 8) in D by (unfold b; ring).
  assert (G := growth_rises (even root_density a c) (- / 8) (y - c) (even_positive root_density a c) ltac:(lra)). rewrite growth_odd in G. lra.
Qed.
