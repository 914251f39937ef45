; Where 0 <= a <= c and 0 <= b <= d, a b <= c d.
; Relied on by src/Guarantees/Networks/Operators/Multiply.cs, bounds at vertices. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const d Real)
(assert (and (<= 0 a) (<= a c)))
(assert (and (<= 0 b) (<= b d)))
(assert (=> (and (<= 0 (- c a)) (<= 0 b)) (<= 0 (* (- c a) b)))) ; true of all numbers
(assert (=> (and (<= 0 c) (<= 0 (- d b))) (<= 0 (* c (- d b))))) ; true of all numbers
(assert (not (<= (* a b) (* c d))))
(check-sat)
