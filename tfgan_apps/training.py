"""run: everything around `fit` that every system needs, and every app calls.

    strategy = training.make_strategy("mirrored")
    model = training.run(build_model, data, training.RunOptions("runs/mine", epochs=10), strategy)

A run directory holds `flags.txt checkpoints/ samples/ metrics.jsonl logs/`. Calling `run` with the
same directory again goes on where the last checkpoint stands, inside an epoch too.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import signal
import sys

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps import callbacks
from tfgan_apps.checkpoints import Checkpoints, SaveCheckpoints
from tfgan_apps.serving import export

STRATEGIES = ("one", "mirrored", "multiworker")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
_PROBE = "a small red bird sits on the top of a large white flower"


class RunDirectoryError(RuntimeError):
    """The run directory is in use, or belongs to a run with other settings."""


class Stopped(SystemExit):
    """The process was asked to stop and has saved a checkpoint; the code is 128 + the signal's."""


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What a run needs besides its model and its data.

    Args:
        run_dir: str, where everything is written.
        epochs: int >= 1, in all, those of earlier processes included.
        seed: int, of initial weights. Defaults to 0.
        precision: one of `PRECISIONS`. Defaults to `"float32"`.
        checkpoint_steps: int, save every so many steps as well as after epochs. Defaults to 0.
        checkpoint_epochs: int >= 1, save after every so many epochs. Defaults to 1.
        keep_checkpoints: int >= 1. Defaults to 3.
        sample_epochs, evaluate_epochs: int >= 1. Default to 1.
        samples: int >= 1, rows of a sample sheet. Defaults to 4.
        monitor: str, the held-out metric whose smallest value marks the best checkpoint.
        saved_model: str, `<dir>/<name>`, exported to at the end. Defaults to None, no export.
        settings: dict of str, what defines the result; a resume under others is refused.
        flags: str, the text of `flags.txt`, which reproduces the run.
    """

    run_dir: str
    epochs: int
    seed: int = 0
    precision: str = "float32"
    checkpoint_steps: int = 0
    checkpoint_epochs: int = 1
    keep_checkpoints: int = 3
    sample_epochs: int = 1
    evaluate_epochs: int = 1
    samples: int = 4
    monitor: str | None = None
    saved_model: str | None = None
    settings: dict = dataclasses.field(default_factory=dict)
    flags: str = ""

    def path(self, *names):
        """Returns a path inside the run directory."""
        return os.path.join(self.run_dir, *names)


def make_strategy(name):
    """Returns the `tf.distribute` strategy of a name; call it before any other TensorFlow code.

    Args:
        name: `"one"` (one CPU or GPU), `"mirrored"` (all GPUs, or all logical CPUs, of this
            machine) or `"multiworker"` (the hosts in `TF_CONFIG`).

    Raises:
        ValueError: for another name, or when `"multiworker"` finds no `TF_CONFIG`.
    """
    if name == "one":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        devices = [device.name for device in tf.config.list_logical_devices(kind)]
        return tf.distribute.MirroredStrategy(devices)
    if name == "multiworker":
        if "TF_CONFIG" not in os.environ:
            raise ValueError(
                "strategy 'multiworker' expects the environment variable TF_CONFIG (a JSON object "
                "with the cluster and this task). Received: TF_CONFIG is not set"
            )
        return tf.distribute.MultiWorkerMirroredStrategy()
    raise ValueError(f"strategy must be one of {STRATEGIES}. Received: {name!r}")


def build(build_model, options, strategy=None):
    """Returns the compiled model, made in the strategy's scope under the precision policy.

    Args:
        build_model: function without arguments -> compiled `AdversarialModel`.
        options: `RunOptions`.
        strategy: from `make_strategy`. Defaults to one device.
    """
    strategy = strategy or tf.distribute.get_strategy()
    keras.mixed_precision.set_global_policy(options.precision)
    keras.utils.set_random_seed(options.seed)
    with strategy.scope():
        return build_model()


def run(build_model, data, options, strategy=None, evaluate=None, extra_callbacks=()):
    """Trains a model to the end of its epochs, from the start or from its last checkpoint.

    Args:
        build_model: function without arguments -> compiled `AdversarialModel`.
        data: from `input_pipelines`: `check()`, `steps_per_epoch`, `train(start_step, context)`,
            `test(batch_size, limit)`, `fingerprint`.
        options: `RunOptions`.
        strategy: from `make_strategy`. Defaults to one device.
        evaluate: function of the model -> function without arguments that returns a dict of
            floats measured on held-out data. Defaults to None.
        extra_callbacks: Keras callbacks that `fit` calls after the run's own. Defaults to none.

    Returns:
        The trained model.

    Raises:
        RunDirectoryError: before training, when the directory is not this run's to write.
        CheckpointError, NonFiniteError, Stopped: while training; the last checkpoint is intact.
    """
    strategy = strategy or tf.distribute.get_strategy()
    chief = is_chief(strategy)
    check_settings(options)
    check_vocabulary(getattr(data, "vocabulary", None), options)
    check_encoder(getattr(data, "encoder", None), options)
    _check_data(data, options)
    model = build(build_model, options, strategy)
    with _locked(options, chief):
        checkpoints = Checkpoints(options.path("checkpoints"), options.keep_checkpoints, chief)
        if chief:
            checkpoints.remove_leftovers()
            checkpoints.check_space(model)
            _record(options, data)
        step = checkpoints.restore(model)
        if step:
            logging.info("resuming from step %d in %s", step, options.run_dir)
        _fit(model, data, options, strategy, checkpoints, evaluate, extra_callbacks)
        if chief and options.saved_model:
            export_once(model, options)
    return model


def is_chief(strategy):
    """Tells whether this process is the one that writes: the only one, or the cluster's chief."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().jobs:
        return True
    has_chief = "chief" in resolver.cluster_spec().jobs
    chief = ("chief", 0) if has_chief else ("worker", 0)
    return (resolver.task_type, resolver.task_id) == chief


