"""Serving of networks that turn noise into an image: a seed in, a PNG file out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of


class NoiseToImage(ServedModel):
    """The signatures of a generator.

    `serving_default` maps `seed` (int32[None]) to `image_bytes` (string[None], PNG files),
    `latents` maps `z` (float32[None, ...], the noise itself) to `image` (uint8[None, height, width,
    channels]). Both also take what the generator has an input for: `label` (int32[None]) and `code`
    (float32[None, ...]); `serving_default` takes `truncation` (float32[None]) where asked for.

    Args:
        generator: `keras.Model` with an input `latents` (float32 (B, ...), standard normal) and
            perhaps `label` (int32 (B,)) and `code` (float32 (B, ...)), to images in [-1, 1].
        classes: int, labels are below it. Must be given for a generator with a `label`.
        truncation: bool, whether clients choose how far latents may be from 0 (the paper: the
            truncation trick of BigGAN). Defaults to `False`.

    Raises:
        ValueError: the generator has other inputs, or a `label` and no `classes`.
    """

    def __init__(self, generator, classes=None, truncation=False):
        shapes = {tensor.name: tensor.shape for tensor in generator.inputs}
        if "latents" not in shapes or set(shapes) - {"latents", "label", "code"}:
            raise ValueError(
                "generator must have an input 'latents', and may have 'label' and 'code'. "
                f"Received: inputs {list(shapes)}"
            )
        if "label" in shapes and not classes:
            raise ValueError(f"classes must be given with a label. Received: classes={classes}")
        self.generator = generator
        self.classes = classes
        self.truncation = truncation
        self._shape = shapes["latents"][1:]
        given = [("label", tf.int32), ("code", tf.float32)]
        conditions = [tf.TensorSpec(shapes[n], dtype, n) for n, dtype in given if n in shapes]
        seed = [tf.TensorSpec([None], tf.int32, "seed")]
        if truncation:
            seed.append(tf.TensorSpec([None], tf.float32, "truncation"))
        z = tf.TensorSpec([None, *self._shape], tf.float32, "z")
        self.offered = {
            "serving_default": self._signature([*seed, *conditions], self._draw),
            "latents": self._signature([z, *conditions], self._show),
        }

    @property
    def variables(self):
        return variables_of(self.generator)

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def _draw(self, seed, truncation=None, **conditions):
        if truncation is not None:
            truncation = _checked(truncation, truncation > 0, "truncation must be above 0")
        latents = served_model.normal(seed, self._shape, truncation)
        return {"image_bytes": self._generate(latents=latents, **conditions)}

    def _show(self, z, **conditions):
        return {"image": self._generate(latents=z, **conditions)}

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        seeds = served_model.seeds(size)
        if spec.name == "label":
            return np.arange(size, dtype=np.int32) % self.classes
        if spec.name == "truncation":
            return np.full(size, 0.5, np.float32)
        return seeds if spec.name == "seed" else served_model.normal(seeds, spec.shape[1:]).numpy()

    def _generate(self, **inputs):
        for name in set(inputs) & {"latents", "code"}:
            fits = tf.math.is_finite(inputs[name])
            inputs[name] = _checked(inputs[name], fits, f"{name} must be finite")
        if "label" in inputs:
            fits = (inputs["label"] >= 0) & (inputs["label"] < self.classes)
            expected = f"label must be at least 0 and below {self.classes}"
            inputs["label"] = _checked(inputs["label"], fits, expected)
        return served_model.call(self.generator, inputs)


def _checked(values, fits, expected):
    """Returns the values, in a graph that fails unless all of them fit."""
    check = tf.debugging.Assert(tf.reduce_all(fits), [f"{expected}. Received:", values])
    with tf.control_dependencies([check]):
        return tf.identity(values)
