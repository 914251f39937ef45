; The upper line of |x| over [l, u], l < 0 < u, is its chord.
; Relied on by Abs.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (>= x 0) x (- x)))) ; what y is
(assert (and (< l 0) (< 0 u)))
(assert (and (<= l x) (<= x u)))
(assert (=> (and (<= 0 (- l)) (<= 0 (- u x))) (<= 0 (* (- l) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 u) (<= 0 (- x l))) (<= 0 (* u (- x l))))) ; true of all numbers
(assert (not (<= (* y (- u l)) (- (* (+ u l) (- x l)) (* l (- u l))))))
(check-sat)
