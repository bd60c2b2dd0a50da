"""One round of WGAN-GP in PyTorch: a move of the critic with its penalty, then of the generator.

    python benchmarks/torch_steps/wgan_gp.py --image_size=64 --batch_size=64 --steps=4 --threads=2

The residual networks of 64 pixels, as in the authors' gan_64x64.py. It prints the median seconds of
a round. Images are in memory, nothing is logged.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional

LATENTS, WIDTH = 128, 64


class Block(nn.Module):
    """A residual block that doubles or halves the pixels."""

    def __init__(self, before, after, up):
        super().__init__()
        self.up, inner = up, after if up else before
        norm = nn.BatchNorm2d if up else lambda width: nn.GroupNorm(1, width)
        self.norms = nn.ModuleList([norm(before), norm(inner)])
        self.first = nn.Conv2d(before, inner, 3, 1, 1, bias=False)
        self.second = nn.Conv2d(inner, after, 3, 1, 1)
        self.shortcut = nn.Conv2d(before, after, 1)

    def forward(self, x):
        """Returns the features after the block."""
        bigger = functional.interpolate if self.up else lambda x, **_: x
        pool = (lambda x, _: x) if self.up else functional.avg_pool2d
        y = self.first(bigger(functional.relu(self.norms[0](x)), scale_factor=2))
        y = pool(self.second(functional.relu(self.norms[1](y))), 2)
        return self.shortcut(bigger(pool(x, 2), scale_factor=2)) + y


def generator(image_size):
    """Returns the module of noise (batch, 128) to images (batch, 3, size, size)."""
    count = image_size.bit_length() - 3
    widths = [WIDTH * 2**n for n in reversed(range(count))]
    blocks = [Block(i, o, up=True) for i, o in zip([widths[0], *widths], widths, strict=False)]
    first = nn.Linear(LATENTS, 16 * widths[0]), nn.Unflatten(1, (widths[0], 4, 4))
    last = nn.BatchNorm2d(WIDTH), nn.ReLU(), nn.Conv2d(WIDTH, 3, 3, 1, 1), nn.Tanh()
    return nn.Sequential(*first, *blocks, *last)


def critic(image_size):
    """Returns the module of images to scores (batch, 1)."""
    count = image_size.bit_length() - 3
    widths = [WIDTH * 2 ** min(n, count - 1) for n in range(count + 1)]
    blocks = [Block(i, o, up=False) for i, o in zip(widths, widths[1:], strict=False)]
    last = nn.Flatten(), nn.Linear(16 * widths[-1], 1)
    return nn.Sequential(nn.Conv2d(3, WIDTH, 3, 1, 1), *blocks, *last)


def make_step(args):
    """Returns a function without arguments that makes one round."""
    makes, judges = generator(args.image_size), critic(args.image_size)
    g_adam, c_adam = (torch.optim.Adam(p.parameters(), 2e-4, (0.0, 0.9)) for p in (makes, judges))
    real = torch.rand(args.batch_size, 3, args.image_size, args.image_size) * 2 - 1
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def images():
        with half:
            return makes(torch.randn(args.batch_size, LATENTS)).float()

    def scores(x):
        with half:
            return judges(x).float()

    def penalty(fake):
        epsilon = torch.rand(args.batch_size, 1, 1, 1)
        between = (epsilon * real + (1 - epsilon) * fake).requires_grad_(True)
        (slope,) = torch.autograd.grad(scores(between).sum(), between, create_graph=True)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def step():
        with torch.no_grad():
            fake = images()
        c_adam.zero_grad()
        (scores(fake).mean() - scores(real).mean() + 10 * penalty(fake)).backward()
        c_adam.step()
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        (-scores(images()).mean()).backward()
        g_adam.step()
        judges.requires_grad_(True)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
