; y lies between s b and t b, s <= t, b in [l, u], l < 0 < u: the chord of the larger lies above.
; Relied on by Gate.cs, Change.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const b Real)
(declare-const l Real)
(declare-const s Real)
(declare-const t Real)
(declare-const u Real)
(declare-const y Real)
(assert (or (and (<= (* s b) y) (<= y (* t b))) (and (<= (* t b) y) (<= y (* s b))))) ; what y is
(assert (and (< l 0) (< 0 u)))
(assert (and (<= l b) (<= b u)))
(assert (<= s t))
(assert (=> (and (<= 0 u) (<= 0 (- b l))) (<= 0 (* u (- b l))))) ; true of all numbers
(assert (=> (and (<= 0 (- l)) (<= 0 (- u b))) (<= 0 (* (- l) (- u b))))) ; true of all numbers
(assert (=> (and (<= 0 (- t s)) (<= 0 (- b l))) (<= 0 (* (- t s) (- b l))))) ; true of all numbers
(assert (=> (and (<= 0 (- t s)) (<= 0 (- u b))) (<= 0 (* (- t s) (- u b))))) ; true of all numbers
(assert (=> (and (<= 0 (* (- t s) u)) (<= 0 (- b l))) (<= 0 (* (* (- t s) u) (- b l))))) ; true of all numbers
(assert (=> (and (<= 0 (* (- t s) (- l))) (<= 0 (- u b))) (<= 0 (* (* (- t s) (- l)) (- u b))))) ; true of all numbers
(assert (not (<= (* y (- u l)) (+ (* (- (* t u) (* s l)) (- b l)) (* (* s l) (- u l))))))
(check-sat)
