"""Matching a law's left side against a formula, in sums and products without regard to order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from rheobase.expr import Apply, Expr, Number, Parameter, power, substitute
from rheobase.parse import parse
from rheobase.simplify.flat import Factors, Terms, from_product, from_sum, product_of, scaled, sum_of
from rheobase.simplify.laws import LAWS

HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}

ARITHMETIC = frozenset(("add", "sub", "mul", "div", "neg", "pow"))
WILD = frozenset("abc")
WILD_NUMBERS = frozenset("mn")
Binding = Mapping[str, Expr]


class Rule(NamedTuple):
    left: Expr
    right: Expr
    when: Apply | None

    def allows(self, binding: Binding) -> bool:
        """Do the numbers that were found meet the law's condition?"""
        if self.when is None:
            return True
        a, b = (substitute(side, {Parameter(n): v for n, v in binding.items()}) for side in self.when.args)
        return isinstance(a, Number) and isinstance(b, Number) and HOLDS[self.when.op](a.value, b.value)


@lru_cache(maxsize=1)
def rules() -> dict[str, list[Rule]]:
    """The laws by what they apply to: "sum", "product", or the name of a primitive."""
    table: dict[str, list[Rule]] = {}
    for law in LAWS:
        left, right = (parse(side, WILD | WILD_NUMBERS, ()) for side in (law.left, law.right))
        assert isinstance(left, Apply)
        head = {"add": "sum", "sub": "sum", "mul": "product", "div": "product"}.get(left.op, left.op)
        if left.op == "pow":
            head = "product"
        when = parse(f"where({law.when}, 1, 0)", WILD_NUMBERS, ()).args[0] if law.when else None
        assert when is None or isinstance(when, Apply)
        table.setdefault(head, []).append(Rule(left, right, when))
    return table


def rewrite(node: Apply) -> Expr:
    """`node` rewritten by the first law that applies, or `node` itself."""
    table = rules()
    if node.op in ("add", "sub"):
        return _rewrite_sum(node, table["sum"])
    if node.op in ("mul", "div", "pow", "neg"):
        return _rewrite_product(node, table["product"])
    for rule in table.get(node.op, ()):
        for binding in match(rule.left, node, {}):
            if rule.allows(binding):
                return _filled(rule.right, binding)
    return node


def _filled(right: Expr, binding: Binding) -> Expr:
    return substitute(right, {Parameter(name): value for name, value in binding.items()})


def match(pattern: Expr, node: Expr, binding: Binding) -> Iterator[Binding]:
    """Every way to fill the wildcards so that `pattern` becomes `node`."""
    if isinstance(pattern, Parameter):
        bound = binding.get(pattern.name)
        if bound is None and (pattern.name in WILD or isinstance(node, Number)):
            yield {**binding, pattern.name: node}
        elif bound is node:
            yield binding
    elif not isinstance(pattern, Apply):
        if pattern is node:
            yield binding
    elif pattern.op in ("add", "sub"):
        number, terms = sum_of(node)
        for found, scale, rest in _match_sum(pattern, number, terms, binding):
            if scale == 1 and not rest[0] and not rest[1]:
                yield found
    elif pattern.op in ("mul", "div", "pow", "neg"):
        number, factors = product_of(node)
        for found, exponent, rest in _match_product(pattern, number, factors, binding):
            if exponent == 1 and rest == (1, {}):
                yield found
    elif isinstance(node, Apply) and node.op == pattern.op:
        yield from _match_all(pattern.args, node.args, binding)


def _match_all(patterns: tuple[Expr, ...], nodes: tuple[Expr, ...], binding: Binding) -> Iterator[Binding]:
    if not patterns:
        yield binding
        return
    for found in match(patterns[0], nodes[0], binding):
        yield from _match_all(patterns[1:], nodes[1:], found)


def _rewrite_sum(node: Expr, table: list[Rule]) -> Expr:
    number, terms = sum_of(node)
    for left, right, _ in table:
        for binding, scale, rest in _match_sum(left, number, terms, {}):
            found = scaled(scale, _filled(right, binding))
            more, extra = sum_of(found)
            merged = dict(rest[1])
            for term, factor in extra.items():
                merged[term] = merged.get(term, Fraction(0)) + factor
            return from_sum(rest[0] + more, merged)
    return node


