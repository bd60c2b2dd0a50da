"""The metrics of rankings, by hand and on the weights that IRGAN's authors published."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.input_pipelines.ratings import rated_items
from tfgan_apps.metrics.ranking import RankingMetrics
from tfgan_apps.models.irgan.scorers import build_scorer

PUBLISHED = {  # P@3, P@5, P@10, NDCG@3, NDCG@5, NDCG@10, MAP, MRR
    "model_dns_ori": (0.3845, 0.3474, 0.2967, 0.3986, 0.3749, 0.3518, 0.2222, 0.5798),
    "gan_generator": (0.4057, 0.3785, 0.3184, 0.4228, 0.4053, 0.3775, 0.2442, 0.6103),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_weights_have_the_published_metrics(name, test_data):
    folder = test_data("irgan") / "ml-100k"
    data = rated_items(str(folder), items=1683)
    assert [len(data.rows[split]) for split in ("train", "test")] == [942, 456]
    assert [data.relevant[split].sum() for split in ("train", "test")] == [44_140, 11_235]
    network = build_scorer("factorization", "scorer", queries=943, candidates=1683)
    with np.load(folder / f"{name}.npz") as file:
        network.set_weights([file[array] for array in file.files])
    metrics = RankingMetrics()
    for batch in data.held_out("test", 228):
        scores = network({"query": batch["query"]})["scores"]
        metrics.add(scores, batch["relevant"], batch["valid"])
    assert list(metrics.result()) == metrics.names
    np.testing.assert_allclose(list(metrics.result().values()), PUBLISHED[name], atol=5.1e-5)


def test_by_hand():
    """Ranks 1 and 3 are relevant, of 4 candidates; the second query's only one is the last."""
    metrics = RankingMetrics((1, 3))
    valid = np.array([[True] * 4 + [False]] * 2)
    scores = np.array([[0.4, 0.1, 0.3, 0.2, 9.0], [3.0, 2.0, 1.0, 0.0, 9.0]])
    relevant = np.array([[1, 0, 0, 1, 1], [0, 0, 0, 1, 0]], bool)
    metrics.add(scores[:1], relevant[:1], valid[:1])
    metrics.add(scores[1:], relevant[1:], valid[1:])
    found = metrics.result()
    assert found["p@1"] == pytest.approx(0.5)
    assert found["p@3"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["ndcg@3"] == pytest.approx(1.5 / (1 + 1 / np.log2(3)) / 2)
    assert found["map"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 4) / 2)
    assert found["mrr"] == pytest.approx((1 + 1 / 4) / 2)


def test_agrees_with_scikit_learn_over_workers():
    scores, relevant = inputs.rankings()
    first, second = RankingMetrics(), RankingMetrics()
    for metrics, part in ((first, slice(0, 20)), (second, slice(20, 50))):
        metrics.add(scores[part], relevant[part], np.ones_like(relevant[part]))
    first.merge(second)
    golden = ARITHMETIC["scikit-learn"]
    for k in (3, 5, 10):
        assert first.result()[f"ndcg@{k}"] == pytest.approx(golden["ndcg"][str(k)], rel=1e-12)
    assert first.result()["map"] == pytest.approx(golden["map"], rel=1e-12)
    with pytest.raises(ValueError, match=r"ks=\(3, 5, 10\). Received: ks=\(1,\)"):
        first.merge(RankingMetrics((1,)))


def test_short_queries_and_queries_without_relevant_candidates_do_not_count():
    metrics = RankingMetrics((2, 3))
    metrics.add([[2.0, 1.0, 0.0]], [[False, True, False]], [[True, True, False]])
    metrics.add([[2.0, 1.0, 0.0]], [[False, False, True]], [[True, True, False]])
    found = metrics.result()
    assert found["p@2"] == 0.5 and found["mrr"] == 0.5
    assert np.isnan(found["p@3"]) and np.isnan(found["ndcg@3"])


def test_equal_scores_rank_by_chance():
    """A dead scorer gains nothing from relevant candidates that stand first, or last."""
    for place in (0, 9):
        relevant = np.tile(np.arange(10) == place, (4000, 1))
        found = [RankingMetrics((1, 5)) for _ in range(2)]
        for metrics in found:
            metrics.add(np.zeros((4000, 10)), relevant, np.ones((4000, 10), bool))
        assert found[0].result() == found[1].result()
        assert found[0].result()["p@1"] == pytest.approx(0.1, abs=0.02)
        assert found[0].result()["p@5"] == pytest.approx(0.1, abs=0.01)


def test_what_is_not_valid_comes_after_the_worst_score():
    metrics = RankingMetrics((1,))
    valid = np.tile([False, False, False, True], (50, 1))
    metrics.add(np.full((50, 4), -np.inf), valid, valid)
    assert metrics.result()["p@1"] == 1


def test_wrong_arguments():
    with pytest.raises(ValueError, match="one shape .* Received: .1, 2., .2,. and .1, 2."):
        RankingMetrics().add([[1.0, 2.0]], [True, False], [[True, True]])
    with pytest.raises(ValueError, match="scores must be numbers. Received: nan"):
        RankingMetrics().add([[np.nan]], [[True]], [[True]])
