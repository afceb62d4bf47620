"""What the prover says of a property, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rheobase.proofs.report import Found
from rheobase.proofs.words import in_words
from rheobase.story.words import Text

_MADE_OF = {
    "differentiable": ("c1",),
    "saturating": ("saturates_left", "saturates_right"),
    "bounded": ("bounded_below", "bounded_above"),
    "periodic": ("limit_right",),
}
"""Words of the claims that stand for properties of another name; the others are the property's own."""

_KOREAN = (
    (r"rises from (.+) to (.+), falls from (.+) to (.+)", r"\1에서 \2까지 커지고, \3에서 \4까지 작아진다"),
    (r"analytic everywhere", "모든 점에서 해석적이다"),
    (r"analytic on boxes.*", "구간마다 해석적이고, 그 사이의 점에서는 양쪽 전개가 맞는다"),
    (r"exponential, towards (.+)", r"지수적으로 \1에 수렴한다"),
    (r"Gaussian, towards (.+)", r"가우스 함수처럼 \1에 수렴한다"),
    (r"at (.+) f′ goes from (.+) to (.+)", r"x = \1에서 f′이 건너뛴다(\2 → \3)"),
    (r"at (.+), left (.+), value (.+), right (.+)", r"x = \1에서 왼쪽 극한 \2, 함숫값 \3, 오른쪽 극한 \4"),
    (r"at (.+), (.+) to (.+)", r"x = \1에서 건너뛴다(\2 → \3)"),
    (r"f′ is 0 wherever it exists", "f′은 존재하는 곳에서 모두 0이다"),
    (r"increasing", "증가한다"),
    (r"the slope tends to (.+)", r"기울기가 \1에 수렴한다"),
    (r"no polynomial has a term (.+) on the left", r"왼쪽의 항 \1: 어떤 다항식에도 없는 항이다"),
    (r"a polynomial of degree (\d+)", r"\1차 다항식"),
    (r"oscillates without end, like (.+)", r"\1처럼 끝없이 진동한다"),
    (r"by (.+)", r"한계는 \1"),
    (r"(.+): (\d+) transcendental functions? for value and slope", r"\1: 값과 기울기에 초월함수 \2개"),
)
"""What the prover says of the facts of the story, word for word; a test holds it to every one of them."""


def witness(found: Mapping[str, Found], claim: str) -> Text:
    """The witness or the method behind a property, or behind "not" and a property.

    >>> import rheobase as rb
    >>> words = witness(rb.check("relu"), "not c1")
    >>> words.en, words.ko
    ('at 0 f′ goes from 0 to 1', 'x = 0에서 f′이 건너뛴다(0 → 1)')
    """
    word = claim.removeprefix("not ")
    names = [name for name in _MADE_OF.get(word, (word,)) if name in found]
    words = [in_words(name, found[name]) or found[name].method or "" for name in names]
    told = "; ".join(dict.fromkeys(words))
    return Text(told, in_korean(told))


def in_korean(words: str) -> str:
    """What the prover or a judge says, in Korean where it is among the things that the story tells.

    >>> in_korean("increasing; the slope tends to 0.5")
    '증가한다; 기울기가 0.5에 수렴한다'
    """
    return "; ".join(map(_phrase, words.split("; ")))


def _phrase(words: str) -> str:
    for pattern, korean in _KOREAN:
        if re.fullmatch(pattern, words):
            return re.sub(pattern, korean, words)
    return words
