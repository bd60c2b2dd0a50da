"""Weights of the network of landmarks: the file's names, and what is wrong with others."""

import sys

import numpy as np
import pytest

from tests.metrics.features.weight_files_test import PyTorchReader
from tfgan_apps.metrics.features import face_landmarks as features
from tfgan_apps.metrics.features.weight_files import WeightFileError
from tfgan_apps.networks import face_landmarks

PARTS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean"}
PARTS |= {"moving_variance": "running_var", "kernel": "weight", "bias": "bias"}


def state_of(network):
    """Returns the arrays of a file that fits the network, in PyTorch's order."""
    found = {}
    for layer in network.layers:
        for weight in layer.weights:
            array = np.full(weight.shape, 0.5, np.float32)
            turned = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array
            found[f"{layer.name}.{PARTS[weight.name]}"] = turned
    return found


def test_weights_of_the_authors_file(monkeypatch, tmp_path):
    network = face_landmarks.build_landmarks()
    path = tmp_path / "wing.ckpt"
    path.write_bytes(b"")
    state = state_of(network)
    monkeypatch.setitem(sys.modules, "torch", PyTorchReader({"state_dict": state}))
    features.load(network, str(path))
    assert all((np.asarray(w) == 0.5).all() for w in network.weights)
    del state["m0.b1_4.bn2.running_var"]
    with pytest.raises(WeightFileError, match="m0.b1_4.bn2.running_var of shape"):
        features.load(network, str(path))
    monkeypatch.setitem(sys.modules, "torch", PyTorchReader({"other": 1}))
    with pytest.raises(WeightFileError, match="must be a state dict"):
        features.load(network, str(path))


def test_without_a_file(tmp_path):
    with pytest.raises(WeightFileError, match="nothing is downloaded: put wing.ckpt from https"):
        features.load(None, str(tmp_path / "none"))
