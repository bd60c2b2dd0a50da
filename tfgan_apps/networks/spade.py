"""SPADE's generator, discriminator and encoder: a label map scales and shifts what is normalized.

A label map enters as `semantics`: a channel for each label, with 1 where it is, and perhaps one
more of the edges of instances. Layers with weights have the names of the authors' modules, "_" in
place of ".".

Reference: Park, Liu, Wang, Zhu 2019, https://arxiv.org/abs/1903.07291;
https://github.com/NVlabs/SPADE at fecacc9, models/networks
"""

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.initializers import default_of_pytorch
from tfgan_apps.layers import InsideAveragePooling2D, InstanceNormalization, SpectralConv2D

HIDDEN = 128  # channels of what is seen of the label map
DOUBLINGS = {"normal": 5, "more": 6, "most": 7}


def xavier_002():
    """Returns Xavier's normal initializer with a gain of 0.02, of kernels without spectral norm.

    Those with one begin as PyTorch's: the authors initialize what the norm makes of them, after
    `cuda()`, from where nothing goes back to the kernels themselves.
    """
    return keras.initializers.VarianceScaling(0.02**2, "fan_avg", "untruncated_normal")


def semantics_of(label_map, channels, instances=None):
    """Returns what the networks see of label maps, float32 (batch, height, width, channels).

    Args:
        label_map: int tensor (batch, height, width), below the number of channels.
        channels: int, one for each label.
        instances: int tensor of that shape, a number for each thing, whose edges are one more
            channel. Defaults to None, there is no such.
    """
    seen = tf.one_hot(label_map, channels)
    return seen if instances is None else tf.concat([seen, _edges(instances)], -1)


def _edges(instances):
    """Returns where a pixel is another thing than one beside, above or below it, as 1."""
    found = tf.zeros_like(instances, tf.bool)
    for axis in (1, 2):
        before, after = tf.split(instances, [-1, 1], axis)[0], tf.split(instances, [1, -1], axis)[1]
        differ = before != after
        for side in ([0, 1], [1, 0]):
            found |= tf.pad(differ, [side if place == axis else [0, 0] for place in range(3)])
    return tf.cast(found, tf.float32)[..., None]


