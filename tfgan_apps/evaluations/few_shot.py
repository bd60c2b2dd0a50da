"""Evaluation of translations to classes that training has not seen, each known by a few images."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import hues
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance

BATCH = 8


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out images.

    Args:
        model: `FUNIT`.
        data: `FewShotImages`; of the procedural hues the colours are read.
        evaluation_images: held-out images that evaluations use, at most.

    Values:
        swd: distance of the translated pictures' patches to those of the unseen classes (sliced
            Wasserstein, times 1000); smaller is better.
        diversity: mean difference of a picture's translations to two unseen classes, or by other
            images where there is one, of values in [-1, 1]; 0: references change nothing.
        color_error: of procedural hues, mean difference of a shape's colour from that of its
            references; smaller is better.
        color_error_of_1: the same of translations by the first reference alone.
        overlap: of procedural hues, share of the pixels of both shapes, the source's and the
            translation's, that are of both; larger is better.
    """
    check_integers(2, evaluation_images=evaluation_images)
    test = data.test(batch_size=BATCH, limit=evaluation_images)

    @tf.function(autograph=False, reduce_retracing=True)
    def translated(image, references):
        code = model.class_code(references)
        of_one = model.translate(image, model.class_code(references[:, :1]))
        return model.translate(image, code), model.translate(image, tf.roll(code, 1, 0)), of_one

    def measure():
        made, true, apart, read = PatchDescriptors(), PatchDescriptors(), [], []
        for batch in test:
            fake, other, of_one = translated(batch["image"], batch["references"])
            made.add(fake)
            true.add(batch["references"][:, 0])
            apart.extend(np.abs(fake - other).mean((1, 2, 3)))
            if data.name == "hues":
                read.append(readings(batch, fake, of_one))
        values = {"swd": descriptor_distance(made, true)["mean"], "diversity": np.mean(apart)}
        if read:
            values |= {name: np.concatenate([r[name] for r in read]).mean() for name in read[0]}
        return {name: float(value) for name, value in values.items()}

    return measure


def readings(batch, fake, of_one):
    """Returns what can be read of translations of procedural hues, dict of (B,).

    Args:
        batch: test examples.
        fake, of_one: translations by all references and by the first, (B, height, width, 3).
    """
    references = batch["references"].numpy()
    flat = references.reshape(-1, *references.shape[2:])
    wanted = hues.colors(flat, hues.foreground(flat)).reshape(*references.shape[:2], 3).mean(1)
    inside, found = hues.foreground(batch["image"]), hues.foreground(fake)
    error = lambda image: np.abs(hues.colors(image, inside) - wanted).mean(1)  # noqa: E731
    overlap = (inside & found).sum((1, 2)) / (inside | found).sum((1, 2))
    return {"color_error": error(fake), "color_error_of_1": error(of_one), "overlap": overlap}
