"""Writes munit.npz: what the authors' PyTorch networks of MUNIT and UNIT make of `inputs`.

    python tests/goldens/translation/make_munit.py --munit=path/to/MUNIT --unit=path/to/UNIT

It needs torch and the repositories, of which nothing is kept: NVlabs/MUNIT at a82e222 (networks.py)
and mingyuliutw/UNIT at 96def6b, the branch version_02 (src/trainers/cocogan_nets.py and what that
imports, but OpenCV).
"""

import argparse
import pathlib
import sys
import types

import inputs
import numpy as np
import torch
from torch import nn

SIZES = {"dim": 2, "style_dim": 3, "n_downsample": 2, "n_res": 2, "mlp_dim": 5, "activ": "relu"}
JUDGES = {"dim": 2, "n_layer": 3, "gan_type": "lsgan", "norm": "none", "activ": "lrelu"}
JUDGES |= {"num_scales": 3, "pad_type": "reflect"}


def filled(name, network):
    """Returns the network with weights of their place and kind, in the order of its modules."""
    counts = {}
    kinds = {nn.Conv2d: "conv", nn.ConvTranspose2d: "transposed", nn.Linear: "dense"}
    for module in network.modules():
        kind = kinds.get(type(module), "norm" if hasattr(module, "gamma") else None)
        if kind is None:
            continue
        counts[kind] = number = counts.get(kind, 0) + 1
        place = f"{name}/{kind}/{number}"
        if kind == "norm":
            module.gamma.data, module.beta.data = map(torch.tensor, norm(place, module.gamma))
            continue
        order = (1, 0) if kind == "dense" else (2, 3, 1, 0)
        shape = tuple(module.weight.shape[axis] for axis in order)
        kernel = inputs.kernel(place, (1,) * (4 - len(shape)) + shape).reshape(shape)
        module.weight.data = torch.tensor(kernel.transpose(np.argsort(order)).copy())
        if module.bias is not None:
            module.bias.data = torch.tensor(inputs.bias(place, len(module.bias)))
    return network


def norm(place, like):
    """Returns gamma and beta of a layer normalization."""
    return inputs.normalization(place, len(like))[:2]


def first(x):
    """Returns images with the channels first, as a tensor."""
    return torch.tensor(x.transpose(0, 3, 1, 2).copy())


def last(x):
    """Returns an array of images with the channels last."""
    return x.numpy().transpose(0, 2, 3, 1)


def munit(path):
    """Returns what MUNIT's networks, and the autoencoder of UNIT's rewrite, make of images."""
    sys.path.insert(0, path)
    from networks import AdaINGen, MsImageDis, VAEGen

    image, style = inputs.images("munit", 32), inputs.drawn("munit style", (2, 3))
    generator = AdaINGen(3, {**SIZES, "pad_type": "reflect"})
    filled("munit content", generator.enc_content)
    filled("munit style", generator.enc_style)
    filled("munit decoder", nn.ModuleList([generator.mlp, generator.dec]))
    content, code = generator.encode(first(image))
    made = {"content": last(content), "style": code.numpy()[..., 0, 0]}
    made["image"] = last(generator.decode(content, torch.tensor(style)[..., None, None]))
    plain = VAEGen(3, {**SIZES, "pad_type": "reflect"})
    filled("unit decoder", plain.dec)
    made["plain image"] = last(plain.decode(content))
    judges = MsImageDis(3, JUDGES)
    for scale, judge in enumerate(judges.cnns):
        filled(f"munit judge {scale}", judge)
    for scale, logits in enumerate(judges(first(image))):
        made[f"logits {scale}"] = last(logits)
    return made


def unit(path):
    """Returns what the networks of UNIT's paper make of images, without noise."""
    sys.modules["cv2"] = types.ModuleType("cv2")
    sys.modules["trainers"] = types.ModuleType("trainers")
    sys.modules["trainers"].__path__ = [f"{path}/src/trainers"]
    from trainers.cocogan_nets import COCOResGen2, COCOSharedDis

    sizes = {
        "ch": 2,
        "input_dim_a": 3,
        "input_dim_b": 3,
        "n_enc_front_blk": 3,
        "n_gen_front_blk": 3,
    }
    blocks = {"n_enc_res_blk": 2, "n_enc_shared_blk": 1, "n_gen_shared_blk": 1, "n_gen_res_blk": 2}
    generator = COCOResGen2({**sizes, **blocks}).eval()
    for name in ("encode_A", "enc_shared", "dec_shared", "decode_B"):
        filled(f"unit {name}", getattr(generator, name))
    image = first(inputs.images("munit", 32))
    code = generator.enc_shared(generator.encode_A(image))
    made = {"unit code": last(code), "unit image": last(generator.forward_a2b(image)[0])}
    judges = COCOSharedDis({**sizes, "n_front_layer": 2, "n_shared_layer": 2})
    filled("unit front", judges.model_A)
    filled("unit judge", judges.model_S)
    return made | {"unit logits": last(judges.model_S(judges.model_A(image)))}


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("munit", "unit"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    with torch.no_grad():
        made = munit(args.munit) | unit(args.unit)
    path = pathlib.Path(__file__).parent / "munit.npz"
    np.savez_compressed(path, torch=torch.__version__, **made)


if __name__ == "__main__":
    main()
