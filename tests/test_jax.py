"""JAX: jit, grad, vmap, and float32 as it comes without x64."""

from __future__ import annotations

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rheobase as rb
from rheobase.lower import compiled

NAMES = ["swish", "gelu", "mish", "telu", "elu", "snake", "ncu", "softplus", "sinc_af", "serf", "hard_swish"]
X = np.array([-30.0, -2.5, -1e-4, 0.3, 1.0, 7.0, 95.0])


@pytest.mark.parametrize("name", NAMES)
def test_jit_grad_and_vmap_agree_with_the_symbolic_derivative(name: str) -> None:
    activation = rb.get(name)
    function = compiled(activation.bound, "jax")
    truth, slope = activation.numpy(X), activation.derivative().numpy(X)
    assert np.allclose(jax.jit(function)(jnp.asarray(X)), truth, rtol=1e-14, atol=1e-300)
    assert np.allclose(jax.vmap(function)(jnp.asarray(X)), truth, rtol=1e-14, atol=1e-300)
    assert np.allclose(jax.vmap(jax.grad(function))(jnp.asarray(X)), slope, rtol=1e-13, atol=1e-14)
    hessian = jax.vmap(jax.grad(jax.grad(function)))(jnp.asarray(X))
    assert np.allclose(hessian, activation.derivative(2).numpy(X), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3)])
@pytest.mark.parametrize("dtype", [jnp.float64, jnp.float32, jnp.float16, jnp.bfloat16])
def test_shape_and_dtype_are_kept(shape: tuple[int, ...], dtype: type) -> None:
    x = jnp.ones(shape, dtype)
    for name in ("swish", "elu", "heaviside", "telu", "identity"):
        y = rb.get(name)(x)
        assert (y.shape, y.dtype) == (x.shape, x.dtype)


def test_without_x64_everything_is_float32_and_the_library_leaves_it_so() -> None:
    code = (
        "import jax, jax.numpy as jnp, rheobase as rb\n"
        "x = jnp.array([-100.0, -1e-7, 0.5, 90.0])\n"
        "y = rb.get('telu')(x)\n"
        "assert x.dtype == y.dtype == jnp.float32\n"
        "assert not jax.config.read('jax_enable_x64')\n"
        "print(float(y[3]), float(rb.get('relu')(jnp.array([1, 2]))[1]))\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "JAX_ENABLE_X64"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["90.0", "2.0"]


def test_a_complex_array_is_refused() -> None:
    with pytest.raises(rb.RheobaseError, match="complex"):
        rb.get("relu")(jnp.array([1j]))
