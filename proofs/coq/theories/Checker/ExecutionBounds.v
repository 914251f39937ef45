(* What float32 executions add to a leaf of the checker: how far their outputs may be from the exact ones, from the bounds of the leaf. Operations on integers: errors and sizes k mean
   k 2^-64, other numbers as in Specialized.v. Execution/Checked.v proves what is accepted; the formula is that of Execution/Layers.v. *)
From Coq Require Import ZArith List Bool.
From Certify.Checker Require Import Evidence Specialized GaussianHeads.
Import ListNotations.

Definition finer_than : nat := 40.    (* 64 - precision *)
Definition fine : nat := 64.
Definition fine_one : Z := shift_left 1 fine.
Definition refined (k : Z) : Z := shift_left k finer_than.
Definition magnitude (k : Z) : Z := if Z.leb 0 k then k else Z.opp k.

(** At least |w| t. *)
Definition weigh (w : weight) (t : Z) : Z := let '(m, e) := w in shift_up (Z.mul (magnitude m) t) e.

(** Upper bounds of inherited, mass and peak of a row for arguments of sizes s that are off by e. *)
Fixpoint row_sums (r : list weight) (s e : list Z) : Z * Z * Z :=
  match r, s, e with
  | w :: r', a :: s', d :: e' =>
      let '(i, m, p) := row_sums r' s' e' in
      let t := Z.add a d in
      let q := tmax fine_one t in
      (Z.add (weigh w d) i, Z.add (weigh w t) m, Z.add (tmax q (weigh w q)) p)
  | _, _, _ => (0%Z, 0%Z, 0%Z) end.

Fixpoint count (r : list weight) : Z := match r with _ :: r' => Z.add 1 (count r') | [] => 0%Z end.

(** 1.7 10^38: beyond it some order may overflow. *)
Definition most : Z := shift_left 170000000000000000000000000000000000000 fine.
Definition most_roundings : Z := 4194304%Z.    (* 2^22 *)
Definition lost : nat := 126.

(** At least the error of a row; nothing where it may overflow. *)
Definition row_bound (rb : row) (s e : list Z) : option Z :=
  let '(i, m0, p) := row_sums (fst rb) s e in
  let k := count (fst rb) in
  let n := Z.add k 3 in
  let m := Z.add m0 (weigh (snd rb) fine_one) in
  if Z.ltb n most_roundings && Z.leb m most && Z.leb p most then
    Some (Z.add i (Z.add (shift_up (Z.add (Z.mul 8 p) (Z.mul (Z.add (Z.mul 2 k) 3) fine_one)) lost)
                         (Z.opp (Z.div (Z.opp (Z.mul (Z.mul m n) 10000001)) (Z.mul 10000000 (Z.sub 16777216 n))))))
  else None.

Fixpoint layer_bounds (L : layer) (s e : list Z) : option (list Z) :=
  match L with
  | [] => Some []
  | rb :: L' => match row_bound rb s e, layer_bounds L' s e with Some d, Some r => Some (d :: r) | _, _ => None end end.

(** Sizes and errors of the values of ReLUs, from bounds of what they read and what that is off by. *)
Fixpoint rectify (b : list interval) (d : list Z) : list Z * list Z :=
  match b, d with
  | x :: b', c :: d' =>
      let '(s, e) := rectify b' d' in
      let top := refined (snd x) in
      (tmax top 0 :: s, (if Z.leb (Z.add top c) 0 then 0%Z else Z.add c 1) :: e)
  | _, _ => ([], []) end.

(** What the outputs are off by at most, where the bounds st of pre-activations hold. *)
Fixpoint output_errors (hs : list layer) (out : layer) (st : list (list interval)) (s e : list Z) : option (list Z) :=
  match hs, st with
  | [], _ => layer_bounds out s e
  | L :: hs', b :: st' =>
      match layer_bounds L s e with
      | Some d => let '(s', e') := rectify b d in output_errors hs' out st' s' e'
      | None => None end
  | _, _ => None end.

Definition execution_errors (hs : list layer) (out : layer) (bx : list interval) (st : list (list interval)) : option (list Z) :=
  output_errors hs out st (map (fun b => refined (tmax (Z.opp (fst b)) (snd b))) bx) (map (fun _ => 0%Z) bx).

(** At least |c| . e, in multiples of 2^-88. *)
Fixpoint allowance (c e : list Z) : Z := match c, e with x :: c', d :: e' => Z.add (Z.mul (magnitude x) d) (allowance c' e') | _, _ => 0%Z end.

(** Whether linear bounds prove claim i for every float32 execution. *)
Definition proves_executed (hs : list layer) (out : layer) (sp : list claim) (bx : list interval) (st : list (list interval)) (i : nat) (cs : advice) : bool :=
  match nth_error sp i with
  | Some s => match lower_bound hs out bx st cs (fst s), execution_errors hs out bx st with
      | Some v, Some e => Z.leb (Z.add (snd s) (shift_up (allowance (fst s) e) fine)) v | _, _ => false end
  | None => false end.

(** Bounds of outputs that are off by e. *)
Fixpoint widened (b : list interval) (e : list Z) : list interval :=
  match b, e with x :: b', d :: e' => let w := shift_up d finer_than in (Z.sub (fst x) w, Z.add (snd x) w) :: widened b' e' | _, _ => [] end.

(** Whether the distribution that every execution gives at every input of a part is within c of the reference. *)
Definition near_executed (hs : list layer) (out : layer) (n : nat) (k : link) (c : Z) (r : list interval)
                (bx : list interval) (st : list (list interval)) (i : nat) (cs : advice) : bool :=
  match output_bounds hs bx st cs out, execution_errors hs out bx st with
  | Some b, Some e => match parameter_bounds n k (widened b e) with Some q => Z.leb 0 c && Z.leb (square_apart q r) (Z.mul c c) | None => false end
  | _, _ => false end.
