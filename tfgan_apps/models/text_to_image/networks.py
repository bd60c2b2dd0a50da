"""The networks of text-to-image GANs; at 64 px, those of the authors' main_cls.lua.

A text is joined to the image where that is 4 x 4 pixels. Convolutions have no biases; the authors'
have some, and set them to 0 before every step.
"""

import keras
from keras import layers

from tfgan_apps.initializers import normal_002
from tfgan_apps.networks.dcgan import normalized


def build_generator(
    image_size=64,
    channels=3,
    embedding_size=1024,
    latent_size=100,
    text_size=128,
    filters=128,
    name="generator",
):
    """Returns the generator: noise and a compressed text, from 4 x 4 doubled up to the image.

    Args:
        image_size: int, a power of 2 from 16 on. Defaults to 64, the authors' network.
        channels: int, of the image. Defaults to 3.
        embedding_size: int, of a text's embedding. Defaults to 1024.
        latent_size: int, of the noise. Defaults to 100.
        text_size: int, the embedding is compressed to (the authors' nt). Defaults to 128.
        filters: int, of the layer before the last (the authors' ngf). Defaults to 128.
        name: str, of the model.

    Returns:
        Functional model of a dict: `latents` (batch, latent_size), `embedding` (batch,
        embedding_size) -> `image` (batch, image_size, image_size, channels) in [-1, 1], float32.

    Raises:
        ValueError: another `image_size`.
    """
    first, second, *rest = reversed(_widths(image_size, filters))
    latents = layers.Input((latent_size,), name="latents")
    embedding = layers.Input((embedding_size,), name="embedding")
    text = _leaky_relu()(_linear(embedding_size, text_size)(embedding))
    x = layers.Concatenate()([latents, text])
    # The authors' transposed convolution of a single pixel is a matrix product.
    x = layers.Dense(4 * 4 * first, use_bias=False, kernel_initializer=normal_002())(x)
    x = _residual_block(normalized(layers.Reshape((4, 4, first))(x)), layers.ReLU)
    x = _residual_block(normalized(_doubling(second)(x)), layers.ReLU)
    for width in rest:
        x = layers.ReLU()(normalized(_doubling(width)(x)))
    image = layers.Activation("tanh", dtype="float32", name="image")(_doubling(channels)(x))
    return keras.Model({"latents": latents, "embedding": embedding}, image, name=name)


def build_discriminator(
    image_size=64,
    channels=3,
    embedding_size=1024,
    text_size=128,
    filters=64,
    normalize_text=False,
    name="discriminator",
):
    """Returns the discriminator: one logit, whether the image is real and the text is of it.

    Args:
        image_size: int, a power of 2 from 16 on. Defaults to 64, the authors' network.
        channels: int, of the image. Defaults to 3.
        embedding_size: int, of a text's embedding. Defaults to 1024.
        text_size: int, the embedding is compressed to (the authors' nt). Defaults to 128.
        filters: int, of the first layer (the authors' ndf). Defaults to 64.
        normalize_text: bool, batch normalization of the compressed text, which the authors have
            in the script with interpolation (flowers, CUB) only; that script also has no leaky
            ReLU after the third convolution, which is here in any case. Defaults to False.
        name: str, of the model.

    Returns:
        Functional model of a dict: `image` (batch, image_size, image_size, channels) in [-1, 1],
        `embedding` (batch, embedding_size) -> `logit` (batch, 1) float32 without activation.

    Raises:
        ValueError: another `image_size`.
    """
    image = layers.Input((image_size, image_size, channels), name="image")
    embedding = layers.Input((embedding_size,), name="embedding")
    x = halve_to_4x4(image, filters)
    width = x.shape[-1]
    text = _linear(embedding_size, text_size)(embedding)
    text = _leaky_relu()(normalized(text) if normalize_text else text)
    everywhere = layers.Reshape((4, 4, text_size))(layers.RepeatVector(4 * 4)(text))
    x = layers.Concatenate()([x, everywhere])
    x = layers.Flatten()(_leaky_relu()(normalized(_convolution(width, 1)(x))))
    # The authors' convolution of 4 x 4 pixels by a 4 x 4 kernel is a matrix product.
    x = layers.Dense(1, use_bias=False, kernel_initializer=normal_002())(x)
    logit = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model({"image": image, "embedding": embedding}, logit, name=name)


def halve_to_4x4(image, filters):
    """Returns the discriminator's features before the text: (batch, 4, 4, width).

    Args:
        image: (batch, size, size, channels) input of a functional model.
        filters: int, of the first layer.

    Raises:
        ValueError: when the size is not a power of 2 from 16 on.
    """
    first, *middle, last = _widths(image.shape[1], filters)
    x = _leaky_relu()(_convolution(first, 4, 2)(image))
    for width in middle:
        x = _leaky_relu()(normalized(_convolution(width, 4, 2)(x)))
    return _residual_block(normalized(_convolution(last, 4, 2)(x)), _leaky_relu)


def _widths(image_size, filters):
    """Returns the filters of every stage, that next to the image first, down to 4 x 4 pixels."""
    if image_size < 16 or image_size & (image_size - 1):
        raise ValueError(
            f"image_size must be a power of 2 and at least 16. Received: image_size={image_size}"
        )
    return [filters * 2**stage for stage in range((image_size // 4).bit_length() - 1)]


def _linear(inputs, outputs):
    """Returns a dense layer with the initial values of Torch: uniform in +-1/sqrt(inputs)."""
    limit = inputs**-0.5
    weight, bias = (keras.initializers.RandomUniform(-limit, limit) for _ in range(2))
    return layers.Dense(outputs, kernel_initializer=weight, bias_initializer=bias)


def _convolution(filters, kernel_size, strides=1):
    return layers.Conv2D(
        filters, kernel_size, strides, "same", use_bias=False, kernel_initializer=normal_002()
    )


def _doubling(filters):
    return layers.Conv2DTranspose(
        filters, 4, 2, "same", use_bias=False, kernel_initializer=normal_002()
    )


def _leaky_relu():
    return layers.LeakyReLU(negative_slope=0.2)


def _residual_block(x, activation):
    width = x.shape[-1]
    y = activation()(normalized(_convolution(max(1, width // 4), 1)(x)))
    y = activation()(normalized(_convolution(max(1, width // 4), 3)(y)))
    y = normalized(_convolution(width, 3)(y))
    return activation()(layers.Add()([x, y]))
