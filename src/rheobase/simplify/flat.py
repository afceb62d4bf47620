"""Sums and products with their terms and factors side by side, and back to readable two-sided nodes."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from rheobase.expr import ONE, Apply, Constant, Expr, Number, add, div, mul, neg, power, sub
from rheobase.ops import OPS

Terms = dict[Expr, Fraction]
Factors = dict[tuple[Expr, bool], Fraction]
"""Exponent of each base; factors above and below the line are kept apart, so that a/a stays."""


@lru_cache(maxsize=50_000)
def order(expr: Expr) -> tuple[int, str]:
    """Short before long, then by text: the same for every run and every machine."""
    return expr.size, str(expr)


def sum_of(expr: Expr) -> tuple[Fraction, Terms]:
    """`expr` as a number plus multiples of terms."""
    number, terms = Fraction(0), {}
    stack = [(expr, Fraction(1))]
    while stack:
        node, by = stack.pop()
        if isinstance(node, Number):
            number += by * node.value
        elif isinstance(node, Apply) and node.op in ("add", "sub"):
            stack.append((node.args[1], by if node.op == "add" else -by))
            stack.append((node.args[0], by))
        elif isinstance(node, Apply) and node.op == "neg":
            stack.append((node.args[0], -by))
        else:
            factor, term = _split(node)
            if isinstance(term, Apply) and term.op in ("add", "sub") and abs(by * factor) == 1:
                stack.append((term, by * factor))
            else:
                terms[term] = terms.get(term, Fraction(0)) + by * factor
    return number, terms


def _split(node: Expr) -> tuple[Fraction, Expr]:
    """The number in front of a product, and the rest."""
    if isinstance(node, Apply) and node.op in ("mul", "div"):
        number, factors = product_of(node)
        if number != 1 and factors:
            return number, from_product(Fraction(1), factors)
    return Fraction(1), node


def product_of(expr: Expr) -> tuple[Fraction, Factors]:
    """`expr` as a number times powers of bases with constant rational exponents."""
    number, factors = _product_of(expr)
    return number, dict(factors)


@lru_cache(maxsize=20_000)
def _product_of(expr: Expr) -> tuple[Fraction, Factors]:
    number, factors = Fraction(1), {}
    stack = [(expr, Fraction(1))]
    while stack:
        node, by = stack.pop()
        if isinstance(node, Number) and by.denominator == 1 and (node.value or by > 0) and abs(by) <= 64:
            number *= node.value ** int(by)
        elif isinstance(node, Apply) and node.op == "neg" and by.denominator == 1:
            number *= (-1) ** abs(int(by))
            stack.append((node.args[0], by))
        elif by < 0 and _holed(node):
            factors[node, False] = factors.get((node, False), Fraction(0)) + by
        elif isinstance(node, Apply) and node.op in ("mul", "div") and by.denominator == 1:
            stack.append((node.args[1], by if node.op == "mul" else -by))
            stack.append((node.args[0], by))
        elif isinstance(node, Apply) and node.op == "pow" and _may_multiply(node, by):
            exponent = node.args[1]
            assert isinstance(exponent, Number)
            stack.append((node.args[0], by * exponent.value))
        else:
            key = (node, by > 0)
            factors[key] = factors.get(key, Fraction(0)) + by
    return number, _reduced(factors)


def _holed(node: Expr) -> bool:
    """Is it a quotient that may lack a value somewhere? Turned over, 1/(1/x) as x, it would have one there."""
    if not isinstance(node, Apply):
        return False
    if node.op == "div":
        return not _never_zero(node.args[1])
    exponent = node.args[-1]
    return node.op == "pow" and isinstance(exponent, Number) and exponent.value < 0 and not _never_zero(node.args[0])


def _never_zero(expr: Expr) -> bool:
    """Is it seen at a glance that the expression is 0 nowhere?"""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Number):
            if node.value == 0:
                return False
        elif isinstance(node, Apply):
            if node.op in ("neg", "abs", "sqrt", "mul", "div", "pow"):
                waiting += node.args[:1] if node.op == "pow" else node.args
            elif not OPS[node.op].positive:
                return False
        elif not isinstance(node, Constant):
            return False
    return True


def _reduced(factors: Factors) -> Factors:
    """a**m / a**n = a**(m - n) where a is positive everywhere: no 0/0 is lost by it."""
    for (base, up), below in list(factors.items()):
        above = factors.get((base, True))
        if up or above is None or above + below == 0 or not (isinstance(base, Apply) and OPS[base.op].positive):
            continue
        del factors[base, True], factors[base, False]
        factors[base, above + below > 0] = above + below
    return factors


def _may_multiply(node: Apply, by: Fraction) -> bool:
    """(a**m)**n = a**(m n) for whole m and n: a root is undefined below 0, and the fold of a number's not exact."""
    base, exponent = node.args
    whole = isinstance(exponent, Number) and exponent.value.denominator == 1
    return whole and by.denominator == 1 and not isinstance(base, Number)


def from_sum(number: Fraction, terms: Terms) -> Expr:
    """A readable sum: what is added first, then what is taken away; short terms first."""
    signed = [(abs(number), ONE, number < 0)] if number else []
    signed += [(abs(c), t, c < 0) for t, c in sorted(terms.items(), key=lambda item: order(item[0]))]
    signed.sort(key=lambda item: item[2])
    if not signed:
        return Number(0)
    parts = [(scaled(size, term), negative) for size, term, negative in signed]
    first, negative = parts[0]
    total = neg(first) if negative else first
    for part, negative in parts[1:]:
        total = sub(total, part) if negative else add(total, part)
    return total


def scaled(number: Fraction, term: Expr) -> Expr:
    """`number * term`, written so that it costs the fewest roundings."""
    if term is ONE:
        return Number(number)
    if isinstance(term, Apply) and term.op in ("mul", "div"):
        inner, factors = product_of(term)
        return from_product(number * inner, factors)
    return from_product(number, {(term, True): Fraction(1)})


def from_product(number: Fraction, factors: Factors) -> Expr:
    """A readable product: number first, then short factors, over what divides."""
    if not factors or (number == 0 and not factors):
        return Number(number)
    if number < 0:
        return neg(from_product(-number, factors))
    ordered = sorted(factors.items(), key=lambda item: order(item[0][0]))
    above = [_power(base, exponent) for (base, up), exponent in ordered if up and exponent]
    below = [_power(base, -exponent) for (base, up), exponent in ordered if not up and exponent]
    numerator, denominator = number.numerator, number.denominator
    over = not _decimal(denominator) or (numerator == 1 and denominator & (denominator - 1) != 0)
    if over:
        number = Fraction(numerator)
        below = [Number(denominator), *below]
    if number != 1 or not above:
        above = [Number(number), *above]
    top = _times(above)
    return div(top, _times(below)) if below else top


def _times(parts: Iterable[Expr]) -> Expr:
    first, *rest = parts
    for part in rest:
        first = mul(first, part)
    return first


def _power(base: Expr, exponent: Fraction) -> Expr:
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return Apply("sqrt", (base,))
    return power(base, Number(exponent))


def _decimal(denominator: int) -> bool:
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1
