(* Certificates: trees that split a box or the sides of ReLUs, tighten bounds, and prove a claim in every leaf; the checker certify.
   TreeLaws.v proves that what it accepts holds. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Networks IntervalBounds LinearBounds.
Import ListNotations.

Module Trees (O : RingWithOrder) (AR : DirectedArithmetic O).
Include LinearBounds O AR.
Import O AR.
Local Open Scope k_scope.

(** cs: slopes and multipliers for every layer; z_kj: pre-activation j of hidden layer k. *)
Inductive tree :=
| Leaf (i : nat) (cs : list (list slopes))                               (* linear bounds prove claim i *)
| SplitIn (i : nat) (c : T) (l r : tree)                                 (* x_i <= c | x_i >= c *)
| SplitRelu (k j : nat) (l r : tree)                                     (* z_kj <= 0 | z_kj >= 0 *)
| Ibp (t : tree)                                                         (* interval bounds again, intersected *)
| Tighten (k j : nat) (hi : bool) (cs : list (list slopes)) (t : tree)   (* a better bound of z_kj *)
| Empty (k j : nat).                                                     (* the bounds of z_kj contradict each other: no such input *)

(** c . y >= d. *)
Definition spec := (list T * T)%type.

(** The claim holds for the output y. *)
Definition holds (s : spec) (y : list K) : Prop := tv (snd s) <= tdot (fst s) y.

(** Some claim holds. *)
Definition some_holds (sp : list spec) (y : list K) : Prop := Exists (fun s => holds s y) sp.

(** The list with its entry n changed. *)
Fixpoint update {X} (n : nat) (f : X -> X) (l : list X) : list X :=
  match l, n with [], _ => [] | x :: l', O => f x :: l' | x :: l', S n' => x :: update n' f l' end.

(** The intersection. *)
Definition meet (a b : interval) : interval := (tmax (fst a) (fst b), tmin (snd a) (snd b)).

(** f of each pair. *)
Fixpoint zip_with {X} (f : X -> X -> X) (a b : list X) : list X :=
  match a, b with x :: a', y :: b' => f x y :: zip_with f a' b' | _, _ => [] end.

(** The upper end, or the lower, replaced by c where c is tighter. *)
Definition set_hi (c : T) (b : interval) : interval := (fst b, tmin (snd b) c).

Definition set_lo (c : T) (b : interval) : interval := (tmax (fst b) c, snd b).

(** The bounds of z_kj, if there are any. *)
Definition bound_at (st : list (list interval)) (k j : nat) : option interval :=
  match nth_error st k with Some b => nth_error b j | None => None end.

(** The bound of z_kj that linear bounds give. *)
Definition tighten hs bx st k j (hi : bool) cs : option (interval -> interval) :=
  match nth_error hs k with
  | Some L => match nth_error L j with
    | Some rb => match lower_bound (firstn k hs) [rb] bx st cs [if hi then tsub t0 t1 else t1] with
       | Some v => Some (if hi then set_hi (tsub t0 v) else set_lo v) | None => None end
    | None => None end
  | None => None end.

(** Whether the tree proves some claim for every input of the box that keeps to the bounds st. *)
Fixpoint check (hs : list layer) (out : layer) (sp : list spec) (bx : list interval) (st : list (list interval)) (t : tree) : bool :=
  match t with
  | Leaf i cs => match nth_error sp i with Some s =>
      match lower_bound hs out bx st cs (fst s) with Some v => tleb (snd s) v | None => false end | None => false end
  | SplitIn i c l r =>
      check hs out sp (update i (set_hi c) bx) st l && check hs out sp (update i (set_lo c) bx) st r
  | SplitRelu k j l r =>
      check hs out sp bx (update k (update j (set_hi t0)) st) l && check hs out sp bx (update k (update j (set_lo t0)) st) r
  | Ibp t => check hs out sp bx (zip_with (zip_with meet) st (interval_preactivations hs bx)) t
  | Tighten k j hi cs t => match tighten hs bx st k j hi cs with
      | Some f => check hs out sp bx (update k (update j f) st) t | None => false end
  | Empty k j => match bound_at st k j with
      | Some b => (k <? length hs) && negb (tleb (fst b) (snd b)) | None => false end
  end.

(** Whether the tree proves some claim for every input of the box. *)
Definition certify hs out sp bx t := check hs out sp bx (interval_preactivations hs bx) t.

End Trees.
