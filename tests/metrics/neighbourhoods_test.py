"""Precision, recall, density and coverage against prdc 0.2 and torch-fidelity 0.4.0."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics import neighbourhoods as module
from tfgan_apps.metrics.neighbourhoods import (
    density_coverage,
    expected_coverage,
    neighbourhoods,
    precision_recall,
)

X, Y, X2 = inputs.features()
PUBLISHED = {
    "y_3": (0.421, 0.937, 0.315667, 0.490),
    "y_5": (0.526, 0.974, 0.319, 0.650),
    "x2_5": (0.869, 0.888, 0.969, 0.952),
}


@pytest.mark.parametrize("name", ARITHMETIC["prdc"])
@pytest.mark.parametrize("tile", [2048, 137])
def test_agrees_with_prdc_and_the_published_vectors(name, tile, monkeypatch):
    monkeypatch.setattr(module, "_TILE", tile)
    fake, k = {"y": Y, "x2": X2}[name.split("_")[0]], int(name[-1])
    found = neighbourhoods(X, fake, k)
    assert found == pytest.approx(ARITHMETIC["prdc"][name], rel=1e-12)
    if name in PUBLISHED:
        np.testing.assert_allclose(list(found.values()), PUBLISHED[name], rtol=2e-6)


def test_precision_and_recall_agree_with_torch_fidelity():
    found = [list(precision_recall(real, Y).values()) for real in (X, X2)]
    np.testing.assert_allclose(found, ARITHMETIC["torch-fidelity"]["precision_recall"], rtol=1e-6)


def test_by_hand():
    """Real points 0, 1, 3 with radii 1, 1, 2; generated 2, 9, 10 with radii 7, 1, 1."""
    real, fake = [[0.0], [1.0], [3.0]], [[2.0], [9.0], [10.0]]
    found = neighbourhoods(real, fake, 1)
    assert found == {
        "precision": pytest.approx(1 / 3),  # 2 lies at the border of the ball around 1, in 3's
        "recall": 1.0,
        "density": pytest.approx(1 / 3),  # the border does not count
        "coverage": pytest.approx(1 / 3),
    }
    assert density_coverage(real, fake, 1) == {k: found[k] for k in ("density", "coverage")}


def test_points_that_are_the_same_have_others_at_distance_zero():
    same = np.ones((9, 4), np.float32)
    assert precision_recall(same, same) == {"precision": 1, "recall": 1}
    assert density_coverage(same, same) == {"density": 0, "coverage": 0}


def test_collapse_is_seen_and_exchanging_the_sets_exchanges_the_numbers():
    random = np.random.RandomState(42)
    wide, narrow = 3 * random.randn(200, 16), 0.1 * random.randn(200, 16)
    found = precision_recall(wide, narrow)
    assert found["precision"] > 0.8 and found["recall"] < 0.3
    other = precision_recall(narrow, wide)
    assert (other["recall"], other["precision"]) == (found["precision"], found["recall"])


def test_coverage_of_one_distribution_is_what_is_expected():
    assert expected_coverage(1000, 1000) == pytest.approx(0.969, abs=5e-4)
    assert expected_coverage(1000, 1000, 3) == pytest.approx(0.875, abs=5e-4)
    found = density_coverage(X, X2)
    assert 0.94 < found["coverage"] < 0.99 and 0.85 < found["density"] < 1.2
    with pytest.raises(ValueError, match="real must be more than 5. Received: real=5"):
        expected_coverage(5, 100)


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"real must be .*\(N >= 4, D >= 1\). Received: \(3, 16\)"):
        precision_recall(X[:3], Y)
    with pytest.raises(ValueError, match=r"fake must be .*\(N >= 6, 16\). Received: \(1000, 2\)"):
        density_coverage(X, Y[:, :2])
    with pytest.raises(ValueError, match="fake must be finite. Received: nan"):
        density_coverage(X, Y * np.nan)
    with pytest.raises(ValueError, match="neighbours must be an integer >= 1"):
        neighbourhoods(X, Y, 0)
