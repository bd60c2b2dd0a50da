"""One round of BigGAN in PyTorch: a move of the discriminator, one of the generator, the average.

    python benchmarks/torch_steps/biggan.py --image_size=32 --batch_size=32 --steps=4 --threads=2

The networks of 32 pixels, a third of their widths, 10 classes, attention at 16 pixels. It prints
the median seconds of a round. Images are in memory, nothing is logged.
"""

import copy

import torch
from timing import arguments, report
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

WIDTH, CLASSES, PART, EMBEDDING = 128, 10, 20, 128


def convolution(before, after, size=3, bias=True):
    """Returns a convolution of spectral norm."""
    return spectral_norm(nn.Conv2d(before, after, size, padding=size // 2, bias=bias))


class Normalized(nn.Module):
    """Batch normalization with a gain and an offset of class and noise."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(WIDTH, affine=False)
        told = [nn.Linear(EMBEDDING + PART, WIDTH, bias=False) for _ in range(2)]
        self.gain, self.offset = map(spectral_norm, told)

    def forward(self, x, told):
        """Returns the features, rectified."""
        gain, offset = self.gain(told)[..., None, None], self.offset(told)[..., None, None]
        return functional.relu(self.norm(x) * (1 + gain) + offset)


class Attention(nn.Module):
    """What each place sees of all others, times a gain."""

    def __init__(self, width=WIDTH):
        super().__init__()
        sizes = (width, width // 8), (width, width // 8), (width, width // 2), (width // 2, width)
        parts = [convolution(*size, 1, bias=False) for size in sizes]
        self.query, self.key, self.value, self.told = parts
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        """Returns the features and what they see."""
        query = self.query(x).flatten(2)
        key = functional.max_pool2d(self.key(x), 2).flatten(2)
        value = functional.max_pool2d(self.value(x), 2).flatten(2)
        weights = torch.softmax(query.transpose(1, 2) @ key, -1)
        seen = (value @ weights.transpose(1, 2)).view(len(x), -1, *x.shape[2:])
        return x + self.gain * self.told(seen)


class Up(nn.Module):
    """A residual block that doubles the sides."""

    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([Normalized(), Normalized()])
        self.first, self.second = convolution(WIDTH, WIDTH), convolution(WIDTH, WIDTH)
        self.shortcut = convolution(WIDTH, WIDTH, 1)

    def forward(self, x, told):
        """Returns the features after the block."""
        y = self.first(functional.interpolate(self.norms[0](x, told), scale_factor=2))
        y = self.second(self.norms[1](y, told))
        return y + self.shortcut(functional.interpolate(x, scale_factor=2))


class Generator(nn.Module):
    """Images of noise (batch, 80) and classes."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(CLASSES, EMBEDDING)
        self.first = spectral_norm(nn.Linear(PART, 16 * WIDTH))
        self.blocks = nn.ModuleList([Up(), Up(), Up()])
        self.attention = Attention()
        self.last = nn.Sequential(nn.BatchNorm2d(WIDTH), nn.ReLU(), convolution(WIDTH, 3))

    def forward(self, latents, label):
        """Returns images (batch, 3, 32, 32)."""
        first, *parts = latents.split(PART, 1)
        embedding, x = self.embed(label), self.first(first).view(-1, WIDTH, 4, 4)
        for number, (block, part) in enumerate(zip(self.blocks, parts, strict=True)):
            x = block(x, torch.cat([embedding, part], 1))
            x = self.attention(x) if number == 1 else x
        return torch.tanh(self.last(x))


class Down(nn.Module):
    """A residual block that halves the sides, or keeps them."""

    def __init__(self, before, down, first=False):
        super().__init__()
        self.down, self.starts = down, first
        self.first, self.second = convolution(before, WIDTH), convolution(WIDTH, WIDTH)
        self.shortcut = convolution(before, WIDTH, 1) if down else nn.Identity()

    def forward(self, x):
        """Returns the features after the block."""
        pool = (lambda x: functional.avg_pool2d(x, 2)) if self.down else nn.Identity()
        y = self.second(functional.relu(self.first(x if self.starts else functional.relu(x))))
        return pool(y) + (self.shortcut(pool(x)) if self.starts else pool(self.shortcut(x)))


class Discriminator(nn.Module):
    """Logits of images of classes."""

    def __init__(self):
        super().__init__()
        blocks = Down(3, True, first=True), Attention(), Down(WIDTH, True)
        self.blocks = nn.Sequential(*blocks, Down(WIDTH, False), Down(WIDTH, False))
        self.last = spectral_norm(nn.Linear(WIDTH, 1))
        self.embed = spectral_norm(nn.Embedding(CLASSES, WIDTH))

    def forward(self, x, label):
        """Returns logits (batch, 1)."""
        x = functional.relu(self.blocks(x)).sum((2, 3))
        return self.last(x) + (self.embed(label) * x).sum(1, keepdim=True)


def make_step(args):
    """Returns a function without arguments that makes one round."""
    makes, judges = Generator(), Discriminator()
    average = copy.deepcopy(makes)
    rates = (makes, 5e-5), (judges, 2e-4)
    g_adam, d_adam = (torch.optim.Adam(n.parameters(), r, (0.0, 0.999)) for n, r in rates)
    real = torch.rand(args.batch_size, 3, 32, 32) * 2 - 1
    labels = torch.randint(CLASSES, (args.batch_size,))
    half = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16)

    def images():
        label = torch.randint(CLASSES, (args.batch_size,))
        with half:
            return makes(torch.randn(args.batch_size, 4 * PART), label).float(), label

    def logits(x, label):
        with half:
            return judges(x, label).float()

    def step():
        with torch.no_grad():
            fake, label = images()
        d_adam.zero_grad()
        on_fake, on_real = logits(torch.cat([fake, real]), torch.cat([label, labels])).chunk(2)
        (functional.relu(1 - on_real).mean() + functional.relu(1 + on_fake).mean()).backward()
        d_adam.step()
        judges.requires_grad_(False)  # its weights have no gradient in the generator's move
        g_adam.zero_grad()
        (-logits(*images()).mean()).backward()
        g_adam.step()
        judges.requires_grad_(True)
        with torch.no_grad():
            for old, new in zip(average.parameters(), makes.parameters(), strict=True):
                old.lerp_(new, 1e-4)

    return step


if __name__ == "__main__":
    args = arguments(__doc__)
    report(make_step(args), args)
