; A line through the origin of a slope in [a, 1] lies below the leaky ReLU.
; Relied on by LeakyReLU.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const k Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x (* a x)))) ; what y is
(assert (and (<= a k) (<= k 1)))
(assert (not (<= (* k x) y)))
(check-sat)
