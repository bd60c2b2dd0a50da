"""An operation of StyleGAN2's authors in PyTorch, forward and back.

    python benchmarks/torch_steps/stylegan_layers.py --source=path/to/stylegan2-ada-pytorch \\
        --operation=convolution --batch_size=8 --steps=8

See `benchmarks.stylegan_layers`; --source is as for `stylegan2.py`. It prints the median seconds.
"""

import sys

import torch
from timing import arguments, report

SIDE, CHANNELS, WIDE, NARROW_SIDE = 64, 64, 128, 32


def make_step(args):
    """Returns a function without arguments that goes forward and back once."""
    sys.path.insert(0, args.source)
    from torch_utils.ops import upfirdn2d
    from training.networks import modulated_conv2d

    taps = upfirdn2d.setup_filter([1, 3, 3, 1])

    def drawn(*shape):
        return torch.randn(shape, requires_grad=True)

    image = drawn(args.batch_size, CHANNELS, SIDE, SIDE)
    features = drawn(args.batch_size, WIDE, NARROW_SIDE, NARROW_SIDE)
    kernel, style = drawn(WIDE, WIDE, 3, 3), drawn(args.batch_size, WIDE)
    operations = {
        "enlarging": lambda: upfirdn2d.upsample2d(image, taps),
        "shrinking": lambda: upfirdn2d.downsample2d(image, taps),
        "convolution": lambda: modulated_conv2d(features, kernel, style, padding=1),
        "enlarging convolution": lambda: modulated_conv2d(
            features, kernel, style, up=2, padding=1, resample_filter=taps
        ),
    }
    operation = operations[args.operation]
    return lambda: operation().square().mean().backward()


if __name__ == "__main__":
    args = arguments(__doc__, source="../stylegan2-ada-pytorch", operation="convolution")
    report(make_step(args), args)
