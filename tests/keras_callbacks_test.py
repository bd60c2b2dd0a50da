"""Keras' own callbacks, with a model of several optimizers."""

import keras
import pytest

from tests.adversarial_model_test import TestTinyGAN as Case
from tests.model_test_case import differing, state


class Stop(Exception):
    """What a crash looks like to Keras."""


def crash_after(epochs):
    def crash(epoch, logs):
        if epoch + 1 == epochs:
            raise Stop

    return keras.callbacks.LambdaCallback(on_epoch_begin=crash)


def test_backup_and_restore_continues_to_the_bit(tmp_path):
    """Keras' own way to resume, which starts every epoch with the data's first batch."""
    case = Case()
    batches = case.data().train().take(3)
    unbroken, crashed, resumed = (case._seeded() for _ in range(3))
    unbroken.fit(batches, epochs=3, verbose=0, shuffle=False)
    backup = {"epochs": 3, "verbose": 0, "shuffle": False}
    with pytest.raises(Stop):
        keep = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        crashed.fit(batches, callbacks=[keep, crash_after(3)], **backup)
    again = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    resumed.fit(batches, callbacks=[again], **backup)
    assert int(resumed.step.numpy()) == 9
    assert differing(state(unbroken), state(resumed)) == []


def test_stock_callbacks(tmp_path):
    model, batches = Case()._seeded(), Case().data().train().take(3)
    model.fit(
        batches,
        epochs=3,
        verbose=0,
        shuffle=False,
        validation_data=Case().data().test(batch_size=2),
        callbacks=[
            keras.callbacks.ModelCheckpoint(tmp_path / "model.keras"),
            keras.callbacks.EarlyStopping("val_score", mode="min", min_delta=1e6, patience=1),
            keras.callbacks.TensorBoard(tmp_path / "logs"),
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras.callbacks.TerminateOnNaN(),
        ],
    )
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + 2  # stopped early
    assert list((tmp_path / "logs" / "validation").glob("events*"))
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert differing(state(model), state(loaded)) == []
