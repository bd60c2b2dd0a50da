"""The Inception Score against torch-fidelity 0.4.0 and by hand."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.inception_score import InceptionScore, inception_score

LOGITS = inputs.logits()


@pytest.mark.parametrize("splits", [1, 10])
def test_agrees_with_torch_fidelity_and_the_published_vectors(splits):
    found = list(inception_score(LOGITS, splits).values())
    published = {1: [2.6429017848, 0], 10: [2.6217717393, 0.0958112561]}[splits]
    np.testing.assert_allclose(found, published, rtol=1e-9)
    golden = ARITHMETIC["torch-fidelity"]["inception_score"][str(splits)]
    np.testing.assert_allclose(found, golden, rtol=1e-12)


def test_sure_and_balanced_answers_score_the_number_of_classes():
    sure = 1e4 * np.eye(10)[np.arange(1000) % 10]
    assert inception_score(sure)["mean"] == pytest.approx(10, abs=1e-6)
    assert inception_score(np.tile([3.0, 1, -2], (50, 1))) == pytest.approx({"mean": 1, "std": 0})
    assert inception_score(1e4 * np.eye(3)[[0] * 30])["mean"] == pytest.approx(1, abs=1e-9)


def test_splits_that_differ_in_size_are_those_of_the_authors():
    logits = LOGITS[:23]
    found = []
    for i in range(4):
        part = logits[i * 23 // 4 : (i + 1) * 23 // 4]
        p = np.exp(part) / np.exp(part).sum(1, keepdims=True)
        found.append(np.exp((p * np.log(p / p.mean(0))).sum(1).mean()))
    expected = {"mean": np.mean(found), "std": np.std(found)}
    assert inception_score(logits, 4) == pytest.approx(expected, rel=1e-12)


def test_batches_and_workers_do_not_matter():
    whole = inception_score(LOGITS)
    batches, first, second = (InceptionScore(1000) for _ in range(3))
    for i in range(0, 1000, 70):
        batches.add(LOGITS[i : i + 70])
        (first, second)[i % 140 > 0].add(LOGITS[i : i + 70], first=i)
    second.merge(first)
    for found in (batches, second):
        assert found.result() == pytest.approx(whole, rel=1e-12)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="splits must be at most the number of images, 7"):
        inception_score(LOGITS[:7])
    with pytest.raises(ValueError, match="splits must be an integer >= 1. Received: splits=0"):
        inception_score(LOGITS, 0)
    with pytest.raises(ValueError, match=r"logits must be features .* Received: \(1000,\)"):
        inception_score(LOGITS[:, 0])
    with pytest.raises(ValueError, match="logits must be finite. Received: nan"):
        inception_score(LOGITS * np.nan)
    score = InceptionScore(1000)
    score.add(LOGITS[:900])
    with pytest.raises(ValueError, match="images must all be added. Received: 900"):
        score.result()
    with pytest.raises(ValueError, match=r"first must be in \[0, 800\].* Received: first=900"):
        score.add(LOGITS[:200])
    with pytest.raises(ValueError, match=r"logits must be .*, 10\). Received: \(100, 4\)"):
        score.add(LOGITS[:100, :4])
    with pytest.raises(ValueError, match="1000 images in 10 splits. Received: 1000 in 2"):
        score.merge(InceptionScore(1000, 2))
