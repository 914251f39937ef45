(* What each public theorem rests on; proofs/check compares the output with assumptions.expected. The theorems of Elementary stand in one tuple:
   what it rests on is what any of them does, and each alone takes ten seconds to print. So do those of a file of Statistics that needs analysis. *)
From Certify.Elementary Require Outward Division Residual Exponential Quotients Logarithm Softplus ScaleDivergence Normal Gaussian Laplace NormalRows ScaledPair NormalCdf Clipped.
From Certify.Checker Require Instances Specialized Lipschitz Secants GaussianLaws CholeskyLaws.
From Certify.Execution Require Roundings Checked.
From Certify.Graphs Require Bounds Functions Sigmoid.
From Certify.Statistics Require Channels ClopperPearson Conformal ConformalPValue CoverageLaw Divergence Expectation Gronwall Hoeffding Mixtures Moments Multiplicity Transport Ville WeightedConformal.
Definition Elementary := (
  Outward.lower_sound,
  Outward.upper_sound,
  Division.divide_error,
  Residual.sqrt_enclosed,
  Residual.reciprocal_enclosed,
  Exponential.exp_truncation,
  Exponential.reduced_error,
  Exponential.exp_expansion_error,
  Exponential.exp_approximated,
  Quotients.expm1_approximated,
  Quotients.expm1_tiny_approximated,
  Quotients.expm1_large_approximated,
  Quotients.tanh_approximated,
  Quotients.tanh_tiny_approximated,
  Quotients.sigmoid_below_approximated,
  Quotients.sigmoid_above_approximated,
  Logarithm.log_truncation,
  Logarithm.log_reduced_approximated,
  Logarithm.log_approximated,
  Logarithm.log1p_near_approximated,
  Logarithm.log1p_far_approximated,
  Logarithm.log1p_tiny_approximated,
  Softplus.softplus_tail_approximated,
  Softplus.softplus_near_approximated,
  Softplus.softplus_middle_approximated,
  Softplus.softplus_above_tail_approximated,
  Softplus.softplus_above_near_approximated,
  Softplus.softplus_above_middle_approximated,
  Softplus.softplus_huge_approximated,
  ScaleDivergence.scale_divergence_small_approximated,
  ScaleDivergence.scale_divergence_near_approximated,
  ScaleDivergence.scale_divergence_large_approximated,
  ScaleDivergence.scale_divergence_reduced_approximated,
  ScaleDivergence.scale_divergence_far_approximated,
  Normal.erf_truncation,
  Normal.erf_series_approximated,
  Normal.tiny_erf_approximated,
  Gaussian.normal_distribution,
  Laplace.laplace_truncation,
  NormalRows.table_truncation,
  ScaledPair.scaled_pair_error,
  NormalCdf.normal_below_approximated,
  NormalCdf.normal_above_approximated,
  NormalCdf.normal_zero,
  NormalCdf.erf_above_approximated,
  NormalCdf.erf_opposite,
  Clipped.exp_clipped_below,
  Clipped.exp_clipped_above,
  Clipped.expm1_clipped_below,
  Clipped.expm1_clipped_above,
  Clipped.sigmoid_clipped_below,
  Clipped.sigmoid_clipped_above,
  Clipped.softplus_clipped_below,
  Clipped.softplus_zero_approximated,
  Clipped.normal_clipped_below,
  Clipped.scale_divergence_clipped_below,
  Clipped.scale_divergence_clipped_above).
Print Assumptions Elementary.
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
Print Assumptions Secants.relu_secant_slopes.
Print Assumptions Secants.relu_secant_lipschitz.
Print Assumptions Secants.relu_interval_lipschitz.
Print Assumptions GaussianLaws.gaussian_robustness_sound.
Print Assumptions GaussianLaws.gaussian_robustness_coupling.
Print Assumptions CholeskyLaws.cholesky_robustness_coupling.
Definition Bounds := (
  @Bounds.graph_interval_sound,
  @Bounds.graph_linear_bound_sound,
  @Bounds.affine_relaxes,
  @Bounds.lines_relax,
  @Bounds.planes_relax).
