"""An expression as LaTeX, from the table's column."""

from __future__ import annotations

from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, postorder
from rheobase.ops import COMPARISONS, OPS
from rheobase.printing import ATOM, POWER, PRODUCT, SUM, UNARY, number_text

GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "rho",
        "sigma",
        "tau",
        "phi",
        "omega",
    ]
)
Part = tuple[str, int]


def to_latex(expr: Expr) -> str:
    r"""LaTeX of the formula, to stand in `$ … $`.

    >>> from rheobase.parse import parse
    >>> print(to_latex(parse("x/(1 + abs(x))")))
    \frac{x}{1 + \left|x\right|}
    """
    made: dict[Expr, Part] = {}
    for node in postorder(expr):
        made[node] = _node(node, [made[a] for a in node.args])
    return made[expr][0]


def _node(node: Expr, args: list[Part]) -> Part:
    if isinstance(node, Number):
        return _number(node)
    if isinstance(node, Constant):
        return (r"\pi" if node.name == "pi" else "e"), ATOM
    if isinstance(node, Variable | Parameter):
        return _name(node.name), ATOM
    assert isinstance(node, Apply)
    cell = OPS[node.op].latex
    match node.op:
        case "add" | "sub":
            return cell.format(_wrap(args[0], SUM), _wrap(args[1], PRODUCT)), SUM
        case "mul":
            sign = r" \cdot " if args[1][0][0].isdigit() else r" \, "
            return _wrap(args[0], PRODUCT) + sign + _wrap(args[1], POWER), PRODUCT
        case "div":
            return cell.format(args[0][0], args[1][0]), POWER
        case "neg":
            return cell.format(_wrap(args[0], POWER)), UNARY
        case "pow":
            return cell.format(_wrap(args[0], ATOM), args[1][0]), POWER
        case "where":
            return _cases(args), ATOM
        case op if op in COMPARISONS:
            return cell.format(_wrap(args[0], SUM), _wrap(args[1], SUM)), 0
    return cell.format(*(text for text, _ in args)), OPS[node.op].binding


def _cases(args: list[Part]) -> str:
    """Nested choices become one list of cases."""
    condition, p, q = (text for text, _ in args)
    begin, end, last = r"\begin{cases} ", r" \end{cases}", r" & \text{otherwise}"
    rest = q[len(begin) : -len(end)] if q.startswith(begin) and q.endswith(end) else q + last
    return rf"{begin}{p} & {condition} \\ {rest}{end}"


def _number(node: Number) -> Part:
    text = number_text(node.value)
    if "/" in text:
        top, bottom = text.lstrip("-").split("/")
        sign = "-" if node.value < 0 else ""
        return rf"{sign}\frac{{{top}}}{{{bottom}}}", UNARY if sign else POWER
    if "e" in text:
        digits, exponent = text.split("e")
        power = f"10^{{{exponent}}}"
        return (power if digits == "1" else rf"{digits} \cdot {power}"), PRODUCT
    return text, UNARY if node.value < 0 else ATOM


def _name(name: str) -> str:
    head, *tail = name.split("_")
    base = "\\" + head if head in GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    return base + (rf"_{{\mathrm{{{','.join(tail)}}}}}" if tail else "")


def _wrap(part: Part, at_least: int) -> str:
    return part[0] if part[1] >= at_least else rf"\left({part[0]}\right)"
