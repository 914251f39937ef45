; A mean of x and c lies above min(x, c).
; Relied on by Cap.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const c Real)
(declare-const k Real)
(declare-const x Real)
(declare-const y Real)
(assert (= y (ite (<= x c) x c))) ; what y is
(assert (and (<= 0 k) (<= k 1)))
(assert (=> (and (<= 0 k) (<= 0 (- x c))) (<= 0 (* k (- x c))))) ; true of all numbers
(assert (=> (and (<= 0 (- 1 k)) (<= 0 (- c x))) (<= 0 (* (- 1 k) (- c x))))) ; true of all numbers
(assert (not (<= y (+ (* k x) (* (- 1 k) c)))))
(check-sat)
