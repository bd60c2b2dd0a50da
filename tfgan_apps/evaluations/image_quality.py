"""Quality and variety of generated images against real ones, in the features of any network."""

import dataclasses
import functools

import numpy as np

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.metrics.f_score import f_score
from tfgan_apps.metrics.features.network import feature_network
from tfgan_apps.metrics.frechet_distance import GaussianStatistics, frechet_distance
from tfgan_apps.metrics.inception_score import inception_score
from tfgan_apps.metrics.kernel_distance import kernel_distance_of_subsets
from tfgan_apps.metrics.neighbourhoods import density_coverage, precision_recall
from tfgan_apps.metrics.protocol import Measurement, Protocol

KEPT = 10_000
"""How many images' own features are kept, for what is more than mean and covariance."""


class ImageFeatures:
    """Features of a set of images that is added batch by batch: statistics, and some of their own.

    Args:
        network: `FeatureNetwork`, Keras model or function, see `feature_network`.
        kept: int >= 0, so many first features are kept. Defaults to 10,000.
    """

    def __init__(self, network, kept=KEPT):
        check_integers(0, kept=kept)
        self.network = feature_network(network)
        self.kept = kept
        self.statistics = GaussianStatistics()
        self._features, self._logits, self.images = [], [], 0

    def add(self, images):
        """Adds images.

        Args:
            images: (N, H, W, C), uint8, or float in [-1, 1].

        Raises:
            ValueError: the shape, or the range, does not fit.
        """
        found = self.network(images)
        self.statistics.add(found["features"])
        left = max(0, self.kept - self.images)
        self._features.append(found["features"][:left])
        self._logits.append(found["logits"] if "logits" in found else np.zeros((0, 1)))
        self.images += len(found["features"])

    def merge(self, other):
        """Adds what another worker has gathered; the order is that of the workers.

        Args:
            other: `ImageFeatures` of the same network.

        Raises:
            ValueError: the network is another.
        """
        mine, theirs = ((n.name, n.sha256, n.resize) for n in (self.network, other.network))
        check(mine == theirs, f"of the network {mine}", other=theirs)
        self.statistics.merge(other.statistics)
        self._features += [other.features[: max(0, self.kept - self.images)]]
        self._logits += other._logits
        self.images += other.images

    def save(self, path):
        """Writes what `load` reads.

        Args:
            path: str, of an .npz.
        """
        moments = {"mu": self.statistics.mean, "sigma": self.statistics.covariance}
        np.savez(path, **moments, count=self.images, features=self.features, logits=self.logits)

    @classmethod
    def load(cls, path, network, kept=KEPT):
        """Returns what `save` has written.

        Args:
            path: str.
            network: the `FeatureNetwork` that it was made with.
            kept: int >= 0, as then. Defaults to 10,000.
        """
        self = cls(network, kept)
        with np.load(path) as file:
            self.images = int(file["count"])
            self.statistics = GaussianStatistics.of_moments(file["mu"], file["sigma"], self.images)
            self._features, self._logits = [file["features"]], [file["logits"]]
        return self

    @property
    def features(self):
        """(kept, D)."""
        return np.concatenate(self._features)

    @property
    def logits(self):
        """(images, classes), or no rows where the network has none."""
        return np.concatenate(self._logits)


def image_quality(real, fake, **protocol):
    """Returns dict, label -> `Measurement`, of every metric that the features allow.

    Frechet distance, kernel distance (mean and std over subsets), precision, recall and their
    F-score, density and coverage, and the score where the network has logits. In the features of
    the 2015-12-05 Inception the first two and the score are called fid, kid and inception_score; in
    others they bear the network's name.

    Args:
        real, fake: `ImageFeatures` of one network, of two images or more.
        **protocol: `split`, `ema`, `seed`, `truncation`, see `Protocol`.

    Raises:
        ValueError: there are too few images, or the networks differ.
    """
    network = real.network
    same = (network.name, network.sha256) == (fake.network.name, fake.network.sha256)
    check(same, f"in the features of {network.name}, as real is", fake=fake.network.name)
    for name, images in (("real", real.images), ("fake", fake.images)):
        check(images >= 2, "of two images or more", **{name: images})
    features = real.features, fake.features
    kept = f"of the first {len(features[0])} and {len(features[1])}"
    measured = functools.partial(_measured, real, fake, protocol)
    found = [measured("frechet_distance", frechet_distance(real.statistics, fake.statistics))]
    kernel = kernel_distance_of_subsets(*features)
    found.append(measured("kernel_distance", kernel["mean"], kernel["std"], "100 x 1000, " + kept))
    for function, k in ((_precision_recall, 3), (density_coverage, 5)):
        if min(map(len, features)) > k:
            for name, value in function(*features, k).items():
                found.append(measured(name, value, options=f"k={k}, {kept}"))
    if len(fake.logits) >= 10:
        score = inception_score(fake.logits)
        found.append(measured("score", score["mean"], score["std"], "10 splits"))
    return {each.protocol.metric: each for each in found}


def _precision_recall(real, fake, neighbours):
    values = precision_recall(real, fake, neighbours)
    return {**values, "f_score": f_score(**values)}


def class_by_class(real, fake, real_labels, fake_labels, names, **protocol):
    """Returns dict, label -> `Measurement`, of what a classifier sees of each class.

    The share of generated images that are of the class asked for, of all classes and of each, and
    each one's Frechet distance where both sets have two images of it: of those that are kept.

    Args:
        real, fake: `ImageFeatures` of one classifier of these classes.
        real_labels, fake_labels: int (N,) and (M,), in the order in which images were added.
        names: sequence of str, of the classes.
        **protocol: see `image_quality`.

    Raises:
        ValueError: the network's classes are not as many.
    """
    classes, label = fake.logits.shape[1], fake.network.label
    check(classes == len(names), f"{classes}, the classifier's classes", names=len(names))
    measured = functools.partial(_measured, real, fake, protocol)
    hits = fake.logits.argmax(1) == np.asarray(fake_labels)
    found = {label("class_accuracy"): measured("class_accuracy", float(hits.mean()))}
    for number, name in enumerate(names):
        parts = _of_class(real, real_labels, number), _of_class(fake, fake_labels, number)
        values = {}
        if np.any(fake_labels == number):
            values["class_accuracy"] = float(hits[fake_labels == number].mean())
        if min(map(len, parts)) >= 2:
            values["frechet_distance"] = frechet_distance(*parts)
        counts = "{} and {} kept".format(*map(len, parts))
        for metric, value in values.items():
            options = f"of {name}: {counts}"
            found[f"{label(metric)} of {name}"] = measured(metric, value, options=options)
    return found


def _of_class(found, labels, number):
    features = found.features
    return features[np.asarray(labels)[: len(features)] == number]


def _measured(real, fake, protocol, metric, value, std=None, options=""):
    network = real.network
    whole = Protocol(
        network.label(metric),
        network.name,
        network.sha256,
        network.resize,
        real.images,
        fake.images,
        options=options,
    )
    return Measurement(value, dataclasses.replace(whole, **protocol), std)
