; A convex function lies below its chord; d_x is a slope at x.
; Relied on by ConvexActivation.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const d_x Real)
(declare-const f_l Real)
(declare-const f_u Real)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (<= (+ y (* d_x (- l x))) f_l)) ; what y is
(assert (<= (+ y (* d_x (- u x))) f_u)) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (< l u))
(assert (=> (and (<= 0 (- u x)) (<= 0 (- f_l (+ y (* d_x (- l x)))))) (<= 0 (* (- u x) (- f_l (+ y (* d_x (- l x)))))))) ; true of all numbers
(assert (=> (and (<= 0 (- x l)) (<= 0 (- f_u (+ y (* d_x (- u x)))))) (<= 0 (* (- x l) (- f_u (+ y (* d_x (- u x)))))))) ; true of all numbers
(assert (not (<= (* y (- u l)) (+ (* f_l (- u x)) (* f_u (- x l))))))
(check-sat)
