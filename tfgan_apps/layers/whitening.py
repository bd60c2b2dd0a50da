"""Whitening: a linear layer that brings the directions of embeddings nearer to one scale."""

import keras
import numpy as np
from keras import ops

_ROUNDING = 1e-6


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Whitening(keras.layers.Layer):
    """Subtracts a mean and rotates and scales; the identity until `adapt` has set it.

    Embeddings then have mean 0, and their numbers a variance of 1 on average, as a generator's
    noise has. What tells few pairs apart is a small part of an embedding, and a generator learns it
    late, if ever: it grows beside the rest, up to the `ridge`. The weights are not trained.

    Args:
        ridge: float > 0, the variance that is added to all directions, relative to the largest:
            directions with much less, in which phrasings differ, stay small. Defaults to 0.1.

    Call: float (batch, D) -> float32 (batch, D).
    """

    def __init__(self, ridge=0.1, **kwargs):
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.ridge = ridge

    def build(self, input_shape):
        size = input_shape[-1]
        self.kernel = self.add_weight((size, size), "identity", trainable=False, name="kernel")
        self.bias = self.add_weight((size,), "zeros", trainable=False, name="bias")

    def call(self, embedding):
        return ops.matmul(embedding, self.kernel) + self.bias

    def adapt(self, embeddings):
        """Sets the weights for embeddings.

        Args:
            embeddings: float array (N, D).

        Raises:
            ValueError: when embeddings are not finite, or all equal but for rounding.
        """
        _check_spread(embeddings)
        mean = embeddings.mean(0)
        variances, directions = np.linalg.eigh(np.cov(embeddings.T.astype(np.float64)))
        scale = 1 / np.sqrt(variances + self.ridge * variances.max())
        scale /= np.sqrt(np.mean(variances * scale**2))
        kernel = directions * scale @ directions.T
        self.set_weights([kernel, -mean @ kernel])

    def get_config(self):
        return {**super().get_config(), "ridge": self.ridge}


def _check_spread(embeddings):
    """Refuses embeddings that have no direction to scale."""
    finite = bool(np.isfinite(embeddings).all())
    spread = embeddings.std(0, dtype=np.float64).max() if finite else np.nan
    if not spread > _ROUNDING * np.abs(embeddings).max():
        raise ValueError(
            "whitening expects embeddings that are finite and differ from text to text; train "
            f"longer, or do not whiten. Received: {len(embeddings)} embeddings, finite: {finite}, "
            f"with a standard deviation up to {spread:.3g}"
        )
