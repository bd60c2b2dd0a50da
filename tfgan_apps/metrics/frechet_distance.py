"""Frechet distance between Gaussians that are fitted to two sets of features.

It is called FID only in the features of the 2015-12-05 Inception, see `metrics.features`.

Reference: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium", 2017, arXiv:1706.08500; https://github.com/bioinf-jku/TTUR, fid.py
Differences:
    - the trace of the matrix root comes from symmetric eigenvalues, which are real and never need
      the authors' addition of 1e-6 to the diagonals.
"""

import numpy as np

from tfgan_apps.metrics import arrays

# Rows that are gathered before a product: one for each batch would cost more than the products.
_BLOCK = 2048


class GaussianStatistics:
    """Mean and covariance (divisor N - 1) of features that are added batch by batch, in float64.

    Deviations from the mean are summed, not products of the values, so that a large mean costs no
    digits. Memory is D x D and a block of 2,048 rows, however many features are added.
    """

    def __init__(self):
        self._count = 0
        self._mean = None
        self._scatter = None
        self._pending = []

    def add(self, features):
        """Adds features.

        Args:
            features: real numbers (N, D), finite; D is that of the first.

        Raises:
            ValueError: the shape does not fit, or a value is not finite.
        """
        features = arrays.features("features", features, columns=self._columns())
        self._pending.append(np.array(features))
        if sum(map(len, self._pending)) >= _BLOCK:
            self._flush()

    def merge(self, other):
        """Adds what another worker, or replica, has gathered.

        Args:
            other: `GaussianStatistics` of features of the same D.

        Raises:
            ValueError: D is another.
        """
        self._flush()
        other._flush()
        if not other._count:
            return
        if self._columns() not in (None, other._columns()):
            raise ValueError(
                f"other must have features of {self._columns()} values. "
                f"Received: {other._columns()}"
            )
        self._combine(other._count, other._mean, other._scatter)

    @property
    def count(self):
        """int, how many features were added."""
        self._flush()
        return self._count

    @property
    def mean(self):
        """float64 (D,)."""
        self._flush()
        return self._mean

    @property
    def covariance(self):
        """float64 (D, D)."""
        if self.count < 2:
            raise ValueError(f"features must be of two or more images. Received: {self.count}")
        return self._scatter / (self._count - 1)

    def save(self, path):
        """Writes an .npz file with `mu` and `sigma`, as TTUR's are, and `count`.

        Args:
            path: str.
        """
        np.savez(path, mu=self.mean, sigma=self.covariance, count=self.count)

    @classmethod
    def load(cls, path, count=None):
        """Returns the statistics of an .npz file, of this class or of TTUR's authors.

        Args:
            path: str.
            count: int >= 2, of how many images they are. Defaults to the file's `count`.

        Raises:
            ValueError: the file lacks them, or their shapes do not fit.
        """
        with np.load(path) as file:
            found = {name: file[name] for name in ("mu", "sigma", "count") if name in file}
        count = found.get("count") if count is None else count
        if not {"mu", "sigma"} <= found.keys() or count is None or count < 2:
            raise ValueError(
                f"path must be a file with mu, sigma and count (or count be given). "
                f"Received: {path} with {sorted(found)} and count={count}"
            )
        return cls.of_moments(found["mu"], found["sigma"], int(count))

    @classmethod
    def of_moments(cls, mu, sigma, count):
        """Returns the statistics of features that have a mean and covariance.

        Args:
            mu: real numbers (D,), finite.
            sigma: real numbers (D, D), finite, of divisor N - 1.
            count: int >= 2, of how many features they are, the N.

        Raises:
            ValueError: the shapes do not fit, or a value is not finite.
        """
        mean = arrays.finite("mu", np.asarray(mu, np.float64))
        covariance = arrays.features("sigma", sigma, len(mean), len(mean)).astype(np.float64)
        self = cls()
        self._combine(count, mean, covariance * (count - 1))
        return self

    def _columns(self):
        known = self._pending[0][0] if self._pending else self._mean
        return None if known is None else len(known)

    def _flush(self):
        if not self._pending:
            return
        rows = np.concatenate(self._pending).astype(np.float64)
        self._pending = []
        count, mean = len(rows), rows.mean(0)
        rows -= mean
        self._combine(count, mean, rows.T @ rows)

    def _combine(self, count, mean, scatter):
        """Joins two sets: their scatters, and that of their means."""
        if not self._count:
            self._count, self._mean, self._scatter = count, mean, np.array(scatter)
            return
        total, apart = self._count + count, mean - self._mean
        self._scatter += scatter
        self._scatter += np.outer(apart, apart * (self._count * count / total))
        self._mean = self._mean + apart * (count / total)
        self._count = total


def frechet_distance(real, fake):
    """Returns |m - n|^2 + trace(S + T - 2 (S T)^(1/2)) of the means m, n and covariances S, T.

    Biased upwards, the more the fewer features: compare only numbers of the same counts.

    Args:
        real, fake: `GaussianStatistics`, or features (N >= 2, D), finite.

    Returns:
        float, 0 for equal sets up to rounding.

    Raises:
        ValueError: a shape does not fit, a value is not finite, or a set has one feature.
    """
    real, fake = statistics("real", real), statistics("fake", fake)
    if len(real.mean) != len(fake.mean):
        raise ValueError(
            f"fake must have features of {len(real.mean)} values, as real has. "
            f"Received: {len(fake.mean)}"
        )
    apart = real.mean - fake.mean
    root = _trace_of_root(real.covariance, fake.covariance)
    return float(apart @ apart + np.trace(real.covariance) + np.trace(fake.covariance) - 2 * root)


def statistics(name, value):
    """Returns `GaussianStatistics` of features, or what is one.

    Args:
        name: str, of the argument, for the error.
        value: `GaussianStatistics`, or features (N >= 2, D), finite.

    Raises:
        ValueError: the shape does not fit, or a value is not finite.
    """
    if isinstance(value, GaussianStatistics):
        return value
    found = GaussianStatistics()
    found.add(arrays.features(name, value, rows=2))
    return found


def _trace_of_root(first, second):
    """Returns the trace of (S T)^(1/2): the sum of the roots of R' T R's eigenvalues, S = R R'."""
    root = _root(first)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(root.T @ second @ root), 0)).sum()


def _root(covariance):
    """Returns R: Cholesky's, a fraction of the cost, where the covariance is not singular."""
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        # Only what is not 0 takes part: with fewer images than features the matrices become small.
        kept = values > values[-1] * len(values) * np.finfo(np.float64).eps
        return vectors[:, kept] * np.sqrt(values[kept])
