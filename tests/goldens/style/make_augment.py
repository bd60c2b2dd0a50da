"""Writes augment.npz: what the authors' augmentation makes of images and of numbers "drawn".

    export PYTHONPATH=tests/goldens/translation
    python tests/goldens/style/make_augment.py --ada=path/to/code

It needs torch, scipy, requests and NVlabs/stylegan2-ada-pytorch at d72cc7d, of which nothing is
kept. Where that code draws at random, it is given numbers of three tables, which are in the file.
"""

import argparse
import pathlib
import sys
import zlib
from unittest import mock

import inputs
import numpy as np
import torch

COUNT = 4
COLUMNS = {"uniform": 10, "normal": 12, "gates": 19}
# What each draw takes, in the order of the authors' calls: the table, its columns, how many.
BLIT = [
    *[("uniform", 0, 1), ("gates", 0, 1)],  # flip
    *[("uniform", 1, 1), ("gates", 1, 1)],  # quarter turns
    *[("uniform", 2, 2), ("gates", 2, 1)],  # translation by whole pixels
]
GEOM = [
    *[("normal", 0, 1), ("gates", 3, 1)],  # scale
    *[("uniform", 4, 1), ("gates", 4, 1)],  # rotation
    *[("normal", 1, 1), ("gates", 5, 1)],  # stretch
    *[("uniform", 5, 1), ("gates", 6, 1)],  # rotation again
    *[("normal", 2, 2), ("gates", 7, 1)],  # translation
]
COLOR = [
    *[("normal", 4, 1), ("gates", 8, 1)],  # brightness
    *[("normal", 5, 1), ("gates", 9, 1)],  # contrast
    *[("uniform", 6, 1), ("gates", 10, 1)],  # luma flip
]
CHROMA = [
    *[("uniform", 7, 1), ("gates", 11, 1)],  # hue
    *[("normal", 6, 1), ("gates", 12, 1)],  # saturation
]
FILTER = [draw for i in range(4) for draw in [("normal", 7 + i, 1), ("gates", 13 + i, 1)]]
NOISE = [("normal", 11, 1), ("gates", 17, 1), ("noise", None, None)]
CUTOUT = [("gates", 18, 1), ("uniform", 8, 2)]  # the one whose gate comes first

BGC = "xflip rotate90 xint scale rotate aniso xfrac brightness contrast lumaflip hue saturation"
ALL = BGC + " imgfilter noise cutout"
# name: (transforms, draws, probability, pixels, channels)
CASES = {
    "bgc 1 a": (BGC, BLIT + GEOM + COLOR + CHROMA, 1.0, 32, 3),
    "bgc 1 b": (BGC, BLIT + GEOM + COLOR + CHROMA, 1.0, 32, 3),
    "bgc 0.5 a": (BGC, BLIT + GEOM + COLOR + CHROMA, 0.5, 32, 3),
    "bgcfnc 0.7 a": (ALL, BLIT + GEOM + COLOR + CHROMA + FILTER + NOISE + CUTOUT, 0.7, 32, 3),
    "bgcfnc 0.7 b": (ALL, BLIT + GEOM + COLOR + CHROMA + FILTER + NOISE + CUTOUT, 0.7, 24, 3),
    "grey bgcfnc 0.7 a": (ALL, BLIT + GEOM + COLOR + FILTER + NOISE + CUTOUT, 0.7, 32, 1),
}


def tables(name):
    """Returns numbers of a case, float32 by table: uniform ones, normal ones and those of gates."""
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    made = {"uniform": generator.uniform, "gates": generator.uniform, "normal": generator.normal}
    return {n: made[n](size=(COUNT, size)).astype(np.float32) for n, size in COLUMNS.items()}


def given(name, draws, numbers):
    """Returns stand-ins of `torch.rand` and `torch.randn` that hand out what the draws say."""
    left = list(draws)

    def hand_out(size, tables):
        table, first, columns = left.pop(0)
        assert table in tables, (table, tables)
        if table == "noise":  # theirs has the channels first
            count, channels, height, width = size
            value = inputs.drawn(f"{name}/noise", (count, height, width, channels))
            return torch.tensor(value.transpose(0, 3, 1, 2).copy())
        value = numbers[table][:, first : first + columns]
        assert value.size == np.prod(size), (table, first, size)
        return torch.tensor(value.reshape(size).copy())

    def rand(size, device=None):
        return hand_out(size, ("uniform", "gates"))

    def randn(size, device=None):
        return hand_out(size, ("normal", "noise"))

    return rand, randn, left


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ada", required=True)
    sys.path.insert(0, parser.parse_args().ada)
    from training.augment import AugmentPipe

    found = {"versions": f"torch {torch.__version__}"}
    for name, (transforms, draws, probability, size, channels) in CASES.items():
        pipe = AugmentPipe(**dict.fromkeys(transforms.split(), 1))
        pipe.p.fill_(probability)
        numbers = tables(name)
        images = inputs.images(name, size, channels, COUNT).transpose(0, 3, 1, 2)
        rand, randn, left = given(name, draws, numbers)
        with mock.patch("torch.rand", rand), mock.patch("torch.randn", randn), torch.no_grad():
            made = pipe(torch.tensor(images.copy())).numpy().transpose(0, 2, 3, 1)
        assert not left, left
        found |= {f"{name}/{table}": value for table, value in numbers.items()}
        found[f"{name}/images"] = made
    np.savez_compressed(pathlib.Path(__file__).with_name("augment.npz"), **found)


if __name__ == "__main__":
    main()
