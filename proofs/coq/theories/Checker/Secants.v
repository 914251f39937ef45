(* Differences of a ReLU network's outputs: for any two inputs the network acts on their difference as a product of its matrices and of mean slopes of its ReLUs, each between 0 and 1, and 0 or 1 where a
   pre-activation keeps its sign. So a bound of all such products bounds the Lipschitz constant over a box: relu_secant_lipschitz. *)
From Coq Require Import Reals Lra Lia List.
From Certify.Checker Require Import Lipschitz.
Import ListNotations.
Open Scope R_scope.

(** The sizes of a network: every row of a layer has the length of what it reads. *)
Fixpoint fits (n : nat) (hs : list (list (list R * R))) (out : list (list R * R)) : Prop :=
  match hs with
  | [] => Forall (fun rb => length (fst rb) = n) out
  | L :: hs' => Forall (fun rb => length (fst rb) = n) L /\ fits (length L) hs' out end.

(** W v. *)
Definition linear (L : list (list R * R)) (v : list R) : list R := map (fun rb => dot (fst rb) v) L.

(** x - y. *)
Fixpoint difference (x y : list R) : list R := match x, y with a :: x', b :: y' => (a - b) :: difference x' y' | _, _ => [] end.

(** Coordinate by coordinate. *)
Fixpoint scaled (d v : list R) : list R := match d, v with a :: d', b :: v' => a * b :: scaled d' v' | _, _ => [] end.

(** W_L D_k W_k ... D_1 W_1 v. *)
Fixpoint chain_linear (hs : list (list (list R * R))) out (ds : list (list R)) (v : list R) : list R :=
  match hs, ds with L :: hs', d :: ds' => chain_linear hs' out ds' (scaled d (linear L v)) | _, _ => linear out v end.

(** A mean slope of ReLU over a range (l, u): between 0 and 1, 0 where the range is not above 0, 1 where it is not below. *)
Definition slope (b : R * R) (s : R) : Prop := 0 <= s <= 1 /\ (snd b <= 0 -> s = 0) /\ (0 <= fst b -> snd b > 0 -> s = 1).

(** A matrix of such slopes for every hidden layer. *)
Definition slopes (bs : list (list (R * R))) (ds : list (list R)) : Prop := Forall2 (Forall2 slope) bs ds.

(** The bounds bs hold for all pre-activations of the run from x. *)
Fixpoint runs_within (hs : list (list (list R * R))) (bs : list (list (R * R))) (x : list R) : Prop :=
  match hs, bs with
  | [], [] => True
  | L :: hs', b :: bs' => Forall2 (fun z r => fst r <= z <= snd r) (affine L x) b /\ runs_within hs' bs' (map relu (affine L x))
  | _, _ => False end.

(** The outputs. *)
Definition outputs hs out x := affine out (chain hs x).

(** |v_i| <= e. *)
Definition small (e : R) := Forall (fun v : R => Rabs v <= e).

Lemma dot_difference : forall r x y, length x = length r -> length y = length r -> dot r x - dot r y = dot r (difference x y).
Proof.
  induction r as [|w r IH]; intros [|a x] [|b y] Hx Hy; try discriminate; simpl; [ring|]. injection Hx as Hx. injection Hy as Hy. rewrite <- (IH x y Hx Hy). ring.
Qed.

Lemma affine_difference : forall n L x y, Forall (fun rb => length (fst rb) = n) L -> length x = n -> length y = n -> difference (affine L x) (affine L y) = linear L (difference x y).
Proof.
  intros n L x y H Hx Hy. induction H as [|rb L Hr H IH]; simpl; [reflexivity|]. rewrite IH. f_equal.
  rewrite <- dot_difference by congruence. ring.
Qed.

