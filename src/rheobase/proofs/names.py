"""The names of the properties, known without loading the prover."""

PROPERTIES = (
    "defined", "continuous", "c1", "c2", "smooth", "monotone", "convex", "bounded_below", "bounded_above", "positive",
    "odd", "even", "infimum", "supremum", "lipschitz", "limit_left", "limit_right", "asymptote_left",
    "asymptote_right", "growth", "saturates_left", "saturates_right", "zeros", "extrema", "kinks", "jumps",
    "homogeneous", "zero_centred", "trainable", "universal",
)  # fmt: skip
