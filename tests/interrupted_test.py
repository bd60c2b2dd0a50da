"""After any interruption a run directory is what the unbroken run's would have been."""

import hashlib
import json
import os

import numpy as np
import pytest

from tests.left_by_a_run import left_by
from tests.model_test_case import differing, state
from tests.tiny_gan import Points, TinyGAN
from tfgan_apps import training
from tfgan_apps.callbacks import SampleSheets, SaveCheckpoints
from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.files import check_folders, write_whole
from tfgan_apps.run_directory import RunDirectory, RunDirectoryError

EPOCHS = 4


class Killed(BaseException):
    """Stands for a kill: nothing after it is written."""


def build():
    model = TinyGAN()
    model.compile(run_eagerly=True)
    return model


def evaluate(model):
    return lambda: {"error": float(np.cos(int(model.step.numpy())))}


def run(run_dir, **options):
    given = {"samples": 2, "evaluate_epochs": 2, "sample_epochs": 3, "monitor": "error"}
    options = training.RunOptions(str(run_dir), EPOCHS, **{**given, **options})
    return training.run(build, Points(), options, evaluate=evaluate)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("unbroken")
    return state(run(run_dir, checkpoint_steps=2)), left_by(run_dir)


def broken_by(monkeypatch, owner, name, when):
    """Makes a method raise `Killed` on its n-th call, before it does anything, or after it."""
    method, calls = getattr(owner, name), []

    def killing(*args, **kwargs):
        calls.append(1)
        if len(calls) == when[0] and when[1] == "before":
            raise Killed
        result = method(*args, **kwargs)
        if len(calls) == when[0] and when[1] == "after":
            raise Killed
        return result

    monkeypatch.setattr(owner, name, killing)


MOMENTS = [
    (Checkpoints, "_publish", (4, "before")),  # the checkpoint of an epoch's end
    (Checkpoints, "_publish", (4, "after")),
    (Checkpoints, "save", (3, "before")),
    (SampleSheets, "on_due_epoch", (2, "before")),
    (SampleSheets, "on_due_epoch", (2, "after")),
    (SaveCheckpoints, "on_epoch_end", (2, "before")),  # all of the epoch but its checkpoint
    (SaveCheckpoints, "on_train_batch_end", (8, "before")),  # inside an epoch
    (SaveCheckpoints, "on_epoch_end", (4, "after")),  # the last one
]


@pytest.mark.parametrize(("owner", "name", "when"), MOMENTS)
def test_a_kill_at_any_moment_changes_nothing(monkeypatch, unbroken, tmp_path, owner, name, when):
    with monkeypatch.context() as patch:
        broken_by(patch, owner, name, when)
        with pytest.raises(Killed):
            run(tmp_path, checkpoint_steps=2)
    model = run(tmp_path, checkpoint_steps=2)
    expected, files = unbroken
    assert differing(expected, state(model)) == []
    found = left_by(tmp_path)
    for part in files:
        assert found[part] == files[part], part


def improving(model):
    """Returns an evaluation that is best after epoch 2, and again after epoch 5."""
    values = {3: 3.0, 6: 1.0, 9: 2.0, 12: 1.0, 15: 0.5, 18: 4.0}
    return lambda: {"error": values[int(model.step.numpy())]}


def impatient(run_dir, patience=2):
    given = {"samples": 2, "evaluate_epochs": 1, "sample_epochs": 3, "monitor": "error"}
    given |= {"patience": patience, "checkpoint_epochs": 3}
    options = training.RunOptions(str(run_dir), 6, **given)
    return training.run(build, Points(), options, evaluate=improving)


@pytest.mark.parametrize("when", [(2, "before"), (3, "after"), (4, "before"), (4, "after")])
def test_a_run_without_a_better_epoch_ends_where_the_unbroken_one_does(
    monkeypatch, tmp_path, when, caplog
):
    expected = impatient(tmp_path / "unbroken")
    assert int(expected.step.numpy()) == 12
    assert "no error better than that of epoch 2, 1.0" in caplog.text
    files = left_by(tmp_path / "unbroken")
    assert list(files["sheets"]) and "epoch_0004.png" in files["sheets"]
    assert files["checkpoints"] == [9, 12] and files["best"]["epoch"] == 2
    with monkeypatch.context() as patch:
        broken_by(patch, SaveCheckpoints, "on_epoch_end", when)
        with pytest.raises(Killed):
            impatient(tmp_path / "broken")
    for _ in range(2):  # the second time it is at its end
        model = impatient(tmp_path / "broken")
        assert differing(state(expected), state(model)) == []
        assert left_by(tmp_path / "broken") == files
    assert int(impatient(tmp_path / "broken", patience=3).step.numpy()) == 18


