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
    # scipy.special.erfc is 510 u off in its tail and 12 u below 1, its erfcx 7.5 u below 2: here exp(z*z) erfc(z) (1 + 9/8 z)
    # is a polynomial in (z - 3) / (z + 3) on all z >= 0, and the square is split so that h*h is exact
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
    z = np.minimum(np.abs(x), 30.0)
    q = (z - 3.0) / (z + 3.0)
    p = np.full_like(z, c[-1])
    for a in c[-2::-1]:
        p = p * q + a
    h = np.rint(z * 128.0) * 0.0078125
    t = p / (1.0 + 1.125 * z) * np.exp(-h * h)
    t = t + t * np.expm1((h - z) * (h + z))
    return np.where(x < 0, 2.0 - t, t)


def _Phi(x):
    # scipy.special.ndtr is 1,000 u off in its tail. As for erfc: the Mills ratio times (1 + 51/64 z) is a polynomial in
    # (z - 4.5) / (z + 4.5); no rounded x/sqrt(2)
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
    z = np.minimum(np.abs(x), 40.0)
    q = (z - 4.5) / (z + 4.5)
    p = np.full_like(z, c[-1])
    for a in c[-2::-1]:
        p = p * q + a
    h = np.rint(z * 128.0) * 0.0078125
    t = p / (1.0 + 0.796875 * z) * np.exp(-0.5 * h * h)
    t = t + t * np.expm1(0.5 * (h - z) * (h + z))
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
