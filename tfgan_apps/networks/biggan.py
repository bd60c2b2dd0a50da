"""BigGAN's generators and discriminators, the wide ones and the deep ones.

Layers with weights have the names of the modules of BigGAN-PyTorch, "_" in place of ".".

Reference: Brock, Donahue, Simonyan 2019, https://arxiv.org/abs/1809.11096, appendix B;
https://github.com/ajbrock/BigGAN-PyTorch at 9845943, BigGAN.py, BigGANdeep.py
"""

import functools

import keras
from keras import layers, ops

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.layers import SpectralDense, StandingBatchNormalization
from tfgan_apps.networks import spectral_resnet as resnet
from tfgan_apps.networks.sagan import check_attention

UP = {
    32: (4, 4, 4, 4),
    64: (16, 16, 8, 4, 2),
    128: (16, 16, 8, 4, 2, 1),
    256: (16, 16, 8, 8, 4, 2, 1),
    512: (16, 16, 8, 8, 4, 2, 1, 1),
}
"""By the size of images, a generator's filters at 4, 8, ... pixels, as parts of `filters`."""

DOWN = {
    32: (4, 4, 4, 4),
    64: (1, 2, 4, 8, 16),
    128: (1, 2, 4, 8, 16, 16),
    256: (1, 2, 4, 8, 8, 16, 16),
    512: (1, 1, 2, 4, 8, 8, 16, 16),
}
"""The same of a discriminator's blocks; of a deep one's first convolution and of its stages."""

HALVED = {32: 2}
"""By the size of images, how many stages halve the sides, where not all but the last wide one."""

ATTENTION = {32: (0, 0), 64: (32, 32), 128: (64, 64), 256: (128, 64), 512: (64, 64)}
"""By the size of images, height of the features that have attention, of both networks."""


def generator_of(
    image_size,
    channels,
    classes,
    deep,
    latent_size,
    embedding_size,
    hierarchical,
    filters,
    attention,
    truncations,
):
    """Returns the generator of a size of images; see `models.biggan.BigGAN`."""
    check_choice(tuple(UP), image_size=image_size)
    parts = UP[image_size]
    widths = [part * (filters or (128 if deep else 96)) for part in parts]
    size = widths, channels, classes
    attention = _attention(image_size, deep, 0) if attention is None else attention
    told = {"attention": attention, "truncations": truncations}
    if deep:
        check_integers(1, embedding_size=embedding_size)
        return build_deep_generator(*size, latent_size or 128, embedding_size, **told)
    latent_size = latent_size or 20 * len(parts)
    return build_generator(*size, latent_size, embedding_size, hierarchical, **told)


def discriminator_of(image_size, channels, classes, deep, filters, attention):
    """Returns the discriminator of a size of images; see `models.biggan.BigGAN`."""
    check_choice(tuple(DOWN), image_size=image_size)
    widths = [part * (filters or (128 if deep else 96)) for part in DOWN[image_size]]
    attention = _attention(image_size, deep, 1) if attention is None else attention
    build = build_deep_discriminator if deep else build_discriminator
    halved = HALVED.get(image_size, len(widths) - 1)
    return build(widths, image_size, channels, classes, halved, attention)


def _attention(image_size, deep, network):
    """Returns the authors' size of features with attention, of a generator, 0, or the other, 1."""
    return min(64, ATTENTION[image_size][network]) if deep else ATTENTION[image_size][network]


def orthogonal():
    """Returns the authors' initializer."""
    return keras.initializers.Orthogonal()


