"""Checks of any function: verdicts in words and as data, kept on disk, and what they say of a source's claims."""

from rheobase.proofs.checking import check
from rheobase.proofs.claims import entries_with, judged_claims
from rheobase.proofs.report import Check

__all__ = ["Check", "check", "entries_with", "judged_claims"]
