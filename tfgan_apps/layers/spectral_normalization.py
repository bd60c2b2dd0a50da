"""Layers whose kernels are divided by their largest singular value, as Miyato et al. have it.

`keras.layers.SpectralNormalization` is another thing: it writes the divided kernel over the weight,
and gives the singular value no gradient.

Reference: Miyato, Kataoka, Koyama, Yoshida, "Spectral Normalization for Generative Adversarial
Networks", ICLR 2018, https://arxiv.org/abs/1802.05957;
https://github.com/pfnet-research/sngan_projection, https://github.com/ajbrock/BigGAN-PyTorch
"""

import keras
import tensorflow as tf
from keras import ops

_SMALLEST = 1e-12  # length of a vector that is brought to length 1


class _AllSaved:
    """Saves all weights; Keras' own layers save those only that they have themselves."""

    def save_own_variables(self, store):
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SpectralConv2D(_AllSaved, keras.layers.Conv2D):
    """A convolution by a kernel over its largest singular value, as a matrix to the filters.

    Each call in training makes one power iteration, of which the vector is kept, a weight; a call
    in inference makes one that is not kept. The bias is not divided.

    Args:
        *args, **kwargs: as for `keras.layers.Conv2D`. The kernel must not begin with zeros.

    Input, output: as of `keras.layers.Conv2D`.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.vector = _vector(self, self.filters)

    def call(self, inputs, training=False):
        kernel = divided(self.kernel, self.vector, training)
        outputs = self.convolution_op(inputs, ops.cast(kernel, inputs.dtype))
        outputs = outputs + self.bias if self.use_bias else outputs
        return outputs if self.activation is None else self.activation(outputs)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SpectralDense(_AllSaved, keras.layers.Dense):
    """A dense layer by a kernel over its largest singular value; see `SpectralConv2D`.

    Args:
        *args, **kwargs: as for `keras.layers.Dense`. The kernel must not begin with zeros.

    Input, output: as of `keras.layers.Dense`.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.vector = _vector(self, self.units)

    def call(self, inputs, training=False):
        kernel = divided(self.kernel, self.vector, training)
        outputs = ops.matmul(inputs, ops.cast(kernel, inputs.dtype))
        outputs = outputs + self.bias if self.use_bias else outputs
        return outputs if self.activation is None else self.activation(outputs)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SpectralEmbedding(_AllSaved, keras.layers.Embedding):
    """An embedding by a whole table over its largest singular value; see `SpectralConv2D`.

    Its vector has a number for each row, as that of a dense layer to rows.

    Args:
        *args, **kwargs: as for `keras.layers.Embedding`.

    Input, output: as of `keras.layers.Embedding`.
    """

    def build(self, input_shape=None):
        super().build(input_shape)
        self.vector = _vector(self, self.input_dim)

    def call(self, inputs, training=False):
        table = tf.transpose(divided(tf.transpose(self.embeddings), self.vector, training))
        return ops.cast(ops.take(table, ops.cast(inputs, "int32"), axis=0), self.compute_dtype)

    def compute_output_spec(self, inputs, training=False):
        return super().compute_output_spec(inputs)  # Keras' own takes no `training`


def _vector(layer, size):
    """Returns the weight that estimates the right singular vector, (1, size)."""
    options = {"trainable": False, "aggregation": "only_first_replica", "autocast": False}
    return layer.add_weight(
        (1, size), keras.initializers.RandomNormal(stddev=1.0), "float32", name="vector", **options
    )


def divided(kernel, vector, training):
    """Returns a kernel over its largest singular value, as a power iteration estimates it, float32.

    Gradients flow through the kernel and the value, not through the vectors.

    Args:
        kernel: tensor (..., outputs).
        vector: variable (1, outputs), where the iteration begins; in training it is moved on.
        training: bool.
    """
    matrix = tf.reshape(tf.cast(kernel, tf.float32), (-1, kernel.shape[-1]))
    fixed = tf.stop_gradient(matrix)
    left = _unit(tf.matmul(vector.value, fixed, transpose_b=True))
    right = _unit(tf.matmul(left, fixed))
    if training:
        vector.assign(right)
    value = tf.reduce_sum(tf.matmul(left, matrix) * right)
    return tf.reshape(matrix / value, kernel.shape)


def _unit(vector):
    length = tf.sqrt(tf.reduce_sum(vector * vector))  # `tf.norm` is the same by more operations
    return vector / tf.maximum(length, _SMALLEST)
