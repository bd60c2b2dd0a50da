"""Serving of generators whose noise becomes styles first: a seed in, a PNG file out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check as check_fits
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of

_TRUNCATIONS = (0.7, 1.0, 0.0)  # that are checked


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
        synthesis: `keras.Model`, dict of `styles` and `noise` (1, n) -> images in [-1, 1].
        fixed_noise: variable (1, n), or None for a network without noise.
    """

    def __init__(self, mapping, truncated, synthesis, fixed_noise=None):
        self._mapping, self._truncated, self._synthesis = mapping, truncated, synthesis
        self._fixed_noise = fixed_noise
        self._shape = mapping.input["latents"].shape[1:]
        shape = truncated.count, mapping.output.shape[-1]
        seed = tf.TensorSpec([None], tf.int32, "seed")
        z = tf.TensorSpec([None, *self._shape], tf.float32, "z")
        styles = tf.TensorSpec([None, *shape], tf.float32, "styles")
        truncation = tf.TensorSpec([None], tf.float32, "truncation")
        self.offered = {
            "serving_default": self._signature([seed, truncation], self._draw),
            "latents": self._signature([z, truncation], self._show),
            "mapping": self._signature([z, truncation], self._map),
            "styles": self._signature([styles], self._of_styles),
        }

    @property
    def variables(self):
        noise = [] if self._fixed_noise is None else [self._fixed_noise.value]
        own = [v.value for v in self._truncated.variables]
        return variables_of(self._mapping, self._synthesis) + own + noise

    def tolerance(self, signature):
        return tolerance_of(self._synthesis)

    def sheet(self, seeds, labels=(), codes=(), steps=0, truncation=0.0):
        """Returns the columns of a sheet, a row for each seed; see `NoiseToImage.sheet`.

        Args:
            seeds: sequence of int.
            labels, codes: must be empty.
            steps: int, columns on the way from each seed's styles to the next one's; 0: none.
            truncation: float in (0, 1], or 0, none.

        Raises:
            ValueError: labels or codes are given, or the truncation is out of its range.
        """
        for name, given in (("labels", labels), ("codes", codes)):
            check_fits(not given, "left out for this generator", **{name: given})
        check_fits(0 <= truncation <= 1, "in [0, 1]", truncation=truncation)
        latents = served_model.normal(tf.constant(seeds, tf.int32), self._shape)
        styles = self._styles(latents, tf.fill([len(seeds)], float(truncation)))
        if not steps:
            return {"image": self._image(styles).numpy()}
        made = {}
        for weight in np.linspace(0, 1, steps, dtype=np.float32):
            between = (1 - weight) * styles + weight * tf.roll(styles, -1, 0)
            made[f"{weight:.0%} of the next"] = self._image(between).numpy()
        return made

    def _draw(self, seed, truncation):
        latents = served_model.normal(seed, self._shape)
        return {"image_bytes": self._image(self._styles(latents, truncation))}

    def _show(self, z, truncation):
        return {"image": self._image(self._styles(z, truncation))}

    def _map(self, z, truncation):
        return {"styles": self._styles(z, truncation)}

    def _of_styles(self, styles):
        fits = tf.math.is_finite(styles)
        return {"image": self._image(served_model.checked(styles, fits, "styles must be finite"))}

    def _styles(self, latents, truncation):
        latents = served_model.checked(latents, tf.math.is_finite(latents), "z must be finite")
        fits = (truncation >= 0) & (truncation <= 1)
        truncation = served_model.checked(truncation, fits, "truncation must be in [0, 1]")
        style = self._mapping({"latents": latents}, training=False)
        return self._truncated(style, tf.where(truncation > 0, truncation, 1.0))

    def _image(self, styles):
        inputs = {"styles": styles}
        if self._fixed_noise is not None:
            inputs["noise"] = tf.repeat(self._fixed_noise.value, tf.shape(styles)[0], 0)
        return served_model.call(self._synthesis, inputs)

    def _signature(self, inputs, answer):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, answer, examples)

    def _example(self, spec, size):
        seeds = served_model.seeds(size)
        if spec.name == "truncation":
            return np.resize(np.float32(_TRUNCATIONS), size)
        return seeds if spec.name == "seed" else served_model.normal(seeds, spec.shape[1:]).numpy()
