"""The classifiers of torchvision that LPIPS and SIFID are defined by, as Keras models.

Reference: https://github.com/pytorch/vision, models/{alexnet,vgg,squeezenet,inception}.py;
    https://github.com/richzhang/PerceptualSimilarity@082bb24
"""

import keras
import numpy as np
from keras import layers

from tfgan_apps.arguments import check_choice
from tfgan_apps.metrics.features import inception, weight_files
from tfgan_apps.metrics.perceptual_distance import PerceptualDistance

_TORCHVISION = "https://download.pytorch.org/models/"
_LPIPS = "https://pypi.org/project/lpips/0.1.4/, in it lpips/weights/v0.1/"


def _file(name, sha256, url=_TORCHVISION):
    return weight_files.WeightFile(name, url + name, sha256)


BACKBONES = {
    "alex": _file("alexnet-owt-7be5be79.pth", "7be5be79"),
    "vgg": _file("vgg16-397923af.pth", "397923af"),
    "squeeze": _file("squeezenet1_1-b8a52dc0.pth", "b8a52dc0"),
}
LINEAR = {
    "alex": _file(
        "alex.pth", "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0", _LPIPS
    ),
    "vgg": _file(
        "vgg.pth", "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868", _LPIPS
    ),
    "squeeze": _file(
        "squeeze.pth", "4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76", _LPIPS
    ),
}
INCEPTION = _file("inception_v3_google-0cc3c7bd.pth", "0cc3c7bd")


def lpips(network="alex", backbone_weights=None, linear_weights=None):
    """Returns the `PerceptualDistance` that is called LPIPS, version 0.1.

    Args:
        network: `"alex"`, `"vgg"` or `"squeeze"`; papers name it with the number. Defaults to
            `"alex"`, the authors' choice for scores.
        backbone_weights: str, path of torchvision's file of the network, see `BACKBONES`; read with
            torch. Defaults to None, what lies in `weight_files.FOLDER`.
        linear_weights: str, path of the authors' file of weights of layers, see `LINEAR`. Defaults
            to None, what lies in `weight_files.FOLDER`.

    Raises:
        WeightFileError: a file is absent, damaged or another.
        ModuleNotFoundError: PyTorch is not installed.
    """
    check_choice(tuple(BACKBONES), network=network)
    path, _ = weight_files.find(backbone_weights, [BACKBONES[network]])
    model = build_backbone(network)
    load(model, path)
    path, _ = weight_files.find(linear_weights, [LINEAR[network]])
    arrays = weight_files.read_torch(path)
    shapes = [(1, output.shape[-1], 1, 1) for output in model.outputs]
    weights = [
        weight_files.take(arrays, f"lin{i}.model.1.weight", shape, path).ravel().astype(np.float64)
        for i, shape in enumerate(shapes)
    ]
    return PerceptualDistance(model.predict_on_batch, weights, f"lpips-{network} v0.1")


def sifid_features(weights=None):
    """Returns the function of SIFID: images (N, H, W, 3) -> features of each place, 192 values.

    Images are uint8, or float in [-1, 1], of any size: they are not resized.

    Args:
        weights: str, path of torchvision's Inception, see `INCEPTION`; read with torch. Defaults to
            None, what lies in `weight_files.FOLDER`.

    Raises:
        WeightFileError: the file is absent, damaged or another.
        ModuleNotFoundError: PyTorch is not installed.
    """
    path, _ = weight_files.find(weights, [INCEPTION])
    image = keras.Input((None, None, 3), name="image")
    model = keras.Model(image, inception.build_stem(image), trainable=False)
    inception.load(model, path)

    def features(images):
        images = np.asarray(images)
        scaled = images / 127.5 - 1 if images.dtype == np.uint8 else images
        return model.predict_on_batch(np.float32(scaled))

    return features


def build_backbone(network):
    """Returns a network: `image`, scaled, (N, H, W, 3) -> list of the layers that LPIPS compares.

    Args:
        network: `"alex"`, `"vgg"` or `"squeeze"`.
    """
    image = keras.Input((None, None, 3), name="image")
    build = {"alex": _alex, "vgg": _vgg, "squeeze": _squeeze}[network]
    return keras.Model(image, build(image), name=network, trainable=False)


def load(model, path):
    """Puts the weights of torchvision's file into a backbone.

    Args:
        model: of `build_backbone`.
        path: str, of a .pth file.

    Raises:
        WeightFileError: an array is absent, or of another shape.
        ModuleNotFoundError: PyTorch is not installed.
    """
    arrays = weight_files.read_torch(path)
    for layer in model.layers:
        if layer.weights:
            weight_files.load_convolution(layer, arrays, layer.name, path)


def _conv(x, name, filters, size, strides=1, padding="same"):
    name = f"features.{name}"
    return layers.Conv2D(filters, size, strides, padding, activation="relu", name=name)(x)


def _alex(x):
    x = layers.ZeroPadding2D(2)(x)
    outputs = [_conv(x, 0, 64, 11, 4, "valid")]
    outputs.append(_conv(layers.MaxPooling2D(3, 2)(outputs[-1]), 3, 192, 5))
    outputs.append(_conv(layers.MaxPooling2D(3, 2)(outputs[-1]), 6, 384, 3))
    outputs.append(_conv(outputs[-1], 8, 256, 3))
    return [*outputs, _conv(outputs[-1], 10, 256, 3)]


def _vgg(x):
    outputs, place = [], 0
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        x = layers.MaxPooling2D(2)(x) if outputs else x
        for _ in range(count):
            x = _conv(x, place, filters, 3)
            place += 2  # the activation is a layer there
        outputs.append(x)
        place += 1  # and so is the pool
    return outputs


def _squeeze(x):
    outputs = [_conv(x, 0, 64, 3, 2, "valid")]
    x = _fire(_fire(_pool(outputs[-1]), 3, 16, 64), 4, 16, 64)
    outputs.append(x)
    x = _fire(_fire(_pool(x), 6, 32, 128), 7, 32, 128)
    outputs.append(x)
    outputs.append(_fire(_pool(x), 9, 48, 192))
    for place, filters in ((10, 192), (11, 256), (12, 256)):
        outputs.append(_fire(outputs[-1], place, filters // 4, filters))
    return outputs


def _pool(x):
    """Pools places at the border that are not whole, which the zeros of no pixel do not change."""
    return layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))


def _fire(x, place, squeezed, filters):
    x = _conv(x, f"{place}.squeeze", squeezed, 1)
    names = f"{place}.expand1x1", f"{place}.expand3x3"
    parts = [_conv(x, name, filters, size) for name, size in zip(names, (1, 3), strict=True)]
    return layers.Concatenate()(parts)
