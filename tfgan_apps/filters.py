"""Low-pass filters of finite length: a Kaiser window times the ideal filter, of a line or a disc.

They are designed here, and not by SciPy, which the package does without.

Reference: Karras et al. 2021 (StyleGAN3), https://arxiv.org/abs/2106.12423, appendix C;
https://github.com/NVlabs/stylegan3 at c233a91, training/networks_stylegan3.py
"""

import numpy as np

from tfgan_apps.arguments import check_integers


def low_pass(count, cutoff, width, rate):
    """Returns the taps of a filter that passes along an axis, float64 (count,) of sum 1.

    Args:
        count: int >= 1, taps.
        cutoff: float in (0, rate / 2), the frequency of which half the amplitude is left.
        width: float > 0, from what passes to what is stopped.
        rate: float, samples in the unit of which frequencies are cycles.
    """
    check_integers(1, count=count)
    share = 2 * cutoff / rate
    taps = np.sinc(share * _places(count)) * _kaiser(count, width, rate)
    return taps / taps.sum()


def radial_low_pass(count, cutoff, width, rate):
    """Returns the taps of a filter that is alike in all directions, (count, count) of sum 1.

    Args:
        count, cutoff, width, rate: see `low_pass`.
    """
    check_integers(1, count=count)
    places = _places(count) / rate
    radius = np.hypot(places, places[:, None])
    known = np.where(radius, radius, 1.0)
    disc = np.where(radius, bessel_j1(2 * np.pi * cutoff * radius) / (np.pi * known), cutoff)
    window = _kaiser(count, width, rate)
    taps = disc * np.outer(window, window)
    return taps / taps.sum()


def bessel_j1(x):
    """Returns the Bessel function of the first kind and of order 1, to 1e-14.

    Its integral goes over a period of a smooth function: equally spaced points give it to the last
    bit as soon as they are somewhat more than x.

    Args:
        x: real array of numbers that are not large.
    """
    x = np.asarray(x, np.float64)
    count = 64 + 2 * int(np.ceil(np.abs(x).max(initial=0.0)))
    t = (np.arange(count) + 0.5) * (2 * np.pi / count)
    return np.cos(t - x[..., None] * np.sin(t)).mean(-1)


def _places(count):
    return np.arange(count) - (count - 1) / 2


def _kaiser(count, width, rate):
    """Returns the Kaiser window whose transition is that wide, by Kaiser's own formulas."""
    decibels = 2.285 * (count - 1) * np.pi * 2 * width / rate + 7.95
    if decibels > 50:
        beta = 0.1102 * (decibels - 8.7)
    else:
        over = max(decibels - 21, 0.0)
        beta = 0.5842 * over**0.4 + 0.07886 * over
    return np.kaiser(count, beta)