class Files(Points):
    """Points that come from files, as their contents tell."""

    def __init__(self, **contents):
        super().__init__()
        self.contents = contents
        self.looks = 0

    contents = {}

    @property
    def fingerprint(self):
        self.looks += 1
        return hashlib.sha256(json.dumps(self.contents).encode()).hexdigest()


def test_data_that_have_changed_are_refused_and_named(tmp_path, caplog):
    def go_on(data, epochs, **options):
        given = training.RunOptions(str(tmp_path), epochs, samples=2, **options)
        return training.run(build, data, given)

    for epochs in (1, 2):
        same = Files(a="1", b="1", c="1")
        go_on(same, epochs)
        assert same.looks == 1
    changed = Files(a="1", b="2", d="1")
    with pytest.raises(
        RunDirectoryError, match=r"1 added \(d\), 1 removed \(c\), 1 modified \(b\)"
    ):
        go_on(changed, 3)
    go_on(changed, 3, accept_changed_data=True)
    assert "have changed: 1 added (d)" in caplog.text
    go_on(changed, 4)
    (accepted,) = json.loads((tmp_path / "run.json").read_text())["accepted_data"]
    assert accepted == {"step": 6, "data": changed.fingerprint}


def cut(path):
    path.write_text(path.read_text()[:-9])


def test_small_damages_stop_only_what_needs_the_file(tmp_path, caplog):
    run(tmp_path)
    for name in ("data.json", "model.json", "flags.txt", "metrics.jsonl"):
        (tmp_path / name).write_bytes(b"\xff\x00{")
    (best,) = (tmp_path / "checkpoints").glob("best_*")
    cut(best / "checkpoint.json")
    assert int(run(tmp_path).step.numpy()) == 3 * EPOCHS
    assert f"{best} is damaged" in caplog.text
    RunDirectory(str(tmp_path)).load()  # model.json is written anew
    cut(tmp_path / "run.json")
    with pytest.raises(RunDirectoryError, match=r"run.json cannot be read: .* Restore it"):
        run(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(RunDirectoryError, match="run.json cannot be read: it has no settings"):
        run(tmp_path)


@pytest.mark.parametrize("place", ["", "file", "file/below"])
def test_a_place_that_is_none_is_told_at_once(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for name in ("run_dir", "saved_model"):
        with pytest.raises(ValueError, match=f"{name} must be a directory .* Received: {name}="):
            training.RunOptions(**{"run_dir": "free", name: place})
    check_folders(run_dir="free/of/all", saved_model=None)


def test_a_lock_that_cannot_be_opened_is_one_sentence(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(RunDirectoryError, match=r"run_dir must be .*lock"):
        run(tmp_path)


STRANGERS = {
    "another module": {"module": "os", "class_name": "system", "config": {}},
    "code": {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wAA"}}},
    },
    "no model": {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}},
}


@pytest.mark.parametrize("config", STRANGERS.values(), ids=STRANGERS)
def test_a_strangers_run_directory_executes_nothing(tmp_path, config):
    run(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps({"registered_name": None, **config}))
    with pytest.raises(RunDirectoryError, match="model.json must hold a model of this package"):
        RunDirectory(str(tmp_path)).load()


def test_an_export_that_was_killed_is_made_once(tmp_path, monkeypatch):
    from tfgan_apps import run_directory

    model, directory = build(), RunDirectory(str(tmp_path / "run"))
    model.serving = lambda: None
    os.makedirs(tmp_path / "run")
    saved = tmp_path / "saved"
    made = []

    def export(served, base, version):
        made.append(version)
        if len(made) == 1:
            raise Killed
        os.makedirs(f"{base}/{version}")

    monkeypatch.setattr(run_directory, "export_saved_model", export)
    with pytest.raises(Killed):
        directory.export_once(model, str(saved))
    for _ in range(2):
        assert directory.export_once(model, str(saved)) == str(saved / "1")
    assert made == [1, 1]


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "file"
    write_whole(path, "one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two" and os.listdir(tmp_path) == ["file"]
