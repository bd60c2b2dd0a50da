"""One train step of StarGAN v2 in PyTorch: two moves of the discriminator, two of the generator.

    python benchmarks/torch_steps/stargan_v2.py --image_size=128 --batch_size=2 --steps=4

The authors' networks of 2 domains at half their widths, without the skip of high frequencies. It
prints the median seconds of a step. Images are in memory, nothing is logged.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

WIDTH, MOST, DOMAINS, LATENTS, STYLES, HIDDEN = 64, 256, 2, 16, 64, 512


class Block(nn.Module):
    """A residual block that halves the sides, or keeps them."""

    def __init__(self, before, after, halves, normalizes):
        super().__init__()
        norm = (lambda: nn.InstanceNorm2d(before, affine=True)) if normalizes else nn.Identity
        self.norms = nn.ModuleList([norm(), norm()])
        self.pool = nn.AvgPool2d(2) if halves else nn.Identity()
        self.first = nn.Conv2d(before, before, 3, 1, 1)
        self.second = nn.Conv2d(before, after, 3, 1, 1)
        self.shortcut = shortcut(before, after)

    def forward(self, x):
        """Returns the features after the block."""
        y = self.pool(self.first(leaky(self.norms[0](x))))
        y = self.second(leaky(self.norms[1](y)))
        # Halved first: of single pixels it is the same, in a fourth of the authors' time.
        return (self.shortcut(self.pool(x)) + y) * 2**-0.5


class Adapted(nn.Module):
    """Instance normalization whose scale and offset a style tells."""

    def __init__(self, width):
        super().__init__()
        self.told = nn.Linear(STYLES, 2 * width)

    def forward(self, x, style):
        """Returns the features, normalized anew and activated."""
        scale, offset = self.told(style)[..., None, None].chunk(2, 1)
        return leaky((1 + scale) * functional.instance_norm(x) + offset)


class StyledBlock(nn.Module):
    """A residual block that a style tells, and that doubles the sides, or keeps them."""

    def __init__(self, before, after, doubles):
        super().__init__()
        self.norms = nn.ModuleList([Adapted(before), Adapted(after)])
        self.bigger = nn.Upsample(scale_factor=2) if doubles else nn.Identity()
        self.first = nn.Conv2d(before, after, 3, 1, 1)
        self.second = nn.Conv2d(after, after, 3, 1, 1)
        self.shortcut = shortcut(before, after)

    def forward(self, x, style):
        """Returns the features after the block."""
        y = self.first(self.bigger(self.norms[0](x, style)))
        y = self.second(self.norms[1](y, style))
        return (self.bigger(self.shortcut(x)) + y) * 2**-0.5


class Generator(nn.Module):
    """Images of images and styles."""

    def __init__(self, image_size):
        super().__init__()
        widths = [min(WIDTH << level, MOST) for level in range(image_size.bit_length() - 4)]
        down, most = list(zip(widths, widths[1:], strict=False)), widths[-1]
        self.coded = nn.Sequential(
            nn.Conv2d(3, WIDTH, 3, 1, 1),
            *[Block(i, o, halves=True, normalizes=True) for i, o in down],
            *[Block(most, most, halves=False, normalizes=True) for _ in range(2)],
        )
        middle = [StyledBlock(most, most, doubles=False) for _ in range(2)]
        up = [StyledBlock(o, i, doubles=True) for i, o in reversed(down)]
        self.decoded = nn.ModuleList([*middle, *up])
        last = nn.InstanceNorm2d(WIDTH, affine=True), nn.LeakyReLU(0.2), nn.Conv2d(WIDTH, 3, 1)
        self.last = nn.Sequential(*last)

    def forward(self, image, style):
        """Returns the translations."""
        x = self.coded(image)
        for block in self.decoded:
            x = block(x, style)
        return self.last(x)


class OfDomains(nn.Module):
    """A trunk, and a head for each domain, of which the label chooses one."""

    def __init__(self, trunk, head):
        super().__init__()
        self.trunk, self.heads = trunk, nn.ModuleList(head() for _ in range(DOMAINS))

    def forward(self, x, label):
        """Returns what the label's head says."""
        x = self.trunk(x)
        said = torch.stack([head(x) for head in self.heads], 1)
        return said[torch.arange(len(x)), label]


def leaky(x):
    """Returns the features, activated."""
    return functional.leaky_relu(x, 0.2)


def shortcut(before, after):
    """Returns what a block's input passes to be as wide as its output."""
    return nn.Identity() if before == after else nn.Conv2d(before, after, 1, bias=False)


