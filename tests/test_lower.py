"""Generated code: shapes and types kept, branches guarded, thresholds exact, NaN for NaN, source that stands alone."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from rheobase.activation import define
from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.lower import compiled, lowered
from rheobase.lower.core import core
from rheobase.lower.emit import function_text, threshold
from rheobase.lower.guard import guarded, propagates_nan, singular_points
from rheobase.lower.latex import to_latex
from rheobase.parse import parse
from rheobase.testing import conformance

BACKENDS = ("numpy", "torch", "jax")
SHAPES = [(), (1,), (0,), (3, 0, 2), (4, 5), (2, 1, 3)]
FORMULAS = [
    "x*sigmoid(x)",
    "where(x > 0, x, expm1(x))",
    "relu(x)",
    "1",
    "pi",
    "step(x)",
    "sign(x - 0.3)",
    "min(x, x**2)",
]


def _array(backend: str, values: Any, dtype: str) -> Any:
    if backend == "torch":
        return torch.tensor(values, dtype=getattr(torch, dtype))
    return jnp.asarray(values, dtype) if backend == "jax" else np.asarray(values).astype(dtype)


def _slope(text: str, at: float, dtype: torch.dtype = torch.float64) -> float:
    x = torch.tensor([at], dtype=dtype, requires_grad=True)
    define(text)(x).sum().backward()
    assert x.grad is not None
    return x.grad.item()


# --- what a user sees ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_and_dtype_are_kept(text: str, backend: str, shape: tuple[int, ...]) -> None:
    function = compiled(parse(text), backend)
    for dtype in ("float64", "float32", "float16", *(["bfloat16"] if backend != "numpy" else [])):
        x = _array(backend, np.full(shape, 0.5), dtype)
        y = function(x)
        assert tuple(np.shape(y)) == shape
        assert y.dtype == x.dtype


@pytest.mark.parametrize("text", FORMULAS)
def test_backends_agree(text: str) -> None:
    x = np.linspace(-4, 4, 81)
    wanted = define(text)(x)
    for backend in ("torch", "jax"):
        np.testing.assert_array_max_ulp(
            np.asarray(compiled(parse(text), backend)(_array(backend, x, "float64"))), wanted, 8
        )


def test_numbers_lists_integers_and_truth_values() -> None:
    square = define("x*x + 0.5")
    assert square(3) == 9.5
    assert isinstance(square(3), float)
    assert isinstance(square(3.0), float)
    assert square([1, 2]).tolist() == [1.5, 4.5]
    assert square(np.arange(3)).tolist() == [0.5, 1.5, 4.5]
    assert square(np.array([True, False])).tolist() == [1.5, 0.5]
    assert square(np.int8(-100)) == 10000.5, "an integer does not overflow"
    assert square(np.float32(2)).dtype == np.float32
    assert square(torch.arange(3)).tolist() == [0.5, 1.5, 4.5]
    assert square(jnp.arange(3)).tolist() == [0.5, 1.5, 4.5]
    assert square([]).shape == (0,)
    assert math.isnan(square(math.nan))


@pytest.mark.parametrize(
    "x", ["0.5", ["a"], None, {}, 1j, np.array([1j]), np.array(["a"]), 10**400, [[1.0], [2.0, 3.0]]], ids=repr
)
def test_what_is_no_number_is_refused(x: Any) -> None:
    with pytest.raises(RheobaseError) as caught:
        define("x*x")(x)
    assert caught.value.instead


def test_memory_layout_does_not_matter_and_the_input_stays() -> None:
    x = np.arange(12.0).reshape(3, 4)[:, ::2].T
    kept = x.copy()
    np.testing.assert_array_equal(define("x*x - x")(x), kept * kept - kept)
    np.testing.assert_array_equal(x, kept)
    t = torch.arange(12.0).reshape(3, 4).T
    torch.testing.assert_close(define("x*x - x")(t), t * t - t, rtol=0, atol=0)


@pytest.mark.parametrize("text", ["exp(x)", "x*x", "1/x", "sqrt(x)", "log(x)"])
def test_no_warning_is_printed(text: str) -> None:
    with np.errstate(all="raise"):
        define(text)(np.array([0.0, -1.0, 1e300, np.inf, np.nan]))


def test_half_precision_is_rounded_once() -> None:
    """float16 of the float64 value; computing in float16 would be off by more than its spacing."""
    x = np.linspace(-8, 8, 4001).astype(np.float16)
    wanted = (x.astype(float) * np.tanh(np.log1p(np.exp(x.astype(float))))).astype(np.float32).astype(np.float16)
    np.testing.assert_array_equal(define("x*tanh(softplus(x))")(x), wanted)
    ours = define("x*tanh(softplus(x))")(torch.from_numpy(x)).numpy()
    np.testing.assert_array_max_ulp(ours, wanted, 1)


# --- source that stands alone ----------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name", ["gelu", "elu", "mish", "silu", "step", "telu", "serf", "hard_swish", "sinc_af", "lif"]
)
def test_code_runs_alone_and_gives_the_same_bits(name: str, backend: str) -> None:
    activation = get(name)
    code = activation.code(backend)
    assert "rheobase" not in code
    scope: dict[str, Any] = {"__name__": "alone"}
    exec(compile(code, "<alone>", "exec"), scope)
    function = scope[activation.id or name]
    values = np.array([-100.0, -3.3, -1.0, -1e-9, 0.0, 1e-9, 0.2, 1.0, 6.5, 90.0])
    for dtype in ("float64", "float32") if backend != "numpy" else ("float64",):
        x = _array(backend, values, dtype)
        np.testing.assert_array_equal(np.asarray(function(x)), np.asarray(compiled(activation.bound, backend)(x)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_code_imports_only_its_backend(backend: str) -> None:
    import ast

    tree = ast.parse(define("x*Phi(x) + erfc(x) + softplus(x) + sinc(x)").code(backend))
    roots = {n.names[0].name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import)}
    roots |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert roots <= {"numpy": {"numpy", "scipy"}, "torch": {"torch"}, "jax": {"jax"}}[backend]


def test_shared_parts_are_computed_once() -> None:
    text = function_text(parse("exp(sin(x)) + sin(x)*exp(sin(x))"), "numpy")
    assert text.count("np.sin") == 1
    assert text.count("np.exp") == 1


def test_a_long_formula_compiles() -> None:
    text = "x"
    for _ in range(60):
        text = f"tanh({text})"
    assert define(text)(0.5) == pytest.approx(0.15, abs=0.01)
    assert define("+".join(f"sin({k}*x)" for k in range(1, 60)))(0.1) == pytest.approx(
        sum(math.sin(k * 0.1) for k in range(1, 60)), rel=1e-12
    )


def test_an_unknown_backend_is_told() -> None:
    with pytest.raises(RheobaseError, match="nunpy"):
        define("x").code("nunpy")


# --- guards ----------------------------------------------------------------------------------------

LEAKS = [
    # text, a point at which the branch not taken is undefined, slope there
    ("where(x > 0, sqrt(x), 0)", -1.0, 0.0),
    ("where(x > 0, log(x), x)", -1.0, 1.0),
    ("where(x > 0, log(x), x)", 0.0, 1.0),
    ("where(x >= 0, x, expm1(x))", 1e4, 1.0),
    ("where(x < 0, x, exp(x)*0 + x)", -1.0, 1.0),
    ("where(x > 100, sqrt(x - 100), 0)", 0.0, 0.0),
    ("where(x > 1000, log(x - 999), 2*x)", 0.0, 2.0),
    ("where(abs(x) > 0, x/abs(x), 0)", 0.0, 0.0),
    ("where(x <= 1, x, 1/(x - 1))", 1.0, 1.0),
    ("where(x < 0, exp(-x*x), 1/(1 + exp(-x)))", 1e4, 0.0),
    ("where(x > 0, where(x > 1, log(x), 0), sqrt(-x))", 0.5, 0.0),
    ("where(x < -1, 1/(x + 1), where(x < 1, x, 1/(x - 1)))", 0.25, 1.0),
]


@pytest.mark.parametrize(("text", "at", "slope"), LEAKS)
def test_a_branch_not_taken_leaks_nothing(text: str, at: float, slope: float) -> None:
    for dtype in (torch.float64, torch.float32):
        assert _slope(text, at, dtype) == slope
    assert define(text).derivative()(at) == slope


@pytest.mark.parametrize("name", ["elu", "selu", "celu"])
def test_elu_at_zero(name: str) -> None:
    """Guarding by min or clip would give half the slope at the tie."""
    activation = get(name)
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    activation(x).sum().backward()
    assert x.grad is not None
    assert x.grad.item() == activation.derivative()(0.0)
    assert x.grad.item() == pytest.approx(1.0507009873554805 if name == "selu" else 1.0, rel=1e-15)


def test_guards_use_choices_alone() -> None:
    text = str(guarded(core(parse("where(x > 0, log(x), x**3)"))))
    assert "min" not in text
    assert "max" not in text
    assert "clip" not in text


def test_a_truly_infinite_slope_is_given_as_zero() -> None:
    root = define("sqrt(abs(x))")
    assert [(float(p), float(v), float(s)) for p, v, s in singular_points(root.bound)] == [(0.0, 0.0, 0.0)]
    assert root.derivative()(0.0) == 0.0
    assert _slope("sqrt(abs(x))", 0.0) == 0.0
    assert _slope("sqrt(abs(2*x - 1))", 0.5) == 0.0
    assert root(0.0) == 0.0


# --- thresholds ------------------------------------------------------------------------------------

CONSTANTS = ["0.1", "0.3", "0.7", "1/3", "-0.1", "-1/3", "pi", "0.5", "1e-3", "123.456"]


@pytest.mark.parametrize("constant", CONSTANTS)
@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_thresholds_are_exact_in_every_format(constant: str, op: str) -> None:
    """Against exact fractions: the formats' own neighbours of the constant fall on the right side."""
    from fractions import Fraction

    expr = parse(f"where(x {op} {constant}, 1, 0)")
    exact = Fraction(constant) if constant != "pi" else Fraction("3.14159265358979323846264338327950288")
    for backend in BACKENDS:
        for kind, dtype in ((np.float32, "float32"), (np.float64, "float64")):
            near = kind(float(exact))
            for x in (near, np.nextafter(near, kind(9e9)), np.nextafter(near, kind(-9e9))):
                sides = {"<": Fraction(float(x)) < exact, "<=": Fraction(float(x)) <= exact}
                wanted = sides.get(op, not sides["<=" if op == ">" else "<"])
                assert float(compiled(expr, backend)(_array(backend, x, dtype))) == float(wanted), (backend, x)


