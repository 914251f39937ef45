(* The checker with its arithmetic written out by computation, for extraction: certify_integers is certify over the rational numbers. *)
From Coq Require Import ZArith List.
From Certify.Checker Require Import Instances.
Module C := OverRationals.
Module M := RationalArithmetic.

Ltac specialized t := let r := eval cbv beta iota zeta delta [
  C.certify C.check C.tighten C.bound_at C.set_lo C.set_hi C.zip_with C.meet C.update C.lower_bound C.concretize C.product_below C.backward
  C.affine_back C.coefficients_below C.coefficients_above C.bias_below C.coefficients C.axpy C.is0 C.relu_steps C.no_slopes C.relu_step C.clamp
  C.interval_preactivations C.interval_relu C.tmin C.tmax C.interval_affine C.interval_row C.dot_above C.dot_below
  M.W M.T M.A M.wneg M.t0 M.t1 M.tleb M.tadd M.tsub M.tmul_dn M.a0 M.rescale_down M.rescale_up M.aw_dn M.aw_up M.mac_dn M.mac_up M.at_dn M.dn M.up
  M.S.shr M.S.shl M.S.shru] in t in exact r.

(** Whether the tree proves some claim for every input of the box. Weights (m, e) mean m 2^-e; every other number k means k 2^-30. *)
Definition certify_integers := ltac:(specialized C.certify).

(** What it accepts holds for the exact output of every input of the box. *)
Theorem certify_integers_sound : forall hs out sp bx t, certify_integers hs out sp bx t = true ->
  forall x, C.in_box x bx -> C.some_holds sp (C.network hs out x).
Proof. exact C.certify_sound. Qed.
