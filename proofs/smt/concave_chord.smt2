; A concave function lies above its chord; d_x is a slope at x.
; Relied on by ConvexActivation.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const d_x Real)
(declare-const f_l Real)
(declare-const f_u Real)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (<= f_l (+ y (* d_x (- l x))))) ; what y is
(assert (<= f_u (+ y (* d_x (- u x))))) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (< l u))
(assert (=> (and (<= 0 (- u x)) (<= 0 (- (+ y (* d_x (- l x))) f_l))) (<= 0 (* (- u x) (- (+ y (* d_x (- l x))) f_l))))) ; true of all numbers
(assert (=> (and (<= 0 (- x l)) (<= 0 (- (+ y (* d_x (- u x))) f_u))) (<= 0 (* (- x l) (- (+ y (* d_x (- u x))) f_u))))) ; true of all numbers
(assert (not (<= (+ (* f_l (- u x)) (* f_u (- x l))) (* y (- u l)))))
(check-sat)
