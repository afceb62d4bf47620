"""Proofs: each property of a formula proven with a certificate, refuted with a witness, or unknown with the reason."""

from rheobase.certify.judge import PROPERTIES, judge
from rheobase.certify.verdict import Proven, Refuted, Unknown, Verdict

__all__ = ["PROPERTIES", "Proven", "Refuted", "Unknown", "Verdict", "judge"]
