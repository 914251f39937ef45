; y = f x, f in [p, q], x in [l, u]: y - k x lies among the products of the ends of f - k and x.
; Relied on by Scale.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const k Real)
(declare-const l Real)
(declare-const p Real)
(declare-const q Real)
(declare-const u Real)
(declare-const w Real)
(declare-const x Real)
(declare-const y Real)
(assert (ite (>= x 0) (and (<= (* p x) y) (<= y (* q x))) (and (<= (* q x) y) (<= y (* p x))))) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (and (<= p k) (<= k q)))
(assert (and (<= w (* (- p k) l)) (<= w (* (- p k) u))))
(assert (and (<= w (* (- q k) l)) (<= w (* (- q k) u))))
(assert (=> (and (<= 0 (- k p)) (<= 0 (- x l))) (<= 0 (* (- k p) (- x l))))) ; true of all numbers
(assert (=> (and (<= 0 (- k p)) (<= 0 (- u x))) (<= 0 (* (- k p) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 (- q k)) (<= 0 (- x l))) (<= 0 (* (- q k) (- x l))))) ; true of all numbers
(assert (=> (and (<= 0 (- q k)) (<= 0 (- u x))) (<= 0 (* (- q k) (- u x))))) ; true of all numbers
(assert (not (<= (+ (* k x) w) y)))
(check-sat)
