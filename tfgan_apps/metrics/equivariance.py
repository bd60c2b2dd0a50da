"""Equivariance: whether an image moves, or turns, as the input of its generator does.

Reference: Karras et al., "Alias-Free Generative Adversarial Networks", 2021, appendix E,
    arXiv:2106.12423; https://github.com/NVlabs/stylegan3 at c233a91, metrics/equivariance.py
"""

import numpy as np

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.layers.resampling import upfirdn

_LOBES = 3  # of Lanczos' window
_REACH = 2 * _LOBES  # pixels a filter of rotations reaches
_SPACE = 64  # pixels on which such a filter is designed
_FINE = 4  # how many times more pixels a side gets before images are turned


def equivariance(generate, batches, kinds=("eq_t", "eq_t_frac", "eq_r"), peak=2.0, seed=0):
    """Returns how well images follow transforms of their input, in decibels.

    It is the ratio of the square of a peak, or of what images vary, to the mean square of what is
    wrong: what is made under a transform is compared with the image that is made without one and
    transformed then, where that is known.

    Args:
        generate: function, (number of a batch, transform (3, 3) as `FourierFeatures` take) ->
            images, float (batch, side, side, channels), those of a batch of the same styles and
            noise.
        batches: int >= 1.
        kinds: sequence of `"eq_t"`, up to an eighth of a side, in whole pixels; `"eq_t_frac"`, not
            in whole pixels; `"eq_r"`, any angle. Defaults to all.
        peak: float, the range of images, for the paper's measure; None for what images vary, for
            networks that are not trained. Defaults to 2.
        seed: int, of the transforms, one for each batch and kind. Defaults to 0.

    Returns:
        dict: kind -> float.

    Raises:
        ValueError: an argument does not fit.
    """
    check_integers(1, batches=batches)
    check(set(kinds) <= set(_COMPARED), f"of {', '.join(_COMPARED)}", kinds=kinds)
    random = np.random.default_rng(seed)
    wrong, known = dict.fromkeys(kinds, 0.0), dict.fromkeys(kinds, 0.0)
    power = 0.0
    for batch in range(batches):
        plain = np.asarray(generate(batch, np.eye(3, dtype=np.float32)))
        power += np.var(plain, dtype=np.float64) / batches
        for kind in kinds:
            draws = random.uniform(-1, 1, 2)
            found, wanted, mask = _COMPARED[kind](generate, batch, plain, draws)
            difference = (found - wanted).astype(np.float64) * mask[..., None]
            wrong[kind] += np.sum(difference**2)
            known[kind] += np.sum(mask) * plain.shape[0] * plain.shape[-1]
    power = power if peak is None else peak**2
    with np.errstate(divide="ignore"):  # nothing is wrong: infinite
        return {kind: 10 * float(np.log10(power * known[kind] / wrong[kind])) for kind in kinds}


def moving(x, y):
    """Returns the transform (3, 3) whose images are moved by parts of their side."""
    return np.float32([[1, 0, -x], [0, 1, -y], [0, 0, 1]])


def turning(angle):
    """Returns the transform (3, 3) whose images are turned, as `rotated` turns them."""
    return np.float32(_rotation(-angle))


def translated(images, x, y):
    """Returns images that are moved by whole pixels, the nearest, and where they are known.

    Args:
        images: float array (batch, height, width, channels).
        x, y: float, to the right and downwards, in parts of a side.

    Returns:
        (images, bool array (height, width)).
    """
    height, width = images.shape[1:3]
    steps = int(np.rint(x * width)), int(np.rint(y * height))
    rows, columns = _overlap(height, steps[1]), _overlap(width, steps[0])
    moved, mask = np.zeros_like(images), np.zeros((height, width), bool)
    moved[:, rows[1], columns[1]] = images[:, rows[0], columns[0]]
    mask[rows[1], columns[1]] = True
    return moved, mask


def fractionally_translated(images, x, y):
    """Returns images that are moved by Lanczos' filter, and where no border is seen.

    Args:
        images, x, y: see `translated`.

    Returns:
        (images, bool array (height, width)).
    """
    height, width = images.shape[1:3]
    rows, row_mask = _lanczos_shift(height, y * height)
    columns, column_mask = _lanczos_shift(width, x * width)
    moved = np.einsum("ij,bjkc,lk->bilc", rows, images, columns, optimize=True)
    return moved.astype(images.dtype), row_mask[:, None] & column_mask


def rotated(images, angle):
    """Returns images that are turned around their centre, and where no border is seen.

    Args:
        images: float array (batch, side, side, channels).
        angle: float, radians, counter-clockwise as the image is seen.

    Returns:
        (images, bool array (side, side)).
    """
    side = images.shape[1]
    matrix = _rotation(angle)
    taps = _bandlimit(matrix, _FINE)
    border = len(taps) // 2
    first, second = border + (len(taps) + _FINE - 1) // 2, border + (len(taps) - _FINE) // 2
    padding = first, second, first, second
    fine = upfirdn(np.float32(images), taps, up=_FINE, padding=padding, gain=_FINE**2).numpy()
    # Where the pixels of the result come from, among the fine ones.
    places = np.arange(side) + 0.5 - side / 2
    x, y = np.einsum("ij,jkl->ikl", np.linalg.inv(matrix)[:2, :2], np.meshgrid(places, places))
    x, y = (_FINE * place + fine.shape[1] / 2 for place in (x, y))
    inside = np.zeros(fine.shape[1:3], bool)
    margin = 2 * border + 1
    inside[margin:-margin, margin:-margin] = True
    mask = _at(inside[None, ..., None], np.rint(x).astype(int), np.rint(y).astype(int))
    return _bilinear(fine, x, y), mask[0, ..., 0]


