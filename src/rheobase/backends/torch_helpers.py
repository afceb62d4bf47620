"""Helpers of generated PyTorch code: compositions, so that compile, vmap, jvp and double backward work.

Figures: errors measured in unit roundoffs u.
"""

import torch


def _still(x):
    # what only decides where a flat piece ends: its slope, were it infinite, would make 0 * inf
    return x.detach()


def _sign(x):
    # torch.sign(nan) is 0
    x = x.detach()
    return torch.where(torch.isnan(x), x, torch.sign(x))


def _step(x):
    x = x.detach()
    return torch.where(torch.isnan(x), x, (x >= 0).to(x.dtype))


def _sinh(x):
    # the vectorised torch.sinh overflows from 88.73 (709.8) on, the true value from 89.4 (710.4) on; a - 1 is exact
    # there, and exp(x/2) squared would overflow in the gradient
    a = torch.abs(x)
    s = a < 80.0
    tail = torch.sign(x) * (1.3591409142295225 * torch.exp(a - 1.0))
    return torch.where(s, torch.sinh(torch.where(s, x, 0.0)), tail)


def _cosh(x):
    # as for sinh: the vectorised torch.cosh overflows too early
    a = torch.abs(x)
    s = a < 80.0
    return torch.where(s, torch.cosh(torch.where(s, x, 0.0)), 1.3591409142295225 * torch.exp(a - 1.0))


def _sech(x):
    # 1 / cosh(x) flushes from 89 (711) on and its gradient is NaN; where, not abs: the second derivative at 0 is -1;
    # -800: the value is 0 beyond, and a huge gradient from outside, doubled here, must not become inf * 0
    a = torch.where(x < 0, x, -x)
    e = torch.exp(torch.where(a < -800.0, -800.0, a))  # a NaN goes through
    return 2.0 * e / (1.0 + e * e)


def _sigmoid(x):
    # torch.sigmoid flushes to 0 below -88.7 (-709.8); below -40 the exponential is the sigmoid to the last bit
    s = x < -40.0
    return torch.where(s, torch.exp(torch.where(s, x, -40.0)), torch.sigmoid(x))


def _sinc(x):
    # torch.sinc has a gradient 5,000 u off near 3e-4 (and NaN-free only by luck of a select); a series below 1 mends it
    s = torch.abs(x) < 1.0
    w = torch.where(s, x, 1.0)
    w = w * w
    p = 1.0 + w * (
        -0.16666666666666666
        + w
        * (
            0.008333333333333333
            + w
            * (
                -0.0001984126984126984
                + w
                * (
                    2.7557319223985893e-06
                    + w
                    * (
                        -2.505210838544172e-08
                        + w * (1.6059043836821613e-10 + w * (-7.647163731819816e-13 + w * 2.8114572543455206e-15))
                    )
                )
            )
        )
    )
    d = torch.where(s, 1.0, x)
    return torch.where(s, p, torch.sin(d) / d)


def _phi(x):
    # exp(-x*x/2) with the square rounded once is 65 u (float32) or 510 u (float64) off; h has few bits, so that h*h is
    # exact, and autograd is right because h is piecewise constant. 40: the value is 0 beyond.
    x = torch.clamp(x, -40.0, 40.0)
    h = torch.round(x * 128.0) * 0.0078125
    t = 0.3989422804014327 * torch.exp(-0.5 * h * h)
    return t + t * torch.expm1(0.5 * (h - x) * (h + x))


def _Phi_composed(x):
    # torch.special.ndtr is 0 below -5.6 in float32. torch.erfc keeps its tail, but z = -x/sqrt(2) is rounded, which the
    # tail amplifies by x*x: d is what z lost (h and 1449/2048 have few bits, so their product is exact)
    z = -0.7071067811865476 * x
    h = torch.round(x * 128.0) * 0.0078125
    d = (-0.70751953125 * h - z) - 0.70751953125 * (x - h) + 0.0004127500634524756 * x
    return 0.5 * torch.erfc(z) - 0.5641895835477563 * torch.exp(-z * z) * d


class _PhiAndSlope(torch.autograd.Function):
    # what autograd makes of the composition takes twice the steps of _phi, which it equals
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return _Phi_composed(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, *gradients):
        return gradients[0] * _phi(ctx.saved_tensors[0])

    @staticmethod
    def jvp(ctx, *tangents):
        return tangents[0] * _phi(ctx.saved_tensors[0])


def _Phi(x):
    # outside the class, so that an infinite gradient from outside, times 0, does not count where x is infinite; a
    # compiler makes one pass of the composition, and exports know no class
    x = torch.clamp(x, -40.0, 40.0)
    return _Phi_composed(x) if torch.compiler.is_compiling() else _PhiAndSlope.apply(x)


def _expm1(x):
    # Inductor on the CPU compiles torch.expm1 to exp(x) - 1, which has no correct digit near 0
    if not torch.compiler.is_compiling():
        return torch.expm1(x)
    s = torch.abs(x) < 0.7
    t = torch.tanh(0.5 * torch.where(s, x, 0.0))
    return torch.where(s, 2.0 * t / (1.0 - t), torch.exp(torch.where(s, 0.0, x)) - 1.0)


def _erf(x):
    # Inductor on the CPU compiles float32 torch.erf to an approximation good to 1e-7 absolutely
    if x.dtype == torch.float64 or not torch.compiler.is_compiling():
        return torch.erf(x)
    s = torch.abs(x) < 1.0
    z = torch.where(s, x, 0.0)
    w = z * z
    p = 1.12837917 + w * (
        -0.376126267
        + w * (0.112835947 + w * (-0.026854212 + w * (0.00518908742 + w * (-0.000801686429 + w * (7.87587506e-05)))))
    )
    return torch.where(s, z * p, torch.sign(x) * (1.0 - torch.erfc(torch.abs(x))))


def _dsinc(x):
    # (cos x - sinc x)/x cancels near 0: its Taylor series below 1
    s = torch.abs(x) < 1.0
    w = torch.where(s, x, 0.0)
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
    d = torch.where(s, 1.0, x)
    return torch.where(s, p, (torch.cos(d) - torch.sin(d) / d) / d)
