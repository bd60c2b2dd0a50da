"""Which epoch is the best, and when a run ends for want of a better one."""

import keras
import pytest

from tfgan_apps.callbacks import BestSoFar


class Report(keras.callbacks.Callback):
    """Says, epoch by epoch, what an evaluation would; None is no evaluation."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        if self.values[epoch] is not None:
            logs["error"] = self.values[epoch]


def fitted(tiny, fit, values, initial_epoch=0, **options):
    """Returns the `BestSoFar` of a fit, and the epoch that it ended with."""
    best = BestSoFar(**{"monitor": "error", **options})
    model, last = tiny(), []
    seen = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: last.append((epoch + 1, seen.params["epochs"]))
    )
    fit(model, [Report(values), best, seen], len(values), initial_epoch)
    return best, last[-1]


def test_the_smallest_or_with_a_minus_the_largest(tiny, fit):
    best, _ = fitted(tiny, fit, [3.0, 1.0, None, 2.0])
    assert best.card == {"metric": "error", "value": 1.0, "epoch": 2, "protocol": {}}
    best, _ = fitted(tiny, fit, [3.0, 1.0, float("nan"), 2.0], monitor="-error")
    assert (best.value, best.epoch) == (3.0, 1)


def test_patience_makes_an_epoch_the_last_one_for_all_callbacks(tiny, fit):
    values = [3.0, 1.0, 2.0, 1.0, 0.5]
    assert fitted(tiny, fit, values, patience=2)[1] == (4, 4)
    assert fitted(tiny, fit, values, patience=3)[1] == (5, 5)
    every_second = [None, 1.0, None, 2.0, None, 3.0, None]
    assert fitted(tiny, fit, every_second, patience=1, every_epochs=2)[1] == (4, 4)
    assert fitted(tiny, fit, every_second, patience=2, every_epochs=2)[1] == (6, 6)


@pytest.mark.parametrize("done", [1, 2, 3])
def test_the_count_survives_a_stop(tiny, fit, done):
    values = [3.0, 1.0, 2.0, 1.0, 0.5]
    before, _ = fitted(tiny, fit, values[:done], patience=2)
    given = {"patience": 2, "card": before.card, "done": done}
    after, last = fitted(tiny, fit, values, initial_epoch=done, **given)
    assert last == (4, 4) and (after.value, after.epoch) == (1.0, 2)
    assert after.is_over(4) and "no error better than that of epoch 2, 1.0" in str(after)


def test_values_of_another_metric_or_protocol_do_not_compare():
    card = {"metric": "error", "value": 1.0, "epoch": 2, "protocol": {"evaluation_images": 9}}
    for other in ({"monitor": "-error"}, {"protocol": {"evaluation_images": 8}}):
        same = {"monitor": "error", "protocol": card["protocol"]}
        assert BestSoFar(**{**same, **other}, card=card, done=5).value is None
        assert BestSoFar(**same, card=card, done=5).value == 1.0
