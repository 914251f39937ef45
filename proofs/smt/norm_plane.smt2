; A Euclidean norm n = |z| obeys n <= (n^2 + t^2) / (2 t) for every t > 0.
; Relied on by src/Guarantees/Networks/Operators/Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const n Real)
(declare-const t Real)
(assert (and (>= n 0) (> t 0)))
(assert (> (* 2 (* t n)) (+ (* n n) (* t t))))
(check-sat)