Lemma relu_secant : forall b z w, fst b <= z <= snd b -> fst b <= w <= snd b -> exists s, slope b s /\ relu z - relu w = s * (z - w).
Proof.
  intros [l u] z w Hz Hw. unfold slope, relu. simpl in *. destruct (Rle_or_lt u 0) as [U|U].
  - exists 0. rewrite !Rmax_right by lra. split; [|ring]. repeat split; lra.
  - destruct (Rle_or_lt 0 l) as [L|L].
    + exists 1. rewrite !Rmax_left by lra. split; [|ring]. repeat split; lra.
    + destruct (Req_dec z w) as [->|E]. { exists 0. split; [repeat split; lra|ring]. }
      exists ((Rmax z 0 - Rmax w 0) / (z - w)). split; [|field; lra]. split; [|lra].
      assert (M : forall a c, c < a -> 0 <= (Rmax a 0 - Rmax c 0) / (a - c) <= 1).
      { intros a c H. assert (I : 0 < / (a - c)) by (apply Rinv_0_lt_compat; lra). assert (J : 0 <= Rmax a 0 - Rmax c 0 <= a - c) by (unfold Rmax; destruct (Rle_dec a 0), (Rle_dec c 0); lra).
        split; [apply Rmult_le_pos; lra|]. apply Rle_trans with ((a - c) * / (a - c)); [apply Rmult_le_compat_r; lra|]. rewrite Rinv_r; lra. }
      destruct (Rlt_or_le w z) as [D|D]; [apply M; exact D|].
      replace ((Rmax z 0 - Rmax w 0) / (z - w)) with ((Rmax w 0 - Rmax z 0) / (w - z)) by (field; lra). apply M. lra.
Qed.

Lemma relus_secant : forall z b, Forall2 (fun z r => fst r <= z <= snd r) z b -> forall w, Forall2 (fun z r => fst r <= z <= snd r) w b ->
  exists d, Forall2 slope b d /\ difference (map relu z) (map relu w) = scaled d (difference z w).
Proof.
  induction 1 as [|z b zs bs Hz H IH]; intros w W; inversion W as [|w1 ? ws ? Hw Hws]; subst.
  - exists []. split; [constructor|reflexivity].
  - destruct (IH _ Hws) as (d & D & E). destruct (relu_secant b z w1 Hz Hw) as (s & S & F). exists (s :: d). split; [constructor; assumption|]. simpl. rewrite E, F. reflexivity.
Qed.

(** For inputs along whose runs the bounds hold there are such slopes with f(x) - f(y) = W_L D_k W_k ... D_1 W_1 (x - y). *)
Theorem relu_secant_slopes : forall hs out bs n x y, fits n hs out -> length x = n -> length y = n -> runs_within hs bs x -> runs_within hs bs y ->
  exists ds, slopes bs ds /\ difference (outputs hs out x) (outputs hs out y) = chain_linear hs out ds (difference x y).
Proof.
  unfold outputs. induction hs as [|L hs IH]; intros out [|b bs] n x y F Hx Hy Rx Ry; simpl in Rx, Ry; try contradiction.
  - exists []. split; [constructor|]. simpl. apply affine_difference with n; assumption.
  - destruct F as [FL F]. destruct Rx as [Bx Rx]. destruct Ry as [By Ry].
    destruct (IH out bs (length L) (map relu (affine L x)) (map relu (affine L y)) F) as (ds & D & E); try (unfold affine; rewrite !map_length; reflexivity); try assumption.
    destruct (relus_secant _ _ Bx _ By) as (d & Dd & Ed). exists (d :: ds). split; [constructor; assumption|].
    simpl. rewrite E, Ed, (affine_difference n) by assumption. reflexivity.
Qed.

(** r + c q. *)
Fixpoint plus (r : list R) (c : R) (q : list R) : list R := match r, q with a :: r', b :: q' => (a + c * b) :: plus r' c q' | _, _ => [] end.

(** The row r D W of n entries. *)
Fixpoint through (n : nat) (r d : list R) (L : list (list R * R)) : list R :=
  match r, d, L with a :: r', s :: d', rb :: L' => plus (through n r' d' L') (a * s) (fst rb) | _, _, _ => repeat 0 n end.

(** W_L D_k W_k ... D_1 W_1, row by row, for n inputs. *)
Fixpoint jacobian (n : nat) (hs : list (list (list R * R))) (out : list (list R * R)) (ds : list (list R)) : list (list R) :=
  match hs, ds with L :: hs', d :: ds' => map (fun r => through n r d L) (jacobian (length L) hs' out ds') | _, _ => map fst out end.

Lemma dot_zeros : forall n v, dot (repeat 0 n) v = 0.
Proof. induction n as [|n IH]; intros [|a v]; simpl; rewrite ?IH; ring. Qed.

Lemma plus_length : forall r c q, length q = length r -> length (plus r c q) = length r.
Proof. induction r as [|a r IH]; intros c [|b q] H; try discriminate; simpl; [reflexivity|]. injection H as H. rewrite IH by exact H. reflexivity. Qed.

Lemma dot_plus : forall r c q v, length q = length r -> dot (plus r c q) v = dot r v + c * dot q v.
Proof. induction r as [|a r IH]; intros c [|b q] [|x v] H; try discriminate; simpl; try ring. injection H as H. rewrite IH by exact H. ring. Qed.

