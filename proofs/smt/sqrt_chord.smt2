; Over [a^2, b^2], 0 <= a < b, the square root lies above its chord (x + a b) / (a + b).
; Relied on by Sqrt.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const x Real)
(declare-const y Real)
(assert (and (>= y 0) (= (* y y) x))) ; what y is
(assert (and (<= 0 a) (< a b)))
(assert (and (<= (* a a) x) (<= x (* b b))))
(assert (=> (and (<= 0 (- y a)) (<= 0 (- b y))) (<= 0 (* (- y a) (- b y))))) ; true of all numbers
(assert (=> (and (<= 0 (- a y)) (<= 0 (+ a y))) (<= 0 (* (- a y) (+ a y))))) ; true of all numbers
(assert (=> (and (<= 0 (- y b)) (<= 0 (+ y b))) (<= 0 (* (- y b) (+ y b))))) ; true of all numbers
(assert (not (<= (+ x (* a b)) (* y (+ a b)))))
(check-sat)
