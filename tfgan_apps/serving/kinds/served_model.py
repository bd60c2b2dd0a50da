"""What the export asks of a trained model; one subclass per kind of input and output."""

import abc
import dataclasses
import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import pixels

# The largest difference, in [-1, 1], between two evaluations of one network that the order of its
# sums explains: four to eight units in the last place of a half-precision output near 1.
TOLERANCE = {"float16": 4e-3, "bfloat16": 3e-2}
FLOAT32_TOLERANCE = 4e-4
_IMAGES = ("image", "image_bytes")


@dataclasses.dataclass(frozen=True)
class Signature:
    """One thing that a server is asked: written once, for the graph and for the check of it.

    Args:
        inputs: list of `tf.TensorSpec`s with names, the batch first.
        answer: function, tensors by name -> dict of tensors. Images, `image` and `image_bytes`, are
            float32 in [-1, 1] or uint8 (B, height, width, channels): what is sent is rounded, and
            for the latter a PNG file.
        examples: function, int >= 1 -> request of so many examples, to check and warm up with: a
            dict, input's name -> array.
    """

    inputs: list
    answer: Callable
    examples: Callable

    @functools.cached_property
    def graph(self):
        """The answer to a request of one length, a concrete function: traced once for all uses."""

        @tf.function(input_signature=self.request, autograph=False)
        def graph(request):
            with tf.control_dependencies([check_lengths(request)]):
                request = {name: tf.identity(tensor) for name, tensor in request.items()}
            return self.answer(**request)

        return graph.get_concrete_function()

    @property
    def request(self):
        """The input signature of a function of a request."""
        return [{spec.name: spec for spec in self.inputs}]


class ServedModel(abc.ABC):
    """Signatures that take what a client has, and what they have to answer.

    Inputs and outputs have a batch dimension and a name; outputs that are files end in `_bytes`;
    randomness is per example, from an int32 `seed`, so that batching never changes an answer.

    A subclass says what it offers: `offered`, a dict, signature's name -> `Signature`; one whose
    images have no common size, so that no tensor holds them, writes the methods itself.
    """

    @property
    @abc.abstractmethod
    def variables(self):
        """The `tf.Variable`s that the signatures read."""

    @property
    def tables(self):
        """The `tf.lookup` tables that the signatures read, a list; none by default."""
        return []

    @property
    def about(self):
        """What else is to be known of what is served, a dict for JSON; nothing by default."""
        return {}

    @property
    def one_by_one(self):
        """Signatures that answer one example after the other: one warms up as much as a batch."""
        return ()

    def signatures(self):
        """Returns a dict, signature's name -> `tf.function` with an input signature."""
        return {name: _function(each, _sent) for name, each in self.offered.items()}

    def examples(self, size):
        """Returns a dict, signature's name -> request to check and warm up with.

        Args:
            size: int >= 1, examples in each request (a dict, input's name -> array).
        """
        return {name: each.examples(size) for name, each in self.offered.items()}

    def predict(self, signature, request):
        """Returns what the networks in this process answer, as `read` gives a response.

        Images are levels in [0, 255] before they are rounded, float32.
        """
        tensors = {name: tf.constant(value) for name, value in request.items()}
        # Concrete: TensorFlow takes calls of functions that one line makes for those of one
        # function, and warns that it is traced too often.
        answer = self._functions[signature].get_concrete_function()(tensors)
        return {name: np.asarray(value) for name, value in answer.items()}

    @functools.cached_property
    def _functions(self):  # kept, so that each is traced once, however often it is asked
        return {name: _function(each, _measured) for name, each in self.offered.items()}

    def read(self, response):
        """Returns a response's outputs as arrays, image files decoded: name -> one per example."""
        return {
            name: pixels.decode_png(value) if name.endswith("_bytes") else np.asarray(value)
            for name, value in response.items()
        }

    def tolerance(self, signature):
        """Returns how far two evaluations in [-1, 1] may differ by rounding inside the network."""
        return FLOAT32_TOLERANCE


def tolerance_of(network):
    """Returns the tolerance of a `keras.Model`'s compute dtype."""
    return TOLERANCE.get(network.compute_dtype, FLOAT32_TOLERANCE)


