(* Dyadic numbers m 2^-n: a directed arithmetic with exact sums and products, rounded outward after each dot product. *)
From Coq Require Import List Bool Arith ZArith Lia Ring Ring_theory.
From Certify.Checker Require Import Rings Arithmetic FixedPoint.

(** Rounded to p bits; for q = 0 never rounded. *)
Module Dyadic (O : RingWithOrderAndIntegers) (P : Precision) <: DirectedArithmetic O.
  Module S := Scaling O. Import O S P.
  Add Ring KRd : kring.
  Definition D := (Z * nat)%type.
  Definition dv (d : D) := scaled (snd d) (fst d).
  Definition W := D. Definition T := D. Definition A := D.
  Definition wv := dv. Definition tv := dv. Definition av := dv.
  Definition al (m : Z) (n k : nat) : Z := shl m (Nat.sub k n).
  Lemma align_v : forall m n k, (n <= k)%nat -> scaled k (al m n k) = scaled n m.
  Proof. intros. unfold al. replace k with (Nat.add n (Nat.sub k n)) at 1 by lia. apply scaled_shl. Qed.
  Definition dadd (a b : D) : D :=
    if Nat.leb (snd a) (snd b) then (Z.add (al (fst a) (snd a) (snd b)) (fst b), snd b)
    else (Z.add (fst a) (al (fst b) (snd b) (snd a)), snd a).
  Lemma dadd_v : forall a b, dv (dadd a b) = kadd (dv a) (dv b).
  Proof.
    intros [m n] [m' n']. unfold dadd, dv; simpl. destruct (Nat.leb_spec n n'); simpl;
    rewrite scaled_add, align_v by lia; reflexivity.
  Qed.
  Definition dopp (a : D) : D := (Z.opp (fst a), snd a).
  Lemma dopp_v : forall a, dv (dopp a) = kopp (dv a). Proof. intros [m n]. apply scaled_opp. Qed.
  Definition dmul (a b : D) : D := (Z.mul (fst a) (fst b), Nat.add (snd a) (snd b)).
  Lemma dmul_v : forall a b, dv (dmul a b) = kmul (dv a) (dv b). Proof. intros [m n] [m' n']. apply scaled_mul. Qed.
  Definition dleb (a b : D) : bool :=
    if Nat.leb (snd a) (snd b) then Z.leb (al (fst a) (snd a) (snd b)) (fst b)
    else Z.leb (fst a) (al (fst b) (snd b) (snd a)).
  Lemma dleb_v : forall a b, dleb a b = true <-> kle (dv a) (dv b).
  Proof.
    intros [m n] [m' n']. unfold dleb, dv; simpl. destruct (Nat.leb_spec n n').
    - rewrite Z.leb_le, (scaled_le n'), align_v by lia. reflexivity.
    - rewrite Z.leb_le, (scaled_le n), align_v by lia. reflexivity.
  Qed.
  Definition size (m : Z) : nat := Z.to_nat (Z.log2 (Z.abs m)).
  Definition rcut (d : D) : nat := if Nat.eqb q 0 then O else Nat.min (Nat.sub (size (fst d)) p) (snd d).
  Definition rdn (d : D) : D := let k := rcut d in if Nat.eqb k 0 then d else (shr (fst d) k, Nat.sub (snd d) k).
  Definition rup (d : D) : D := let k := rcut d in if Nat.eqb k 0 then d else (shru (fst d) k, Nat.sub (snd d) k).
  Lemma rcut_le : forall d, (rcut d <= snd d)%nat. Proof. intros. unfold rcut. destruct (Nat.eqb q 0); lia. Qed.
  Lemma rdn_v : forall d, kle (dv (rdn d)) (dv d).
  Proof.
    intros [m n]. unfold rdn. pose proof (rcut_le (m, n)) as H. simpl in H. set (k := rcut (m, n)) in *.
    destruct (Nat.eqb k 0); [apply kle_refl|]. unfold dv; simpl.
    replace n with (Nat.add (Nat.sub n k) k) at 2 by lia. apply scaled_shr.
  Qed.
  Lemma rup_v : forall d, kle (dv d) (dv (rup d)).
  Proof.
    intros [m n]. unfold rup. pose proof (rcut_le (m, n)) as H. simpl in H. set (k := rcut (m, n)) in *.
    destruct (Nat.eqb k 0); [apply kle_refl|]. unfold dv; simpl.
    replace n with (Nat.add (Nat.sub n k) k) at 1 by lia. apply scaled_shru.
  Qed.
  Definition wneg (w : W) := Z.ltb (fst w) 0.
  Lemma wneg_spec : forall w, if wneg w then kle (wv w) k0 else kle k0 (wv w).
  Proof. intros [m e]. unfold wneg, wv, dv; simpl. rewrite <- (scaled_0 e). destruct (Z.ltb_spec m 0); apply scaled_le; lia. Qed.
  Definition t0 : T := (0%Z, O). Lemma t0_spec : tv t0 = k0. Proof. apply scaled_0. Qed.
  Definition t1 : T := (1%Z, O). Lemma t1_spec : tv t1 = k1. Proof. unfold tv, t1, dv, scaled; simpl. rewrite kz_1. ring. Qed.
  Definition tleb := dleb. Definition tleb_spec := dleb_v.
  Definition tadd := dadd. Definition tadd_spec := dadd_v.
  Definition tsub a b := dadd a (dopp b).
  Lemma tsub_spec : forall a b, tv (tsub a b) = ksub (tv a) (tv b).
  Proof. intros. unfold tsub, tv. rewrite dadd_v, dopp_v. ring. Qed.
  Definition tmul_dn a b := rdn (dmul a b).
  Lemma tmul_dn_spec : forall a b, kle (tv (tmul_dn a b)) (kmul (tv a) (tv b)).
  Proof. intros. unfold tv. rewrite <- dmul_v. apply rdn_v. Qed.
  Definition tratio (a b c : T) : T := a.
  Definition a0 : A := (0%Z, O). Lemma a0_spec : av a0 = k0. Proof. apply scaled_0. Qed.
  Definition aw_dn (w : W) : A := w. Definition aw_up (w : W) : A := w.
  Lemma aw_dn_spec : forall w, kle (av (aw_dn w)) (wv w). Proof. intros; apply kle_refl. Qed.
  Lemma aw_up_spec : forall w, kle (wv w) (av (aw_up w)). Proof. intros; apply kle_refl. Qed.
  Definition mac_dn (a : A) (w : W) (t : T) : A := dadd a (dmul w t).
  Definition mac_up (a : A) (w : W) (t : T) : A := dadd a (dmul w t).
  Lemma mac_dn_spec : forall a w t, kle (av (mac_dn a w t)) (kadd (av a) (kmul (wv w) (tv t))).
  Proof. intros. unfold mac_dn, av, wv, tv. rewrite dadd_v, dmul_v. apply kle_refl. Qed.
  Lemma mac_up_spec : forall a w t, kle (kadd (av a) (kmul (wv w) (tv t))) (av (mac_up a w t)).
  Proof. intros. unfold mac_up, av, wv, tv. rewrite dadd_v, dmul_v. apply kle_refl. Qed.
  Definition at_dn (a : A) (t : T) : A := dadd a t.
  Lemma at_dn_spec : forall a t, kle (av (at_dn a t)) (kadd (av a) (tv t)).
  Proof. intros. unfold at_dn, av, tv. rewrite dadd_v. apply kle_refl. Qed.
  Definition dn := rdn. Definition up := rup. Definition dn_spec := rdn_v. Definition up_spec := rup_v.
End Dyadic.