def pseudo_rotated(images, angle):
    """Returns images with the frequencies that `rotated` ones have, and where no border is seen.

    Args:
        images, angle: see `rotated`.

    Returns:
        (images, bool array (side, side)).
    """
    taps = _bandlimit(_rotation(-angle), 1)
    border = len(taps) // 2
    mask = np.zeros(images.shape[1:3], bool)
    mask[border:-border, border:-border] = True
    return upfirdn(np.float32(images), taps, padding=(border,) * 4).numpy(), mask


def _compare_translation(generate, batch, plain, draws):
    x, y = np.rint(draws / 8 * plain.shape[1]) / plain.shape[1]
    return generate(batch, moving(x, y)), *translated(plain, x, y)


def _compare_fractional_translation(generate, batch, plain, draws):
    x, y = draws / 8
    return generate(batch, moving(x, y)), *fractionally_translated(plain, x, y)


def _compare_rotation(generate, batch, plain, draws):
    angle = draws[0] * np.pi
    wanted, mask = rotated(plain, angle)
    found, also = pseudo_rotated(np.asarray(generate(batch, turning(angle))), angle)
    return found, wanted, mask & also


_COMPARED = {
    "eq_t": _compare_translation,
    "eq_t_frac": _compare_fractional_translation,
    "eq_r": _compare_rotation,
}


def _overlap(size, step):
    """Returns the pixels of a side that stay in it when they are moved, before and after."""
    stay = max(size - abs(step), 0)
    start = max(-step, 0), max(step, 0)
    return tuple(slice(first, first + stay) for first in start)


def _lanczos_shift(size, distance):
    """Returns the matrix (size, size) that moves pixels of a side, and which of them it knows."""
    whole = int(np.floor(distance))
    taps = np.arange(2 * _LOBES) - (_LOBES - 1)
    weights = np.sinc(taps - (distance - whole)) * np.sinc((taps - (distance - whole)) / _LOBES)
    weights = weights / weights.sum()
    matrix = sum(w * np.eye(size, k=-(whole + tap)) for w, tap in zip(weights, taps, strict=True))
    sources = np.arange(size)[:, None] - whole - taps
    return matrix, np.all((sources >= 0) & (sources < size), 1)


def _rotation(angle):
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])


def _bandlimit(matrix, fine):
    """Returns taps that keep frequencies which pixels carry before a transform and after it.

    Args:
        matrix: float array (3, 3), the transform.
        fine: int, taps per pixel.
    """
    places = np.roll((np.arange(2 * _SPACE * fine - 1) + 1) / fine - _SPACE, 1 - _SPACE * fine)
    before = np.stack(np.meshgrid(places, places))
    after = np.einsum("ij,jkl->ikl", matrix[:2, :2], before)
    ideal = _convolved(*(np.sinc(x) * np.sinc(y) for x, y in (before, after)))
    window = _convolved(*(_lanczos(x) * _lanczos(y) for x, y in (before, after)))
    middle = slice((_SPACE - _REACH) * fine, -(_SPACE - _REACH) * fine)
    taps = np.roll(ideal * window, [_SPACE * fine - 1] * 2, (0, 1))[middle, middle]
    # The taps that meet the pixels, for each place between pixels, are of one sum.
    taps = np.pad(taps, (0, 1)).reshape(2 * _REACH, fine, 2 * _REACH, fine)
    taps = taps / taps.sum((0, 2), keepdims=True) / fine**2
    return taps.reshape(2 * _REACH * fine, -1)[:-1, :-1]


def _convolved(a, b):
    return np.fft.ifft2(np.fft.fft2(a) * np.fft.fft2(b)).real


def _lanczos(x):
    return np.where(np.abs(x) < _LOBES, np.sinc(x / _LOBES), 0.0)


def _bilinear(images, x, y):
    """Returns images at places between their pixels; outside is 0."""
    column, row = np.floor(x), np.floor(y)
    right, below = (x - column)[..., None], (y - row)[..., None]
    column, row = column.astype(int), row.astype(int)
    upper = _at(images, column, row) * (1 - right) + _at(images, column + 1, row) * right
    lower = _at(images, column, row + 1) * (1 - right) + _at(images, column + 1, row + 1) * right
    return (upper * (1 - below) + lower * below).astype(images.dtype)


def _at(images, column, row):
    """Returns the pixels of images (batch, height, width, channels) at places; outside is 0."""
    height, width = images.shape[1:3]
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    pixels = images[:, np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return pixels * inside[..., None]
