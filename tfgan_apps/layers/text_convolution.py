"""TextConvolution: filters over windows of several lengths, the largest answer of each."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
class TextConvolution(keras.layers.Layer):
    """Convolves a sequence with windows of several lengths; ReLU, and the maximum over time.

    The bias and the ReLU come after the maximum, which they do not change: they see one value per
    filter and not one per place.

    Args:
        windows: dict, tokens in a window -> filters.

    Call: `inputs` (batch, length, channels), no window longer than `length` -> (batch, the sum of
    all filters), in the order of `windows`.

    Raises:
        ValueError: a window is longer than the sequence.

    Reference: Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014; initial
    values as in https://github.com/LantaoYu/SeqGAN, discriminator.py.
    """

    def __init__(self, windows, **kwargs):
        super().__init__(**kwargs)
        self.windows = {int(window): int(filters) for window, filters in windows.items()}

    def build(self, shape):
        longest = max(self.windows)
        if longest > shape[1]:
            raise ValueError(
                "windows must not be longer than the sequence. "
                f"Received: a window of {longest}, a sequence of {shape[1]}"
            )
        normal = keras.initializers.TruncatedNormal(stddev=0.1)
        self.kernels = [
            self.add_weight((window, shape[2], filters), normal.clone(), name=f"kernel_{window}")
            for window, filters in self.windows.items()
        ]
        constant = keras.initializers.Constant(0.1)
        self.bias = self.add_weight((sum(self.windows.values()),), constant, name="bias")

    def call(self, inputs):
        # Sequences side by side, as the columns of one image: rows of 20 would end too often.
        image = tf.transpose(inputs, (1, 0, 2))[None]
        kernels = [tf.convert_to_tensor(kernel)[:, None] for kernel in self.kernels]
        largest = [tf.reduce_max(tf.nn.conv2d(image, k, 1, "VALID")[0], 0) for k in kernels]
        return tf.nn.relu(tf.concat(largest, -1) + self.bias)

    def compute_output_shape(self, shape):
        return (shape[0], sum(self.windows.values()))

    def get_config(self):
        return {**super().get_config(), "windows": self.windows}
