; The upper line of the leaky ReLU with slope a in [0, 1] over [l, u], l < 0 < u, is its chord.
; Relied on by LeakyReLU.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x (* a x)))) ; what y is
(assert (and (< l 0) (< 0 u)))
(assert (and (<= l x) (<= x u)))
(assert (and (<= 0 a) (<= a 1)))
(assert (=> (and (<= 0 (- 1 a)) (<= 0 (* (- l) (- u x)))) (<= 0 (* (- 1 a) (* (- l) (- u x)))))) ; true of all numbers
(assert (=> (and (<= 0 (- l)) (<= 0 (- u x))) (<= 0 (* (- l) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 (- 1 a)) (<= 0 (* u (- x l)))) (<= 0 (* (- 1 a) (* u (- x l)))))) ; true of all numbers
(assert (=> (and (<= 0 u) (<= 0 (- x l))) (<= 0 (* u (- x l))))) ; true of all numbers
(assert (not (<= (* y (- u l)) (+ (* (- u (* a l)) (- x l)) (* (* a l) (- u l))))))
(check-sat)
