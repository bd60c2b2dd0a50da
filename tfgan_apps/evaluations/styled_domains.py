"""Evaluation of translations to domains in styles: how real, how diverse, of which domain."""

import itertools

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.evaluations.domain_classifier import trained
from tfgan_apps.evaluations.domains import agreement
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance

_BATCH = 8


def evaluation(
    model,
    data,
    evaluation_images: int = 200,
    evaluation_styles: int = 4,
    evaluation_judge_steps: int = 300,
):
    """Returns a function without arguments that measures a model on the held-out images.

    Each is brought to the next domain, in drawn styles and in that of a reference. A classifier
    that has learned the domains of real images says what it sees; it is trained once.

    Args:
        model: `StarGANv2`.
        data: `ReferencedImages`.
        evaluation_images: held-out images that evaluations use, at most.
        evaluation_styles: styles that each is shown in, at least 2.
        evaluation_judge_steps: training steps of the classifier.

    Values:
        swd: distance of the translated pictures' patches to those of the references (sliced
            Wasserstein, times 1000); smaller is better.
        pairwise_difference: mean difference of two translations of a picture, in styles that are
            drawn apart, of values in [-1, 1], over all pairs; 0: styles change nothing.
        latent_accuracy, reference_accuracy: share of translations in which the classifier sees the
            domain that was asked for, in drawn styles and in references'; larger is better.
        real_accuracy: the same of real held-out images; what it lacks the classifier lacks.
    """
    check_integers(1, evaluation_images=evaluation_images)
    check_integers(2, evaluation_styles=evaluation_styles)
    check_integers(1, evaluation_judge_steps=evaluation_judge_steps)
    test = data.test(batch_size=_BATCH, limit=evaluation_images)
    shape = evaluation_styles, _BATCH, model.latent_size

    @tf.function(autograph=False, reduce_retracing=True)
    def translated(image, reference, target):
        latents = tf.random.stateless_normal(shape, (model.seed, 0))[:, : tf.shape(image)[0]]
        styles = [model.style_of(each, target) for each in tf.unstack(latents)]
        styles.append(model.encoded(reference, target))
        return [model.translate(image, style) for style in styles]

    def measure():
        judge = trained(data, evaluation_judge_steps)
        made, true, apart = PatchDescriptors(), PatchDescriptors(), []
        seen = {name: [] for name in ("latent", "reference", "real")}
        wanted = {name: [] for name in seen}
        for batch in test:
            target = batch["target"]
            found = translated(batch["image"], batch["reference"], target)
            *drawn, told = (np.array(each) for each in found)
            made.add(drawn[0])
            true.add(batch["reference"].numpy())
            for first, second in itertools.combinations(drawn, 2):
                apart.extend(np.abs(first - second).mean((1, 2, 3)))
            shown = {"latent": (drawn[0], target), "reference": (told, target)}
            shown["real"] = batch["image"], batch["label"]
            for name, (image, label) in shown.items():
                seen[name].append(judge(image, training=False))
                wanted[name].append(label)
        values = {
            "swd": descriptor_distance(made, true)["mean"],
            "pairwise_difference": np.mean(apart),
        }
        for name, logits in seen.items():
            agreed = agreement(np.concatenate(logits), np.concatenate(wanted[name]))
            values[f"{name}_accuracy"] = agreed
        return {name: float(value) for name, value in values.items()}

    return measure
