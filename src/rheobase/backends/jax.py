"""Helpers of generated JAX code. Figures: errors measured in unit roundoffs u, on XLA's CPU compiler."""

import jax
import jax.numpy as jnp
from jax import lax


def _exp(x):
    # XLA's float32 exp is 5 u off in its last half octave before overflow (88.38 to 88.72); x - 1 is exact there
    if x.dtype == jnp.float64:
        return jnp.exp(x)
    s = x > 88.0
    return jnp.exp(jnp.where(s, x - 1.0, x)) * jnp.where(s, 2.718281828459045, 1.0).astype(x.dtype)


def _log1p(x):
    # XLA's float64 log1p is 240 u off around -0.41; log(1 + x) loses no more than 2 u to the sum below -0.28
    if x.dtype != jnp.float64:
        return jnp.log1p(x)
    s = x < -0.28
    return jnp.where(s, jnp.log(1.0 + jnp.where(s, x, -0.5)), jnp.log1p(jnp.where(s, 0.0, x)))


def _abs(x):
    # jnp.abs has the gradient 1 at 0
    return x * jnp.sign(x)


def _step(x):
    return jnp.where(jnp.isnan(x), x, (x >= 0).astype(x.dtype))


@jax.custom_jvp
def _expm1(x):
    # jnp.expm1 is up to 5.9 u (float32), 5.5 u (float64) off between 1e-3 and 0.5: a polynomial below 0.7
    if x.dtype == jnp.float64:
        c = (
            0.5,
            0.16666666666666663,
            0.041666666666666664,
            0.008333333333335264,
            0.0013888888888890095,
            0.00019841269838118025,
            2.4801587299618648e-05,
            2.7557321428677544e-06,
            2.7557320601102605e-07,
            2.505135890630596e-08,
            2.087628881183229e-09,
            1.6181264692868738e-10,
            1.1547103037097898e-11,
        )
    else:
        c = (
            0.5,
            0.166666702,
            0.0416666702,
            0.00833275018,
            0.00138883064,
            0.000200788942,
            2.50389911e-05,
        )
    s = jnp.abs(x) < 0.7
    w = jnp.where(s, x, 0.0)
    p = jnp.full_like(x, c[-1])
    for a in c[-2::-1]:
        p = p * w + a
    return jnp.where(s, w + w * w * p, _exp(x) - 1.0)


_expm1.defjvps(lambda t, y, x: t * _exp(x))


@jax.custom_jvp
def _tanh(x):
    # jnp.tanh is 4.1 u (float32), 6.9 u (float64, at 20) off
    a = jnp.abs(x)
    m = _expm1(-2.0 * a)
    e = jnp.exp(-2.0 * a)
    t = jnp.where(a < 1.0, -m / (m + 2.0), 1.0 - 2.0 * e / (1.0 + e))
    return jnp.where(x < 0, -t, t)


_tanh.defjvps(lambda t, y, x: t * (1.0 - y * y))


@jax.custom_jvp
def _sinh(x):
    # jnp.sinh is 25 u (float32), 500 u (float64) off: it adds a rounded log(2) to x; a - 2 is exact from 1 on
    a = jnp.abs(x)
    m = _expm1(jnp.where(a < 1.0, a, 0.0))
    big = 3.694528049465325 * jnp.exp(a - 2.0) - 0.5 * jnp.exp(-a)
    y = jnp.where(a < 1.0, 0.5 * (m + m / (m + 1.0)), big)
    return jnp.where(x < 0, -y, y)


_sinh.defjvps(lambda t, y, x: t * _cosh(x))


@jax.custom_jvp
def _cosh(x):
    # jnp.cosh is 25 u (float32), 500 u (float64) off: it adds a rounded log(2) to x
    a = jnp.abs(x)
    return 3.694528049465325 * jnp.exp(a - 2.0) + 0.5 * jnp.exp(-a)


_cosh.defjvps(lambda t, y, x: t * _sinh(x))


@jax.custom_jvp
def _sech(x):
    # 1 / cosh(x) is 25 u off and its gradient NaN far out
    e = jnp.exp(-jnp.abs(x))
    return 2.0 * e / (1.0 + e * e)


