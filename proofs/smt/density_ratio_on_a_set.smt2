; q >= g q0 on A with g = exp(-e), q0(A) = a >= 1 - m: what q lacks on A and all that lies outside is at most 1 - g (1 - m).
; Relied on by src/Guarantees/Distributions/DensityRatio.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const g Real)
(declare-const m Real)
(assert (and (<= 0 g) (<= g 1)))
(assert (and (<= 0 m) (<= m 1)))
(assert (and (<= (- 1 m) a) (<= a 1)))
(assert (=> (and (<= 0 g) (<= 0 (- a (- 1 m)))) (<= 0 (* g (- a (- 1 m)))))) ; true of all numbers
(assert (not (<= (+ (* (- 1 g) a) (- 1 a)) (- 1 (* g (- 1 m))))))
(check-sat)
