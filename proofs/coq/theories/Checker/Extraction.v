(* Writes the checker as OCaml (make extraction); the integers of Coq become those of Zarith, and nat becomes int. *)
From Coq Require Import ZArith Extraction ExtrOcamlBasic ExtrOcamlNatInt.
From Certify.Checker Require Import Specialized.
Extract Inductive positive => "Zz.t" [ "(fun p -> Zz.succ (Zz.shift_left p 1))" "(fun p -> Zz.shift_left p 1)" "Zz.one" ]
 "(fun fI fO fH p -> if Zz.equal p Zz.one then fH () else if Zz.testbit p 0 then fI (Zz.shift_right p 1) else fO (Zz.shift_right p 1))".
Extract Inductive Z => "Zz.t" [ "Zz.zero" "(fun p -> p)" "Zz.neg" ]
 "(fun f0 fp fn z -> let s = Zz.sign z in if s = 0 then f0 () else if s > 0 then fp z else fn (Zz.neg z))".
Extract Constant Z.add => "Zz.add".
Extract Constant Z.sub => "Zz.sub".
Extract Constant Z.mul => "Zz.mul".
Extract Constant Z.opp => "Zz.neg".
Extract Constant Z.abs => "Zz.abs".
Extract Constant Z.leb => "Zz.leq".
Extract Constant Z.ltb => "Zz.lt".
Extract Constant Z.shiftr => "(fun a n -> Zz.shift_right a (Zz.to_int n))".
Extract Constant Z.shiftl => "(fun a n -> Zz.shift_left a (Zz.to_int n))".
Extract Constant Z.log2 => "(fun a -> if Zz.sign a <= 0 then Zz.zero else Zz.of_int (Zz.numbits a - 1))".
Extract Constant Z.of_nat => "Zz.of_int".
Extract Constant Z.to_nat => "Zz.to_int".
Extract Constant Nat.add => "(+)".
Extract Constant Nat.sub => "(fun n m -> if n > m then n - m else 0)".
Extract Constant Nat.leb => "((<=) : int -> int -> bool)".
Extract Constant Nat.ltb => "((<) : int -> int -> bool)".
Extract Constant Nat.eqb => "((=) : int -> int -> bool)".
Extract Constant Nat.min => "(fun (n:int) m -> if n < m then n else m)".
Extraction "checker.ml" certify_integers.
