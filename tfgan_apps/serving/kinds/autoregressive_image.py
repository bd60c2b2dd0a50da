"""Serving of exact models of images: sampling, completion of known rows, log-probability."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature


class AutoregressiveImage(ServedModel):
    """The signatures of a model that draws an image pixel by pixel.

    `serving_default` maps `seed` (int32[None]) to `image_bytes` (string[None], PNG files);
    `complete` maps `image_bytes` (JPEG or PNG files of the model's size), `known_rows`
    (int32[None], rows from the top that stay) and `seed` to `image_bytes`; `log_prob` maps
    `image_bytes` to `log_prob` (float32[None], nats).

    Args:
        sample: function, (int32 seeds (B,), uint8 images (B, height, width, channels), int32 known
            rows (B,)) -> uint8 images, each of its own seed alone.
        log_prob: function, uint8 images -> float32 (B,), nats.
        variables: list of `tf.Variable`s that both read.
        image_shape: (height, width, channels).
    """

    def __init__(self, sample, log_prob, variables, image_shape):
        self._sample = sample
        self._log_prob = log_prob
        self._variables = list(variables)
        self.image_shape = tuple(image_shape)
        seed = tf.TensorSpec([None], tf.int32, "seed")
        files = tf.TensorSpec([None], tf.string, "image_bytes")
        rows = tf.TensorSpec([None], tf.int32, "known_rows")
        self.offered = {
            "serving_default": Signature([seed], self._draw, _seeds),
            "complete": Signature([files, rows, seed], self._complete, self._completions),
            "log_prob": Signature([files], self._score, self._files),
        }

    @property
    def variables(self):
        return self._variables

    def _draw(self, seed):
        nothing_known = tf.zeros([tf.size(seed), *self.image_shape], tf.uint8)
        return {"image_bytes": self._sample(seed, nothing_known, tf.zeros_like(seed))}

    def _complete(self, image_bytes, known_rows, seed):
        height = self.image_shape[0]
        check = tf.debugging.Assert(
            tf.reduce_all((known_rows >= 0) & (known_rows <= height)),
            [f"known_rows must be from 0 to {height}. Received:", known_rows],
            summarize=100,
        )
        image = self._images(image_bytes)
        with tf.control_dependencies([check]):
            return {"image_bytes": self._sample(seed, image, tf.identity(known_rows))}

    def _score(self, image_bytes):
        return {"log_prob": self._log_prob(self._images(image_bytes))}

    def _images(self, files):
        return pixels.stack_files(files, self.image_shape[:2], self.image_shape[2])

    def _files(self, size):
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (size, *self.image_shape), np.uint8)
        return {"image_bytes": np.array([tf.io.encode_png(i).numpy() for i in images], object)}

    def _completions(self, size):
        rows = np.arange(size, dtype=np.int32) % (self.image_shape[0] + 1)
        return {**self._files(size), "known_rows": rows, **_seeds(size)}


def _seeds(size):
    return {"seed": served_model.seeds(size)}