def variables_of(*networks):
    """Returns the `tf.Variable`s of some `keras.Model`s."""
    return [v.value for network in networks for v in network.variables]


def tables_of(network):
    """Returns the `tf.lookup` tables, and other resources of a graph, in a Keras model or layer."""
    resource = tf.saved_model.experimental.TrackableResource
    parts = tf.train.TrackableView(network).descendants()
    return [part for part in parts if isinstance(part, resource)]


def call(network, inputs):
    """Returns the inference output of a functional or sequential `keras.Model`.

    Args:
        network: the model, built with a tensor, a list or a dict of them.
        inputs: dict, input's name -> tensor; others than the network's are ignored.
    """
    built_with = getattr(network, "input", network.inputs[0])  # a sequential one has no `input`
    structured = keras.tree.map_structure(lambda tensor: inputs[tensor.name], built_with)
    return network(structured, training=False)


def seeds(size):
    """Returns seeds to check and warm up with, int32 (size,)."""
    return np.arange(1, size + 1, dtype=np.int32)


def normal(seed, shape, truncation=None):
    """Draws from a normal distribution, each example by its own seed alone.

    Args:
        seed: int32 tensor (B,).
        shape: sequence of int, of one example.
        truncation: float32 tensor (B,) > 0, draws stay in (-truncation, truncation). Defaults to
            None, the whole distribution.

    Returns:
        float32 tensor (B, *shape).
    """
    if truncation is None:
        return each(tf.random.stateless_normal, seed, shape)
    # The inverse of the distribution function: no draw is thrown away, whatever the truncation.
    bound = tf.reshape(truncation, [-1] + [1] * len(shape))
    inside = (2 * uniform(seed, shape) - 1) * tf.math.erf(bound / np.sqrt(2.0))
    return np.float32(np.sqrt(2.0)) * tf.math.erfinv(inside)


def uniform(seed, shape):
    """Draws from [0, 1), each example by its own seed alone; see `normal`."""
    return each(tf.random.stateless_uniform, seed, shape)


def check_lengths(inputs):
    """Returns an assertion that a request has as many examples of each input.

    Args:
        inputs: dict, input's name -> tensor, the batch first.
    """
    lengths = [tf.shape(tensor)[0] for tensor in inputs.values()]
    parts = [f"{name} of {{}}" for name in inputs]
    expected = "inputs must have one length. Received: "
    message = tf.strings.format(expected + ", ".join(parts), lengths)
    return tf.debugging.Assert(tf.reduce_all(tf.equal(lengths, lengths[0])), [message])


def checked(values, fits, expected):
    """Returns the values, in a graph that fails unless all of them fit.

    Args:
        values: tensor.
        fits: bool tensor of its shape.
        expected: str, what must be, as "label must be below 3".
    """
    check = tf.debugging.Assert(tf.reduce_all(fits), [f"{expected}. Received:", values])
    with tf.control_dependencies([check]):
        return tf.identity(values)


def each(draw, seed, shape):
    """Draws each example by its own seed alone.

    Args:
        draw: function of (shape, seed, alg), as `tf.random.stateless_normal`.
        seed: int32 tensor (B,).
        shape: sequence of int, of one example.

    Returns:
        float32 tensor (B, *shape).
    """
    # One generator on every device; the automatic choice differs between them.
    one = lambda s: draw(shape, tf.stack([s, 0]), alg="philox")  # noqa: E731
    return tf.map_fn(one, seed, fn_output_signature=tf.TensorSpec(shape, tf.float32))


def _function(signature, finished):
    """Returns the `tf.function` of a signature.

    Args:
        signature: the `Signature`.
        finished: function, (name, tensor) of an image in the answer -> what stands for it.
    """

    @tf.function(input_signature=signature.request, autograph=False)
    def serve(request):
        with tf.init_scope():  # it is no part of this graph
            graph = signature.graph
        answer = graph(request)
        return {name: finished(name, x) if name in _IMAGES else x for name, x in answer.items()}

    return serve


def _sent(name, image):
    image = image if image.dtype == tf.uint8 else pixels.rounded(image)
    return pixels.encode_png(image) if name.endswith("_bytes") else image


def _measured(name, image):
    return image if image.dtype == tf.uint8 else pixels.levels(image)