def build_generator(
    semantic_channels, image_size=(256, 256), filters=64, upsampling="normal", latent_size=0
):
    """Returns the generator, which begins with the smallest label map, or with noise.

    Args:
        semantic_channels: int, of the label map.
        image_size: (height, width) in pixels, multiples of 32, 64 or 128. Defaults to (256, 256).
        filters: int, of the last block (the authors' ngf), an 16th of the first. Defaults to 64.
        upsampling: "normal", "more" or "most": 5, 6 or 7 doublings. Defaults to "normal".
        latent_size: int, of the noise; 0: none. Defaults to 0.

    Returns:
        Functional model: `semantics` (batch, height, width, semantic_channels), and `latents`
        (batch, latent_size) where there is noise -> `image` in [-1, 1], float32.

    Raises:
        ValueError: an argument is out of its range.
    """
    check_integers(1, semantic_channels=semantic_channels, filters=filters)
    check_integers(0, latent_size=latent_size)
    check_choice(tuple(DOUBLINGS), upsampling=upsampling)
    height, width = image_size
    step = 2 ** DOUBLINGS[upsampling]
    fits = height % step == 0 and width % step == 0
    check(fits, f"multiples of {step}", image_size=tuple(image_size))
    semantics = layers.Input((height, width, semantic_channels), name="semantics")
    small, inputs = (height // step, width // step), semantics
    if latent_size:
        latents = layers.Input((latent_size,), name="latents")
        inputs = {"semantics": semantics, "latents": latents}
        width = 16 * filters * small[0] * small[1]
        x = layers.Dense(width, kernel_initializer=xavier_002(), name="fc")(latents)
        # In the authors' order, so that their weights fit.
        x = layers.Permute((2, 3, 1))(layers.Reshape((16 * filters, *small))(x))
    else:
        x = _convolution(16 * filters, "fc")(_nearest(semantics, small))
    x = residual_block(x, semantics, 16 * filters, "head_0")
    x = residual_block(_doubled(x), semantics, 16 * filters, "G_middle_0")
    x = _doubled(x) if upsampling != "normal" else x
    x = residual_block(x, semantics, 16 * filters, "G_middle_1")
    for number, part in enumerate((8, 4, 2, 1)):
        x = residual_block(_doubled(x), semantics, part * filters, f"up_{number}")
    if upsampling == "most":
        x = residual_block(_doubled(x), semantics, filters // 2, "up_4")
    x = _convolution(3, "conv_img")(_leaky(x))
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model(inputs, image, name="generator")


def residual_block(x, semantics, filters, name):
    """Returns features behind a residual block, whose normalizations see the label map.

    Args:
        x: tensor (batch, height, width, channels), the sides parts of the label map's.
        semantics: tensor of the label map.
        filters: int, of the output; others than the input's have a shortcut without activation.
        name: str, what the names of its layers begin with.
    """
    before = x.shape[-1]
    middle = min(before, filters)
    seen = _leaky(_denormalized(x, semantics, f"{name}_norm_0"))
    y = _spectral(middle, f"{name}_conv_0")(seen)
    seen = _leaky(_denormalized(y, semantics, f"{name}_norm_1"))
    y = _spectral(filters, f"{name}_conv_1")(seen)
    if before != filters:
        x = _denormalized(x, semantics, f"{name}_norm_s")
        x = _spectral(filters, f"{name}_conv_s", size=1, use_bias=False)(x)
    return layers.Add()([x, y])


def _denormalized(x, semantics, name):
    """Returns features normalized, times 1 + gamma and plus beta, both of the label map."""
    normalized = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, center=False, scale=False, synchronized=True
    )(x)
    small = _nearest(semantics, x.shape[1:3])
    seen = layers.ReLU()(_convolution(HIDDEN, f"{name}_mlp_shared_0")(small))
    gamma, beta = (_convolution(x.shape[-1], f"{name}_mlp_{n}")(seen) for n in ("gamma", "beta"))
    return layers.Add()([normalized, layers.Multiply()([normalized, gamma]), beta])


def _nearest(x, size):
    """Returns the first pixel of each cell, as PyTorch's nearest neighbours are."""
    strides = x.shape[1] // size[0], x.shape[2] // size[1]
    return x if strides == (1, 1) else layers.MaxPooling2D(1, strides)(x)


def build_discriminator(semantic_channels, filters=64, scales=2, hidden_layers=4):
    """Returns the PatchGANs of several scales, each of half the pixels of the one before.

    Args:
        semantic_channels: int, of the label map.
        filters: int, of each one's first layer (the authors' ndf). Defaults to 64.
        scales: int. Defaults to 2.
        hidden_layers: int (the authors' n_layers_D). Defaults to 4.

    Returns:
        Functional model: `semantics`, `image` -> a list for each scale of what its layers see, the
        last of which are the logits of patches, float32.
    """
    check_integers(1, filters=filters, scales=scales, hidden_layers=hidden_layers)
    semantics = layers.Input((None, None, semantic_channels), name="semantics")
    image = layers.Input((None, None, 3), name="image")
    x, seen = layers.Concatenate()([semantics, image]), []
    for number in range(scales):
        seen.append(_patches(x, filters, hidden_layers, f"discriminator_{number}"))
        x = InsideAveragePooling2D()(x)
    return keras.Model({"semantics": semantics, "image": image}, seen, name="discriminator")


def _patches(x, filters, hidden_layers, name):
    """Returns what the layers of one scale see; padding is of two pixels."""
    pad, kernel = layers.ZeroPadding2D(2), {"kernel_initializer": xavier_002()}
    seen = [_leaky(layers.Conv2D(filters, 4, 2, **kernel, name=f"{name}_model0_0")(pad(x)))]
    for depth in range(1, hidden_layers):
        strides = 1 if depth == hidden_layers - 1 else 2
        width = min(filters * 2**depth, 512)
        own = {"use_bias": False, "name": f"{name}_model{depth}_0_0"}
        own["kernel_initializer"] = default_of_pytorch()
        y = SpectralConv2D(width, 4, strides, **own)(pad(seen[-1]))
        seen.append(_leaky(InstanceNormalization()(y)))
    logits = layers.Conv2D(1, 4, **kernel, name=f"{name}_model{hidden_layers}_0")(pad(seen[-1]))
    return [*seen, layers.Activation("linear", dtype="float32")(logits)]


def build_encoder(image_size=(256, 256), filters=64, latent_size=256):
    """Returns the encoder of images whose style is wanted.

    Args:
        image_size: (height, width), at least 128. Defaults to (256, 256); the authors resize to it.
        filters: int, of the first layer. Defaults to 64.
        latent_size: int. Defaults to 256.

    Returns:
        Functional model: `image` -> dict of `mean` and `log_variance`, (batch, latent_size),
        float32.
    """
    check_integers(1, filters=filters, latent_size=latent_size)
    image = x = layers.Input((*image_size, 3), name="image")
    for number, part in enumerate((1, 2, 4, 8, 8, 8), 1):
        x = _leaky(x) if number > 1 else x
        kernel = {"kernel_initializer": default_of_pytorch(), "name": f"layer{number}_0"}
        x = layers.ZeroPadding2D(1)(x)
        x = SpectralConv2D(part * filters, 3, 2, use_bias=False, **kernel)(x)
        x = InstanceNormalization()(x)
    x = layers.Flatten()(layers.Permute((3, 1, 2))(_leaky(x)))
    outputs = {}
    for name, theirs in {"mean": "fc_mu", "log_variance": "fc_var"}.items():
        head = layers.Dense(latent_size, kernel_initializer=xavier_002(), name=theirs)(x)
        outputs[name] = layers.Activation("linear", dtype="float32", name=name)(head)
    return keras.Model(image, outputs, name="encoder")


def _convolution(filters, name):
    kernel = xavier_002()
    return layers.Conv2D(filters, 3, padding="same", kernel_initializer=kernel, name=name)


def _spectral(filters, name, size=3, use_bias=True):
    options = {"use_bias": use_bias, "kernel_initializer": default_of_pytorch(), "name": name}
    return SpectralConv2D(filters, size, padding="same", **options)


def _doubled(x):
    return layers.UpSampling2D(2)(x)


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)
