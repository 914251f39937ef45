; A mean of a and b lies below max(a, b).
; Relied on by Maximum.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const k Real)
(declare-const y Real)
(assert (= y (ite (>= a b) a b))) ; what y is
(assert (and (<= 0 k) (<= k 1)))
(assert (=> (and (<= 0 k) (<= 0 (- b a))) (<= 0 (* k (- b a))))) ; true of all numbers
(assert (=> (and (<= 0 (- 1 k)) (<= 0 (- a b))) (<= 0 (* (- 1 k) (- a b))))) ; true of all numbers
(assert (not (<= (+ (* k a) (* (- 1 k) b)) y)))
(check-sat)
