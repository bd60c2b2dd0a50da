"""Evaluation of a translation between two domains, in both directions, on held-out images."""

import types

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import scene_renderer
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance
from tfgan_apps.metrics.translation_error import TranslationError

# What a translation has to beat: evaluate it in place of a model.
IDENTITY = types.SimpleNamespace(generator_x_to_y=tf.identity, generator_y_to_x=tf.identity)


class TranslationEvaluation:
    """Measures a model's two generators on a finite dataset; calling it returns a dict of floats.

    - `x_to_y/swd`, `y_to_x/swd`: sliced Wasserstein distance, times 1000, of the translated images
      to the other domain's, the mean over all levels of detail;
    - `swd`, and `error` where pairs correspond: the mean over both directions;
    - `cycle_error`: mean absolute error after there and back, over both domains;
    - `x_to_y/error`, `y_to_x/error` where pairs correspond: mean absolute error of the translation;
    - `x_to_y/foreground_error`, `y_to_x/foreground_error` where a foreground is given too: the same
      over the foreground of the true images; nan when there is none.

    The generators are compiled once; call it again as training goes on.

    Args:
        model: has `generator_x_to_y` and `generator_y_to_x`, such as a CycleGAN, or `IDENTITY`.
        dataset: finite `tf.data.Dataset` of (x, y), float32 (B, H, W, C) in [-1, 1].
        aligned: whether x and y of an element correspond pixel by pixel.
        foreground: function from images (B, H, W, C) to a boolean mask (B, H, W). Defaults to none.
        seed: integer that fixes the distance's random patches. Defaults to `0`.

    Raises:
        ValueError: a foreground without aligned pairs, when made; an empty dataset, when called.
    """

    def __init__(self, model, dataset, aligned, foreground=None, seed=0):
        if foreground is not None and not aligned:
            raise ValueError(
                f"foreground must be None when aligned is False. Received: foreground={foreground}"
            )
        self.dataset = dataset
        self.aligned = aligned
        self.foreground = foreground
        self.seed = seed
        self._translate = _compiled(model.generator_x_to_y, model.generator_y_to_x)

    def __call__(self):
        """Returns the values now."""
        x_to_y, y_to_x = _Direction(self.seed), _Direction(self.seed)
        cycle = TranslationError()
        for x, y in self.dataset:
            fake_y, fake_x, cycled_x, cycled_y = (image.numpy() for image in self._translate(x, y))
            x, y = x.numpy(), y.numpy()
            cycle.add(cycled_x, x)
            cycle.add(cycled_y, y)
            x_to_y.add(fake_y, y, self._masks(y))
            y_to_x.add(fake_x, x, self._masks(x))
        there, back = x_to_y.values(), y_to_x.values()
        values = {f"x_to_y/{name}": value for name, value in there.items()}
        values |= {f"y_to_x/{name}": value for name, value in back.items()}
        both = ("swd", "error") if self.aligned else ("swd",)
        values |= {name: (there[name] + back[name]) / 2 for name in both}
        return values | {"cycle_error": cycle.result()}

    def _masks(self, true):
        """Returns the pixels of each error, None being all of them."""
        masks = {"error": None} if self.aligned else {}
        if self.foreground is not None:
            masks["foreground_error"] = np.asarray(self.foreground(true))
        return masks


def evaluate_translation(model, dataset, aligned, foreground=None, seed=0):
    """Returns the values of a `TranslationEvaluation`, which has the arguments, once."""
    return TranslationEvaluation(model, dataset, aligned, foreground, seed)()


class _Direction:
    """What is gathered about one direction of the translation."""

    def __init__(self, seed):
        self._translated = PatchDescriptors(seed)
        self._true = PatchDescriptors(seed)
        self._errors = {}

    def add(self, translated, true, masks):
        self._translated.add(translated)
        self._true.add(true)
        for name, mask in masks.items():
            self._errors.setdefault(name, TranslationError()).add(translated, true, mask)

    def values(self):
        errors = {name: error.result() for name, error in self._errors.items()}
        return {"swd": descriptor_distance(self._translated, self._true)["mean"], **errors}


def _compiled(x_to_y, y_to_x):
    """Returns a compiled function of (x, y) that gives fake y, fake x, cycled x and cycled y."""

    @tf.function(autograph=False, reduce_retracing=True)
    def translate(x, y):
        fake_y, fake_x = x_to_y(x), y_to_x(y)
        images = fake_y, fake_x, y_to_x(fake_y), x_to_y(fake_x)
        return [tf.cast(image, tf.float32) for image in images]

    return translate


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out images.

    Args:
        model: has `generator_x_to_y` and `generator_y_to_x`.
        data: `UnpairedImages`; of the procedural scenes the true mapping is known.
        evaluation_images: held-out images that evaluations use, at most.

    Values:
        x_to_y/swd, y_to_x/swd: distance of the translated pictures' patches to those of the other
            domain (sliced Wasserstein, times 1000); smaller is better.
        x_to_y/error, y_to_x/error: mean difference of a translated picture from the true one, of
            values in [-1, 1]; smaller is better.
        x_to_y/foreground_error, y_to_x/foreground_error: the same, of the shapes without the
            background; smaller is better.
        swd, error: the mean of both directions.
        cycle_error: mean difference of a picture from itself after there and back; smaller is
            better, but what changes nothing has 0.
        identity: the pictures as they came, which a translation has to beat.
    """
    check_integers(1, evaluation_images=evaluation_images)
    foreground = scene_renderer.foreground_mask if data.name == "scenes" else None
    test = data.test(batch_size=1, limit=evaluation_images)
    return TranslationEvaluation(model, test, data.aligned, foreground)


def monitor(data):
    """Returns the name of the value that marks the best model, in both directions.

    Args:
        data: `UnpairedImages`.
    """
    return "error" if data.aligned else "swd"
