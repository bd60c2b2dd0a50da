"""Mode coverage of samples whose modes are known."""

import numpy as np
import pytest

from tfgan_apps.metrics.mode_coverage import ModeCoverage, grid, ring


def test_centers():
    assert sorted(map(tuple, grid()))[:2] == [(-4, -4), (-4, -2)] and len(grid()) == 25
    np.testing.assert_allclose(ring()[:3], [[1, 0], [0.5**0.5, 0.5**0.5], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ring(12, 2.0), axis=1), 2)


def test_real_samples_have_all_modes_and_the_exact_share_of_quality():
    """The share within 3 standard deviations in 2-D is 1 - exp(-9/2) = 0.98889."""
    random = np.random.RandomState(0)
    coverage = ModeCoverage(grid(), 0.05)
    for _ in range(10):
        centers = grid()[random.randint(0, 25, 2500)]
        coverage.add(centers + 0.05 * random.randn(2500, 2))
    found = coverage.result()
    assert found["modes"] == 25 and found["kl"] < 0.002
    assert found["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.002)


def test_one_mode_and_no_mode():
    random = np.random.RandomState(1)
    one = ModeCoverage(grid(), 0.05)
    one.add(grid()[3] + 0.05 * random.randn(2500, 2))
    assert one.result()["modes"] == 1 and one.result()["kl"] == pytest.approx(np.log(25))
    wide = ModeCoverage(grid(), 0.05)
    wide.add(5 * random.randn(2500, 2))
    assert wide.result()["high_quality"] < 0.1
    empty = ModeCoverage(grid(), 0.05).result()
    assert empty["modes"] == 0 and np.isnan(empty["high_quality"]) and np.isnan(empty["kl"])


def test_by_hand_and_over_workers():
    centers = [[0.0, 0.0], [10.0, 0.0]]
    first, second = ModeCoverage(centers, 1.0), ModeCoverage(centers, 1.0)
    first.add([[2.9, 0.0], [3.0, 0.0], [8.0, 1.0]])
    second.add([[9.0, 0.0]])
    first.merge(second)
    expected = 1 / 3 * np.log(2 / 3) + 2 / 3 * np.log(4 / 3)
    assert first.result() == {"modes": 2, "high_quality": 0.75, "kl": pytest.approx(expected)}


def test_wrong_arguments():
    with pytest.raises(ValueError, match="std must be .* Received: std=0"):
        ModeCoverage(grid(), 0)
    with pytest.raises(ValueError, match=r"samples must be .*\(N >= 1, 2\). Received: \(4, 3\)"):
        ModeCoverage(grid(), 0.05).add(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="samples must be finite. Received: nan"):
        ModeCoverage(grid(), 0.05).add([[np.nan, 0]])
    with pytest.raises(ValueError, match="same mixture, of 25 components .* Received: 8"):
        ModeCoverage(grid(), 0.05).merge(ModeCoverage(ring(), 0.05))
    with pytest.raises(ValueError, match="modes must be an integer >= 1"):
        ring(0)
    with pytest.raises(ValueError, match="side must be an integer >= 1"):
        grid(0)
