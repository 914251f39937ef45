; Over |a - p| <= r, |b - q| <= s the product a b lies within r s of its tangent plane q a + p b - p q.
; Relied on by Multiply.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const p Real)
(declare-const q Real)
(declare-const r Real)
(declare-const s Real)
(declare-const y Real)
(assert (= y (* a b))) ; what y is
(assert (and (<= (- r) (- a p)) (<= (- a p) r)))
(assert (and (<= (- s) (- b q)) (<= (- b q) s)))
(assert (=> (and (<= 0 (- r (- a p))) (<= 0 (- s (- b q)))) (<= 0 (* (- r (- a p)) (- s (- b q)))))) ; true of all numbers
(assert (=> (and (<= 0 (+ r (- a p))) (<= 0 (+ s (- b q)))) (<= 0 (* (+ r (- a p)) (+ s (- b q)))))) ; true of all numbers
(assert (=> (and (<= 0 (- r (- a p))) (<= 0 (+ s (- b q)))) (<= 0 (* (- r (- a p)) (+ s (- b q)))))) ; true of all numbers
(assert (=> (and (<= 0 (+ r (- a p))) (<= 0 (- s (- b q)))) (<= 0 (* (+ r (- a p)) (- s (- b q)))))) ; true of all numbers
(assert (not (<= y (+ (- (+ (* q a) (* p b)) (* p q)) (* r s)))))
(check-sat)
