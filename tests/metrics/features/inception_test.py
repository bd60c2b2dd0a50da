"""The Inception of 2015: parameters, names, and outputs of PyTorch's ports of it."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.goldens.metrics import inputs
from tests.metrics import goldens
from tfgan_apps.metrics.features import inception, weight_files

GOLDEN = goldens.networks()
IMAGES = inputs.images()[1]


@pytest.fixture(scope="module")
def model():
    return inception.build_inception()


def torch_shapes(model):
    """Returns dict, name in PyTorch's state dict -> shape there."""
    shapes = {}
    for layer in model.layers:
        if layer.weights:
            parts = ("weight", "bias", "running_mean", "running_var")[: len(layer.weights)]
            for part, weight in zip(parts, layer.weights, strict=True):
                shape = tuple(weight.shape)
                shape = (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1]
                shapes[f"{layer.name}.{part}"] = shape
    return shapes


def test_parameters_are_the_published_ones(model):
    shapes = torch_shapes(model)
    kernels = sum(np.prod(shape) for shape in shapes.values() if len(shape) == 4)
    channels = sum(shape[0] for name, shape in shapes.items() if name.endswith("running_mean"))
    assert (kernels, channels) == (21_751_136, 17_216)
    trained = [np.prod(shape) for name, shape in shapes.items() if "running" not in name]
    assert sum(trained) == 23_850_960
    assert model.count_params() == 23_850_960 + 2 * 17_216
    assert not model.trainable_weights


def test_sizes_are_the_published_ones(model):
    sizes = {"Conv2d_1a_3x3": (149, 32), "Conv2d_2b_3x3": (147, 64), "Conv2d_4a_3x3": (71, 192)}
    sizes |= {"Mixed_5b": (35, 256), "Mixed_5d": (35, 288), "Mixed_6a": (17, 768)}
    sizes |= {"Mixed_6e": (17, 768), "Mixed_7a": (8, 1280), "Mixed_7c": (8, 2048)}
    for name, (side, channels) in sizes.items():
        assert model.get_layer(name).output.shape == (None, side, side, channels)
    assert model.output["pool_3"].shape == (None, 2048)
    assert model.output["logits"].shape == (None, 1008)


@pytest.mark.parametrize(
    "name, expected",
    {
        "Conv2d_1a_3x3": "conv",
        "Conv2d_4a_3x3": "conv_4",
        "Mixed_5b.branch1x1": "mixed/conv",
        "Mixed_5b.branch5x5_2": "mixed/tower/conv_1",
        "Mixed_5d.branch3x3dbl_3": "mixed_2/tower_1/conv_2",
        "Mixed_5d.branch_pool": "mixed_2/tower_2/conv",
        "Mixed_6a.branch3x3": "mixed_3/conv",
        "Mixed_6a.branch3x3dbl_1": "mixed_3/tower/conv",
        "Mixed_6b.branch7x7_3": "mixed_4/tower/conv_2",
        "Mixed_6e.branch7x7dbl_5": "mixed_7/tower_1/conv_4",
        "Mixed_7a.branch3x3_2": "mixed_8/tower/conv_1",
        "Mixed_7a.branch7x7x3_4": "mixed_8/tower_1/conv_3",
        "Mixed_7b.branch3x3_1": "mixed_9/tower/conv",
        "Mixed_7b.branch3x3_2b": "mixed_9/tower/mixed/conv_1",
        "Mixed_7c.branch3x3dbl_3a": "mixed_10/tower_1/mixed/conv",
    }.items(),
)
def test_names_of_the_graph(name, expected):
    assert inception.graph_name(name) == expected


def graph_file(path, state):
    """Writes a frozen graph of the weights of a state dict, under the graph's names."""
    graph = tf.compat.v1.GraphDef()
    for name, array in state.items():
        layer, part = name.rsplit(".", 1)
        if layer == "fc":
            array, place = array.T, "softmax/" + {"weight": "weights", "bias": "biases"}[part]
        elif layer.endswith(".conv"):
            place = f"{inception.graph_name(layer[:-5])}/conv2d_params"
            array = array.transpose(2, 3, 1, 0)
        else:
            parts = {"weight": "gamma", "bias": "beta"}
            parts |= {"running_mean": "moving_mean", "running_var": "moving_variance"}
            place = f"{inception.graph_name(layer[:-3])}/batchnorm/{parts[part]}"
        node = graph.node.add(name=place, op="Const")
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array))
    path.write_bytes(graph.SerializeToString())


def test_outputs_are_those_of_torch_fidelity_and_pytorch_fid(model, tmp_path, monkeypatch):
    """torch-fidelity 0.4.0 resizes as TensorFlow 1 did, pytorch-fid 0.3.0 with half pixels."""
    state = inputs.state(torch_shapes(model))
    path = tmp_path / "classify_image_graph_def.pb"
    graph_file(path, state)
    network = inception.fid_inception(str(path))
    assert (network.name, network.resize) == ("inception-2015-12-05", "tf1")
    assert network.sha256 == weight_files.hash_of(str(path))
    found = network(IMAGES)
    np.testing.assert_allclose(found["features"], GOLDEN["torch_fidelity_features"], atol=2e-5)
    np.testing.assert_allclose(found["logits"], GOLDEN["torch_fidelity_logits"], atol=2e-5)

    monkeypatch.setitem(sys.modules, "torch", goldens.PyTorchReader(state))
    inception.load(model, "state.pth")
    half_pixel = model.predict_on_batch(inception.prepared(IMAGES, "half_pixel"))["pool_3"]
    np.testing.assert_allclose(half_pixel, GOLDEN["pytorch_fid_features"], atol=2e-5)
    assert np.abs(half_pixel - GOLDEN["torch_fidelity_features"]).max() > 1e-3


def test_grey_images_are_repeated_and_bytes_scaled_as_each_program_does():
    grey = np.full((1, 2, 2, 1), 64, np.uint8)
    assert (inception.prepared(grey, "tf1") == -0.5).all()
    assert inception.prepared(grey, "clean").shape == (1, 299, 299, 3)
    np.testing.assert_allclose(inception.prepared(grey, "half_pixel"), 64 / 127.5 - 1, atol=1e-6)


def test_weights_that_do_not_fit(model, tmp_path, monkeypatch):
    with pytest.raises(weight_files.WeightFileError, match="put pt_inception-2015-12-05-6726825d"):
        monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
        inception.fid_inception()
    (tmp_path / "mine.pth").write_bytes(b"no weights")
    with pytest.raises(weight_files.WeightFileError, match="published sha256 6726825d0af5f729ceb"):
        inception.fid_inception(str(tmp_path / "mine.pth"))
    (tmp_path / "mine.pb").write_bytes(b"")
    with pytest.raises(weight_files.WeightFileError, match="conv/conv2d_params of shape .* none"):
        inception.load(model, str(tmp_path / "mine.pb"))
    monkeypatch.setitem(sys.modules, "torch", goldens.PyTorchReader({}))
    with pytest.raises(weight_files.WeightFileError, match="must have Conv2d_1a_3x3.conv.weight"):
        inception.load(model, "mine.pth")
