"""How many floating-point operations the convolutions of a system's train step take."""

import math

import keras


def blocks_of(image_size):
    """Returns the authors' number of residual blocks.

    Args:
        image_size: int, pixels.
    """
    return 9 if image_size >= 256 else 6


def generator_macs(size, blocks, width=64):
    """Returns the multiply-adds of one forward pass through the ResNet generator, layer by layer.

    Args:
        size: int, height and width of the image in pixels.
        blocks: int, residual blocks.
        width: int, filters of the first layer. Defaults to 64.
    """
    half, quarter = (size // 2) ** 2, (size // 4) ** 2
    first = size**2 * 49 * 3 * width
    down = half * 9 * width * 2 * width + quarter * 9 * 2 * width * 4 * width
    residual = 2 * blocks * quarter * 9 * (4 * width) ** 2
    # Every pixel that goes into a transposed convolution meets the whole kernel.
    up = quarter * 9 * 4 * width * 2 * width + half * 9 * 2 * width * width
    last = size**2 * 49 * width * 3
    return [first, down, residual, up, last]


def discriminator_macs(size, width=64, channels=3):
    """Returns the multiply-adds of one forward pass through the 70 x 70 PatchGAN, layer by layer.

    Args:
        size: int, height and width of the image in pixels.
        width: int, filters of the first layer. Defaults to 64.
        channels: int, of the input. Defaults to 3.
    """
    channels = [channels, width, 2 * width, 4 * width, 8 * width, 1]
    sides = [size // 2, size // 4, size // 8, size // 8 - 1, size // 8 - 2]
    return [side**2 * 16 * i * o for side, i, o in zip(sides, channels, channels[1:], strict=False)]


def cyclegan_flops(size):
    """Returns the floating-point operations of one step's convolutions, for one image each.

    Args:
        size: int, height and width of the images in pixels.
    """
    g, d = generator_macs(size, blocks_of(size)), discriminator_macs(size)
    # Three passes (fake, cycled, identity), each forward, to the inputs and to the weights. Real
    # images need no gradient: two of the three passes spare the first layer's.
    macs = 3 * 3 * sum(g) - 2 * g[0]
    # The generator's move: forward and to the fake image, not to the discriminator's weights.
    macs += 2 * sum(d)
    # The discriminator's own: a real and a pooled image; neither needs a gradient.
    macs += 2 * (3 * sum(d) - d[0])
    return 2 * 2 * macs  # two directions; a multiplication and an addition


def dcgan_flops(size, batch=64, width=64, latents=100):
    """Returns the floating-point operations of one step's convolutions.

    Args:
        size: int, height and width of the images in pixels.
        batch: int, images. Defaults to 64.
        width: int, filters of the layers next to the images. Defaults to 64.
        latents: int, of the noise. Defaults to 100.
    """
    widths = [3, *(width * 2**stage for stage in range(size.bit_length() - 3))]
    pixels = [(size // 2 ** (stage + 1)) ** 2 for stage in range(len(widths) - 1)]
    # Both networks have the same layers between images and 4 x 4 pixels: kernels of 4 x 4.
    layers = [p * 16 * i * o for p, i, o in zip(pixels, widths, widths[1:], strict=False)]
    d, g = [*layers, 16 * widths[-1]], [16 * latents * widths[-1], *reversed(layers)]
    # Two batches, forward, to the inputs (but for images) and to the weights; then the
    # generator's move, through the discriminator to the fakes.
    macs = 2 * (3 * sum(d) - d[0]) + 2 * sum(d) + 3 * sum(g) - g[0]
    return 2 * batch * macs


def pix2pix_flops(size, width=64):
    """Returns the floating-point operations of one step's convolutions, for one pair.

    Args:
        size: int, height and width of the images in pixels, a power of 2.
        width: int, filters of the first layers. Defaults to 64.
    """
    widths = [3, *(width * min(2**level, 8) for level in range(min(size.bit_length() - 1, 8)))]
    down = [
        (size >> level) ** 2 * 16 * i * o
        for level, (i, o) in enumerate(zip(widths, widths[1:], strict=False), 1)
    ]
    # Each layer that doubles takes twice the channels of its mirror image, but for the innermost.
    g, d = 3 * sum(down) - down[-1], discriminator_macs(size, width, channels=6)
    # The generator's pass; the discriminator's move; through the discriminator to the fake.
    macs = 3 * g - down[0] + 2 * (3 * sum(d) - d[0]) + 2 * sum(d)
    return 2 * macs


def spade_generator_macs(size, labels, width):
    """Returns the multiply-adds of one forward pass: of what sees the label map, and of the rest.

    Args:
        size: int, height and width of the image in pixels, a multiple of 32.
        labels: int, channels of the label map.
        width: int, filters of the last block.
    """
    hidden, widths = 128, [part * width for part in (16, 16, 16, 16, 8, 4, 2, 1)]
    sides = [size // part for part in (32, 16, 16, 8, 4, 2, 1)]
    first, rest = sides[0] ** 2 * 9 * labels * widths[0], size**2 * 9 * width * 3
    for side, i, o in zip(sides, widths, widths[1:], strict=False):
        modulated = [i, o, i] if i != o else [i, o]
        first += side**2 * 9 * labels * hidden * len(modulated)
        rest += side**2 * 9 * 2 * hidden * sum(modulated)
        rest += side**2 * (9 * o * (i + o) + (i * o if i != o else 0))
    return first, rest


def spade_discriminator_macs(size, channels, width):
    """Returns the multiply-adds of one forward pass through one scale, layer by layer.

    Args:
        size: int, height and width of the image in pixels.
        channels: int, of the label map and the image.
        width: int, filters of the first layer.
    """
    widths, macs = [channels, *(width * 2**depth for depth in range(4)), 1], []
    for stride, i, o in zip((2, 2, 2, 1, 1), widths, widths[1:], strict=False):
        size = size // stride + 1
        macs.append(size**2 * 16 * i * o)
    return macs


def spade_flops(size, batch=2, labels=36, width=64):
    """Returns the floating-point operations of one step's convolutions, without VGG19.

    Args:
        size, batch: see `dcgan_flops`; the batch defaults to 2.
        labels: int, channels of the label map, edges included. Defaults to 36, Cityscapes'.
        width: int, filters of the layers next to the images. Defaults to 64.
    """
    first, rest = spade_generator_macs(size, labels, width)
    scales = [spade_discriminator_macs(side, labels + 3, width) for side in (size, size // 2)]
    d, d_first = sum(map(sum, scales)), sum(scale[0] for scale in scales)
    # The generator's move: its pass, label maps without gradient; fakes and real images through
    # the discriminators, back to the fakes. Theirs: fakes anew, and two batches.
    macs = 2 * first + 3 * rest + 3 * d + first + rest + 2 * (3 * d - d_first)
    return 2 * batch * macs


def wgan_gp_flops(size, batch=64, width=64, latents=128):
    """Returns the floating-point operations of one round's convolutions, penalty included.

    Args:
        size, batch, width, latents: see `dcgan_flops`; latents default to 128.
    """
    count = size.bit_length() - 3
    first, wide = size**2 * 27 * width, [width * 2**n for n in range(count)]
    halving = list(zip(wide, [*wide[1:], wide[-1]], strict=True))
    doubling = list(zip([wide[-1], *reversed(wide)], reversed(wide), strict=False))
    sides = [size // 2**n for n in range(count)]
    # A block: two convolutions of 3 x 3 at the larger size, past them one of 1 x 1 at one of them.
    c = [p * p * (9 * i * (i + o) + i * o // 4) for p, (i, o) in zip(sides, halving, strict=True)]
    g = [
        p * p * (9 * o * (i + o) + i * o)
        for p, (i, o) in zip(reversed(sides), doubling, strict=True)
    ]
    c, g = first + sum(c), 16 * latents * wide[-1] + sum(g) + first
    # The critic's move: fakes; two batches forward, to inputs (but for images) and to weights;
    # those between forward, their slope, and the way back through both.
    macs = g + 2 * (3 * c - first) + 6 * c
    # The generator's: forward, to inputs and weights; through the critic forward and to the fakes.
    macs += 3 * g + 2 * c
    return 2 * batch * macs


def biggan_flops(model, batch_size):
    """Returns the floating-point operations of a step's convolutions and dense layers.

    Args:
        model: `BigGAN` whose discriminator moves once a step.
        batch_size: int.
    """
    g, d = (kernel_macs(network) for network in (model.generator, model.discriminator))
    # The discriminator's move: fakes, and forward, to inputs and to weights of two images each.
    # The generator's: all of its own, and forward and to the fake image of the discriminator.
    return 2 * batch_size * (g + 6 * d + 3 * g + 2 * d)


def stylegan2_flops(model, batch_size):
    """Returns the floating-point operations of the kernels in 16 iterations, blurs not counted.

    Args:
        model: `StyleGAN2` with the authors' intervals, 4 and 16.
        batch_size: int.
    """
    g, d = (kernel_macs(network) for network in (model.synthesis, model.discriminator))
    # The generator's move: forward, to inputs and weights; through the discriminator to the fakes.
    # Theirs: fakes, and two batches forward, to inputs and to weights.
    macs = 16 * (3 * g + 2 * d + g + 2 * 3 * d)
    # Paths, of half as many images, and the penalty: forward, back to what slopes are of, and the
    # way back through both.
    macs += 4 * 0.5 * (2 * 3 * g) + 2 * 3 * d
    return 2 * batch_size * macs


def stargan_v2_flops(model, batch_size):
    """Returns the floating-point operations of the kernels in a step, its four moves.

    Args:
        model: `StarGANv2`.
        batch_size: int.
    """
    networks = model.generator, model.mapping_network, model.style_encoder, model.discriminator
    g, f, e, d = map(kernel_macs, networks)
    # A move of the discriminator: a style, a fake; of that forward, to inputs and to weights, and
    # of the real image, whose one pass forward the penalty needs too; its slope, and the way back
    # through that to slopes and to weights. What is piecewise linear has no way further.
    macs = f + e + 2 * (g + 3 * d + 3 * d + 3 * d)
    # One of the generator: fake and its translation back, all of the passes; the other fake is
    # forward alone. Through the discriminator to the fake.
    macs += 2 * (2 * 3 * g + g + 2 * d)
    # Of styles of noise: the style, all; the other, forward; those of fake and image, all. Of
    # styles of references, where encoders stay: three forward, and through one to the fake.
    macs += 3 * f + f + 2 * 3 * e + 3 * e + 2 * e
    # First layers' way to images that need none is counted, 0.1 % of all.
    return 2 * batch_size * macs


def singan_flops(model):
    """Returns the floating-point operations of an iteration of the finest scale, of one image.

    Args:
        model: `SinGAN` with the authors' three moves of each player.
    """
    makers = []
    for size, network in zip(model.pyramid.sizes, model.generators, strict=True):
        shapes = {"coarse": (*size, 3), "noise": (*(side + 10 for side in size), 3)}
        inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
        makers.append(kernel_macs(_sized(network, inputs)))
    image = keras.Input((*model.pyramid.image_size, 3), name="image")
    g, d = makers[-1], kernel_macs(_sized(model.discriminators[-1], image))
    # Each move of the discriminator: a fake of coarser ones; two images forward, to inputs and to
    # weights; the penalty forward, its slope, and the way back through both, see `wgan_gp_flops`.
    # Each of the generator: two images, all of its passes; of one through the discriminator to it.
    return 2 * (3 * (sum(makers) + 2 * 3 * d + 6 * d) + 3 * (2 * 3 * g + 2 * d))


def munit_flops(model, batch_size):
    """Returns the floating-point operations of the kernels in a step, without VGG16 and cycles.

    Args:
        model: `MUNIT`.
        batch_size: int, images of each domain.
    """
    image = keras.Input((model.image_size, model.image_size, model.channels))
    shapes = {"content": model.content_encoders["x"].compute_output_shape(image.shape)[1:]}
    shapes["style"] = (model.latent_size,)
    codes = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    readers = model.content_encoders, model.style_encoders, model.discriminators
    c, s, d = (kernel_macs(_sized(networks["x"], image)) for networks in readers)
    g = kernel_macs(_sized(model.decoders["x"], codes))
    # The discriminators' move: a fake, without gradient; two images forward, to inputs and to
    # weights.
    macs = c + g + 2 * 3 * d
    # The coders': of image and fake both codes, of own and other content what is made of them, all
    # forward, to inputs and to weights. Through the discriminators to the fake.
    macs += 2 * 3 * (c + s) + 2 * 3 * g + 2 * d
    # First layers' way to images that need none is counted, 0.3 % of all.
    return 2 * 2 * batch_size * macs  # two domains


def _sized(network, inputs):
    """Returns a functional model anew, of inputs whose sides are known."""
    return keras.models.clone_model(network, input_tensors=inputs)


def kernel_macs(network):
    """Returns the multiply-adds of one image's forward pass, of a functional `keras.Model`."""
    macs = 0
    for layer in network.layers:
        if hasattr(layer, "kernel"):
            height, width = (*layer.output.shape[1:-1], 1, 1)[:2]
            share = 4 if getattr(layer, "doubling", False) else 1  # of pixels between, zeros
            macs += height * width * math.prod(layer.kernel.shape) // share
    return macs
