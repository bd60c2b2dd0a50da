"""StyleGAN3's synthesis network, T and R: its pictures move, or move and turn, as its input does.

Each layer has a sampling rate, a cutoff and a stopband of its own: `schedule` says which.

Reference: Karras et al. 2021, https://arxiv.org/abs/2106.12423; https://github.com/NVlabs/stylegan3
at c233a91, training/networks_stylegan3.py
Differences:
    - the magnitudes of features change when `follow_magnitudes` is called, after the pass that
      measured them; the authors' change inside of it, layer by layer;
    - styles get their mean square within an example, not within a batch: demodulation takes both
      away, and so no example depends on others.
"""

import dataclasses

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tfgan_apps import filters
from tfgan_apps.arguments import check, check_choice, check_integers, check_numbers
from tfgan_apps.layers import FilteredLeakyReLU, FourierFeatures, ModulatedConv2D

_TAPS = 6  # of a filter, for each pixel of the side that has less of them
_MORE = 2  # how much finer than the finer side the leaky ReLU's pixels are
_HALF_LEVELS = 4  # doublings of the rate, the last ones, that are computed in 16 bits
_LIMIT = 256.0  # of features of 16 bits


@dataclasses.dataclass(frozen=True)
class Signal:
    """What features can carry: pixels, of which `rate` are a side of the image, and frequencies.

    Frequencies are cycles per side of the image; from `cutoff` - `half_width` to `cutoff` +
    `half_width` a filter goes from all to nothing.
    """

    rate: int
    size: int
    cutoff: float
    half_width: float
    channels: int


@dataclasses.dataclass(frozen=True)
class Step:
    """A layer: what it sees, what it gives, and how it filters."""

    before: Signal
    after: Signal
    kernel_size: int
    radial: bool
    last: bool

    @property
    def rate(self):
        """The pixels on which the leaky ReLU acts, in a side of the image."""
        return max(self.before.rate, self.after.rate) * (1 if self.last else _MORE)

    @property
    def up(self):
        """How many times more pixels the leaky ReLU acts on than the layer sees."""
        return self.rate // self.before.rate

    @property
    def down(self):
        """How many times more pixels the leaky ReLU acts on than the layer gives."""
        return self.rate // self.after.rate

    @property
    def up_taps(self):
        """The filter of what the layer sees, or None."""
        return self._filter(filters.low_pass, self.up, self.before)

    @property
    def down_taps(self):
        """The filter of what the layer gives, or None."""
        design = filters.radial_low_pass if self.radial else filters.low_pass
        return self._filter(design, self.down, self.after)

    @property
    def padding(self):
        """Zeros before and after the pixels of the leaky ReLU, on both axes."""
        counts = [1 if self.last or n == 1 else _TAPS * n for n in (self.up, self.down)]
        convolved = self.before.size + self.kernel_size - 1
        total = (self.after.size - 1) * self.down + 1 - convolved * self.up + sum(counts) - 2
        low = (total + self.up) // 2  # a pixel becomes `up` of them around its place
        return low, total - low

    def _filter(self, design, factor, signal):
        if self.last or factor == 1:
            return None
        return design(_TAPS * factor, signal.cutoff, 2 * signal.half_width, self.rate)


def schedule(
    image_size,
    channels,
    filters_base,
    most_filters,
    depth,
    critical,
    first_cutoff,
    first_stopband,
    last_stopband,
    margin,
    rotation,
):
    """Returns the layers, a list of `Step`: `depth` of them, and the one that makes the image.

    Args:
        image_size, channels, filters_base, most_filters, depth, critical, first_cutoff,
        first_stopband, last_stopband, margin, rotation: see `build_synthesis`.
    """
    exponents = np.minimum(np.arange(depth + 1) / (depth - critical), 1)
    last = image_size / 2
    cutoffs = first_cutoff * (last / first_cutoff) ** exponents
    stopbands = first_stopband * (last * last_stopband / first_stopband) ** exponents
    rates = 2 ** np.ceil(np.log2(np.minimum(2 * stopbands, image_size)))
    half_widths = np.maximum(stopbands, rates / 2) - cutoffs
    sizes = rates + 2 * margin
    sizes[-2:] = image_size
    widths = np.rint(np.minimum(filters_base / 2 / cutoffs, most_filters))
    widths[-1] = channels
    signals = [
        Signal(int(rate), int(size), float(cutoff), float(half_width), int(width))
        for rate, size, cutoff, half_width, width in zip(
            rates, sizes, cutoffs, half_widths, widths, strict=True
        )
    ]
    return [
        Step(
            before=signals[max(number - 1, 0)],
            after=signal,
            kernel_size=1 if rotation or number == depth else 3,
            radial=rotation and number < depth - critical,
            last=number == depth,
        )
        for number, signal in enumerate(signals)
    ]


