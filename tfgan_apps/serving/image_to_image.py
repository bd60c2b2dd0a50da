"""Serving of networks that turn an image into another: image files in, PNG files out.

Everything between a client's file and the network is inside the graph, so that training and serving
cannot drift apart, and nothing but TensorFlow's own operations is needed to run it.
"""

import numpy as np
import tensorflow as tf

from tfgan_apps.input_pipelines.decoding import decode_image

# The largest difference, in [-1, 1], between two evaluations of one network that the order of its
# sums explains: four to eight units in the last place of a half-precision output near 1.
_TOLERANCE = {"float16": 4e-3, "bfloat16": 3e-2}
_FLOAT32_TOLERANCE = 4e-4

# Scaling multiplies: TensorFlow turns a division by a constant into this in some graphs and not in
# others, and the last bit of an input moves bfloat16 outputs by several of 255 levels.
_LEVEL = np.float32(1 / 127.5)


class ImageToImage:
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
        """The `tf.Variable`s that the signatures read."""
        return [v.value for net in self.generators.values() for v in net.variables]

    def signatures(self):
        """Returns a dict, signature's name -> `tf.function` with an input signature."""
        signatures = {}
        for name, network in self.generators.items():
            signatures[name] = self._bytes_signature(network)
            signatures[self._uint8_name(name)] = self._uint8_signature(network)
        return signatures | {"serving_default": signatures[next(iter(self.generators))]}

    def examples(self):
        """Returns a dict, signature's name -> request of three images to check and warm up with."""
        examples = {}
        for name, network in self.generators.items():
            height, width = self._fixed_size(network)
            size = (height or 16 * self.size_multiple, width or 16 * self.size_multiple)
            images = [self._example_image(size, seed) for seed in range(3)]
            examples[name] = {"image_bytes": np.array([_png(image) for image in images], object)}
            examples[self._uint8_name(name)] = {"image": np.stack(images)}
        return examples | {"serving_default": examples[next(iter(self.generators))]}

    def predict(self, signature, request):
        """Returns what the networks in this process answer: float32 (B, H, W, C) in [-1, 1]."""
        images = np.stack(self.pixels(request))
        return self._predict[self._direction(signature)](images * _LEVEL - 1).numpy()

    def pixels(self, tensors):
        """Returns the uint8 arrays (H, W, C) of the images of a request or a response."""
        if "image" in tensors:
            return [np.asarray(image) for image in tensors["image"]]
        files = np.asarray(tensors["image_bytes"])
        return [tf.io.decode_image(file, self.channels).numpy() for file in files]

    def tolerance(self, signature):
        """Returns how far two evaluations in [-1, 1] may differ by rounding inside the network."""
        network = self.generators[self._direction(signature)]
        return _TOLERANCE.get(network.compute_dtype, _FLOAT32_TOLERANCE)

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
        return tf.function(
            lambda images: tf.cast(network(images, training=False), tf.float32),
            input_signature=[tf.TensorSpec([None, *self._fixed_size(network), self.channels])],
        )

    def _translate(self, network, image, received):
        """Returns the uint8 translations of uint8 images (B, H, W, C)."""
        height, width = self._fixed_size(network)
        with tf.control_dependencies([self._check_size(tf.shape(image), height, width, received)]):
            image = tf.ensure_shape(tf.identity(image), [None, height, width, self.channels])
        translated = network(tf.cast(image, tf.float32) * _LEVEL - 1.0, training=False)
        return tf.saturate_cast(tf.round((tf.cast(translated, tf.float32) + 1.0) * 127.5), tf.uint8)

    def _check_size(self, shape, height, width, received):
        multiple = f"a multiple of {self.size_multiple}"
        fits = tf.reduce_all(shape[1:3] % self.size_multiple == 0)
        for axis, size in ((1, height), (2, width)):
            fits &= size is None or shape[axis] == size
        expected = f"expected height {height or multiple} and width {width or multiple}"
        message = f"{received}: {expected}, received height and width:"
        return tf.debugging.Assert(fits, [message, shape[1], shape[2]])

    def _bytes_signature(self, network):
        def translate_file(file):
            # Decoded as in training; the networks are served 8 bits, what clients show.
            image = tf.cast(decode_image(file, self.channels) // 256, tf.uint8)
            return tf.io.encode_png(self._translate(network, image[None], "image_bytes")[0])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
        def serve(image_bytes):
            files = tf.map_fn(translate_file, image_bytes, fn_output_signature=tf.string)
            return {"image_bytes": files}

        return serve

    def _uint8_signature(self, network):
        spec = tf.TensorSpec([None, None, None, self.channels], tf.uint8, "image")

        @tf.function(input_signature=[spec])
        def serve(image):
            return {"image": self._translate(network, image, "image")}

        return serve


def _png(image):
    return tf.io.encode_png(image).numpy()
