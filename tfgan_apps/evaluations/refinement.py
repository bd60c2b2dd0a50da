"""Evaluation of refined simulated images: how real they look, and what they keep."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import bars
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance


def as_they_came(images, training=False):
    """Returns the simulated images: what a refiner has to beat; evaluate it in place of a model."""
    return images


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out images.

    Args:
        model: called with simulated images, gives refined ones.
        data: `SimulatedImages`; where the bars of the procedural ones are, is known.
        evaluation_images: held-out images that evaluations use, at most.

    Values:
        swd: distance of the refined pictures' patches to those of real ones (sliced Wasserstein,
            times 1000), whatever the brightness; smaller is better.
        mean: difference of the mean of all values in [-1, 1] from that of real ones; smaller is
            better.
        deviation, gradient: the same of their standard deviation, and of the mean difference of
            neighbours in a row, as a share of that of real ones; smaller is better.
        change: mean difference of a picture from the simulated one; what changes nothing has 0.
        contrast: by which a procedural bar is lighter than its ground where its label says it is;
            larger is better.
        least_contrast: that of the worst picture; larger is better.
        simulated: the pictures as they came.
    """
    check_integers(1, evaluation_images=evaluation_images)
    refine = tf.function(lambda x: tf.cast(model(x, training=False), tf.float32), autograph=False)

    def measure():
        patches = PatchDescriptors(0), PatchDescriptors(0)
        found = []
        for x, y in data.test(batch_size=8, limit=evaluation_images):
            images = np.asarray(x), np.asarray(refine(x)), np.asarray(y)
            patches[0].add(images[1])
            patches[1].add(images[2])
            found.append(images)
        simulated, refined, real = map(np.concatenate, zip(*found, strict=True))
        values = {"swd": descriptor_distance(*patches)["mean"], **differences(refined, real)}
        values["change"] = float(np.abs(refined - simulated).mean())
        if data.name == "bars":
            contrasts = contrast(refined, bars.foreground(simulated))
            values |= {"contrast": contrasts.mean(), "least_contrast": contrasts.min()}
        return {name: float(value) for name, value in values.items()}

    return measure


def monitor(data):
    """Returns the name of the value that marks the best model."""
    return "swd"


def statistics(images):
    """Returns the mean, the standard deviation and the mean difference of neighbours in a row.

    Args:
        images: float array (B, height, width, channels) in [-1, 1].
    """
    gradient = np.abs(np.diff(images, axis=2)).mean()
    return {"mean": images.mean(), "deviation": images.std(), "gradient": gradient}


def differences(images, real):
    """Returns how far the statistics of images are from those of real ones, a dict.

    Args:
        images, real: as for `statistics`.
    """
    own, wanted = statistics(images), statistics(real)
    apart = {name: abs(own[name] - wanted[name]) for name in own}
    shares = {name: apart[name] / wanted[name] for name in ("deviation", "gradient")}
    return apart | shares


def contrast(images, foreground):
    """Returns how much lighter the foreground of each image is than the rest, float (B,).

    Args:
        images: float array (B, height, width, channels).
        foreground: bool array (B, height, width).
    """
    levels = images.mean(-1)
    pairs = zip(levels, foreground, strict=True)
    return np.array([image[mask].mean() - image[~mask].mean() for image, mask in pairs])