def check_settings(options):
    """Raises `RunDirectoryError` when the run directory belongs to a run with other settings.

    Args:
        options: `RunOptions`.
    """
    before = (_recorded(options) or {"settings": options.settings})["settings"]
    names = sorted(set(before) | set(options.settings))
    changed = [name for name in names if before.get(name) != options.settings.get(name)]
    if changed:
        lines = [f"  {n}: was {before.get(n)!r}, now {options.settings.get(n)!r}" for n in changed]
        raise RunDirectoryError(
            f"{options.run_dir} holds a run with other settings; going on would give neither run:\n"
            + "\n".join(lines)
            + "\nUse the old settings (flags.txt has them), or another run directory"
        )


def check_vocabulary(vocabulary, options):
    """Raises `RunDirectoryError` when the run has learned tokens that mean something else now.

    Args:
        vocabulary: `Vocabulary` of the data as they are, or None.
        options: `RunOptions`.
    """
    before = _recorded(options)
    if before and before.get("vocabulary") != getattr(vocabulary, "fingerprint", None):
        raise RunDirectoryError(
            f"{options.run_dir} holds a run with another vocabulary: the text has changed, and "
            "what tokens mean with it. Restore the text, or use another run directory"
        )


def check_encoder(encoder, options):
    """Raises `RunDirectoryError` when the run has learned from embeddings of another encoder.

    Args:
        encoder: from strings (B,) to floats (B, D), as it is now, or None.
        options: `RunOptions`.
    """
    before = (_recorded(options) or {}).get("encoder")
    if before and not _alike(before, _answer(encoder)):
        raise RunDirectoryError(
            f"{options.run_dir} holds a run with another text encoder: the same text has another "
            "embedding now. Restore the encoder, or use another run directory"
        )


def _answer(encoder):
    """Returns numbers that tell encoders apart: how one embeds a fixed text, or None."""
    if encoder is None:
        return None
    return encoder(tf.constant([_PROBE]), training=False)[0].numpy().astype(float).tolist()


def _alike(before, now):
    """Tells whether answers differ by no more than rounding on another machine makes of them."""
    same_size = np.shape(before) == np.shape(now)
    return same_size and np.allclose(before, now, rtol=0, atol=0.02 * np.max(np.abs(before)))


def _check_data(data, options):
    """Looks at every example once; what passed is not read again when the run goes on."""
    before = _recorded(options)
    if before is None or before["data"] != data.fingerprint:
        data.check()


