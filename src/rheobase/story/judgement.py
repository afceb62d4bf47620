"""What may be said of a repair."""

from __future__ import annotations

from typing import Literal

import msgspec

Mended = Literal["proven", "refuted", "unknown"]


class Judgement(msgspec.Struct, frozen=True):
    """Does it mend what it says? With what was found of the one and of the other, or the reason why it is not known."""

    verdict: Mended
    text: str
    gone: bool = False
    """Whether nothing of the drawback is left; where it is proven and not gone, there is less of it."""
