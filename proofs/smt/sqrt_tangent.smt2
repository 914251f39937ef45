; For c > 0 the square root lies below its tangent at c^2, (x + c^2) / (2 c).
; Relied on by Sqrt.cs, Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const x Real)
(declare-const y Real)
(assert (and (>= y 0) (= (* y y) x))) ; what y is
(assert (and (< 0 c) (<= 0 x)))
(assert (<= 0 (* (- y c) (- y c)))) ; true of all numbers
(assert (not (<= (* y (* 2 c)) (+ x (* c c)))))
(check-sat)
