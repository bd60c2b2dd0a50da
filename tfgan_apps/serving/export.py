"""Export of a trained model to a version directory that TensorFlow Serving loads.

What is served says so through an object such as `image_to_image.ImageToImage`:

- `variables`: the `tf.Variable`s that its signatures read;
- `signatures()`: name -> `tf.function` with an input signature that returns a dict;
- `examples()`: name -> a request (dict of arrays with a batch dimension) for each signature;
- `predict(name, request)`: what the networks in this process answer, as floats in [-1, 1];
- `pixels(tensors)`: the uint8 arrays, one per example, that a response holds;
- `tolerance(name)`: how far two evaluations in [-1, 1] may differ by rounding inside the network.
"""

import os
import tempfile

import numpy as np
import tensorflow as tf

from tfgan_apps.serving import models_config


class ExportError(RuntimeError):
    """An export that must not be served: not finite, not what `predict` gives, not per example."""


def export_saved_model(served, base_path, version=None):
    """Writes a version of a served model that provably is the model, and lists it for the server.

    The version is written under a temporary name that TensorFlow Serving ignores, loaded again,
    checked, and renamed. Whatever fails, nothing is left behind. The model, named by
    the last part of `base_path`, is added to `models.config` beside `base_path` when not there yet.

    Args:
        served: what is served, such as an `image_to_image.ImageToImage`.
        base_path: directory of all versions of the model, made when absent.
        version: positive integer. Defaults to the number after the highest one present.

    Returns:
        The path of the new version, `<base_path>/<version>`.

    Raises:
        RuntimeError: called inside a strategy's scope, where a SavedModel cannot be loaded and run.
        ValueError: `version` is not a positive integer.
        FileExistsError: the version exists.
        ExportError: an output is not finite, differs from what the networks give in this process by
            more than the rounding to 8 bits, or depends on the rest of its batch.
    """
    if tf.distribute.has_strategy():
        raise RuntimeError(
            "export_saved_model must be called outside of a strategy's scope. "
            f"Received: the scope of a {type(tf.distribute.get_strategy()).__name__}"
        )
    os.makedirs(base_path, exist_ok=True)
    path = os.path.join(base_path, str(_version(base_path, version)))
    with tempfile.TemporaryDirectory(prefix=".exporting-", dir=base_path) as scratch:
        written = os.path.join(scratch, "saved_model")
        _write(served, written)
        _check(served, tf.saved_model.load(written))
        os.rename(written, path)
    models_config.add_model(base_path)
    return path


def versions(base_path):
    """Returns the versions that TensorFlow Serving sees in a model's directory, in order."""
    return sorted(int(name) for name in os.listdir(base_path) if name.isdecimal())


def _version(base_path, version):
    if version is None:
        return max(versions(base_path), default=0) + 1
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"version must be a positive integer. Received: version={version!r}")
    if version in versions(base_path):
        raise FileExistsError(
            f"version must be a new one, but {base_path} holds version {version}. "
            f"Versions there: {versions(base_path)}"
        )
    return version


def _write(served, path):
    module = tf.Module()
    # Variables only: a Keras model in the tree would be written, and need Keras, as an object.
    module.all_variables = served.variables
    tf.saved_model.save(module, path, signatures=served.signatures())


def _check(served, loaded):
    examples = served.examples()
    predicted = {name: served.predict(name, request) for name, request in examples.items()}
    for name, prediction in predicted.items():
        _check_finite(name, prediction)
    pixels = {}
    for name, request in examples.items():
        answer = loaded.signatures[name]
        pixels[name] = served.pixels(answer(**_tensors(request)))
        _check_batch_independence(served, name, request, answer, pixels[name])
    for name, prediction in predicted.items():
        _check_values(name, prediction, np.stack(pixels[name]), served.tolerance(name))


def _tensors(request):
    return {name: tf.constant(value) for name, value in request.items()}


def _check_finite(name, predicted):
    wrong = np.count_nonzero(~np.isfinite(predicted))
    if wrong:
        raise ExportError(
            f"Signature {name!r} must give finite outputs. "
            f"Received: {wrong} of {predicted.size} values are not finite"
        )


def _check_values(name, predicted, pixels, tolerance):
    levels = np.clip((predicted + 1) * 127.5, 0, 255)
    difference = np.abs(pixels - levels).max()
    # Rounding takes half a level; the rest is the order of the sums inside the network.
    allowed = 0.5 + 127.5 * tolerance
    if difference > allowed:
        raise ExportError(
            f"Signature {name!r} of the SavedModel must give what the networks give in this "
            f"process, to {allowed:.2f} of 255 levels. Received: a difference of {difference:.2f}"
        )


def _check_batch_independence(served, name, request, answer, together):
    allowed = np.ceil(127.5 * served.tolerance(name))
    for index, expected in enumerate(together):
        one = {key: value[index : index + 1] for key, value in request.items()}
        alone = served.pixels(answer(**_tensors(one)))[0]
        difference = np.abs(alone.astype(np.int32) - expected.astype(np.int32)).max()
        if difference > allowed:
            raise ExportError(
                f"Signature {name!r} must give each example the same answer in any batch, to "
                f"{allowed:.0f} of 255 levels. "
                f"Received: example {index} alone differs by {difference} levels"
            )
