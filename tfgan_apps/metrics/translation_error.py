"""Distance of translated images from the true ones."""

import numpy as np

from tfgan_apps.metrics import arrays
from tfgan_apps.metrics.mean import Mean


class TranslationError:
    """Mean absolute error over the pixels, or those of a mask, of images added batch by batch.

    The error of a pixel is the mean over its channels of |translated - true|, in units of [-1, 1]:
    2 is black for white.
    """

    def __init__(self):
        self._mean = Mean()

    def add(self, translated, true, mask=None):
        """Adds images, both (B, H, W, C); `mask` is boolean (B, H, W), by default all true.

        Raises:
            ValueError: the shapes do not fit, or a value is not finite.
        """
        translated, true = np.asarray(translated, np.float64), np.asarray(true, np.float64)
        mask = np.ones(true.shape[:3], bool) if mask is None else np.asarray(mask, bool)
        if translated.shape != true.shape or mask.shape != true.shape[:3]:
            raise ValueError(
                "translated and true must have one shape (B, H, W, C), and mask (B, H, W). "
                f"Received: {translated.shape}, {true.shape} and {mask.shape}"
            )
        translated, true = arrays.finite("translated", translated), arrays.finite("true", true)
        self._mean.add(np.abs(translated - true).mean(-1)[mask])

    def merge(self, other):
        """Adds what another worker has gathered.

        Args:
            other: `TranslationError`.
        """
        self._mean.merge(other._mean)

    def result(self):
        """Returns the mean, or nan when there was no pixel."""
        return self._mean.result()
