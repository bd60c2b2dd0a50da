"""One train step of pix2pix in PyTorch: the discriminator on both pairs, then the generator.

    python benchmarks/torch_steps/pix2pix.py --image_size=256 --batch_size=1 --steps=8 --threads=2

The authors' U-Net and 70 x 70 PatchGAN. It prints the median seconds of a step. Images are in
memory, nothing is logged. Adam is the fused one, which is six times as fast on so many weights.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional

WIDTH, L1_WEIGHT, DROPOUT_LAYERS = 64, 100, 3


class Beside(nn.Sequential):
    """Layers whose output stands behind their input, activated in place: a ReLU follows."""

    def forward(self, x):
        """Returns both, by channels."""
        return torch.cat([x, super().forward(x)], 1)


def generator(image_size):
    """Returns the module of images to images of the same size, a power of 2."""
    widths = [WIDTH * min(2**level, 8) for level in range(min(image_size.bit_length() - 1, 8))]
    inside = []  # what is further in
    for depth, (before, width) in enumerate(zip(widths[-2::-1], widths[:0:-1], strict=True)):
        down = [nn.LeakyReLU(0.2, True), nn.Conv2d(before, width, 4, 2, 1, bias=False)]
        down += [nn.BatchNorm2d(width)] * (depth > 0)
        doubled = 2 * width if inside else width
        up = [nn.ReLU(True), nn.ConvTranspose2d(doubled, before, 4, 2, 1, bias=False)]
        up += [nn.BatchNorm2d(before), *[nn.Dropout(0.5)] * (depth < DROPOUT_LAYERS)]
        inside = [Beside(*down, *inside, *up)]
    first = nn.Conv2d(3, WIDTH, 4, 2, 1, bias=False)
    last = nn.ReLU(True), nn.ConvTranspose2d(2 * WIDTH, 3, 4, 2, 1), nn.Tanh()
    return nn.Sequential(first, *inside, *last)


def discriminator():
    """Returns the module of pairs (batch, 6, size, size) to logits of patches."""
    layers = [nn.Conv2d(6, WIDTH, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for stage in range(3):
        before, width = WIDTH * 2**stage, WIDTH * 2 ** (stage + 1)
        layers += [nn.Conv2d(before, width, 4, 1 if stage == 2 else 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(width), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(8 * WIDTH, 1, 4, 1, 1))


def make_step(args):
    """Returns a function without arguments that makes one step."""
    # The faster layouts: in float32 the usual one, by a half.
    layout = torch.channels_last if args.bfloat16 else torch.contiguous_format
    players = [p.to(memory_format=layout) for p in (generator(args.image_size), discriminator())]
    makes, judges = players
    adams = (torch.optim.Adam(p.parameters(), 2e-4, (0.5, 0.999), fused=True) for p in players)
    g_adam, d_adam = adams
    x, y = torch.rand(2, args.batch_size, 3, args.image_size, args.image_size) * 2 - 1
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def loss(image, label):
        with half:
            logits = judges(torch.cat([x, image], 1))
        logits = logits.float()
        return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

    def step():
        with half:
            fake = makes(x).float()
        d_adam.zero_grad()
        (0.5 * (loss(y, 1.0) + loss(fake.detach(), 0.0))).backward()
        d_adam.step()
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        (loss(fake, 1.0) + L1_WEIGHT * functional.l1_loss(fake, y)).backward()
        g_adam.step()
        judges.requires_grad_(True)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
