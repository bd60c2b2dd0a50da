"""Evaluation of images, or points, that are generated from noise, against held-out ones."""

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.evaluations.drawn_images import asked, drawn
from tfgan_apps.evaluations.image_quality import ImageFeatures, class_by_class, image_quality
from tfgan_apps.metrics.diversity import diversity
from tfgan_apps.metrics.features.named import named_network
from tfgan_apps.metrics.mode_coverage import ModeCoverage
from tfgan_apps.metrics.sliced_wasserstein import (
    SMALLEST,
    points_distance,
    sliced_wasserstein_distance,
)

_BATCH = 50
_PATCHES = 16  # of an image and level: to sort more would take longer than to learn
_PAIRED = 200  # points whose distances from each other are taken
MONITOR = "swd"


def evaluation(model, data, evaluation_images: int = 500, evaluation_features: str | None = None):
    """Returns a function without arguments that measures what a model draws by seeds from 0 on.

    It draws as many as there are held-out ones, and of the same classes where it has classes.

    Args:
        model: whose `serving` draws images or points by seeds, as `GAN`.
        data: `ImageSet`, `LabelledImages` or `Points`.
        evaluation_images: held-out images, or points, that evaluations use, at most.
        evaluation_features: network in whose features images are measured too: inception (FID,
            KID), keras_inception, or the path of a classifier, <name>.keras.

    Values:
        swd: sliced Wasserstein distance to held-out examples, times 1000, of points, or of 16
            patches of each image and level of detail; smaller is better.
        diversity: mean distance of two generated examples, by that of two real ones; far below 1 a
            generator has collapsed.
        modes, high_quality, kl: of points, Gaussians that are found, share of points within 3
            deviations of one, and how far from evenly they are spread over them; evenly is 0.
        fid, kid: Frechet and kernel distance in the features of Inception; smaller is better.
        inception_score: how sure Inception is of each image, and unsure of all; larger is better.
        frechet_distance[network], kernel_distance[network], score[network]: as fid, kid and
            inception_score, in the features of another network.
        precision[network], recall[network], f_score[network]: share of generated images that lie
            among real ones, of real ones among generated, and both in one; larger is better.
        density[network], coverage[network]: how close to real ones they lie, and to how many of
            these; larger is better.
        class_accuracy[network], class_accuracy[network] of class: share of images in which the
            classifier sees the class that was asked for; larger is better.
        frechet_distance[network] of class: Frechet distance of a class from its real images.
    """
    check_integers(2, evaluation_images=evaluation_images)
    network = evaluation_features and named_network(evaluation_features)
    real, labels = held_out(data, evaluation_images)
    signatures = model.serving().signatures()
    request = _request(model, signatures, labels, len(real))
    kept = network and _features(network, [real])

    def measure():
        model.settle()
        fake = list(drawn(signatures, request))
        values = _compared(real, np.concatenate(fake), data)
        if network:
            found = _features(network, fake)
            measured = image_quality(kept, found)
            names = getattr(model, "class_names", ())
            if names and len(names) == found.logits.shape[1]:
                measured |= class_by_class(kept, found, labels, request["label"], names)
            values |= {name: each.value for name, each in measured.items()}
        return values

    return measure


def held_out(data, limit):
    """Returns what is held out, uint8 images or float points, and the labels or None.

    Args:
        data: see `evaluation`.
        limit: int, at most so many examples.
    """
    batches = list(data.test(_BATCH, limit))
    if not isinstance(batches[0], dict):
        return _stored([each.numpy() for each in batches]), None
    labels = np.concatenate([each["label"].numpy() for each in batches])
    return _stored([each["image"].numpy() for each in batches]), labels


def _stored(batches):
    found = np.concatenate(batches)
    return np.uint8(np.rint(127.5 * found + 127.5)) if found.ndim == 4 else found


def _request(model, signatures, labels, count):
    """Returns what a model is asked for: seeds, labels as the data have, codes by chance.

    Nothing is truncated.
    """
    inputs, _ = asked(signatures)
    request = {"seed": np.arange(count, dtype=np.int32)}
    if "label" in inputs:
        request["label"] = labels
    if "truncation" in inputs:
        request["truncation"] = np.zeros(count, np.float32)
    if "code" in inputs:
        request["code"] = model.code.by_chance(count, model.seed)
    return request


def _compared(real, fake, data):
    """Returns the values that need no network."""
    values = {}
    if len(real) > 1 and (usual := diversity(real[:_PAIRED])):
        values = {"diversity": diversity(fake[:_PAIRED]) / usual}
    if real.ndim == 2:
        modes = ModeCoverage(data.mixture.centers, data.mixture.deviation)
        modes.add(fake)
        return {MONITOR: points_distance(real, fake), **values, **modes.result()}
    if min(real.shape[1:3]) >= SMALLEST:
        images = (np.float32(each) / 127.5 - 1 for each in (real, fake))
        values = {MONITOR: sliced_wasserstein_distance(*images, 0, _PATCHES)["mean"], **values}
    return values


def _features(network, batches):
    found = ImageFeatures(network)
    for images in batches:
        found.add(images)
    return found


def monitor(data):
    """Returns the name of the value that marks the best model, or None for images too small.

    Args:
        data: see `evaluation`.
    """
    small = getattr(data, "image_size", SMALLEST) < SMALLEST
    return None if small else MONITOR
