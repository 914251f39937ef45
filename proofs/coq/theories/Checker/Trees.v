(* Certificates: trees that split a box or the sides of ReLUs, tighten bounds, and prove a claim in every leaf; the checker certify.
   TreeLaws.v proves that what it accepts holds. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds LinearBounds.
Import ListNotations.

Module Trees (O : RingWithOrder) (AR : DirectedArithmetic O).
Include LinearBounds O AR.
Import O AR.
Local Open Scope k_scope.

Definition tree := Evidence.tree T.

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

(** Bounds of what hidden layer k reads. *)
Definition before (bx : list interval) (st : list (list interval)) (k : nat) : list interval :=
  match k with O => bx | S k' => map interval_relu (nth k' st []) end.

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

(** Whether all leaves of the tree are accepted, each with the part of the box and the bounds st that it stands for. *)
Fixpoint walk (leaf : list interval -> list (list interval) -> nat -> list (list slopes) -> bool)
              (hs : list layer) (bx : list interval) (st : list (list interval)) (t : tree) : bool :=
  match t with
  | Leaf i cs => leaf bx st i cs
  | SplitIn i c l r => walk leaf hs (update i (set_hi c) bx) st l && walk leaf hs (update i (set_lo c) bx) st r
  | SplitRelu k j l r =>
      walk leaf hs bx (update k (update j (set_hi t0)) st) l && walk leaf hs bx (update k (update j (set_lo t0)) st) r
  | Interval k t => match nth_error hs k with
      | Some L => walk leaf hs bx (update k (fun b => zip_with meet b (interval_affine L (before bx st k))) st) t | None => false end
  | Tighten k j hi cs t => match tighten hs bx st k j hi cs with
      | Some f => walk leaf hs bx (update k (update j f) st) t | None => false end
  | Empty k j => match bound_at st k j with
      | Some b => (k <? length hs) && negb (tleb (fst b) (snd b)) | None => false end
  end.

(** Whether linear bounds prove claim i. *)
Definition proves (hs : list layer) (out : layer) (sp : list spec) (bx : list interval) (st : list (list interval)) (i : nat) (cs : list (list slopes)) : bool :=
  match nth_error sp i with
  | Some s => match lower_bound hs out bx st cs (fst s) with Some v => tleb (snd s) v | None => false end | None => false end.

(** Whether the tree proves some claim for every input of the box that keeps to the bounds st. *)
Definition check (hs : list layer) (out : layer) (sp : list spec) : list interval -> list (list interval) -> tree -> bool :=
  walk (proves hs out sp) hs.

(** What is left to check of a tree, in its order: a box, bounds, a subtree. *)
Definition task := (list interval * list (list interval) * tree)%type.

(** The tasks of a tree after at most n divisions along each path. *)
Fixpoint divide (hs : list layer) (n : nat) (bx : list interval) (st : list (list interval)) (t : tree) {struct t} : list task :=
  match t, n with
  | SplitIn i c l r, S n' => divide hs n' (update i (set_hi c) bx) st l ++ divide hs n' (update i (set_lo c) bx) st r
  | SplitRelu k j l r, S n' => divide hs n' bx (update k (update j (set_hi t0)) st) l ++ divide hs n' bx (update k (update j (set_lo t0)) st) r
  | Interval k t', S _ => match nth_error hs k with
      | Some L => divide hs n bx (update k (fun b => zip_with meet b (interval_affine L (before bx st k))) st) t' | None => [(bx, st, t)] end
  | Tighten k j hi cs t', S _ => match tighten hs bx st k j hi cs with
      | Some f => divide hs n bx (update k (update j f) st) t' | None => [(bx, st, t)] end
  | _, _ => [(bx, st, t)] end.

(** Whether the task is done. *)
Definition walk_task leaf hs (x : task) : bool := let '(bx, st, t) := x in walk leaf hs bx st t.

(** Whether the tree proves some claim for every input of the box. *)
Definition certify hs out sp bx t := check hs out sp bx (interval_preactivations hs bx) t.

End Trees.
