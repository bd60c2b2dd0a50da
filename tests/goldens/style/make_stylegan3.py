"""Writes stylegan3.npz: what the authors' PyTorch generators make of `inputs`, and how they move.

    export PYTHONPATH=tests/goldens/translation
    python tests/goldens/style/make_stylegan3.py --stylegan3=path/to/stylegan3

It needs torch, scipy and the repository, of which nothing is kept: NVlabs/stylegan3 at c233a91. On
a CPU its operations are those it calls the reference ones.
"""

import argparse
import pathlib
import sys
import types

import inputs
import numpy as np
import torch

SIZES = {"z_dim": 32, "w_dim": 32, "img_resolution": 32, "img_channels": 3}
NARROW = {"channel_base": 1024, "channel_max": 16}
ROTATION = {"conv_kernel": 1, "use_radial_filters": True}
CLASSES = 5
MOVED, TURNED = (3 / 32, -2 / 32), 0.7  # parts of the image's side, and an angle
BETWEEN = 0.07, -0.11
RATE = 0.01  # of the mapping network: its weights are stored that much larger


def tensor(*numbers):
    """Returns numbers as `inputs` draws them, times a factor."""
    place, shape, *factor = numbers
    return torch.tensor(inputs.drawn(place, tuple(shape)) * np.float32(factor[0] if factor else 1))


def fill_dense(place, layer, factor=1.0):
    """Gives a dense layer its weights; kernels are drawn in Keras' order."""
    layer.weight.data = tensor(f"{place}/kernel", layer.weight.shape[::-1], factor).T.contiguous()
    layer.bias.data = tensor(f"{place}/bias", layer.bias.shape, 0.2 * factor)


def fill_mapping(place, mapping):
    """Gives the mapping network its weights."""
    if mapping.embed is not None:
        fill_dense(f"{place}/embedding", mapping.embed)
    for number in range(mapping.num_layers):
        fill_dense(f"{place}/{number}", getattr(mapping, f"fc{number}"), 1 / RATE)


def fill_synthesis(place, synthesis):
    """Gives the synthesis network its weights, and what it does not learn."""
    first, waves = synthesis.input, synthesis.input.channels
    fill_dense(f"{place}/input", first.affine)
    first.affine.bias.data += torch.tensor([1.0, 0, 0, 0])
    first.weight.data = tensor(f"{place}/input/mix", (waves, waves)).T.contiguous()
    first.freqs.copy_(torch.tanh(tensor(f"{place}/input/frequencies", (waves, 2))))
    first.phases.copy_(tensor(f"{place}/input/phases", (waves,), 0.3))
    for number, name in enumerate(synthesis.layer_names):
        layer = getattr(synthesis, name)
        fill_dense(f"{place}/{number}/affine", layer.affine)
        layer.affine.bias.data += 1.0
        shape = tuple(layer.weight.shape[axis] for axis in (2, 3, 1, 0))
        layer.weight.data = tensor(f"{place}/{number}/kernel", shape).permute(3, 2, 0, 1).clone()
        layer.bias.data = tensor(f"{place}/{number}/bias", layer.bias.shape, 0.1)


def measured(place, synthesis, styles):
    """Gives layers the magnitudes of what they see, and somewhat other ones; returns them."""
    for name in synthesis.layer_names:
        getattr(synthesis, name).magnitude_ema_beta = 0.0
    synthesis(styles, update_emas=True)
    found = []
    for number, name in enumerate(synthesis.layer_names):
        magnitude = getattr(synthesis, name).magnitude_ema
        magnitude *= torch.exp(tensor(f"{place}/{number}/magnitude", (), 0.2))
        found.append(float(magnitude))
    return np.float32(found)


def watched(synthesis):
    """Returns a list that gets the mean squares of what each layer sees, for each example."""
    seen = []

    def look(_, given):
        seen.append(given[0].square().mean((1, 2, 3)).numpy())

    for name in synthesis.layer_names:
        getattr(synthesis, name).register_forward_pre_hook(look)
    return seen


def last(x):
    """Returns an array of images with the channels last."""
    return x.numpy().transpose(0, 2, 3, 1)


