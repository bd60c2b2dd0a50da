"""LPIPS's networks against lpips 0.1.4 with the same random weights."""

import sys

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics import goldens
from tfgan_apps.metrics.features import inception, torchvision, weight_files

GOLDEN = goldens.networks()


def give(monkeypatch, states):
    """Has weights be found, and PyTorch read them, one after the other."""
    reader = goldens.PyTorchReader(None)
    left = iter(states)
    reader.load = lambda *_, **__: next(left)
    monkeypatch.setitem(sys.modules, "torch", reader)
    monkeypatch.setattr(weight_files, "find", lambda path, files: (files[0].name, "hash"))


@pytest.mark.parametrize("network, parameters", [("alex", 1152), ("vgg", 1472), ("squeeze", 2240)])
def test_distances_are_those_of_lpips(network, parameters, monkeypatch):
    shapes = {}
    for layer in torchvision.build_backbone(network).layers:
        if layer.weights:
            height, width, channels, filters = layer.kernel.shape
            shapes[f"{layer.name}.weight"] = (filters, channels, height, width)
            shapes[f"{layer.name}.bias"] = (filters,)
    channels = [each.shape[-1] for each in torchvision.build_backbone(network).outputs]
    assert sum(channels) == parameters
    linear = {
        f"lin{i}.model.1.weight": np.float32(weight)[None, :, None, None]
        for i, weight in enumerate(inputs.lpips_weights(channels))
    }
    give(monkeypatch, [inputs.state(shapes), linear])
    distance = torchvision.lpips(network)
    assert distance.name == f"lpips-{network} v0.1"
    for size, expected in zip((64, 51, 46), GOLDEN[f"lpips_{network}"], strict=True):
        first, second = (each[:, :size, :size] for each in inputs.images())
        np.testing.assert_allclose(distance(first, second), expected, rtol=1e-4)
    assert distance(first, first) == pytest.approx(0)


def test_features_of_sifid_are_those_of_each_place(monkeypatch):
    image = np.random.RandomState(0).randint(0, 256, (1, 40, 60, 3), dtype=np.uint8)
    kernels = [(32, 3, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3), (80, 64, 1, 1), (192, 80, 3, 3)]
    shapes = {}
    for name, shape in zip(inception.STEM, kernels, strict=True):
        shapes[f"{name}.conv.weight"] = shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.bn.{part}"] = shape[:1]
    give(monkeypatch, [inputs.state(shapes)])
    features = torchvision.sifid_features()
    found = features(image)
    assert found.shape == (1, 6, 11, 192) and found.min() == 0
    np.testing.assert_allclose(features(image / 127.5 - 1), found, atol=1e-5)


def test_wrong_arguments(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="network must be one of .* Received: network='resnet'"):
        torchvision.lpips("resnet")
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    with pytest.raises(weight_files.WeightFileError, match="put alexnet-owt-7be5be79.pth from"):
        torchvision.lpips()
    with pytest.raises(weight_files.WeightFileError, match="put inception_v3_google-0cc3c7bd.pth"):
        torchvision.sifid_features()
    give(monkeypatch, [{}])
    with pytest.raises(weight_files.WeightFileError, match="features.0.weight of shape"):
        torchvision.lpips()
