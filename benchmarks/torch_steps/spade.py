"""One train step of SPADE in PyTorch: the generator, then the discriminators of two scales.

    python benchmarks/torch_steps/spade.py --image_size=128 --batch_size=2 --steps=4 --threads=2

The authors' networks of Cityscapes (35 labels and edges) without encoder and VGG19. It prints the
median seconds of a step. Label maps and images are in memory, nothing is logged.
"""

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

LABELS, WIDTH, HIDDEN, FEATURE_WEIGHT = 35, 64, 128, 10


class Modulation(nn.Module):
    """Batch normalization whose scale and shift are convolutions of the label map."""

    def __init__(self, width):
        super().__init__()
        self.norm = nn.BatchNorm2d(width, affine=False)
        self.shared = nn.Conv2d(LABELS + 1, HIDDEN, 3, 1, 1)
        self.gamma, self.beta = (nn.Conv2d(HIDDEN, width, 3, 1, 1) for _ in range(2))

    def forward(self, x, semantics):
        """Returns the features, normalized anew."""
        seen = functional.relu(self.shared(functional.interpolate(semantics, x.shape[2:])))
        return self.norm(x) * (1 + self.gamma(seen)) + self.beta(seen)


class Block(nn.Module):
    """A residual block; the shortcut is a convolution where the width changes."""

    def __init__(self, before, after):
        super().__init__()
        self.norms = nn.ModuleList([Modulation(before), Modulation(after)])
        self.first = spectral_norm(nn.Conv2d(before, after, 3, 1, 1))
        self.second = spectral_norm(nn.Conv2d(after, after, 3, 1, 1))
        self.changes = before != after
        if self.changes:
            self.norms.append(Modulation(before))
            self.shortcut = spectral_norm(nn.Conv2d(before, after, 1, bias=False))

    def forward(self, x, semantics):
        """Returns the features after the block."""
        y = self.first(functional.leaky_relu(self.norms[0](x, semantics), 0.2))
        y = self.second(functional.leaky_relu(self.norms[1](y, semantics), 0.2))
        return (self.shortcut(self.norms[2](x, semantics)) if self.changes else x) + y


class Generator(nn.Module):
    """The module of label maps (batch, 36, size, size) to images."""

    def __init__(self):
        super().__init__()
        widths = [part * WIDTH for part in (16, 16, 16, 16, 8, 4, 2, 1)]
        self.first = nn.Conv2d(LABELS + 1, widths[0], 3, 1, 1)
        self.blocks = nn.ModuleList(Block(i, o) for i, o in zip(widths, widths[1:], strict=False))
        self.last = nn.Conv2d(WIDTH, 3, 3, 1, 1)

    def forward(self, semantics):
        """Returns the images; all blocks but the first and third double their inputs' sides."""
        x = self.first(functional.interpolate(semantics, scale_factor=1 / 32))
        for number, block in enumerate(self.blocks):
            x = x if number in (0, 2) else functional.interpolate(x, scale_factor=2)
            x = block(x, semantics)
        return torch.tanh(self.last(functional.leaky_relu(x, 0.2)))


def patches():
    """Returns the modules, one after the other, of one scale's discriminator."""
    layers = [nn.Sequential(nn.Conv2d(LABELS + 4, WIDTH, 4, 2, 2), nn.LeakyReLU(0.2, True))]
    for stage in range(3):
        before, width = WIDTH * 2**stage, WIDTH * 2 ** (stage + 1)
        own = nn.Conv2d(before, width, 4, 1 if stage == 2 else 2, 2, bias=False)
        norm = nn.InstanceNorm2d(width)
        layers += [nn.Sequential(spectral_norm(own), norm, nn.LeakyReLU(0.2, True))]
    return nn.Sequential(*layers, nn.Conv2d(8 * WIDTH, 1, 4, 1, 2))


class Discriminator(nn.Module):
    """The module of label maps and images to what the layers of both scales see."""

    def __init__(self):
        super().__init__()
        self.scales = nn.ModuleList([patches(), patches()])

    def forward(self, x):
        """Returns a list of features, logits last, for each scale."""
        found = []
        for scale in self.scales:
            seen = [x]
            for layer in scale:
                seen.append(layer(seen[-1]))
            found.append(seen[1:])
            x = functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
        return found


def semantics_of(label_map, instances):
    """Returns a channel for each label, and one of the edges of instances."""
    edges = torch.zeros_like(instances, dtype=torch.bool)
    across, down = (
        instances[:, :, 1:] != instances[:, :, :-1],
        instances[:, 1:] != instances[:, :-1],
    )
    edges[:, :, 1:] |= across
    edges[:, :, :-1] |= across
    edges[:, 1:] |= down
    edges[:, :-1] |= down
    labels = functional.one_hot(label_map, LABELS).permute(0, 3, 1, 2)
    return torch.cat([labels, edges[:, None]], 1).float()


def make_step(args):
    """Returns a function without arguments that makes one step."""
    layout = torch.channels_last if args.bfloat16 else torch.contiguous_format  # the faster ones
    makes, judges = (p.to(memory_format=layout) for p in (Generator(), Discriminator()))
    g_adam = torch.optim.Adam(makes.parameters(), 1e-4, (0.0, 0.9), fused=True)
    d_adam = torch.optim.Adam(judges.parameters(), 4e-4, (0.0, 0.9), fused=True)
    shape = args.batch_size, args.image_size, args.image_size
    label_map, real = torch.randint(LABELS, shape), torch.rand(shape[0], 3, *shape[1:]) * 2 - 1
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def images(semantics):
        with half:
            return makes(semantics).float()

    def judged(semantics, fake):
        with half:
            both = torch.cat([semantics, semantics], 0), torch.cat([fake, real], 0)
            seen = judges(torch.cat(both, 1))
        return [[layer.float().chunk(2) for layer in scale] for scale in seen]

    def generator_loss(semantics):
        loss = 0.0
        for *features, (on_fake, _) in judged(semantics, images(semantics)):
            matched = sum(functional.l1_loss(fake, real.detach()) for fake, real in features)
            loss += FEATURE_WEIGHT * matched - on_fake.mean()
        return loss / 2

    def discriminator_loss(semantics, fake):
        verdicts = [scale[-1] for scale in judged(semantics, fake)]
        losses = [
            functional.relu(1 + on_fake).mean() + functional.relu(1 - on_real).mean()
            for on_fake, on_real in verdicts
        ]
        return sum(losses) / 2

    def step():
        semantics = semantics_of(label_map, label_map)
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        generator_loss(semantics).backward()
        g_adam.step()
        judges.requires_grad_(True)
        with torch.no_grad():
            fake = images(semantics)
        d_adam.zero_grad()
        discriminator_loss(semantics, fake).backward()
        d_adam.step()

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
