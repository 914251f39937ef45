; f convex on [l, 0], concave on [0, u]: k x + c lies above where it does at l, and where c covers the tangent at p >= 0, at 0 and at u.
; Relied on by SShaped.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const d_p Real)
(declare-const f_0 Real)
(declare-const f_l Real)
(declare-const f_p Real)
(declare-const k Real)
(declare-const l Real)
(declare-const p Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (<= f_0 (+ f_p (* d_p (- 0 p))))) ; what y is
(assert (=> (<= x 0) (<= (* y (- 0 l)) (+ (* f_l (- 0 x)) (* f_0 (- x l)))))) ; what y is
(assert (=> (<= 0 x) (<= y (+ f_p (* d_p (- x p)))))) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (and (< l 0) (< 0 u)))
(assert (<= (- f_l (* k l)) c))
(assert (<= (+ (- f_p (* k p)) (* (- d_p k) (- 0 p))) c))
(assert (<= (+ (- f_p (* k p)) (* (- d_p k) (- u p))) c))
(assert (=> (and (<= 0 (- x)) (<= 0 (- c (- f_l (* k l))))) (<= 0 (* (- x) (- c (- f_l (* k l))))))) ; true of all numbers
(assert (=> (and (<= 0 (- x l)) (<= 0 (- c (- f_0 (* k 0))))) (<= 0 (* (- x l) (- c (- f_0 (* k 0))))))) ; true of all numbers
(assert (=> (and (<= 0 (- d_p k)) (<= 0 x)) (<= 0 (* (- d_p k) x)))) ; true of all numbers
(assert (=> (and (<= 0 (- d_p k)) (<= 0 (- u x))) (<= 0 (* (- d_p k) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 x)) (<= 0 (* (- k d_p) x)))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 (- u x))) (<= 0 (* (- k d_p) (- u x))))) ; true of all numbers
(assert (not (<= y (+ (* k x) c))))
(check-sat)
