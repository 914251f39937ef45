; The upper line of ReLU over [l, u], l < 0 < u, is its chord: max(x, 0) <= u (x - l) / (u - l).
; Relied on by src/Guarantees/Networks/Operators/ReLU.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(assert (and (< l 0) (< 0 u) (<= l x) (<= x u)))
(define-fun y () Real (ite (>= x 0) x 0))
(assert (> (* y (- u l)) (* u (- x l))))
(check-sat)