def perceptron(*widths):
    """Returns dense layers, each with its activation."""
    pairs = zip(widths, widths[1:], strict=False)
    return nn.Sequential(*[part for pair in pairs for part in (nn.Linear(*pair), nn.ReLU())])


def mapping_network():
    """Returns the module of noise and labels to styles."""
    shared = perceptron(LATENTS, HIDDEN, HIDDEN, HIDDEN, HIDDEN)
    own = lambda: nn.Sequential(*perceptron(*[HIDDEN] * 4), nn.Linear(HIDDEN, STYLES))  # noqa: E731
    return OfDomains(shared, own)


def judge(image_size, outputs):
    """Returns the module of images and labels to outputs: a style, or a logit."""
    count = image_size.bit_length() - 3  # to 4 pixels
    widths = [min(WIDTH << level, MOST) for level in range(count + 1)]
    pairs, most = zip(widths, widths[1:], strict=False), widths[-1]
    blocks = [Block(i, o, halves=True, normalizes=False) for i, o in pairs]
    whole = nn.LeakyReLU(0.2), nn.Conv2d(most, most, 4), nn.LeakyReLU(0.2), nn.Flatten()
    trunk = nn.Sequential(nn.Conv2d(3, WIDTH, 3, 1, 1), *blocks, *whole)
    return OfDomains(trunk, lambda: nn.Linear(most, outputs))


def networks(image_size):
    """Returns the generator, the mapping network, the style encoder and the discriminator."""
    coders = Generator(image_size), mapping_network(), judge(image_size, STYLES)
    return [*coders, judge(image_size, 1)]


def adam_of(network, rate=1e-4):
    """Returns the authors' Adam, whose decay goes into the gradients."""
    numbers = {"eps": 1e-8, "weight_decay": 1e-4, "fused": True}
    return torch.optim.Adam(network.parameters(), rate, (0.0, 0.99), **numbers)


def make_step(args):
    """Returns a function without arguments that makes one step."""
    # In the usual layout: channels_last is no faster, in bfloat16 neither.
    makes, maps, encodes, judges = players = networks(args.image_size)
    g_adam, m_adam, e_adam, d_adam = adam_of(makes), adam_of(maps, 1e-6), *map(adam_of, players[2:])
    follow = get_ema_multi_avg_fn(0.999)
    averages = [(AveragedModel(p, multi_avg_fn=follow), p) for p in players[:3]]
    real, *references = torch.rand(3, args.batch_size, 3, args.image_size, args.image_size) * 2 - 1
    label = torch.arange(args.batch_size) % DOMAINS
    target = 1 - label
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def passed(network, *inputs):
        with half:
            return network(*inputs).float()

    def trained(*chosen):
        for player in players:  # the others' weights have no gradient in the move
            player.requires_grad_(player in chosen)

    def moved(loss, *adams):
        for adam in adams:
            adam.zero_grad()
        loss.backward()
        for adam in adams:
            adam.step()

    def discriminator_loss(fake):
        image = real.clone().requires_grad_(True)
        on_real, on_fake = passed(judges, image, label), passed(judges, fake, target)
        (slope,) = torch.autograd.grad(on_real.sum(), image, create_graph=True)
        penalty = 0.5 * slope.square().sum((1, 2, 3)).mean()
        return functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean() + penalty

    def generator_loss(coder, told, told_other):
        style = passed(coder, told, target)
        fake = passed(makes, real, style)
        adversarial = functional.softplus(-passed(judges, fake, target)).mean()
        styles = functional.l1_loss(passed(encodes, fake, target), style)
        with torch.no_grad():
            other = passed(makes, real, passed(coder, told_other, target))
        back = passed(makes, fake, passed(encodes, real, label))
        cycle = functional.l1_loss(back, real)
        return adversarial + styles + cycle - functional.l1_loss(fake, other)

    def step():
        kinds = (maps, *torch.randn(2, args.batch_size, LATENTS)), (encodes, *references)
        trained(judges)
        for coder, told, _ in kinds:
            with torch.no_grad():
                fake = passed(makes, real, passed(coder, told, target))
            moved(discriminator_loss(fake), d_adam)
        trained(makes, maps, encodes)
        moved(generator_loss(*kinds[0]), g_adam, m_adam, e_adam)
        trained(makes)
        moved(generator_loss(*kinds[1]), g_adam)
        for average, player in averages:
            average.update_parameters(player)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
