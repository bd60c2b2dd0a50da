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
        encode: function, images of the domain that is translated to -> their styles; where there
            are several, images and labels.
        style_of: function, noise (B, latent_size) and labels -> styles. Defaults to None: there are
            no labels, and the noise is the style.
    """

    translate: Callable
    encode: Callable
    style_of: Callable | None = None


class StyledImage(ServedModel):
    """The signatures of translations in styles.

    `serving_default` and one signature per direction map `image_bytes` (string[None], JPEG or PNG
    files of any size, which are brought to that of training) and `seed` (int32[None]) of a style to
    `image_bytes` (string[None], PNG files of the training size). `reference` (the first direction)
    and `reference_<direction>` (the others) take `reference_bytes`, files of pictures whose styles
    are wanted, in place of the seed; `style` and `style_<direction>` take `style` (float32[None,
    latent_size]), the code itself, which `encode` and `encode_<direction>` tell of `image_bytes`.

    Where there are `classes`, a `label` (int32[None], a domain's number) is asked for beside it: of
    the domain that is translated to, which is the reference's, or of the image that is encoded. A
    style has `style_size` numbers, and is asked for alone.

    Args:
        directions: dict, name -> `Direction`; the first one is the default, and may be called
            `serving_default`.
        networks: list of `keras.Model`s that they call.
        image_size: height and width of what is seen and made.
        latent_size: int, of what is drawn by a seed.
        channels: of the images, 1, 3 or 4. Defaults to 3.
        classes: sequence of str, the domains' names, where a label chooses. Defaults to none.
        style_size: int, of a style. Defaults to None, latent_size.
    """

    def __init__(
        self,
        directions,
        networks,
        image_size,
        latent_size,
        channels=3,
        classes=(),
        style_size=None,
    ):
        self._networks, self.latent_size = list(networks), latent_size
        self._shape = (image_size, image_size, channels)
        self.classes, self.style_size = list(classes), style_size or latent_size
        files, seed = _files("image_bytes"), tf.TensorSpec([None], tf.int32, "seed")
        style = tf.TensorSpec([None, self.style_size], tf.float32, "style")
        label = [tf.TensorSpec([None], tf.int32, "label")] if self.classes else []
        self.offered = {}
        for name, direction in directions.items():
            suffix = f"_{name}" if self.offered else ""
            answer = self._answer(direction)
            self.offered[name] = self._signature([files, seed, *label], answer)
            references = _files("reference_bytes")
            self.offered[f"reference{suffix}"] = self._signature(
                [files, references, *label], answer
            )
            self.offered[f"style{suffix}"] = self._signature([files, style], answer)
            encode = self._encode(direction)
            self.offered[f"encode{suffix}"] = self._signature([files, *label], encode)
        self.offered["serving_default"] = self.offered[next(iter(directions))]

    @property
    def variables(self):
        return variables_of(*self._networks)

    @property
    def about(self):
        sizes = {"training_size": self._shape[:2], "latent_size": self.latent_size}
        domains = {"style_size": self.style_size, "classes": self.classes}
        return {**sizes, **domains} if self.classes else sizes

    def tolerance(self, signature):
        return tolerance_of(self._networks[0])

    def _answer(self, direction):
        def answer(image_bytes, seed=None, reference_bytes=None, style=None, label=None):
            labels = self._labels(label)
            if seed is not None:
                style = served_model.normal(seed, [self.latent_size])
                style = direction.style_of(style, *labels) if labels else style
            if reference_bytes is not None:
                references = self._images(reference_bytes, "reference_bytes")
                style = direction.encode(references, *labels)
            style = served_model.checked(style, tf.math.is_finite(style), "style must be finite")
            return {"image_bytes": direction.translate(self._images(image_bytes), style)}

        return answer

    def _encode(self, direction):
        def answer(image_bytes, label=None):
            return {"style": direction.encode(self._images(image_bytes), *self._labels(label))}

        return answer

    def _labels(self, label):
        """Returns a list of the labels, checked, or an empty one."""
        if label is None:
            return []
        fits = (label >= 0) & (label < len(self.classes))
        return [served_model.checked(label, fits, f"label must be 0 to {len(self.classes) - 1}")]

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
            return served_model.normal(seeds, [self.style_size]).numpy()
        if spec.name == "label":
            return seeds % np.int32(len(self.classes))
        coarse = np.random.default_rng(0).integers(0, 256, (size, 4, 4, self._shape[2]))
        images = tf.saturate_cast(tf.image.resize(coarse, self._shape[:2]), tf.uint8)
        return pixels.encode_png(images).numpy()


def _files(name):
    return tf.TensorSpec([None], tf.string, name)
