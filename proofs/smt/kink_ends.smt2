; A squared norm of a vector that is affine in a slope s in [0, 1] is largest at an end (two coordinates).
; Relied on by src/Guarantees/Checking/JacobianBounds.cs, which takes each side of a kink in turn. Negated claim; unsat means proved.
(set-logic QF_NRA)
(declare-const a Real)
(declare-const b Real)
(declare-const c Real)
(declare-const d Real)
(declare-const s Real)
(assert (and (<= 0 s) (<= s 1)))
(assert (=> (and (<= 0 (* s (- 1 s))) (<= 0 (+ (* b b) (* d d)))) (<= 0 (* (* s (- 1 s)) (+ (* b b) (* d d)))))) ; true of all numbers
(assert (=> (and (<= 0 (- 1 s)) (<= 0 (- (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* a a) (* c c))))) (<= 0 (* (- 1 s) (- (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* a a) (* c c))))))) ; true of all numbers
(assert (=> (and (<= 0 s) (<= 0 (- (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* (+ a b) (+ a b)) (* (+ c d) (+ c d)))))) (<= 0 (* s (- (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* (+ a b) (+ a b)) (* (+ c d) (+ c d)))))))) ; true of all numbers
(assert (=> (and (<= 0 s) (<= 0 (- 1 s))) (<= 0 (* s (- 1 s))))) ; true of all numbers
(assert (not (or (<= (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* a a) (* c c))) (<= (+ (* (+ a (* s b)) (+ a (* s b))) (* (+ c (* s d)) (+ c (* s d)))) (+ (* (+ a b) (+ a b)) (* (+ c d) (+ c d)))))))
(check-sat)
