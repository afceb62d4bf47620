"""Signal propagation: how variance and gradients travel through the depth of a wide random network."""

from rheobase.meanfield.report import Theory, certified_edges, certified_moments, theory

__all__ = ["Theory", "certified_edges", "certified_moments", "theory"]
