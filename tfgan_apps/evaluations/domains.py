"""Evaluation of translations to many domains: what changes, what is kept, and how real it looks."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import tinted_shapes
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance
from tfgan_apps.metrics.translation_error import TranslationError

_BATCH = 16


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out images.

    Each is brought to the domain of another one, drawn at random, and back.

    Args:
        model: `StarGAN`.
        data: `DomainImages`; of the procedural shapes the attributes can be read.
        evaluation_images: held-out images that evaluations use, at most.

    Values:
        swd: distance of the translated pictures' patches to those of real ones (sliced Wasserstein,
            times 1000); smaller is better.
        cycle_error: mean difference of a picture from itself after there and back; smaller is
            better, but what changes nothing has 0.
        class_accuracy: share of translations in which the model's own discriminator sees what was
            asked for, the mean over attributes; larger is better.
        changed, kept: of procedural shapes, share of attributes that became another as asked for,
            and of those that stayed as asked for; larger is better.
    """
    check_integers(2, evaluation_images=evaluation_images)
    translate = tf.function(model.translate, autograph=False, reduce_retracing=True)

    def measure():
        real, label = held_out(data, evaluation_images)
        target = label[np.random.default_rng(0).permutation(len(label))]
        patches, cycle = (PatchDescriptors(0), PatchDescriptors(0)), TranslationError()
        fakes, seen = [], []
        for first in range(0, len(real), _BATCH):
            image, own, wanted = (x[first : first + _BATCH] for x in (real, label, target))
            fake = translate(image, wanted, training=False)
            cycle.add(translate(fake, own, training=False), image)
            seen.append(model.discriminator(fake, training=False)["class"])
            fakes.append(fake)
            for own_patches, images in zip(patches, (fake, image), strict=True):
                own_patches.add(images)
        values = {"swd": descriptor_distance(*patches)["mean"], "cycle_error": cycle.result()}
        values["class_accuracy"] = agreement(np.concatenate(seen), target)
        if data.name == "tinted_shapes":
            values |= read(real, np.concatenate(fakes), label, target, data.classes)
        return {name: float(value) for name, value in values.items()}

    return measure


def monitor(data):
    """Returns the name of the value that marks the best model."""
    return "swd"


def held_out(data, limit):
    """Returns the held-out images and their labels, at most so many.

    Args:
        data: `DomainImages`.
        limit: int.
    """
    batches = [(batch["image"], batch["label"]) for batch in data.test(_BATCH, limit)]
    return tuple(map(np.concatenate, zip(*batches, strict=True)))


def agreement(logits, label):
    """Returns the share of labels that a classifier sees, the mean over attributes.

    Args:
        logits: float array (B, classes).
        label: int array (B,), or (B, classes) of 0 and 1.
    """
    seen = logits.argmax(-1) if label.ndim == 1 else logits > 0
    return (seen == label).mean()


def read(real, fake, label, target, attributes):
    """Returns the shares of the procedural shapes' attributes that changed, and that were kept.

    Args:
        real, fake: float arrays (B, height, width, 3) in [-1, 1].
        label, target: int arrays (B, attributes), what is real and what was asked for.
        attributes: sequence of str.
    """
    columns = [tinted_shapes.ATTRIBUTES.index(name) for name in attributes]
    found = tinted_shapes.read(fake, tinted_shapes.foreground(real))[:, columns]
    hits, other = found == target, label != target
    return {"changed": hits[other].mean(), "kept": hits[~other].mean()}
