"""LaTeX of formulas as MathML, which browsers draw without a script: the part of LaTeX that the table writes.

The table of primitives keeps one column of mathematical notation, the LaTeX one; this reads it.
"""

from __future__ import annotations

import re
from html import escape

from rheobase.errors import RheobaseError

TOKEN = re.compile(r"\\[A-Za-z]+|\\[,\\]|\d+(?:\.\d+)?|[A-Za-z]|[{}^_&'+\-<>=(),|]")
LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "ϕ", "varphi": "φ",
    "omega": "ω", "Phi": "Φ",
}  # fmt: skip
NAMED = frozenset(("exp", "ln", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "min", "max"))
SIGNS = {"cdot": "·", "le": "≤", "ge": "≥", "-": "−"}
FENCES = {"(": "(", ")": ")", "|": "|", "\\lfloor": "⌊", "\\rfloor": "⌋"}
APPLY = "<mo>&#x2061;</mo>"
TIMES = '<mo>&#x2062;</mo><mspace width="0.16em"/>'


def mathml(latex: str, *, display: bool = False) -> str:
    r"""The `<math>` element of a formula, with its LaTeX for those who copy it.

    Raises:
        RheobaseError: for LaTeX that no formula is written in.

    >>> mathml(r"\frac{x}{2}")
    '<math><mfrac><mi>x</mi><mn>2</mn></mfrac></math>'
    """
    mode = ' display="block"' if display else ""
    return f"<math{mode}>{_Reader(latex).whole()}</math>"


class _Reader:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = TOKEN.findall(latex)
        if "".join(self.tokens) != re.sub(r"\s+", "", latex):
            raise self.fail("holds a sign that no formula uses")
        self.at = 0

    def fail(self, what: str) -> RheobaseError:
        return RheobaseError(f"this LaTeX {what}", where=self.latex, instead="LaTeX as Activation.latex() gives it")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise self.fail(f"lacks {wanted}" if wanted else "ends too early")
        self.at += 1
        return token

    def whole(self) -> str:
        made = self.row(())
        if self.peek():
            raise self.fail(f"has a {self.peek()} too many")
        return made

    def row(self, ends: tuple[str, ...]) -> str:
        parts: list[str] = []
        while self.peek() and self.peek() not in (*ends, "}"):
            before = self.tokens[self.at - 1] if self.at else ""
            parts.append(self.scripted("" if before != "," else "after a comma"))
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def scripted(self, place: str) -> str:
        base = self.one(place)
        while self.peek() in ("^", "_", "'"):
            sign = self.take()
            if sign == "'":
                base = f"<msup>{base}<mo>′</mo></msup>"
            else:
                tag = "msup" if sign == "^" else "msub"
                base = f"<{tag}>{base}{self.group()}</{tag}>"
        # A name directly before a bracket is applied to it; factors are set apart by `\,` or `\cdot`.
        named = base.startswith(("<mi", "<msup><mi", "<msub><mi"))
        return base + (APPLY if named and self.peek() == "\\left" else "")

    def group(self) -> str:
        if self.peek() != "{":
            return self.one("")
        self.take("{")
        made = self.row(())
        self.take("}")
        return made

    def one(self, place: str) -> str:
        token = self.take()
        if token == "{":
            self.at -= 1
            return self.group()
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token[0].isalpha():
            return f"<mi>{token}</mi>"
        if token == "\\,":
            return "" if place else TIMES
        if token[0] != "\\":
            return f"<mo>{escape(SIGNS.get(token, token))}</mo>"
        return self.command(token[1:])

    def command(self, name: str) -> str:
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in NAMED:
            return f"<mi>{name}</mi>"
        if name in SIGNS:
            return f"<mo>{SIGNS[name]}</mo>"
        match name:
            case "frac":
                return f"<mfrac>{self.group()}{self.group()}</mfrac>"
            case "sqrt":
                return f"<msqrt>{self.group()}</msqrt>"
            case "operatorname" | "mathrm":
                return f'<mi mathvariant="normal">{self.text()}</mi>'
            case "left":
                opening = FENCES[self.take()]
                inner = self.row(("\\right",))
                self.take("\\right")
                closing = FENCES[self.take()]
                return f"<mrow><mo>{opening}</mo>{inner}<mo>{closing}</mo></mrow>"
            case "begin":
                return self.cases()
            case "text":
                return f"<mtext>{self.text()}</mtext>"
        raise self.fail(f"holds \\{name}, which no formula uses")

    def text(self) -> str:
        self.take("{")
        words: list[str] = []
        while self.peek() != "}":
            words.append(self.take())
        self.take("}")
        return escape("".join(words))

    def cases(self) -> str:
        self.text()
        rows: list[str] = []
        while self.peek() != "\\end":
            value = self.row(("&",))
            self.take("&")
            when = self.row(("\\\\", "\\end"))
            condition = when if "<mtext>" in when else f"<mtext>if&#xa0;</mtext>{when}"
            rows.append(f"<mtr><mtd>{value}</mtd><mtd>{condition}</mtd></mtr>")
            if self.peek() == "\\\\":
                self.take()
        self.take()
        self.text()
        # Without a font for mathematics browsers do not stretch a brace; it is set as tall as its rows.
        brace = f'<mo mathsize="{len(rows)}00%">{{</mo>'
        return f'<mrow>{brace}<mtable class="cases">{"".join(rows)}</mtable></mrow>'
