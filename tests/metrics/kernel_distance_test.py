"""The kernel distance against torch-fidelity 0.4.0, and that it has no bias."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.kernel_distance import (
    _together,
    kernel_distance,
    kernel_distance_of_subsets,
)

X, Y, X2 = inputs.features()


def test_published_vectors():
    assert kernel_distance(X, Y) == pytest.approx(0.4133232882, rel=1e-9)
    assert kernel_distance(X, X2) == pytest.approx(0.00073593, rel=1e-5)


def test_agrees_with_torch_fidelity():
    found = kernel_distance_of_subsets(X, Y, size=200)
    assert list(found) == ["mean", "std"]
    assert found["mean"] == pytest.approx(0.4076215812, rel=1e-9)
    assert found["std"] == pytest.approx(0.0582458394, rel=1e-8)
    golden = ARITHMETIC["torch-fidelity"]["kernel_distance_of_subsets"]
    np.testing.assert_allclose(list(found.values()), golden, rtol=1e-10)


def test_by_hand():
    """Kernels of 1-D points: (xy + 1)^3."""
    real, fake = [[0.0], [1.0]], [[2.0], [-1.0], [0.0]]
    within = 1 + (-1 + 1 + 1) / 3
    across = np.mean([1, 1, 1, 27, 0, 1])
    assert kernel_distance(real, fake) == pytest.approx(within - 2 * across)


def test_no_bias_and_the_biased_estimate_is_seen():
    random = np.random.RandomState(11)
    pairs = [(random.randn(200, 16), random.randn(200, 16)) for _ in range(200)]
    found = np.array([kernel_distance(*pair) for pair in pairs])
    assert abs(found.mean()) < 3 * found.std() / np.sqrt(200)
    diagonal = np.mean([((p[0] ** 2).sum(1) / 16 + 1) ** 3 for p in pairs]) / 200
    assert diagonal > 30 * found.std() / np.sqrt(200)  # what the biased one adds to each set


def test_each_subset_alone_or_all_together():
    """Of 1,300 and 1,100 features, a part of them in tiles that are not full."""
    random = np.random.RandomState(0)
    real, fake = random.randn(1300, 5), random.randn(1100, 5).astype(np.float32) + 0.2
    chosen = [[random.choice(len(x), 40, False) for x in (real, fake)] for _ in range(3)]
    alone = [kernel_distance(real[i], fake[j]) for i, j in chosen]
    np.testing.assert_allclose(_together(real, fake, chosen), alone, rtol=1e-9)


def test_subsets_are_as_large_as_the_smaller_set():
    whole = kernel_distance_of_subsets(X[:50], Y[:50], subsets=2)
    assert whole["std"] < 1e-12  # all of both, in another order
    assert whole["mean"] == pytest.approx(kernel_distance(X[:50], Y[:50]))
    assert kernel_distance_of_subsets(X, Y[:30], 3, 500)["std"] > 0


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"fake must be .*\(N >= 2, 16\). Received: \(1000, 3\)"):
        kernel_distance(X, Y[:, :3])
    with pytest.raises(ValueError, match=r"real must be .* Received: \(1, 16\)"):
        kernel_distance_of_subsets(X[:1], Y)
    with pytest.raises(ValueError, match="real must be finite. Received: inf"):
        kernel_distance(np.full_like(X, np.inf), Y)
    with pytest.raises(ValueError, match="subsets must be an integer >= 1. Received: subsets=0"):
        kernel_distance_of_subsets(X, Y, subsets=0)
    with pytest.raises(ValueError, match="size must be an integer >= 2. Received: size=1"):
        kernel_distance_of_subsets(X, Y, size=1)
