"""Writes networks.npz: what the authors' PyTorch networks make of `inputs`, weights and images.

    python tests/goldens/translation/make.py --pix2pix=path/to/pytorch-CycleGAN-and-pix2pix \
        --discogan=path/to/DiscoGAN/discogan

It needs torch and both repositories, of which nothing is kept: junyanz/pytorch-CycleGAN-and-pix2pix
at 00d5574 (models/networks.py) and SKTBrain/DiscoGAN at f044178 (model.py, without its `ipdb`).
"""

import argparse
import importlib.util
import pathlib

import inputs
import numpy as np
import torch
from torch import nn


def loaded(path):
    """Returns a module of a file."""
    spec = importlib.util.spec_from_file_location("authors", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill(name, modules):
    """Gives convolutions and normalizations the weights of their place and kind."""
    counts = {}
    for module in modules:
        kind = {nn.Conv2d: "conv", nn.ConvTranspose2d: "transposed"}.get(type(module), "norm")
        counts[kind] = number = counts.get(kind, 0) + 1
        place = f"{name}/{kind}/{number}"
        if kind == "norm":
            parts = module.weight, module.bias, module.running_mean, module.running_var
            values = inputs.normalization(place, module.num_features)
            for part, value in zip(parts, values, strict=True):
                part.data = torch.tensor(value)
            continue
        inner, outer, height, width = module.weight.shape  # Keras: height, width, outer, inner
        shape = height, width, outer, inner
        module.weight.data = torch.tensor(inputs.kernel(place, shape).transpose(3, 2, 0, 1).copy())
        if module.bias is not None:
            module.bias.data = torch.tensor(inputs.bias(place, len(module.bias)))


def parts(network):
    """Returns the convolutions and normalizations of a network in the order of its computation."""
    kinds = nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d
    return [module for module in network.modules() if isinstance(module, kinds)]


def answers(network, x, train):
    """Returns what a network makes of images (count, height, width, channels), likewise."""
    network.train(train)
    with torch.no_grad():
        found = network(torch.tensor(x.transpose(0, 3, 1, 2).copy()))
    found = [found[0], *found[1]] if isinstance(found, tuple) else [found]
    return [each.numpy().transpose(0, 2, 3, 1) for each in found]


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("pix2pix", "discogan"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    made = {"torch": torch.__version__}
    authors = loaded(f"{args.pix2pix}/models/networks.py")
    unet = authors.UnetGenerator(3, 3, 5, 4, nn.BatchNorm2d, False)
    fill("unet", parts(unet))
    x = inputs.images("unet", 32)
    made["unet_train"] = answers(unet, x, True)[0]
    made["unet_alone"] = np.concatenate([answers(unet, x[i : i + 1], True)[0] for i in (0, 1)])
    for hidden in (0, 3):
        kind = authors.NLayerDiscriminator if hidden else authors.PixelDiscriminator
        patch = kind(6, 4, *[3][:hidden], norm_layer=nn.BatchNorm2d)
        fill(f"patch{hidden}", parts(patch))
        made[f"patch{hidden}_eval"] = answers(patch, inputs.images("patch", 64, 6), False)[0]
        made[f"patch{hidden}_train"] = answers(patch, inputs.images("patch", 64, 6), True)[0]
    authors = loaded(f"{args.discogan}/model.py")
    for name, network in {
        "generator": authors.Generator(),
        "bottleneck": authors.Generator(extra_layers=True),
        "discriminator": authors.Discriminator(),
    }.items():
        fill(f"disco {name}", parts(network))
        x = (inputs.images("disco", 64) + 1) / 2  # its images are in [0, 1]
        for train in (False, True):
            found = answers(network, x, train)
            made[f"disco {name} {'train' if train else 'eval'}"] = found[0]
            for level, features in enumerate(found[1:], 1):
                made[f"disco {name} {level} {'train' if train else 'eval'}"] = features.mean((1, 2))
    np.savez_compressed(pathlib.Path(__file__).parent / "networks.npz", **made)


if __name__ == "__main__":
    main()
