"""Writes stargan_v2.npz: what the authors' PyTorch networks make of `inputs`, weights and images.

    python tests/goldens/translation/make_stargan_v2.py --stargan_v2=path/to/stargan-v2

It needs torch and clovaai/stargan-v2 at 875b70a (core/model.py), of which nothing is kept.
"""

import argparse
import pathlib
import sys
import types
from unittest import mock

import inputs
import numpy as np
import torch
from torch import nn

SIZE, FILTERS = 32, 4
OF_TRUNK = {"5": "whole", "7": "unshared"}  # modules that are no block, of an image of 32 pixels


class Narrow(int):
    """An image's size, of which the authors' networks make the filters: 2**14 // size."""

    def __rfloordiv__(self, other):
        return FILTERS


def fill(name, network, trunk=None):
    """Gives the layers of a network, by their names, weights of their place.

    Args:
        name: str, of the network.
        network: the authors'.
        trunk: str, their name of the layers that look at an image, or None. Defaults to None.
    """
    for path, module in network.named_modules():
        if getattr(module, "weight", None) is None:
            continue
        first, *rest = path.split(".")
        if first == trunk:
            first, *rest = [OF_TRUNK[rest[0]]] if rest[0] in OF_TRUNK else ["block", *rest]
        place = f"stargan v2 {name}/{'_'.join([first, *rest])}"
        if isinstance(module, nn.InstanceNorm2d):
            gamma, beta, *_ = inputs.normalization(place, module.num_features)
            module.weight.data, module.bias.data = torch.tensor(gamma), torch.tensor(beta)
            continue
        turned = module.weight if module.weight.ndim == 4 else module.weight[:, :, None, None]
        shape = tuple(turned.shape[i] for i in (2, 3, 1, 0))  # as Keras has it
        kernel = inputs.kernel(place, shape).transpose(3, 2, 0, 1)
        module.weight.data = torch.tensor(kernel.copy()).reshape(module.weight.shape)
        if module.bias is not None:
            module.bias.data = torch.tensor(inputs.bias(place, len(module.bias)))
    return network


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stargan_v2", required=True)
    sys.path.insert(0, parser.parse_args().stargan_v2)
    # The file imports them for what is not made here.
    sys.modules["munch"] = types.SimpleNamespace(Munch=dict)
    sys.modules["core.wing"] = mock.Mock()
    from core.model import Discriminator, Generator, MappingNetwork, StyleEncoder

    size, label = Narrow(SIZE), torch.tensor([1, 0])
    images = torch.tensor(inputs.images("stargan v2", SIZE).transpose(0, 3, 1, 2).copy())
    style = torch.tensor(inputs.drawn("stargan v2 style", (2, 3)))
    latents = torch.tensor(inputs.drawn("stargan v2 latents", (2, 5)))
    generator = fill("generator", Generator(size, 3, 8, w_hpf=0))
    sharp = fill("generator", Generator(Narrow(2 * SIZE), 3, 8, w_hpf=0.5))
    large = torch.tensor(inputs.images("stargan v2", 2 * SIZE).transpose(0, 3, 1, 2).copy())
    masks = torch.tensor(np.abs(inputs.drawn("stargan v2 masks", (2, 2, 256, 256))))
    mapping = fill("mapping_network", MappingNetwork(5, 3, 2))
    encoder = fill("style_encoder", StyleEncoder(size, 3, 2, 8), "shared")
    discriminator = fill("discriminator", Discriminator(size, 2, 8), "main")
    with torch.no_grad():
        made = {
            "generator": generator(images, style).permute(0, 2, 3, 1),
            "high_pass": sharp(large, style, (masks[:, :1], masks[:, 1:])).permute(0, 2, 3, 1),
            "mapping_network": mapping(latents, label),
            "style_encoder": encoder(images, label),
            "discriminator": discriminator(images, label)[:, None],
        }
    made = {"torch": torch.__version__, **{name: x.numpy() for name, x in made.items()}}
    np.savez_compressed(pathlib.Path(__file__).parent / "stargan_v2.npz", **made)


if __name__ == "__main__":
    main()
