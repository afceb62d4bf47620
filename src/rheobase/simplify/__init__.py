"""Rewriting a formula: equal functions become equal trees, and what people type becomes what computes."""

from rheobase.simplify.normal import simplify

__all__ = ["simplify"]
