; A squared norm of a vector that is affine in a slope s in [0, 1] is largest at an end (two coordinates).
; Relied on by src/Guarantees/Checking/JacobianBounds.cs, which takes each side of a kink in turn. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const d Real)
(declare-const s Real)
(assert (and (<= 0 s) (<= s 1)))
(define-fun square ((t Real)) Real (+ (* (+ a (* t b)) (+ a (* t b))) (* (+ c (* t d)) (+ c (* t d)))))
(assert (and (> (square s) (square 0)) (> (square s) (square 1))))
(check-sat)