Lemma through_sound : forall n L, Forall (fun rb => length (fst rb) = n) L -> forall r d v, length (through n r d L) = n /\ dot (through n r d L) v = dot r (scaled d (linear L v)).
Proof.
  intros n L H. induction H as [|rb L Hr H IH]; intros [|a r] [|s d] v; simpl; try (rewrite repeat_length, dot_zeros; split; reflexivity).
  destruct (IH r d v) as [E D]. rewrite plus_length, dot_plus by congruence. split; [exact E|]. rewrite D. ring.
Qed.

Lemma jacobian_sound : forall hs out ds n v, fits n hs out -> map (fun r => dot r v) (jacobian n hs out ds) = chain_linear hs out ds v.
Proof.
  induction hs as [|L hs IH]; intros out [|d ds] n v F; simpl; try (rewrite map_map; reflexivity).
  destruct F as [FL F]. rewrite <- (IH out ds (length L)) by exact F. rewrite map_map. apply map_ext. intro r. apply through_sound. exact FL.
Qed.

Lemma dot_small : forall r e v, 0 <= e -> small e v -> Rabs (dot r v) <= row_sum r * e.
Proof.
  induction r as [|w r IH]; intros e [|a v] He S; simpl; try (rewrite Rabs_R0); try lra.
  - pose proof (row_sum_nonnegative r). pose proof (Rabs_pos w). apply Rmult_le_pos; lra.
  - inversion S as [|? ? Ha Hv]; subst. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rmult_plus_distr_r, Rabs_mult. specialize (IH e v He Hv).
    pose proof (Rmult_le_compat_l (Rabs w) _ _ (Rabs_pos w) Ha). lra.
Qed.

(** If the absolute entries of every row of every such product, the Jacobian at some slopes, sum to at most k, then k is a Lipschitz constant in the largest norm over all inputs along whose runs
    the bounds hold. *)
Theorem relu_secant_lipschitz : forall hs out bs n k, fits n hs out -> (forall ds, slopes bs ds -> Forall (fun r => row_sum r <= k) (jacobian n hs out ds)) ->
  forall x y e, 0 <= e -> length x = n -> length y = n -> runs_within hs bs x -> runs_within hs bs y -> small e (difference x y) ->
  small (k * e) (difference (outputs hs out x) (outputs hs out y)).
Proof.
  intros hs out bs n k F K x y e He Hx Hy Rx Ry S. destruct (relu_secant_slopes hs out bs n x y F Hx Hy Rx Ry) as (ds & D & E).
  rewrite E, <- (jacobian_sound hs out ds n) by exact F. specialize (K ds D). induction K as [|r J Hr K IH]; simpl; constructor; [|exact IH].
  eapply Rle_trans; [apply dot_small; eassumption|]. apply Rmult_le_compat_r; assumption.
Qed.

(** The entries of a matrix lie between those of two others. *)
Definition enclosed (a : list (list (R * R))) (m : list (list R)) : Prop := Forall2 (Forall2 (fun b v => fst b <= v <= snd b)) a m.

(** So it is with intervals: if every such Jacobian lies in a matrix of intervals, the largest sum of magnitudes of a row is a Lipschitz constant. *)
Theorem relu_interval_lipschitz : forall hs out bs n k a, fits n hs out -> (forall ds, slopes bs ds -> enclosed a (jacobian n hs out ds)) ->
  Forall (fun row => fold_right (fun (b : R * R) s => Rmax (Rabs (fst b)) (Rabs (snd b)) + s) 0 row <= k) a ->
  forall x y e, 0 <= e -> length x = n -> length y = n -> runs_within hs bs x -> runs_within hs bs y -> small e (difference x y) ->
  small (k * e) (difference (outputs hs out x) (outputs hs out y)).
Proof.
  intros hs out bs n k a F A M. apply relu_secant_lipschitz; [exact F|]. intros ds D. specialize (A ds D). revert M.
  induction A as [|row r a J H A IH]; intro M; inversion M as [|? ? Hk M']; subst; constructor; auto. eapply Rle_trans; [|exact Hk]. clear -H.
  induction H as [|[l u] v row r [Hl Hu] H IH]; simpl in *; [lra|]. apply Rplus_le_compat; [|exact IH].
  pose proof (Rmax_l (Rabs l) (Rabs u)). pose proof (Rmax_r (Rabs l) (Rabs u)). pose proof (Rle_abs u). pose proof (Rle_abs (- l)). rewrite Rabs_Ropp in *. apply Rabs_le. lra.
Qed.