def build_synthesis(
    image_size=1024,
    channels=3,
    style_size=512,
    filters_base=32768,
    most_filters=512,
    depth=14,
    critical=2,
    first_cutoff=2.0,
    first_stopband=2**2.1,
    last_stopband=2**0.3,
    margin=10,
    rotation=False,
    name="synthesis",
):
    """Returns the network that makes images of styles.

    Args:
        image_size: int, height and width, a power of 2 from 16 on. Defaults to 1024.
        channels: int, of the image. Defaults to 3.
        style_size: int, of a style. Defaults to 512.
        filters_base: int, channels of features times the pixels in a row that their cutoff needs;
            the authors' R has twice as many. Defaults to 32768.
        most_filters: int, the most channels of features; likewise. Defaults to 512.
        depth: int, layers before the one that makes the image. Defaults to 14.
        critical: int in [0, depth), how many of them, the last ones, use all frequencies that
            their pixels can carry. Defaults to 2.
        first_cutoff: float, the frequencies of the first features, in cycles per side of the
            image. Defaults to 2.
        first_stopband: float > first_cutoff, from where on there are none. Defaults to 2 ** 2.1.
        last_stopband: float >= 1, the stopband of the last layer over its cutoff. Defaults to
            2 ** 0.3.
        margin: int >= 0, pixels around the image that features have. Defaults to 10.
        rotation: bool, whether images turn as the input does (R): kernels of one pixel, filters
            alike in all directions. Defaults to false (T).
        name: str, of the model.

    Returns:
        Functional model: `styles` (batch, depth + 2, style_size), the first for the input, and
        `transform` (batch, 3, 3), what is done to the plane before, see `FourierFeatures`, in
        units of the image's side -> `image`, float32, of any range.
    """
    check_integers(1, style_size=style_size, depth=depth, most_filters=most_filters)
    check_integers(0, margin=margin, critical=critical)
    check(critical < depth, f"below depth={depth}", critical=critical)
    check_choice((1, 2, 3, 4), channels=channels)
    check_integers(16, image_size=image_size)
    check_integers(image_size, filters_base=filters_base)
    check(image_size & (image_size - 1) == 0, "a power of 2", image_size=image_size)
    check_numbers(first_cutoff, first_stopband=first_stopband)
    sizes = image_size, channels, filters_base, most_filters, depth, critical
    bands = first_cutoff, first_stopband, last_stopband
    steps = schedule(*sizes, *bands, margin, rotation)
    styles = keras.Input((depth + 2, style_size), name="styles")
    transform = keras.Input((3, 3), name="transform")
    first = steps[0].before
    plane = first.channels, first.size, first.rate, first.cutoff
    x = FourierFeatures(*plane, name="input", dtype="float32")([styles[:, 0], transform])
    for number, step in enumerate(steps):
        x = _layer(x, styles[:, number + 1], step, image_size, f"layer_{number}")
    image = layers.Rescaling(0.25, name="image", dtype="float32")(x)
    return keras.Model({"styles": styles, "transform": transform}, image, name=name)


def build_measured(synthesis):
    """Returns a synthesis network that also says how large features are; it shares all layers.

    Args:
        synthesis: of `build_synthesis`.

    Returns:
        Functional model of the same inputs -> `image` and `squares` (batch, depth + 1), float32,
        the mean squares of what each layer sees, in the order of `follow_magnitudes`.
    """
    seen = [ops.cast(layer.input[0], "float32") for layer in _tracked(synthesis)]
    squares = ops.stack([ops.mean(ops.square(x), (1, 2, 3)) for x in seen], 1)
    outputs = {"image": synthesis.output, "squares": squares}
    return keras.Model(synthesis.input, outputs, name=f"{synthesis.name}_measured")


def follow_magnitudes(synthesis, squares, decay):
    """Moves the magnitudes that features are divided by towards those of all replicas' batches.

    Args:
        synthesis: of `build_synthesis`.
        squares: float tensor (batch, depth + 1), of `build_measured`.
        decay: float or scalar tensor, how much of the magnitudes stays; the authors' is 0.5 to the
            power of the global batch over 20,000.
    """
    means = tf.reduce_mean(squares, 0)
    replica = tf.distribute.get_replica_context()
    if replica.num_replicas_in_sync > 1:
        means = replica.all_reduce(tf.distribute.ReduceOp.MEAN, means)
    for layer, mean in zip(_tracked(synthesis), tf.unstack(means), strict=True):
        layer.magnitude.assign(mean + (layer.magnitude - mean) * decay)


def untransformed(count):
    """Returns the `transform` of images that are neither moved nor turned.

    Args:
        count: int or scalar tensor, images.
    """
    return tf.eye(3, batch_shape=[count])


def _tracked(synthesis):
    """Returns the modulated convolutions of a synthesis network, in order."""
    return [layer for layer in synthesis.layers if isinstance(layer, ModulatedConv2D)]


def _layer(x, style, step, image_size, name):
    """Returns the features after a layer, of 16 bits only where there are many pixels."""
    fine = step.after.rate << _HALF_LEVELS > image_size
    mixed = keras.config.dtype_policy().compute_dtype != "float32"
    dtype = None if fine else "float32"
    convolution = ModulatedConv2D(
        step.after.channels,
        step.kernel_size,
        padding=step.kernel_size - 1,
        demodulate=not step.last,
        tracked=True,
        name=f"{name}_conv",
        dtype=dtype,
    )
    linear = {"slope": 1.0, "gain": 1.0} if step.last else {}
    activation = FilteredLeakyReLU(
        step.up_taps,
        step.down_taps,
        step.up,
        step.down,
        step.padding,
        limit=_LIMIT if mixed else None,
        name=name,
        dtype=dtype,
        **linear,
    )
    return activation(convolution([x, style]))
