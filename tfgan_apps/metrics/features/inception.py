"""The Inception of 2015-12-05, in whose features FID, KID and Inception Score are defined.

Reference: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    arXiv:1512.00567; the graph of http://download.tensorflow.org/models/image/imagenet/
    inception-2015-12-05.tgz, as https://github.com/mseitzer/pytorch-fid@b9c1811 has ported it
"""

import re

import keras
import numpy as np
from keras import layers

from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.features.network import FID_INCEPTION, FeatureNetwork, as_colour
from tfgan_apps.metrics.features.resizing import resize as resized

SIZE = 299
CLASSES = 1008
STEM = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3")
BLOCKS = tuple(f"Mixed_{name}" for name in "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".split())
_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
FILES = (
    weight_files.WeightFile(
        "pt_inception-2015-12-05-6726825d.pth",
        "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
        "pt_inception-2015-12-05-6726825d.pth",
        _SHA256,
    ),
    weight_files.WeightFile(
        "weights-inception-2015-12-05-6726825d.pth",
        "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
        "weights-inception-2015-12-05-6726825d.pth",
        _SHA256,
    ),
    weight_files.WeightFile(
        "classify_image_graph_def.pb",
        "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz",
    ),
    weight_files.WeightFile(
        "tfgan_eval_inception_1", "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
    ),
)


def fid_inception(weights=None, resize="tf1", batch_size=32):
    """Returns the `FeatureNetwork` of FID, KID and Inception Score.

    Its features are pool_3, 2,048 values; its logits are without the bias, as Inception Score's
    authors have them.

    Args:
        weights: str, path of one of `FILES`: a PyTorch port's .pth (read with torch), the frozen
            graph .pb, or the folder of TF-Hub's SavedModel. Defaults to None, what lies in
            `weight_files.FOLDER`.
        resize: `"tf1"` as TTUR and torch-fidelity, `"half_pixel"` as pytorch-fid, or `"clean"` as
            clean-fid; numbers of different rules do not compare. Defaults to `"tf1"`.
        batch_size: int, images at a time. Defaults to 32.

    Raises:
        WeightFileError: the file is absent, damaged or another.
        ModuleNotFoundError: PyTorch is not installed, and the file is its.
    """
    path, sha256 = weight_files.find(weights, FILES)
    model = build_inception()
    load(model, path)
    bias = np.asarray(model.get_layer("fc").bias)

    def function(images):
        found = model.predict_on_batch(prepared(images, resize))
        return {"features": found["pool_3"], "logits": found["logits"] - bias}

    return FeatureNetwork(FID_INCEPTION, function, resize, sha256, batch_size)


def prepared(images, rule):
    """Returns images as the network takes them, float32 (N, 299, 299, 3).

    Args:
        images: uint8 (N, H, W, 1 or 3).
        rule: str, see `resizing.RULES`.
    """
    pixels = resized(as_colour(images), (SIZE, SIZE), rule)
    # pytorch-fid scales bytes to [-1, 1], the graph to [-1, 127/128].
    return pixels / 127.5 - 1 if rule == "half_pixel" else (pixels - 128) / 128


def build_inception():
    """Returns the network: `image` float32 (N, 299, 299, 3) -> `pool_3` (2048), `logits` (1008).

    Layers have PyTorch's names; that of a block is its output. The average pools leave out what is
    padded, and the last block has a maximum pool, as the graph does.
    """
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = build_stem(image)
    x = layers.MaxPooling2D(3, 2, name="MaxPool_2")(x)
    for name, pool in (("5b", 32), ("5c", 64), ("5d", 64)):
        x = _block_a(x, f"Mixed_{name}", pool)
    x = _block_b(x, "Mixed_6a")
    for name, filters in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        x = _block_c(x, f"Mixed_{name}", filters)
    x = _block_d(x, "Mixed_7a")
    x = _block_e(x, "Mixed_7b", _average)
    x = _block_e(x, "Mixed_7c", layers.MaxPooling2D(3, 1, padding="same"))
    pool = layers.GlobalAveragePooling2D(name="pool_3")(x)
    outputs = {"pool_3": pool, "logits": layers.Dense(CLASSES, name="fc")(pool)}
    return keras.Model(image, outputs, name="inception_2015_12_05", trainable=False)


def build_stem(image):
    """Returns the output of Conv2d_4a_3x3, 192 channels, which is the same in torchvision's.

    Args:
        image: tensor (N, H, W, 3).
    """
    x = _conv(image, STEM[0], 32, 3, 2, "valid")
    x = _conv(x, STEM[1], 32, 3, 1, "valid")
    x = _conv(x, STEM[2], 64, 3)
    x = layers.MaxPooling2D(3, 2, name="MaxPool_1")(x)
    x = _conv(x, STEM[3], 80, 1)
    return _conv(x, STEM[4], 192, 3, 1, "valid")


def load(model, path):
    """Puts the weights of a file into a network, or into its stem.

    Args:
        model: of `build_inception`, or with its layers.
        path: str, of a .pth, a frozen graph or a SavedModel's folder.

    Raises:
        WeightFileError: an array is absent, or of another shape.
        ModuleNotFoundError: PyTorch is not installed, and the file is its.
    """
    if path.endswith((".pth", ".pt")):
        read, named = weight_files.read_torch(path), _torch_weights
    else:
        read, named = weight_files.read_graph(path), _graph_weights
    for layer in model.layers:
        if layer.weights:
            shapes = [tuple(weight.shape) for weight in layer.weights]
            layer.set_weights(named(read, layer.name, shapes, path))


