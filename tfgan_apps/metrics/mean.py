"""The mean of numbers that come batch by batch, from any number of workers."""

import numpy as np

from tfgan_apps.metrics import arrays


class Mean:
    """Sum and count of values; what each worker has adds up."""

    def __init__(self):
        self.sum = 0.0
        self.count = 0

    def add(self, values):
        """Adds values.

        Args:
            values: array of real numbers, finite, of any shape.

        Raises:
            ValueError: a value is not finite.
        """
        values = arrays.finite("values", np.asarray(values, np.float64))
        self.sum += values.sum()
        self.count += values.size

    def merge(self, other):
        """Adds what another has gathered.

        Args:
            other: `Mean`.
        """
        self.sum += other.sum
        self.count += other.count

    def result(self):
        """Returns the mean, a float, or nan when there was no value."""
        return float(self.sum / self.count) if self.count else float("nan")
