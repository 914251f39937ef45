(* What each public theorem rests on; proofs/check compares the output with assumptions.expected. *)
From Certify.Elementary Require Exponential Logarithm Normal.
From Certify.Checker Require Instances Specialized Lipschitz.
From Certify.Statistics Require ClopperPearson Conformal Gronwall Moments.
Print Assumptions Exponential.exp_truncation.
Print Assumptions Exponential.reduced_error.
Print Assumptions Exponential.exp_expansion_error.
Print Assumptions Logarithm.log_truncation.
Print Assumptions Normal.erf_truncation.
Print Assumptions Instances.OverRationals.interval_network_sound.
Print Assumptions Instances.OverRationals.lower_bound_sound.
Print Assumptions Instances.OverRationals.certify_sound.
Print Assumptions Instances.OverReals.certify_sound.
Print Assumptions Instances.WithIntegerWeights.certify_sound.
Print Assumptions Instances.WithDyadics.certify_sound.
Print Assumptions Specialized.certify_integers_sound.
Print Assumptions Specialized.divide_sound.
Print Assumptions Specialized.whole_sound.
Print Assumptions Lipschitz.chain_lipschitz.
Print Assumptions ClopperPearson.clopper_pearson_upper.
Print Assumptions Conformal.conformal_coverage.
Print Assumptions Conformal.split_conformal_coverage.
Print Assumptions Gronwall.gronwall_discrete.
Print Assumptions Moments.gaussian_coupling.
Print Assumptions Moments.gaussian_divergence.
