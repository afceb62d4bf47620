"""Spec strings: what people type where an activation is expected, turned into an Activation.

`swish` · `swish:beta=1.5` · `swish(beta=1.5)` · an alias such as `nn.ELU` · a formula, values behind a semicolon:
`x*sigmoid(b*x); b=1.5`. A value may be marked `learnable:1.5` or `fixed:1.5`, and may be a constant such as `2*pi`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from msgspec.structs import replace

from rheobase.activation import Activation, checked, define
from rheobase.catalogue.entry import Entry
from rheobase.catalogue.names import find, suggestion
from rheobase.errors import FormulaError, RheobaseError, SpecError, nearest
from rheobase.expr import Expr
from rheobase.lower.emit import constant
from rheobase.ops import FUNCTIONS, SYNONYMS
from rheobase.parameter import Param
from rheobase.parse import parse
from rheobase.refusals import in_spec

_WITH_COLON = re.compile(r"(?P<name>.+?):\s*(?P<values>[A-Za-z_]\w*\s*=.*)", re.DOTALL)
_WITH_BRACKETS = re.compile(r"(?P<name>.+?)\(\s*(?P<values>(?:[A-Za-z_]\w*\s*=[^=].*)?)\)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAME_LIKE = re.compile(r"[A-Za-z][\w.:\- ]*")
_CALLED_ON_X = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\(\s*x\s*\)")


def get(spec: str | Entry | Expr | Activation) -> Activation:
    """The activation that `spec` means.

    Args:
        spec: an id or alias (`"swish"`, `"nn.ELU"`), with values (`"swish:beta=1.5"`, `"swish(beta=1.5)"`); a formula
            (`"x*sigmoid(b*x); b=1.5"`); or an entry, an Expr or an Activation, which passes through.

    Raises:
        SpecError: for an unknown name, parameter or value, with the nearest right one.
        FormulaError: for a formula that cannot be read, with a caret under the character at fault.

    >>> get("swish:beta=1.5")(1.0)
    0.81757...
    >>> get("x*sigmoid(b*x); b=learnable:1.5").parameters["b"].learnable
    True
    >>> get("swihs")
    Traceback (most recent call last):
    rheobase.errors.SpecError: no function is called 'swihs'; instead: swish
    """
    if isinstance(spec, Activation):
        return spec
    if isinstance(spec, Entry):
        return _from_entry(spec.id)
    if isinstance(spec, Expr):
        return define(spec)
    if not isinstance(spec, str):
        raise SpecError(f"{type(spec).__name__} is no activation", instead='a spec such as "swish" or "x*sigmoid(x)"')
    text = spec.strip()
    if not text:
        raise in_spec("no spec")
    return _from_text(text)


def _from_text(text: str) -> Activation:
    if ";" in text:
        formula, _, values = text.partition(";")
        entry = find(formula.strip())
        return _with_values(_from_entry(entry.id), values) if entry else _from_formula(formula, values, name=text)
    entry = find(text)
    if entry is not None:
        return _from_entry(entry.id)
    for form in (_WITH_COLON, _WITH_BRACKETS):
        matched = form.fullmatch(text)
        if matched is None:
            continue
        entry = find(matched["name"].strip())
        if entry is not None:
            return _with_values(_from_entry(entry.id), matched["values"])
        if matched["values"] and matched["name"] not in FUNCTIONS:
            raise _unknown(matched["name"].strip(), text)
    return _formula_or_name(text)


def _formula_or_name(text: str) -> Activation:
    if _WORD.fullmatch(text) and text not in ("x", "pi", "e"):
        raise _unknown(text, text)
    try:
        return _from_formula(text, "", name=text)
    except FormulaError:
        called = _CALLED_ON_X.fullmatch(text)
        if called and called["name"] not in FUNCTIONS | SYNONYMS.keys():
            entry = find(called["name"])
            if entry is not None:
                return _from_entry(entry.id)
        if _NAME_LIKE.fullmatch(text) and suggestion(text):
            raise _unknown(text, text) from None
        raise


def _unknown(name: str, text: str) -> SpecError:
    near = suggestion(name)
    return in_spec("unknown", near and text.replace(name, near, 1), name=repr(name))


@cache
def _from_entry(id_: str) -> Activation:
    entry = find(id_)
    assert entry is not None
    expr, backward = _parsed(entry, "formula"), _parsed(entry, "backward")
    assert expr is not None
    return Activation(expr, entry.params, name=id_, source=entry.source, id=id_, entry=entry, backward=backward)


def _parsed(entry: Entry, field: str) -> Expr | None:
    text = getattr(entry, field)
    try:
        return None if text is None else parse(text, entry.params)
    except FormulaError as error:
        where = f"the field {field!r} of entry {entry.id!r}, file {entry.family}.toml"
        raise RheobaseError(f"{error.what}: {error.text}", where=where, instead=error.instead) from None


def _from_formula(formula: str, values: str, name: str) -> Activation:
    given: dict[str, float | Param] = {}
    for parameter, text in _assignments(values):
        given[parameter] = _changed(Param(1.0), text, parameter)
    return define(formula.strip(), name=name, **given)


def _with_values(activation: Activation, values: str) -> Activation:
    params = dict(activation.parameters)
    for name, text in _assignments(values):
        if name not in params:
            known = ", ".join(params) or activation.name
            raise in_spec("parameter", nearest(name, params), function=activation.name, name=repr(name), known=known)
        params[name] = checked(name, _changed(params[name], text, name), activation.name)
    changed = {n: p.default for n, p in params.items() if p.default != activation.parameters[n].default}
    return activation.with_parameters(params, spec_text(activation.name, changed))


def spec_text(name: str, values: Mapping[str, float]) -> str:
    """The spec string of an entry with those values.

    >>> spec_text("swish", {"beta": 1.702}), spec_text("relu", {})
    ('swish:beta=1.702', 'relu')
    """
    return name + ":" * bool(values) + ",".join(f"{n}={repr(float(v)).removesuffix('.0')}" for n, v in values.items())


def _assignments(values: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", values):
        if not part.strip():
            continue
        name, sign, text = part.partition("=")
        name = name.strip()
        if not sign or not _WORD.fullmatch(name) or not text.strip():
            raise in_spec("assignment", part=repr(part.strip()))
        if name in found:
            raise in_spec("twice", name=name, text=text.strip())
        found[name] = text.strip()
    return list(found.items())


def _changed(param: Param, text: str, name: str) -> Param:
    """`param` with the value, and perhaps the mark, that `text` gives it."""
    mark, _, rest = text.partition(":") if text.partition(":")[0] in ("learnable", "fixed") else ("", "", text)
    if mark:
        param = replace(param, learnable=mark == "learnable")
    return replace(param, default=_number(rest.strip(), name)) if rest.strip() else param


def _number(text: str, name: str) -> float:
    try:
        value = float(text) if text.isascii() else _constant(text, name)
    except ValueError:
        value = _constant(text, name)
    if not math.isfinite(value):
        raise in_spec("not finite", name=name, text=text)
    return value


def _constant(text: str, name: str) -> float:
    try:
        return constant(parse(text, variables=()))
    except RheobaseError:
        raise in_spec("no number", name=name, text=text) from None
