"""Helpers of generated NumPy code; everything is computed in float64. Figures: errors measured in unit roundoffs u."""

import numpy as np


def _sigmoid(x):
    # one exponential of a number <= 0: neither overflow nor a flushed tail (1.9 u measured)
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1.0 + e)


def _softplus(x):
    # log1p keeps the tail that log(1 + exp(x)) rounds away
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _sech(x):
    # 1 / cosh(x) is 0 from 711 on, where the true value is still a number
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)


def _step(x):
    return np.where(x == x, np.where(x < 0, 0.0, 1.0), x)


def _sinc(x):
    z = x == 0
    d = np.where(z, 1.0, x)
    return np.where(z, 1.0, np.sin(d) / d)


def _phi(x):
    # exp(-x*x/2): x*x/2 rounded once costs 500 u at 35; h has few bits, so h*h is exact, and the rest is small
    x = np.clip(x, -40.0, 40.0)
    h = np.rint(x * 128.0) * 0.0078125
    t = 0.3989422804014327 * np.exp(-0.5 * h * h)
    return t + t * np.expm1(0.5 * (h - x) * (h + x))


def _erf(x):
    from scipy.special import erf

    return erf(x)


def _erfc(x):
    # scipy.special.erfc is 510 u off in its tail and 12 u below 1, its erfcx 7.5 u below 2: here
    # exp(z*z) erfc(z) (1 + z) is a polynomial in (z - 3) / (z + 3) on all z >= 0, and the square is split so
    # that h*h is exact; the last line also gives back what the sums n and d were rounded by
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
    z = np.minimum(np.abs(x), 30.0)
    q = 2.0 * (z / (z + 3.0)) - 1.0
    p = np.full_like(z, c[-1])
    for a in c[-2:0:-1]:
        p = p * q + a
    p = p * q
    n, d = c[0] + p, 1.0 + z
    h = np.rint(z * 128.0) * 0.0078125
    t = n / d * np.exp(-h * h)
    t = t + t * (np.expm1((h - z) * (h + z)) + ((p - (n - c[0])) / n - (z - (d - 1.0)) / d))
    return np.where(x < 0, 2.0 - t, t)


def _Phi(x):
    # scipy.special.ndtr is 1,000 u off in its tail. As for erfc: 2 Phi(-z) exp(z*z/2) (1 + z) - 1 is a polynomial in
    # (z - 4.5) / (z + 4.5); no rounded x/sqrt(2)
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
    z = np.minimum(np.abs(x), 40.0)
    q = 2.0 * (z / (z + 4.5)) - 1.0
    p = np.full_like(z, c[-1])
    for a in c[-2:0:-1]:
        p = p * q + a
    p = p * q + c[0]
    d = 1.0 + z
    h = np.rint(z * 128.0) * 0.0078125
    t = 0.5 * np.exp(-0.5 * h * h) / d
    t = t + t * (p + (1.0 + p) * (np.expm1(0.5 * (h - z) * (h + z)) - (z - (d - 1.0)) / d))
    return np.where(x > 0, 1.0 - t, t)


def _dsinc(x):
    # (cos x - sinc x)/x cancels near 0: its Taylor series below 1
    s = np.abs(x) < 1.0
    w = np.where(s, x, 0.0)
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
    d = np.where(s, 1.0, x)
    return np.where(s, p, (np.cos(d) - np.sin(d) / d) / d)
