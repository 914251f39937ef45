; The square lies above its tangent of slope 2 c: x^2 >= 2 c x - c^2.
; Relied on by Square.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (* x x))) ; what y is
(assert (<= 0 (* (- x c) (- x c)))) ; true of all numbers
(assert (not (<= (- (* 2 (* c x)) (* c c)) y)))
(check-sat)
