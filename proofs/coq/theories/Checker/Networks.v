(* Fully connected ReLU networks with exact weights and what they compute over an ordered ring; a box, and bounds of every
   pre-activation along one run. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic.
Import ListNotations.

Module Networks (O : RingWithOrder) (AR : DirectedArithmetic O).
Import O AR.
Declare Scope k_scope.
Delimit Scope k_scope with k.
Notation "a + b" := (kadd a b) : k_scope.
Notation "a * b" := (kmul a b) : k_scope.
Notation "a - b" := (ksub a b) : k_scope.
Notation "- a" := (kopp a) : k_scope.
Notation "a <= b" := (kle a b) : k_scope.
Notation "0" := k0 : k_scope.
Notation "1" := k1 : k_scope.
Local Open Scope k_scope.

(** max(z, 0). *)
Definition relu (z : K) := kmax z 0.

(** A layer: rows of weights, each with its bias. *)
Definition layer := list (list W * W).

(** An interval: its lower and its upper end. *)
Definition interval := (T * T)%type.

(** r . x, as far as both go. *)
Fixpoint dot (r : list W) (x : list K) : K :=
  match r, x with w :: r', a :: x' => wv w * a + dot r' x' | _, _ => 0 end.

(** W x + b. *)
Definition affine (L : layer) (x : list K) : list K := map (fun rb => dot (fst rb) x + wv (snd rb)) L.

(** The hidden layers: ReLU after each affine map. *)
Fixpoint hidden (ls : list layer) (x : list K) : list K :=
  match ls with [] => x | L :: ls' => hidden ls' (map relu (affine L x)) end.

(** Hidden layers, then an affine output. *)
Definition network (hs : list layer) (out : layer) (x : list K) : list K := affine out (hidden hs x).

(** x lies in the interval. *)
Definition inside (x : K) (b : interval) := tv (fst b) <= x /\ x <= tv (snd b).

(** x lies in the box. *)
Definition in_box (x : list K) (bx : list interval) := Forall2 inside x bx.

(** The bounds st hold for all pre-activations of the run from x. *)
Fixpoint bounded (hs : list layer) (st : list (list interval)) (x : list K) : Prop :=
  match hs, st with
  | [], _ => True
  | L :: hs', b :: st' => in_box (affine L x) b /\ bounded hs' st' (map relu (affine L x))
  | _ :: _, [] => False end.

(** The pre-activations of hidden layer k. *)
Fixpoint preactivations (hs : list layer) (k : nat) (x : list K) : list K :=
  match hs, k with [], _ => [] | L :: _, O => affine L x | L :: hs', S k' => preactivations hs' k' (map relu (affine L x)) end.

End Networks.
