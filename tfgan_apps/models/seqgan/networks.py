"""SeqGAN's networks: a language model of one LSTM, and a convolutional classifier of sequences."""

import keras
from keras import layers, ops

from tfgan_apps.layers import TextConvolution

WINDOWS = {1: 100, 2: 200, 3: 200, 4: 200, 5: 200, 6: 100, 7: 100, 8: 100, 9: 100, 10: 100}
WINDOWS_20 = {**WINDOWS, 15: 160, 20: 160}
WINDOWS_32 = {**WINDOWS, 16: 160, 24: 160, 32: 160}
"""Tokens in a window -> filters: what sequences of 20 and of 32 tokens have in common, and each."""


def windows_of(length):
    """Returns the windows of a discriminator of sequences of a length."""
    windows = WINDOWS_20 if length < 32 else WINDOWS_32
    return {window: filters for window, filters in windows.items() if window <= length}


def build_generator(vocabulary_size=5000, embedding=32, hidden=32, stddev=0.1, name="generator"):
    """Returns the language model: `previous_tokens` int32 (batch, time) -> `logits` of the next.

    Args:
        vocabulary_size: int. Defaults to 5000.
        embedding, hidden: int, sizes of the embedding and of the LSTM. Default to 32.
        stddev: float, all weights begin normal with it, biases too. Defaults to 0.1.
        name: str.

    Returns:
        `keras.Model`; logits are float32 (batch, time, vocabulary_size).

    Reference: https://github.com/LantaoYu/SeqGAN, generator.py.
    """

    def normal():
        return keras.initializers.RandomNormal(stddev=stddev)

    tokens = keras.Input((None,), dtype="int32", name="previous_tokens")
    x = layers.Embedding(vocabulary_size, embedding, normal(), name="embedding")(tokens)
    x = layers.LSTM(
        hidden,
        kernel_initializer=normal(),
        recurrent_initializer=normal(),
        bias_initializer=normal(),
        unit_forget_bias=False,
        return_sequences=True,
        name="lstm",
    )(x)
    logits = layers.Dense(
        vocabulary_size,
        kernel_initializer=normal(),
        bias_initializer=normal(),
        dtype="float32",
        name="logits",
    )(x)
    return keras.Model(tokens, logits, name=name)


def build_discriminator(vocabulary_size=5000, length=20, embedding=64, windows=WINDOWS_20):
    """Returns the classifier: `tokens` int32 (batch, length) -> `logits` (generated, real).

    Its layer `features` is what dropout is applied to.

    Args:
        vocabulary_size: int. Defaults to 5000.
        length: int, tokens in a sequence. Defaults to 20.
        embedding: int. Defaults to 64.
        windows: dict, tokens in a window -> filters. Defaults to `WINDOWS_20`.

    Returns:
        `keras.Model`; logits are float32 (batch, 2).

    Reference: https://github.com/LantaoYu/SeqGAN, discriminator.py.
    """
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    uniform = keras.initializers.RandomUniform(-1.0, 1.0)
    x = layers.Embedding(vocabulary_size, embedding, uniform, name="embedding")(tokens)
    x = TextConvolution(windows, name="convolutions")(x)
    x = _highway(x)
    logits = layers.Dense(
        2,
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.1),
        bias_initializer=keras.initializers.Constant(0.1),
        dtype="float32",
        name="logits",
    )(x)
    return keras.Model(tokens, logits, name="discriminator")


def _highway(x):
    # TensorFlow 1's default initializer, for biases too: a vector's fans are both its length.
    options = {"bias_initializer": "glorot_uniform", "units": x.shape[-1]}
    transformed = layers.Dense(activation="relu", name="transform", **options)(x)
    gate = layers.Dense(activation="sigmoid", name="gate", **options)(x)
    mixed = ops.add(x, ops.multiply(gate, ops.subtract(transformed, x)))
    return layers.Activation("linear", name="features")(mixed)


def part(network, layer):
    """Returns the network from the inputs up to a layer, which shares its weights.

    Args:
        network: functional `keras.Model`.
        layer: str, its name.
    """
    return keras.Model(network.input, network.get_layer(layer).output, name=f"up_to_{layer}")
