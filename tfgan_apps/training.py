"""run: everything around `fit` that every system needs, and every app calls.

    model = training.run(build_model, data, training.RunOptions("runs/mine", epochs=10))

With the same directory again it goes on where the last checkpoint stands, inside an epoch too.
"""

import dataclasses
import os
from typing import Literal

import keras
import tensorflow as tf
from absl import logging

from tfgan_apps import callbacks
from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.run_directory import RunDirectory
from tfgan_apps.strategies import distributed, is_chief, watching_workers

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
RESULT = ("epochs", "seed", "precision", "jit_compile")
"""Options that define the result; the others may differ when a run goes on."""


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What a run needs besides its model and its data.

    Args:
        run_dir: where the run is written: checkpoints, samples, metrics. The same directory again
            resumes.
        epochs: of the whole training, those of earlier processes included.
        seed: of weights, data order and draws.
        precision: Keras' dtype policy.
        jit_compile: XLA; auto is on on GPUs, off on CPUs.
        checkpoint_steps: also save every so many steps; 0: after epochs only.
        checkpoint_epochs: save after every so many epochs.
        keep_checkpoints: latest checkpoints kept, besides the best.
        sample_epochs: epochs between sample sheets.
        samples: rows of a sample sheet.
        evaluate_epochs: epochs between evaluations on held-out data.
        saved_model: export to <saved_model>/<version> at the end, as saved_models/horse2zebra; not
            given: no export.
        export_best: whether the best checkpoint by its held-out metric is exported, not the last.
        monitor: str, the held-out metric whose smallest value marks the best checkpoint.
        settings, defaults: dicts, what defines the result, and what it counts as in older runs.
        flags: str, the text of `flags.txt`, which reproduces the run.

    Raises:
        ValueError: a number is out of its range.
    """

    run_dir: str
    epochs: int = 200
    seed: int = 0
    precision: Literal[PRECISIONS] = "float32"
    jit_compile: Literal["auto", "on", "off"] = "auto"
    checkpoint_steps: int = 0
    checkpoint_epochs: int = 1
    keep_checkpoints: int = 3
    sample_epochs: int = 1
    samples: int = 4
    evaluate_epochs: int = 5
    saved_model: str | None = None
    export_best: bool = False
    monitor: str | None = None
    settings: dict = dataclasses.field(default_factory=dict)
    defaults: dict = dataclasses.field(default_factory=dict)
    flags: str = ""

    def __post_init__(self):
        check_integers(0, seed=self.seed, checkpoint_steps=self.checkpoint_steps)
        names = ("epochs", "checkpoint_epochs", "keep_checkpoints", "sample_epochs", "samples")
        for name in (*names, "evaluate_epochs"):
            check_integers(1, **{name: getattr(self, name)})
        check_choice(PRECISIONS, precision=self.precision)

    @property
    def compiled_with_xla(self):
        """What `compile` calls `jit_compile`."""
        return {"auto": "auto", "on": True, "off": False}[self.jit_compile]

    def path(self, *names):
        """Returns a path inside the run directory."""
        return os.path.join(self.run_dir, *names)


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


def run(build_model, data, options, strategy=None, evaluate=None, extra_callbacks=(), finish=None):
    """Trains a model to the end of its epochs, from the start or from its last checkpoint.

    Args:
        build_model: function without arguments -> compiled `AdversarialModel`.
        data: `IndexedData`, from `input_pipelines`.
        options: `RunOptions`.
        strategy: from `make_strategy`. Defaults to one device.
        evaluate: function of the model -> function -> dict of held-out floats. Defaults to None.
        extra_callbacks: Keras callbacks, called after the run's own. Defaults to none.
        finish: function of the trained model -> bool, whether it has changed the model, which is
            then saved again. Defaults to None.

    Returns:
        The trained model.

    Raises:
        RunDirectoryError, ValueError: before training, of another run's directory, or options.
        CheckpointError, NonFiniteError, Stopped: while training; the last checkpoint is intact.
        A worker that loses another one ends with a message and the exit code `peers.LOST`.
    """
    fits = options.monitor or not options.export_best
    check(fits, "False without a held-out metric", export_best=options.export_best)
    strategy = strategy or tf.distribute.get_strategy()
    directory = RunDirectory(options.run_dir)
    with watching_workers(strategy, directory.checkpoints()):
        parts = (evaluate, extra_callbacks, finish)
        return _run(build_model, data, options, strategy, directory, *parts)


def _run(build_model, data, options, strategy, directory, evaluate, extra_callbacks, finish):
    chief = is_chief(strategy)
    model = build(build_model, options, strategy)  # a wrong size is told before data are read
    directory.check(options.settings, data, options.defaults)
    _check_data(data, directory)
    with directory.locked(chief):
        checkpoints = directory.checkpoints(options.keep_checkpoints, chief)
        if chief:
            checkpoints.remove_leftovers()
            checkpoints.check_space(model)
            directory.record(model, options.settings, data, options.flags)
        step = checkpoints.restore(model)
        if step:
            logging.info("resuming from step %d in %s", step, options.run_dir)
        save = callbacks.SaveCheckpoints(
            checkpoints, options.checkpoint_steps, options.checkpoint_epochs, options.monitor, step
        )
        _fit(model, data, options, strategy, save, evaluate, extra_callbacks)
        if finish and finish(model):
            checkpoints.save(model)
        if chief and options.saved_model:
            best = options.export_best and checkpoints.best()
            exported = directory.load("best")[0] if best else model
            directory.export_once(exported, options.saved_model)
    return model


def _check_data(data, directory):
    """Looks at every example once; what passed is not read again when the run goes on."""
    before = directory.recorded()
    if before is None or before["data"] != data.fingerprint:
        data.check()


def _fit(model, data, options, strategy, save, evaluate, extra_callbacks):
    stop = callbacks.StopOnSignal(save, strategy)
    parts = [callbacks.StopOnNonFinite()]
    if evaluate:
        parts.append(callbacks.HeldOutEvaluation(evaluate(model), options.evaluate_epochs))
    parts.append(save)
    if is_chief(strategy):
        parts += _loggers(data, options)
    with stop.listening():
        for start, epoch, last_epoch in _spans(int(model.step.numpy()), data, options):
            model.fit(
                distributed(data, strategy, start),
                initial_epoch=epoch,
                epochs=last_epoch,
                steps_per_epoch=data.steps_per_epoch - start % data.steps_per_epoch,
                callbacks=[*parts, *extra_callbacks, stop],
                shuffle=False,
                verbose=0,
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


def _loggers(data, options):
    batch = next(iter(data.test(options.samples, limit=options.samples)))
    logs = options.path("logs")
    return [
        callbacks.SampleSheets(batch, options.path("samples"), options.sample_epochs, logs),
        callbacks.JSONLLogger(options.path("metrics.jsonl")),
        callbacks.TensorBoardScalars(os.path.join(logs, "train")),
        callbacks.Progress(data.steps_per_epoch, options.epochs),
    ]
