(* The checker over fixed-point arithmetic, its meaning over the rational (no axioms) and the real numbers. *)
From Certify.Checker Require Import Rings FixedPoint Dyadic TreeLaws.

(** Values are multiples of 2^-30, accumulators of 2^-40. *)
Module Thirty <: Precision.
  Definition p := 30.
  Definition q := 10.
End Thirty.

(** Values are multiples of 2^-24, accumulators of 2^-40: products with float32 weights mostly fit a machine word. *)
Module TwentyFour <: Precision.
  Definition p := 24.
  Definition q := 16.
End TwentyFour.

(** Weights are multiples of 2^-23. *)
Module TwentyThree <: Precision.
  Definition p := 30.
  Definition q := 23.
End TwentyThree.

Module RationalArithmetic := FixedPointFloatWeights RationalNumbers TwentyFour.
Module RealArithmetic := FixedPointFloatWeights RealNumbers TwentyFour.
Module IntegerArithmetic := FixedPoint RationalNumbers TwentyThree.
Module DyadicArithmetic := Dyadic RationalNumbers Thirty.

(** Weights m 2^-e (every float32), values in fixed point. *)
Module OverRationals := TreeLaws RationalNumbers RationalArithmetic.
Module OverReals := TreeLaws RealNumbers RealArithmetic.

(** Weights and values in fixed point. *)
Module WithIntegerWeights := TreeLaws RationalNumbers IntegerArithmetic.

(** Everything dyadic. *)
Module WithDyadics := TreeLaws RationalNumbers DyadicArithmetic.
