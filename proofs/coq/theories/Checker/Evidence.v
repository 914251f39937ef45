(* What a certificate carries beside the statement: advice for linear bounds, and trees that divide the inputs. T: numbers. *)

(** Advice for one neuron: the slope for a coefficient >= 0, as a part of it, the same for one < 0, and the multiplier of its split.
    Where a slope is missing the checker chooses. *)
Definition slopes (T : Type) := (option T * option T * T)%type.

(** cs: slopes and multipliers for every layer; z_kj: pre-activation j of hidden layer k. *)
Inductive tree (T : Type) : Type :=
| Leaf (i : nat) (cs : list (list (slopes T)))                                  (* linear bounds prove claim i *)
| SplitIn (i : nat) (c : T) (l r : tree T)                                      (* x_i <= c | x_i >= c *)
| SplitRelu (k j : nat) (l r : tree T)                                          (* z_kj <= 0 | z_kj >= 0 *)
| Interval (k : nat) (t : tree T)                                               (* interval bounds of layer k from those before it, intersected *)
| Tighten (k j : nat) (hi : bool) (cs : list (list (slopes T))) (t : tree T)    (* a better bound of z_kj *)
| Empty (k j : nat).                                                            (* the bounds of z_kj contradict each other: no such input *)
Arguments Leaf {T}. Arguments SplitIn {T}. Arguments SplitRelu {T}. Arguments Interval {T}. Arguments Tighten {T}. Arguments Empty {T}.
