; With r = exp(e): where two probabilities and their complements differ by a factor in [1 / r, r] at most, they differ by at most (r - 1) / (r + 1) = tanh(e / 2).
; Relied on by src/Guarantees/Distributions/DensityRatio.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const p Real)
(declare-const q Real)
(declare-const r Real)
(assert (and (<= 0 p) (<= p 1)))
(assert (and (<= 0 q) (<= q 1)))
(assert (<= 1 r))
(assert (and (<= p (* r q)) (<= q (* r p))))
(assert (and (<= (- 1 p) (* r (- 1 q))) (<= (- 1 q) (* r (- 1 p)))))
(assert (not (and (<= (* (- p q) (+ r 1)) (- r 1)) (<= (- (* (- p q) (+ r 1))) (- r 1)))))
(check-sat)
