"""Perceptual path length: how much a picture changes for a small step between two latents.

Reference: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2018, arXiv:1812.04948; https://github.com/NVlabs/stylegan2-ada-pytorch@d72cc7d,
    metrics/perceptual_path_length.py
"""

import numpy as np

from tfgan_apps.arguments import check_choice, check_integers, check_numbers
from tfgan_apps.metrics import arrays


def perceptual_path_length(
    generate,
    distance,
    starts,
    ends,
    epsilon=1e-4,
    interpolation="lerp",
    sampling="full",
    seed=0,
    percentiles=(1, 99),
    batch_size=32,
):
    """Returns the mean over paths of distance(G(p(t)), G(p(t + epsilon))) / epsilon^2.

    Images of 8 bits make it a measure of rounding: give float images, or an epsilon from 1e-2 on.

    Args:
        generate: function, latents (2 B, D) -> float images, a path's two points in rows b and
            B + b, which are to have the same noise.
        distance: function of two arrays of images -> float (B,), such as `PerceptualDistance`.
        starts, ends: latents (N, D) at both ends of each path.
        epsilon: float > 0, the step, as a part of the path. Defaults to 1e-4.
        interpolation: `"lerp"` along a line, as for w, or `"slerp"` along the sphere, as for z.
        sampling: `"full"`, t uniform in [0, 1], or `"end"`, t = 0.
        seed: int, of t. Defaults to 0.
        percentiles: pair, outside of which lengths are left out; None keeps all. Defaults to
            (1, 99).
        batch_size: int >= 1, paths at a time. Defaults to 32.

    Returns:
        float.

    Raises:
        ValueError: an argument does not fit, or a length is not finite.
    """
    check_choice(("lerp", "slerp"), interpolation=interpolation)
    check_choice(("full", "end"), sampling=sampling)
    check_integers(1, batch_size=batch_size)
    check_numbers(1e-12, epsilon=epsilon)
    starts = arrays.features("starts", starts).astype(np.float64)
    ends = arrays.features("ends", ends, columns=starts.shape[1]).astype(np.float64)
    if len(starts) != len(ends):
        raise ValueError(f"ends must be as many as starts, {len(starts)}. Received: {len(ends)}")
    t = np.random.default_rng(seed).random((len(starts), 1)) * (sampling == "full")
    between = _slerp if interpolation == "slerp" else _lerp
    lengths = []
    for i in range(0, len(starts), batch_size):
        path = slice(i, i + batch_size)
        points = [between(starts[path], ends[path], t[path] + step) for step in (0, epsilon)]
        images = np.asarray(generate(np.concatenate(points)))
        half = len(images) // 2
        lengths.append(np.asarray(distance(images[:half], images[half:])) / epsilon**2)
    return _mean_inside(arrays.finite("distance", np.concatenate(lengths)), percentiles)


def _mean_inside(lengths, percentiles):
    if percentiles is None:
        return float(lengths.mean())
    low = np.percentile(lengths, percentiles[0], method="lower")
    high = np.percentile(lengths, percentiles[1], method="higher")
    return float(lengths[(lengths >= low) & (lengths <= high)].mean())


def _lerp(start, end, t):
    return start + (end - start) * t


def _slerp(start, end, t):
    """Returns the point on the great circle of the two directions, of length 1."""
    start, end = _unit(start), _unit(end)
    cosine = (start * end).sum(-1, keepdims=True)
    angle = t * np.arccos(np.clip(cosine, -1, 1))
    return _unit(start * np.cos(angle) + _unit(end - cosine * start) * np.sin(angle))


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-300)
