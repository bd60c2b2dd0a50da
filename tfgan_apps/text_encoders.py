"""Text encoders for models that are conditioned on a text: trained here, or brought along.

encoder = load_text_encoder("runs/captions/text_encoder.keras")   # or a SavedModel's directory
encoder(tf.constant(["a small red circle"]))                      # float32 (1, 1024)
"""

import dataclasses
import functools
import itertools
import os

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_apps import training
from tfgan_apps.metrics.retrieval import retrieval
from tfgan_apps.models.caption_encoder import CaptionEncoder
from tfgan_apps.serving.kinds.text_to_embedding import TextToEmbedding

FILE = "text_encoder.keras"
"""What a run of a `CaptionEncoder` leaves in its directory."""
_EVALUATION_BATCH = 64
_ENCODING_BATCH = 256
_ROUNDING = 1e-6


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
    return model.text_encoder if isinstance(model, CaptionEncoder) else model


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


def train_text_encoder(build_model, data, options, strategy=None):
    """Returns the text encoder of a run of `train`; of one that is complete, it is only read.

    Args: see `train`.

    Returns:
        `keras.Model`, from strings (batch,) to float32 (batch, D), not trained further.

    Raises: see `train`.
    """
    training.check_settings(options)
    path = options.path(FILE)
    if os.path.exists(path):
        logging.info("the text encoder is complete: %s", path)
        return load_text_encoder(path)
    _, encoder = train(build_model, data, options, strategy)
    return encoder


def train(build_model, data, options, strategy=None):
    """Trains a `CaptionEncoder`, or resumes, and keeps its text encoder in the run directory.

    Args:
        build_model: function without arguments -> compiled `CaptionEncoder`.
        data: `CaptionedImages` with captions.
        options: `training.RunOptions`.
        strategy: from `training.make_strategy`. Defaults to one device.

    Returns:
        The model, and its text encoder, `finished`.

    Raises:
        RunDirectoryError, CheckpointError, NonFiniteError, Stopped: see `training.run`.
        ValueError: see `whitened`.
    """
    strategy = strategy or tf.distribute.get_strategy()
    evaluate = functools.partial(evaluation, data=data)
    # What is exported is finished first.
    unexported = dataclasses.replace(options, saved_model=None)
    model = training.run(build_model, data, unexported, strategy, evaluate)
    encoder = finished(model, data)
    if training.is_chief(strategy):
        if options.saved_model:
            training.export_once(model, options)
        save_text_encoder(encoder, options.path(FILE))
    _wait_for_all(strategy)
    return model, encoder


def _wait_for_all(strategy):
    """Returns when every worker has come here, so that all find the file that the chief writes."""
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        arrived = strategy.run(tf.function(lambda: tf.constant(1.0)))
        strategy.reduce("SUM", arrived, axis=None).numpy()


def finished(model, data):
    """Returns the text encoder of a trained `CaptionEncoder`, `whitened` if the model says so.

    It is not trained further, and what `model.serving()` serves from then on.

    Args:
        model: `CaptionEncoder`.
        data: `CaptionedImages` that it was trained on.

    Raises:
        ValueError: see `whitened`.
    """
    encoder = model.text_encoder
    if model.whiten:
        encoder = whitened(encoder, list(itertools.chain(*data.captions("train"))))
    encoder.trainable = False
    model.served = TextToEmbedding(encoder)
    return encoder


def whitened(encoder, texts, ridge=0.1):
    """Returns a text encoder and a linear layer that brings its directions nearer to one scale.

    Embeddings then have mean 0, and their numbers a variance of 1 on average, as a generator's
    noise has. What tells few pairs apart is a small part of an embedding, and a generator learns it
    late, if ever: it grows beside the rest, up to the `ridge`.

    Args:
        encoder: `keras.Model`, from strings (batch,) to float32 (batch, D).
        texts: list of str, on which mean and covariance are taken.
        ridge: float > 0, the variance that is added to all directions, relative to the largest:
            directions with much less, in which phrasings differ, stay small. Defaults to 0.1.

    Returns:
        `keras.Model`: `text` strings (batch,) -> `embedding` (batch, D) float32.

    Raises:
        ValueError: when embeddings are not finite, or all equal but for rounding.
    """
    batches = [texts[i : i + _ENCODING_BATCH] for i in range(0, len(texts), _ENCODING_BATCH)]
    embeddings = np.concatenate([encoder(tf.constant(b), training=False) for b in batches])
    _check_spread(embeddings)
    mean = embeddings.mean(0)
    variances, directions = np.linalg.eigh(np.cov(embeddings.T.astype(np.float64)))
    scale = 1 / np.sqrt(variances + ridge * variances.max())
    scale /= np.sqrt(np.mean(variances * scale**2))
    kernel = directions * scale @ directions.T
    text = keras.Input((), dtype="string", name="text")
    linear = keras.layers.Dense(len(mean), name="whitening", dtype="float32")
    embedding = keras.layers.Identity(dtype="float32", name="embedding")(linear(encoder(text)))
    linear.set_weights([kernel, -mean @ kernel])
    return keras.Model(text, embedding, name=f"whitened_{encoder.name}")


def _check_spread(embeddings):
    """Refuses embeddings that have no direction to scale."""
    finite = bool(np.isfinite(embeddings).all())
    spread = embeddings.std(0, dtype=np.float64).max() if finite else np.nan
    if not spread > _ROUNDING * np.abs(embeddings).max():
        raise ValueError(
            "whitened() expects embeddings that are finite and differ from text to text; train "
            f"longer, or do not whiten. Received: {len(embeddings)} embeddings, finite: {finite}, "
            f"with a standard deviation up to {spread:.3g}"
        )


def save_text_encoder(encoder, path):
    """Writes a text encoder whole or, when killed, not at all.

    Args:
        encoder: `keras.Model`.
        path: str that ends in .keras.
    """
    temporary = f"{path}.tmp.keras"
    encoder.save(temporary)
    os.replace(temporary, path)


def evaluation(model, data, limit=1000):
    """Returns a function without arguments that measures retrieval among the held-out examples.

    Args:
        model: `CaptionEncoder`.
        data: `CaptionedImages`, whose test batches have each image's first caption. An answer of
            the query's class is a right one.
        limit: int, at most so many examples: each is compared with each. Defaults to 1,000.
    """

    def measure():
        images, texts, labels = [], [], []
        for batch in data.test(_EVALUATION_BATCH, limit):
            images.append(model.image_encoder(batch["image"], training=False))
            texts.append(model.text_encoder(batch["caption"], training=False))
            labels.append(batch["label"])
        found = retrieval(*(np.concatenate(parts) for parts in (images, texts, labels)))
        return {f"test_{name}": value for name, value in found.items()}

    return measure
