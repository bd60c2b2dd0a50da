"""Serving of networks that turn an image into another: image files in, PNG files out.

Everything between a client's file and the network is inside the graph, so that training and serving
cannot drift apart, and nothing but TensorFlow's own operations is needed to run it.
"""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels
from tfgan_apps.serving.kinds.served_model import ServedModel, tolerance_of, variables_of


class ImageToImage(ServedModel):
    """The signatures of one or several image-to-image networks.

    `serving_default` and one signature per direction map `image_bytes` (string[None], JPEG or PNG
    files, each of its own size) to `image_bytes` (string[None], PNG files of the same sizes).
    `uint8` (the first direction) and `uint8_<direction>` (the others) map `image`
    (uint8[None, None, None, channels], one size a batch) to `image` of the same shape.

    Args:
        generators: dict, direction -> `keras.Model` from float32 (B, H, W, channels) in [-1, 1] to
            the same; the first direction is the default.
        size_multiple: heights and widths have to be multiples of it. A network built for one size
            only accepts that size. Defaults to `4`.
        channels: channels of the images, 1, 3 or 4; files with fewer or more are converted, an
            alpha channel is dropped unless it is asked for. Defaults to `3`.

    Raises:
        ValueError: no generators, a direction with a signature's name, or wrong channels.
    """

    def __init__(self, generators, size_multiple=4, channels=3):
        if not generators or {"serving_default", "uint8"} & set(generators):
            raise ValueError(
                "generators must map at least one direction, not called 'serving_default' or "
                f"'uint8', to a network. Received: generators={generators}"
            )
        if channels not in (1, 3, 4):
            raise ValueError(f"channels must be 1, 3 or 4. Received: channels={channels}")
        self.generators = dict(generators)
        self.size_multiple = size_multiple
        self.channels = channels
        self._predict = {name: self._predict_function(net) for name, net in generators.items()}

    @property
    def variables(self):
        return variables_of(*self.generators.values())

    def signatures(self):
        signatures = {}
        for name, network in self.generators.items():
            signatures[name] = self._bytes_signature(network)
            signatures[self._uint8_name(name)] = self._uint8_signature(network)
        return signatures | {"serving_default": signatures[next(iter(self.generators))]}

    def examples(self, size):
        examples = {}
        for name, network in self.generators.items():
            height, width = self._fixed_size(network)
            shape = (height or 16 * self.size_multiple, width or 16 * self.size_multiple)
            images = [self._example_image(shape, seed) for seed in range(size)]
            files = [tf.io.encode_png(image).numpy() for image in images]
            examples[name] = {"image_bytes": np.array(files, object)}
            examples[self._uint8_name(name)] = {"image": np.stack(images)}
        return examples | {"serving_default": examples[next(iter(self.generators))]}

    def predict(self, signature, request):
        ((name, images),) = self.read(request).items()
        return {name: self._predict[self._direction(signature)](np.stack(images)).numpy()}

    def tolerance(self, signature):
        return tolerance_of(self.generators[self._direction(signature)])

    def _uint8_name(self, direction):
        return "uint8" if direction == next(iter(self.generators)) else f"uint8_{direction}"

    def _direction(self, signature):
        direction = signature.removeprefix("uint8_")
        return direction if direction in self.generators else next(iter(self.generators))

    def _fixed_size(self, network):
        """Returns the height and width that the network was built for, None where it takes any."""
        return network.inputs[0].shape[1:3] if network.inputs else (None, None)

    def _example_image(self, size, seed):
        coarse = np.random.default_rng(seed).integers(0, 256, (1, 4, 4, self.channels))
        return tf.saturate_cast(tf.image.resize(coarse, size)[0], tf.uint8).numpy()

    def _predict_function(self, network):
        spec = tf.TensorSpec([None, *self._fixed_size(network), self.channels], tf.uint8)
        return tf.function(
            lambda image: pixels.levels(network(pixels.scaled(image), training=False)),
            input_signature=[spec],
        )

    def _translate(self, network, image, received):
        """Returns the uint8 translations of uint8 images (B, H, W, C)."""
        size = self._fixed_size(network)
        check = pixels.check_size(tf.shape(image)[1:], size, received, self.size_multiple)
        with tf.control_dependencies([check]):
            image = tf.ensure_shape(tf.identity(image), [None, *size, self.channels])
        return pixels.rounded(network(pixels.scaled(image), training=False))

    def _bytes_signature(self, network):
        def translate(image, index):
            return self._translate(network, image[None], pixels.file_at(index))[0]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
        def serve(image_bytes):
            return {"image_bytes": pixels.map_files(translate, image_bytes, self.channels)}

        return serve

    def _uint8_signature(self, network):
        spec = tf.TensorSpec([None, None, None, self.channels], tf.uint8, "image")

        @tf.function(input_signature=[spec])
        def serve(image):
            return {"image": self._translate(network, image, "image")}

        return serve
