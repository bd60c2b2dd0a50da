"""run: everything around `fit` that every system needs, and every app calls.

    model = training.run(build_model, data, training.RunOptions("runs/mine", epochs=10))

With the same directory again it goes on where the last checkpoint stands, inside an epoch too.
"""

import os

import keras
import tensorflow as tf
from absl import logging

from tfgan_apps import callbacks, program_logs
from tfgan_apps.announcement import announcement
from tfgan_apps.arguments import check
from tfgan_apps.initial_weights import start_from
from tfgan_apps.process_memory import keep_freed_memory
from tfgan_apps.run_directory import DataPrint, RunDirectory
from tfgan_apps.run_options import RunOptions as RunOptions
from tfgan_apps.run_parts import check_parts, check_served
from tfgan_apps.strategies import distributed, is_chief, watching_workers


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
        extra_callbacks: Keras callbacks, called after the run's own, but for that which saves.
            Defaults to none.
        finish: function of the trained model -> bool, whether it has changed the model, which is
            then saved again. Defaults to None.

    Returns:
        The trained model.

    Raises:
        RunDirectoryError, ValueError: before training, of another run's directory, of options, or
            of what the model or the data lack.
        CheckpointError, NonFiniteError, Stopped: while training; the last checkpoint is intact.
        A worker that loses another one ends with a message and the exit code `peers.LOST`.
    """
    fits = options.monitor or not options.export_best
    check(fits, "False without a held-out metric", export_best=options.export_best)
    fits = bool(options.monitor and evaluate) or not options.patience
    check(fits, "0 without a held-out metric", patience=options.patience)
    keep_freed_memory()
    strategy = strategy or tf.distribute.get_strategy()
    directory = RunDirectory(options.run_dir)
    with program_logs.shown(), watching_workers(strategy, directory.checkpoints()):
        parts = (evaluate, extra_callbacks, finish)
        return _run(build_model, data, options, strategy, directory, *parts)


def _run(build_model, data, options, strategy, directory, evaluate, extra_callbacks, finish):
    chief = is_chief(strategy)
    model = build(build_model, options, strategy)  # a wrong size is told before data are read
    check_parts(model, data, options)
    if options.init_from and not directory.checkpoints().steps():
        start_from(model, options.init_from)
    seen = DataPrint(data)
    directory.check(options.settings, seen, options.defaults)
    if chief:
        directory.check_data(seen, options.accept_changed_data)
    before = directory.recorded()
    if before is None or before["data"] != seen.fingerprint:
        data.check()  # every example once; what passed is not read again when the run goes on
    with directory.locked(chief):
        checkpoints = directory.checkpoints(options.keep_checkpoints, chief)
        if chief:
            checkpoints.remove_leftovers()
            checkpoints.check_space(model)
            directory.record(model, options.settings, seen, options.flags)
        if chief and options.saved_model:
            check_served(model)
        step = checkpoints.restore(model)
        best = callbacks.BestSoFar(
            options.monitor,
            options.patience,
            options.evaluate_epochs,
            options.protocol,
            checkpoints.best(),
            (step or 0) // data.steps_per_epoch,
        )
        save = callbacks.SaveCheckpoints(
            checkpoints, options.checkpoint_steps, options.checkpoint_epochs, best, step
        )
        if chief:
            print("\n".join(announcement(model, data, options, strategy, step)), flush=True)
        means = checkpoints.card(step).get("means", {}) if step else {}
        _fit(model, data, options, strategy, save, evaluate, extra_callbacks, means)
        if finish and finish(model):
            checkpoints.save(model)
        if chief and options.saved_model:
            best = options.export_best
            exported = directory.load("best", safe_mode=False)[0] if best else model
            directory.export_once(exported, options.saved_model)
    return model


def _fit(model, data, options, strategy, save, evaluate, extra_callbacks, means):
    stop = callbacks.StopOnSignal(save, strategy)
    parts = [callbacks.StopOnNonFinite()]
    if int(model.step.numpy()) % data.steps_per_epoch:
        parts.append(callbacks.EpochMeans(means))
    if evaluate:
        each = options.evaluate_epochs, options.monitor
        parts += [callbacks.HeldOutEvaluation(evaluate(model), *each), save.best]
    if is_chief(strategy):
        parts += _loggers(data, options)
    parts += [*extra_callbacks, save, stop]  # an epoch is done when all is written
    with stop.listening():
        for start, steps in _spans(int(model.step.numpy()), data, options):
            if save.best.is_over(start // data.steps_per_epoch):
                break
            rest = [callbacks.OneEpoch()] if steps < data.steps_per_epoch else []
            model.fit(
                distributed(data, strategy, start),
                initial_epoch=start // data.steps_per_epoch,
                epochs=options.epochs,
                steps_per_epoch=steps,
                callbacks=[*rest, *parts],
                shuffle=False,
                verbose=0,
            )
            stop.obey()
    if save.best.is_over(int(model.step.numpy()) // data.steps_per_epoch):
        logging.info("ended for want of a better epoch: %s", save.best)


def _spans(done, data, options):
    """Yields (first step, steps an epoch) for `fit`: the rest of an epoch, then all."""
    epoch, inside = divmod(done, data.steps_per_epoch)
    if inside and epoch < options.epochs:
        yield done, data.steps_per_epoch - inside
        epoch += 1
    if epoch < options.epochs:
        yield epoch * data.steps_per_epoch, data.steps_per_epoch


def _loggers(data, options):
    batch = next(iter(data.test(options.samples, limit=options.samples)))
    logs = options.path("logs")
    return [
        callbacks.CollapseAlarm(batch),
        callbacks.SampleSheets(batch, options.path("samples"), options.sample_epochs, logs),
        callbacks.JSONLLogger(options.path("metrics.jsonl")),
        callbacks.TensorBoardScalars(os.path.join(logs, "train")),
        callbacks.Progress(data.steps_per_epoch, options.epochs),
    ]
