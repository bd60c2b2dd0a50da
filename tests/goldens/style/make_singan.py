"""Writes singan.npz: what the authors' PyTorch networks and resizing of SinGAN make of `inputs`.

    export PYTHONPATH=tests/goldens/translation
    python tests/goldens/style/make_singan.py --singan=path/to/SinGAN

It needs torch, what the repository imports, and the repository, of which nothing is kept:
tamarott/SinGAN at 38fd0ad (SinGAN/models.py) and 7b0b418 (SinGAN/imresize.py).
"""

import argparse
import pathlib
import sys
import types

import inputs
import numpy as np
import torch
from make import fill, parts

SIZES = {"nfc": 4, "min_nfc": 4, "nc_im": 3, "ker_size": 3, "num_layer": 5, "padd_size": 0}
FACTORS = (4 / 3, 0.6)


def first(x):
    """Returns images with the channels first, as a tensor."""
    return torch.tensor(x.transpose(0, 3, 1, 2).copy())


def made(path):
    """Returns what the networks and the resizing make of images."""
    sys.path.insert(0, path)
    from SinGAN import imresize, models

    options, found = types.SimpleNamespace(**SIZES), {}
    generator = models.GeneratorConcatSkip2CleanAdd(options)
    critic = models.WDiscriminator(options)
    fill("singan generator", parts(generator))
    fill("singan critic", parts(critic))
    coarse, noise = inputs.images("singan", 24), 0.3 * inputs.drawn("singan z", (2, 24, 24, 3))
    border = torch.nn.ZeroPad2d(5)
    for mode in ("eval", "train"):  # training moves the statistics
        generator.train(mode == "train")
        critic.train(mode == "train")
        around = border(first(coarse))
        image = generator(border(first(noise)) + around, around)
        found[f"image {mode}"] = image.numpy().transpose(0, 2, 3, 1)
        found[f"score {mode}"] = critic(first(coarse)).numpy().transpose(0, 2, 3, 1)
    pixels = np.uint8(np.rint(127.5 * (inputs.images("singan", 24)[0] + 1)))
    for factor in FACTORS:
        found[f"resized {factor:.2f}"] = imresize.imresize_in(pixels, scale_factor=factor)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--singan", required=True)
    with torch.no_grad():
        arrays = made(parser.parse_args().singan)
    path = pathlib.Path(__file__).parent / "singan.npz"
    np.savez_compressed(path, torch=torch.__version__, **arrays)
