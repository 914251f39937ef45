; Where neither of two events fails with more than a and b, both hold with at least 1 - a - b: 1 - (1 - a)(1 - b) <= a + b.
; Relied on by src/Guarantees/Distributions/Binomial.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(assert (and (<= 0 a) (<= a 1)))
(assert (and (<= 0 b) (<= b 1)))
(assert (=> (and (<= 0 a) (<= 0 b)) (<= 0 (* a b)))) ; true of all numbers
(assert (not (<= (- 1 (* (- 1 a) (- 1 b))) (+ a b))))
(check-sat)
