(* The mean value theorem in the form that turns an absolute bound of a derivative into a relative bound at 0. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Lemma vanishing_at_zero : forall (f f' : R -> R) (b eps : R),
  (forall t, Rabs t <= b -> is_derive f t (f' t)) -> (forall t, Rabs t <= b -> Rabs (f' t) <= eps) -> f 0 = 0 ->
  forall x, Rabs x <= b -> Rabs (f x) <= eps * Rabs x.
Proof.
  intros f f' b eps D B Z x Hx.
  assert (In : forall t, Rmin 0 x <= t <= Rmax 0 x -> Rabs t <= b).
  { intros t [H1 H2]. apply Rle_trans with (Rabs x); [|exact Hx].
    unfold Rmin, Rmax in *. destruct (Rle_dec 0 x).
    - rewrite !Rabs_pos_eq by lra. lra.
    - rewrite !Rabs_left1 by lra. lra. }
  destruct (MVT_gen f 0 x f') as (c & Hc & E).
  - intros t Ht. apply D, In. lra.
  - intros t Ht. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)). exists (f' t). apply D, In, Ht.
  - rewrite Z, !Rminus_0_r in E. rewrite E, Rabs_mult.
    apply Rmult_le_compat_r; [apply Rabs_pos | apply B, In, Hc].
Qed.

Lemma vanishing_twice : forall (f f' : R -> R) (b c : R),
  (forall t, Rabs t <= b -> is_derive f t (f' t)) -> (forall t, Rabs t <= b -> Rabs (f' t) <= c * Rabs t) -> f 0 = 0 ->
  forall x, Rabs x <= b -> Rabs (f x) <= 3 / 4 * c * (x * x).
Proof.
  intros f f' b c D B Z x Hx. assert (X0 := Rabs_pos x).
  assert (C0 : 0 <= c * Rabs x) by (apply Rle_trans with (2 := B x Hx), Rabs_pos).
  assert (Hh : Rabs (x / 2) = Rabs x / 2) by (unfold Rdiv; rewrite Rabs_mult, (Rabs_pos_eq (/ 2)) by lra; reflexivity).
  assert (XX : x * x = Rabs x * Rabs x) by (rewrite <- Rabs_mult; symmetry; apply Rabs_pos_eq; nra).
  destruct (Req_dec x 0) as [-> | N]; [rewrite Z, Rabs_R0; lra|].
  assert (P : 0 < Rabs x) by (apply Rabs_pos_lt; exact N). assert (C : 0 <= c) by nra.
  assert (Half : Rabs (f (x / 2)) <= c * (Rabs x / 2) * Rabs (x / 2)).
  { apply (vanishing_at_zero f f' (Rabs x / 2)); [| |exact Z | lra].
    - intros t Ht. apply D. lra.
    - intros t Ht. apply Rle_trans with (c * Rabs t); [apply B; lra | apply Rmult_le_compat_l; lra]. }
  rewrite Hh in Half.
  destruct (MVT_gen f (x / 2) x f') as (m & Hm & E).
  - intros t Ht. apply D. apply Rle_trans with (2 := Hx). unfold Rmin, Rmax in Ht. destruct (Rle_dec (x / 2) x); unfold Rabs; destruct (Rcase_abs t), (Rcase_abs x); lra.
  - intros t Ht. apply continuity_pt_filterlim, (ex_derive_continuous (V := R_NormedModule)). exists (f' t). apply D. apply Rle_trans with (2 := Hx).
    unfold Rmin, Rmax in Ht. destruct (Rle_dec (x / 2) x); unfold Rabs; destruct (Rcase_abs t), (Rcase_abs x); lra.
  - assert (Mx : Rabs m <= Rabs x).
    { unfold Rmin, Rmax in Hm. destruct (Rle_dec (x / 2) x); unfold Rabs; destruct (Rcase_abs m), (Rcase_abs x); lra. }
    replace (f x) with (f (x / 2) + f' m * (x - x / 2)) by lra. apply (Rle_trans _ _ _ (Rabs_triang _ _)).
    rewrite Rabs_mult. replace (x - x / 2) with (x / 2) by field. rewrite Hh, XX.
    assert (Rabs (f' m) <= c * Rabs x) by (apply Rle_trans with (c * Rabs m); [apply B; lra | apply Rmult_le_compat_l; lra]).
    assert (Rabs (f' m) * (Rabs x / 2) <= c * Rabs x * (Rabs x / 2)) by (apply Rmult_le_compat_r; lra). lra.
Qed.
