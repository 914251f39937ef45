; Where a - b lies in [l, u], l < 0 < u, max(a, b) <= b + u (a - b - l) / (u - l).
; Relied on by Maximum.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const l Real)
(declare-const u Real)
(declare-const y Real)
(assert (= y (ite (>= a b) a b))) ; what y is
(assert (and (< l 0) (< 0 u)))
(assert (and (<= l (- a b)) (<= (- a b) u)))
(assert (=> (and (<= 0 (- l)) (<= 0 (- u (- a b)))) (<= 0 (* (- l) (- u (- a b)))))) ; true of all numbers
(assert (=> (and (<= 0 u) (<= 0 (- (- a b) l))) (<= 0 (* u (- (- a b) l))))) ; true of all numbers
(assert (not (<= (* y (- u l)) (+ (* b (- u l)) (* u (- (- a b) l))))))
(check-sat)