_sech.defjvps(lambda t, y, x: -t * y * _tanh(x))


def _softplus(x):
    # jax.nn.softplus is right in value, but its gradient, exp(x - y) of a rounded y, is 8 u (29 u in float64) off
    s = x < 0
    return jnp.where(s, 0.0, x) + jnp.log1p(jnp.exp(jnp.where(s, x, -x)))


def _sinc(x):
    # jnp.sinc has a wrong gradient near 0 and, for x/pi, wrong values far out
    if x.dtype == jnp.float64:
        c = (
            1.0,
            -0.16666666666666666,
            0.008333333333333333,
            -0.00019841269841269565,
            2.755731922384429e-06,
            -2.5052108344520496e-08,
            1.6059036888585852e-10,
            -7.646475851934966e-13,
            2.7746946862212356e-15,
        )
    else:
        c = (
            1.0,
            -0.166666664,
            0.00833331406,
            -0.000198358644,
            2.69374989e-06,
        )
    s = jnp.abs(x) < 1.0
    w = jnp.where(s, x, 0.0)
    w = w * w
    p = jnp.full_like(x, c[-1])
    for a in c[-2::-1]:
        p = p * w + a
    d = jnp.where(s, 1.0, x)
    return jnp.where(s, p, jnp.sin(d) / d)


def _phi(x):
    # exp(-x*x/2) with the square rounded once is 65 u (float32) or 510 u (float64) off; h has few bits, so that h*h is
    # exact, and the gradient is right because h is piecewise constant. 40: the value is 0 beyond.
    x = jnp.clip(x, -40.0, 40.0)
    h = jnp.round(x * 128.0) * 0.0078125
    t = 0.3989422804014327 * jnp.exp(-0.5 * h * h)
    return t + t * jnp.expm1(0.5 * (h - x) * (h + x))


@jax.custom_jvp
def _erfc(x):
    # lax.erfc is 55 u (float32) or 510 u (float64) off in its tail, 10 u at 0.95: here exp(z*z) erfc(z) (1 + 9/8 z) is a
    # polynomial in (z - 3) / (z + 3) on all z >= 0, and the square is split so that h*h is exact
    if x.dtype == jnp.float64:
        c = (
            0.783130036418581,
            -0.21901405471390567,
            0.08069787267532863,
            0.007249679551209165,
            -0.03573763189699392,
            0.027751546929182483,
            -0.011503167496148471,
            0.0017324219619210374,
            0.0008011737249800443,
            -0.0004188564465673323,
            -3.112764823020897e-05,
            6.474185083186253e-05,
            -7.063279245989281e-07,
            -1.0378848233752128e-05,
            1.364334032327329e-07,
            1.8241873654350508e-06,
            9.817368823452275e-08,
            -3.338301016519683e-07,
            -5.927073590111843e-08,
            5.734316762098656e-08,
            1.973353667447035e-08,
            -7.850628438105557e-09,
            -4.226602169015931e-09,
            6.113721453991769e-10,
            4.5273033072665254e-10,
        )
    else:
        c = (
            0.783130036,
            -0.219014052,
            0.0806978699,
            0.00724945482,
            -0.0357375927,
            0.0277542009,
            -0.0115033928,
            0.00172080951,
            0.000801821905,
            -0.000395350059,
            -3.21020102e-05,
            4.15798842e-05,
        )
    z = jnp.clip(jnp.abs(x), 0.0, 30.0)
    q = (z - 3.0) / (z + 3.0)
    p = jnp.full_like(x, c[-1])
    for a in c[-2::-1]:
        p = p * q + a
    h = jnp.round(z * 128.0) * 0.0078125
    t = p / (1.0 + 1.125 * z) * jnp.exp(-h * h)
    t = t + t * jnp.expm1((h - z) * (h + z))
    return jnp.where(x < 0, 2.0 - t, t)


_erfc.defjvps(lambda t, y, x: t * (-1.1283791670955126 * jnp.exp(-x * x)))


