"""Writes networks.npz: what PyTorch's networks make of the inputs, with random weights.

    python -m tests.goldens.metrics.make_networks

In an environment of its own with numpy, torch, torchvision, torch-fidelity, pytorch-fid and lpips;
their versions are written too.
"""

import importlib.metadata
import pathlib
import tempfile

import lpips
import numpy as np
import pytorch_fid.inception
import torch
import torchvision
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from tests.goldens.metrics import inputs

PACKAGES = "numpy torch torchvision torch-fidelity pytorch-fid lpips".split()
BACKBONES = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}


def _random_state(network):
    """Returns a state dict of random weights; how many batches were seen stays."""
    old = network.state_dict()
    shapes = {name: tuple(v.shape) for name, v in old.items() if v.ndim}
    new = {name: torch.from_numpy(array) for name, array in inputs.state(shapes).items()}
    return {**old, **new}


def _inceptions():
    plain = torchvision.models.inception_v3(
        num_classes=1008, aux_logits=False, weights=None, init_weights=False
    )
    state = _random_state(plain)
    images = torch.from_numpy(inputs.images()[1].transpose(0, 3, 1, 2).copy())
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = f"{folder}/state.pth"
        torch.save(state, path)
        compatible = FeatureExtractorInceptionV3(
            "golden", ["2048", "logits_unbiased"], feature_extractor_weights_path=path
        )
        features, logits = compatible(images)
    pytorch_fid.inception.load_state_dict_from_url = lambda *_, **__: state
    with torch.no_grad():
        (half_pixel,) = pytorch_fid.inception.InceptionV3().eval()(images / 255)
    return {
        "torch_fidelity_features": features.numpy(),
        "torch_fidelity_logits": logits.numpy(),
        "pytorch_fid_features": half_pixel.numpy()[:, :, 0, 0],
    }


def _lpips(network):
    """The package's distance; of odd sizes too, where pools leave places out."""
    build = getattr(torchvision.models, BACKBONES[network])
    state = _random_state(build(weights=None).features)
    distance = lpips.LPIPS(net=network, pretrained=False, pnet_rand=True, verbose=False)
    for part in [getattr(distance.net, f"slice{i + 1}") for i in range(distance.L)]:
        for place, layer in part.named_children():
            own = {n: state[f"{place}.{n}"] for n, _ in layer.named_parameters()}
            layer.load_state_dict(own)
    for layer, weight in zip(distance.lins, inputs.lpips_weights(distance.chns), strict=True):
        layer.model[-1].weight.data = torch.from_numpy(np.float32(weight))[None, :, None, None]
    found = []
    for size in (64, 51, 46):
        pair = [x[:, :size, :size].transpose(0, 3, 1, 2) / 127.5 - 1 for x in inputs.images()]
        with torch.no_grad():
            found.append(distance(*(torch.from_numpy(np.float32(x)) for x in pair)).numpy().ravel())
    return np.array(found)


def main():
    """Writes the file."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    distances = {f"lpips_{network}": _lpips(network) for network in BACKBONES}
    path = pathlib.Path(__file__).with_name("networks.npz")
    np.savez(path, versions=versions, **_inceptions(), **distances)


if __name__ == "__main__":
    main()
