(* What each public theorem rests on; proofs/check compares the output with assumptions.expected. *)
From Certify.Elementary Require Exponential Logarithm Normal.
Print Assumptions Exponential.exp_truncation.
Print Assumptions Exponential.reduced_error.
Print Assumptions Exponential.exp_expansion_error.
Print Assumptions Logarithm.log_truncation.
Print Assumptions Normal.erf_truncation.
