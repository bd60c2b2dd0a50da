"""Serving of translations in many styles: image files and seeds, pictures or codes in, PNG out."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of


@dataclasses.dataclass(frozen=True)
class Direction:
    """A translation whose result a style tells.

    Args:
        translate: function, images (B, height, width, channels) in [-1, 1] and styles (B,
            latent_size) -> images of the same shape.
        encode: function, images of the domain that is translated to -> their styles.
    """

    translate: Callable
    encode: Callable


class StyledImage(ServedModel):
    """The signatures of translations in styles.

    `serving_default` and one signature per direction map `image_bytes` (string[None], JPEG or PNG
    files of any size, which are brought to that of training) and `seed` (int32[None]) of a style to
    `image_bytes` (string[None], PNG files of the training size). `reference` (the first direction)
    and `reference_<direction>` (the others) take `reference_bytes`, files of pictures whose styles
    are wanted, in place of the seed; `style` and `style_<direction>` take `style` (float32[None,
    latent_size]), the code itself, which `encode` and `encode_<direction>` tell of `image_bytes`.

    Args:
        directions: dict, name -> `Direction`; the first one is the default.
        networks: list of `keras.Model`s that they call.
        image_size: height and width of what is seen and made.
        latent_size: int, of a style.
        channels: of the images, 1, 3 or 4. Defaults to 3.
    """

    def __init__(self, directions, networks, image_size, latent_size, channels=3):
        self._networks, self.latent_size = list(networks), latent_size
        self._shape = (image_size, image_size, channels)
        files, seed = _files("image_bytes"), tf.TensorSpec([None], tf.int32, "seed")
        style = tf.TensorSpec([None, latent_size], tf.float32, "style")
        self.offered = {}
        for name, direction in directions.items():
            suffix = f"_{name}" if self.offered else ""
            answer = self._answer(direction)
            self.offered[name] = self._signature([files, seed], answer)
            references = _files("reference_bytes")
            self.offered[f"reference{suffix}"] = self._signature([files, references], answer)
            self.offered[f"style{suffix}"] = self._signature([files, style], answer)
            encode = self._encode(direction)
            self.offered[f"encode{suffix}"] = self._signature([files], encode)
        self.offered["serving_default"] = self.offered[next(iter(directions))]

    @property
    def variables(self):
        return variables_of(*self._networks)

    @property
    def about(self):
        return {"training_size": self._shape[:2], "latent_size": self.latent_size}

    def tolerance(self, signature):
        return tolerance_of(self._networks[0])

    def _answer(self, direction):
        def answer(image_bytes, seed=None, reference_bytes=None, style=None):
            if seed is not None:
                style = served_model.normal(seed, [self.latent_size])
            if reference_bytes is not None:
                style = direction.encode(self._images(reference_bytes, "reference_bytes"))
            style = served_model.checked(style, tf.math.is_finite(style), "style must be finite")
            return {"image_bytes": direction.translate(self._images(image_bytes), style)}

        return answer

    def _encode(self, direction):
        return lambda image_bytes: {"style": direction.encode(self._images(image_bytes))}

    def _images(self, files, name="image_bytes"):
        return pixels.resized_files(files, self._shape[:2], self._shape[2], name)

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        seeds = served_model.seeds(size)
        if spec.name == "seed":
            return seeds
        if spec.name == "style":
            return served_model.normal(seeds, [self.latent_size]).numpy()
        coarse = np.random.default_rng(0).integers(0, 256, (size, 4, 4, self._shape[2]))
        images = tf.saturate_cast(tf.image.resize(coarse, self._shape[:2]), tf.uint8)
        return pixels.encode_png(images).numpy()


def _files(name):
    return tf.TensorSpec([None], tf.string, name)
