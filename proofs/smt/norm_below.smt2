; A norm is at least its product with any vector of length at most 1 (two coordinates): d z <= |z|.
; Relied on by src/Guarantees/Networks/Operators/Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const x Real)
(declare-const y Real)
(declare-const d Real)
(declare-const e Real)
(declare-const n Real)
(assert (<= (+ (* d d) (* e e)) 1))
(assert (and (>= n 0) (= (* n n) (+ (* x x) (* y y)))))
(assert (> (+ (* d x) (* e y)) n))
(check-sat)