class Conditions:
    """What a generator is told beside its features: the noise, the class, the truncation.

    Args:
        classes: int.
        latent_size: int, of all noise.
        embedding_size: int, of the classes' embedding that all blocks share; 0: each layer has its
            own tables of classes.
        chunks: int, parts of the noise, of the first layer and of each block; 1: it is not split.
        truncations: sequence of floats, those that have standing statistics.

    Raises:
        ValueError: the noise cannot be split.
    """

    def __init__(self, classes, latent_size, embedding_size, chunks, truncations):
        expected = f"a multiple of {chunks}, a part for the first layer and for each block"
        check(latent_size % chunks == 0, expected, latent_size=latent_size)
        self.latents = layers.Input((latent_size,), name="latents")
        self.label = layers.Input((), dtype="int32", name="label")
        self.truncation = layers.Input((), dtype="float32", name="truncation")
        self.inputs = {n: getattr(self, n) for n in ("latents", "label", "truncation")}
        self.classes, self.shared, self.truncations = classes, None, truncations
        if embedding_size:
            shared = layers.Embedding(classes, embedding_size, orthogonal(), name="shared")
            self.shared = shared(self.label)
        size = latent_size // chunks
        self.parts = [self.latents[:, size * n : size * (n + 1)] for n in range(chunks)]

    def joined(self, part):
        """Returns the class' embedding with a part of the noise, or with none."""
        if self.shared is None or part is None:
            return self.shared
        return layers.Concatenate()([self.shared, part])

    def normalized(self, x, name, condition):
        """Returns features normalized, times 1 + a gain and plus an offset, of class and noise.

        Args:
            x: tensor (batch, height, width, channels).
            name: str, of the layer.
            condition: tensor (batch, size), or None for tables of classes.
        """
        filters = x.shape[-1]

        def told(part):
            own = f"{name}_{part}"
            if condition is None:
                found = layers.Embedding(self.classes, filters, orthogonal(), name=own)(self.label)
            else:
                options = {"use_bias": False, "kernel_initializer": orthogonal(), "name": own}
                found = SpectralDense(filters, **options)(condition)
            return layers.Reshape((1, 1, filters))(found)

        x = StandingBatchNormalization(self.truncations, name=name)(x, self.truncation)
        return layers.Add()([x, layers.Multiply()([x, told("gain")]), told("bias")])

    def image(self, x, channels):
        """Returns the generator whose last features are given."""
        norm = StandingBatchNormalization(self.truncations, affine=True, name="output_layer_0")
        x = resnet.rectified(norm(x, self.truncation))
        x = resnet.convolution(channels, 3, orthogonal, "output_layer_2")(x)
        image = layers.Activation("tanh", dtype="float32", name="image")(x)
        return keras.Model(self.inputs, image, name="generator")


def build_generator(
    widths,
    channels,
    classes,
    latent_size,
    embedding_size=128,
    hierarchical=True,
    attention=0,
    truncations=(),
    first_size=4,
):
    """Returns the generator.

    Args:
        widths: sequence of int, filters of what the noise becomes, and of each block.
        channels, classes, latent_size: int.
        embedding_size: int, of the classes' embedding that all blocks share; 0: each layer has its
            own tables of classes. Defaults to 128.
        hierarchical: bool, whether each block gets a part of the noise (skip-z), where there is an
            embedding. Defaults to True.
        attention: int, height and width of the features that have it. Defaults to 0, none.
        truncations: sequence of floats, those that have standing statistics. Defaults to none.
        first_size: int, height and width of what the noise becomes. Defaults to 4.

    Returns:
        Functional model: `latents`, `label`, `truncation` -> `image`, float32.

    Raises:
        ValueError: the noise cannot be split, or no features are of the size of attention.
    """
    check_attention(attention, [first_size * 2**n for n in range(1, len(widths))])
    split = bool(hierarchical and embedding_size)
    chunks = len(widths) if split else 1
    told = Conditions(classes, latent_size, embedding_size, chunks, truncations)
    x = _first(told.parts[0], widths[0], first_size)
    for number, filters in enumerate(widths[1:]):
        condition = told.joined(told.parts[1 + number] if split else None)
        normalized = functools.partial(told.normalized, condition=condition)
        x = resnet.up_block(x, filters, normalized, orthogonal, f"blocks_{number}_0")
        if x.shape[1] == attention:
            x = resnet.self_attention(x, orthogonal, f"blocks_{number}_1")
    return told.image(x, channels)


def _first(x, filters, size):
    """Returns the features that the noise becomes."""
    x = SpectralDense(size**2 * filters, kernel_initializer=orthogonal(), name="linear")(x)
    return layers.Reshape((size, size, filters))(x)


def build_discriminator(widths, image_size, channels, classes, halved, attention=0):
    """Returns the discriminator.

    Args:
        widths: sequence of int, filters of each block.
        image_size, channels, classes: int.
        halved: int, how many of the blocks halve the sides, at least 1.
        attention: as for `build_generator`.

    Returns:
        Functional model: `image`, `label` -> `logits` (batch, 1), float32.

    Raises:
        ValueError: no features are of the size of attention.
    """
    check_attention(attention, [image_size >> n for n in range(1, halved + 1)])
    x, inputs = _seen(image_size, channels)
    for number, filters in enumerate(widths):
        name, down = f"blocks_{number}_0", number < halved
        if number:
            x = resnet.down_block(x, filters, orthogonal, name, down)
        else:
            x = resnet.first_block(x, filters, orthogonal, name)
        if x.shape[1] == attention and down:
            x = resnet.self_attention(x, orthogonal, f"blocks_{number}_1")
    logits = resnet.projected(x, inputs["label"], classes, orthogonal)
    return keras.Model(inputs, logits, name="discriminator")


