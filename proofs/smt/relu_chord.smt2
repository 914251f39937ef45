; The upper line of ReLU over [l, u], l < 0 < u, is its chord: max(x, 0) <= u (x - l) / (u - l).
; Relied on by ReLU.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x 0))) ; what y is
(assert (and (< l 0) (< 0 u)))
(assert (and (<= l x) (<= x u)))
(assert (not (<= (* y (- u l)) (* u (- x l)))))
(check-sat)
