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
