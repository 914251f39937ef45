; With a, b the roots of two weights and h = 1 - BC of their components: (a^2 + b^2) / 2 - a b (1 - h) <= (a - b)^2 / 2 + h (a^2 + b^2) / 2.
; Relied on by src/Guarantees/Distributions/Hellinger.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const h Real)
(assert (and (<= 0 a) (<= 0 b)))
(assert (and (<= 0 h) (<= h 1)))
(assert (=> (and (<= 0 h) (<= 0 (* (- a b) (- a b)))) (<= 0 (* h (* (- a b) (- a b)))))) ; true of all numbers
(assert (<= 0 (* (- a b) (- a b)))) ; true of all numbers
(assert (not (<= (- (+ (* a a) (* b b)) (* 2 (* (* a b) (- 1 h)))) (+ (* (- a b) (- a b)) (* h (+ (* a a) (* b b)))))))
(check-sat)