def _seen(image_size, channels):
    """Returns the image, and both inputs of a discriminator."""
    image = layers.Input((image_size, image_size, channels), name="image")
    return image, {"image": image, "label": layers.Input((), dtype="int32", name="label")}


def build_deep_generator(
    widths,
    channels,
    classes,
    latent_size,
    embedding_size=128,
    attention=0,
    truncations=(),
    first_size=4,
):
    """Returns the generator of BigGAN-deep: two blocks a stage, each told all noise and the class.

    Args:
        widths, channels, classes, attention, truncations, first_size: as for `build_generator`.
        latent_size: int, not split.
        embedding_size: int >= 1.
    """
    check_attention(attention, [first_size * 2**n for n in range(1, len(widths))])
    told = Conditions(classes, latent_size, embedding_size, 1, truncations)
    condition = told.joined(told.parts[0])
    normalized = functools.partial(told.normalized, condition=condition)
    x = _first(condition, widths[0], first_size)
    for number, (before, after) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        x = deep_up_block(x, before, normalized, f"blocks_{2 * number}_0", up=False)
        x = deep_up_block(x, after, normalized, f"blocks_{2 * number + 1}_0")
        if x.shape[1] == attention:
            x = resnet.self_attention(x, orthogonal, f"blocks_{2 * number + 1}_1")
    return told.image(x, channels)


def deep_up_block(x, filters, normalized, name, up=True):
    """Returns features behind a bottleneck, added to the first channels of what came in.

    Args:
        x: tensor (batch, height, width, channels).
        filters: int, of the output, at most those of the input.
        normalized: function of features and a layer's name.
        name: str, what the names of its layers begin with.
        up: bool, whether the sides are doubled. Defaults to True.
    """
    y = x
    for number, width, size in _bottleneck(x.shape[-1] // 4, filters):
        y = resnet.rectified(normalized(y, f"{name}_bn{number}"))
        y = resnet.doubled(y) if up and number == 2 else y
        y = resnet.convolution(width, size, orthogonal, f"{name}_conv{number}")(y)
    x = x[..., :filters] if filters < x.shape[-1] else x
    return layers.Add()([y, resnet.doubled(x) if up else x])


def build_deep_discriminator(widths, image_size, channels, classes, halved, attention=0):
    """Returns the discriminator of BigGAN-deep, of two blocks a stage.

    Args:
        widths: sequence of int, filters of the first convolution, and of each stage.
        halved: int, how many of the stages halve the sides.
        image_size, channels, classes, attention: as for `build_discriminator`.
    """
    check_attention(attention, [image_size >> n for n in range(1, halved + 1)])
    image, inputs = _seen(image_size, channels)
    x = resnet.convolution(widths[0], 3, orthogonal, "input_conv")(image)
    for number, filters in enumerate(widths[1:]):
        x = deep_down_block(x, filters, f"blocks_{number}_0", down=number < halved)
        x = deep_down_block(x, filters, f"blocks_{number}_1", down=False)
        if x.shape[1] == attention and number < halved:
            x = resnet.self_attention(x, orthogonal, f"blocks_{number}_2")
    logits = resnet.projected(x, inputs["label"], classes, orthogonal)
    return keras.Model(inputs, logits, name="discriminator")


def deep_down_block(x, filters, name, down=True):
    """Returns features behind a bottleneck, added to what came in, with channels that it lacks.

    Args:
        x: tensor (batch, height, width, channels).
        filters: int, of the output, at least those of the input.
        name: str, what the names of its layers begin with.
        down: bool, whether the sides are halved. Defaults to True.
    """
    y, before = x, x.shape[-1]
    for number, width, size in _bottleneck(filters // 4, filters):
        y = resnet.rectified(y)
        y = resnet.halved(y) if down and number == 4 else y
        y = resnet.convolution(width, size, orthogonal, f"{name}_conv{number}")(y)
    x = resnet.halved(x) if down else x
    if before < filters:
        more = resnet.convolution(filters - before, 1, orthogonal, f"{name}_conv_sc")(x)
        x = ops.concatenate([x, more], axis=-1)
    return layers.Add()([y, x])


def _bottleneck(hidden, filters):
    """Returns number, filters and kernel's side of each convolution of a deep block."""
    return (1, hidden, 1), (2, hidden, 3), (3, hidden, 3), (4, filters, 1)
