(* Interval bound propagation (Moore 1966; Gowal et al. 2018) in directed arithmetic: the operations. IntervalLaws.v proves them sound. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Networks.
Import ListNotations.

Module IntervalBounds (O : RingWithOrder) (AR : DirectedArithmetic O).
Include Networks O AR.
Import O AR.
Local Open Scope k_scope.

(** A lower bound of acc + r . x over the box. *)
Fixpoint dot_below (acc : A) (r : list W) (bx : list interval) : A :=
  match r, bx with
  | w :: r', b :: bx' => dot_below (if wneg w then mac_dn acc w (snd b) else mac_dn acc w (fst b)) r' bx'
  | _, _ => acc end.

(** An upper bound of acc + r . x over the box. *)
Fixpoint dot_above (acc : A) (r : list W) (bx : list interval) : A :=
  match r, bx with
  | w :: r', b :: bx' => dot_above (if wneg w then mac_up acc w (fst b) else mac_up acc w (snd b)) r' bx'
  | _, _ => acc end.

Definition interval_row (bx : list interval) (rb : list W * W) : interval :=
  (dn (dot_below (aw_dn (snd rb)) (fst rb) bx), up (dot_above (aw_up (snd rb)) (fst rb) bx)).

Definition interval_affine (L : layer) (bx : list interval) : list interval := map (interval_row bx) L.

Definition tmax a b := if tleb a b then b else a.

Definition tmin a b := if tleb a b then a else b.

Definition interval_relu (b : interval) : interval := (tmax (fst b) t0, tmax (snd b) t0).

(** Bounds of all pre-activations of the hidden layers. *)
Fixpoint interval_preactivations (hs : list layer) (bx : list interval) : list (list interval) :=
  match hs with [] => [] | L :: hs' => let z := interval_affine L bx in z :: interval_preactivations hs' (map interval_relu z) end.

Fixpoint interval_hidden (hs : list layer) (bx : list interval) : list interval :=
  match hs with [] => bx | L :: hs' => interval_hidden hs' (map interval_relu (interval_affine L bx)) end.

(** Bounds of the outputs. *)
Definition interval_network (hs : list layer) (out : layer) (bx : list interval) := interval_affine out (interval_hidden hs bx).

End IntervalBounds.
