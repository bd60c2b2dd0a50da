"""Serving of networks that turn an image into another: image files in, PNG files out.

Everything between a client's file and the network is inside the graph, so that training and serving
cannot drift apart, and nothing but TensorFlow's own operations is needed to run it.
"""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_choice, check_integers, height_and_width
from tfgan_apps.serving.kinds import fits, pixels
from tfgan_apps.serving.kinds.served_model import (
    ServedModel,
    check_lengths,
    tolerance_of,
    variables_of,
)


class ImageToImage(ServedModel):
    """The signatures of one or several image-to-image networks, for pictures of any size.

    `serving_default` and one signature per direction map `image_bytes` (string[None], JPEG or PNG
    files, each of its own size) to `image_bytes` (string[None], PNG files of the same sizes), by
    the fit `training`. `fit` (the first direction) and `fit_<direction>` (the others) take a `fit`
    (string[None]), too: how each picture is brought to a size that the network can have, see
    `fits`. `uint8` (the first direction) and `uint8_<direction>` (the others) map `image`
    (uint8[None, None, None, channels], one size a batch) to `image` of the same shape, by
    `training`.

    Args:
        generators: dict, direction -> `keras.Model` from float32 (B, H, W, channels) in [-1, 1] to
            the same; the first direction is the default.
        image_size: height and width of the training images in pixels, multiples of
            `size_multiple`, or one side of a square. A network built for one size has that instead.
        size_multiple: heights and widths that the networks take are multiples of it, from twice
            that, or `image_size`, on. Defaults to `4`.
        channels: channels of the images, 1, 3 or 4; files with fewer or more are converted; what
            is transparent is seen on white unless alpha is asked for. Defaults to `3`.

    Raises:
        ValueError: no generators, a direction with a signature's name, a wrong size or channels.
    """

    def __init__(self, generators, image_size, size_multiple=4, channels=3):
        if not generators or {"serving_default", "uint8", "fit"} & set(generators):
            raise ValueError(
                "generators must map at least one direction, not called 'serving_default', "
                f"'uint8' or 'fit', to a network. Received: generators={generators}"
            )
        check_integers(1, size_multiple=size_multiple)
        sides = height_and_width(image_size)
        fitting = not any(side % size_multiple for side in sides)
        check(fitting, f"a multiple of {size_multiple}", image_size=image_size)
        check_choice((1, 3, 4), channels=channels)
        self.generators = dict(generators)
        self.image_size = sides
        self.size_multiple = size_multiple
        self.channels = channels
        self._predict = {name: self._predict_function(net) for name, net in generators.items()}

    @property
    def about(self):
        sizes = {name: self._size(network) for name, network in self.generators.items()}
        return {"training_size": sizes, "size_multiple": self.size_multiple}

    @property
    def one_by_one(self):
        fits = [self._name("fit", name) for name in self.generators]
        return ("serving_default", *self.generators, *fits)

    @property
    def variables(self):
        return variables_of(*self.generators.values())

    def signatures(self):
        signatures = {}
        for name, network in self.generators.items():
            signatures[name], signatures[self._name("fit", name)] = self._bytes_signatures(network)
            signatures[self._name("uint8", name)] = self._uint8_signature(network)
        return signatures | {"serving_default": signatures[next(iter(self.generators))]}

    def examples(self, size):
        examples = {}
        for name, network in self.generators.items():
            images = self._example_images(size, self._size(network))
            examples[name] = {"image_bytes": _files(images)}
            examples[self._name("uint8", name)] = {"image": images}
            # Its own size, and a small one: what `training` costs is warmed up by the others.
            small = tuple(min(side, 16 * self.size_multiple) for side in self.image_size)
            images = self._example_images(size, self._fixed_size(network) or small)
            fit = np.array([b"original"] * size, object)
            examples[self._name("fit", name)] = {"image_bytes": _files(images), "fit": fit}
        return examples | {"serving_default": examples[next(iter(self.generators))]}

    def predict(self, signature, request):
        ((name, images),) = self.read({k: v for k, v in request.items() if k != "fit"}).items()
        return {name: self._predict[self._direction(signature)](np.stack(images)).numpy()}

    def tolerance(self, signature):
        return tolerance_of(self.generators[self._direction(signature)])

    def _name(self, kind, direction):
        return kind if direction == next(iter(self.generators)) else f"{kind}_{direction}"

    def _direction(self, signature):
        direction = signature.removeprefix("uint8_").removeprefix("fit_")
        return direction if direction in self.generators else next(iter(self.generators))

    def _fixed_size(self, network):
        """Returns the height and width that the network was built for, None where it takes any."""
        shape = network.inputs[0].shape[1:3] if network.inputs else (None, None)
        return None if None in shape else shape

    def _size(self, network):
        """Returns the height and width of a training image."""
        return self._fixed_size(network) or self.image_size

    def _example_images(self, count, size):
        """Returns smooth images of one size, uint8 (count, *size, channels)."""
        coarse = np.random.default_rng(0).integers(0, 256, (count, 4, 4, self.channels))
        return tf.saturate_cast(tf.image.resize(coarse, size), tf.uint8).numpy()

    def _predict_function(self, network):
        size = self._fixed_size(network) or (None, None)
        spec = tf.TensorSpec([None, *size, self.channels], tf.uint8)
        return tf.function(
            lambda image: pixels.levels(network(pixels.scaled(image), training=False)),
            input_signature=[spec],
            autograph=False,
        )

    def _translate(self, network, image, fit, received):
        """Returns the uint8 translations of uint8 images (B, H, W, C)."""
        fixed = self._fixed_size(network)

        def translate(x):
            x = tf.ensure_shape(x, [None, *(fixed or (None, None)), self.channels])
            return network(x, training=False)

        multiple = None if fixed else self.size_multiple
        size = self._size(network)
        answer = fits.translated(translate, image, fit, size, multiple, received)
        return pixels.rounded(answer)

    def _bytes_signatures(self, network):
        """Returns a signature without and one with `fit`: one graph, which the first calls."""

        @tf.function(input_signature=_specs("image_bytes", "fit"), autograph=False)
        def fitted(image_bytes, fit):
            def translate(image, index):
                received = pixels.file_at(index)
                return self._translate(network, image[None], fit[index], received)[0]

            checks = [check_lengths({"image_bytes": image_bytes, "fit": fit}), fits.check_fits(fit)]
            with tf.control_dependencies(checks):
                files = tf.identity(image_bytes)
            return {"image_bytes": pixels.map_files(translate, files, self.channels)}

        @tf.function(input_signature=_specs("image_bytes"), autograph=False)
        def serve(image_bytes):
            return fitted(image_bytes, tf.fill(tf.shape(image_bytes), "training"))

        return serve, fitted

    def _uint8_signature(self, network):
        spec = tf.TensorSpec([None, None, None, self.channels], tf.uint8, "image")

        @tf.function(input_signature=[spec], autograph=False)
        def serve(image):
            training = tf.constant("training")
            return {"image": self._translate(network, image, training, "image")}

        return serve


def _specs(*names):
    return [tf.TensorSpec([None], tf.string, name) for name in names]


def _files(images):
    return np.array([tf.io.encode_png(image).numpy() for image in images], object)
