; Over [l, u], l > 0, 1 / x lies below its chord (l + u - x) / (l u).
; Relied on by Reciprocal.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= (* x y) 1)) ; what y is
(assert (and (< 0 l) (and (<= l x) (<= x u))))
(assert (=> (and (<= 0 (- x l)) (<= 0 (- u x))) (<= 0 (* (- x l) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 y) (<= 0 (* (- x l) (- u x)))) (<= 0 (* y (* (- x l) (- u x)))))) ; true of all numbers
(assert (=> (and (<= 0 x) (<= 0 y)) (<= 0 (* x y)))) ; true of all numbers
(assert (=> (and (< 0 x) (= (* x y) 1)) (< 0 y))) ; true of all numbers
(assert (not (<= (* y (* l u)) (- (+ l u) x))))
(check-sat)
