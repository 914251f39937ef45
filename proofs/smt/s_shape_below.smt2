; f convex on [l, 0], concave on [0, u]: k x + c lies below where it does at u, and where c covers the tangent at p <= 0, at l and at 0.
; Relied on by SShaped.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const d_p Real)
(declare-const f_0 Real)
(declare-const f_u Real)
(declare-const f_p Real)
(declare-const k Real)
(declare-const l Real)
(declare-const p Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (<= (+ f_p (* d_p (- 0 p))) f_0)) ; what y is
(assert (=> (<= 0 x) (<= (+ (* f_u (- x 0)) (* f_0 (- u x))) (* y (- u 0))))) ; what y is
(assert (=> (<= x 0) (<= (+ f_p (* d_p (- x p))) y))) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (and (< l 0) (< 0 u)))
(assert (<= c (- f_u (* k u))))
(assert (<= c (+ (- f_p (* k p)) (* (- d_p k) (- 0 p)))))
(assert (<= c (+ (- f_p (* k p)) (* (- d_p k) (- l p)))))
(assert (=> (and (<= 0 x) (<= 0 (- (- f_u (* k u)) c))) (<= 0 (* x (- (- f_u (* k u)) c))))) ; true of all numbers
(assert (=> (and (<= 0 (- u x)) (<= 0 (- f_0 c))) (<= 0 (* (- u x) (- f_0 c))))) ; true of all numbers
(assert (=> (and (<= 0 (- d_p k)) (<= 0 (- x))) (<= 0 (* (- d_p k) (- x))))) ; true of all numbers
(assert (=> (and (<= 0 (- d_p k)) (<= 0 (- x l))) (<= 0 (* (- d_p k) (- x l))))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 (- x))) (<= 0 (* (- k d_p) (- x))))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 (- x l))) (<= 0 (* (- k d_p) (- x l))))) ; true of all numbers
(assert (not (<= (+ (* k x) c) y)))
(check-sat)
