(* The backward pass of linear bounds (CROWN: Zhang et al. 2018; free slopes: Xu et al. 2021; multipliers of splits: Wang et al. 2021)
   in directed arithmetic: the operations. Slopes and multipliers are advice: they are clamped to what is sound. LinearLaws.v proves it. *)
From Coq Require Import List Bool Arith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic Evidence Networks IntervalBounds.
Import ListNotations.

Module LinearBounds (O : RingWithOrder) (AR : DirectedArithmetic O).
Include IntervalBounds O AR.
Import O AR.
Local Open Scope k_scope.

Definition slopes := Evidence.slopes T.

(** x moved into [lo, hi]. *)
Definition clamp lo hi x := if tleb lo x then (if tleb x hi then x else hi) else lo.

(** (d, k) with lam relu z >= d z + k for every z in the interval b. The multiplier counts only where the sign of z is known. Where slopes are missing,
    0 or 1 below the ReLU, whichever leaves less area, and that of the chord above it. *)
Definition relu_step (lam : T) (b : interval) (c : slopes) : T * T :=
  let '(al, s, mu) := c in
  if tleb (snd b) t0 then (tmax mu t0, t0)
  else if tleb t0 (fst b) then (tadd lam (tmin mu t0), t0)
  else if tleb t0 lam then
    (match al with Some al => clamp t0 lam (tmul_dn al lam) | None => if tleb t0 (tadd (fst b) (snd b)) then lam else t0 end, t0)
  else
    let c0 := clamp lam t0 (match s with Some s => tmul_dn s lam | None => tratio lam (snd b) (tsub (snd b) (fst b)) end) in
    (c0, tmin (tmul_dn (tsub lam c0) (snd b)) (tmul_dn (tsub t0 c0) (fst b))).

(** a . x in the ring. *)
Fixpoint kdot (a x : list K) : K :=
  match a, x with p :: a', q :: x' => p * q + kdot a' x' | _, _ => 0 end.

(** a . x for coefficients of the arithmetic. *)
Definition tdot (a : list T) (x : list K) : K := kdot (map tv a) x.

(** No advice. *)
Definition no_slopes : slopes := (None, None, t0).

(** All neurons of one layer. *)
Fixpoint relu_steps (k : A) (lam : list T) (b : list interval) (c : list slopes) : list T * A :=
  match lam, b with
  | x :: lam', bb :: b' =>
      let '(d, kk) := relu_step x bb (hd no_slopes c) in
      let '(ds, k') := relu_steps (at_dn k kk) lam' b' (tl c) in (d :: ds, k')
  | _, _ => ([], k) end.

(** The value is 0. *)
Definition is0 (t : T) := tleb t t0 && tleb t0 t.

(** Which inputs of a layer may differ from 0, by the bounds before their ReLUs: the coefficients of the others do not matter. *)
Definition alive (b : list interval) : list bool := map (fun bb => negb (tleb (snd bb) t0)) b.

(** acc + r d, each entry that is kept by mac. *)
Fixpoint axpy (mac : A -> W -> T -> A) (acc : list A) (keep : list bool) (r : list W) (d : T) : list A :=
  match acc, keep, r with
  | a :: acc', q :: keep', w :: r' => (if q then mac a w d else a) :: axpy mac acc' keep' r' d
  | _, _, _ => acc end.

(** acc + the transpose of the weights times d, each entry that is kept by mac; coefficients 0 are skipped. *)
Fixpoint coefficients (mac : A -> W -> T -> A) (acc : list A) (keep : list bool) (L : layer) (d : list T) : list A :=
  match L, d with
  | rb :: L', x :: d' => coefficients mac (if is0 x then acc else axpy mac acc keep (fst rb) x) keep L' d'
  | _, _ => acc end.

(** A lower bound of k + d . b. *)
Fixpoint bias_below (k : A) (L : layer) (d : list T) : A :=
  match L, d with rb :: L', x :: d' => bias_below (mac_dn k (snd rb) x) L' d' | _, _ => k end.

(** Coefficients of d . W h, rounded down. *)
Definition coefficients_below (keep : list bool) (L : layer) (d : list T) : list T :=
  map dn (coefficients mac_dn (map (fun _ => a0) keep) keep L d).

(** Coefficients of d . W h, rounded up. *)
Definition coefficients_above (keep : list bool) (L : layer) (d : list T) : list T :=
  map up (coefficients mac_up (map (fun _ => a0) keep) keep L d).

(** Backward through an affine map whose input is >= 0: rounding a coefficient down then is sound. *)
Definition affine_back (keep : list bool) (L : layer) (d : list T) (k : A) : list T * A := (coefficients_below keep L d, bias_below k L d).

(** Backward from c . y through the output and hidden layers whose input is >= 0. *)
Fixpoint backward (keep : list bool) (hs : list layer) (out : layer) (st : list (list interval)) (cs : list (list slopes)) (c : list T)
              : list T * A :=
  match hs, st with
  | L :: hs', b :: st' =>
      let '(lam, k) := backward (alive b) hs' out st' (tl cs) c in
      let '(d, k') := relu_steps k lam b (hd [] cs) in affine_back keep L d k'
  | _, _ => affine_back keep out c a0 end.

(** A lower bound of c x for c1 <= c <= c2 and x in b. *)
Definition product_below (c1 c2 : T) (b : interval) : T :=
  tmin (tmin (tmul_dn c1 (fst b)) (tmul_dn c1 (snd b))) (tmin (tmul_dn c2 (fst b)) (tmul_dn c2 (snd b))).

(** The least value over the input box; inputs may be negative, so that coefficients are two-sided. *)
Fixpoint concretize (k : A) (c1 c2 : list T) (bx : list interval) : A :=
  match c1, c2, bx with
  | x :: c1', y :: c2', b :: bx' => concretize (at_dn k (product_below x y b)) c1' c2' bx'
  | _, _, _ => k end.

(** A lower bound of c . net(x) over the box, where the bounds st hold. *)
Definition lower_bound (hs : list layer) (out : layer) (bx : list interval) (st : list (list interval))
                 (cs : list (list slopes)) (c : list T) : option T :=
  match hs, st with
  | L :: hs', b :: st' =>
      let '(lam, k) := backward (alive b) hs' out st' (tl cs) c in
      let '(d, k') := relu_steps k lam b (hd [] cs) in
      let every := map (fun _ => true) bx in
      Some (dn (concretize (bias_below k' L d) (coefficients_below every L d) (coefficients_above every L d) bx))
  | _, _ => None end.

End LinearBounds.
