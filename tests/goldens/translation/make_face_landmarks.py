"""Writes face_landmarks.npz: what the authors' PyTorch network of landmarks makes of `inputs`.

    python tests/goldens/translation/make_face_landmarks.py --stargan_v2=path/to/stargan-v2

It needs torch and clovaai/stargan-v2 at 875b70a (core/wing.py), of which nothing is kept. Heat is
that of random weights, and masks are of spots.
"""

import argparse
import pathlib
import sys
import types
from unittest import mock

import inputs
import numpy as np
import torch
from make import fill_named
from torch.nn import functional


class Munch(dict):
    """A dict whose values are attributes."""

    __getattr__ = dict.__getitem__


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stargan_v2", required=True)
    sys.path.insert(0, parser.parse_args().stargan_v2)
    # The file imports them for what is not made here.
    sys.modules["munch"] = types.SimpleNamespace(Munch=Munch)
    sys.modules |= {name: mock.Mock() for name in ("cv2", "skimage", "skimage.filters")}
    from core import wing

    network = wing.FAN().eval()
    fill_named("landmarks", network)
    images = torch.tensor(inputs.images("landmarks", 256).transpose(0, 3, 1, 2).copy())
    heat = torch.tensor(inputs.spots("landmarks", 64, 98).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        found = network(images * 0.5 + 0.5)[0][-1]
        large = functional.interpolate(heat, scale_factor=4, mode="bilinear", align_corners=True)
        masks = torch.cat(wing.preprocess(large), 1)
    made = {"heat": found[:, :, ::8, ::8], "masks": masks[:, :, ::4, ::4]}
    made = {name: x.permute(0, 2, 3, 1).numpy() for name, x in made.items()}
    path = pathlib.Path(__file__).parent / "face_landmarks.npz"
    np.savez_compressed(path, torch=torch.__version__, **made)


if __name__ == "__main__":
    main()
