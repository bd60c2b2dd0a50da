"""The JSON log of a run."""

import json

import keras
import numpy as np

from tfgan_apps.callbacks import HeldOutEvaluation, JSONLLogger


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_per_epoch_with_step_seconds_and_metrics(tiny, fit, tmp_path):
    history = fit(tiny(), [JSONLLogger(tmp_path / "run" / "metrics.jsonl")], epochs=3).history
    lines = read(tmp_path / "run" / "metrics.jsonl")
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert [line["step"] for line in lines] == [2, 4, 6]
    assert [line["loss"] for line in lines] == history["loss"]
    assert all(line["seconds"] > 0 for line in lines)


def test_a_resumed_run_has_each_epoch_once(tiny, fit, tmp_path):
    path = tmp_path / "metrics.jsonl"
    fit(tiny(), [JSONLLogger(path)], epochs=12)
    before = path.read_text().splitlines()
    with path.open("a") as file:
        file.write('{"epoch": 4, "lo')
    fit(tiny(), [JSONLLogger(path)], epochs=13, initial_epoch=10)
    assert [line["epoch"] for line in read(path)] == list(range(1, 14))
    assert path.read_text().splitlines()[:10] == before[:10]
    assert [entry.name for entry in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_a_new_run_starts_a_new_log(tiny, fit, tmp_path):
    for _ in range(2):
        fit(tiny(), [JSONLLogger(tmp_path / "metrics.jsonl")], epochs=2)
    assert [line["epoch"] for line in read(tmp_path / "metrics.jsonl")] == [1, 2]


def test_values_that_json_cannot_name_and_vectors(tiny, fit, tmp_path):
    values = {"nothing": float("nan"), "endless": np.inf, "vector": np.array([2.5], np.float32)}
    callbacks = [HeldOutEvaluation(lambda: values), JSONLLogger(tmp_path / "metrics.jsonl")]
    fit(tiny(), callbacks)
    (line,) = read(tmp_path / "metrics.jsonl")
    assert line["nothing"] is None and line["endless"] is None and line["vector"] == 2.5
    assert "NaN" not in (tmp_path / "metrics.jsonl").read_text()


def test_a_failing_write_warns_once_and_training_goes_on(tiny, fit, tmp_path, caplog):
    (tmp_path / "folder").write_text("a file in the way")
    model = tiny()
    fit(model, [JSONLLogger(tmp_path / "folder" / "metrics.jsonl")], epochs=3)
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 6
    levels = [record.levelname for record in caplog.records if "metrics.jsonl" in record.message]
    assert levels == ["WARNING"]


def test_a_folder_removed_during_the_run_comes_back(tiny, fit, tmp_path):
    path = tmp_path / "run" / "metrics.jsonl"
    remove = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epoch == 1 and (path.unlink(), path.parent.rmdir())
    )
    fit(tiny(), [JSONLLogger(path), remove], epochs=3)
    assert [line["epoch"] for line in read(path)] == [3]
