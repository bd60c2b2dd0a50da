"""Export of a trained model to a version directory that TensorFlow Serving loads."""

import contextlib
import fcntl
import glob
import json
import os
import shutil
import tempfile

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps.files import write_whole
from tfgan_apps.serving.export import config_files, graph_check, warmup

ABOUT = os.path.join("assets.extra", "about.json")
"""Where an export says what no signature tells, such as the size of the training images."""


class ExportError(RuntimeError):
    """An export that must not be served: wrong, dependent on its batch, or not to be run."""


def export_saved_model(served, base_path, version=None):
    """Writes a version of a served model that provably is the model, and lists it for the server.

    The version is written under a temporary name that TensorFlow Serving ignores, loaded again,
    checked, warmed up, and renamed. Whatever fails, no version is left behind. `models.config`,
    `batching.config` and `monitoring.config` beside `base_path` are made when absent; the model,
    named by the last part of `base_path`, is added to the first. Exports beside each other wait.

    Args:
        served: a `ServedModel`, such as an `image_to_image.ImageToImage`.
        base_path: directory of all versions of the model, made when absent.
        version: positive integer. Defaults to the number after the highest one present.

    Returns:
        The path of the new version, `<base_path>/<version>`.

    Raises:
        RuntimeError: called inside a strategy's scope, where a SavedModel cannot be loaded and run.
        ValueError: `version` is not a positive integer, `batching.config` names no sizes, or
            `models.config` holds no list of models.
        FileExistsError: the version exists.
        ExportError: an output is not finite, differs from what the networks give in this process by
            more than the rounding to 8 bits, or depends on the rest of its batch; the graph holds a
            Python function, an op that is not TensorFlow's own, or one that only XLA runs; a
            warm-up request fails.
    """
    if tf.distribute.has_strategy():
        raise RuntimeError(
            "export_saved_model must be called outside of a strategy's scope. "
            f"Received: the scope of a {type(tf.distribute.get_strategy()).__name__}"
        )
    base_path = os.path.expanduser(base_path)
    os.makedirs(base_path, exist_ok=True)
    folder, name = os.path.split(os.path.abspath(base_path))
    with _locked(folder):
        path = os.path.join(base_path, str(_version(base_path, version)))
        sizes = config_files.batch_sizes(folder)
        config_files.check_models(base_path)
        _remove_leftovers(base_path)
        with tempfile.TemporaryDirectory(prefix=".exporting-", dir=base_path) as scratch:
            written = os.path.join(scratch, "saved_model")
            _write_and_check(served, written, name, sizes)
            # First, so that a version that is there is listed, whenever the process is killed.
            config_files.add_monitoring(folder)
            config_files.add_model(base_path)
            os.rename(written, path)
    return path


def _remove_leftovers(base_path):
    """Removes what killed exports left; who holds the lock is the only one who writes there."""
    for path in glob.glob(os.path.join(glob.escape(base_path), ".exporting-*")):
        shutil.rmtree(path)


@contextlib.contextmanager
def _locked(folder):
    """Holds a directory: of two exports beside each other, the second one waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_and_check(served, path, name, sizes):
    _write(served, path)
    _check_graph(path)
    warmup.write(path, name, served, sizes)
    loaded = _loaded(path)
    _check(served, loaded)
    _warm_up(path, loaded)


def _loaded(path):
    """Loads an export, without TensorFlow's warnings that it cannot be differentiated."""

    def of_interest(record):  # a filter of this load alone: another one that ends keeps it
        return "unsaved custom gradients" not in record.getMessage()

    logger = logging.get_absl_logger()
    logger.addFilter(of_interest)
    try:
        return tf.saved_model.load(path)
    finally:
        logger.removeFilter(of_interest)


def versions(base_path):
    """Returns the versions that TensorFlow Serving sees in a model's directory, in order."""
    return sorted(int(name) for name in os.listdir(base_path) if name.isdecimal())


def next_version(base_path):
    """Returns the number after the highest version of a model's directory, there or not."""
    return max(versions(base_path) if os.path.isdir(base_path) else [], default=0) + 1


def _version(base_path, version):
    if version is None:
        return next_version(base_path)
    if type(version) is not int or version < 1:
        raise ValueError(f"version must be a positive integer. Received: version={version!r}")
    if version in versions(base_path):
        raise FileExistsError(
            f"version must be a new one, but {base_path} holds version {version}. "
            f"Versions there: {versions(base_path)}"
        )
    return version


