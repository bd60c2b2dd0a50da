"""The Frechet distance against torch-fidelity 0.4.0, closed forms and three ways to its root."""

import json

import numpy as np
import pytest
import scipy.linalg

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.frechet_distance import GaussianStatistics, frechet_distance

X, Y, X2 = inputs.features()


def statistics(*parts):
    found = GaussianStatistics()
    for part in parts:
        found.add(part)
    return found


def test_agrees_with_torch_fidelity_and_the_published_vectors():
    found = [frechet_distance(*pair) for pair in ((X, Y), (X, X2), inputs.few_features())]
    np.testing.assert_allclose(found[:2], [2.4156632258, 0.181335], rtol=3e-6)
    np.testing.assert_allclose(found[2], 257.911, rtol=1e-5)
    np.testing.assert_allclose(found, ARITHMETIC["torch-fidelity"]["frechet_distance"], rtol=1e-7)


def test_agrees_with_the_matrix_root_and_with_the_nuclear_norm():
    first, second = (each[:60] for each in inputs.few_features())  # fewer than the 256 values
    deviations = [(each - each.mean(0)) / np.sqrt(59) for each in (first, second)]
    apart = ((first.mean(0) - second.mean(0)) ** 2).sum() + sum((d**2).sum() for d in deviations)
    nuclear = apart - 2 * np.linalg.norm(deviations[0] @ deviations[1].T, "nuc")
    assert frechet_distance(first, second) == pytest.approx(nuclear, rel=1e-6)
    covariances = [np.cov(each, rowvar=False) for each in (X, Y)]
    root = np.trace(scipy.linalg.sqrtm(covariances[0] @ covariances[1])).real
    apart = ((X.mean(0) - Y.mean(0)) ** 2).sum() + sum(np.trace(c) for c in covariances)
    assert frechet_distance(X, Y) == pytest.approx(apart - 2 * root, rel=1e-9)


def test_closed_forms(test_data):
    """Means of 0 and 1 in 2,048 dimensions, covariance 1: pytorch-fid's own test."""
    values = json.loads((test_data("fid_reference") / "published_values.json").read_text())
    assert "FID = 2048 exactly" in values["pytorch-fid"]["closed_form"]
    random = np.random.RandomState(0)
    points = random.randn(300, 12)
    points -= points.mean(0)
    points @= np.linalg.inv(np.linalg.cholesky(np.cov(points, rowvar=False))).T
    shift = np.arange(12.0)
    found = frechet_distance(points, 3 * points + shift)
    assert found == pytest.approx((shift**2).sum() + 12 * (3 - 1) ** 2, rel=1e-12)
    constant = np.repeat([[0.0], [0.5], [1.0]], 8, 1)
    assert statistics(constant).mean == pytest.approx(0.5)
    assert statistics(constant).covariance == pytest.approx(0.25)


def test_zero_symmetric_and_invariant():
    trace = 2 * np.trace(np.cov(X, rowvar=False))
    assert abs(frechet_distance(X, X)) < 1e-6 * trace
    few, _ = inputs.few_features()
    assert abs(frechet_distance(few, few)) < 1e-6 * 256
    assert frechet_distance(Y, X) == pytest.approx(frechet_distance(X, Y), rel=1e-12)
    rotation = np.linalg.qr(np.random.RandomState(9).randn(16, 16))[0]
    turned = frechet_distance(X @ rotation + 5, Y @ rotation + 5)
    assert turned == pytest.approx(frechet_distance(X, Y), rel=1e-6)
    shift = np.linspace(0, 1, 16)
    assert frechet_distance(X, X + shift) == pytest.approx((shift**2).sum(), rel=1e-9)


def test_batches_and_workers_do_not_matter():
    random = np.random.RandomState(2)
    points = 1e4 + random.randn(5000, 6)  # a mean that would cost products half of their digits
    whole = statistics(points)
    batches = statistics(*np.array_split(points, 77))
    workers = statistics(points[:3000])
    workers.merge(statistics(points[3000:]))
    empty = GaussianStatistics()
    empty.merge(whole)
    for found in (whole, batches, workers, empty):
        assert found.count == 5000
        np.testing.assert_allclose(found.mean, points.mean(0), rtol=1e-13)
        np.testing.assert_allclose(found.covariance, np.cov(points, rowvar=False), rtol=1e-9)
    workers.merge(GaussianStatistics())
    assert workers.count == 5000


def test_what_is_added_later_does_not_change_what_was_merged():
    first, second = statistics(X), GaussianStatistics()
    second.merge(first)
    second.add(Y)
    np.testing.assert_array_equal(first.covariance, statistics(X).covariance)
    assert second.count == 2000 and first.count == 1000


def test_float32_features_are_summed_in_float64():
    points = np.float32(100 + np.random.RandomState(0).randn(4000, 3))
    expected = np.cov(points.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(statistics(points).covariance, expected, rtol=1e-12)


def test_saved_statistics_are_those_of_ttur(tmp_path):
    path = str(tmp_path / "statistics.npz")
    statistics(X).save(path)
    with np.load(path) as file:
        np.testing.assert_allclose(file["mu"], X.mean(0), atol=1e-15)
        np.testing.assert_allclose(file["sigma"], np.cov(X, rowvar=False), rtol=1e-12)
    loaded = GaussianStatistics.load(path)
    assert loaded.count == 1000
    assert frechet_distance(loaded, Y) == pytest.approx(frechet_distance(X, Y), rel=1e-12)
    np.savez(path, mu=X.mean(0), sigma=np.cov(X, rowvar=False))
    assert GaussianStatistics.load(path, count=1000).count == 1000
    given = GaussianStatistics.of_moments(X.mean(0), np.cov(X, rowvar=False), 1000)
    assert frechet_distance(given, Y) == pytest.approx(frechet_distance(X, Y), rel=1e-12)
    with pytest.raises(ValueError, match=r"with mu, sigma and count .*'sigma'\] and count=None"):
        GaussianStatistics.load(path)
    np.savez(path, mu=X.mean(0), sigma=np.eye(3), count=9)
    with pytest.raises(ValueError, match=r"sigma must be .*\(N >= 16, 16\). Received: \(3, 3\)"):
        GaussianStatistics.load(path)


def test_wrong_features():
    with pytest.raises(ValueError, match=r"real must be .*\(N >= 2, D >= 1\). Received: \(1, 16\)"):
        frechet_distance(X[:1], Y)
    with pytest.raises(ValueError, match=r"fake must be features .* Received: \(1000,\)"):
        frechet_distance(X, Y[:, 0])
    with pytest.raises(ValueError, match=r"fake must be finite. Received: nan in an array"):
        frechet_distance(X, np.where(X > 3, np.nan, X))
    with pytest.raises(ValueError, match="fake must have features of 16 values.* Received: 7"):
        frechet_distance(X, Y[:, :7])
    with pytest.raises(ValueError, match=r"features must be .*, 16\). Received: \(1000, 7\)"):
        statistics(X, Y[:, :7])
    with pytest.raises(ValueError, match="other must have features of 16 values. Received: 7"):
        statistics(X).merge(statistics(Y[:, :7]))
    with pytest.raises(ValueError, match="of two or more images. Received: 1"):
        frechet_distance(statistics(X[:1]), Y)
