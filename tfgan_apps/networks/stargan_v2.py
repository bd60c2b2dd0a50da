"""StarGAN v2's networks: a generator that a style tells, and three others with a head per domain.

Reference: Choi, Uh, Yoo, Ha 2020, https://arxiv.org/abs/1912.01865;
https://github.com/clovaai/stargan-v2 at 875b70a, core/model.py
"""

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.initializers import kaiming
from tfgan_apps.layers import (
    AdaptiveInstanceNormalization,
    BilinearResizing,
    HighPass,
    InstanceNormalization,
    OneHot,
)
from tfgan_apps.networks.face_landmarks import SIDE

_MIDDLE_BLOCKS = 2  # of the generator's encoder, and of its decoder
_MAPPING_LAYERS = 4  # shared ones, then as many of each domain, the last of which gives the style
_LAST_SIDE = 4  # of what the style encoder and the discriminator look at as a whole
_UNIT_VARIANCE = 2**-0.5  # of the sum of two
_MASKED = (32, 64, 128)  # sides at which high frequencies are added


def build_generator(
    image_size=256,
    channels=3,
    style_size=64,
    filters=None,
    most_filters=512,
    halvings=None,
    high_pass=0.0,
    name="generator",
):
    """Returns the generator: residual blocks that halve the sides, and such that a style tells.

    With `high_pass`, for faces, what the encoder sees at 32, 64 and 128 pixels beside the mean of
    its surroundings is added to the decoder's features, where masks are; blocks that a style tells
    are then not residual.

    Args:
        image_size: int, height and width, a power of 2. Defaults to 256.
        channels: int, of the image. Defaults to 3.
        style_size: int (the authors' style_dim). Defaults to 64.
        filters: int, of the first layer (dim_in), doubled by each block that halves. Defaults to
            None, 2**14 / image_size.
        most_filters: int, where the doubling ends (max_conv_dim). Defaults to 512.
        halvings: int, of the sides. Defaults to None, so many that 16 pixels are left; 8 with
            `high_pass`.
        high_pass: float >= 0, by which what is added is divided (w_hpf). Defaults to 0, none.
        name: str, of the model.

    Returns:
        Functional model: `image` in [-1, 1], `style` (batch, style_size), and `masks` (batch, 256,
        256, 2) with `high_pass`, of `face_landmarks` -> `translated`, as `image`, but of any range,
        float32.
    """
    filters = _filters(image_size, filters, most_filters)
    least = 5 if high_pass == 0 else 4
    halvings = image_size.bit_length() - least if halvings is None else halvings
    check_integers(0, halvings=halvings)
    check(2**halvings <= image_size, "at most log2(image_size)", halvings=halvings)
    check_integers(1, style_size=style_size)
    image = layers.Input((image_size, image_size, channels), name="image")
    style = layers.Input((style_size,), name="style")
    widths = [filters] + [min(filters << level, most_filters) for level in range(1, halvings + 1)]
    x = _convolution(filters, name="from_rgb")(image)
    coded = [(width, True) for width in widths[1:]] + [(widths[-1], False)] * _MIDDLE_BLOCKS
    masks, seen = layers.Input((SIDE, SIDE, 2), name="masks"), {}
    for number, (width, halved) in enumerate(coded):
        seen[x.shape[1]] = x
        x = _block(x, width, f"encode_{number}", halved, normalized=True)
    decoded = [(widths[-1], False)] * _MIDDLE_BLOCKS + [(width, True) for width in widths[-2::-1]]
    for number, (width, doubled) in enumerate(decoded):
        x = _styled_block(x, style, width, f"decode_{number}", doubled, residual=not high_pass)
        if high_pass and x.shape[1] in _MASKED:
            x = x + HighPass(high_pass)(_mask_of(masks, x.shape[1]) * seen[x.shape[1]])
    x = _leaky(_normalized(x, "to_rgb_0"))
    x = _convolution(channels, 1, name="to_rgb_2")(x)
    translated = _float32(x, "translated")
    inputs = {"image": image, "style": style} | ({"masks": masks} if high_pass else {})
    return keras.Model(inputs, translated, name=name)


def build_mapping_network(
    classes=2, latent_size=16, style_size=64, width=512, name="mapping_network"
):
    """Returns the network that makes styles of noise.

    Args:
        classes: int, domains. Defaults to 2.
        latent_size: int, of the noise (latent_dim). Defaults to 16.
        style_size: int. Defaults to 64.
        width: int, of the hidden layers. Defaults to 512.
        name: str, of the model.

    Returns:
        Functional model: `latents` (batch, latent_size) and `label` int (batch,) -> `style` (batch,
        style_size), float32.
    """
    check_integers(1, latent_size=latent_size, style_size=style_size, width=width)
    latents = x = layers.Input((latent_size,), name="latents")
    for number in range(_MAPPING_LAYERS):
        x = layers.ReLU()(_dense(width, f"shared_{2 * number}")(x))
    heads = []
    for domain in range(classes):
        y, place = x, f"unshared_{domain}"
        for number in range(_MAPPING_LAYERS - 1):
            y = layers.ReLU()(_dense(width, f"{place}_{2 * number}")(y))
        heads.append(_dense(style_size, f"{place}_{2 * _MAPPING_LAYERS - 2}")(y))
    return _of_domain(ops.stack(heads, 1), {"latents": latents}, "style", name)


