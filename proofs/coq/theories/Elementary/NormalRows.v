(* The table of Elementary.NormalTail.cs, N(y) = Φ(-y) e^(y²/2) about 0, 1/4, ..., 8: the truncation, from row to row down from 8 + 1/8, where Laplace's
   fraction gives N. What the numbers of the table have to fulfil is computed in fractions. *)
From Coq Require Import Reals QArith Qreals Qabs Lra Lia ZArith List Bool.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Gaussian Laplace NormalTable.
Import ListNotations.
Open Scope R_scope.

(** ** The numbers, as fractions *)

Ltac as_fraction x := match x with ?n / IZR (Zpos ?d) => match n with IZR ?m => constr:(Qmake m d) | Ropp (IZR (Zpos ?m)) => constr:(Qmake (Zneg m) d) end end.
Ltac as_fractions l := match l with nil => constr:(@nil Q) | ?x :: ?rest => let q := as_fraction x in let r := as_fractions rest in constr:(q :: r) end.

Definition table_q : list Q := ltac:(let l := eval unfold NormalTail in NormalTail in let r := as_fractions l in exact r).
Definition high_q : Q := ltac:(let x := eval unfold InverseRootTwoPiHigh in InverseRootTwoPiHigh in let q := as_fraction x in exact q).
Definition low_q : Q := ltac:(let x := eval unfold InverseRootTwoPiLow in InverseRootTwoPiLow in let q := as_fraction x in exact q).

Lemma table_fractions : map Q2R table_q = NormalTail.
Proof. reflexivity. Qed.

Definition entry (k j : nat) : R := nth (16 * k + j) NormalTail 0.
Definition coefficient (k j : nat) : R := match j with O => entry k 0 + entry k 1 | S O => entry k 2 + entry k 3 | S (S i) => entry k (4 + i) end.
Definition centre (k : nat) : R := INR k / 4.

Section Fractions.
Open Scope Q_scope.
Definition entry_q (k j : nat) : Q := nth (16 * k + j) table_q 0.
Definition coefficient_q (k j : nat) : Q := match j with O => entry_q k 0 + entry_q k 1 | S O => entry_q k 2 + entry_q k 3 | S (S i) => entry_q k (4 + i) end.
Definition centre_q (k : nat) : Q := Z.of_nat k # 4.
Definition taylor_q (a : nat -> Q) (t : Q) : Q :=
  a 0%nat + t * (a 1%nat + t * (a 2%nat + t * (a 3%nat + t * (a 4%nat + t * (a 5%nat + t * (a 6%nat + t * (a 7%nat + t * (a 8%nat + t * (a 9%nat
  + t * (a 10%nat + t * (a 11%nat + t * (a 12%nat + t * a 13%nat)))))))))))).
Definition defect_q (d : Q) (a : nat -> Q) (c : Q) (j : nat) : Q :=
  match j with
  | O => c * a 0%nat - a 1%nat - d
  | 13%nat => c * a 13%nat + a 12%nat
  | 14%nat => a 13%nat
  | S i => c * a j + a i - (inject_Z (Z.of_nat j) + 1) * a (S j)
  end.
