"""Serving of a model of a single image: images like it of any size, and pictures made like it."""

import functools

import numpy as np
import tensorflow as tf

from tfgan_apps.blending import blended
from tfgan_apps.serving.kinds import pixels
from tfgan_apps.serving.kinds.served_model import (
    ServedModel,
    check_lengths,
    checked,
    tolerance_of,
    variables_of,
)

MOST_PIXELS = 2**20  # a network's layers take far more memory for each
_LEVEL = 1 / 127.5  # one of 8 bits, which is cut off or not between scales by the last digit


class SingleImage(ServedModel):
    """The signatures of a model of one image.

    - `serving_default`: `seed`, `height`, `width`, `start_scale` (int32[None] each) ->
      `image_bytes` (string[None], PNG files). A height and width of 0 are those of the training
      image. Noise is drawn from `start_scale` on, 0 the coarsest; what is coarser is as there.
    - `edit`: `image_bytes` (string[None], JPEG or PNG files, resized to the training image),
      `seed`, `start_scale` -> `image_bytes`: what is finer than `start_scale`, 1 or more, is made
      as in the training image.
    - `edit_masked`: those, `mask_bytes` (string[None], files that are light where the picture is
      edited) and `dilation` (int32[None], pixels that the mask grows by) -> `image_bytes`, in which
      the rest is the training image.

    Args:
        model: `SinGAN`.
    """

    def __init__(self, model):
        self.model = model
        self.size, self.scales = model.pyramid.image_size, model.pyramid.scales
        self._makers = {
            "serving_default": (self._sample, ("seed", "height", "width", "start_scale")),
        }
        if self.scales > 1:
            edited = ("image_bytes", "seed", "start_scale")
            self._makers["edit"] = self._edit, edited
            self._makers["edit_masked"] = self._edit, (*edited, "mask_bytes", "dilation")
        # In a graph, too: rounding that differs may cut off another level.
        self._predictor = functools.cache(lambda n: self._function(n, pixels.levels, tf.float32))

    @property
    def variables(self):
        model = self.model
        memory = [model.image, model.step, *model.starts, *model.amplitudes]
        return variables_of(*model.generators) + [v.value for v in memory]

    @property
    def about(self):
        return {"training_size": self.size, "scales": self.scales}

    @property
    def one_by_one(self):
        return tuple(self._makers)

    def signatures(self):
        encoded = lambda image: tf.io.encode_png(pixels.rounded(image))  # noqa: E731
        return {name: self._function(name, encoded, tf.string) for name in self._makers}

    def examples(self, size):
        seeds = np.arange(1, size + 1, dtype=np.int32)
        coarse = np.random.default_rng(0).integers(0, 256, (size, 4, 4, 3))
        images = tf.saturate_cast(tf.image.resize(coarse, self.size), tf.uint8).numpy()
        known = {"seed": seeds, "start_scale": np.minimum(seeds, self.scales - 1)}
        known |= {"height": 0 * seeds + self.size[0] + 3, "width": 0 * seeds}
        masks = np.zeros((size, *self.size, 1), np.uint8)
        masks[:, : self.size[0] // 2] = 255
        known |= {"image_bytes": _files(images), "mask_bytes": _files(masks), "dilation": seeds}
        return {n: {part: known[part] for part in parts} for n, (_, parts) in self._makers.items()}

    def predict(self, signature, request):
        tensors = {name: tf.constant(value) for name, value in request.items()}
        return {"image_bytes": self._predictor(signature)(tensors)["image_bytes"].numpy()}

    def tolerance(self, signature):
        return max(tolerance_of(self.model.generators[-1]), _LEVEL)

    def _function(self, name, finished, dtype):
        """Returns the `tf.function` of a signature.

        Args:
            name: str, of the signature.
            finished: function of an image in [-1, 1], what stands for it.
            dtype: of that.
        """
        maker, parts = self._makers[name]
        specs = [tf.TensorSpec([None], _DTYPES.get(part, tf.int32), part) for part in parts]

        @tf.function(input_signature=[{spec.name: spec for spec in specs}], autograph=False)
        def serve(request):
            with tf.control_dependencies([check_lengths(request)]):
                request = {part: tf.identity(tensor) for part, tensor in request.items()}
            request = self._decoded(request)
            images = tf.map_fn(
                lambda one: finished(maker(**one)), request, fn_output_signature=dtype
            )
            return {"image_bytes": images}

        return serve

    def _decoded(self, request):
        """Returns a request with its numbers looked at, and images in place of files."""
        request = dict(request)
        least = 1 if "image_bytes" in request else 0
        starts = request["start_scale"]
        fits = (least <= starts) & (starts < self.scales)
        expected = f"start_scale must be from {least} to {self.scales - 1}"
        request["start_scale"] = checked(starts, fits, expected)
        if "height" in request:
            self._check_sizes(request)
        if "image_bytes" in request:
            request["image_bytes"] = pixels.resized_files(request["image_bytes"], self.size, 3)
        if "mask_bytes" in request:
            request["mask_bytes"] = self._masks(request["mask_bytes"])
            dilation = request["dilation"]
            request["dilation"] = checked(dilation, dilation >= 0, "dilation must be 0 or more")
        return request

    def _masks(self, files):
        masks = pixels.resized_files(files, self.size, 1, "mask_bytes")[..., 0] > 0
        partly = tf.reduce_any(masks, [1, 2]) & ~tf.reduce_all(masks, [1, 2])
        expected = "mask_bytes must have light parts and dark ones"
        with tf.control_dependencies([checked(partly, partly, expected)]):
            return tf.identity(masks)

    def _check_sizes(self, request):
        sides = zip(("height", "width"), self.size, strict=True)
        for name, own in sides:
            value = tf.where(request[name] == 0, own, request[name])
            expected = f"{name} must be 0 or at least 1"
            request[name] = checked(value, value >= 1, expected)
        area = tf.cast(request["height"], tf.int64) * tf.cast(request["width"], tf.int64)
        expected = f"height times width must be at most {MOST_PIXELS}"
        with tf.control_dependencies([checked(area, area <= MOST_PIXELS, expected)]):
            request["height"] = tf.identity(request["height"])

    def _sample(self, seed, height, width, start_scale):
        return self.model.drawn(seed, tf.stack([height, width]), start_scale)

    def _edit(self, image_bytes, seed, start_scale, mask_bytes=None, dilation=None):
        image = self.model.edited(image_bytes, seed, start_scale)
        if mask_bytes is None:
            return image
        return blended(image, self.model.image[0], mask_bytes, dilation)


_DTYPES = {"image_bytes": tf.string, "mask_bytes": tf.string}


def _files(images):
    return np.array([tf.io.encode_png(image).numpy() for image in images], object)
