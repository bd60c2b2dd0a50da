"""Writes funit.npz: what the authors' PyTorch networks of FUNIT make of `inputs`.

    python tests/goldens/translation/make_funit.py --funit=path/to/FUNIT

It needs torch and NVlabs/FUNIT at 198f430 (networks.py, blocks.py), of which nothing is kept.
"""

import argparse
import pathlib
import sys

import inputs
import numpy as np
import torch
from make_munit import filled, first, last
from torch import nn

GENERATOR = {"nf": 2, "n_res_blks": 2, "nf_mlp": 5, "latent_dim": 3, "n_mlp_blks": 3}
GENERATOR |= {"n_downs_content": 3, "n_downs_class": 4}
JUDGE = {"nf": 2, "n_res_blks": 6, "num_classes": 4}


def made(path):
    """Returns what the networks make of images."""
    sys.path.insert(0, path)
    from networks import FewShotGen, GPPatchMcResDis

    image, code = inputs.images("funit", 32), inputs.drawn("funit code", (2, 3))
    generator, judge = FewShotGen(GENERATOR), GPPatchMcResDis(JUDGE)
    filled("funit content", generator.enc_content)
    filled("funit class", generator.enc_class_model)
    filled("funit decoder", nn.ModuleList([generator.mlp, generator.dec]))
    filled("funit judge", judge)
    content = generator.enc_content(first(image))
    found = {"content": last(content)}
    found["code"] = generator.enc_class_model(first(image)).numpy()[..., 0, 0]
    found["image"] = last(generator.decode(content, torch.tensor(code)))
    features = judge.cnn_f(first(image))
    found["logits"] = last(judge.cnn_c(features))  # whose activation works in place
    return found | {"features": features.mean((2, 3)).numpy()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--funit", required=True)
    with torch.no_grad():
        arrays = made(parser.parse_args().funit)
    path = pathlib.Path(__file__).parent / "funit.npz"
    np.savez_compressed(path, torch=torch.__version__, **arrays)
