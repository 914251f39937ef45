; A line through the origin of a slope in [0, 1] lies below ReLU.
; Relied on by ReLU.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const k Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x 0))) ; what y is
(assert (and (<= 0 k) (<= k 1)))
(assert (not (<= (* k x) y)))
(check-sat)