def _torch_weights(arrays, name, shapes, path):
    """Returns a layer's weights of a state dict, which has the channels of kernels first."""
    parts = ("weight", "bias", "running_mean", "running_var")[: len(shapes)]
    if len(shapes[0]) == 4:
        height, width, channels, filters = shapes[0]
        stored = (filters, channels, height, width)
        return [weight_files.take(arrays, f"{name}.weight", stored, path).transpose(2, 3, 1, 0)]
    stored = [shapes[0][::-1], *shapes[1:]]
    found = [
        weight_files.take(arrays, f"{name}.{part}", shape, path)
        for part, shape in zip(parts, stored, strict=True)
    ]
    return [found[0].T, *found[1:]]


def _graph_weights(arrays, name, shapes, path):
    """Returns a layer's weights of the 2015 graph, whose normalization may lack the scale."""
    if name == "fc":
        parts, stem = ("weights", "biases"), "softmax"
    else:
        stem = graph_name(name.rsplit(".", 1)[0])
        norm = [f"batchnorm/{p}" for p in ("gamma", "beta", "moving_mean", "moving_variance")]
        parts = norm if name.endswith(".bn") else ("conv2d_params",)
    arrays = {f"{stem}/batchnorm/gamma": np.ones(shapes[0], np.float32), **arrays}
    return [
        weight_files.take(arrays, f"{stem}/{part}", shape, path)
        for part, shape in zip(parts, shapes, strict=True)
    ]


def graph_name(name):
    """Returns the 2015 graph's name of a convolution.

    Args:
        name: str, PyTorch's: `Conv2d_1a_3x3`, `Mixed_7b.branch3x3dbl_3a`, ...
    """
    if name in STEM:
        return f"conv{_number(STEM.index(name))}"
    block, branch = name.split(".")
    kind, place, half = re.fullmatch(r"(branch_pool|branch[^_]+)_?(\d?)([ab]?)", branch).groups()
    parts = [f"mixed{_number(BLOCKS.index(block))}", *_tower(block, kind)]
    if half:
        return "/".join([*parts, "mixed", f"conv{_number('ab'.index(half))}"])
    return "/".join([*parts, f"conv{_number(int(place or 1) - 1)}"])


def _tower(block, kind):
    """Returns the tower that a branch is, in a list; the first branch of most blocks is none."""
    if kind == "branch1x1" or (block, kind) == ("Mixed_6a", "branch3x3"):
        return []
    if kind == "branch_pool":
        return ["tower_2"]
    second = kind in ("branch7x7dbl", "branch7x7x3", "branch3x3dbl") and block != "Mixed_6a"
    return ["tower_1" if second else "tower"]


def _number(place):
    return f"_{place}" if place else ""


def _conv(x, name, filters, size, strides=1, padding="same"):
    x = layers.Conv2D(filters, size, strides, padding, use_bias=False, name=f"{name}.conv")(x)
    return layers.ReLU(name=name)(layers.BatchNormalization(epsilon=1e-3, name=f"{name}.bn")(x))


def _chain(x, name, *convolutions):
    """Applies convolutions (name, filters, size[, strides, padding]) one after the other."""
    for branch, *options in convolutions:
        x = _conv(x, f"{name}.{branch}", *options)
    return x


def _average(x):
    return layers.AveragePooling2D(3, 1, padding="same")(x)  # of the pixels that there are


def _block_a(x, name, pool):
    branches = [
        _chain(x, name, ("branch1x1", 64, 1)),
        _chain(x, name, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
        _chain(
            x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)
        ),
        _chain(_average(x), name, ("branch_pool", pool, 1)),
    ]
    return layers.Concatenate(name=name)(branches)


def _block_b(x, name):
    last = ("branch3x3dbl_3", 96, 3, 2, "valid")
    branches = [
        _chain(x, name, ("branch3x3", 384, 3, 2, "valid")),
        _chain(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), last),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate(name=name)(branches)


def _block_c(x, name, k):
    across, along = (1, 7), (7, 1)
    once = [("branch7x7_1", k, 1), ("branch7x7_2", k, across), ("branch7x7_3", 192, along)]
    twice = [(k, 1), (k, along), (k, across), (k, along), (192, across)]
    branches = [
        _chain(x, name, ("branch1x1", 192, 1)),
        _chain(x, name, *once),
        _chain(x, name, *((f"branch7x7dbl_{i}", *each) for i, each in enumerate(twice, 1))),
        _chain(_average(x), name, ("branch_pool", 192, 1)),
    ]
    return layers.Concatenate(name=name)(branches)


def _block_d(x, name):
    branches = [
        _chain(x, name, ("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3, 2, "valid")),
        _chain(
            x,
            name,
            ("branch7x7x3_1", 192, 1),
            ("branch7x7x3_2", 192, (1, 7)),
            ("branch7x7x3_3", 192, (7, 1)),
            ("branch7x7x3_4", 192, 3, 2, "valid"),
        ),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate(name=name)(branches)


def _block_e(x, name, pool):
    once = _chain(x, name, ("branch3x3_1", 384, 1))
    twice = _chain(x, name, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
    branches = [
        _chain(x, name, ("branch1x1", 320, 1)),
        _chain(once, name, ("branch3x3_2a", 384, (1, 3))),
        _chain(once, name, ("branch3x3_2b", 384, (3, 1))),
        _chain(twice, name, ("branch3x3dbl_3a", 384, (1, 3))),
        _chain(twice, name, ("branch3x3dbl_3b", 384, (3, 1))),
        _chain(pool(x), name, ("branch_pool", 192, 1)),
    ]
    return layers.Concatenate(name=name)(branches)
