; The length of (a, b), a in [l, u], b in [p, q]: |z| <= (|z|^2 + t^2) / (2 t), and each square lies below its chord (two coordinates).
; Relied on by Norm.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const l Real)
(declare-const u Real)
(declare-const p Real)
(declare-const q Real)
(declare-const t Real)
(declare-const y Real)
(assert (and (>= y 0) (= (* y y) (+ 0 (* a a) (* b b))))) ; what y is
(assert (and (<= l a) (<= a u)))
(assert (and (<= p b) (<= b q)))
(assert (< 0 t))
(assert (<= 0 (* (- y t) (- y t)))) ; true of all numbers
(assert (=> (and (<= 0 (- a l)) (<= 0 (- u a))) (<= 0 (* (- a l) (- u a))))) ; true of all numbers
(assert (=> (and (<= 0 (- b p)) (<= 0 (- q b))) (<= 0 (* (- b p) (- q b))))) ; true of all numbers
(assert (not (<= (* y (* 2 t)) (+ (+ (- (* (+ l u) a) (* l u)) (- (* (+ p q) b) (* p q))) (* t t)))))
(check-sat)
