(* The checker over the rational numbers written out for extraction, on integers: the functions of IntervalBounds.v, LinearBounds.v and Trees.v one
   by one, each proved equal to its original. Weights (m, e) mean m 2^-e, accumulators k mean k 2^-40, every other number k means k 2^-precision. *)
From Coq Require Import ZArith List Bool Lia.
From Certify.Checker Require Import Evidence Instances.
Import ListNotations.
Module C := OverRationals.
Module M := RationalArithmetic.

(** Numbers k mean k 2^-precision. *)
Definition precision : nat := 24.
Definition guard : nat := 16.

Definition shift_right (a : Z) (m : nat) : Z := Z.shiftr a (Z.of_nat m).
Definition shift_left (a : Z) (m : nat) : Z := Z.shiftl a (Z.of_nat m).
Definition shift_up (a : Z) (m : nat) : Z := Z.opp (shift_right (Z.opp a) m).
Definition weight := (Z * nat)%type.
Definition row := (list weight * weight)%type.
Definition layer := list row.
Definition interval := (Z * Z)%type.
Definition advice := list (list (slopes Z)).

Definition rescale_down (x : Z) (e : nat) : Z := if Nat.leb e guard then shift_left x (Nat.sub guard e) else shift_right x (Nat.sub e guard).
Definition rescale_up (x : Z) (e : nat) : Z := if Nat.leb e guard then shift_left x (Nat.sub guard e) else shift_up x (Nat.sub e guard).
Definition mac_dn (a : Z) (w : weight) (t : Z) : Z := let '(m, e) := w in Z.add a (rescale_down (Z.mul m t) e).
Definition mac_up (a : Z) (w : weight) (t : Z) : Z := let '(m, e) := w in Z.add a (rescale_up (Z.mul m t) e).
Definition start_dn (w : weight) : Z := let '(m, e) := w in rescale_down (shift_left m precision) e.
Definition start_up (w : weight) : Z := let '(m, e) := w in rescale_up (shift_left m precision) e.
Definition negative (w : weight) : bool := Z.ltb (fst w) 0.
Definition at_dn (a t : Z) : Z := Z.add a (shift_left t guard).
Definition dn (a : Z) : Z := shift_right a guard.
Definition up (a : Z) : Z := shift_up a guard.
Definition times (a b : Z) : Z := shift_right (Z.mul a b) precision.
Definition ratio (a b c : Z) : Z := Z.div (Z.mul a b) c.
Definition tmax a b := if Z.leb a b then b else a.
Definition tmin a b := if Z.leb a b then a else b.
Definition one : Z := shift_left 1 precision.

Lemma mac_dn_eq : forall a w t, mac_dn a w t = M.mac_dn a w t. Proof. intros a [m e] t. reflexivity. Qed.
Lemma mac_up_eq : forall a w t, mac_up a w t = M.mac_up a w t. Proof. intros a [m e] t. reflexivity. Qed.
Lemma start_dn_eq : forall w, start_dn w = M.aw_dn w. Proof. intros [m e]. reflexivity. Qed.
Lemma start_up_eq : forall w, start_up w = M.aw_up w. Proof. intros [m e]. reflexivity. Qed.

Fixpoint dot_below (acc : Z) (r : list weight) (bx : list interval) : Z :=
  match r, bx with
  | w :: r', (l, u) :: bx' => dot_below (mac_dn acc w (if negative w then u else l)) r' bx'
  | _, _ => acc end.

Fixpoint dot_above (acc : Z) (r : list weight) (bx : list interval) : Z :=
  match r, bx with
  | w :: r', (l, u) :: bx' => dot_above (mac_up acc w (if negative w then l else u)) r' bx'
  | _, _ => acc end.

Lemma dot_below_eq : forall r acc bx, dot_below acc r bx = C.dot_below acc r bx.
Proof.
  induction r as [|w r IH]; intros acc [|[l u] bx]; simpl; auto. rewrite IH, mac_dn_eq. f_equal.
  change (M.wneg w) with (negative w). destruct (negative w); reflexivity.
Qed.

