"""Writes stargan.npz: what the authors' PyTorch networks make of `inputs`, weights and images.

    python tests/goldens/translation/make_stargan.py --stargan=path/to/stargan

It needs torch and yunjey/stargan at 94dd002 (model.py), of which nothing is kept.
"""

import argparse
import pathlib
import sys

import inputs
import numpy as np
import torch
from torch import nn

SIZE = 32


def fill(name, network):
    """Gives the layers of a network, in the order of its computation, weights of their place."""
    kinds = {nn.Conv2d: "conv", nn.ConvTranspose2d: "transposed", nn.InstanceNorm2d: "norm"}
    counts = {}
    for module in network.modules():
        if type(module) not in kinds:
            continue
        kind = kinds[type(module)]
        counts[kind] = counts.get(kind, 0) + 1
        place = f"{name}/{kind}/{counts[kind]}"
        if kind == "norm":
            gamma, beta, *_ = inputs.normalization(place, module.num_features)
            module.weight.data, module.bias.data = torch.tensor(gamma), torch.tensor(beta)
            continue
        shape = tuple(module.weight.shape[i] for i in (2, 3, 1, 0))  # as Keras has it
        kernel = inputs.kernel(place, shape).transpose(3, 2, 0, 1)
        module.weight.data = torch.tensor(kernel.copy())
        if module.bias is not None:
            module.bias.data = torch.tensor(inputs.bias(place, len(module.bias)))
    return network


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stargan", required=True)
    sys.path.insert(0, parser.parse_args().stargan)
    from model import Discriminator, Generator

    images = torch.tensor(inputs.images("stargan", SIZE).transpose(0, 3, 1, 2).copy())
    label = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    generator = fill("stargan generator", Generator(4, 3, 2))
    discriminator = fill("stargan discriminator", Discriminator(SIZE, 4, 3, 4))
    with torch.no_grad():
        translated = generator(images, label)
        source, of_domains = discriminator(images)
    made = {"torch": torch.__version__, "class": of_domains.numpy()}
    made |= {
        name: found.numpy().transpose(0, 2, 3, 1)
        for name, found in (("translated", translated), ("source", source))
    }
    np.savez_compressed(pathlib.Path(__file__).parent / "stargan.npz", **made)


if __name__ == "__main__":
    main()
