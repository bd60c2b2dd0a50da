"""Checkpoints: a model's whole state in a directory, written atomically and checked on reading."""

import hashlib
import io
import json
import math
import os
import re
import shutil
import warnings

import tensorflow as tf
from absl import logging

from tfgan_apps.files import write_whole
from tfgan_apps.non_finite import NonFiniteError, non_finite_weight

WEIGHTS = "model.weights.h5"
CARD = "checkpoint.json"


class CheckpointError(RuntimeError):
    """A checkpoint could not be written or read; earlier ones are untouched."""


class Checkpoints:
    """The checkpoints of one run: `step_<n>` (the last few) and `best_<n>`.

    Each is a directory with the weights of the whole model (networks, every optimizer, pools,
    the step) and a card with their checksum. It is written under a temporary name and renamed,
    so that a directory called `step_<n>` is always complete.

    Args:
        directory: str, made when absent.
        keep: int >= 1, checkpoints kept besides the best one. Defaults to 3.
        writes: bool. False on workers other than the chief: they take part in collecting the
            values, which is a collective operation, and write nothing. Defaults to True.

    Raises:
        CheckpointError: by `save` when the disk is full, by `restore` when no checkpoint is intact.
        NonFiniteError: by `save` when a weight is not finite.
    """

    def __init__(self, directory, keep=3, writes=True):
        if keep < 1:
            raise ValueError(f"keep must be >= 1. Received: keep={keep}")
        self.directory = os.path.abspath(directory)
        self.keep = keep
        self.writes = writes

    def steps(self, kind="step"):
        """Returns the steps of the complete checkpoints of one kind, ascending.

        Args:
            kind: `"step"` or `"best"`.
        """
        names = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        return sorted(int(m[1]) for m in (re.fullmatch(rf"{kind}_(\d+)", n) for n in names) if m)

    def path(self, step, kind="step"):
        """Returns the directory of a checkpoint, there or not."""
        return os.path.join(self.directory, f"{kind}_{step:08d}")

    def save(self, model, kind="step", **card):
        """Writes the model's state; older checkpoints of the kind go once it is complete.

        Args:
            model: an `AdversarialModel`, compiled.
            kind: `"step"` or `"best"`; of the best, one is kept. Defaults to `"step"`.
            **card: JSON values stored beside the step, such as the metric that made it the best.
        """
        step = int(model.step.numpy())
        weight = non_finite_weight(model)
        if weight:
            raise NonFiniteError(f"weight {weight!r} is not finite at step {step}: not saved")
        os.makedirs(self.directory, exist_ok=True)
        temporary = os.path.join(self.directory, f".{os.getpid()}_{kind}_{step:08d}")
        try:
            if self.writes:
                self.check_space(model)
            os.makedirs(temporary)
            self._write(model, temporary, {"step": step, **card})
            if self.writes:
                self._publish(temporary, self.path(step, kind))
        except OSError as error:
            raise CheckpointError(
                f"no checkpoint could be written at step {step} to {self.directory}: {error}. "
                f"Complete ones are untouched: steps {self.steps()}"
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        if self.writes:
            self._remove_old(step, kind)

    def _remove_old(self, saved, kind):
        """Removes all but the last ones; what was saved now stays, whatever its step."""
        others = [step for step in self.steps(kind) if step != saved]
        kept = 0 if kind == "best" else self.keep - 1
        for step in others[: len(others) - kept]:
            shutil.rmtree(self.path(step, kind))

    def _write(self, model, directory, card):
        weights = _InMemory()
        model.save_weights(weights)
        content = weights.getbuffer()
        card = json.dumps({**card, "sha256": hashlib.sha256(content).hexdigest()})
        write_whole(os.path.join(directory, WEIGHTS), content)
        write_whole(os.path.join(directory, CARD), card)

    def _publish(self, temporary, path):
        shutil.rmtree(path, ignore_errors=True)
        os.rename(temporary, path)
        _sync(self.directory)

    def check_space(self, model):
        """Raises `CheckpointError` when the disk has no room for one more checkpoint of `model`."""
        os.makedirs(self.directory, exist_ok=True)
        needed = self.size_of(model)
        free = shutil.disk_usage(self.directory).free
        if free < needed:
            raise CheckpointError(
                f"a checkpoint needs {needed / 2**20:.0f} MiB and {self.directory} has "
                f"{free / 2**20:.0f} MiB free: make room, or choose a directory on another disk. "
                f"Complete checkpoints are untouched: steps {self.steps()}"
            )

    @staticmethod
    def size_of(model):
        """Returns the bytes that a checkpoint of a compiled model needs, about."""
        optimizers = [model.optimizer_of(player) for player in model.players()]
        variables = model.variables + [v for o in optimizers for v in o.variables]
        return sum(_bytes(v) for v in variables) + 2**20

    def restore(self, model):
        """Loads the last intact checkpoint into a compiled model.

        A damaged one is reported in the log, set aside under another name, in which it counts no
        more, and the one before it is taken.

        Args:
            model: an `AdversarialModel`, compiled.

        Returns:
            int, the step of the checkpoint, or None when there is none at all.
        """
        steps, damaged = self.steps(), []
        for step in reversed(steps):
            damage = self._damage(self.path(step))
            if damage is None:
                load_weights(model, os.path.join(self.path(step), WEIGHTS))
                self._set_aside(damaged)
                return step
            logging.error("checkpoint %s is damaged (%s)", self.path(step), damage)
            damaged.append(step)
        if steps:
            raise CheckpointError(
                f"every checkpoint in {self.directory} is damaged: steps {steps}. "
                "Restore one from a backup, or start in another directory"
            )
        return None

    def _set_aside(self, steps):
        for step in steps if self.writes else []:
            aside = os.path.join(self.directory, f"damaged_{step:08d}")
            shutil.rmtree(aside, ignore_errors=True)
            os.rename(self.path(step), aside)

    def load(self, model, which):
        """Loads a certain checkpoint into a compiled model.

        Args:
            model: an `AdversarialModel`, compiled.
            which: `"latest"`, `"best"` or a step.

        Returns:
            int, the step of the checkpoint.

        Raises:
            CheckpointError: there is none, or it is damaged.
        """
        steps = {"latest": self.steps()[-1:], "best": self.steps("best")}
        step = steps.get(which) or ([which] if which in self.steps() else [])
        if not step:
            raise CheckpointError(
                f"checkpoint must be 'latest', 'best' {steps['best']} or one of the steps "
                f"{self.steps()} in {self.directory}. Received: {which!r}"
            )
        path = self.path(step[0], "best" if which == "best" else "step")
        damage = self._damage(path)
        if damage:
            raise CheckpointError(f"checkpoint {path} is damaged: {damage}")
        load_weights(model, os.path.join(path, WEIGHTS))
        return step[0]

    def _damage(self, path):
        try:
            with open(os.path.join(path, CARD)) as file:
                expected = json.load(file)["sha256"]
            found = _sha256(os.path.join(path, WEIGHTS))
        except (OSError, ValueError, KeyError) as error:
            return str(error)
        return None if found == expected else f"sha256 {found}, expected {expected}"

    def card(self, step, kind="step"):
        """Returns what was stored beside the step of a checkpoint, a dict."""
        with open(os.path.join(self.path(step, kind), CARD)) as file:
            return json.load(file)

    def best(self):
        """Returns the card of the best checkpoint, or None; a damaged one counts as none."""
        steps = self.steps("best")
        if not steps:
            return None
        path = self.path(steps[-1], "best")
        damage = self._damage(path)
        if damage:
            logging.error("checkpoint %s is damaged (%s): there is no best one", path, damage)
            return None
        return self.card(steps[-1], "best")

    def remove_leftovers(self):
        """Removes what killed processes left half-written."""
        names = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        for name in names:
            if re.fullmatch(r"\.\d+_(step|best)_\d+", name):
                shutil.rmtree(os.path.join(self.directory, name))


class _InMemory(io.BytesIO):
    """Where Keras writes weights first: HDF5 ends the process when a write to a disk fails."""

    def __str__(self):
        return WEIGHTS  # Keras looks at the end of the name


def load_weights(model, path):
    """Loads a `.weights.h5` file; state that Keras would skip with a warning is an error.

    Args:
        model: a built model; compiled, when the optimizers' state is wanted.
        path: str, file written by `save_weights`.
    """
    with warnings.catch_warnings():
        # Such as an optimizer's that has other slots than the file.
        warnings.simplefilter("error")
        model.load_weights(path)


def _bytes(variable):
    return math.prod(variable.shape) * tf.as_dtype(variable.dtype).size


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
