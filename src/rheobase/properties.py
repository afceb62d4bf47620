"""The properties that are proven or refuted, by theme: the one list of their names, which loads nothing."""

THEMES = {
    "regularity": ("defined", "continuous", "c1", "c2", "smooth", "kinks", "jumps"),
    "shape": ("monotone", "convex", "extrema", "zeros", "odd", "even", "homogeneous"),
    "extent": ("positive", "infimum", "supremum", "bounded_below", "bounded_above", "lipschitz"),
    "ends": (
        "limit_left", "limit_right", "asymptote_left", "asymptote_right", "growth", "saturates_left", "saturates_right",
    ),
    "learning": ("trainable", "universal", "zero_centred"),
}  # fmt: skip
PROPERTIES = tuple(name for names in THEMES.values() for name in names)
