"""One train step of MUNIT in PyTorch: the discriminators of both domains, then all coders.

    python benchmarks/torch_steps/munit.py --image_size=128 --batch_size=1 --steps=4 --threads=2

The authors' networks and widths, without VGG16. It prints the median seconds of a step. Images are
in memory, nothing is logged.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional

WIDTH, STYLES, HIDDEN, BLOCKS, SCALES, IMAGE_WEIGHT = 64, 8, 256, 4, 3, 10


def convolution(before, after, size, stride=1):
    """Returns a convolution of an image that is mirrored at its border."""
    return nn.Conv2d(before, after, size, stride, (size - 1) // 2, padding_mode="reflect")


def normalized(x, told=None):
    """Returns the features, each channel of an image normalized, and then as a style tells."""
    x = functional.instance_norm(x)
    if told is None:
        return x
    offset, scale = told.unbind(1)
    return x * scale + offset


class Block(nn.Module):
    """A residual block, which a style may tell."""

    def __init__(self, width):
        super().__init__()
        self.first, self.second = convolution(width, width, 3), convolution(width, width, 3)

    def forward(self, x, told=(None, None)):
        """Returns the features after the block."""
        y = functional.relu(normalized(self.first(x), told[0]))
        return x + normalized(self.second(y), told[1])


class Decoder(nn.Module):
    """Images of contents and styles."""

    def __init__(self):
        super().__init__()
        width, hidden = 4 * WIDTH, [nn.Linear(STYLES, HIDDEN), nn.ReLU()]
        hidden += [nn.Linear(HIDDEN, HIDDEN), nn.ReLU()]
        self.told = nn.Sequential(
            *hidden,
            nn.Linear(HIDDEN, 4 * BLOCKS * width),
            nn.Unflatten(1, (BLOCKS, 2, 2, width, 1, 1)),
        )
        self.blocks = nn.ModuleList(Block(width) for _ in range(BLOCKS))
        layers = []
        for before, after in ((width, 2 * WIDTH), (2 * WIDTH, WIDTH)):
            layers += [nn.Upsample(scale_factor=2), convolution(before, after, 5)]
            layers += [nn.GroupNorm(1, after), nn.ReLU(True)]  # an image as a whole
        self.last = nn.Sequential(*layers, convolution(WIDTH, 3, 7), nn.Tanh())

    def forward(self, content, style):
        """Returns the images."""
        for block, told in zip(self.blocks, self.told(style).unbind(1), strict=True):
            content = block(content, told.unbind(1))
        return self.last(content)


class Normalized(nn.Sequential):
    """Layers whose output is normalized and activated."""

    def forward(self, x):
        """Returns the features."""
        return functional.relu(normalized(super().forward(x)))


def content_encoder():
    """Returns the module of images to contents, of a fourth of their sides."""
    widths = [WIDTH, 2 * WIDTH, 4 * WIDTH]
    halving = [convolution(i, o, 4, 2) for i, o in zip(widths, widths[1:], strict=False)]
    layers = [Normalized(layer) for layer in (convolution(3, WIDTH, 7), *halving)]
    return nn.Sequential(*layers, *[Block(widths[-1]) for _ in range(BLOCKS)])


def style_encoder():
    """Returns the module of images to styles."""
    widths, layers = [WIDTH * part for part in (1, 2, 4, 4, 4)], [convolution(3, WIDTH, 7)]
    layers += [convolution(i, o, 4, 2) for i, o in zip(widths, widths[1:], strict=False)]
    activated = [part for layer in layers for part in (layer, nn.ReLU(True))]
    last = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], STYLES)
    return nn.Sequential(*activated, *last)


class Coders(nn.Module):
    """The networks of a domain that make and read images."""

    def __init__(self):
        super().__init__()
        self.content, self.style, self.decoder = content_encoder(), style_encoder(), Decoder()


def patches():
    """Returns one scale's discriminator."""
    widths, layers = [3, *(WIDTH * 2**level for level in range(4))], []
    for before, after in zip(widths, widths[1:], strict=False):
        layers += [convolution(before, after, 4, 2), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 1))


class Discriminator(nn.Module):
    """A domain's discriminators, each of half the pixels of the one before."""

    def __init__(self):
        super().__init__()
        self.scales = nn.ModuleList(patches() for _ in range(SCALES))

    def forward(self, x):
        """Returns the logits of each scale."""
        logits = []
        for number, scale in enumerate(self.scales):
            if number:
                x = functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
            logits.append(scale(x))
        return logits


def networks():
    """Returns the coders and the discriminators of both domains."""
    return nn.ModuleList([Coders(), Coders()]), nn.ModuleList([Discriminator(), Discriminator()])


def make_step(args):
    """Returns a function without arguments that makes one step."""
    coders, judges = players = networks()  # channels_last is no faster, in bfloat16 neither
    numbers = {"betas": (0.5, 0.999), "eps": 1e-8, "weight_decay": 1e-4, "fused": True}
    g_adam, d_adam = (torch.optim.Adam(p.parameters(), 1e-4, **numbers) for p in players)
    shape = args.batch_size, 3, args.image_size, args.image_size
    images = torch.rand(2, *shape) * 2 - 1
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)
    distance = functional.l1_loss

    def drawn():
        return torch.randn(2, args.batch_size, STYLES)

    def translations():
        with half:
            contents = [own.content(image) for own, image in zip(coders, images, strict=True)]
            pairs = zip(coders, reversed(contents), drawn(), strict=True)
            return [own.decoder(content, style).float() for own, content, style in pairs]

    def discriminator_loss(fakes):
        loss = 0.0
        for judge, real, fake in zip(judges, images, fakes, strict=True):
            with half:
                logits = judge(torch.cat([real, fake]))
            for on_real, on_fake in (scale.float().chunk(2) for scale in logits):
                loss += (on_real - 1).square().mean() + on_fake.square().mean()
        return loss

    def domain_loss(own, judge, image, content, other, code, style):
        with half:
            both = own.decoder(torch.cat([content, other]), torch.cat([code, style]))
            rebuilt, fake = both.float().chunk(2)
            found, told, logits = own.content(fake), own.style(fake), judge(fake)
        adversarial = sum((scale.float() - 1).square().mean() for scale in logits)
        codes = distance(told.float(), style) + distance(found.float(), other.float())
        return adversarial + IMAGE_WEIGHT * distance(rebuilt, image) + codes

    def generator_loss():
        with half:
            pairs = list(zip(coders, images, strict=True))
            contents = [own.content(image) for own, image in pairs]
            codes = [own.style(image).float() for own, image in pairs]
        each = coders, judges, images, contents, reversed(contents), codes, drawn()
        return sum(domain_loss(*parts) for parts in zip(*each, strict=True))

    def step():
        with torch.no_grad():
            fakes = translations()
        d_adam.zero_grad()
        discriminator_loss(fakes).backward()
        d_adam.step()
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        generator_loss().backward()
        g_adam.step()
        judges.requires_grad_(True)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
