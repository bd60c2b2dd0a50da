"""Mixtures of Gaussians in the plane, on a ring or on a grid.

Reference: Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028;
https://github.com/igul222/improved_wgan_training, gan_toy.py
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Mixture:
    """Gaussians of one deviation, all as likely.

    Args:
        centers: float32 array (modes, 2).
        deviation: float > 0, in both directions.
    """

    centers: np.ndarray
    deviation: float

    def readings(self, points, tolerance):
        """Returns how well points lie on the modes.

        Args:
            points: float array (N, 2).
            tolerance: float, the distance from a center within which a point is good.

        Returns:
            dict: `good`, the share of good points; `modes`, of which 1 percent of all is good.
        """
        distances = np.linalg.norm(np.asarray(points)[:, None] - self.centers, axis=-1)
        good = distances.min(1) <= tolerance
        nearest = distances.argmin(1)[good]
        counts = np.bincount(nearest, minlength=len(self.centers))
        return {"good": float(good.mean()), "modes": int((counts >= 0.01 * len(points)).sum())}


def _ring():
    angles = np.arange(8) * np.pi / 4
    centers = 2 / 1.414 * np.stack([np.cos(angles), np.sin(angles)], -1)
    return Mixture(np.float32(centers), 0.02 / 1.414)


def _grid():
    steps = np.arange(-2, 3)
    centers = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2) / 2.828
    return Mixture(np.float32(centers), 0.05 / 2.828)


MIXTURES = {"ring": _ring(), "grid": _grid()}
"""The toy's 8 and 25 Gaussians, by the names that `--dataset` knows."""
