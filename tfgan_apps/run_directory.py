"""RunDirectory: where a run is written, and what a run that is there tells of itself.

model, step = RunDirectory("runs/mine").load()          # no app, no flags, no training data

flags.txt run.json model.json checkpoints/ samples/ metrics.jsonl logs/
"""

import contextlib
import fcntl
import json
import os

import keras
import numpy as np
from absl import logging

from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.serving.export import export_saved_model

DATA_PATHS = ("dataset", "test")
"""Settings that say where data are; what is there decides, by its fingerprint."""


class RunDirectoryError(RuntimeError):
    """The run directory is in use, or belongs to a run with other settings."""


class RunDirectory:
    """The directory of one run; it belongs to that run from its first checkpoint on.

    Args:
        path: str, made when written to.
    """

    def __init__(self, path):
        self.path = path

    def file(self, *names):
        """Returns a path inside the directory."""
        return os.path.join(self.path, *names)

    def checkpoints(self, keep=3, writes=True):
        """Returns the run's `Checkpoints`.

        Args:
            keep, writes: see `Checkpoints`.
        """
        return Checkpoints(self.file("checkpoints"), keep, writes)

    @contextlib.contextmanager
    def locked(self, chief=True):
        """Holds the directory; the lock goes with the process, however it ends.

        Args:
            chief: bool, whether this process writes; others hold nothing. Defaults to True.
        """
        if not chief:
            yield
            return
        os.makedirs(self.path, exist_ok=True)
        with open(self.file(".lock"), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise RunDirectoryError(
                    f"{self.path} is in use by another process: wait for it, or use another run "
                    "directory"
                ) from error
            yield

    def recorded(self):
        """Returns what `record` has written: a dict, or None before the first checkpoint."""
        checkpoints = self.checkpoints()
        if not checkpoints.steps() and not checkpoints.steps("best"):
            return None
        path = self.file("run.json")
        if not os.path.exists(path):
            raise RunDirectoryError(
                f"{self.path} holds checkpoints and no run.json: it is of an earlier version of "
                "the package, or incomplete. Use another run directory"
            )
        with open(path) as file:
            return json.load(file)

    def check(self, settings, data, defaults=None):
        """Raises `RunDirectoryError` when the directory belongs to another run.

        Args:
            settings: dict, name -> value, what defines the result.
            data: `IndexedData`, whose `meaning` the model has learned.
            defaults: dict, name -> value, which a setting had before there was one. Defaults to
                none.
        """
        before = self.recorded()
        if before is None:
            return
        settings = json.loads(json.dumps(settings))
        old = {**json.loads(json.dumps(defaults or {})), **before["settings"]}
        same_data = before["data"] == data.fingerprint
        names = set(settings) | set(before["settings"])
        names -= set(DATA_PATHS if same_data else ())
        self._refuse("settings", old, settings, names)
        self._refuse(
            "meaning", before["meaning"], data.meaning, {*before["meaning"], *data.meaning}
        )

    def _refuse(self, kind, old, now, names):
        changed = [n for n in sorted(names) if not _alike(old.get(n), now.get(n))]
        if not changed:
            return
        if kind == "meaning":
            raise RunDirectoryError(
                f"{self.path} holds a run with another {changed[0]}: its data mean something else "
                f"now. Restore the {changed[0]}, or use another run directory"
            )
        lines = [f"  {name}: was {old.get(name)!r}, now {now.get(name)!r}" for name in changed]
        raise RunDirectoryError(
            f"{self.path} holds a run with other settings; going on would give neither run:\n"
            + "\n".join(lines)
            + "\nUse the old settings (flags.txt has them), or another run directory"
        )

    def record(self, model, settings, data, flags=""):
        """Writes what the directory tells later: the model, the settings, the data's print.

        Args:
            model: `AdversarialModel`.
            settings: dict, name -> value.
            data: `IndexedData`.
            flags: str, the text of `flags.txt`, which reproduces the run. Defaults to "".
        """
        found = {"settings": settings, "data": data.fingerprint, "meaning": data.meaning}
        config = keras.saving.serialize_keras_object(model)
        config.pop("compile_config", None)  # the optimizers are of the training alone
        _write(self.file("run.json"), json.dumps(found, indent=2))
        _write(self.file("model.json"), json.dumps(config))
        _write(self.file("flags.txt"), flags)

    def load(self, which="latest"):
        """Returns the model of a checkpoint, not compiled, and its step.

        A text encoder that is a SavedModel is a program and runs: load runs of strangers with care.

        Args:
            which: `"latest"`, `"best"` or a step. Defaults to `"latest"`.

        Raises:
            RunDirectoryError: it is no run's directory.
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        try:
            with open(self.file("model.json")) as file:
                config = json.load(file)
        except (OSError, ValueError) as error:
            raise RunDirectoryError(
                f"run_dir must be the directory of a run, with its model.json. Received: {error}"
            ) from error
        from tfgan_apps import models, text_encoders  # noqa: F401  registers what runs are of

        model = keras.saving.deserialize_keras_object(config, safe_mode=False)
        return model, self.checkpoints().load(model, which)

    def export_once(self, model, saved_model):
        """Exports a trained state once to a place: a run that was complete has its export.

        Args:
            model: trained `AdversarialModel`.
            saved_model: str, `<dir>/<name>`.

        Returns:
            str, the path of the exported version.
        """
        record, step = self.file("export.json"), int(model.step.numpy())
        base = os.path.abspath(saved_model)
        if os.path.exists(record):
            with open(record) as file:
                done = json.load(file)
            there = os.path.dirname(done["path"]) == base and os.path.isdir(done["path"])
            if done["step"] == step and there:
                logging.info("step %d is exported already: %s", step, done["path"])
                return done["path"]
        path = os.path.abspath(export_saved_model(model.serving(), base))
        _write(record, json.dumps({"step": step, "path": path}))
        logging.info("step %d is exported to %s", step, path)
        return path


def which_checkpoint(text):
    """Returns what `load` takes for a word: `"latest"`, `"best"` or the int of a step."""
    return int(text) if text.isdecimal() else text


def _alike(before, now):
    """Tells whether values are equal; numbers up to rounding on another machine, 2 percent."""
    if not (isinstance(before, list) and before and isinstance(before[0], float)):
        return before == now
    if np.shape(before) != np.shape(now):
        return False
    return np.allclose(before, now, rtol=0, atol=0.02 * np.max(np.abs(before)))


def _write(path, text):
    """Writes a small file whole or, when the process is killed, not at all."""
    with open(f"{path}.tmp", "w") as file:
        file.write(text)
    os.replace(f"{path}.tmp", path)
