(* Writes the checker as OCaml (make extraction); the integers of Coq become those of Zarith, and nat becomes int, and the innermost operation
   and comparisons run on machine integers where they suffice (ocaml/words.ml). *)
From Coq Require Import ZArith Extraction ExtrOcamlBasic ExtrOcamlNatInt.
From Certify.Checker Require Import Specialized GaussianHeads ExecutionBounds.
Extract Inductive positive => "Zz.t" [ "(fun p -> Zz.succ (Zz.shift_left p 1))" "(fun p -> Zz.shift_left p 1)" "Zz.one" ]
 "(fun fI fO fH p -> if Zz.equal p Zz.one then fH () else if Zz.testbit p 0 then fI (Zz.shift_right p 1) else fO (Zz.shift_right p 1))".
Extract Inductive Z => "Zz.t" [ "Zz.zero" "(fun p -> p)" "Zz.neg" ]
 "(fun f0 fp fn z -> let s = Zz.sign z in if s = 0 then f0 () else if s > 0 then fp z else fn (Zz.neg z))".
Extract Inlined Constant Z.add => "Zz.add".
Extract Inlined Constant Z.sub => "Zz.sub".
Extract Inlined Constant Z.mul => "Zz.mul".
Extract Inlined Constant Z.opp => "Zz.neg".
Extract Inlined Constant Z.leb => "Words.leq".
Extract Inlined Constant Z.ltb => "Zz.lt".
Extract Inlined Constant Z.eqb => "Zz.equal".
Extract Inlined Constant Z.div => "(fun a b -> if Zz.sign b = 0 then Zz.zero else Zz.fdiv a b)".
Extract Inlined Constant shift_right => "Words.shift_right".
Extract Inlined Constant shift_left => "Zz.shift_left".
Extract Inlined Constant mac_dn => "Words.mac_dn".
Extract Inlined Constant mac_up => "Words.mac_up".
Extract Inlined Constant is0 => "Words.is_zero".
Extract Inlined Constant Nat.sub => "(fun (n : int) (m : int) -> if n > m then n - m else 0)".
Extract Inlined Constant Nat.leb => "(fun (n : int) (m : int) -> n <= m)".
Extract Inlined Constant Nat.ltb => "(fun (n : int) (m : int) -> n < m)".
Extraction "checker.ml" precision whole divide_task walk_task proves lower_bound near reference output_bounds parameter_bounds square_apart proves_executed near_executed execution_errors allowance widened.
