"""Mode coverage: how many components of a mixture of points are found, and how well.

Reference: Lin et al., "PacGAN: The power of two samples in generative adversarial networks", 2018,
    arXiv:1712.04086; https://github.com/fjxmlzn/PacGAN
"""

import numpy as np

from tfgan_apps.arguments import check_integers, check_numbers
from tfgan_apps.metrics import arrays


class ModeCoverage:
    """Counts the samples at each component of a mixture of equal weights, added batch by batch.

    A sample belongs to the component that is nearest, and is of high quality when it is nearer than
    3 standard deviations. A component with a sample of high quality is found.

    Args:
        centers: real numbers (components, D).
        std: float > 0, of each component along each axis.
    """

    def __init__(self, centers, std):
        check_numbers(1e-12, std=std)
        self.centers = arrays.features("centers", centers).astype(np.float64)
        self.std = std
        self.samples = 0
        self.histogram = np.zeros(len(self.centers), np.int64)

    def add(self, samples):
        """Adds samples.

        Args:
            samples: real numbers (N, D), finite.

        Raises:
            ValueError: the shape does not fit, or a value is not finite.
        """
        samples = arrays.features("samples", samples, columns=self.centers.shape[1])
        apart = samples[:, None] - self.centers
        distances = np.sqrt((apart**2).sum(-1)) / self.std
        good = distances.min(1) < 3
        nearest = distances.argmin(1)[good]
        self.samples += len(samples)
        self.histogram += np.bincount(nearest, minlength=len(self.centers))

    def merge(self, other):
        """Adds what another worker has gathered.

        Args:
            other: `ModeCoverage` of the same mixture.

        Raises:
            ValueError: it is of another.
        """
        if self.std != other.std or not np.array_equal(self.centers, other.centers):
            raise ValueError(
                f"other must be of the same mixture, of {len(self.centers)} components with "
                f"std={self.std}. Received: {len(other.centers)} with std={other.std}"
            )
        self.samples += other.samples
        self.histogram += other.histogram

    def result(self):
        """Returns dict of floats, nan without a sample.

        `modes`: components that are found; `high_quality`: share of samples; `kl`: divergence of
        the samples of high quality over the components from the uniform distribution, in nats.
        """
        good = self.histogram.sum()
        share = self.histogram[self.histogram > 0] / max(good, 1)
        divergence = (share * np.log(share * len(self.centers))).sum()
        return {
            "modes": float((self.histogram > 0).sum()),
            "high_quality": float(good / self.samples) if self.samples else float("nan"),
            "kl": float(divergence) if good else float("nan"),
        }


def ring(modes=8, radius=1.0):
    """Returns the centers (modes, 2) of a ring; PacGAN's have std 0.01.

    Args:
        modes: int >= 1. Defaults to 8.
        radius: float > 0. Defaults to 1.
    """
    check_integers(1, modes=modes)
    angles = 2 * np.pi * np.arange(modes) / modes
    return radius * np.stack([np.cos(angles), np.sin(angles)], 1)


def grid(side=5, spacing=2.0):
    """Returns the centers (side^2, 2) of a square grid around 0; PacGAN's have std 0.05.

    Args:
        side: int >= 1. Defaults to 5.
        spacing: float > 0. Defaults to 2.
    """
    check_integers(1, side=side)
    line = spacing * (np.arange(side) - (side - 1) / 2)
    return np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
