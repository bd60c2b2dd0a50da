"""Writes stylegan2.npz: what the authors' PyTorch networks of StyleGAN2-ADA make of `inputs`.

    export PYTHONPATH=tests/goldens/translation
    python tests/goldens/style/make_stylegan2.py --stylegan2=path/to/stylegan2-ada-pytorch

It needs torch and the repository, of which nothing is kept: NVlabs/stylegan2-ada-pytorch at
d72cc7d. On a CPU its operations are those it calls the reference ones.
"""

import argparse
import pathlib
import sys

import inputs
import numpy as np
import torch

WIDTHS = {"channel_base": 128, "channel_max": 8}
SIZE, STYLE, CLASSES, RATE = 16, 6, 3, 0.01


def put(parameter, name, axes=None, factor=1.0):
    """Gives a parameter the numbers that the test gives ours, whose axes are in Keras' order."""
    shape = tuple(parameter.shape)
    if axes is None:
        parameter.data = torch.tensor(inputs.drawn(name, shape) * np.float32(factor))
        return
    drawn = inputs.drawn(name, tuple(shape[axis] for axis in axes)) * np.float32(factor)
    parameter.data = torch.tensor(drawn.transpose(np.argsort(axes)).copy())


def fill(place, layer, factor=1.0):
    """Gives a layer its kernel, and a bias where it has one."""
    axes = (1, 0) if layer.weight.ndim == 2 else (2, 3, 1, 0)
    put(layer.weight, f"{place}/kernel", axes, factor)
    if layer.bias is not None:
        put(layer.bias, f"{place}/bias", None, factor)


def fill_styled(place, layer):
    """Gives a layer of the synthesis network its weights."""
    fill(f"{place}/affine", layer.affine)
    put(layer.weight, f"{place}/kernel", (2, 3, 1, 0))
    put(layer.bias, f"{place}_bias/bias")
    if hasattr(layer, "noise_strength"):
        put(layer.noise_strength, f"{place}_noise/strength")


def synthesized(networks):
    """Returns what the synthesis network makes of styles and of noise."""
    network = networks.SynthesisNetwork(STYLE, SIZE, 3, **WIDTHS).eval()
    noise = inputs.drawn("stylegan2 noise", (10**4,))
    start = 0
    for size in network.block_resolutions:
        block, place = getattr(network, f"b{size}"), f"synthesis block_{size}"
        if size == 4:
            put(block.const, "synthesis constant/value", (1, 2, 0))
        for name in ("conv0", "conv1") if size > 4 else ("conv1",):
            layer = getattr(block, name)
            fill_styled(f"{place}_{name}", layer)
            layer.noise_const.copy_(
                torch.tensor(noise[start : start + size**2].reshape(size, size))
            )
            start += size**2
        fill_styled(f"{place}_to_rgb", block.torgb)
    styles = torch.tensor(inputs.drawn("stylegan2 styles", (2, network.num_ws, STYLE)))
    with torch.no_grad():
        found = network(styles, noise_mode="const")
        apart = network.train()(styles, noise_mode="const")
    np.testing.assert_allclose(found, apart, atol=1e-3)  # their two ways to modulate
    return found.numpy().transpose(0, 2, 3, 1)


def judged(networks, name, **kwargs):
    """Returns the logits of a discriminator of images, and of labels where it has classes."""
    network = networks.Discriminator(
        img_resolution=SIZE,
        img_channels=3,
        epilogue_kwargs={"mbstd_group_size": 2},
        **WIDTHS,
        **kwargs,
    ).eval()
    for size in network.block_resolutions:
        block = getattr(network, f"b{size}")
        if size == SIZE:
            fill(f"{name} from_rgb", block.fromrgb)
        for part in ("conv0", "conv1", "skip"):
            if hasattr(block, part):
                fill(f"{name} block_{size}_{part}", getattr(block, part))
    last = network.b4
    for own, theirs in (("conv", last.conv), ("dense", last.fc), ("out", last.out)):
        fill(f"{name} {own}", theirs)
    filters, inside = last.fc.weight.shape
    kernel = last.fc.weight.data.reshape(filters, 4, 4, inside // 16)  # ours sees channels last
    last.fc.weight.data = kernel.permute(0, 3, 1, 2).reshape(filters, inside)
    labels = None
    if kwargs["c_dim"]:
        fill(f"{name} embedding", network.mapping.embed)
        for number in range(network.mapping.num_layers):
            own = "styles" if number + 1 == network.mapping.num_layers else f"dense_{number}"
            fill(f"{name} {own}", getattr(network.mapping, f"fc{number}"), 1 / RATE)
        labels = torch.eye(CLASSES)[[0, 2, 1, 1]]
    image = torch.tensor(inputs.images("stylegan2", SIZE, count=4).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        return network(image, labels).numpy()


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stylegan2", required=True)
    sys.path.insert(0, parser.parse_args().stylegan2)
    from training import networks

    torch.manual_seed(0)
    np.savez_compressed(
        pathlib.Path(__file__).with_name("stylegan2.npz"),
        image=synthesized(networks),
        logit=judged(networks, "residual", c_dim=0),
        conditional=judged(networks, "plain", c_dim=CLASSES, architecture="orig"),
        versions=np.array([f"torch {torch.__version__}"]),
    )


if __name__ == "__main__":
    main()
