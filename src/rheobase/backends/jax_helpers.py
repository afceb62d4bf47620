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
    x = lax.stop_gradient(x)
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
    t = 0.5 * jnp.exp(-0.5 * h * h)
    return t + t * (0.7978845608028654 * jnp.expm1(0.5 * (h - x) * (h + x)) - 0.20211543919713464)


@jax.custom_jvp
def _erfc(x):
    # lax.erfc is 55 u (float32) or 510 u (float64) off in its tail, 10 u at 0.95: here exp(z*z) erfc(z) (1 + z) is a
    # polynomial in (z - 3) / (z + 3) on all z >= 0, and the square is split so that h*h is exact;
    # the last line also gives back what the sums n and d were rounded by
    if x.dtype == jnp.float64:
        c = (
            0.7160046047255598,
            -0.23092733308380917,
            0.09902075367944,
            -0.010235388899012472,
            -0.02380391310866348,
            0.021957764012783057,
            -0.009750689292934555,
            0.00161856912561458,
            0.0006458142058120285,
            -0.0003672884714900371,
            -2.0551626575237133e-05,
            5.611935061418131e-05,
            -1.5143011984802886e-06,
            -8.99003113410397e-06,
            2.604253917539671e-07,
            1.58872633151496e-06,
            6.122158776232285e-08,
            -2.9342731506504446e-07,
            -4.7509319686612515e-08,
            5.0982190709594805e-08,
            1.6580063772472426e-08,
            -7.0683803845486596e-09,
            -3.6160599174792615e-09,
            5.574853257256397e-10,
            3.9077439202435875e-10,
        )
    else:
        c = (
            0.716004605,
            -0.23092733,
            0.0990207307,
            -0.0102355832,
            -0.0238036372,
            0.0219600586,
            -0.00975194043,
            0.00160852821,
            0.000648502142,
            -0.000346959774,
            -2.34683415e-05,
            3.60806463e-05,
        )
    z = jnp.clip(jnp.abs(x), 0.0, 30.0)
    q = 2.0 * (z / (z + 3.0)) - 1.0
    p = jnp.full_like(x, c[-1])
    for a in c[-2:0:-1]:
        p = p * q + a
    p = p * q
    one = 1.0 + 0.0 * z  # not a constant: XLA would turn (1 + z) - 1 into z
    c0 = c[0] * one
    n, d = c0 + p, one + z
    h = jnp.round(z * 128.0) * 0.0078125
    t = n / d * jnp.exp(-h * h)
    t = t + t * (jnp.expm1((h - z) * (h + z)) + ((p - (n - c0)) / n - (z - (d - one)) / d))
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
    # jax.scipy.special.ndtr is 140 u (float32), 1,960 u (float64) off in its tail. As for erfc: 2 Phi(-z)
    # exp(z*z/2) (1 + z) - 1 is a polynomial in (z - 4.5) / (z + 4.5); no rounded x/sqrt(2)
    if x.dtype == jnp.float64:
        c = (
            -0.06716268681419618,
            -0.18891351777637366,
            0.047685929538239996,
            0.03784531332542115,
            -0.06075378193173018,
            0.045232620894691454,
            -0.021182170669780055,
            0.005422492197188862,
            0.00023851134010173576,
            -0.0007060035356701557,
            0.00014190451434111296,
            6.76700230885036e-05,
            -2.9793223311446945e-05,
            -7.171676392378975e-06,
            5.10412258618052e-06,
            1.0523228113932413e-06,
            -8.593223398665435e-07,
            -2.1591044193446974e-07,
            1.4172752251925695e-07,
            4.8535725980527914e-08,
            -2.1185184896061345e-08,
            -8.891698692673424e-09,
            2.4658164381363984e-09,
            8.930821861364524e-10,
            -1.606326826376851e-10,
        )
    else:
        c = (
            -0.0671626779,
            -0.188913515,
            0.047685284,
            0.0378451406,
            -0.0607461568,
            0.0452346543,
            -0.0212155466,
            0.00541365323,
            0.000306104322,
            -0.000688330373,
            7.52810419e-05,
            5.06801635e-05,
        )
    z = jnp.clip(jnp.abs(x), 0.0, 40.0)
    q = 2.0 * (z / (z + 4.5)) - 1.0
    p = jnp.full_like(x, c[-1])
    for a in c[-2:0:-1]:
        p = p * q + a
    p = p * q + c[0]
    one = 1.0 + 0.0 * z  # not a constant: XLA would turn (1 + z) - 1 into z
    d = one + z
    h = jnp.round(z * 128.0) * 0.0078125
    t = 0.5 * jnp.exp(-0.5 * h * h) / d
    t = t + t * (p + (1.0 + p) * (jnp.expm1(0.5 * (h - z) * (h + z)) - (z - (d - one)) / d))
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
