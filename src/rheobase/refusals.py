"""The words with which a text is refused. They stand here alone: Python and the pages in a browser both read them."""

from __future__ import annotations

from typing import Any

from rheobase.errors import FormulaError, RheobaseError, SpecError

_EXAMPLE = "for instance x*sigmoid(1.5*x)"
_PARTS = "numbers, x, parameters, + - * / **, functions"

HINTS = {
    "^": "** for powers",
    "ln": "log(…)",
    "arctan": "atan(…)",
    "arcsinh": "asinh(…)",
    "arsinh": "asinh(…)",
    "logistic": "sigmoid(…)",
    "heaviside": "step(…)",
    "normcdf": "Phi(…)",
    "pow": "a**b",
    "Max": "max(…)",
    "Min": "min(…)",
    "π": "pi",
    "×": "*",
    "·": "*",
    "−": "-",
    "²": "**2",
    "³": "**3",
    "√": "sqrt(…)",
    "σ": "sigmoid(…)",
    "Φ": "Phi(…)",
}
"""What to type for signs and names of other notations."""

REFUSALS: dict[str, tuple[str, str]] = {
    # key:           what is wrong,                                              what to type instead
    # --- characters
    "empty":         ("the formula is empty",                                    "for instance x*sigmoid(x)"),
    "long":          ("the formula has {count} characters, over {most}",         "a shorter formula"),
    "power":         ("'^' is not a power here",                                 "{hint}"),
    "character":     ("the character {sign} cannot stand in a formula",
                      "letters, digits and + - * / ** ( ) , < <= > >= . of ASCII"),
    "brackets":      ("brackets nest deeper than {most}",                        "a formula of fewer brackets"),
    # --- syntax
    "partner":       ("a bracket has no partner",                                _EXAMPLE),
    "round":         ("the bracket {sign} cannot stand in a formula",            "( )"),
    "comma":         ("a comma stands between the arguments of a function",      "max(x, 0)"),
    "incomplete":    ("the formula is not complete",                             _EXAMPLE),
    "unreadable":    ("the formula cannot be read here",                         _EXAMPLE),
    "factors":       ("the formula cannot be read here",
                      "write * between factors, for instance 2*x"),
    "sign":          ("the sign {sign} cannot stand in a formula",               _PARTS),
    "equals":        ("'=' gives nothing a value inside a formula",
                      "the value behind a semicolon: x*sigmoid(b*x); b=1.5"),
    "compares":      ("only < <= > >= compare here",                             "x < a, x <= a, x > a or x >= a"),
    "word":          ("'{name}' is a word of Python and cannot stand in a formula",
                      "another name; where(x < 0, p, q) to choose"),
    "deep":          ("the formula nests deeper than {most} levels",             "a shorter formula"),
    # --- meaning
    "decimal":       ("{source} is no decimal number",                           "for instance 2, 0.5 or 1e-3"),
    "range":         ("the number {source} is out of range",
                      "a number between 5e-324 and 1.79e308"),
    "comparison":    ("a comparison is no activation",                           "where({formula}, 1, 0) or step(…)"),
    "inside":        ("a comparison belongs in where(…)",                        "where(x < 0, p, q)"),
    "chain":         ("a chain of comparisons",                                  "one where(…) inside another"),
    "condition":     ("where(…) begins with a comparison",                       "where(x < 0, p, q)"),
    "argument":      ("{name} is a function and needs its argument",             "{name}(x)"),
    "name":          ("unknown name {name}",          "give it a value, for instance  {formula}; {plain}=1"),
    "function":      ("unknown function {name}",                                 "one of {known}"),
    "times":         ("unknown function {name}",                                 "{plain}*(…)"),
    "called":        ("only the primitives can be called",                       "one of {known}"),
    "arguments":     ("{name} takes {wanted} argument{plural}, not {given}",     "{form}"),
    "exponent":      ("the exponent is beyond ±{most}",                          "a smaller exponent"),
    "zero base":     ("division by zero",                                        "a base that is not 0"),
    "zero divisor":  ("division by zero",                                        "a divisor that is not 0"),
    "tower":         ("a tower of constant powers",                              "the number itself"),
    # --- the tree
    "number":        ("a number of the formula is too long",                     "a number within about 1e±300"),
    "terms":         ("the formula has more than {most} terms",                  "a shorter formula"),
    # --- specs
    "no spec":       ("the name is empty",            "swish, swish:beta=1.5, or a formula such as x*sigmoid(x)"),
    "unknown":       ("no function is called {name}",
                      "a name of `rheobase list`, or a formula in x"),
    "several":       ("{name} can mean several functions",                       "{known}"),
    "parameter":     ("{function} has no parameter {name}",                      "{known}"),
    "assignment":    ("{part} gives no parameter a value",                       "for instance beta=1.5"),
    "twice":         ("{name} is given twice",                                   "{name}={text}"),
    "not finite":    ("{name}={text} is not finite",                             "{name}=1.5"),
    "no number":     ("{name}={text} is no number",         "{name}=1.5, {name}=2*pi or {name}=learnable:1.5"),
    "input":         ("x is the input and takes no value",                       "another name for the parameter"),
    "unused":        ("{name} does not occur in {formula}",                      "{known}"),
    "nothing to use": ("{name} does not occur in {formula}",                     "a formula that uses it"),
    "outside":       ("{name}={value} is outside the domain of {function}",      "{name} {domain}"),
}  # fmt: skip


def words(key: str, **fields: Any) -> tuple[str, str]:
    """What is wrong, and what to type instead.

    >>> words("exponent", most="10,000")
    ('the exponent is beyond ±10,000', 'a smaller exponent')
    """
    what, instead = REFUSALS[key]
    return what.format(**fields), instead.format(**fields)


def in_formula(key: str, text: str, position: int, instead: str | None = None, **fields: Any) -> FormulaError:
    """The error of a formula's text; `instead` where something better than the table's is known."""
    what, usual = words(key, **fields)
    return FormulaError(what, text, position, instead=instead or usual)


def in_spec(key: str, instead: str | None = None, **fields: Any) -> SpecError:
    """The error of a spec."""
    what, usual = words(key, **fields)
    return SpecError(what, instead=instead or usual)


def in_tree(key: str, **fields: Any) -> RheobaseError:
    """The error of a tree that grows beyond its limits."""
    what, instead = words(key, **fields)
    return RheobaseError(what, instead=instead)