def _match_sum(
    pattern: Expr, number: Fraction, terms: Terms, binding: Binding
) -> Iterator[tuple[Binding, Fraction, tuple[Fraction, Terms]]]:
    """Ways in which scale * pattern + rest is the sum; a wildcard term takes the whole rest."""
    wanted_number, wanted = sum_of(pattern)
    wild = [t for t in wanted if isinstance(t, Parameter)]
    fixed = [(t, c) for t, c in wanted.items() if not isinstance(t, Parameter)]
    if _lacks(fixed, terms):
        return
    scales: list[Fraction] = []
    if wild:
        scales = [Fraction(1)]
    elif wanted_number:
        scales = [number / wanted_number] if number else []
    elif fixed:
        scales = sorted({c / fixed[0][1] for c in terms.values()})
    for scale in scales:
        if wild and number != wanted_number:
            continue
        for found, rest in _pick_terms(fixed, scale, terms, binding):
            if not wild:
                yield found, scale, (number - scale * wanted_number, rest)
            elif rest and (bound := found.get(wild[0].name)) in (None, whole := from_sum(Fraction(0), rest)):
                yield {**found, wild[0].name: bound or whole} if bound is None else found, scale, (Fraction(0), {})


def _lacks(fixed: Iterable[tuple[Expr, Fraction]], present: Iterable[Expr]) -> bool:
    """Is a primitive that the pattern names nowhere there? It spares long sums the search."""
    there = {node.op for node in present if isinstance(node, Apply)}
    return any(isinstance(p, Apply) and p.op not in ARITHMETIC and p.op not in there for p, _ in fixed)


def _pick_terms(
    wanted: list[tuple[Expr, Fraction]], scale: Fraction, terms: Terms, binding: Binding
) -> Iterator[tuple[Binding, Terms]]:
    if not wanted:
        yield binding, terms
        return
    (pattern, factor), *more = wanted
    for term, has in terms.items():
        if has == factor * scale and has:
            for found in match(pattern, term, binding):
                rest = {t: c for t, c in terms.items() if t is not term}
                yield from _pick_terms(more, scale, rest, found)


def _rewrite_product(node: Expr, table: list[Rule]) -> Expr:
    number, factors = product_of(node)
    for left, right, _ in table:
        for binding, exponent, rest in _match_product(left, number, factors, {}):
            found = power(_filled(right, binding), Number(exponent)) if exponent != 1 else _filled(right, binding)
            more, extra = product_of(found)
            merged = dict(rest[1])
            for key, n in extra.items():
                merged[key] = merged.get(key, Fraction(0)) + n
            return from_product(rest[0] * more, merged)
    return node


def _match_product(
    pattern: Expr, number: Fraction, factors: Factors, binding: Binding
) -> Iterator[tuple[Binding, Fraction, tuple[Fraction, Factors]]]:
    """Ways in which pattern**k * rest is the product, k whole; a wildcard factor takes the whole rest."""
    wanted_number, wanted = product_of(pattern)
    wild = [base for base, _ in wanted if isinstance(base, Parameter)]
    whole_wild = len(wanted) == 1 and bool(wild)
    fixed = [(base, n) for (base, _), n in wanted.items() if whole_wild or not isinstance(base, Parameter)]
    if _lacks(fixed, (base for base, _ in factors)):
        return
    first = fixed[0][1]
    exponents = sorted({n / first for n in factors.values() if n / first > 0 and (n / first).denominator == 1})
    for k in exponents:
        if (wild and not whole_wild and k != 1) or (wanted_number != 1 and k != 1):
            continue
        for found, rest in _pick_factors(fixed, k, factors, binding):
            if not wild or whole_wild:
                yield found, k, (number / wanted_number**k.numerator, rest)
                continue
            whole = from_product(number / wanted_number, rest)
            if rest and found.get(wild[0].name, whole) is whole:
                yield {**found, wild[0].name: whole}, k, (Fraction(1), {})


def _pick_factors(
    wanted: list[tuple[Expr, Fraction]], k: Fraction, factors: Factors, binding: Binding
) -> Iterator[tuple[Binding, Factors]]:
    if not wanted:
        yield binding, factors
        return
    (pattern, exponent), *more = wanted
    for key, has in factors.items():
        if has == exponent * k:
            for found in match(pattern, key[0], binding):
                rest = {other: n for other, n in factors.items() if other != key}
                yield from _pick_factors(more, k, rest, found)