def _write(served, path):
    module = tf.Module()
    # Nothing else: a Keras model in the tree would be written, and need Keras, as an object.
    module.all_variables = served.variables
    module.tables = served.tables
    tf.saved_model.save(module, path, signatures=served.signatures())
    if served.about:
        os.mkdir(os.path.join(path, "assets.extra"))
        write_whole(os.path.join(path, ABOUT), json.dumps(served.about))


def _check_graph(written):
    unservable = graph_check.unservable_ops(written)
    if unservable:
        raise ExportError(
            "The graph must hold nothing but ops of TensorFlow that run everywhere. Received: "
            + "; ".join(unservable)
        )


def _warm_up(written, loaded):
    for signature, request in warmup.read(written):
        size = len(next(iter(request.values())))
        with _explained(f"Signature {signature!r} must answer its warm-up request of {size}"):
            loaded.signatures[signature](**_tensors(request))


@contextlib.contextmanager
def _explained(what):
    try:
        yield
    except tf.errors.OpError as error:
        raise ExportError(f"{what}. Received: {error.message}") from error


def _check(served, loaded):
    examples = served.examples(3)
    predicted, answered = {}, {}
    for name, request in examples.items():
        with _explained(f"The networks must answer what signature {name!r} is asked"):
            predicted[name] = served.predict(name, request)
        _check_finite(name, predicted[name])
    for name, request in examples.items():
        with _explained(f"Signature {name!r} must answer"):
            answered[name] = served.read(loaded.signatures[name](**_tensors(request)))
            alone = [
                served.read(loaded.signatures[name](**_tensors(one))) for one in _ones(request)
            ]
        _check_batch_independence(name, answered[name], alone, served.tolerance(name))
    for name, prediction in predicted.items():
        _check_values(name, prediction, answered[name], served.tolerance(name))


def _tensors(request):
    return {name: tf.constant(value) for name, value in request.items()}


def _ones(request):
    """Yields a request for each example of a request."""
    for index in range(len(next(iter(request.values())))):
        yield {name: value[index : index + 1] for name, value in request.items()}


def _check_finite(name, predicted):
    for output, values in predicted.items():
        values = np.stack(values)
        wrong = 0 if values.dtype.kind not in "fc" else np.count_nonzero(~np.isfinite(values))
        if wrong:
            raise ExportError(
                f"Signature {name!r} must give finite outputs. "
                f"Received: {wrong} of {values.size} values of {output!r} are not finite"
            )


def _check_values(name, predicted, answered, tolerance):
    if set(predicted) != set(answered):
        raise ExportError(
            f"Signature {name!r} must give the outputs that the networks give, "
            f"{sorted(predicted)}. Received: {sorted(answered)}"
        )
    for output, values in predicted.items():
        allowed, unit = _allowed(answered[output], tolerance)
        if unit:
            allowed += 0.5  # A level is half a level away from what was rounded to it.
        difference = max(map(_difference, values, answered[output]), default=0)
        if difference > allowed:
            raise ExportError(
                f"Signature {name!r} of the SavedModel must give what the networks give in this "
                f"process, {output!r} to {allowed:.3g}{unit}. "
                f"Received: a difference of {difference:.3g}"
            )


def _check_batch_independence(name, together, alone, tolerance):
    for output, values in together.items():
        allowed, unit = _allowed(values, tolerance)
        for index, expected in enumerate(values):
            difference = _difference(expected, alone[index][output][0])
            if difference > np.ceil(allowed) if unit else difference > allowed:
                raise ExportError(
                    f"Signature {name!r} must give each example the same answer in any batch, "
                    f"{output!r} to {allowed:.3g}{unit}. "
                    f"Received: example {index} alone differs by {difference:.3g}"
                )


def _allowed(values, tolerance):
    """Returns how far outputs may be from another evaluation's, and the unit as words.

    The tolerance is one of values in [-1, 1]: levels of pixels span 255 of them; others may be
    larger, and their rounding errors with them; tokens and text have none.
    """
    first = np.asarray(values[0])
    if first.dtype == np.uint8:
        return 127.5 * tolerance, " of 255 levels"
    if first.dtype.kind == "f":
        return tolerance * max(1.0, max(np.abs(value).max(initial=0) for value in values)), ""
    return 0, ""


def _difference(expected, found):
    """Returns the largest difference of two arrays, infinity where they cannot be subtracted."""
    expected, found = np.asarray(expected), np.asarray(found)
    if expected.dtype.kind in "OSU" or expected.shape != found.shape:
        return 0.0 if np.array_equal(expected, found) else np.inf
    difference = np.abs(expected.astype(np.float64) - found.astype(np.float64)).max(initial=0.0)
    return np.inf if np.isnan(difference) else difference