Definition even_q (d : Q) (a : nat -> Q) (c : Q) (i : nat) : Q :=
  let e j := Qabs (defect_q d a c j) in
  match i with O => e 0%nat + e 1%nat * (1 # 16) | 7%nat => e 14%nat + 4 * e 13%nat | S h => e (2 * i)%nat + e (2 * i + 1)%nat * (1 # 16) + 4 * e (2 * h + 1)%nat end.
Definition growth_q' (g : nat -> Q) (t : Q) : Q :=
  let z := t * t in g 0%nat + z * (g 1%nat + z * (g 2%nat + z * (g 3%nat + z * (g 4%nat + z * (g 5%nat + z * (g 6%nat + z * g 7%nat)))))).
Definition growth_q (g : nat -> Q) (t : Q) : Q :=
  let z := t * t in
  t * (g 0%nat + z * (g 1%nat * (1 # 3) + z * (g 2%nat * (1 # 5) + z * (g 3%nat * (1 # 7) + z * (g 4%nat * (1 # 9) + z * (g 5%nat * (1 # 11) + z * (g 6%nat * (1 # 13) + z * (g 7%nat * (1 # 15))))))))).
End Fractions.

Lemma Q2R_abs : forall q, Q2R (Qabs q) = Rabs (Q2R q).
Proof.
  intro q. assert (Z : Q2R 0 = 0) by (unfold Q2R; simpl; field). apply Qabs_case; intro H; apply Qle_Rle in H; rewrite Z in H.
  - rewrite Rabs_pos_eq by exact H. reflexivity.
  - rewrite Q2R_opp, Rabs_left1 by exact H. reflexivity.
Qed.

Lemma entry_fraction : forall k j, Q2R (entry_q k j) = entry k j.
Proof. intros k j. unfold entry, entry_q. rewrite <- table_fractions, <- (map_nth Q2R). f_equal. unfold Q2R. simpl. field. Qed.

Lemma coefficient_fraction : forall k j, Q2R (coefficient_q k j) = coefficient k j.
Proof. intros k [|[|j]]; unfold coefficient_q, coefficient; rewrite ?Q2R_plus, !entry_fraction; reflexivity. Qed.

Lemma centre_fraction : forall k, Q2R (centre_q k) = centre k.
Proof. intro k. unfold centre, centre_q. rewrite INR_IZR_INZ. reflexivity. Qed.

Lemma taylor_fraction : forall a b t, (forall j, Q2R (a j) = b j) -> Q2R (taylor_q a t) = taylor b (Q2R t).
Proof. intros a b t H. unfold taylor_q, taylor. repeat (rewrite Q2R_plus || rewrite Q2R_mult). rewrite !H. reflexivity. Qed.

Lemma defect_fraction : forall d a b c j, (forall j, Q2R (a j) = b j) -> Q2R (defect_q d a c j) = defect (Q2R d) b (Q2R c) j.
Proof.
  intros d a b c j H. assert (One : Q2R 1 = 1) by (unfold Q2R; simpl; field). unfold defect_q, defect.
  do 15 (destruct j as [|j]; [rewrite ?Q2R_plus, ?Q2R_minus, ?Q2R_plus, ?Q2R_mult, ?Q2R_plus, ?Q2R_of_nat, ?H, ?One; reflexivity|]).
  rewrite ?Q2R_plus, ?Q2R_minus, ?Q2R_plus, ?Q2R_mult, ?Q2R_plus, ?Q2R_of_nat, ?H, ?One; reflexivity.
Qed.

Lemma even_fraction : forall d a b c i, (forall j, Q2R (a j) = b j) -> Q2R (even_q d a c i) = even (Q2R d) b (Q2R c) i.
Proof.
  intros d a b c i H. assert (F : Q2R 4 = 4) by (unfold Q2R; simpl; field). assert (S : Q2R (1 # 16) = / 16) by (unfold Q2R; simpl; field). unfold even_q, even, Rdiv.
  do 8 (destruct i as [|i]; [rewrite ?Q2R_plus, ?Q2R_mult, ?Q2R_abs, ?(defect_fraction d a b c _ H), ?F, ?S; reflexivity|]).
  rewrite ?Q2R_plus, ?Q2R_mult, ?Q2R_abs, ?(defect_fraction d a b c _ H), ?F, ?S; reflexivity.
Qed.

Lemma growth'_fraction : forall g h t, (forall i, Q2R (g i) = h i) -> Q2R (growth_q' g t) = growth' h (Q2R t).
Proof. intros g h t H. unfold growth_q', growth'. cbv zeta. repeat (rewrite Q2R_plus || rewrite Q2R_mult). rewrite !H. reflexivity. Qed.

Lemma growth_fraction : forall g h t, (forall i, Q2R (g i) = h i) -> Q2R (growth_q g t) = growth h (Q2R t).
Proof.
  intros g h t H. assert (F : forall p, Q2R (1 # p) = / IZR (Zpos p)) by (intro p; unfold Q2R; simpl; apply Rmult_1_l).
  unfold growth_q, growth, Rdiv. cbv zeta. repeat (rewrite Q2R_plus || rewrite Q2R_mult). rewrite !H, !F. reflexivity.
Qed.

(** ** What every row fulfils *)

(** The coefficients from the square on are at most these times the constant term. *)
Definition ratios : list Q := [1 # 2; 266 # 1000; 126 # 1000; 54 # 1000; 21 # 1000; 8 # 1000; 3 # 1000; 1 # 1000; 1 # 1000; 1 # 1000; 1 # 1000; 1 # 1000]%Q.
Definition u_q : Q := 1 # 9007199254740992.
Definition density_q : Q := high_q + low_q.
Definition even_row (k : nat) : nat -> Q := even_q density_q (coefficient_q k) (centre_q k).

Definition row_holds (k : nat) : bool :=
  let c j := entry_q k j in let most a b := Qle_bool (Qabs a) b in
  Qle_bool (49 # 1000) (c 0%nat) && Qle_bool (c 0%nat) (1 # 2) && most (c 1%nat) (u_q * c 0%nat)%Q && most (c 2%nat) ((8 # 10) * c 0%nat)%Q && most (c 3%nat) (u_q * c 0%nat)%Q
  && forallb (fun i => most (c (4 + i)%nat) (nth i ratios 0 * c 0%nat)%Q) (seq 0 12)
  && most (c 5%nat * (centre_q k + (1 # 8)))%Q ((11 # 100) * c 0%nat)%Q
  && Qle_bool (2 * growth_q (even_row k) (1 # 8))%Q ((9 # 1000) * u_q * c 0%nat)%Q && Qle_bool (growth_q' (even_row k) (1 # 8)) ((39 # 100) * u_q * c 0%nat)%Q.

(** From row k + 1 to row k: e^-x <= 1 / (1 + x + x²/2). *)
Definition step_sum (k : nat) (x : Q) : Q :=
  ((32 # 1000) * u_q * entry_q (S k) 0 / (1 + x + x * x * (1 # 2)) + (2 * growth_q (even_row (S k)) (1 # 8) + u_q * (1 # 1000000)
    + Qabs (taylor_q (coefficient_q (S k)) (- (1 # 8)) - taylor_q (coefficient_q k) (1 # 8))))%Q.
Definition step_holds (k : nat) : bool := Qle_bool (step_sum k (Z.of_nat (S k) # 16)) ((32 # 1000) * u_q * entry_q k 0)%Q.

Lemma table_holds : forallb row_holds (seq 0 33) && forallb step_holds (seq 0 32) = true.
Proof. vm_compute. reflexivity. Qed.


Lemma Q2R_le : forall a b, Qle_bool a b = true -> Q2R a <= Q2R b.
Proof. intros a b H. apply Qle_Rle, Qle_bool_iff, H. Qed.

Lemma fraction_of : forall n d, Q2R (n # d) = IZR n / IZR (Zpos d).
Proof. reflexivity. Qed.

Lemma most_sound : forall a r b, Qle_bool (Qabs a) (r * b) = true -> Rabs (Q2R a) <= Q2R r * Q2R b.
Proof. intros a r b H. apply Q2R_le in H. rewrite Q2R_abs, Q2R_mult in H. exact H. Qed.

Lemma u_fraction : Q2R u_q = u.
Proof. unfold u_q, u, Q2R. simpl. field. Qed.

Lemma density_fraction : Rabs (root_density - Q2R density_q) <= / 2 ^ 100.
Proof. unfold density_q. rewrite Q2R_plus. change (Q2R high_q) with InverseRootTwoPiHigh. change (Q2R low_q) with InverseRootTwoPiLow.
  unfold root_density, InverseRootTwoPiHigh, InverseRootTwoPiLow. interval with (i_prec 150). Qed.

(** The density at 0 enters the first residual only. *)
Lemma even_moved : forall d e a c i, even d a c i <= even e a c i + (match i with O => Rabs (d - e) | _ => 0 end).
Proof.
  intros d e a c [|i].
  - unfold even, defect. assert (T := Rabs_triang (c * a 0%nat - a 1%nat - e) (- (d - e))). rewrite Rabs_Ropp in T.
    replace (c * a 0%nat - a 1%nat - e + - (d - e)) with (c * a 0%nat - a 1%nat - d) in T by ring. lra.
  - rewrite Rplus_0_r. right. do 8 (destruct i as [|i]; [reflexivity|]). reflexivity.
Qed.

Lemma growth_moved : forall k, growth (even root_density (coefficient k) (centre k)) (/ 8) <= Q2R (growth_q (even_row k) (1 # 8)) + / 2 ^ 100
  /\ growth' (even root_density (coefficient k) (centre k)) (/ 8) <= Q2R (growth_q' (even_row k) (1 # 8)) + / 2 ^ 100.
Proof.
  intro k. assert (F : forall i, Q2R (even_row k i) = even (Q2R density_q) (coefficient k) (centre k) i).
  { intro i. unfold even_row. rewrite (even_fraction _ _ (coefficient k) _ _ (coefficient_fraction k)), centre_fraction. reflexivity. }
  rewrite (growth_fraction _ _ _ F), (growth'_fraction _ _ _ F). rewrite fraction_of. replace (1 / 8) with (/ 8) by field.
  assert (M := even_moved root_density (Q2R density_q) (coefficient k) (centre k)). assert (D := density_fraction).
  set (g := even root_density (coefficient k) (centre k)) in *. set (h := even (Q2R density_q) (coefficient k) (centre k)) in *.
  assert (M0 := M 0%nat). assert (M1 := M 1%nat). assert (M2 := M 2%nat). assert (M3 := M 3%nat). assert (M4 := M 4%nat). assert (M5 := M 5%nat). assert (M6 := M 6%nat). assert (M7 := M 7%nat).
  unfold growth, growth'. cbv zeta. assert (0 < / 2 ^ 100) by (apply Rinv_0_lt_compat, pow_lt; lra). set (eps := / 2 ^ 100) in *.
  cbv iota in M0, M1, M2, M3, M4, M5, M6, M7. split; lra.
Qed.

Record row_facts (k : nat) : Prop := {
  constant_range : 49 / 1000 <= entry k 0 <= / 2;
  constant_low : Rabs (entry k 1) <= u * entry k 0;
  linear_high : Rabs (entry k 2) <= 8 / 10 * entry k 0;
  linear_low : Rabs (entry k 3) <= u * entry k 0;
  higher : forall i, (i < 12)%nat -> Rabs (entry k (4 + i)) <= Q2R (nth i ratios 0%Q) * entry k 0;
  third : Rabs (entry k 5 * (centre k + / 8)) <= 11 / 100 * entry k 0;
  row_growth : 2 * growth (even root_density (coefficient k) (centre k)) (/ 8) <= 91 / 10000 * u * entry k 0;
  row_residual : growth' (even root_density (coefficient k) (centre k)) (/ 8) <= 4 / 10 * u * entry k 0 }.

Lemma rows : forall k, (k <= 32)%nat -> row_facts k.
Proof.
  intros k Hk. assert (T := table_holds). apply andb_prop in T. destruct T as [T _]. rewrite forallb_forall in T.
  assert (R := T k ltac:(apply in_seq; lia)). clear T. unfold row_holds in R.
  repeat match goal with H : (_ && _)%bool = true |- _ => apply andb_prop in H; destruct H end.
  destruct (growth_moved k) as [G G']. assert (P : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P in *.
  repeat match goal with H : Qle_bool (Qabs _) (_ * _) = true |- _ => apply most_sound in H | H : Qle_bool _ _ = true |- _ => apply Q2R_le in H end.
  rewrite ?Q2R_mult, ?Q2R_plus, ?entry_fraction, ?centre_fraction, ?u_fraction, ?fraction_of in *.
  assert (U : u = / 9007199254740992) by reflexivity. rewrite U in *. constructor; try (rewrite ?U; lra).
  - intros i Hi. match goal with H : forallb _ _ = true |- _ => rewrite forallb_forall in H; assert (Q := H i ltac:(apply in_seq; lia)) end.
    apply most_sound in Q. rewrite !entry_fraction in Q. exact Q.
  - replace (centre k + / 8) with (centre k + 1 / 8) by field. lra.
Qed.

Lemma step_sum_fraction : forall k x, 0 < Q2R x -> Q2R (step_sum k x) = 32 / 1000 * u * entry (S k) 0 / (1 + Q2R x + Q2R x * Q2R x / 2)
  + (2 * Q2R (growth_q (even_row (S k)) (1 # 8)) + u * / 1000000 + Rabs (taylor (coefficient (S k)) (- / 8) - taylor (coefficient k) (/ 8))).
Proof.
  intros k x X0. assert (D : Q2R (1 + x + x * x * (1 # 2)) = 1 + Q2R x + Q2R x * Q2R x / 2) by (rewrite !Q2R_plus, !Q2R_mult, !fraction_of; field).
  assert (T1 : Q2R (taylor_q (coefficient_q (S k)) (- (1 # 8))) = taylor (coefficient (S k)) (- / 8)).
  { rewrite (taylor_fraction _ _ _ (coefficient_fraction (S k))), Q2R_opp, fraction_of. f_equal. field. }
  assert (T2 : Q2R (taylor_q (coefficient_q k) (1 # 8)) = taylor (coefficient k) (/ 8)).
  { rewrite (taylor_fraction _ _ _ (coefficient_fraction k)), fraction_of. f_equal. field. }
  unfold step_sum. rewrite Q2R_plus, Q2R_quotient by (rewrite D; nra). rewrite D, Q2R_plus, Q2R_abs, Q2R_minus, T1, T2.
  rewrite Q2R_plus, !Q2R_mult, entry_fraction, u_fraction, !fraction_of. field. nra.
Qed.

Lemma exp_quadratic : forall z, 0 < z -> exp (- z) <= / (1 + z + z * z / 2).
Proof.
  intros z Hz. rewrite exp_Ropp. apply Rinv_le_contravar; [nra|].
  destruct (MVT_gen (fun t => exp t - (1 + t + t * t / 2)) 0 z (fun t => exp t - (1 + t))) as (c & Hc & V).
  - intros t _. auto_derive; [exact I | field].
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous (fun t => exp t - (1 + t + t * t / 2))). auto_derive. exact I.
  - rewrite exp_0 in V. assert (Q := exp_ineq1_le c). assert (0 <= (exp c - (1 + c)) * (z - 0)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma row_step : forall k, (k <= 31)%nat ->
  exp (- (INR (S k) / 16)) * (32 / 1000 * u * entry (S k) 0) + 2 * growth (even root_density (coefficient (S k)) (centre (S k))) (/ 8)
  + Rabs (taylor (coefficient (S k)) (- / 8) - taylor (coefficient k) (/ 8)) <= 32 / 1000 * u * entry k 0.
Proof.
  intros k Hk. assert (T := table_holds). apply andb_prop in T. destruct T as [_ T]. rewrite forallb_forall in T.
  assert (R : step_holds k = true) by (apply T, in_seq; lia). clear T. unfold step_holds in R. apply Q2R_le in R.
  assert (C := constant_range _ (rows (S k) ltac:(lia))). destruct (growth_moved (S k)) as [G _].
  assert (X : Q2R (Z.of_nat (S k) # 16) = INR (S k) / 16) by (rewrite fraction_of, <- INR_IZR_INZ; reflexivity).
  assert (X0 : 0 < INR (S k) / 16) by (assert (P := lt_0_INR (S k) ltac:(lia)); lra).
  rewrite step_sum_fraction, X in R by (rewrite X; exact X0). rewrite !Q2R_mult, entry_fraction, u_fraction, fraction_of in R.
  set (z := INR (S k) / 16) in *. assert (E := exp_quadratic z X0). assert (U : 0 < u) by (unfold u; lra).
  assert (W : exp (- z) * (32 / 1000 * u * entry (S k) 0) <= 32 / 1000 * u * entry (S k) 0 / (1 + z + z * z / 2)).
  { rewrite Rmult_comm. apply Rmult_le_compat_l; [apply Rmult_le_pos; lra | exact E]. }
  assert (P : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P in *. unfold u in R |- *. unfold u in W. lra.
Qed.

Lemma row_start : Rabs (scaled (centre 32 + / 8) - taylor (coefficient 32) (/ 8)) <= 32 / 1000 * u * entry 32 0.
Proof.
  assert (C : centre 32 + / 8 = Q2R (65 # 8)) by (unfold centre; rewrite INR_IZR_INZ, fraction_of; simpl; field). rewrite C.
  assert (Y : Q2R (65 # 8) = 65 / 8) by reflexivity.
  assert (L := laplace_truncation (Q2R (65 # 8)) ltac:(rewrite Y; lra)). assert (S := scaled_range (Q2R (65 # 8)) ltac:(rewrite Y; lra)).
  assert (D := density_fraction). assert (P : / 2 ^ 100 = / 1267650600228229401496703205376) by (f_equal; lra). rewrite P in D.
  assert (P63 : / 2 ^ 63 = / 9223372036854775808) by (f_equal; lra). rewrite P63 in L.
  unfold convergent in *. rewrite <- cut_fraction, <- Q2R_plus in L by (rewrite Y; lra).
  assert (P0 := cut_positive 18 1 (Q2R (65 # 8)) ltac:(rewrite Y; lra)). rewrite <- cut_fraction in P0 by (rewrite Y; lra).
  set (q := ((65 # 8) + cut_q 18 1 (65 # 8))%Q) in *. assert (Q0 : 8 <= Q2R q) by (unfold q; rewrite Q2R_plus, Y; lra).
  assert (I : 0 < / Q2R q <= 1) by (split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]).
  assert (N : Qle_bool (Qabs (density_q / q - taylor_q (coefficient_q 32) (1 # 8))) (u_q * (1 # 50000))%Q = true) by (vm_compute; reflexivity).
  apply Q2R_le in N. rewrite Q2R_abs, Q2R_minus, Q2R_quotient, Q2R_mult, u_fraction, fraction_of in N by lra.
  rewrite (taylor_fraction _ _ _ (coefficient_fraction 32)), fraction_of in N. replace (1 / 8) with (/ 8) in N by field.
  assert (R := constant_range _ (rows 32 ltac:(lia))). assert (U : u = / 9007199254740992) by reflexivity.
  assert (V : Rabs (root_density * / Q2R q - Q2R density_q / Q2R q) <= / 1267650600228229401496703205376).
  { replace (root_density * / Q2R q - Q2R density_q / Q2R q) with ((root_density - Q2R density_q) * / Q2R q) by (unfold Rdiv; ring).
    rewrite Rabs_mult, (Rabs_pos_eq (/ Q2R q)), <- (Rmult_1_r (/ 1267650600228229401496703205376)) by lra. apply Rmult_le_compat; try apply Rabs_pos; lra. }
  apply Rabs_le_inv in L, N, V. apply Rabs_le. rewrite U in *. lra.
Qed.

(** N from the table, truncated, for every row. *)
Lemma row_ends : forall j, (j <= 32)%nat -> let k := (32 - j)%nat in Rabs (scaled (centre k + / 8) - taylor (coefficient k) (/ 8)) <= 32 / 1000 * u * entry k 0.
Proof.
  induction j as [|j IH]; intros Hj k; [exact row_start|].
  assert (H := IH ltac:(lia)). cbv zeta in H. replace (32 - j)%nat with (S k) in H by (unfold k; lia).
  assert (Step := row_step k ltac:(unfold k; lia)).
  assert (Cs : centre (S k) = centre k + / 4) by (unfold centre; rewrite S_INR; field). assert (C0 : 0 <= centre k) by (unfold centre; assert (P := pos_INR k); lra).
  assert (D := row_descent (coefficient (S k)) (centre (S k)) _ (centre k + / 8) ltac:(lra) ltac:(rewrite Cs; apply Rabs_le; lra) H). cbv zeta in D.
  replace (((centre k + / 8) * (centre k + / 8) - (centre (S k) + / 8) * (centre (S k) + / 8)) / 2) with (- (INR (S k) / 16)) in D
    by (unfold centre; rewrite S_INR; field).
  replace (centre k + / 8 - centre (S k)) with (- / 8) in D by (rewrite Cs; field).
  replace (scaled (centre k + / 8) - taylor (coefficient k) (/ 8))
    with ((scaled (centre k + / 8) - taylor (coefficient (S k)) (- / 8)) + (taylor (coefficient (S k)) (- / 8) - taylor (coefficient k) (/ 8))) by ring.
  apply (Rle_trans _ _ _ (Rabs_triang _ _)). lra.
Qed.

Theorem table_truncation : forall k y, (k <= 32)%nat -> 0 <= y -> Rabs (y - centre k) <= / 8 ->
  Rabs (scaled y - taylor (coefficient k) (y - centre k)) <= 42 / 1000 * u * entry k 0.
Proof.
  intros k y Hk Hy Hc. assert (H := row_ends (32 - k) ltac:(lia)). cbv zeta in H. replace (32 - (32 - k))%nat with k in H by lia.
  assert (F := rows k Hk). assert (C := constant_range _ F). assert (G := row_growth _ F).
  assert (D := row_descent (coefficient k) (centre k) _ y Hy Hc H). cbv zeta in D. apply (Rle_trans _ _ _ D).
  assert (E : exp ((y * y - (centre k + / 8) * (centre k + / 8)) / 2) <= 1).
  { apply Rabs_le_inv in Hc. rewrite <- exp_0. destruct (Req_dec (y * y - (centre k + / 8) * (centre k + / 8)) 0) as [Z | N]; [rewrite Z; right; f_equal; field|].
    left. apply exp_increasing. nra. }
  assert (0 < u) by (unfold u; lra).
  assert (exp ((y * y - (centre k + / 8) * (centre k + / 8)) / 2) * (32 / 1000 * u * entry k 0) <= 1 * (32 / 1000 * u * entry k 0)).
  { apply Rmult_le_compat_r; [|exact E]. apply Rmult_le_pos; lra. }
  assert (0 <= u * entry k 0) by (apply Rmult_le_pos; lra). lra.
Qed.