def decibels(found, wanted, mask):
    """Returns how much less than the range of images, 2, a difference inside of a mask is."""
    square = ((found - wanted).square() * mask).sum() / mask.sum()
    return 20 * np.log10(2) - 10 * np.log10(float(square))


def moved(x, y):
    """Returns the transform of an image that is moved."""
    matrix = torch.eye(3)
    matrix[:2, 2] = -torch.tensor([x, y])
    return matrix


def equivariance(of, synthesis, styles, theirs):
    """Returns dict, the three measures of a network for one movement each, in decibels."""

    def generate(matrix):
        synthesis.input.transform.copy_(matrix)
        return synthesis(styles)

    plain = generate(torch.eye(3))
    found = {}
    for name, apply, movement in (
        ("eq_t", theirs.apply_integer_translation, MOVED),
        ("eq_t_frac", theirs.apply_fractional_translation, BETWEEN),
    ):
        wanted, mask = apply(plain, *map(torch.tensor, movement))
        found[f"{of} {name}"] = decibels(generate(moved(*movement)), wanted, mask)
    turned = generate(theirs.rotation_matrix(-TURNED))
    wanted, mask = theirs.apply_fractional_rotation(plain, TURNED)
    seen, also = theirs.apply_fractional_pseudo_rotation(turned, TURNED)
    return found | {f"{of} eq_r": decibels(seen, wanted, mask * also)}


def generators():
    """Returns what both generators make of noise, labels and styles."""
    from metrics import equivariance as theirs
    from training.networks_stylegan3 import Generator

    latents = torch.tensor(inputs.drawn("stylegan3 latents", (2, SIZES["z_dim"])))
    matrix = torch.tensor(inputs.drawn("stylegan3 transform", (2, 3)) * np.float32(0.2))
    matrix = torch.eye(3) + torch.nn.functional.pad(matrix, (0, 0, 0, 1))
    made = {"transform": matrix.numpy()}
    for of, own in (("t", {}), ("r", ROTATION)):
        classes = CLASSES if of == "r" else 0
        generator = Generator(
            c_dim=classes, mapping_kwargs={"num_layers": 2}, **SIZES, **NARROW, **own
        ).eval()
        fill_mapping(f"stylegan3 {of} mapping", generator.mapping)
        fill_synthesis(f"stylegan3 {of}", generator.synthesis)
        labels = torch.eye(CLASSES)[[3, 1]] if classes else None
        styles = generator.mapping(latents, labels)
        made[f"{of} styles"] = styles[:, 0].numpy()
        styles = styles + 0.5 * torch.tensor(inputs.drawn("stylegan3 styles", styles.shape))
        made[f"{of} magnitudes"] = measured(f"stylegan3 {of}", generator.synthesis, styles)
        squares = watched(generator.synthesis)
        generator.synthesis.input.transform.copy_(matrix)
        made[f"{of} image"] = last(generator.synthesis(styles))
        made[f"{of} squares"] = np.stack(squares, 1)
        made |= equivariance(of, generator.synthesis, styles, theirs)
    return made


def movements():
    """Returns what the authors' resampling makes of images, and where it is valid."""
    from metrics import equivariance as theirs

    images = torch.tensor(inputs.images("equivariance", 40).transpose(0, 3, 1, 2).copy())
    made = {}
    for name, function, arguments in (
        ("translated", theirs.apply_integer_translation, MOVED),
        ("between", theirs.apply_fractional_translation, BETWEEN),
        ("turned", theirs.apply_fractional_rotation, (TURNED,)),
        ("pseudo", theirs.apply_fractional_pseudo_rotation, (TURNED,)),
    ):
        found, mask = function(images, *map(torch.tensor, arguments))
        made[name] = last(found)[..., :1]
        made[f"{name} mask"] = mask[0, 0].numpy().astype(bool)
    return made


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stylegan3", required=True)
    args = parser.parse_args()
    # Their imports for GPUs and downloads, of which no more is asked.
    for name in ("pkg_resources", "requests"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["pkg_resources"].parse_version = torch.torch_version.TorchVersion
    sys.path.insert(0, args.stylegan3)
    with torch.no_grad():
        made = generators() | movements()
    path = pathlib.Path(__file__).parent / "stylegan3.npz"
    np.savez_compressed(path, torch=torch.__version__, **made)


if __name__ == "__main__":
    main()