Print Assumptions Bounds.
Definition Functions := (
  @Functions.supported_chord,
  @Functions.exp_tangent,
  @Functions.softplus_tangent,
  @Functions.exp_chord,
  @Functions.softplus_chord,
  @Functions.relu_below,
  @Functions.relu_chord,
  @Functions.mccormick).
Print Assumptions Functions.
Definition Sigmoid := (
  @Sigmoid.sigmoid_tangent_below,
  @Sigmoid.sigmoid_tangent_above,
  @Sigmoid.sigmoid_chord_above,
  @Sigmoid.sigmoid_chord_below,
  @Sigmoid.sigmoid_across_below,
  @Sigmoid.sigmoid_across_above,
  @Sigmoid.tanh_sigmoid,
  @Sigmoid.tanh_lines).
Print Assumptions Sigmoid.
Print Assumptions Sums.sums_error.
Print Assumptions Layers.row_execution_error.
Print Assumptions Layers.network_execution_error.
Print Assumptions Layers.claim_execution.
Definition Roundings := (
  @Roundings.nearest_operation,
  @Roundings.stored_operation,
  @Roundings.flushed_operation,
  @Roundings.binary32_sums,
  @Roundings.binary32_row).
Print Assumptions Roundings.
Definition Checked := (
  @Checked.execution_errors_sound,
  @Checked.execution_sound,
  @Checked.gaussian_execution_sound).
Print Assumptions Checked.
Definition Channels := (
  @Channels.log_sum,
  @Channels.variation_processed,
  @Channels.divergence_processed).
Print Assumptions Channels.
Print Assumptions ClopperPearson.clopper_pearson_upper.
Print Assumptions Conformal.conformal_coverage.
Print Assumptions Conformal.split_conformal_coverage.
Print Assumptions Conformal.robust_conformal_coverage.
Print Assumptions ConformalPValue.conformal_pvalue_valid.
Print Assumptions ConformalPValue.permutation_pvalue_valid.
Print Assumptions CoverageLaw.coverage_shortfall.
Definition Divergence := (
  @Divergence.variation_tests,
  @Divergence.variation_at_most_1,
  @Divergence.divergence_nonnegative,
  @Divergence.pinsker,
  @Divergence.log_density_variation,
  @Divergence.log_density_whole,
  @Divergence.log_density_divergence,
  @Divergence.log_density_divergence_square,
  @Divergence.softmax_variation,
  @Divergence.hellinger_below_variation,
  @Divergence.variation_below_hellinger,
  @Divergence.softmax_divergence,
  @Divergence.jensen_shannon_hellinger,
  @Divergence.jensen_shannon_at_most_ln2).
Print Assumptions Divergence.
Print Assumptions Expectation.markov.
Print Assumptions Gronwall.gronwall_discrete.
Definition Gronwall := (
  @Gronwall.gronwall_continuous,
  @Gronwall.flow_distance).
Print Assumptions Gronwall.
Definition Hoeffding := (
  @Hoeffding.hoeffding_lemma,
  @Hoeffding.hoeffding,
  @Hoeffding.hoeffding_upper_bound,
  @Hoeffding.hoeffding_lower_bound).
Print Assumptions Hoeffding.
Definition Mixtures := (
  @Mixtures.mixture_variation,
  @Mixtures.mixture_divergence,
  @Mixtures.mixture_hellinger).
Print Assumptions Mixtures.
Print Assumptions Moments.gaussian_coupling.
Print Assumptions Moments.gaussian_divergence.
Print Assumptions Moments.gaussian_coupling_vector.
Definition Multiplicity := (
  @Multiplicity.bonferroni_error,
  @Multiplicity.holm_error).
Print Assumptions Multiplicity.
Definition Transport := (
  @Transport.mixture_transport,
  @Transport.mixture_coupling,
  @Transport.common_noise,
  @Transport.transport_lower_bound).
Print Assumptions Transport.
Definition Ville := (
  @Ville.e_value_valid,
  @Ville.e_value_average,
  @Ville.e_value_product,
  @Ville.ville,
  @Ville.e_value_sequence,
  @Ville.betting_lower_bound,
  @Ville.betting_upper_bound).
Print Assumptions Ville.
Print Assumptions WeightedConformal.weighted_conformal_coverage.
Print Assumptions WeightedConformal.covariate_shift_coverage.
