"""Precision, NDCG, MAP and MRR of rankings, as IRGAN's authors define them."""

import numpy as np


class RankingMetrics:
    """Means over the queries that have a relevant candidate, added batch by batch.

    `p@k` is the share of relevant candidates among the first k; `ndcg@k` the sum of
    1 / log2(1 + rank) over them, by its largest possible value; `map` the mean of the precisions at
    each relevant candidate; `mrr` 1 / rank of the first one. A query with fewer than k candidates
    does not count for `p@k` and `ndcg@k`. Candidates of equal scores are ranked in a random order,
    the same in each run: that of the data may tell which are relevant.

    Args:
        ks: sequence of int. Defaults to (3, 5, 10).
    """

    def __init__(self, ks=(3, 5, 10)):
        self.ks = tuple(ks)
        self._found = {name: [] for name in self.names}
        self._ties = np.random.default_rng(0)

    @property
    def names(self):
        """List of str, the names in `result`."""
        return [*(f"p@{k}" for k in self.ks), *(f"ndcg@{k}" for k in self.ks), "map", "mrr"]

    def add(self, scores, relevant, valid):
        """Adds queries.

        Args:
            scores: float (batch, candidates).
            relevant, valid: bool (batch, candidates); what is not valid is not ranked, and not
                relevant.

        Raises:
            ValueError: the shapes differ, or a score is not a number.
        """
        scores, relevant, valid = np.asarray(scores), np.asarray(relevant), np.asarray(valid)
        if not scores.shape == relevant.shape == valid.shape:
            raise ValueError(
                "scores, relevant and valid must have one shape (batch, candidates). "
                f"Received: {scores.shape}, {relevant.shape} and {valid.shape}"
            )
        if np.isnan(scores[valid]).any():
            raise ValueError("scores must be numbers. Received: nan")
        order = np.lexsort((self._ties.random(scores.shape), -scores.astype(np.float64), ~valid))
        hits = np.take_along_axis(relevant & valid, order, 1)
        for hit, candidates in zip(hits, valid.sum(1), strict=True):
            if hit.any():
                self._add_query(hit[:candidates])

    def _add_query(self, hit):
        ranks = np.flatnonzero(hit) + 1
        discounts = 1 / np.log2(np.arange(2, len(hit) + 2))
        for k in (k for k in self.ks if k <= len(hit)):
            self._found[f"p@{k}"].append(hit[:k].mean())
            best = discounts[: min(k, len(ranks))].sum()
            self._found[f"ndcg@{k}"].append(discounts[:k][hit[:k]].sum() / best)
        self._found["map"].append((np.arange(1, len(ranks) + 1) / ranks).mean())
        self._found["mrr"].append(1 / ranks[0])

    def merge(self, other):
        """Adds the queries of another worker.

        Args:
            other: `RankingMetrics` of the same `ks`.

        Raises:
            ValueError: its `ks` are others.
        """
        if self.ks != other.ks:
            raise ValueError(f"other must have ks={self.ks}. Received: ks={other.ks}")
        for name, values in other._found.items():
            self._found[name] += values

    def result(self):
        """Returns a dict, name -> mean, nan where no query counted."""
        return {
            name: float(np.mean(values)) if values else float("nan")
            for name, values in self._found.items()
        }
