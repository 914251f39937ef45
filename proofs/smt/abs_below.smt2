; A line through the origin of a slope in [-1, 1] lies below |x|.
; Relied on by Abs.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const k Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x (- x)))) ; what y is
(assert (and (<= (- 1) k) (<= k 1)))
(assert (not (<= (* k x) y)))
(check-sat)
