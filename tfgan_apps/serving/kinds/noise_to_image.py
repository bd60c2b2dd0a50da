"""Serving of networks that turn noise into an image: a seed in, a PNG file out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, tolerance_of, variables_of


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
        names = [tensor.name for tensor in generator.inputs]
        if "latents" not in names or set(names) - {"latents", "label", "code"}:
            raise ValueError(
                "generator must have an input 'latents', and may have 'label' and 'code'. "
                f"Received: inputs {names}"
            )
        if "label" in names and not classes:
            raise ValueError(f"classes must be given with a label. Received: classes={classes}")
        self.generator = generator
        self.classes = classes
        self.truncation = truncation
        shapes = {tensor.name: tensor.shape for tensor in generator.inputs}
        self._shape = shapes["latents"][1:]
        self._conditions = {
            name: tf.TensorSpec(shapes[name], {"label": tf.int32, "code": tf.float32}[name], name)
            for name in ("label", "code")
            if name in names
        }
        self._predict = {
            "serving_default": tf.function(lambda **r: self._levels(**self._from_seed(**r))),
            "latents": tf.function(lambda z, **conditions: self._levels(latents=z, **conditions)),
        }

    @property
    def variables(self):
        return variables_of(self.generator)

    def signatures(self):
        seed = {"seed": tf.TensorSpec([None], tf.int32, "seed")}
        if self.truncation:
            seed["truncation"] = tf.TensorSpec([None], tf.float32, "truncation")
        z = {"z": tf.TensorSpec([None, *self._shape], tf.float32, "z")}

        def draw(**request):
            return {"image_bytes": pixels.encode_png(self._image(**self._from_seed(**request)))}

        def show(z, **conditions):
            return {"image": self._image(latents=z, **conditions)}

        return {
            "serving_default": served_model.signature(draw, seed | self._conditions),
            "latents": served_model.signature(show, z | self._conditions),
        }

    def examples(self, size):
        seed = served_model.seeds(size)
        conditions = {}
        if "label" in self._conditions:
            conditions["label"] = np.arange(size, dtype=np.int32) % self.classes
        if "code" in self._conditions:
            shape = self._conditions["code"].shape[1:]
            conditions["code"] = served_model.normal(seed, shape).numpy()
        truncation = {"truncation": np.full(size, 0.5, np.float32)} if self.truncation else {}
        z = served_model.normal(seed, self._shape).numpy()
        return {
            "serving_default": {"seed": seed, **truncation, **conditions},
            "latents": {"z": z, **conditions},
        }

    def predict(self, signature, request):
        name = {"serving_default": "image_bytes", "latents": "image"}[signature]
        tensors = {key: tf.constant(value) for key, value in request.items()}
        return {name: self._predict[signature](**tensors).numpy()}

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def _from_seed(self, seed, truncation=None, **conditions):
        """Returns the generator's inputs, with the latents that a seed stands for."""
        if truncation is not None:
            truncation = _checked(truncation, truncation > 0, "truncation must be above 0")
        return {"latents": served_model.normal(seed, self._shape, truncation), **conditions}

    def _generate(self, **inputs):
        for name in set(inputs) & {"latents", "code"}:
            fits = tf.math.is_finite(inputs[name])
            inputs[name] = _checked(inputs[name], fits, f"{name} must be finite")
        if "label" in inputs:
            fits = (inputs["label"] >= 0) & (inputs["label"] < self.classes)
            expected = f"label must be at least 0 and below {self.classes}"
            inputs["label"] = _checked(inputs["label"], fits, expected)
        return served_model.call(self.generator, inputs)

    def _image(self, **inputs):
        return pixels.rounded(self._generate(**inputs))

    def _levels(self, **inputs):
        return pixels.levels(self._generate(**inputs))


def _checked(values, fits, expected):
    """Returns the values, in a graph that fails unless all of them fit."""
    check = tf.debugging.Assert(tf.reduce_all(fits), [f"{expected}. Received:", values])
    with tf.control_dependencies([check]):
        return tf.identity(values)
