"""Writes networks.npz: what the authors' PyTorch networks make of `inputs`, weights and images.

    python tests/goldens/translation/make.py --pix2pix=path/to/pytorch-CycleGAN-and-pix2pix \
        --discogan=path/to/DiscoGAN/discogan --spade=path/to/SPADE

It needs torch and the repositories, of which nothing is kept: junyanz/pytorch-CycleGAN-and-pix2pix
at 00d5574 (models/networks.py), SKTBrain/DiscoGAN at f044178 (model.py, without its `ipdb`) and
NVlabs/SPADE at fecacc9 (models/networks), whose synchronized batch normalization, a repository of
its own, is PyTorch's here.
"""

import argparse
import importlib.util
import pathlib
import sys
import types

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
        fill_one(f"{name}/{kind}/{number}", module)


def fill_one(place, module):
    """Gives a convolution or a normalization the weights of its place."""
    if isinstance(module, nn.BatchNorm2d):
        parts = module.weight, module.bias, module.running_mean, module.running_var
        values = inputs.normalization(place, module.num_features)
        for part, value in zip(parts, values, strict=True):
            part.data = torch.tensor(value)
        return
    inner, outer, height, width = module.weight.shape  # Keras: height, width, outer, inner
    shape = height, width, outer, inner
    module.weight.data = torch.tensor(inputs.kernel(place, shape).transpose(3, 2, 0, 1).copy())
    if module.bias is not None:
        module.bias.data = torch.tensor(inputs.bias(place, len(module.bias)))


def fill_named(name, network):
    """Gives convolutions and normalizations of a network the weights of their names."""
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            fill_one(f"{name}/{path}", module)


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


def spade(path, made):
    """Adds what SPADE's networks make in training, with spectral vectors of `inputs`."""
    sys.path.insert(0, path)
    stand_ins = {"torchvision": {}, "models": {"__path__": [f"{path}/models"]}}
    stand_ins |= {"util": {"__path__": []}, "util.util": {}}
    stand_ins |= {"models.networks": {"__path__": [f"{path}/models/networks"]}}
    stand_ins["models.networks.sync_batchnorm"] = {"SynchronizedBatchNorm2d": nn.BatchNorm2d}
    for name, contents in stand_ins.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(contents)
    sys.modules["util"].util = sys.modules["util.util"]
    from models.networks.discriminator import MultiscaleDiscriminator
    from models.networks.encoder import ConvEncoder
    from models.networks.generator import SPADEGenerator

    numbers = {"ngf": 2, "ndf": 2, "semantic_nc": 3, "label_nc": 3, "output_nc": 3, "z_dim": 5}
    numbers |= {"crop_size": 64, "aspect_ratio": 1.0, "num_D": 2, "n_layers_D": 4}
    words = {"norm_G": "spectralspadesyncbatch3x3", "norm_D": "spectralinstance"}
    words |= {"norm_E": "spectralinstance", "netD_subarch": "n_layer"}
    options = types.SimpleNamespace(
        **numbers, **words, contain_dontcare_label=False, no_instance=True, no_ganFeat_loss=False
    )
    labels, image = inputs.one_hot("spade", 64, 3), inputs.images("spade", 64)
    channels_first = lambda x: torch.tensor(x.transpose(0, 3, 1, 2).copy())  # noqa: E731
    for upsampling, vae in (("normal", False), ("more", True)):
        options.num_upsampling_layers, options.use_vae = upsampling, vae
        options.crop_size = 128 if vae else 64
        labels = inputs.one_hot("spade", options.crop_size, 3)
        network = named(f"spade {upsampling}", SPADEGenerator(options)).train()
        z = torch.tensor(inputs.drawn("spade z", (2, 5))) if vae else None
        with torch.no_grad():
            found = network(channels_first(labels), z)
        made[f"spade {upsampling}"] = inputs.some(found.numpy().transpose(0, 2, 3, 1))
    network = named("spade discriminator", MultiscaleDiscriminator(options)).train()
    labels = inputs.one_hot("spade", 64, 3)
    with torch.no_grad():
        scales = network(torch.cat([channels_first(labels), channels_first(image)], 1))
    for scale, seen in enumerate(scales):
        for level, features in enumerate(seen):
            made[f"spade {scale} {level}"] = features.numpy().transpose(0, 2, 3, 1)
    options.crop_size = 256
    network = named("spade encoder", ConvEncoder(options)).train()
    with torch.no_grad():
        found = network(channels_first(inputs.images("spade", 256)))
    made["spade mean"], made["spade log_variance"] = (each.numpy() for each in found)


def named(name, network):
    """Returns the network with weights by the names of its parameters."""
    for key, value in {**dict(network.named_parameters()), **dict(network.named_buffers())}.items():
        place = f"{name}/{key.replace('_orig', '').replace('.', '_')}"
        if key.endswith(("weight", "weight_orig")):
            order = (2, 3, 1, 0) if value.dim() == 4 else (1, 0)
            shape = tuple(value.shape[i] for i in order)
            kernel = inputs.kernel(place, (1,) * (4 - len(shape)) + shape)
            kernel = kernel.reshape(shape)
            back = (3, 2, 0, 1) if value.dim() == 4 else (1, 0)
            value.data = torch.tensor(kernel.transpose(back).copy())
        elif key.endswith("bias"):
            value.data = torch.tensor(inputs.bias(place, len(value)))
        elif key.endswith("weight_u"):
            drawn = inputs.drawn(place, tuple(value.shape))
            value.data = torch.tensor(drawn / np.linalg.norm(drawn))
    return network


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("pix2pix", "discogan", "spade"):
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
            made[f"disco {name} {'train' if train else 'eval'}"] = inputs.some(found[0])
            for level, features in enumerate(found[1:], 1):
                made[f"disco {name} {level} {'train' if train else 'eval'}"] = features.mean((1, 2))
    spade(args.spade, made)
    np.savez_compressed(pathlib.Path(__file__).parent / "networks.npz", **made)


if __name__ == "__main__":
    main()
