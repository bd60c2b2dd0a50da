"""G1 to G4: untrained networks of 32 pixels follow their input when it is moved or turned.

T and R have at most 16 channels, styles of 32 numbers by a mapping network of two layers, and
magnitudes that have followed 20 batches of 8. What is wrong is compared with what the images vary,
in decibels, since an untrained image has no range: over 16 batches of 4 images, each with a
movement of its own.

T moved by whole pixels and by parts of them is to be right by 30 dB (`T moved`, `T moved between`);
without margin around its images it is not (`no margin`, at most 20), nor is StyleGAN2's network of
as many channels, whose first features are waves as T's, 4 pixels of them, in place of a constant
(`StyleGAN2 moved`, at most 20, and by 20 less than T). R is to be right by 40 dB when
it is turned; T is not (`T turned`, at most 15).

    python -m tests.experiments.stylegan3_equivariance
"""

import sys

import keras
import tensorflow as tf

from tests.experiments import toys
from tfgan_apps.layers import FourierFeatures
from tfgan_apps.metrics.equivariance import equivariance
from tfgan_apps.networks import stylegan2, stylegan3
from tfgan_apps.networks.mapping import build_mapping_network

COST = "minutes"
DATA = None
SIZES = {"image_size": 32, "style_size": 32, "filters_base": 1024, "most_filters": 16}
WARM_UPS, DECAY, BATCHES, IMAGES = 20, 0.5, 16, 4


def styles_of(mapping, count, seed):
    """Returns styles of noise, the same for all layers."""
    latents = tf.random.stateless_normal((count, 32), seed)
    return tf.repeat(mapping({"latents": latents})[:, None], 16, axis=1)


def network(seed, **arguments):
    """Returns a function of the number of a batch and a transform: images."""
    keras.utils.set_random_seed(seed)
    mapping = build_mapping_network(32, 32, 2)
    synthesis = stylegan3.build_synthesis(**SIZES, **arguments)
    measured = tf.function(stylegan3.build_measured(synthesis))
    for step in range(WARM_UPS):
        given = {"styles": styles_of(mapping, 8, (seed, step))}
        squares = measured({**given, "transform": stylegan3.untransformed(8)})["squares"]
        stylegan3.follow_magnitudes(synthesis, squares, DECAY)

    def generate(batch, transform):
        given = {"styles": styles_of(mapping, IMAGES, (seed, 1000 + batch))}
        transforms = tf.repeat(transform[None], IMAGES, 0)
        return measured({**given, "transform": transforms})["image"].numpy()

    return generate


def baseline(seed):
    """Returns the same of StyleGAN2's synthesis network, which begins with waves."""
    keras.utils.set_random_seed(seed)
    mapping, waves = build_mapping_network(32, 32, 2), FourierFeatures(16, 4, 4.0, 1.0)
    synthesis = stylegan2.build_synthesis(32, 3, 32, 1024, 16)
    constant, told = synthesis.get_layer("constant").output, synthesis.input
    network = keras.Model([constant, told["styles"], told["noise"]], synthesis.output)
    noise = tf.zeros((IMAGES, told["noise"].shape[1]))

    def generate(batch, transform):
        styles = styles_of(mapping, IMAGES, (seed, 1000 + batch))[:, : told["styles"].shape[1]]
        features = waves([styles[:, 0], tf.repeat(transform[None], IMAGES, 0)])
        return network([features, styles, noise]).numpy()

    return generate


def experiment(seed):
    """Returns the readings of one seed."""
    t, r, bare = (network(seed, **own) for own in ({}, {"rotation": True}, {"margin": 0}))
    t, r = (equivariance(each, BATCHES, peak=None, seed=seed) for each in (t, r))
    moved = {"kinds": ("eq_t",), "peak": None, "seed": seed}
    bare, plain = (equivariance(each, BATCHES, **moved) for each in (bare, baseline(seed)))
    return {
        "T moved": t["eq_t"],
        "T moved between": t["eq_t_frac"],
        "T turned": t["eq_r"],
        "no margin": bare["eq_t"],
        "StyleGAN2 moved": plain["eq_t"],
        "T over StyleGAN2": t["eq_t"] - plain["eq_t"],
        "R moved": r["eq_t"],
        "R moved between": r["eq_t_frac"],
        "R turned": r["eq_r"],
    }


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"T moved": (30, None), "T moved between": (30, None), "T turned": (None, 15)}
    bounds |= {"no margin": (None, 20), "R turned": (40, None)}
    bounds |= {"StyleGAN2 moved": (None, 20), "T over StyleGAN2": (20, None)}
    return toys.report(
        "StyleGAN3: untrained networks that move and turn", "stylegan3_equivariance", rows, bounds
    )


if __name__ == "__main__":
    sys.exit(main())
