"""Times the style family's operations, forward and back, beside the authors' code in PyTorch.

    python -m benchmarks.stylegan_layers --torch_python=path/to/python \
        --source=path/to/stylegan2-ada-pytorch

Enlarging and shrinking by the filter (1, 3, 3, 1) of 64 channels at 64 pixels; a modulated and
demodulated convolution of 3 x 3, of 128 channels at 32 pixels, and one that enlarges to 64 pixels.
--source is a copy of https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d; on a CPU it takes
its reference operations. The programs take turns; the medians are printed.
"""

import pathlib

import numpy as np
import tensorflow as tf

from benchmarks import side_by_side
from tfgan_apps.layers import modulated_conv, resampling

PROGRAM = pathlib.Path(__file__).parent / "torch_steps" / "stylegan_layers.py"
TAPS = np.array([1, 3, 3, 1]) / 8
SIDE, CHANNELS, WIDE, NARROW_SIDE = 64, 64, 128, 32


def operations(batch_size):
    """Returns dict, name -> a function without arguments that goes forward and back once.

    Args:
        batch_size: int.
    """

    def drawn(*shape):
        return tf.Variable(tf.random.stateless_normal(shape, (0, 0)))

    image = drawn(batch_size, SIDE, SIDE, CHANNELS)
    features, style = drawn(batch_size, NARROW_SIDE, NARROW_SIDE, WIDE), drawn(batch_size, WIDE)
    kernel = drawn(3, 3, WIDE, WIDE)
    enlarging = modulated_conv._doubled

    def convolved(padding, convolve):
        numbers = {"padding": padding, "convolve": convolve}
        return modulated_conv.modulated(features.value(), kernel.value(), style.value(), **numbers)

    back, parts = side_by_side.there_and_back, (features, kernel, style)
    return {
        "enlarging": back(lambda: resampling.doubled(image, TAPS), image),
        "shrinking": back(lambda: resampling.halved(image, TAPS), image),
        "convolution": back(lambda: convolved(1, None), *parts),
        "enlarging convolution": back(lambda: convolved(0, enlarging), *parts),
    }


def main(given):
    """Prints the table."""
    print("| operation | ours ms | authors' ms | ratio |\n|---|---|---|---|")
    for name, step in operations(given.batch_size).items():
        words = f"--source={given.source}", f"--operation={name}"
        words += (f"--batch_size={given.batch_size}",)
        mine, peer = side_by_side.medians(step, PROGRAM, given, *words)
        print(f"| {name} | {1e3 * mine:.1f} | {1e3 * peer:.1f} | {peer / mine:.2f} |", flush=True)


if __name__ == "__main__":
    main(side_by_side.arguments(__doc__, batch_size=8, source="../stylegan2-ada-pytorch"))
