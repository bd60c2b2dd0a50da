"""Text encoders for models that are conditioned on a text: trained here, or brought along.

encoder = load_text_encoder("runs/captions/text_encoder.keras")   # or a SavedModel's directory
encoder(tf.constant(["a small red circle"]))                      # float32 (1, 1024)
"""

import itertools
import os

import keras
import tensorflow as tf

from tfgan_apps.models.caption_encoder import CaptionEncoder
from tfgan_apps.strategies import is_chief

FILE = "text_encoder.keras"
"""What a run of a `CaptionEncoder` leaves in its directory."""


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SavedModelEncoder(keras.layers.TFSMLayer):
    """A text encoder that is a SavedModel, of any library.

    Its config is the path: a `.keras` file of a model that holds it is loaded where the SavedModel
    still is, and with `keras.saving.load_model(..., safe_mode=False)` alone, because a SavedModel
    is a program.

    Args: see `keras.layers.TFSMLayer`.

    Call: `text` strings (batch,) -> what the endpoint returns; of a dict, its only entry.
    """

    def call(self, text, training=False):
        outputs = self.call_endpoint_fn(text)
        is_one = isinstance(outputs, dict) and len(outputs) == 1
        return next(iter(outputs.values())) if is_one else outputs


def load_text_encoder(path):
    """Returns a text encoder that is not trained further.

    Args:
        path: str, one of
            - a `.keras` file of a model from strings to embeddings, or of a `CaptionEncoder`;
            - the run directory of a `CaptionEncoder`, with its text_encoder.keras;
            - the directory of a SavedModel, whose signature serving_default, or only signature, or
              `__call__`, takes strings (batch,) alone.

    Returns:
        `keras.Model` or layer, from strings (batch,) to float32 (batch, D).

    Raises:
        ValueError: when nothing there can be loaded, or what can is no such encoder.
    """
    path = os.path.expanduser(path)
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        encoder = _from_saved_model(path)
    else:
        encoder = _from_keras(os.path.join(path, FILE) if os.path.isdir(path) else path)
    _check(encoder, path)
    encoder.trainable = False
    return encoder


def _from_keras(path):
    model = _loaded(lambda: keras.saving.load_model(path, compile=False), path)
    return model.finished_encoder if isinstance(model, CaptionEncoder) else model


def _loaded(load, path):
    try:
        return load()
    except (OSError, TypeError, ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"a text encoder must be a .keras file or a SavedModel's directory. Received: {path} "
            f"({error})"
        ) from error


def _from_saved_model(path):
    loaded = _loaded(lambda: tf.saved_model.load(path), path)
    endpoints = [name for name in loaded.signatures if not name.startswith("__")]
    if "serving_default" in endpoints or not endpoints and callable(loaded):
        endpoints = ["serving_default" if endpoints else "__call__"]
    if len(endpoints) != 1:
        raise ValueError(
            "a SavedModel must have a signature serving_default, only one, or be callable. "
            f"Received: {path} with the signatures {endpoints}"
        )
    return SavedModelEncoder(os.path.abspath(path), endpoints[0], name="saved_model_encoder")


def _check(encoder, path):
    must = "a text encoder must take strings (batch,) alone and return float32 (batch, D)"
    try:
        embedding = encoder(tf.constant(["a", "longer text"]), training=False)
    except (TypeError, ValueError, tf.errors.OpError) as error:
        raise ValueError(f"{must}. Received: {path}, which fails ({error})") from error
    found = [(tuple(t.shape), t.dtype.name) for t in tf.nest.flatten(embedding)]
    if not tf.is_tensor(embedding) or embedding.dtype != tf.float32 or embedding.shape.rank != 2:
        raise ValueError(
            f"{must}. Received: {path}, which for 2 strings returns {len(found)} outputs, {found}"
        )


def embedding_size(encoder):
    """Returns D of a text encoder, from strings (batch,) to (batch, D), an int."""
    return int(encoder(tf.constant([""]), training=False).shape[-1])


def finish(model, data, options):
    """Whitens a trained `CaptionEncoder`, if it is to be, and keeps its text encoder in a file.

    Args:
        model: `CaptionEncoder`.
        data: `CaptionedImages` that it was trained on.
        options: `RunOptions` of its run.

    Returns:
        bool, whether the model was changed.

    Raises:
        ValueError: see `Whitening.adapt`.
    """
    changed = model.whiten(list(itertools.chain(*data.captions("train"))))
    if is_chief(model.distribute_strategy):  # again too: the run may have become longer
        save_text_encoder(model.finished_encoder, options.path(FILE))
    return changed


def save_text_encoder(encoder, path):
    """Writes a text encoder whole or, when killed, not at all.

    Args:
        encoder: `keras.Model`.
        path: str that ends in .keras.
    """
    temporary = f"{path}.tmp.keras"
    encoder.save(temporary)
    os.replace(temporary, path)
