; Over [l, u] the square lies below its chord (l + u) x - l u, and above its tangent 2 c x - c^2 at any c.
; Relied on by src/Guarantees/Networks/Operators/Square.cs and Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const c Real)
(assert (and (<= l x) (<= x u)))
(assert (or (> (* x x) (- (* (+ l u) x) (* l u))) (< (* x x) (- (* 2 (* c x)) (* c c)))))
(check-sat)
