"""Serving of text encoders: a sentence in, its embedding out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds.served_model import (
    ServedModel,
    Signature,
    tables_of,
    tolerance_of,
    variables_of,
)

TEXTS = ("a small red circle at the top", "", "a GREEN square; 2 of them?", "größer", "x" * 500)
"""What encoders of text are checked and warmed up with."""


class TextToEmbedding(ServedModel):
    """The signature of a text encoder.

    `serving_default` maps `text` (string[None], UTF-8) to `embedding` (float32[None, D]).

    Args:
        encoder: `keras.Model` or layer from strings (B,) to float32 embeddings (B, D).
    """

    def __init__(self, encoder):
        self.encoder = encoder
        inputs = [tf.TensorSpec([None], tf.string, "text")]
        embed = Signature(inputs, self._embed, lambda size: {"text": texts(size)})
        self.offered = {"serving_default": embed}

    @property
    def variables(self):
        return variables_of(self.encoder)

    @property
    def tables(self):
        return tables_of(self.encoder)

    def tolerance(self, signature):
        return tolerance_of(self.encoder)

    def _embed(self, text):
        return {"embedding": self.encoder(text, training=False)}


def texts(size):
    """Returns texts to check and warm up with, an array (size,) of bytes."""
    return np.array([TEXTS[index % len(TEXTS)].encode() for index in range(size)], object)
