; Over [l, u] the square lies below its chord (l + u) x - l u.
; Relied on by Square.cs, Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (* x x))) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (=> (and (<= 0 (- x l)) (<= 0 (- u x))) (<= 0 (* (- x l) (- u x))))) ; true of all numbers
(assert (not (<= y (- (* (+ l u) x) (* l u)))))
(check-sat)
