"""One iteration of SinGAN's finest scale in PyTorch: three moves of the critic, three of the maker.

    python benchmarks/torch_steps/singan.py --image_size=128 --batch_size=1 --steps=4 --threads=2

The authors' networks and order, but that each of the maker's moves has an image of its own, as
theirs cannot run any more in PyTorch 2. It prints the median seconds of an iteration.
"""

import math

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional

COARSEST, WIDTH, MOST, BORDER = 25, 32, 128, 5


def network(width, channels):
    """Returns the module of images to features of `channels`, five pixels fewer at each side."""
    parts, before = [], 3
    for _ in range(4):
        parts += [nn.Conv2d(before, width, 3), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
        before = width
    return nn.Sequential(*parts, nn.Conv2d(width, channels, 3))


def sides_of(image_size):
    """Returns the sides of a square image's scales, the coarsest first."""
    last = math.ceil(math.log(COARSEST / image_size, 0.75)) + 1
    ratio = (COARSEST / image_size) ** (1 / last)
    return [math.ceil(image_size * ratio ** (last - n) - 1e-6) for n in range(last + 1)]


def make_step(args):
    """Returns a function without arguments that makes one iteration."""
    sides, half = sides_of(args.image_size), args.bfloat16
    widths = [min(WIDTH << n // 4, MOST) for n in range(len(sides))]
    makers = [network(width, 3) for width in widths]
    critic, maker = network(widths[-1], 1), makers[-1]
    for each in makers[:-1]:
        each.eval().requires_grad_(False)
    m_adam, c_adam = (torch.optim.Adam(p.parameters(), 5e-4, (0.5, 0.999)) for p in (maker, critic))
    real = torch.rand(args.batch_size, 3, sides[-1], sides[-1]) * 2 - 1
    autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=half)

    def padded(x):
        return functional.pad(x, (BORDER,) * 4)

    def noise(side):
        return padded(0.1 * torch.randn(args.batch_size, 3, side, side))

    def made(network, z, coarse):
        with autocast:
            return torch.tanh(network(z + padded(coarse))).float() + coarse

    def scores(x):
        with autocast:
            return critic(x).float()

    def finer(x, side):
        x = torch.floor(((x + 1) * 127.5).clamp(0, 255)) / 127.5 - 1
        return functional.interpolate(x, (side, side), mode="bicubic").clamp(-1, 1)

    @torch.no_grad()
    def coarse():
        x = torch.zeros(args.batch_size, 3, sides[0], sides[0])
        for each, side, after in zip(makers, sides, sides[1:], strict=False):
            x = finer(made(each, noise(side), x), after)
        return x

    start = coarse()

    def penalty(fake):
        epsilon = torch.rand(args.batch_size, 1, 1, 1)
        between = (epsilon * real + (1 - epsilon) * fake).requires_grad_(True)
        (slope,) = torch.autograd.grad(scores(between).sum(), between, create_graph=True)
        return (slope.norm(dim=1) - 1).square().mean()

    def step():
        z = noise(sides[-1])
        for _ in range(3):
            before = coarse()
            with torch.no_grad():
                fake = made(maker, z, before)
            c_adam.zero_grad()
            (scores(fake).mean() - scores(real).mean() + 0.1 * penalty(fake)).backward()
            c_adam.step()
        critic.requires_grad_(False)  # its weights have no gradient in the maker's moves
        for _ in range(3):
            m_adam.zero_grad()
            again = made(maker, torch.zeros_like(z), start)
            error = (again - real).square().mean()
            (10 * error - scores(made(maker, z, before)).mean()).backward()
            m_adam.step()
        critic.requires_grad_(True)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