def build_style_encoder(
    image_size=256,
    channels=3,
    classes=2,
    style_size=64,
    filters=None,
    most_filters=512,
    name="style_encoder",
):
    """Returns the network that tells the style of an image, as its domain has styles.

    Args:
        image_size, channels, style_size, filters, most_filters: see `build_generator`; image_size
            is at least 8.
        classes: int, domains. Defaults to 2.
        name: str, of the model.

    Returns:
        Functional model: `image` and `label` int (batch,) -> `style` (batch, style_size), float32.
    """
    check_integers(1, style_size=style_size)
    image, x = _trunk(image_size, channels, filters, most_filters)
    heads = [_dense(style_size, f"unshared_{domain}")(x) for domain in range(classes)]
    return _of_domain(ops.stack(heads, 1), {"image": image}, "style", name)


def build_discriminator(
    image_size=256, channels=3, classes=2, filters=None, most_filters=512, name="discriminator"
):
    """Returns the discriminator, that looks at an image as one of a domain.

    Args:
        image_size, channels, classes, filters, most_filters: see `build_style_encoder`.
        name: str, of the model.

    Returns:
        Functional model: `image` and `label` int (batch,) -> `logits` (batch, 1), float32.
    """
    image, x = _trunk(image_size, channels, filters, most_filters)
    heads = layers.Reshape((classes, 1))(_dense(classes, "unshared")(x))
    return _of_domain(heads, {"image": image}, "logits", name)


def _filters(image_size, filters, most_filters):
    """Returns the filters of the first layer."""
    check_integers(1, image_size=image_size, most_filters=most_filters)
    check(image_size.bit_count() == 1, "a power of 2", image_size=image_size)
    filters = 2**14 // image_size if filters is None else filters
    check_integers(1, filters=filters)
    return filters


def _trunk(image_size, channels, filters, most_filters):
    """Returns an image's input, and what is seen of it, (batch, filters)."""
    filters = _filters(image_size, filters, most_filters)
    check_integers(2 * _LAST_SIDE, image_size=image_size)
    image = layers.Input((image_size, image_size, channels), name="image")
    x, number = _convolution(filters, name="block_0")(image), 0
    while x.shape[1] > _LAST_SIDE:
        number += 1
        x = _block(x, min(2 * x.shape[-1], most_filters), f"block_{number}", halved=True)
    whole = _convolution(x.shape[-1], _LAST_SIDE, "valid", name="whole")
    return image, layers.Flatten()(_leaky(whole(_leaky(x))))


def _of_domain(heads, inputs, output, name):
    """Returns the model whose output is that of the label's head, of heads (batch, classes, n)."""
    classes = heads.shape[1]
    label = layers.Input((), dtype="int32", name="label")
    chosen = layers.Reshape((classes, 1))(OneHot(classes)(label))
    x = ops.sum(heads * chosen, 1)
    return keras.Model({**inputs, "label": label}, _float32(x, output), name=name)


def _block(x, filters, name, halved, normalized=False):
    """Returns features after a residual block."""
    y = _normalized(x, f"{name}_norm1") if normalized else x
    y = _convolution(x.shape[-1], name=f"{name}_conv1")(_leaky(y))
    if halved:
        x, y = (layers.AveragePooling2D(2)(each) for each in (x, y))
    y = _normalized(y, f"{name}_norm2") if normalized else y
    y = _convolution(filters, name=f"{name}_conv2")(_leaky(y))
    return _sum(x, y, name)


def _mask_of(masks, side):
    """Returns that of the two masks which counts at a side, in its pixels."""
    mask = masks[..., :1] if side == min(_MASKED) else masks[..., 1:]
    return BilinearResizing(side)(mask)


def _styled_block(x, style, filters, name, doubled, residual=True):
    """Returns features after a block, residual or not, that is normalized as a style tells."""
    y = _leaky(_adapted(x, style, f"{name}_norm1"))
    y = layers.UpSampling2D(2)(y) if doubled else y
    y = _convolution(filters, name=f"{name}_conv1")(y)
    y = _leaky(_adapted(y, style, f"{name}_norm2"))
    y = _convolution(filters, name=f"{name}_conv2")(y)
    return _sum(x, y, name, doubled) if residual else y


def _sum(x, y, name, doubled=False):
    """Returns the sum of a block's input, fitted to its residual, and that, of equal variance."""
    # The authors convolve before they halve, and after they double: of single pixels it is the
    # same, in four times the time.
    if x.shape[-1] != y.shape[-1]:
        x = _convolution(y.shape[-1], 1, use_bias=False, name=f"{name}_conv1x1")(x)
    x = layers.UpSampling2D(2)(x) if doubled else x
    return layers.Add()([x, y]) * _UNIT_VARIANCE


def _adapted(x, style, name):
    channels = x.shape[-1]
    told = _dense(2 * channels, f"{name}_fc")(style)
    gamma, offset = told[:, :channels], told[:, channels:]
    return AdaptiveInstanceNormalization()(x, 1 + gamma, offset)


def _normalized(x, name):
    return InstanceNormalization(center=True, scale=True, name=name)(x)


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)


def _dense(units, name):
    return layers.Dense(units, kernel_initializer=kaiming(), name=name)


def _convolution(filters, size=3, padding="same", **options):
    return layers.Conv2D(filters, size, padding=padding, kernel_initializer=kaiming(), **options)


def _float32(x, name):
    return layers.Activation("linear", dtype="float32", name=name)(x)
