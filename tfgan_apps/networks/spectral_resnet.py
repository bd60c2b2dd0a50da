"""What SAGAN's and BigGAN's networks are made of: residual blocks of spectral norm, attention.

Reference: Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637;
https://github.com/brain-research/self-attention-gan at ad9612e, generator.py, non_local.py;
https://github.com/ajbrock/BigGAN-PyTorch at 9845943, layers.py
"""

from keras import layers, ops

from tfgan_apps.arguments import check
from tfgan_apps.layers import Gain, SpectralConv2D, SpectralDense, SpectralEmbedding


def convolution(filters, size, kernel, name, use_bias=True):
    """Returns a convolution of stride 1 that keeps the sides, by a kernel of spectral norm.

    Args:
        filters: int.
        size: int, of the kernel.
        kernel: function that returns its initializer.
        name: str.
        use_bias: bool. Defaults to True.
    """
    options = {"use_bias": use_bias, "kernel_initializer": kernel(), "name": name}
    return SpectralConv2D(filters, size, padding="same", **options)


def rectified(x):
    """Returns max(x, 0)."""
    return layers.ReLU()(x)


def doubled(x):
    """Returns features of twice the sides, each pixel four times."""
    return layers.UpSampling2D(2)(x)


def halved(x):
    """Returns features of half the sides, the means of four pixels."""
    return layers.AveragePooling2D(2)(x)


def up_block(x, filters, normalized, kernel, name):
    """Returns features of twice the sides, behind a residual block.

    Args:
        x: tensor (batch, height, width, channels).
        filters: int, of the output.
        normalized: function of features and a layer's name, of conditional batch normalization.
        kernel: function that returns an initializer.
        name: str, what the names of its layers begin with.
    """
    y = doubled(rectified(normalized(x, f"{name}_bn1")))
    y = convolution(filters, 3, kernel, f"{name}_conv1")(y)
    y = rectified(normalized(y, f"{name}_bn2"))
    y = convolution(filters, 3, kernel, f"{name}_conv2")(y)
    x = convolution(filters, 1, kernel, f"{name}_conv_sc")(doubled(x))
    return layers.Add()([y, x])


def first_block(x, filters, kernel, name):
    """Returns features of half the sides of an image, behind a block that does not rectify it."""
    y = rectified(convolution(filters, 3, kernel, f"{name}_conv1")(x))
    y = halved(convolution(filters, 3, kernel, f"{name}_conv2")(y))
    x = convolution(filters, 1, kernel, f"{name}_conv_sc")(halved(x))
    return layers.Add()([y, x])


def down_block(x, filters, kernel, name, down=True):
    """Returns features behind a residual block.

    Args:
        x: tensor (batch, height, width, channels).
        filters: int, of the output.
        kernel, name: as for `up_block`.
        down: bool, whether the sides are halved. Defaults to True.
    """
    y = convolution(filters, 3, kernel, f"{name}_conv1")(rectified(x))
    y = convolution(filters, 3, kernel, f"{name}_conv2")(rectified(y))
    if down or x.shape[-1] != filters:
        x = convolution(filters, 1, kernel, f"{name}_conv_sc")(x)
    return layers.Add()([halved(y), halved(x)] if down else [y, x])


def self_attention(x, kernel, name):
    """Returns features and, times a gain that begins at 0, what each place sees of all others.

    Keys and values are the largest of four places. The paper has neither this pooling nor values of
    half the channels; its code has.

    Args:
        x: tensor (batch, height, width, channels), the sides even, channels a multiple of 8.
        kernel, name: as for `up_block`.

    Raises:
        ValueError: the channels are no such multiple.

    Reference: Zhang et al. 2019 (SAGAN), https://arxiv.org/abs/1805.08318
    """
    height, width, channels = x.shape[1:]
    check(channels % 8 == 0, "a multiple of 8", **{"channels at attention": channels})

    def seen(part, filters):
        return convolution(filters, 1, kernel, f"{name}_{part}", use_bias=False)(x)

    def listed(features):
        return layers.Reshape((-1, features.shape[-1]))(features)

    query = listed(seen("theta", channels // 8))
    key = listed(layers.MaxPooling2D(2)(seen("phi", channels // 8)))
    value = listed(layers.MaxPooling2D(2)(seen("g", channels // 2)))
    told = layers.Attention()([query, value, key])  # by the products alone, not over a root
    told = layers.Reshape((height, width, channels // 2))(told)
    told = convolution(channels, 1, kernel, f"{name}_o", use_bias=False)(told)
    return layers.Add()([x, Gain(name=f"{name}_gamma")(told)])


def projected(x, label, classes, kernel):
    """Returns logits of features and of their class' part in them, (batch, 1), float32.

    Args:
        x: tensor (batch, height, width, channels), not yet rectified.
        label: int tensor (batch,).
        classes: int.
        kernel: as for `up_block`.
    """
    h = ops.sum(rectified(x), axis=(1, 2))
    logits = SpectralDense(1, kernel_initializer=kernel(), name="linear")(h)
    embed = SpectralEmbedding(classes, x.shape[-1], kernel(), name="embed")
    logits = layers.Add()([logits, layers.Dot(axes=-1)([embed(label), h])])
    return layers.Activation("linear", dtype="float32", name="logits")(logits)
