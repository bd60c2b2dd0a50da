"""One train step of DCGAN in PyTorch: the discriminator on both batches, then the generator.

    python benchmarks/torch_steps/dcgan.py --image_size=64 --batch_size=64 --steps=8 --threads=2

It prints the median seconds of a step. Images are in memory, nothing is logged.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional

LATENTS, WIDTH = 100, 64


def generator(image_size):
    """Returns the module of noise (batch, 100, 1, 1) to images (batch, 3, size, size)."""
    widths = [WIDTH * 2**stage for stage in reversed(range(image_size.bit_length() - 3))]
    layers = [nn.ConvTranspose2d(LATENTS, widths[0], 4, 1, 0, bias=False)]
    for width, following in zip(widths, [*widths[1:], 3], strict=True):
        layers += [nn.BatchNorm2d(width), nn.ReLU(True)]
        layers += [nn.ConvTranspose2d(width, following, 4, 2, 1, bias=False)]
    return nn.Sequential(*layers, nn.Tanh())


def discriminator(image_size):
    """Returns the module of images to logits (batch,)."""
    widths = [WIDTH * 2**stage for stage in range(image_size.bit_length() - 3)]
    layers = [nn.Conv2d(3, widths[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)]
    for before, width in zip(widths, widths[1:], strict=False):
        layers += [nn.Conv2d(before, width, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(width), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 0, bias=False), nn.Flatten(0))


def make_step(args):
    """Returns a function without arguments that makes one step."""
    players = generator(args.image_size), discriminator(args.image_size)
    makes, judges = players
    g_adam, d_adam = (torch.optim.Adam(p.parameters(), 2e-4, (0.5, 0.999)) for p in players)
    real = torch.rand(args.batch_size, 3, args.image_size, args.image_size) * 2 - 1
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def loss(images, label):
        with half:
            logits = judges(images)
        logits = logits.float()
        return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

    def step():
        with half:
            fake = makes(torch.randn(args.batch_size, LATENTS, 1, 1))
        d_adam.zero_grad()
        (loss(real, 1.0) + loss(fake.detach(), 0.0)).backward()
        d_adam.step()
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        loss(fake, 1.0).backward()
        g_adam.step()
        judges.requires_grad_(True)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