def _recorded(options):
    """Returns what `_record` has written, or None in a new run directory."""
    path = options.path("settings.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def _record(options, data):
    settings = {
        "settings": options.settings,
        "data": data.fingerprint,
        "vocabulary": getattr(getattr(data, "vocabulary", None), "fingerprint", None),
        "encoder": _answer(getattr(data, "encoder", None)),
    }
    _write(options.path("settings.json"), json.dumps(settings, indent=2))
    _write(options.path("flags.txt"), options.flags)


def _write(path, text):
    """Writes a small file whole or, when the process is killed, not at all."""
    with open(f"{path}.tmp", "w") as file:
        file.write(text)
    os.replace(f"{path}.tmp", path)


@contextlib.contextmanager
def _locked(options, chief):
    """Holds the run directory; the lock goes with the process, however it ends."""
    if not chief:
        yield
        return
    os.makedirs(options.run_dir, exist_ok=True)
    with open(options.path(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RunDirectoryError(
                f"{options.run_dir} is in use by another process: wait for it, or use another run "
                "directory"
            ) from error
        yield


def _fit(model, data, options, strategy, checkpoints, evaluate, extra_callbacks):
    chief = is_chief(strategy)
    save = SaveCheckpoints(
        checkpoints, options.checkpoint_steps, options.checkpoint_epochs, options.monitor
    )
    stop = StopOnSignal(save)
    parts = [callbacks.StopOnNonFinite()]
    if evaluate:
        parts.append(callbacks.HeldOutEvaluation(evaluate(model), options.evaluate_epochs))
    parts.append(save)
    if chief:
        parts += _loggers(data, options)
    with stop.listening():
        for start, epoch, last_epoch in _spans(int(model.step.numpy()), data, options):
            model.fit(
                _distributed(data, strategy, start),
                initial_epoch=epoch,
                epochs=last_epoch,
                steps_per_epoch=data.steps_per_epoch - start % data.steps_per_epoch,
                callbacks=[*parts, *extra_callbacks, stop],
                shuffle=False,
                verbose=0 if not chief else 1 if sys.stdout.isatty() else 2,
            )
            stop.obey()


def _spans(done, data, options):
    """Yields (first step, first epoch, last epoch) for `fit`: the rest of an epoch, then all."""
    epoch, inside = divmod(done, data.steps_per_epoch)
    if inside and epoch < options.epochs:
        yield done, epoch, epoch + 1
        epoch += 1
    if epoch < options.epochs:
        yield epoch * data.steps_per_epoch, epoch, options.epochs


def _distributed(data, strategy, start_step):
    if strategy.num_replicas_in_sync == 1:
        return data.train(start_step)
    return strategy.distribute_datasets_from_function(
        lambda context: data.train(start_step, context)
    )


def _loggers(data, options):
    batch = next(iter(data.test(options.samples, limit=options.samples)))
    logs = options.path("logs")
    return [
        callbacks.SampleSheets(batch, options.path("samples"), options.sample_epochs, logs),
        callbacks.JSONLLogger(options.path("metrics.jsonl")),
        callbacks.TensorBoardScalars(os.path.join(logs, "train")),
    ]


def export_once(model, options):
    """Exports once per trained state: a run that was complete already has its export.

    Args:
        model: a trained `AdversarialModel`.
        options: `RunOptions` with a `saved_model`.
    """
    record = options.path("export.json")
    step = int(model.step.numpy())
    if os.path.exists(record):
        with open(record) as file:
            exported = json.load(file)
        if exported["step"] == step and os.path.isdir(exported["path"]):
            logging.info("step %d is exported already: %s", step, exported["path"])
            return
    path = os.path.abspath(export.export_saved_model(model.serving(), options.saved_model))
    _write(record, json.dumps({"step": step, "path": path}))
    logging.info("exported to %s", path)


class StopOnSignal(keras.callbacks.Callback):
    """Saves and ends the process after the step in which SIGTERM or SIGINT (Ctrl-C) came.

    The epoch's end, with its evaluation and samples, is not waited for. A second signal kills.

    Args:
        save: the `SaveCheckpoints` to save with.

    Raises:
        Stopped: out of `fit`, after saving.
    """

    def __init__(self, save):
        super().__init__()
        self.save = save
        self.received = 0

    @contextlib.contextmanager
    def listening(self):
        """Handles the signals inside the `with` block, and gives them back after it."""
        before = {s: signal.signal(s, self._note) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number, frame):
        self.received = number
        signal.signal(number, signal.SIG_DFL)

    def on_train_batch_end(self, batch, logs=None):
        self.obey()

    def obey(self):
        """Saves and raises `Stopped` if a signal came."""
        if self.received:
            self.save.save()
            logging.info("stopped by signal %d after saving a checkpoint", self.received)
            raise Stopped(128 + self.received)
