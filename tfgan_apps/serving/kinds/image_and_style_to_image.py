"""Serving of networks that restyle an image: image files and labels in, PNG files out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check
from tfgan_apps.serving.kinds import fits, pixels
from tfgan_apps.serving.kinds.served_model import (
    ServedModel,
    check_lengths,
    checked,
    tolerance_of,
    variables_of,
)


class ImageAndStyleToImage(ServedModel):
    """The signatures of a generator of images in domains, for pictures of any size.

    `serving_default` maps `image_bytes` (string[None], JPEG or PNG files, each of its own size) and
    `label` (int32[None], a domain's number; int32[None, attributes] of 0 and 1 where they do not
    exclude each other) to `image_bytes` (string[None], PNG files of the same sizes), by the fit
    `training`. `fit` takes a `fit` (string[None]), too, see `fits`.

    Args:
        generator: `keras.Model`, of `image` (B, H, W, C) in [-1, 1], heights and widths multiples
            of `size_multiple`, and `label`, to images of that shape.
        names: sequence of str, of the domains or attributes, which the export tells.
        exclusive: bool, whether an image is of one domain.
        image_size: height and width of the training images in pixels.
        channels: of the images, 1, 3 or 4; files with fewer or more are converted.
        size_multiple: heights and widths that the generator takes. Defaults to 4.
    """

    def __init__(self, generator, names, exclusive, image_size, channels=3, size_multiple=4):
        self.generator, self.names, self.exclusive = generator, list(names), exclusive
        self.image_size, self.channels = (image_size, image_size), channels
        self.size_multiple = size_multiple
        shape = [None] if exclusive else [None, len(self.names)]
        self._label = tf.TensorSpec(shape, tf.int32, "label")
        image = tf.TensorSpec([None, *self.image_size, channels], tf.uint8)
        self._predict = tf.function(
            lambda image, label: pixels.levels(self._generate(pixels.scaled(image), label)),
            input_signature=[image, self._label],
            autograph=False,
        )

    @property
    def variables(self):
        return variables_of(self.generator)

    @property
    def about(self):
        sizes = {"training_size": self.image_size, "size_multiple": self.size_multiple}
        return {**sizes, "classes": self.names, "exclusive": self.exclusive}

    @property
    def one_by_one(self):
        return ("serving_default", "fit")

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def signatures(self):
        """Returns a signature without and one with `fit`: one graph, which the first calls."""
        files, fit = (tf.TensorSpec([None], tf.string, name) for name in ("image_bytes", "fit"))

        @tf.function(input_signature=[files, self._label, fit], autograph=False)
        def fitted(image_bytes, label, fit):
            return {"image_bytes": self._translate(image_bytes, label, fit)}

        @tf.function(input_signature=[files, self._label], autograph=False)
        def serve(image_bytes, label):
            return fitted(image_bytes, label, tf.fill(tf.shape(image_bytes), "training"))

        return {"serving_default": serve, "fit": fitted}

    def examples(self, size):
        coarse = np.random.default_rng(0).integers(0, 256, (size, 4, 4, self.channels))
        images = tf.saturate_cast(tf.image.resize(coarse, self.image_size), tf.uint8)
        numbers = np.arange(size, dtype=np.int32) % len(self.names)
        label = numbers if self.exclusive else np.eye(len(self.names), dtype=np.int32)[numbers]
        request = {"image_bytes": pixels.encode_png(images).numpy(), "label": label}
        fit = np.array([b"original"] * size, object)
        return {"serving_default": request, "fit": {**request, "fit": fit}}

    def predict(self, signature, request):
        images = np.stack(pixels.decode_png(request["image_bytes"]))
        return {"image_bytes": self._predict(images, request["label"]).numpy()}

    def sheet(self, files, labels):
        """Returns the columns of a sheet, a row for each picture: dict, title -> images in [-1, 1].

        Args:
            files: list of bytes, JPEG or PNG, which are brought to the training size.
            labels: sequence of int, a domain or of attributes the only one, a column each.

        Raises:
            ValueError: there is no such domain.
        """
        for label in labels:
            check(0 <= label < len(self.names), f"below {len(self.names)}", label=label)
        images = pixels.resized_files(tf.constant(files), self.image_size, self.channels)
        columns = {"input": images}
        for label in labels:
            row = label if self.exclusive else np.eye(len(self.names), dtype=np.int32)[label]
            rows = tf.repeat([row], len(files), axis=0)
            columns[self.names[label]] = self._generate(images, rows)
        return columns

    def _translate(self, image_bytes, label, fit):
        """Returns the PNG files of the translations of files."""
        inputs = {"image_bytes": image_bytes, "label": label, "fit": fit}

        def translate(image, index):
            network = lambda x: self.generator(  # noqa: E731
                {"image": x, "label": label[index][None]}, training=False
            )
            parts = fit[index], self.image_size, self.size_multiple, pixels.file_at(index)
            return pixels.rounded(fits.translated(network, image[None], *parts))[0]

        with tf.control_dependencies([check_lengths(inputs), fits.check_fits(fit)]):
            image_bytes = tf.identity(image_bytes)
        label = self._checked(label)
        return pixels.map_files(translate, image_bytes, self.channels)

    def _generate(self, image, label):
        return self.generator({"image": image, "label": self._checked(label)}, training=False)

    def _checked(self, label):
        bound = len(self.names) if self.exclusive else 2
        return checked(label, (label >= 0) & (label < bound), f"label must be 0 to {bound - 1}")
