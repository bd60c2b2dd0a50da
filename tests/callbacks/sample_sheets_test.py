"""Sample sheets of a run."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.callbacks.conftest import Tiny
from tfgan_apps.callbacks import SampleSheets
from tfgan_apps.sheets import sheet

BATCH = np.float32([-1.0, -0.5, 0.0, 1.0]).repeat(16 * 16 * 3).reshape(4, 16, 16, 3)


def decode(path):
    return tf.io.decode_png(path.read_bytes()).numpy()


def two(second):
    first, other = Tiny().samples(BATCH)
    return sheet({first: BATCH, other: second})


def test_a_sheet_before_training_and_after_the_due_epochs(tiny, fit, tmp_path):
    model = tiny()
    fit(model, [SampleSheets(BATCH, tmp_path / "samples", every_epochs=2)], epochs=5)
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == ["epoch_0000.png", "epoch_0002.png", "epoch_0004.png", "epoch_0005.png"]
    np.testing.assert_array_equal(decode(tmp_path / "samples" / names[0]), two(BATCH))
    after = two(np.asarray(model(BATCH)))
    np.testing.assert_array_equal(decode(tmp_path / "samples" / names[-1]), after)
    assert (after != two(BATCH)).any()


def test_a_resumed_run_keeps_the_untrained_sheet(tiny, fit, tmp_path):
    model, path = tiny(), tmp_path / "epoch_0000.png"
    fit(model, [SampleSheets(BATCH, tmp_path)])
    before = path.read_bytes()
    fit(model, [SampleSheets(BATCH, tmp_path)], epochs=2, initial_epoch=1)
    assert path.read_bytes() == before != (tmp_path / "epoch_0002.png").read_bytes()


def test_tensorboard_shows_the_same_pixels(tiny, fit, tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    fit(tiny(), [SampleSheets(BATCH, tmp_path / "sheets", tensorboard_dir=tmp_path / "logs")])
    (file,) = (tmp_path / "logs" / "samples").iterdir()
    records = tf.data.TFRecordDataset(str(file))
    events = [tf.compat.v1.Event.FromString(record.numpy()) for record in records]
    images = {event.step: value for event in events for value in event.summary.value}
    assert sorted(images) == [0, 1]
    assert {value.tag for value in images.values()} == {"samples"}
    for epoch, value in images.items():
        _, _, picture = value.tensor.string_val
        expected = decode(tmp_path / "sheets" / f"epoch_{epoch:04d}.png")
        np.testing.assert_array_equal(tf.io.decode_png(picture), expected)


def test_failing_writes_warn_once_each_and_training_goes_on(tiny, fit, tmp_path, caplog):
    (tmp_path / "sheets").write_text("a file in the way")
    (tmp_path / "events").write_text("a file in the way")
    sheets = SampleSheets(BATCH, tmp_path / "sheets", tensorboard_dir=tmp_path / "events")
    assert len(fit(tiny(), [sheets], epochs=3).history["loss"]) == 3
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    for folder in ("sheets", "events"):
        expected = f"Could not write sample sheets to {tmp_path / folder}"
        assert sum(expected in message for message in warnings) == 1


def test_a_failing_model_is_not_hidden(tiny, fit, tmp_path):
    with pytest.raises(ValueError, match=r"one shape. Received shapes: \[\(2, 3\), \(2, 3\)\]"):
        fit(tiny(), [SampleSheets(np.zeros((2, 3), np.float32), tmp_path)])


TEXTS = ["the cat", "", "春 眠", "the \ufffd", "dogs"]


class Writer(Tiny):
    """Its samples are texts, as tensors and as a list."""

    def samples(self, batch):
        return {"text": tf.constant(batch), "upper": [text.upper() for text in batch]}


def test_texts_go_to_a_file_and_the_first_to_the_log(fit, tmp_path, caplog):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    caplog.set_level("INFO", logger="absl")
    model = Writer()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    sheets = tmp_path / "sheets"
    fit(model, [SampleSheets(TEXTS, sheets, tensorboard_dir=tmp_path / "logs")])
    expected = "the cat\tTHE CAT\n\t\n春 眠\t春 眠\nthe \ufffd\tTHE \ufffd\ndogs\tDOGS\n"
    for name in ("epoch_0000.txt", "epoch_0001.txt"):
        assert (sheets / name).read_text(encoding="utf-8") == expected
    assert [record.getMessage() for record in caplog.records if record.name == "absl"] == [
        "\n  ".join([f"samples of epoch {epoch}:", *expected.split("\n")[:4]]) for epoch in (0, 1)
    ]
    (file,) = (tmp_path / "logs" / "samples").iterdir()
    records = tf.data.TFRecordDataset(str(file))
    events = [tf.compat.v1.Event.FromString(record.numpy()) for record in records]
    tables = {event.step: value.tensor for event in events for value in event.summary.value}
    for table in (tf.make_ndarray(tables[step]) for step in (0, 1)):
        assert [cell.decode() for cell in table[:, 0]] == TEXTS and table.shape == (5, 2)


def test_a_resumed_run_keeps_the_untrained_texts(fit, tmp_path):
    model, path = Writer(), tmp_path / "epoch_0000.txt"
    model.compile(keras.optimizers.SGD(0.1), "mse")
    path.write_text("before")
    fit(model, [SampleSheets(TEXTS, tmp_path)])
    assert path.read_text() == "before" and (tmp_path / "epoch_0001.txt").exists()


class Painter(Tiny):
    """Its samples are captions, another text, and images."""

    def samples(self, batch):
        return {"caption": tf.constant(TEXTS[:4]), "x": batch, "next": TEXTS[1:]}


def test_texts_stand_above_their_images(fit, tmp_path):
    model = Painter()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    fit(model, [SampleSheets(BATCH, tmp_path / "sheets", tensorboard_dir=tmp_path / "logs")])
    captions = ["the cat | ", " | 春 眠", "春 眠 | the \ufffd", "the \ufffd | dogs"]
    expected = sheet({"x": BATCH}, captions)
    np.testing.assert_array_equal(decode(tmp_path / "sheets" / "epoch_0001.png"), expected)


class Silent(Tiny):
    """It has no names for its samples."""

    def samples(self, batch):
        return [batch]


def test_samples_without_names_are_refused_before_training(fit, tmp_path):
    model = Silent()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    with pytest.raises(ValueError, match="samples must be a dict, title -> column. Received"):
        fit(model, [SampleSheets(TEXTS, tmp_path)])
    assert not list(tmp_path.iterdir())
