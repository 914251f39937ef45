; A norm is at least its product with any vector of length at most 1: p a + q b <= |(a, b)| (two coordinates).
; Relied on by Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const p Real)
(declare-const q Real)
(declare-const y Real)
(assert (and (>= y 0) (= (* y y) (+ 0 (* a a) (* b b))))) ; what y is
(assert (<= (+ (* p p) (* q q)) 1))
(assert (<= 0 (* (- (* p b) (* q a)) (- (* p b) (* q a))))) ; true of all numbers
(assert (=> (and (<= 0 (- 1 (+ (* p p) (* q q)))) (<= 0 (+ (* a a) (* b b)))) (<= 0 (* (- 1 (+ (* p p) (* q q))) (+ (* a a) (* b b)))))) ; true of all numbers
(assert (=> (and (<= 0 (- (+ (* p a) (* q b)) y)) (<= 0 (+ (+ (* p a) (* q b)) y))) (<= 0 (* (- (+ (* p a) (* q b)) y) (+ (+ (* p a) (* q b)) y))))) ; true of all numbers
(assert (=> (and (<= 0 (- (+ (* p a) (* q b)) y)) (<= 0 y)) (<= 0 (* (- (+ (* p a) (* q b)) y) y)))) ; true of all numbers
(assert (not (<= (+ (* p a) (* q b)) y)))
(check-sat)