@pytest.mark.parametrize("text", ["step(x - 0.7)", "sign(x - 0.7)", "sign(0.7 - x)", "step(3*x - 1)", "step(0.1 - x)"])
def test_steps_fall_where_the_formula_says(text: str) -> None:
    report = conformance(define(text), backends=["numpy", "torch"])
    assert report.ok, str(report)


@pytest.mark.parametrize(
    "text", ["relu(x - 0.3)", "abs(x - 0.7)", "abs(3*x - 1)", "relu(0.3*x)", "max(x, 0.1)", "clip(x, -0.1, 0.3)"]
)
def test_kinks_fall_where_the_formula_says(text: str) -> None:
    report = conformance(define(text), backends=["torch"])
    assert report.ok, str(report)


def test_a_threshold_is_rounded_away_from_nothing() -> None:
    tenth = parse("0.1")
    assert threshold(tenth, "gt", "float32") == float(np.nextafter(np.float32(0.1), np.float32(0)))
    assert threshold(tenth, "ge", "float32") == float(np.float32(0.1))
    assert threshold(parse("0.5"), "gt", "float32") == 0.5


@pytest.mark.parametrize(
    "text", ["where(pi < e, 1, 2)*x", "clip(x, pi, e)", "where(sqrt(2) < 2, x, 0)", "max(0.5, pi)*x"]
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_constant_conditions_are_decided_beforehand(text: str, backend: str) -> None:
    assert "<" not in function_text(lowered(parse(text)).expr, backend).replace("x < ", "").replace("x <= ", "")
    assert np.isfinite(float(compiled(parse(text), backend)(_array(backend, 0.5, "float64"))))


# --- constants and NaN -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "pi", "e**2", "sqrt(2)/3", "1e39", "-1e-46", "where(1 < 2, 3, 4)"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_constants_are_functions(text: str, backend: str) -> None:
    for dtype in ("float64", "float32"):
        y = compiled(parse(text), backend)(_array(backend, [[0.5, -2.0]], dtype))
        assert tuple(y.shape) == (1, 2)
        assert (np.asarray(y) == np.asarray(y)[0, 0]).all()
        assert np.isnan(np.asarray(compiled(parse(text), backend)(_array(backend, [np.nan], dtype)))).all()


NANS = [
    "1",
    "step(x)",
    "sign(x)",
    "relu(x)",
    "clip(x, 0, 1)",
    "where(x > 0, 1, 0)",
    "where(x > 0, 2, x)",
    "max(x, 1)",
    "floor(x)",
]
NANS += [
    "x**0",
    "0*x",
    "min(1, x)",
    "where(x < 0, x, 1)",
    "where(abs(x) > 1, 0, 1)",
    "sinc(x)",
    "Phi(x)",
    "log_sigmoid(x)",
]


@pytest.mark.parametrize("text", NANS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_gives_nan_in_value_and_derivative(text: str, backend: str) -> None:
    activation = define(text)
    for function in (activation, activation.derivative()):
        for dtype in ("float64", "float32", "float16"):
            assert np.isnan(
                np.asarray(compiled(function.bound, backend)(_array(backend, [np.nan], dtype)), float)
            ).all()


def test_propagation_of_nan_is_known() -> None:
    assert propagates_nan(parse("x*sigmoid(x)"))
    assert not propagates_nan(parse("step(x)"))
    assert propagates_nan(parse("x + step(x)"))
    assert propagates_nan(parse("where(x > 0, 1, x)"))
    assert not propagates_nan(parse("where(x > 0, x, 1)"))
    assert not propagates_nan(parse("where(x > 0, 1, 0)"))
    assert not propagates_nan(parse("pi"))
    assert not propagates_nan(parse("x**0"))


@pytest.mark.parametrize("text", ["step(x)", "sign(x)", "floor(x)", "1", "where(x > 0, 1, 0)", "step(x - 0.1)"])
def test_flat_functions_are_attached_to_the_graph(text: str) -> None:
    assert _slope(text, 1.5) == 0.0
    assert _slope(text, 0.0) == 0.0


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x**2/3", r"\frac{{x}^{2}}{3}"),
        ("-(x + 1)*2", r"-\left(x + 1\right) \cdot 2"),
        ("(x + 1)**2", r"{\left(x + 1\right)}^{2}"),
        ("1e-30*x", r"10^{-30} \, x"),
        ("1/3 + x", r"\frac{1}{3} + x"),
        ("exp(-x)", r"\exp\left(-x\right)"),
        (
            "where(x < 0, 1, where(x < 1, x, 2))",
            r"\begin{cases} 1 & x < 0 \\ x & x < 1 \\ 2 & \text{otherwise} \end{cases}",
        ),
        ("pi*e", r"\pi \, e"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert to_latex(parse(text)) == latex


def test_latex_of_parameters() -> None:
    assert to_latex(parse("alpha*x + beta_max + slope", ["alpha", "beta_max", "slope"])) == (
        r"\alpha \, x + \beta_{\mathrm{max}} + \mathrm{slope}"
    )


@pytest.mark.parametrize(
    "text", ["step(1/x)", "floor(exp(x))", "round(1/x)*x", "sign(log(x*x))", "step(sqrt(abs(x)) - 2)"]
)
def test_an_infinite_slope_inside_a_flat_function_is_nothing(text: str) -> None:
    import jax

    for at in (1e-30, -1e-30, 0.0, 720.0):
        if math.isfinite(define(text)(at)):
            assert not math.isnan(_slope(text, at))
            assert not np.isnan(jax.grad(compiled(parse(text), "jax"))(at))