Lemma dot_above_eq : forall r acc bx, dot_above acc r bx = C.dot_above acc r bx.
Proof.
  induction r as [|w r IH]; intros acc [|[l u] bx]; simpl; auto. rewrite IH, mac_up_eq. f_equal.
  change (M.wneg w) with (negative w). destruct (negative w); reflexivity.
Qed.

Fixpoint interval_affine (L : layer) (bx : list interval) : list interval :=
  match L with
  | (r, b) :: L' => (dn (dot_below (start_dn b) r bx), up (dot_above (start_up b) r bx)) :: interval_affine L' bx
  | [] => [] end.

Lemma interval_affine_eq : forall bx L, interval_affine L bx = C.interval_affine L bx.
Proof.
  intros bx. induction L as [|[r b] L IH]; simpl; auto. rewrite IH, dot_below_eq, dot_above_eq, start_dn_eq, start_up_eq. reflexivity.
Qed.

Fixpoint interval_relu (b : list interval) : list interval :=
  match b with (l, u) :: b' => (tmax l 0, tmax u 0) :: interval_relu b' | [] => [] end.

Lemma interval_relu_eq : forall b, interval_relu b = map C.interval_relu b.
Proof. induction b as [|[l u] b IH]; simpl; auto. rewrite IH. reflexivity. Qed.

Fixpoint interval_preactivations (hs : list layer) (bx : list interval) : list (list interval) :=
  match hs with [] => [] | L :: hs' => let z := interval_affine L bx in z :: interval_preactivations hs' (interval_relu z) end.

Lemma interval_preactivations_eq : forall hs bx, interval_preactivations hs bx = C.interval_preactivations hs bx.
Proof. induction hs as [|L hs IH]; intros; simpl; auto. rewrite IH, interval_relu_eq, interval_affine_eq. reflexivity. Qed.

Definition is0 (t : Z) : bool := Z.eqb t 0.

Lemma is0_eq : forall t, is0 t = C.is0 t.
Proof.
  intros t. unfold is0. change (C.is0 t) with (Z.leb t 0 && Z.leb 0 t). destruct (Z.eqb_spec t 0), (Z.leb_spec t 0), (Z.leb_spec 0 t); auto; exfalso; lia.
Qed.

Definition clamp (lo hi x : Z) : Z := if Z.leb lo x then (if Z.leb x hi then x else hi) else lo.

Definition relu_step (lam : Z) (b : interval) (c : slopes Z) : Z * Z :=
  let '(al, s, mu) := c in
  let '(l, u) := b in
  if Z.leb u 0 then (tmax mu 0, 0%Z)
  else if Z.leb 0 l then (Z.add lam (tmin mu 0), 0%Z)
  else if Z.leb 0 lam then
    (match al with Some al => clamp 0 lam (times al lam) | None => if Z.leb 0 (Z.add l u) then lam else 0%Z end, 0%Z)
  else
    let c0 := clamp lam 0 (match s with Some s => times s lam | None => ratio lam u (Z.sub u l) end) in
    (c0, tmin (times (Z.sub lam c0) u) (times (Z.sub 0 c0) l)).

Lemma relu_step_eq : forall lam b c, relu_step lam b c = C.relu_step lam b c.
Proof. intros lam [l u] [[al s] mu]. reflexivity. Qed.

Local Arguments relu_step : simpl never.
Local Arguments C.relu_step : simpl never.
Local Arguments M.at_dn : simpl never.

Definition no_slopes : slopes Z := (None, None, 0%Z).

