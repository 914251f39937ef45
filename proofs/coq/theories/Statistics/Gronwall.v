(* The discrete inequality of Gronwall: how an error grows over steps that multiply it by at most 1 + L and add at most d. *)
From Coq Require Import Reals Lra Lia List.
Open Scope R_scope.

(** e(n) <= d (1 + (1 + L) + ... + (1 + L)^n). *)
Theorem gronwall_discrete : forall (e : nat -> R) L d, 0 <= L -> 0 <= d -> e O <= d ->
  (forall n, e (S n) <= (1 + L) * e n + d) -> forall n, e n <= d * sum_f_R0 (fun k => (1 + L)^k) n.
Proof.
  intros e L d HL Hd H0 Hs. assert (A : forall n, sum_f_R0 (fun k => (1+L)^k) (S n) = 1 + (1+L) * sum_f_R0 (fun k => (1+L)^k) n).
  { intro n. rewrite decomp_sum by lia. simpl pred. rewrite scal_sum. simpl pow at 1. f_equal. apply sum_eq. intros. simpl. ring. }
  induction n. simpl. lra. rewrite A. eapply Rle_trans; [apply Hs|].
  apply Rle_trans with ((1+L) * (d * sum_f_R0 (fun k => (1 + L) ^ k) n) + d). apply Rplus_le_compat_r, Rmult_le_compat_l; lra. lra.
Qed.
