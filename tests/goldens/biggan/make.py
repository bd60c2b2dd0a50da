"""Writes networks.npz: what BigGAN-PyTorch's networks make of `inputs`, weights and images.

    PYTHONPATH=tests/goldens/translation python tests/goldens/biggan/make.py --biggan=path/to/code

It needs torch and ajbrock/BigGAN-PyTorch at 9845943, of which nothing is kept.
"""

import argparse
import pathlib
import sys

import inputs
import numpy as np
import torch
from torch import nn

SIZE, COMMON = 64, {"n_classes": 3, "skip_init": True}
GENERATOR = {"G_ch": 2, "dim_z": 8, "G_attn": "16", "shared_dim": 3, "no_optim": True} | COMMON
GENERATOR["resolution"] = 32
DISCRIMINATOR = {"D_ch": 8, "D_attn": "32", "resolution": SIZE} | COMMON


def turned(array):
    """Returns a kernel, or a vector of it, of Keras' (in, height, width, channels) as theirs."""
    features = array.reshape(*array.shape[:-1], 4, 4, -1)
    return np.moveaxis(features, -1, -3).reshape(array.shape)


def fill(name, network):
    """Gives the layers of a network, by their names, weights of their place."""
    for path, module in network.named_modules():
        place = f"biggan {name}/{path.replace('.', '_')}"
        own = dict(module.named_parameters(recurse=False))
        if hasattr(module, "stored_mean"):
            gamma, beta, mean, variance = inputs.normalization(place, len(module.stored_mean))
            module.stored_mean.data, module.stored_var.data = map(torch.tensor, (mean, variance))
            if isinstance(own.get("gain"), nn.Parameter):
                module.gain.data, module.bias.data = torch.tensor(gamma), torch.tensor(beta)
        elif "gamma" in own:
            module.gamma.data = torch.tensor(0.7)
        elif "weight" in own:
            fill_kernel(place, path, module)
    return network


def fill_kernel(place, path, module):
    """Gives one layer weights, and the vector of its spectral norm."""
    first = path == "linear" and module.weight.shape[0] % 16 == 0
    in_order = turned if first else lambda array: array
    if isinstance(module, nn.Embedding):
        module.weight.data = torch.tensor(inputs.drawn(place, tuple(module.weight.shape)))
    elif module.weight.ndim == 4:
        shape = tuple(module.weight.shape[i] for i in (2, 3, 1, 0))  # as Keras has it
        module.weight.data = torch.tensor(inputs.kernel(place, shape).transpose(3, 2, 0, 1).copy())
    else:
        kernel = inputs.kernel(place, (1, 1, *module.weight.shape[::-1]))[0, 0]
        module.weight.data = torch.tensor(in_order(kernel).T.copy())
    if getattr(module, "bias", None) is not None:
        module.bias.data = torch.tensor(in_order(inputs.bias(place, len(module.bias))))
    if hasattr(module, "u0"):
        vector = inputs.drawn(f"{place}/vector", tuple(module.u0.shape))
        module.u0.data = torch.tensor(in_order(vector).copy())


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--biggan", required=True)
    sys.path.insert(0, parser.parse_args().biggan)
    import BigGAN
    import BigGANdeep

    images = torch.tensor(inputs.images("biggan", SIZE, count=4).transpose(0, 3, 1, 2).copy())
    latents = torch.tensor(inputs.drawn("biggan latents", (4, 8)))
    labels = torch.tensor([0, 2, 1, 2])
    generators = {
        "generator": BigGAN.Generator(hier=True, **GENERATOR),
        "generator of tables": BigGAN.Generator(**GENERATOR | {"G_shared": False}),
        "deep generator": BigGANdeep.Generator(hier=True, **GENERATOR),
    }
    judges = {"discriminator": BigGAN, "deep discriminator": BigGANdeep}
    judges = {name: module.Discriminator(**DISCRIMINATOR) for name, module in judges.items()}
    made = {"torch": torch.__version__}
    for mode in ("eval", "train"):  # a pass in training moves vectors on
        for name, network in generators.items():
            getattr(fill(name, network), mode)()
            found = network(latents, network.shared(labels))
            made[f"{name}, {mode}"] = found.detach().permute(0, 2, 3, 1).numpy()[:, ::2, ::2]
        for name, network in judges.items():
            getattr(fill(name, network), mode)()
            made[f"{name}, {mode}"] = network(images, labels).detach().numpy()
    np.savez_compressed(pathlib.Path(__file__).parent / "networks.npz", **made)


if __name__ == "__main__":
    main()
