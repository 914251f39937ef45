; With r the root of a ratio of densities: 1 / (2 r^2 (1 + r^2)) <= 1 / (4 r^3), the second derivatives of the functions whose divergences are JS and H^2.
; Relied on by src/Guarantees/Distributions/JensenShannon.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const r Real)
(assert (< 0 r))
(assert (=> (and (<= 0 (* r r)) (<= 0 (* (- r 1) (- r 1)))) (<= 0 (* (* r r) (* (- r 1) (- r 1)))))) ; true of all numbers
(assert (<= 0 (* (- r 1) (- r 1)))) ; true of all numbers
(assert (<= 0 (* r r))) ; true of all numbers
(assert (not (<= (* 4 (* (* r r) r)) (* 2 (* (* r r) (+ 1 (* r r)))))))
(check-sat)
