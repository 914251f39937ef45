; Weights p, q with m = min(p, q), densities f, g: |p f - q g| <= m |f - g| + (p - m) f + (q - m) g.
; Relied on by src/Guarantees/Distributions/TotalVariation.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const d Real)
(declare-const f Real)
(declare-const g Real)
(declare-const m Real)
(declare-const p Real)
(declare-const q Real)
(assert (and (<= 0 f) (<= 0 g)))
(assert (and (and (<= 0 m) (<= m p)) (<= m q)))
(assert (and (<= (- f g) d) (<= (- g f) d)))
(assert (=> (and (<= 0 m) (<= 0 (- d (- f g)))) (<= 0 (* m (- d (- f g)))))) ; true of all numbers
(assert (=> (and (<= 0 m) (<= 0 (- d (- g f)))) (<= 0 (* m (- d (- g f)))))) ; true of all numbers
(assert (=> (and (<= 0 (- p m)) (<= 0 f)) (<= 0 (* (- p m) f)))) ; true of all numbers
(assert (=> (and (<= 0 (- q m)) (<= 0 g)) (<= 0 (* (- q m) g)))) ; true of all numbers
(assert (not (and (<= (- (* p f) (* q g)) (+ (+ (* m d) (* (- p m) f)) (* (- q m) g))) (<= (- (- (* p f) (* q g))) (+ (+ (* m d) (* (- p m) f)) (* (- q m) g))))))
(check-sat)
