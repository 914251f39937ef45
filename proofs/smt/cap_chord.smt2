; The lower line of min(x, c) over [l, u], l < c < u, is its chord.
; Relied on by Cap.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const l Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (<= x c) x c))) ; what y is
(assert (and (< l c) (< c u)))
(assert (and (<= l x) (<= x u)))
(assert (=> (and (<= 0 (- c l)) (<= 0 (- u x))) (<= 0 (* (- c l) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 (- u c)) (<= 0 (- x l))) (<= 0 (* (- u c) (- x l))))) ; true of all numbers
(assert (not (<= (+ (* (- c l) (- x l)) (* l (- u l))) (* y (- u l)))))
(check-sat)
