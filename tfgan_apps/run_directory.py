"""RunDirectory: where a run is written, and what a run that is there tells of itself.

model, step = RunDirectory("runs/mine").load()          # no app, no flags, no training data

flags.txt run.json model.json checkpoints/ samples/ metrics.jsonl logs/
"""

import contextlib
import fcntl
import functools
import json
import os

import keras
import numpy as np
from absl import logging

from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.files import write_whole
from tfgan_apps.serving.export import export_saved_model, next_version

DATA_PATHS = ("dataset", "test")
"""Settings that say where data are; what is there decides, by its fingerprint."""

GROWING = "epochs"
"""The setting that may become larger: the run goes on, under the schedules of the longer one."""


class RunDirectoryError(RuntimeError):
    """The run directory is in use, or belongs to a run with other settings."""


class DataPrint:
    """What a run directory keeps of data, each looked at once: files may be many, and far away.

    Args:
        data: `IndexedData`.
    """

    def __init__(self, data):
        self._data = data
        self.meaning = data.meaning

    @functools.cached_property
    def fingerprint(self):
        """str that changes when the data do."""
        return self._data.fingerprint

    @functools.cached_property
    def contents(self):
        """dict, name of a part of the data -> str that changes with it."""
        return self._data.contents


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
        try:
            os.makedirs(self.path, exist_ok=True)
            lock = open(self.file(".lock"), "w")  # noqa: SIM115  (closed below)
        except OSError as error:
            raise RunDirectoryError(
                f"run_dir must be a directory that can be written. Received: {self.path} ({error})"
            ) from error
        with lock:
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
        if not os.path.exists(self.file("run.json")):
            raise RunDirectoryError(
                f"{self.path} holds checkpoints and no run.json: it is of an earlier version of "
                "the package, or incomplete. Use another run directory"
            )
        return self._read("run.json", ("settings", "data", "meaning"))

    def _read(self, name, keys=()):
        """Returns the dict of a JSON file, which must be there and have the keys."""
        path = self.file(name)
        try:
            with open(path) as file:
                found = json.load(file)
            missing = [key for key in keys if key not in found]
            if isinstance(found, dict) and not missing:
                return found
            error = f"it has no {missing[0]}" if missing else "it is no JSON object"
        except (OSError, ValueError, TypeError) as failed:
            error = failed
        raise RunDirectoryError(
            f"{path} cannot be read: {error}. Restore it from a backup, or use another run "
            "directory: the checkpoints are not touched"
        )

    def _read_if_whole(self, name):
        """Returns the dict of a JSON file that no run needs to go on; {} without it."""
        if not os.path.exists(self.file(name)):
            return {}
        try:
            return self._read(name)
        except RunDirectoryError:
            logging.warning("%s is damaged and left out of account", self.file(name))
            return {}

    def check(self, settings, data, defaults=None):
        """Raises `RunDirectoryError` when the directory belongs to another run.

        Args:
            settings: dict, name -> value, what defines the result.
            data: `DataPrint`, whose `meaning` the model has learned.
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
        if old.get(GROWING, 0) < settings.get(GROWING, 0):
            names -= {GROWING}
            message = "%s: %s in place of %s; schedules, as of the learning rate, are those of %s"
            logging.info(message, GROWING, settings[GROWING], old.get(GROWING), settings[GROWING])
        self._refuse("settings", old, settings, names)
        self._refuse(
            "meaning", before["meaning"], data.meaning, {*before["meaning"], *data.meaning}
        )

    def check_data(self, data, accept=False):
        """Raises `RunDirectoryError` when the data have changed since the run began.

        Args:
            data: `DataPrint`.
            accept: bool, whether the run goes on with a warning. Defaults to False.
        """
        before = self.recorded()
        if before is None or before["data"] == data.fingerprint:
            return
        changed = changes(self._read_if_whole("data.json"), data.contents)
        if accept:
            logging.warning("the data of %s have changed: %s", self.path, changed)
            return
        raise RunDirectoryError(
            f"the data of {self.path} have changed since it began: {changed}. Going on would give "
            "neither run. Restore them, use another run directory, or go on for all that with "
            "--accept_changed_data"
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
            data: `DataPrint`.
            flags: str, the text of `flags.txt`, which reproduces the run. Defaults to "".
        """
        before = self.recorded() or {"data": data.fingerprint}
        accepted = before.get("accepted_data", [])
        if before["data"] != data.fingerprint:
            accepted.append({"step": self.checkpoints().steps()[-1], "data": data.fingerprint})
        found = {"settings": settings, "data": data.fingerprint, "meaning": data.meaning}
        found["accepted_data"] = accepted
        config = keras.saving.serialize_keras_object(model)
        config.pop("compile_config", None)  # the optimizers are of the training alone
        write_whole(self.file("run.json"), json.dumps(found, indent=2))
        write_whole(self.file("data.json"), json.dumps(data.contents))
        write_whole(self.file("model.json"), json.dumps(config))
        write_whole(self.file("flags.txt"), flags)

    def load(self, which="latest", safe_mode=True):
        """Returns the model of a checkpoint, not compiled, and its step.

        Args:
            which: `"latest"`, `"best"` or a step. Defaults to `"latest"`.
            safe_mode: bool, whether programs that the model holds are refused, as in
                `keras.saving.load_model`. Defaults to True.

        Raises:
            RunDirectoryError: it is no run's directory, or needs `safe_mode=False`.
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        if not os.path.exists(self.file("model.json")):
            raise RunDirectoryError(
                "run_dir must be the directory of a run, with its model.json. "
                f"Received: {self.path}"
            )
        model = self._model(self._read("model.json", ("class_name", "config")), safe_mode)
        return model, self.checkpoints().load(model, which)

    def _model(self, config, safe_mode):
        from tfgan_apps import models, text_encoders  # noqa: F401  registers what runs are of

        try:
            model = keras.saving.deserialize_keras_object(config, safe_mode=safe_mode)
        except (TypeError, ValueError, KeyError) as error:
            raise RunDirectoryError(
                f"{self.file('model.json')} must hold a model of this package, or of a class that "
                "is imported, and no program: a text encoder that is a SavedModel is one; if the "
                "run is your own, or you trust who made it, load it with --nosafe_mode. "
                f"Received: {_first_line(error)}"
            ) from error
        if not isinstance(model, AdversarialModel):
            raise RunDirectoryError(
                f"{self.file('model.json')} must hold a model of this package. "
                f"Received: a {type(model).__name__}"
            )
        return model

    def export_once(self, model, saved_model):
        """Exports a trained state once to a place: a run that was complete has its export.

        Args:
            model: trained `AdversarialModel`.
            saved_model: str, `<dir>/<name>`.

        Returns:
            str, the path of the exported version.
        """
        step, base = int(model.step.numpy()), os.path.abspath(saved_model)
        done = self._read_if_whole("export.json")
        path = str(done.get("path"))
        if done.get("step") == step and os.path.dirname(path) == base and os.path.isdir(path):
            logging.info("step %d is exported already: %s", step, path)
            return path
        version = next_version(base)
        path = os.path.join(base, str(version))
        # Before it is true, so that a run that is killed in between exports nothing twice.
        write_whole(self.file("export.json"), json.dumps({"step": step, "path": path}))
        export_saved_model(model.serving(), base, version)
        logging.info("step %d is exported to %s", step, path)
        return path


def changes(before, now):
    """Returns how the parts of data differ, for a message.

    Args:
        before, now: dicts, name of a part -> str that changes with it.
    """
    kinds = {
        "added": sorted(now.keys() - before.keys()),
        "removed": sorted(before.keys() - now.keys()),
        "modified": sorted(n for n in now.keys() & before.keys() if now[n] != before[n]),
    }
    if not before or not any(kinds.values()):
        return "their content or order is another"
    return ", ".join(f"{len(n)} {kind} ({_some(n)})" for kind, n in kinds.items() if n)


def _some(names):
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _first_line(error):
    return str(error).strip().split("\n")[0][:300]


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
