; Over |a - p| <= r, |b - q| <= s the product a b lies within r s of its tangent plane q a + p b - p q.
; Relied on by src/Guarantees/Networks/Operators/Multiply.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const p Real)
(declare-const q Real)
(declare-const r Real)
(declare-const s Real)
(assert (and (<= (- r) (- a p)) (<= (- a p) r) (<= (- s) (- b q)) (<= (- b q) s)))
(define-fun rest () Real (- (* a b) (- (+ (* q a) (* p b)) (* p q))))
(assert (or (> rest (* r s)) (< rest (- (* r s)))))
(check-sat)
