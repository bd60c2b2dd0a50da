"""Serving of networks that turn noise into an image: a seed in, a PNG file out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check as check_fits
from tfgan_apps.noise import DISTRIBUTIONS
from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of

_CONDITIONS = {"label": tf.int32, "code": tf.float32, "truncation": tf.float32}


class NoiseToImage(ServedModel):
    """The signatures of a generator.

    `serving_default` maps `seed` (int32[None]) to `image_bytes` (string[None], PNG files),
    `latents` maps `z` (float32[None, ...], the noise itself) to `image` (uint8[None, height, width,
    channels]). Both also take what the generator has an input for: `label` (int32[None]), `code`
    (float32[None, ...]) and `truncation` (float32[None]), of which 0 means none. `serving_default`
    draws latents no farther from 0 than `truncation`, where it is given.
    A generator of points in the plane answers `point` (float32[None, 2]) in place of images. What
    tells the class, or the code, of an image is offered as `classify`, which maps `image_bytes`
    (string[None], JPEG or PNG files of any size) to what the function says.

    Args:
        generator: `keras.Model` with an input `latents` (float32 (B, ...), of `noise`) and perhaps
            `label` (int32 (B,)), `code` (float32 (B, ...)) and `truncation` (float32 (B,)), to
            images in [-1, 1], or points.
        classes: int, labels are below it. Must be given for a generator with a `label`.
        truncations: sequence of floats > 0, how far latents may be from 0, of which clients choose
            (the truncation trick of BigGAN), or 0, any distance. Must be given for a generator with
            a `truncation`.
        noise: function of (shape, seed, alg), of `noise.DISTRIBUTIONS`. Defaults to the normal one.
        classify: function of images (B, height, width, channels) in [-1, 1] -> dict of tensors.
            Defaults to None, not offered.
        networks: list of `keras.Model`s that `classify` calls. Defaults to none.
        names: sequence of str, of the classes, which the export tells. Defaults to none.
        parts: `codes.Code`, what a `code` is made of, which the export tells. Defaults to None.

    Raises:
        ValueError: the generator has other inputs, or a `label` and no `classes`, or a `truncation`
            and no `truncations`, or noise that is not normal.
    """

    def __init__(
        self,
        generator,
        classes=None,
        truncations=(),
        noise=DISTRIBUTIONS["normal"],
        classify=None,
        networks=(),
        names=(),
        parts=None,
    ):
        shapes = {tensor.name: tensor.shape for tensor in generator.inputs}
        if "latents" not in shapes or set(shapes) - {"latents", *_CONDITIONS}:
            raise ValueError(
                "generator must have an input 'latents', and may have 'label', 'code' and "
                f"'truncation'. Received: inputs {list(shapes)}"
            )
        if "label" in shapes and not classes:
            raise ValueError(f"classes must be given with a label. Received: classes={classes}")
        if "truncation" in shapes and (not truncations or noise is not DISTRIBUTIONS["normal"]):
            raise ValueError(
                "truncations must be given, and noise be normal, with a truncation. "
                f"Received: truncations={truncations}, noise={noise}"
            )
        self.generator = generator
        self.classes = classes
        self.truncations = tuple(truncations)
        self.noise = noise
        self.names = list(names)
        self.parts = parts
        self._classify, self._networks = classify, list(networks)
        self._shape = shapes["latents"][1:]
        conditions = [
            tf.TensorSpec(shapes[n], dtype, n) for n, dtype in _CONDITIONS.items() if n in shapes
        ]
        seed = [tf.TensorSpec([None], tf.int32, "seed")]
        z = tf.TensorSpec([None, *self._shape], tf.float32, "z")
        self.offered = {
            "serving_default": self._signature([*seed, *conditions], self._draw),
            "latents": self._signature([z, *conditions], self._show),
        }
        if classify is not None:
            inputs = [tf.TensorSpec([None], tf.string, "image_bytes")]
            self.offered["classify"] = self._signature(inputs, self._recognize)

    @property
    def variables(self):
        return variables_of(self.generator, *self._networks)

    @property
    def about(self):
        known = {"classes": self.names} if self.names else {}
        known |= {"truncations": list(self.truncations)} if self.truncations else {}
        return known | ({"code": self.parts.get_config()} if self.parts else {})

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def sheet(self, seeds, labels=(), codes=(), steps=0, truncation=0.0):
        """Returns the columns of a sheet, a row for each seed: dict, title -> images in [-1, 1].

        Args:
            seeds: sequence of int.
            labels: sequence of int, a column each. Defaults to none.
            codes: sequence of sequences of float, a column each. Defaults to none.
            steps: int, columns on the way from each seed to the next one, the last one's to the
                first, of the first label or code; 0: none. Defaults to 0.
            truncation: float, one of `truncations`, or 0. Defaults to 0, none.

        Raises:
            ValueError: the generator takes no such conditions, or asks for them, or one is out of
                its range.
        """
        self._check_conditions(labels, codes)
        known = (0.0, *self.truncations)
        check_fits(truncation in known, f"one of {known}", truncation=truncation)
        bounds = tf.fill([len(seeds)], float(truncation)) if self.truncations else None
        latents = self._latents(tf.constant(seeds, tf.int32), bounds)
        columns = [
            {n: v for n, v in (("label", label), ("code", code)) if v is not None}
            for label in labels or [None]
            for code in codes or [None]
        ]
        made = {}
        for one in columns if steps == 0 else []:
            made[", ".join(map(self._title, one.items())) or "image"] = self._column(
                latents, one, bounds
            )
        for weight in np.linspace(0, 1, steps, dtype=np.float32):
            between = (1 - weight) * latents + weight * tf.roll(latents, -1, 0)
            made[f"{100 * weight:.3g}% of the next"] = self._column(between, columns[0], bounds)
        return made

    def _check_conditions(self, labels, codes):
        shapes = {tensor.name: tensor.shape for tensor in self.generator.inputs}
        for name, given in (("label", labels), ("code", codes)):
            if bool(given) != (name in shapes):
                expected = "given" if name in shapes else "left out for this generator"
                raise ValueError(f"{name}s must be {expected}. Received: {name}s={given}")
        for label in labels:
            check_fits(0 <= label < self.classes, f"below {self.classes}", label=label)
        for code in codes:
            check_fits(len(code) == shapes["code"][1], f"{shapes['code'][1]} numbers", code=code)

    def _title(self, condition):
        name, value = condition
        if name == "code":
            return " ".join(f"{number:g}" for number in value)
        return self.names[value] if self.names else f"label {value}"

    def _column(self, latents, condition, bounds):
        rows = {n: tf.repeat([v], len(latents), axis=0) for n, v in condition.items()}
        rows |= {} if bounds is None else {"truncation": bounds}
        return self._generate(latents=latents, **rows).numpy()

    def _draw(self, seed, **conditions):
        latents = self._latents(seed, conditions.get("truncation"))
        return self._answer("image_bytes", latents, conditions)

    def _latents(self, seed, truncation):
        latents = served_model.each(self.noise, seed, self._shape)
        if truncation is None:
            return latents
        near = served_model.normal(seed, self._shape, tf.where(truncation > 0, truncation, 1.0))
        bounded = tf.reshape(truncation > 0, [-1] + [1] * len(self._shape))
        return tf.where(bounded, near, latents)

    def _show(self, z, **conditions):
        return self._answer("image", z, conditions)

    def _answer(self, name, latents, conditions):
        made = self._generate(latents=latents, **conditions)
        return {name if made.shape.rank == 4 else "point": made}

    def _recognize(self, image_bytes):
        size, channels = self.generator.output.shape[1:3], self.generator.output.shape[-1]
        return self._classify(pixels.resized_files(image_bytes, size, channels))

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        seeds = served_model.seeds(size)
        if spec.name == "label":
            return np.arange(size, dtype=np.int32) % self.classes
        if spec.name == "truncation":
            return np.resize(np.float32([*self.truncations, 0.0]), size)
        if spec.name == "image_bytes":
            shape = self.generator.output.shape[1:]
            images = served_model.each(tf.random.stateless_uniform, seeds, shape)
            return pixels.encode_png(pixels.rounded(2 * images - 1)).numpy()
        if spec.name == "z":
            return served_model.each(self.noise, seeds, self._shape).numpy()
        return seeds if spec.name == "seed" else served_model.normal(seeds, spec.shape[1:]).numpy()

    def _generate(self, **inputs):
        for name in set(inputs) & {"latents", "code"}:
            fits = tf.math.is_finite(inputs[name])
            inputs[name] = served_model.checked(inputs[name], fits, f"{name} must be finite")
        if "label" in inputs:
            fits = (inputs["label"] >= 0) & (inputs["label"] < self.classes)
            expected = f"label must be at least 0 and below {self.classes}"
            inputs["label"] = served_model.checked(inputs["label"], fits, expected)
        if "truncation" in inputs:
            known = (0.0, *self.truncations)
            fits = tf.reduce_any(inputs["truncation"][:, None] == tf.constant(known), -1)
            expected = f"truncation must be one of {known}"
            inputs["truncation"] = served_model.checked(inputs["truncation"], fits, expected)
        return served_model.call(self.generator, inputs)