Fixpoint relu_steps (k : Z) (lam : list Z) (b : list interval) (c : list (slopes Z)) : list Z * Z :=
  match lam, b with
  | x :: lam', bb :: b' =>
      let '(d, kk) := match c with h :: _ => relu_step x bb h | [] => relu_step x bb no_slopes end in
      let '(ds, k') := relu_steps (if is0 kk then k else at_dn k kk) lam' b' (tl c) in (d :: ds, k')
  | _, _ => ([], k) end.

Lemma at_dn_0 : forall k kk, (if is0 kk then k else at_dn k kk) = M.at_dn k kk.
Proof.
  intros. destruct (is0 kk) eqn:E; [|reflexivity]. apply Z.eqb_eq in E. subst. unfold M.at_dn, M.S.shl. rewrite Z.shiftl_0_l. symmetry. apply Z.add_0_r.
Qed.

Lemma relu_steps_eq : forall lam k b c, relu_steps k lam b c = C.relu_steps k lam b c.
Proof.
  induction lam as [|x lam IH]; intros k [|bb b] c; simpl; auto.
  destruct c as [|h c]; simpl; rewrite relu_step_eq; destruct (C.relu_step x bb _); rewrite at_dn_0, IH; reflexivity.
Qed.

Definition alive (b : list interval) : list bool := map (fun bb => negb (Z.leb (snd bb) 0)) b.

Fixpoint axpy_dn (acc : list Z) (keep : list bool) (r : list weight) (d : Z) : list Z :=
  match acc, keep, r with
  | a :: acc', q :: keep', w :: r' => (if q then mac_dn a w d else a) :: axpy_dn acc' keep' r' d
  | _, _, _ => acc end.

Fixpoint axpy_up (acc : list Z) (keep : list bool) (r : list weight) (d : Z) : list Z :=
  match acc, keep, r with
  | a :: acc', q :: keep', w :: r' => (if q then mac_up a w d else a) :: axpy_up acc' keep' r' d
  | _, _, _ => acc end.

Lemma axpy_dn_eq : forall d acc keep r, axpy_dn acc keep r d = C.axpy M.mac_dn acc keep r d.
Proof. intros d. induction acc as [|a acc IH]; intros [|q keep] [|w r]; simpl; auto. rewrite IH, mac_dn_eq. reflexivity. Qed.

Lemma axpy_up_eq : forall d acc keep r, axpy_up acc keep r d = C.axpy M.mac_up acc keep r d.
Proof. intros d. induction acc as [|a acc IH]; intros [|q keep] [|w r]; simpl; auto. rewrite IH, mac_up_eq. reflexivity. Qed.

(** Four rows in one pass. *)
Fixpoint axpy4_dn (acc : list Z) (keep : list bool) (r1 r2 r3 r4 : list weight) (d1 d2 d3 d4 : Z) : list Z :=
  match acc, keep, r1, r2, r3, r4 with
  | a :: acc', q :: keep', w1 :: r1', w2 :: r2', w3 :: r3', w4 :: r4' =>
      (if q then mac_dn (mac_dn (mac_dn (mac_dn a w1 d1) w2 d2) w3 d3) w4 d4 else a) :: axpy4_dn acc' keep' r1' r2' r3' r4' d1 d2 d3 d4
  | _, _, _, _, _, _ => axpy_dn (axpy_dn (axpy_dn (axpy_dn acc keep r1 d1) keep r2 d2) keep r3 d3) keep r4 d4 end.

Lemma axpy4_dn_eq : forall d1 d2 d3 d4 acc keep r1 r2 r3 r4,
  axpy4_dn acc keep r1 r2 r3 r4 d1 d2 d3 d4 = axpy_dn (axpy_dn (axpy_dn (axpy_dn acc keep r1 d1) keep r2 d2) keep r3 d3) keep r4 d4.
Proof.
  intros d1 d2 d3 d4. induction acc as [|a acc IH]; intros keep r1 r2 r3 r4; [reflexivity|].
  destruct keep as [|q keep]; [reflexivity|]. destruct r1 as [|w1 r1]; [reflexivity|]. destruct r2 as [|w2 r2]; [reflexivity|].
  destruct r3 as [|w3 r3]; [reflexivity|]. destruct r4 as [|w4 r4]; [reflexivity|].
  cbn [axpy4_dn axpy_dn]. rewrite IH. destruct q; reflexivity.
Qed.

(** The rows whose coefficient is not 0. *)
Fixpoint live (L : layer) (d : list Z) : list (list weight * Z) :=
  match L, d with (r, _) :: L', x :: d' => if is0 x then live L' d' else (r, x) :: live L' d' | _, _ => [] end.

Fixpoint axpys_dn (acc : list Z) (keep : list bool) (l : list (list weight * Z)) : list Z :=
  match l with
  | (r1, x1) :: (r2, x2) :: (r3, x3) :: (r4, x4) :: l' => axpys_dn (axpy4_dn acc keep r1 r2 r3 r4 x1 x2 x3 x4) keep l'
  | (r, x) :: l' => axpys_dn (axpy_dn acc keep r x) keep l'
  | [] => acc end.

Lemma axpys_dn_eq : forall keep l acc, axpys_dn acc keep l = fold_left (fun a rx => axpy_dn a keep (fst rx) (snd rx)) l acc.
Proof.
  intros keep. fix IH 1. intros [|[r1 x1] [|[r2 x2] [|[r3 x3] [|[r4 x4] l]]]] acc; try reflexivity.
  cbn [axpys_dn fold_left fst snd]. rewrite axpy4_dn_eq. apply IH.
Qed.

Definition coefficients_dn (acc : list Z) (keep : list bool) (L : layer) (d : list Z) : list Z := axpys_dn acc keep (live L d).

Fixpoint coefficients_up (acc : list Z) (keep : list bool) (L : layer) (d : list Z) : list Z :=
  match L, d with
  | (r, _) :: L', x :: d' => coefficients_up (if is0 x then acc else axpy_up acc keep r x) keep L' d'
  | _, _ => acc end.

Lemma coefficients_dn_eq : forall keep L acc d, coefficients_dn acc keep L d = C.coefficients M.mac_dn acc keep L d.
Proof.
  intros keep L acc d. unfold coefficients_dn. rewrite axpys_dn_eq. revert acc d.
  induction L as [|[r b] L IH]; intros acc [|x d]; try reflexivity. simpl. rewrite <- is0_eq.
  destruct (is0 x); simpl; rewrite IH, ?axpy_dn_eq; reflexivity.
Qed.

Lemma coefficients_up_eq : forall keep L acc d, coefficients_up acc keep L d = C.coefficients M.mac_up acc keep L d.
Proof. intros keep. induction L as [|[r b] L IH]; intros acc [|x d]; simpl; auto. rewrite IH, is0_eq, axpy_up_eq. reflexivity. Qed.

Fixpoint all_dn (l : list Z) : list Z := match l with a :: l' => dn a :: all_dn l' | [] => [] end.
Fixpoint zeros (keep : list bool) : list Z := match keep with _ :: keep' => 0%Z :: zeros keep' | [] => [] end.

Lemma all_dn_eq : forall l, all_dn l = map dn l.
Proof. induction l; simpl; congruence. Qed.

Lemma zeros_eq : forall keep, zeros keep = map (fun _ => 0%Z) keep.
Proof. induction keep; simpl; congruence. Qed.

Definition coefficients_below (keep : list bool) (L : layer) (d : list Z) : list Z := all_dn (coefficients_dn (zeros keep) keep L d).
Definition coefficients_above (keep : list bool) (L : layer) (d : list Z) : list Z := map up (coefficients_up (map (fun _ => 0%Z) keep) keep L d).

Lemma coefficients_below_eq : forall keep L d, coefficients_below keep L d = C.coefficients_below keep L d.
Proof. intros. unfold coefficients_below. rewrite all_dn_eq, zeros_eq, coefficients_dn_eq. reflexivity. Qed.

Lemma coefficients_above_eq : forall keep L d, coefficients_above keep L d = C.coefficients_above keep L d.
Proof. intros. unfold coefficients_above. rewrite coefficients_up_eq. reflexivity. Qed.

Fixpoint bias_below (k : Z) (L : layer) (d : list Z) : Z :=
  match L, d with (_, b) :: L', x :: d' => bias_below (if is0 x then k else mac_dn k b x) L' d' | _, _ => k end.

Lemma mac_dn_0 : forall a w, M.mac_dn a w 0%Z = a.
Proof.
  intros a [m e]. unfold M.mac_dn, M.rescale_down, M.S.shl, M.S.shr. cbn [fst snd]. rewrite Z.mul_0_r.
  destruct (Nat.leb _ _); [rewrite Z.shiftl_0_l|rewrite Z.shiftr_0_l]; apply Z.add_0_r.
Qed.

Lemma bias_below_eq : forall L k d, bias_below k L d = C.bias_below k L d.
Proof.
  induction L as [|[r b] L IH]; intros k [|x d]; simpl; auto. rewrite IH, mac_dn_eq. destruct (is0 x) eqn:E; auto.
  apply Z.eqb_eq in E. subst. rewrite mac_dn_0. reflexivity.
Qed.

Fixpoint backward (keep : list bool) (hs : list layer) (out : layer) (st : list (list interval)) (cs : advice) (c : list Z) : list Z * Z :=
  match hs, st with
  | L :: hs', b :: st' =>
      let '(lam, k) := backward (alive b) hs' out st' (tl cs) c in
      let '(d, k') := relu_steps k lam b (hd [] cs) in (coefficients_below keep L d, bias_below k' L d)
  | _, _ => (coefficients_below keep out c, bias_below 0 out c) end.

Lemma backward_eq : forall c out hs keep st cs, backward keep hs out st cs c = C.backward keep hs out st cs c.
Proof.
  intros c out. induction hs as [|L hs IH]; intros keep st cs.
  - destruct st; simpl; rewrite coefficients_below_eq, bias_below_eq; reflexivity.
  - destruct st as [|b st]; simpl backward; [rewrite coefficients_below_eq, bias_below_eq; reflexivity|].
    transitivity (let '(lam, k) := backward (alive b) hs out st (tl cs) c in
      let '(d, k') := relu_steps k lam b (hd [] cs) in (C.coefficients_below keep L d, C.bias_below k' L d)).
    + destruct (backward (alive b) hs out st (tl cs) c), (relu_steps _ _ _ _). rewrite coefficients_below_eq, bias_below_eq. reflexivity.
    + rewrite IH. destruct (C.backward (alive b) hs out st (tl cs) c) as [lam k] eqn:E. rewrite relu_steps_eq.
      destruct (C.relu_steps k lam b (hd [] cs)) as [d k'] eqn:F. simpl C.backward. change (C.alive b) with (alive b).
      pose proof (eq_trans (eq_refl : C.backward (alive b) hs out st (@tl (list C.slopes) cs) c = _) E) as E'. rewrite E'.
      pose proof (eq_trans (eq_refl : C.relu_steps k lam b (@hd (list C.slopes) [] cs) = _) F) as F'. rewrite F'. reflexivity.
Qed.

Definition product_below (c1 c2 : Z) (b : interval) : Z :=
  let '(l, u) := b in tmin (tmin (times c1 l) (times c1 u)) (tmin (times c2 l) (times c2 u)).

Fixpoint concretize (k : Z) (c1 c2 : list Z) (bx : list interval) : Z :=
  match c1, c2, bx with
  | x :: c1', y :: c2', b :: bx' => concretize (at_dn k (product_below x y b)) c1' c2' bx'
  | _, _, _ => k end.

Lemma concretize_eq : forall c1 k c2 bx, concretize k c1 c2 bx = C.concretize k c1 c2 bx.
Proof. induction c1 as [|x c1 IH]; intros k [|y c2] [|[l u] bx]; simpl; rewrite ?IH; reflexivity. Qed.

Definition lower_bound (hs : list layer) (out : layer) (bx : list interval) (st : list (list interval)) (cs : advice) (c : list Z) : option Z :=
  match hs, st with
  | L :: hs', b :: st' =>
      let '(lam, k) := backward (alive b) hs' out st' (tl cs) c in
      let '(d, k') := relu_steps k lam b (hd [] cs) in
      let every := map (fun _ => true) bx in
      Some (dn (concretize (bias_below k' L d) (coefficients_below every L d) (coefficients_above every L d) bx))
  | _, _ => None end.

Lemma lower_bound_eq : forall hs out bx st cs c, lower_bound hs out bx st cs c = C.lower_bound hs out bx st cs c.
Proof.
  intros [|L hs] out bx [|b st] cs c; try reflexivity. unfold lower_bound, C.lower_bound. rewrite backward_eq.
  destruct (C.backward (alive b) hs out st (tl cs) c) as [lam k] eqn:E. rewrite relu_steps_eq.
  destruct (C.relu_steps k lam b (hd [] cs)) as [d k'] eqn:F. change (C.alive b) with (alive b).
  pose proof (eq_trans (eq_refl : C.backward (alive b) hs out st (@tl (list C.slopes) cs) c = _) E) as E'. rewrite E'.
  pose proof (eq_trans (eq_refl : C.relu_steps k lam b (@hd (list C.slopes) [] cs) = _) F) as F'. rewrite F'.
  rewrite coefficients_below_eq, coefficients_above_eq, bias_below_eq, concretize_eq. reflexivity.
Qed.

Definition claim := (list Z * Z)%type.

Fixpoint update {X} (n : nat) (f : X -> X) (l : list X) : list X :=
  match l, n with [], _ => [] | x :: l', O => f x :: l' | x :: l', S n' => x :: update n' f l' end.

Definition meet (a b : interval) : interval := (tmax (fst a) (fst b), tmin (snd a) (snd b)).

Fixpoint meets (a b : list interval) : list interval :=
  match a, b with x :: a', y :: b' => meet x y :: meets a' b' | _, _ => [] end.

Definition set_hi (c : Z) (b : interval) : interval := (fst b, tmin (snd b) c).
Definition set_lo (c : Z) (b : interval) : interval := (tmax (fst b) c, snd b).

Lemma update_eq : forall X f l n, @update X n f l = C.update n f l.
Proof. intros X f. induction l as [|x l IH]; intros [|n]; simpl; rewrite ?IH; reflexivity. Qed.

Lemma update_ext : forall X (f g : X -> X) l n, (forall x, f x = g x) -> C.update n f l = C.update n g l.
Proof. intros X f g. induction l as [|x l IH]; intros [|n] H; simpl; auto; f_equal; auto. Qed.

Lemma meets_eq : forall a b, meets a b = C.zip_with C.meet a b.
Proof. induction a as [|x a IH]; intros [|y b]; simpl; rewrite ?IH; reflexivity. Qed.

Definition before (bx : list interval) (st : list (list interval)) (k : nat) : list interval :=
  match k with O => bx | S k' => interval_relu (nth k' st []) end.

Lemma before_eq : forall bx st k, before bx st k = C.before bx st k.
Proof. intros bx st [|k]; simpl; auto using interval_relu_eq. Qed.

Definition intervals (bx : list interval) (st : list (list interval)) (k : nat) (L : layer) : list (list interval) :=
  let b' := interval_affine L (before bx st k) in update k (fun b => meets b b') st.

Lemma intervals_eq : forall bx st k L,
  intervals bx st k L = C.update k (fun b => C.zip_with C.meet b (C.interval_affine L (C.before bx st k))) st.
Proof. intros. unfold intervals. rewrite update_eq, interval_affine_eq, before_eq. apply update_ext. intros. apply meets_eq. Qed.

Definition bound_at (st : list (list interval)) (k j : nat) : option interval :=
  match nth_error st k with Some b => nth_error b j | None => None end.

Definition tighten (hs : list layer) (bx : list interval) (st : list (list interval)) (k j : nat) (hi : bool) (cs : advice) : option (interval -> interval) :=
  match nth_error hs k with
  | Some L => match nth_error L j with
    | Some rb => match lower_bound (firstn k hs) [rb] bx st cs [if hi then Z.sub 0 one else one] with
       | Some v => Some (if hi then set_hi (Z.sub 0 v) else set_lo v) | None => None end
    | None => None end
  | None => None end.

Lemma tighten_eq : forall hs bx st k j hi cs, tighten hs bx st k j hi cs = C.tighten hs bx st k j hi cs.
Proof.
  intros. transitivity (match nth_error hs k with
  | Some L => match nth_error L j with
    | Some rb => match C.lower_bound (firstn k hs) [rb] bx st cs [if hi then Z.sub 0 one else one] with
       | Some v => Some (if hi then set_hi (Z.sub 0 v) else set_lo v) | None => None end
    | None => None end
  | None => None end); [|reflexivity].
  unfold tighten. destruct (nth_error hs k) as [L|]; auto. destruct (nth_error L j) as [rb|]; auto. rewrite lower_bound_eq. reflexivity.
Qed.

Fixpoint walk (leaf : list interval -> list (list interval) -> nat -> advice -> bool) (hs : list layer) (bx : list interval) (st : list (list interval)) (t : tree Z) : bool :=
  match t with
  | Leaf i cs => leaf bx st i cs
  | SplitIn i c l r => walk leaf hs (update i (set_hi c) bx) st l && walk leaf hs (update i (set_lo c) bx) st r
  | SplitRelu k j l r =>
      walk leaf hs bx (update k (update j (set_hi 0)) st) l && walk leaf hs bx (update k (update j (set_lo 0)) st) r
  | Interval k t => match nth_error hs k with Some L => walk leaf hs bx (intervals bx st k L) t | None => false end
  | Tighten k j hi cs t => match tighten hs bx st k j hi cs with
      | Some f => walk leaf hs bx (update k (update j f) st) t | None => false end
  | Empty k j => match bound_at st k j with
      | Some b => Nat.ltb k (length hs) && negb (Z.leb (fst b) (snd b)) | None => false end
  end.

Lemma update2_eq : forall X (f g : X -> X) k j st, (forall x, f x = g x) -> update k (update j f) st = C.update k (C.update j g) st.
Proof. intros. rewrite update_eq. apply update_ext. intros. rewrite update_eq. apply update_ext. auto. Qed.

Lemma walk_eq : forall f g, (forall bx st i cs, f bx st i cs = g bx st i cs) -> forall hs t bx st, walk f hs bx st t = C.walk g hs bx st t.
Proof.
  intros f g E hs. induction t as [i cs|i c l IHl r IHr|k j l IHl r IHr|k t IH|k j hi cs t IH|k j]; intros bx st.
  - simpl. apply E.
  - simpl. rewrite IHl, IHr, !update_eq. reflexivity.
  - simpl. rewrite IHl, IHr. rewrite !(update2_eq _ _ _ _ _ _ (fun x => eq_refl)). reflexivity.
  - transitivity (match nth_error hs k with Some L => C.walk g hs bx
      (C.update k (fun b => C.zip_with C.meet b (C.interval_affine L (C.before bx st k))) st) t | None => false end); [|reflexivity].
    simpl. destruct (nth_error hs k); auto. rewrite IH, intervals_eq. reflexivity.
  - simpl. rewrite tighten_eq. destruct (C.tighten hs bx st k j hi cs) as [h|]; [|reflexivity]. rewrite IH, (update2_eq interval h h k j st (fun x => eq_refl)). reflexivity.
  - reflexivity.
Qed.

(** Whether linear bounds prove claim i. *)
Definition proves (hs : list layer) (out : layer) (sp : list claim) (bx : list interval) (st : list (list interval)) (i : nat) (cs : advice) : bool :=
  match nth_error sp i with Some s =>
    match lower_bound hs out bx st cs (fst s) with Some v => Z.leb (snd s) v | None => false end | None => false end.

Lemma proves_eq : forall hs out sp bx st i cs, proves hs out sp bx st i cs = C.proves hs out sp bx st i cs.
Proof.
  intros. transitivity (match nth_error sp i with Some s =>
    match C.lower_bound hs out bx st cs (fst s) with Some v => Z.leb (snd s) v | None => false end | None => false end); [|reflexivity].
  unfold proves. destruct (nth_error sp i) as [s|]; auto. rewrite lower_bound_eq. reflexivity.
Qed.

Definition check (hs : list layer) (out : layer) (sp : list claim) : list interval -> list (list interval) -> tree Z -> bool := walk (proves hs out sp) hs.

Lemma check_eq : forall hs out sp t bx st, check hs out sp bx st t = C.check hs out sp bx st t.
Proof. intros. apply walk_eq. intros. apply proves_eq. Qed.

(** Whether the tree proves some claim for every input of the box. *)
Definition certify_integers (hs : list layer) (out : layer) (sp : list claim) (bx : list interval) (t : tree Z) : bool :=
  check hs out sp bx (interval_preactivations hs bx) t.

Lemma certify_integers_eq : forall hs out sp bx t, certify_integers hs out sp bx t = C.certify hs out sp bx t.
Proof. intros. unfold certify_integers. rewrite check_eq, interval_preactivations_eq. reflexivity. Qed.

(** What it accepts holds for the exact output of every input of the box. *)
Theorem certify_integers_sound : forall hs out sp bx t, certify_integers hs out sp bx t = true ->
  forall x, C.in_box x bx -> C.some_holds sp (C.network hs out x).
Proof. intros hs out sp bx t H. rewrite certify_integers_eq in H. exact (C.certify_sound _ _ _ _ _ H). Qed.

Definition task := (list interval * list (list interval) * tree Z)%type.

(** What is left of a task after at most n divisions along each path. *)
Fixpoint divide (hs : list layer) (n : nat) (bx : list interval) (st : list (list interval)) (t : tree Z) {struct t} : list task :=
  match t, n with
  | SplitIn i c l r, S n' => divide hs n' (update i (set_hi c) bx) st l ++ divide hs n' (update i (set_lo c) bx) st r
  | SplitRelu k j l r, S n' => divide hs n' bx (update k (update j (set_hi 0)) st) l ++ divide hs n' bx (update k (update j (set_lo 0)) st) r
  | Interval k t', S _ => match nth_error hs k with Some L => divide hs n bx (intervals bx st k L) t' | None => [(bx, st, t)] end
  | Tighten k j hi cs t', S _ => match tighten hs bx st k j hi cs with
      | Some f => divide hs n bx (update k (update j f) st) t' | None => [(bx, st, t)] end
  | _, _ => [(bx, st, t)] end.

Lemma divide_eq : forall hs t n bx st, divide hs n bx st t = C.divide hs n bx st t.
Proof.
  intros hs. induction t as [i cs|i c l IHl r IHr|k j l IHl r IHr|k t IH|k j hi cs t IH|k j]; intros [|n] bx st; try reflexivity.
  - simpl. rewrite IHl, IHr, !update_eq. reflexivity.
  - simpl. rewrite IHl, IHr. rewrite !(update2_eq _ _ _ _ _ _ (fun x => eq_refl)). reflexivity.
  - transitivity (match nth_error hs k with Some L => C.divide hs (S n) bx
      (C.update k (fun b => C.zip_with C.meet b (C.interval_affine L (C.before bx st k))) st) t | None => [(bx, st, Interval k t)] end); [|reflexivity].
    simpl. destruct (nth_error hs k); auto. rewrite IH, intervals_eq. reflexivity.
  - simpl. rewrite tighten_eq. destruct (C.tighten hs bx st k j hi cs) as [f|]; [|reflexivity]. rewrite IH, (update2_eq interval f f k j st (fun x => eq_refl)). reflexivity.
Qed.

(** Whether a task is done: all its leaves are accepted, or prove some claim. *)
Definition walk_task leaf (hs : list layer) (x : task) : bool := let '(bx, st, t) := x in walk leaf hs bx st t.
Definition check_task (hs : list layer) (out : layer) (sp : list claim) (x : task) : bool := walk_task (proves hs out sp) hs x.

(** The task that the whole tree is. *)
Definition whole (hs : list layer) (bx : list interval) (t : tree Z) : task := (bx, interval_preactivations hs bx, t).

(** The tasks of a task after at most n divisions along each path. *)
Definition divide_task (hs : list layer) (n : nat) (x : task) : list task := let '(bx, st, t) := x in divide hs n bx st t.

(** A task is done where the tasks of it are. *)
Theorem divide_sound : forall leaf hs n x, (forall y, In y (divide_task hs n x) -> walk_task leaf hs y = true) -> walk_task leaf hs x = true.
Proof.
  intros leaf hs n [[bx st] t] H. pose proof (walk_eq leaf leaf (fun _ _ _ _ => eq_refl) hs) as E. simpl in *. rewrite E.
  apply C.divide_walk with n. apply forallb_forall. intros [[bx' st'] t'] Hy. rewrite <- divide_eq in Hy. specialize (H _ Hy).
  simpl in *. rewrite <- E. exact H.
Qed.

(** Where the task that the whole tree is is done, whoever does its parts and in whatever order, some claim holds for the exact output of every input of the box. *)
Theorem whole_sound : forall hs out sp bx t, check_task hs out sp (whole hs bx t) = true ->
  forall x, C.in_box x bx -> C.some_holds sp (C.network hs out x).
Proof. intros hs out sp bx t H. exact (certify_integers_sound hs out sp bx t H). Qed.
