"""NLL by hand; what the published oracle gives is in tests/models/seqgan_test.py."""

import numpy as np
import pytest

from tfgan_apps.metrics.negative_log_likelihood import NegativeLogLikelihood, nll_oracle, nll_test

TOKENS = np.random.RandomState(0).randint(0, 3, (1500, 4))


def judge(tokens):
    """Returns log-probabilities of a model that gives token t the probability (t + 1) / 6."""
    return np.log((tokens + 1) / 6)


def test_the_mean_is_of_all_tokens():
    expected = -judge(TOKENS).mean()
    assert nll_oracle(judge, TOKENS) == pytest.approx(expected, rel=1e-12)  # in two parts
    assert nll_test(judge, [TOKENS[:1], TOKENS[1:]]) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(nll_test(judge, []))


def test_workers():
    whole, part, other = (NegativeLogLikelihood() for _ in range(3))
    for found, rows in ((whole, TOKENS), (part, TOKENS[:9]), (other, TOKENS[9:])):
        found.add(judge(rows))
    part.merge(other)
    assert part.result() == pytest.approx(whole.result()) and part.count == TOKENS.size


def test_a_token_that_is_impossible():
    with pytest.raises(ValueError, match="log_probabilities must be finite. Received: -inf"):
        NegativeLogLikelihood().add([[0.0, -np.inf]])
    with pytest.raises(ValueError, match=r"must be features of shape .* Received: \(2,\)"):
        NegativeLogLikelihood().add([0.0, 0.0])