@jax.custom_jvp
def _erf(x):
    # XLA's float32 erf is 4.8 u off at 3.7
    if x.dtype == jnp.float64:
        return lax.erf(x)
    c = (
        1.12837917,
        -0.376126267,
        0.112835947,
        -0.026854212,
        0.00518908742,
        -0.000801686429,
        7.87587506e-05,
    )
    s = jnp.abs(x) < 1.0
    z = jnp.where(s, x, 0.0)
    w = z * z
    p = jnp.full_like(x, c[-1])
    for a in c[-2::-1]:
        p = p * w + a
    y = 1.0 - _erfc(jnp.abs(x))
    return jnp.where(s, z * p, jnp.where(x < 0, -y, y))


_erf.defjvps(lambda t, y, x: t * (1.1283791670955126 * jnp.exp(-x * x)))


@jax.custom_jvp
def _Phi(x):
    # jax.scipy.special.ndtr is 140 u (float32), 1,960 u (float64) off in its tail. As for erfc: the Mills ratio times
    # (1 + 51/64 z) is a polynomial in (z - 4.5) / (z + 4.5); no rounded x/sqrt(2)
    if x.dtype == jnp.float64:
        c = (
            0.38890305599436564,
            -0.10694618071106671,
            0.04352630978130892,
            -0.0007104630432326598,
            -0.01597947187249627,
            0.014744072047933173,
            -0.007579989504237319,
            0.002104669761743079,
            3.4848698428574675e-05,
            -0.0002604412366025189,
            5.892480653925333e-05,
            2.4073933409079485e-05,
            -1.183244941481526e-05,
            -2.464164655049063e-06,
            2.0100757124534697e-06,
            3.5961671870159405e-07,
            -3.397158685277887e-07,
            -7.604352425184014e-08,
            5.6720665602374374e-08,
            1.7652866698217163e-08,
            -8.655786076730006e-09,
            -3.3016972442330587e-09,
            1.0387803357556696e-09,
            3.355535371686679e-10,
            -7.055195340929107e-11,
        )
    else:
        c = (
            0.38890306,
            -0.10694618,
            0.043526052,
            -0.000710522762,
            -0.0159764273,
            0.0147447749,
            -0.00759331125,
            0.00210161604,
            6.18098957e-05,
            -0.000254340245,
            3.23849814e-05,
            1.82175693e-05,
        )
    z = jnp.clip(jnp.abs(x), 0.0, 40.0)
    q = (z - 4.5) / (z + 4.5)
    p = jnp.full_like(x, c[-1])
    for a in c[-2::-1]:
        p = p * q + a
    h = jnp.round(z * 128.0) * 0.0078125
    t = p / (1.0 + 0.796875 * z) * jnp.exp(-0.5 * h * h)
    t = t + t * jnp.expm1(0.5 * (h - z) * (h + z))
    return jnp.where(x > 0, 1.0 - t, t)


_Phi.defjvps(lambda t, y, x: t * _phi(x))


@jax.custom_jvp
def _div(a, b):
    # JAX differentiates a / b through 1 / (b*b), which is inf from |b| < 1e-19 on; and XLA turns (a / b) / b into
    # a / (b*b), so the two quotients are multiplied
    return a / b


_div.defjvps(lambda t, y, a, b: t / b, lambda t, y, a, b: -(t / b) * y)


def _dsinc(x):
    # (cos x - sinc x)/x cancels near 0: its Taylor series below 1
    s = jnp.abs(x) < 1.0
    w = jnp.where(s, x, 0.0)
    q = w * w
    p = w * (
        -1.0 / 3.0
        + q
        * (
            1.0 / 30.0
            + q
            * (
                -1.0 / 840.0
                + q
                * (
                    1.0 / 45360.0
                    + q
                    * (
                        -1.0 / 3991680.0
                        + q * (1.0 / 518918400.0 + q * (-1.0 / 93405312000.0 + q * (1.0 / 22230464256000.0)))
                    )
                )
            )
        )
    )
    d = jnp.where(s, 1.0, x)
    return jnp.where(s, p, (jnp.cos(d) - jnp.sin(d) / d) / d)
