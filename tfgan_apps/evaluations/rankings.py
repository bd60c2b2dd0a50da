"""Evaluation of a ranking on the validation and test parts."""

from typing import Literal

import numpy as np

from tfgan_apps.arguments import check, check_choice
from tfgan_apps.metrics.ranking import RankingMetrics


def evaluation(model, data, selection: Literal["validation", "test"] = "validation"):
    """Returns a function without arguments that measures the ranking that a model reports.

    `selection_loss` is smallest for the best epoch: -P@k, and at equal P@k by NDCG@k. The function
    raises `ValueError` where no query has k candidates.

    Args:
        model: `IRGAN`.
        data: `Rankings` or `QuestionAnswers`.
        selection: the part that chooses the best epoch; the authors choose on the test part.

    Values:
        validation_p@k, test_p@k: share of relevant ones among the first k; larger is better.
        validation_ndcg@k, test_ndcg@k: gain of the first k, discounted by their places, 1 being
            the ideal order; larger is better.
        validation_map, test_map, validation_mrr, test_mrr: mean average precision, and mean
            inverse place of the first relevant one; larger is better.
        selection_loss: what chooses the best epoch; smaller is better.

    Raises:
        ValueError: the selection is of a part that there is not.
    """
    check_choice(("validation", "test"), selection=selection)
    splits = [split for split in ("validation", "test") if split in data.parts]
    check(selection in splits, f"one of {splits}, the parts held out", selection=selection)

    def measured():
        found = {split: measure(model, data, split) for split in splits}
        k, chosen = _cutoffs(data)[0], found[selection]
        if np.isnan(chosen[f"p@{k}"]):
            raise ValueError(
                f"selection must be of a part where a query has at least {k} candidates. "
                f"Received: selection={selection}"
            )
        named = {f"{split}_{n}": value for split in splits for n, value in found[split].items()}
        return {**named, "selection_loss": -chosen[f"p@{k}"] - 1e-6 * chosen[f"ndcg@{k}"]}

    return measured


def measure(model, data, split):
    """Returns the metrics of the reported ranking on a held-out part: name -> float.

    Args:
        model: `IRGAN`.
        data: `Rankings` or `QuestionAnswers`.
        split: `"validation"` or `"test"`.
    """
    metrics = RankingMetrics(sorted(_cutoffs(data)))
    for batch in data.held_out(split, 4 if _has_tokens(data) else 256):
        metrics.add(model(batch), batch["relevant"], batch["valid"])
    return metrics.result()


def _has_tokens(data):
    return getattr(data, "vocabulary", None) is not None


def _cutoffs(data):
    """Returns the k of P@k and NDCG@k; the first is what chooses the best epoch."""
    return (1, 3, 5) if _has_tokens(data) else (5, 3, 10)
