(* The checker of robustness of diagonal Gaussian heads: a network gives the means and then, before a link, the standard deviations. Operations on integers; numbers k mean
   k 2^-precision, those of the exponential function k 2^-wide. GaussianLaws.v proves what is accepted. *)
From Coq Require Import ZArith List Bool.
From Certify.Checker Require Import Evidence Specialized.
Import ListNotations.

(** From an output y to a standard deviation: e^y, e^(y/2) where the output is the log of a variance, ln(1 + e^y). *)
Inductive link := Exponential | HalfExponential | Softplus.

Definition wide : nat := 120.
Definition halvings : nat := 40.
Definition finer : nat := 55.       (* wide - halvings - precision - 1 *)
Definition coarser : nat := 96.     (* wide - precision *)
Definition double_wide : nat := 240.
Definition search_steps : nat := 25.
Definition wide_one : Z := shift_left 1 wide.
Definition wide_square : Z := shift_left 1 double_wide.
Definition largest_argument : Z := shift_left 1 32.    (* 128, in halves of 2^-precision *)

Fixpoint squared (n : nat) (v : Z) : Z := match n with O => v | S n' => squared n' (shift_right (Z.mul v v) wide) end.

(** At most e^(a 2^-precision / 2), by (1 + x / n)^n. *)
Definition exp_below (a : Z) : Z := squared halvings (tmax 0 (Z.add wide_one (shift_left (tmin a largest_argument) finer))).

(** At least e^(a 2^-precision / 2), as 1 / e^-x. *)
Definition exp_above (a : Z) : option Z :=
  let v := exp_below (Z.opp (tmax a (Z.opp largest_argument))) in if Z.leb v 0 then None else Some (Z.opp (Z.div (Z.opp wide_square) v)).

(** Where the test fails at lo, holds at hi and changes once: the least number at which it holds, after enough steps. *)
Fixpoint least (n : nat) (test : Z -> bool) (lo hi : Z) : Z :=
  match n with O => hi | S n' => let m := shift_right (Z.add lo hi) 1 in if test m then least n' test lo m else least n' test m hi end.

(** ln(1 + e^y) <= z where 1 + e^y <= e^z. *)
Definition softplus_above (y : Z) : option Z :=
  match exp_above (Z.add y y) with
  | Some e =>
      let test z := Z.leb (Z.add wide_one e) (exp_below (Z.add z z)) in
      let z := least search_steps test (tmax y 0) (Z.add (tmax y 0) one) in if test z then Some z else None
  | None => None end.

Definition softplus_below (y : Z) : option Z :=
  let e := Z.add wide_one (exp_below (Z.add y y)) in
  let test z := match exp_above (Z.opp (Z.add z z)) with Some v => Z.leb v e | None => false end in
  let z := least search_steps test (Z.opp (Z.add (tmax y 0) one)) (Z.sub 1 (tmax y 0)) in if test z then Some (Z.opp z) else None.

Definition exp_range (l u : Z) : option interval :=
  match exp_above u with Some v => Some (shift_right (exp_below l) coarser, shift_up v coarser) | None => None end.

(** Bounds of the link's values. *)
Definition linked (k : link) (b : interval) : option interval :=
  let '(l, u) := b in
  match k with
  | Exponential => exp_range (Z.add l l) (Z.add u u)
  | HalfExponential => exp_range l u
  | Softplus => match softplus_below l, softplus_above u with Some v, Some w => Some (v, w) | _, _ => None end end.

Fixpoint all_linked (k : link) (b : list interval) : option (list interval) :=
  match b with
  | [] => Some []
  | x :: b' => match linked k x, all_linked k b' with Some y, Some r => Some (y :: r) | _, _ => None end end.

(** Bounds of the means and the standard deviations from bounds of the outputs: the first n are means. *)
Definition parameter_bounds (n : nat) (k : link) (b : list interval) : option (list interval) :=
  match all_linked k (skipn n b) with Some s => Some (firstn n b ++ s) | None => None end.

(** Bounds of one output each, by linear bounds on both sides. *)
Fixpoint output_bounds (hs : list layer) (bx : list interval) (st : list (list interval)) (cs : advice) (out : layer) : option (list interval) :=
  match out with
  | [] => Some []
  | r :: out' =>
      match lower_bound hs [r] bx st cs [one], lower_bound hs [r] bx st cs [Z.sub 0 one], output_bounds hs bx st cs out' with
      | Some l, Some u, Some b => Some ((l, Z.sub 0 u) :: b)
      | _, _, _ => None end end.

(** Interval bounds of the outputs. *)
Fixpoint interval_outputs (hs : list layer) (out : layer) (bx : list interval) : list interval :=
  match hs with [] => interval_affine out bx | L :: hs' => interval_outputs hs' out (interval_relu (interval_affine L bx)) end.

(** Bounds of the means and standard deviations at the observation, which a box encloses. *)
Definition reference (hs : list layer) (out : layer) (n : nat) (k : link) (bx0 : list interval) : option (list interval) :=
  parameter_bounds n k (interval_outputs hs out bx0).

Definition apart (a b : interval) : Z := tmax (Z.sub (snd a) (fst b)) (Z.sub (snd b) (fst a)).

(** The largest squared distance of what lies within the bounds, in multiples of 2^-(2 precision). *)
Fixpoint square_apart (a b : list interval) : Z :=
  match a, b with x :: a', y :: b' => let d := apart x y in Z.add (Z.mul d d) (square_apart a' b') | _, _ => 0%Z end.

(** Whether the distribution at every input of a part is within c of the reference. *)
Definition near (hs : list layer) (out : layer) (n : nat) (k : link) (c : Z) (r : list interval)
                (bx : list interval) (st : list (list interval)) (i : nat) (cs : advice) : bool :=
  match output_bounds hs bx st cs out with
  | Some b => match parameter_bounds n k b with Some q => Z.leb 0 c && Z.leb (square_apart q r) (Z.mul c c) | None => false end
  | None => false end.
