"""Quality and variety of generated text: BLEU against references, Self-BLEU, distinct n-grams."""

import collections
import math

import numpy as np

ORDERS = (2, 3, 4, 5)
_EPSILON = 0.1  # Counts as so many n-grams where none matches: "method 1".


def sentences(tokens, end_token=0):
    """Returns token sequences as lists of int, each up to its first end.

    Args:
        tokens: integer array (N, length).
        end_token: int, or None where sequences have no end. Defaults to 0.
    """
    rows = np.asarray(tokens).tolist()
    if end_token is None:
        return rows
    return [row[: row.index(end_token)] if end_token in row else row for row in rows]


def bleu(hypotheses, references, orders=ORDERS, smoothing=_EPSILON):
    """Measures how much of each hypothesis is found in references, each hypothesis against all.

    BLEU-n is the geometric mean of the precisions of 1- to n-grams, clipped by the most that one
    reference has, times the brevity penalty for the reference of the closest length. Means of the
    hypotheses' own scores, as nltk's `sentence_bleu` with `SmoothingFunction().method1` gives them.

    Texygen's protocol: text in lower case against the whole test set. Its code takes the first 500
    references unless told otherwise, but its published table cannot come from so few: the training
    captions of COCO, better than any model's, have a BLEU-2 of 0.517 against them, and of 0.741
    against all 10,000, where the table gives 0.745 for SeqGAN.

    Args:
        hypotheses, references: non-empty lists of sentences, each a list of words (or tokens).
        orders: sequence of int >= 1, the n. Defaults to `ORDERS`.
        smoothing: float >= 0, how many n-grams none counts as. Defaults to 0.1, "method 1".

    Returns:
        Dict "bleu_2", ... -> float in [0, 1], the higher, the more like the references.

    Raises:
        ValueError: without a hypothesis or a reference.

    Source: Papineni et al. 2002; Chen and Cherry 2014, smoothing 1; geek-ai/Texygen@3104e22.
    """
    _check_not_empty(hypotheses, references)
    counted = _References(references, max(orders), smoothing)
    return _means("bleu", hypotheses, counted, orders, own=False)


def corpus_bleu(hypotheses, references, order=4):
    """Returns BLEU-n of all hypotheses together, without smoothing, as papers on translation do.

    The matches of all are summed before precisions are taken, so that it is not the mean of
    `bleu`. Each hypothesis has all references.

    Args:
        hypotheses, references: non-empty lists of sentences, each a list of words (or tokens).
        order: int >= 1, the n. Defaults to 4.

    Raises:
        ValueError: without a hypothesis or a reference.
    """
    _check_not_empty(hypotheses, references)
    counted = _References(references, order, 0)
    found = np.array([counted.matches(each, order) for each in hypotheses]).sum(0)
    lengths = [len(each) for each in hypotheses]
    closest = sum(counted.closest_length(length) for length in lengths)
    if not found[:, 0].all():
        return 0.0
    precision = math.exp(np.log(found[:, 0] / found[:, 1]).mean())
    return min(1.0, math.exp(1 - closest / sum(lengths))) * precision


def _check_not_empty(hypotheses, references):
    if not hypotheses or not references:
        raise ValueError(
            "hypotheses and references must not be empty. "
            f"Received: {len(hypotheses)} hypotheses, {len(references)} references"
        )


def self_bleu(samples, orders=ORDERS):
    """Measures how alike samples are: the mean BLEU of each one against all others.

    Texygen's protocol: 10,000 samples, with the same doubt about its code's 500 as for `bleu`: the
    training captions have a Self-BLEU-2 of 0.893 (of the first 500: 0.712), its MLE model 0.916.

    Args:
        samples: list of two or more sentences, each a list of words (or tokens).
        orders: sequence of int >= 1, the n. Defaults to `ORDERS`.

    Returns:
        Dict "self_bleu_2", ... -> float in [0, 1], the lower, the more varied.

    Raises:
        ValueError: with fewer than two samples.

    Source: Zhu et al. 2018, arXiv 1802.01886; see `bleu`.
    """
    if len(samples) < 2:
        raise ValueError(f"samples must be two or more. Received: {len(samples)} samples")
    return _means("self_bleu", samples, _References(samples, max(orders)), orders, own=True)


def distinct(samples, orders=(1, 2)):
    """Returns dict "distinct_1", ... -> different n-grams of all samples, as a share of all.

    Args:
        samples: list of sentences, each a list of words (or tokens).
        orders: sequence of int >= 1, the n. Defaults to (1, 2).

    Source: Li et al. 2016, arXiv 1510.03055.
    """
    shares = {}
    for order in orders:
        found = [gram for sample in samples for gram in _grams(sample, order)]
        shares[f"distinct_{order}"] = len(set(found)) / max(1, len(found))
    return shares


def _grams(sentence, order):
    """Returns the n-grams of a sentence."""
    return zip(*(sentence[start:] for start in range(order)), strict=False)


def _means(name, hypotheses, references, orders, own):
    scores = [references.scores(hypothesis, orders, own) for hypothesis in hypotheses]
    means = np.mean(scores, axis=0).tolist()
    return {f"{name}_{order}": mean for order, mean in zip(orders, means, strict=True)}


class _References:
    """The most that any sentence has of each n-gram, counted once for all hypotheses.

    The second most beside it tells what is left when one of the sentences is the hypothesis.
    """

    def __init__(self, sentences, max_order, smoothing=_EPSILON):
        self._smoothing = smoothing
        self._lengths = collections.Counter(map(len, sentences))
        self._most = [{} for _ in range(max_order)]  # of each order, n-gram -> (most, second)
        for sentence in sentences:
            for order, most in enumerate(self._most, 1):
                for gram, count in collections.Counter(_grams(sentence, order)).items():
                    first, second = most.get(gram, (0, 0))
                    most[gram] = max(first, count), max(min(first, count), second)

    def scores(self, hypothesis, orders, own):
        """Returns BLEU of each order; `own`: the hypothesis is a reference, to be left out."""
        counts = self.matches(hypothesis, max(orders), own)
        if not counts[0][0]:
            return [0.0] * len(orders)
        shares = [(found or self._smoothing) / most for found, most in counts]
        logs = [math.log(share) if share else -math.inf for share in shares]
        length = len(hypothesis)
        penalty = min(1.0, math.exp(1 - self.closest_length(length, own) / length))
        return [penalty * math.exp(math.fsum(logs[:order]) / order) for order in orders]

    def matches(self, hypothesis, max_order, own=False):
        """Returns of each order (n-grams that references have, n-grams or 1)."""
        return [
            (self._matches(hypothesis, order, own), max(1, len(hypothesis) - order + 1))
            for order in range(1, max_order + 1)
        ]

    def _matches(self, hypothesis, order, own):
        matches = 0
        for gram, count in collections.Counter(_grams(hypothesis, order)).items():
            first, second = self._most[order - 1].get(gram, (0, 0))
            # Where the hypothesis itself has the most, the others have the second most.
            matches += min(count, second if own and count == first else first)
        return matches

    def closest_length(self, length, own=False):
        """Returns the reference length nearest to a length, the shorter one of two."""
        lengths = [
            other for other, count in self._lengths.items() if count > (own and other == length)
        ]
        return min(lengths, key=lambda other: (abs(other - length), other))
