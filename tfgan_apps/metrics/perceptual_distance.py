"""LPIPS: distance between two images in the features of a classifier, weighed as people see it.

Reference: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    2018, arXiv:1801.03924; https://github.com/richzhang/PerceptualSimilarity@082bb24, version 0.1
"""

import numpy as np

from tfgan_apps.metrics import arrays

_EPSILON = 1e-10
_SHIFT = np.array([-0.030, -0.088, -0.188])
_SCALE = np.array([0.458, 0.448, 0.450])


class PerceptualDistance:
    """Distance of each pair of images; called with two arrays of images.

    Args:
        backbone: function, scaled images (N, H, W, 3) float32 -> list of features (N, h, w, C_l).
            `features.torchvision.lpips` makes those of the paper.
        weights: list of float (C_l,), not negative. Defaults to None, all 1.
        name: str, of the network and version, that stands with each number. Defaults to "custom".
    """

    def __init__(self, backbone, weights=None, name="custom"):
        self.backbone = backbone
        self.weights = weights
        self.name = name

    def __call__(self, first, second):
        """Returns the distances, float64 (N,), 0 for equal images.

        Args:
            first, second: images (N, H, W, 3) of one shape, uint8, or float in [-1, 1].

        Raises:
            ValueError: a shape, or a range, does not fit.
        """
        first = arrays.pixels("first", first)
        second = arrays.pixels("second", second, like=first)
        if first.shape[3] != 3:
            raise ValueError(f"first must have 3 channels. Received: {first.shape}")
        return feature_map_distance(
            self.backbone(scaled(first)), self.backbone(scaled(second)), self.weights
        )


def scaled(pixels):
    """Returns pixels in [0, 255] as the backbones take them, float32.

    Args:
        pixels: float (N, H, W, 3).
    """
    return np.float32((pixels / 127.5 - 1 - _SHIFT) / _SCALE)


def feature_map_distance(first, second, weights=None):
    """Returns the sum over layers of the mean over places of the weighed squared differences.

    Features of a place are divided by their length first, so that a layer gives at most 4 with
    weights of 1.

    Args:
        first, second: lists of features (N, h, w, C_l), of one shape in each layer.
        weights: list of float (C_l,). Defaults to None, all 1.

    Returns:
        float64 (N,).

    Raises:
        ValueError: the layers, or a layer's channels, do not fit.
    """
    weights = [np.ones(layer.shape[-1]) for layer in first] if weights is None else weights
    shapes = [layer.shape for layer in first], [layer.shape for layer in second]
    channels = [shape[-1] for shape in shapes[0]]
    if shapes[0] != shapes[1] or channels != [len(weight) for weight in weights]:
        raise ValueError(
            "second must have the shapes of first, and weights one value for each channel. "
            f"Received: {shapes[0]}, {shapes[1]} and {[len(weight) for weight in weights]}"
        )
    layers = zip(first, second, weights, strict=True)
    return sum((((_unit(a) - _unit(b)) ** 2) @ weight).mean((1, 2)) for a, b, weight in layers)


def _unit(features):
    features = np.asarray(features, np.float64)
    return features / (np.sqrt((features**2).sum(-1, keepdims=True)) + _EPSILON)
