(* Directed arithmetic: what the checker computes with, and what each operation promises about the exact values in a ring. *)
From Certify.Checker Require Import Rings.

(** W: weights; T: values and coefficients; A: accumulators. wv, tv, av: the exact value of each. *)
Module Type DirectedArithmetic (O : RingWithOrder).
  Import O.
  Parameters W T A : Type.
  Parameters (wv : W -> K) (tv : T -> K) (av : A -> K).
  Parameter wneg : W -> bool.
  Parameter wneg_spec : forall w, if wneg w then kle (wv w) k0 else kle k0 (wv w).
  Parameter t0 : T.
  Parameter t0_spec : tv t0 = k0.
  Parameter t1 : T.
  Parameter t1_spec : tv t1 = k1.
  Parameter tleb : T -> T -> bool.
  Parameter tleb_spec : forall a b, tleb a b = true <-> kle (tv a) (tv b).
  Parameters tadd tsub : T -> T -> T.
  Parameter tadd_spec : forall a b, tv (tadd a b) = kadd (tv a) (tv b).
  Parameter tsub_spec : forall a b, tv (tsub a b) = ksub (tv a) (tv b).
  Parameter tmul_dn : T -> T -> T.
  Parameter tmul_dn_spec : forall a b, kle (tv (tmul_dn a b)) (kmul (tv a) (tv b)).
  (** Near a * b / c: for advice only, so that nothing is promised. *)
  Parameter tratio : T -> T -> T -> T.
  Parameter a0 : A.
  Parameter a0_spec : av a0 = k0.
  Parameters aw_dn aw_up : W -> A.
  Parameter aw_dn_spec : forall w, kle (av (aw_dn w)) (wv w).
  Parameter aw_up_spec : forall w, kle (wv w) (av (aw_up w)).
  Parameters mac_dn mac_up : A -> W -> T -> A.
  Parameter mac_dn_spec : forall a w t, kle (av (mac_dn a w t)) (kadd (av a) (kmul (wv w) (tv t))).
  Parameter mac_up_spec : forall a w t, kle (kadd (av a) (kmul (wv w) (tv t))) (av (mac_up a w t)).
  Parameter at_dn : A -> T -> A.
  Parameter at_dn_spec : forall a t, kle (av (at_dn a t)) (kadd (av a) (tv t)).
  Parameters dn up : A -> T.
  Parameter dn_spec : forall a, kle (tv (dn a)) (av a).
  Parameter up_spec : forall a, kle (av a) (tv (up a)).
End DirectedArithmetic.
