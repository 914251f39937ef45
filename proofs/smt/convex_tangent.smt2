; A convex function lies above its line of slope k near p, moved by what k misses of the slope d_p at p: m bounds (d_p - k) (x - p) at both ends.
; Relied on by ConvexActivation.cs. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const d_p Real)
(declare-const f_p Real)
(declare-const k Real)
(declare-const l Real)
(declare-const m Real)
(declare-const p Real)
(declare-const u Real)
(declare-const x Real)
(declare-const y Real)
(assert (<= (+ f_p (* d_p (- x p))) y)) ; what y is
(assert (and (<= l x) (<= x u)))
(assert (and (<= m (* (- d_p k) (- l p))) (<= m (* (- d_p k) (- u p)))))
(assert (=> (and (<= 0 (- d_p k)) (<= 0 (- x l))) (<= 0 (* (- d_p k) (- x l))))) ; true of all numbers
(assert (=> (and (<= 0 (- d_p k)) (<= 0 (- u x))) (<= 0 (* (- d_p k) (- u x))))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 (- x l))) (<= 0 (* (- k d_p) (- x l))))) ; true of all numbers
(assert (=> (and (<= 0 (- k d_p)) (<= 0 (- u x))) (<= 0 (* (- k d_p) (- u x))))) ; true of all numbers
(assert (not (<= (+ (+ (* k (- x p)) f_p) m) y)))
(check-sat)
