"""NLL-oracle and NLL-test: how likely sequences are, to a judge and to the model itself.

Reference: Yu et al., "SeqGAN", AAAI 2017, arXiv:1609.05473; Zhu et al., "Texygen", 2018,
    arXiv:1802.01886; https://github.com/geek-ai/Texygen, utils/metrics/Nll.py
Differences:
    - the mean is of all tokens; the authors' is of batches, the same where these are equal in size.
"""

from tfgan_apps.metrics import arrays
from tfgan_apps.metrics.mean import Mean

_BATCH = 1024  # sequences at a time


class NegativeLogLikelihood(Mean):
    """Mean of -log p over the tokens of sequences that are added batch by batch, in nats."""

    def add(self, log_probabilities):
        """Adds sequences.

        Args:
            log_probabilities: real numbers (N, length), of each token after those before it.

        Raises:
            ValueError: the shape does not fit, or a value is not finite.
        """
        super().add(-arrays.features("log_probabilities", log_probabilities))


def nll_oracle(oracle, tokens):
    """Returns NLL-oracle, of generated sequences under the model that real ones come from.

    Better than the oracle's own sequences, it tells of a generator that knows few of them.

    Args:
        oracle: function of int tokens (N, length) -> log-probabilities (N, length), nats.
        tokens: int (N, length), generated.
    """
    parts = (tokens[first : first + _BATCH] for first in range(0, len(tokens), _BATCH))
    return nll_test(oracle, parts)


def nll_test(model, batches):
    """Returns NLL-test, of held-out sequences under the model itself.

    Args:
        model: function of int tokens (N, length) -> log-probabilities (N, length), nats.
        batches: iterable of such tokens.
    """
    found = NegativeLogLikelihood()
    for tokens in batches:
        found.add(model(tokens))
    return found.result()
