"""Held-out values in the logs."""

import itertools

import keras
import pytest

from tfgan_apps.callbacks import HeldOutEvaluation, held_out_evaluation


def test_values_reach_the_history_and_later_callbacks_every_k_epochs_and_at_the_end(tiny, fit):
    count, seen = itertools.count(), []
    evaluation = HeldOutEvaluation(lambda: {"held_out": float(next(count))}, every_epochs=2)
    later = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(logs.get("held_out"))
    )
    history = fit(tiny(), [evaluation, later], epochs=5).history
    assert seen == [None, 0.0, None, 1.0, 2.0]
    assert history["held_out"] == [0.0, 1.0, 2.0]
    assert len(history["loss"]) == 5


def test_a_stock_callback_keeps_the_best_by_a_held_out_value(tiny, fit, tmp_path):
    values = iter([3.0, 1.0, 2.0])
    path = tmp_path / "best.weights.h5"
    best = keras.callbacks.ModelCheckpoint(
        path, monitor="held_out", mode="min", save_best_only=True, save_weights_only=True
    )
    model, scales = tiny(), []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: scales.append(float(model.scale[0]))
    )
    fit(model, [HeldOutEvaluation(lambda: {"held_out": next(values)}), keep, best], epochs=3)
    model.load_weights(path)
    assert float(model.scale[0]) == scales[1] != scales[2]


def test_evaluations_that_take_long_are_told_once(tiny, fit, monkeypatch, caplog):
    clock = itertools.count(step=5.0)  # seconds, each time that somebody looks
    monkeypatch.setattr(held_out_evaluation.time, "monotonic", lambda: next(clock))
    fit(tiny(), [HeldOutEvaluation(lambda: {"error": 1.0})], epochs=12)
    assert caplog.text == ""
    fit(tiny(), [HeldOutEvaluation(lambda: {"error": 1.0})], epochs=30)
    assert caplog.text.count("evaluations take 50 % of the time: less with a larger --eval") == 1


def test_a_value_named_as_one_of_training_is_refused(tiny, fit):
    with pytest.raises(ValueError, match=r"no name of what training shows.*\['loss'\]"):
        fit(tiny(), [HeldOutEvaluation(lambda: {"loss": 1.0, "error": 1.0})], epochs=1)


@pytest.mark.parametrize("every_epochs", [0, 2.5, None])
def test_every_epochs_must_be_positive(every_epochs):
    with pytest.raises(ValueError, match="every_epochs must be a positive integer"):
        HeldOutEvaluation(dict, every_epochs)
