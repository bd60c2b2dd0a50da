"""Serving of generators whose noise becomes styles first: a seed in, a PNG file out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check as check_fits
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of

_TRUNCATIONS = (0.7, 1.0, 0.0)  # that are checked
_LAST_ROW = np.float32([[0, 0, 0], [0, 0, 0], [0, 0, 1]])


class StyleToImage(ServedModel):
    """The signatures of a mapping network and a synthesis network.

    `serving_default` maps `seed` (int32[None]) and `truncation` (float32[None]) to `image_bytes`
    (string[None], PNG files), `latents` maps `z` (float32[None, latents]), the noise itself, and
    `truncation` to `image` (uint8[None, height, width, channels]), `styles` maps `styles`
    (float32[None, layers, size]) to `image`, and `mapping` gives the `styles` of `z` and
    `truncation`. The truncation is in (0, 1], what is left of the way from the mean style; 0 means
    none, as 1 does.

    Args:
        mapping: `keras.Model`, dict of `latents` -> style.
        truncated: `StyleTruncation`.
        synthesis: `keras.Model`, dict of `styles`, and perhaps `noise` (batch, n) or `transform`,
            -> images in [-1, 1].
        fixed_noise: variable (1, n), or None for a network without noise.
        names: sequence of str, of the classes, if any. Defaults to none.
    """

    def __init__(self, mapping, truncated, synthesis, fixed_noise=None, names=()):
        self.mapping, self.truncated, self.synthesis = mapping, truncated, synthesis
        self.names = list(names)
        self.fixed_noise = fixed_noise
        self._shape = mapping.input["latents"].shape[1:]
        shape = truncated.count, mapping.output.shape[-1]
        seed = tf.TensorSpec([None], tf.int32, "seed")
        z = tf.TensorSpec([None, *self._shape], tf.float32, "z")
        styles = tf.TensorSpec([None, *shape], tf.float32, "styles")
        told = [tf.TensorSpec([None], tf.float32, "truncation")]
        told += [tf.TensorSpec([None], tf.int32, "label")] if self.names else []
        self.offered = {
            "serving_default": self._signature([seed, *told], self._draw),
            "latents": self._signature([z, *told], self._show),
            "mapping": self._signature([z, *told], self._map),
            "styles": self._signature([styles], self._of_styles),
        }
        if "transform" in synthesis.input:
            transform = tf.TensorSpec([None, 3, 3], tf.float32, "transform")
            asked = [seed, *told, transform]
            self.offered["transformed"] = self._signature(asked, self._draw)

    @property
    def variables(self):
        noise = [] if self.fixed_noise is None else [self.fixed_noise.value]
        own = [v.value for v in self.truncated.variables]
        return variables_of(self.mapping, self.synthesis) + own + noise

    @property
    def about(self):
        return {"classes": self.names} if self.names else {}

    def tolerance(self, signature):
        return tolerance_of(self.synthesis)

    def sheet(self, seeds, labels=(), codes=(), steps=0, truncation=0.0):
        """Returns the columns of a sheet, a row for each seed; see `NoiseToImage.sheet`.

        Args:
            seeds: sequence of int.
            labels: sequence of int, a column each; given where there are classes. Defaults to none.
            codes: must be empty.
            steps: int, columns on the way from each seed's styles to the next one's; 0: none.
            truncation: float in (0, 1], or 0, none.

        Raises:
            ValueError: labels or codes are given, or the truncation is out of its range.
        """
        check_fits(not codes, "left out for this generator", codes=codes)
        expected = "given" if self.names else "left out for this generator"
        check_fits(bool(labels) == bool(self.names), expected, labels=labels)
        for label in labels:
            check_fits(0 <= label < len(self.names), f"below {len(self.names)}", label=label)
        check_fits(0 <= truncation <= 1, "in [0, 1]", truncation=truncation)
        latents = served_model.normal(tf.constant(seeds, tf.int32), self._shape)
        truncation = tf.fill([len(seeds)], float(truncation))
        told = {
            self.names[label] if self.names else "image": self._styles(
                latents, truncation, tf.fill([len(seeds)], label)
            )
            for label in labels or [0]
        }
        if not steps:
            return {title: self._image(styles).numpy() for title, styles in told.items()}
        styles, made = next(iter(told.values())), {}
        for weight in np.linspace(0, 1, steps, dtype=np.float32):
            between = (1 - weight) * styles + weight * tf.roll(styles, -1, 0)
            made[f"{100 * weight:.3g}% of the next"] = self._image(between).numpy()
        return made

    def _draw(self, seed, transform=None, **told):
        latents = served_model.normal(seed, self._shape)
        return {"image_bytes": self._image(self._styles(latents, **told), transform)}

    def _show(self, z, **told):
        return {"image": self._image(self._styles(z, **told))}

    def _map(self, z, **told):
        return {"styles": self._styles(z, **told)}

    def _of_styles(self, styles):
        fits = tf.math.is_finite(styles)
        return {"image": self._image(served_model.checked(styles, fits, "styles must be finite"))}

    def _styles(self, latents, truncation, label=None):
        inputs = {}
        if self.names:
            expected = f"label must be at least 0 and below {len(self.names)}"
            fits = (label >= 0) & (label < len(self.names))
            inputs["label"] = served_model.checked(label, fits, expected)
        latents = served_model.checked(latents, tf.math.is_finite(latents), "z must be finite")
        fits = (truncation >= 0) & (truncation <= 1)
        truncation = served_model.checked(truncation, fits, "truncation must be in [0, 1]")
        style = self.mapping({"latents": latents, **inputs}, training=False)
        return self.truncated(style, tf.where(truncation > 0, truncation, 1.0))

    def _image(self, styles, transform=None):
        inputs = {"styles": styles}
        if "transform" in self.synthesis.input:
            none = tf.eye(3, batch_shape=[tf.shape(styles)[0]])
            inputs["transform"] = none if transform is None else transform
        if self.fixed_noise is not None:
            inputs["noise"] = tf.repeat(self.fixed_noise.value, tf.shape(styles)[0], 0)
        return served_model.call(self.synthesis, inputs)

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        seeds = served_model.seeds(size)
        if spec.name == "label":
            return np.arange(size, dtype=np.int32) % len(self.names)
        if spec.name == "transform":
            angle = np.float32(0.1) * seeds.astype(np.float32)
            rows = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            return np.pad(np.transpose(rows, (2, 0, 1)), ((0, 0), (0, 1), (0, 1))) + _LAST_ROW
        if spec.name == "truncation":
            return np.resize(np.float32(_TRUNCATIONS), size)
        return seeds if spec.name == "seed" else served_model.normal(seeds, spec.shape[1:]).numpy()
