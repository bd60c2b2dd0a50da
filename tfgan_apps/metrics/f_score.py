"""F-score: precision and recall in one number."""

from tfgan_apps.arguments import check_numbers

_LEAST = 1e-5  # torch-fidelity's: with neither precision nor recall the score is 0


def f_score(precision, recall):
    """Returns the harmonic mean of precision and recall, a float in [0, 1].

    Args:
        precision, recall: float in [0, 1].

    Raises:
        ValueError: one is out of its range.

    Reference: https://github.com/toshas/torch-fidelity, metric_prc.py
    """
    check_numbers(0, 1, precision=precision, recall=recall)
    return 2 * precision * recall / max(_LEAST, precision + recall)
