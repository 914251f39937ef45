(* The table of Elementary.NormalTail.cs, N(y) = Φ(-y) e^(y²/2) about 0, 1/4, ..., 8: the truncation, from row to row down from 8 + 1/8, where Laplace's
   fraction gives N. What the numbers of the table have to fulfil is computed in fractions. *)
From Coq Require Import Reals QArith Qreals Qabs Lra Lia ZArith List Bool.
From Coquelicot Require Import Coquelicot.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Certify.Elementary Require Import Coefficients Floating Gaussian Laplace NormalTable.
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
