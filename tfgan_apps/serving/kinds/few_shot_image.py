"""Serving of translations to classes that images tell: image files and references in, PNG out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of

_SHOTS = 2  # references of an example request


class FewShotImage(ServedModel):
    """The signatures of a translation to a class, which a few of its images tell.

    `serving_default` maps `image_bytes` (string[None], JPEG or PNG files of any size, which are
    brought to that of training) and `reference_bytes` (string[None, None], of each image as many
    files of its class) to `image_bytes` (string[None], PNG files of the training size). `style`
    takes `style` (float32[None, latent_size]), a class' code, in place of the references; `encode`
    tells it of `reference_bytes`.

    Args:
        translate: function, images (B, height, width, channels) in [-1, 1] and codes (B,
            latent_size) -> images of the same shape.
        encode: function, images (B, K, height, width, channels) -> codes.
        networks: list of `keras.Model`s that they call.
        image_size: height and width of what is seen and made.
        latent_size: int, of a code.
        channels: of the images, 1, 3 or 4. Defaults to 3.
    """

    def __init__(self, translate, encode, networks, image_size, latent_size, channels=3):
        self._translate, self._encode, self._networks = translate, encode, list(networks)
        self._shape, self.latent_size = (image_size, image_size, channels), latent_size
        files = tf.TensorSpec([None], tf.string, "image_bytes")
        references = tf.TensorSpec([None, None], tf.string, "reference_bytes")
        style = tf.TensorSpec([None, latent_size], tf.float32, "style")
        self.offered = {
            "serving_default": self._signature([files, references], self._answer),
            "style": self._signature([files, style], self._answer),
            "encode": self._signature([references], self._codes),
        }

    @property
    def variables(self):
        return variables_of(*self._networks)

    @property
    def about(self):
        return {"training_size": self._shape[:2], "latent_size": self.latent_size}

    def tolerance(self, signature):
        return tolerance_of(self._networks[0])

    def _answer(self, image_bytes, reference_bytes=None, style=None):
        if style is None:
            style = self._codes(reference_bytes)["style"]
        style = served_model.checked(style, tf.math.is_finite(style), "style must be finite")
        images = pixels.resized_files(image_bytes, self._shape[:2], self._shape[2])
        return {"image_bytes": self._translate(images, style)}

    def _codes(self, reference_bytes):
        count, shots = tf.unstack(tf.shape(reference_bytes))
        given = tf.debugging.Assert(shots > 0, ["reference_bytes must hold a file for each image"])
        with tf.control_dependencies([given]):
            files = tf.reshape(reference_bytes, [-1])
        size, channels = self._shape[:2], self._shape[2]
        images = pixels.resized_files(files, size, channels, "reference_bytes")
        return {"style": self._encode(tf.reshape(images, (count, shots, *self._shape)))}

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        if spec.name == "style":
            return served_model.normal(served_model.seeds(size), [self.latent_size]).numpy()
        count = size * (_SHOTS if spec.name == "reference_bytes" else 1)
        coarse = np.random.default_rng(0).integers(0, 256, (count, 4, 4, self._shape[2]))
        images = tf.saturate_cast(tf.image.resize(coarse, self._shape[:2]), tf.uint8)
        files = pixels.encode_png(images).numpy()
        return files.reshape(size, _SHOTS) if spec.name == "reference_bytes" else files
