"""FeatureNetwork: a network, or any function, with what says which one a number is of."""

import dataclasses
import hashlib
from collections.abc import Callable

import keras
import numpy as np

from tfgan_apps.metrics import arrays

FID_INCEPTION = "inception-2015-12-05"
_PUBLISHED = {
    "frechet_distance": "fid",
    "kernel_distance": "kid",
    "score": "inception_score",
}


@dataclasses.dataclass(frozen=True)
class FeatureNetwork:
    """Features, and logits where there are some, of images; called with a batch.

    Args:
        name: str, that stands with each number. Only `inception-2015-12-05` gives what is called
            FID, KID and Inception Score.
        function: uint8 images (N, H, W, C) -> features (N, D), or a dict of `features` and
            `logits` (N, classes).
        resize: str, the rule by which it resizes. Defaults to `"none"`.
        sha256: str, of the weights. Defaults to None, unknown.
        batch_size: int, images at a time. Defaults to 32.
        channels: int, 1 or 3, as which files are decoded for it. Defaults to 3.
    """

    name: str
    function: Callable
    resize: str = "none"
    sha256: str | None = None
    batch_size: int = 32
    channels: int = 3

    def __call__(self, images):
        """Returns dict: `features` float (N, D), and `logits` (N, classes) where there are some.

        Args:
            images: (N, H, W, C), uint8, or float in [-1, 1], which is rounded to bytes: so that
                both sets are of the same 256 values.

        Raises:
            ValueError: the shape, or the range, does not fit, or a feature is not finite.
        """
        images = as_bytes(images)
        parts = [slice(i, i + self.batch_size) for i in range(0, len(images), self.batch_size)]
        found = [self._one(images[part]) for part in parts]
        return {name: np.concatenate([each[name] for each in found]) for name in found[0]}

    def _one(self, images):
        found = self.function(images)
        found = found if isinstance(found, dict) else {"features": found}
        return {
            name: arrays.features(f"{name} of {self.name}", np.asarray(found[name]))
            for name in ("features", "logits")
            if name in found
        }

    def label(self, metric):
        """Returns what a metric in these features is called.

        Args:
            metric: `"frechet_distance"`, `"kernel_distance"` or `"score"`, or any other.
        """
        if self.name == FID_INCEPTION and metric in _PUBLISHED:
            return _PUBLISHED[metric]
        return f"{metric}[{self.name}]"


def feature_network(network, name=None):
    """Returns a `FeatureNetwork` of what one has.

    Args:
        network: `FeatureNetwork`, Keras model, or function: float32 images (N, H, W, C) in [-1, 1]
            -> features (N, D), or a dict of `features` and `logits`.
        name: str, that stands with each number. Defaults to the model's, or function's, name.

    Raises:
        ValueError: the name is that of the 2015-12-05 Inception, which it is not.
    """
    if isinstance(network, FeatureNetwork):
        return network
    model = isinstance(network, keras.Model)
    name = name or getattr(network, "name" if model else "__name__", "custom")
    if name == FID_INCEPTION:
        raise ValueError(
            f"name must be another than {FID_INCEPTION}, whose numbers alone are called FID. "
            f"Received: name={name}"
        )

    def function(images):
        scaled = np.float32(images / 127.5 - 1)
        return network.predict_on_batch(scaled) if model else network(scaled)

    return FeatureNetwork(name, function, sha256=weights_hash(network) if model else None)


def weights_hash(model):
    """Returns the sha256 of a model's weights, in order, with their shapes.

    Args:
        model: `keras.Model`.
    """
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(str(weight.shape).encode() + np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def as_bytes(images):
    """Returns images as uint8.

    Args:
        images: (N, H, W, C), uint8, or float in [-1, 1].

    Raises:
        ValueError: the shape, or the range, does not fit.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8 and images.ndim == 4 and images.size:
        return images
    return np.uint8(np.clip(np.rint(arrays.pixels("images", images)), 0, 255))


def as_colour(images):
    """Returns images of 3 channels: grey ones are repeated.

    Args:
        images: (N, H, W, 1 or 3).

    Raises:
        ValueError: there are other channels.
    """
    if images.shape[-1] not in (1, 3):
        raise ValueError(f"images must have 1 or 3 channels. Received: {images.shape}")
    return images.repeat(3, -1) if images.shape[-1] == 1 else images
