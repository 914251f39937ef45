; For x, c > 0, 1 / x lies above its tangent (2 c - x) / c^2.
; Relied on by Reciprocal.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const x Real)
(declare-const y Real)
(assert (= (* x y) 1)) ; what y is
(assert (and (< 0 c) (< 0 x)))
(assert (=> (and (<= 0 y) (<= 0 (* (- x c) (- x c)))) (<= 0 (* y (* (- x c) (- x c)))))) ; true of all numbers
(assert (<= 0 (* (- x c) (- x c)))) ; true of all numbers
(assert (=> (and (< 0 x) (= (* x y) 1)) (< 0 y))) ; true of all numbers
(assert (not (<= (- (* 2 c) x) (* y (* c c)))))
(check-sat)
