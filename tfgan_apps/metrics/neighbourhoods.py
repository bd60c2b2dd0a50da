"""Precision, recall, density and coverage: whether features lie in the other set's neighbourhoods.

Reference: Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing Generative
    Models", 2019, arXiv:1904.06991; Naeem et al., "Reliable Fidelity and Diversity Metrics for
    Generative Models", 2020, arXiv:2002.09797;
    https://github.com/clovaai/generative-evaluation-prdc
Differences:
    - distances are float64 and taken in tiles, so that memory does not grow with their number;
    - precision and recall count a distance that equals the radius, as the first paper does.
"""

import numpy as np

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.metrics import arrays

_TILE = 2048  # rows and columns of distances that are in memory at a time: 32 MB


def precision_recall(real, fake, neighbours=3):
    """Returns dict of floats: `precision` and `recall`.

    Precision is the share of generated features that lie in a ball around a real one, with the
    distance of its k-th nearest other real one as the radius; recall is the same the other way.

    Args:
        real, fake: features (N > k, D) and (M > k, D), finite.
        neighbours: int >= 1, the k. Defaults to 3.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    found = neighbourhoods(real, fake, neighbours)
    return {name: found[name] for name in ("precision", "recall")}


def density_coverage(real, fake, neighbours=5):
    """Returns dict of floats: `density` and `coverage`.

    Density is the mean number of real features whose ball a generated one lies in, by k; it is 1
    for equal distributions and may be larger. Coverage is the share of real features whose ball
    holds a generated one.

    Args:
        real, fake: features (N > k, D) and (M > k, D), finite.
        neighbours: int >= 1, the k. Defaults to 5.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    found = neighbourhoods(real, fake, neighbours)
    return {name: found[name] for name in ("density", "coverage")}


def neighbourhoods(real, fake, neighbours=5):
    """Returns all four, for the distances of one pass.

    Args:
        real, fake: features (N > k, D) and (M > k, D), finite.
        neighbours: int >= 1, the k. Defaults to 5.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    check_integers(1, neighbours=neighbours)
    real = _Points("real", real, neighbours + 1)
    fake = _Points("fake", fake, neighbours + 1, real.rows.shape[1])
    real_radii, fake_radii = real.radii(neighbours), fake.radii(neighbours)
    balls = np.zeros(len(fake.rows), np.int64)  # of real features, that each generated one is in
    precise, recalled = np.zeros(len(fake.rows), bool), np.zeros(len(real.rows), bool)
    covered = np.zeros(len(real.rows), bool)
    for i in _tiles(real.rows):
        for j in _tiles(fake.rows):
            distances = real.squared_distances(i, fake, j)
            inside = distances < real_radii[i, None]
            balls[j] += inside.sum(0)
            covered[i] |= inside.any(1)
            precise[j] |= (distances <= real_radii[i, None]).any(0)
            recalled[i] |= (distances <= fake_radii[j]).any(1)
    shares = {"precision": precise, "recall": recalled, "density": balls / neighbours}
    return {name: float(each.mean()) for name, each in {**shares, "coverage": covered}.items()}


def expected_coverage(real, fake, neighbours=5):
    """Returns the coverage to expect of two sets that have one distribution.

    Args:
        real, fake: int, how many features they have, real > k.
        neighbours: int >= 1, the k. Defaults to 5.
    """
    check(real > neighbours, f"more than {neighbours}", real=real)
    i = np.arange(1, neighbours + 1)
    return float(1 - np.prod((real - i) / (real + fake - i)))


class _Points:
    """Features and their squared lengths."""

    def __init__(self, name, features, rows, columns=None):
        self.rows = arrays.features(name, features, rows, columns)
        self.squares = np.concatenate([(self._part(i) ** 2).sum(1) for i in _tiles(self.rows)])

    def _part(self, i):
        return self.rows[i].astype(np.float64)

    def squared_distances(self, i, other, j):
        """Returns those of a part of the rows from a part of another's, never below 0."""
        distances = self._part(i) @ other._part(j).T
        distances *= -2
        distances += self.squares[i, None]
        distances += other.squares[j]
        return np.maximum(distances, 0, out=distances)

    def radii(self, neighbours):
        """Returns the squared distance of each row from its k-th nearest other one."""
        nearest = np.full((len(self.rows), neighbours), np.inf)
        tiles = _tiles(self.rows)
        for place, i in enumerate(tiles):
            for j in tiles[place:]:  # each pair once: it is as far there as back
                distances = self.squared_distances(i, self, j)
                if i == j:
                    np.fill_diagonal(distances, np.inf)
                else:
                    nearest[j] = _smallest(nearest[j], distances.T)
                nearest[i] = _smallest(nearest[i], distances)
        return nearest.max(1)


def _smallest(known, more):
    """Returns the smallest values of each row, as many as are known."""
    count = known.shape[1]
    if more.shape[1] > count:
        more = np.partition(more, count - 1, 1)[:, :count]
    return np.partition(np.concatenate([known, more], 1), count - 1, 1)[:, :count]


def _tiles(rows):
    return [slice(i, min(i + _TILE, len(rows))) for i in range(0, len(rows), _TILE)]
