"""LAPGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.random_images import unlabelled
from tfgan_apps.layers import BilinearResizing
from tfgan_apps.models import LAPGAN
from tfgan_apps.networks.lapgan import build_discriminator

TINY = {"image_size": 16, "coarse_sizes": (8,), "channels": 1, "latent_size": 3}
TINY |= {"coarsest_width": 4, "generator_filters": 2, "discriminator_filters": 2}


class TestLAPGAN(ModelTestCase):
    def build(self, **kwargs):
        model = LAPGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(16)


def test_parameters_of_the_authors():
    model = LAPGAN(32, (16,))
    counts = {p: sum(np.prod(v.shape) for v in model.variables_of(p)) for p in model.players()}
    assert (counts["generator_32"], counts["discriminator_32"]) == (218_179, 116_545)
    sizes = {n: build_discriminator(n).count_params() for n in (28, 16, 14)}
    # The count of calls to Dropout is a weight too.
    assert sizes == {28: 113_730, 16: 108_354, 14: 107_906}


def test_kernels_begin_as_torch_has_them():
    model = LAPGAN(**TINY)
    for name in ("generator_16", "discriminator_16"):
        for kernel in [v for v in model.variables_of(name) if v.name == "kernel"]:
            bound = np.prod(kernel.shape[:-1]) ** -0.5
            assert 0.5 * bound < np.max(np.abs(kernel)) <= bound, kernel.path


def test_details_and_coarse_images_are_the_images():
    model, image = LAPGAN(28, (8, 14)), tf.random.stateless_uniform((2, 28, 28, 3), (0, 0), -1, 1)
    coarsest, middle, fine = model.levels(image)
    np.testing.assert_allclose(fine["details"] + fine["coarse"], image, atol=1e-6)
    smaller = middle["details"] + middle["coarse"]
    np.testing.assert_allclose(BilinearResizing(28)(smaller), fine["coarse"], atol=1e-6)
    assert coarsest["image"].shape == (2, 8, 8, 3)


def test_the_chain_with_true_details_gives_the_image():
    model, image = LAPGAN(**TINY), tf.random.stateless_uniform((2, 16, 16, 1), (0, 0), -1, 1)
    coarsest, fine = model.levels(image)
    found = BilinearResizing(16)(coarsest["image"]) + fine["details"]
    np.testing.assert_allclose(found, image, atol=1e-6)


def test_the_discriminator_sees_the_sum():
    network = build_discriminator(16, 1, 2)
    details, coarse = np.random.default_rng(0).normal(size=(2, 2, 16, 16, 1)).astype(np.float32)
    found = [
        network({"details": d, "coarse": c}) for d, c in ((details, coarse), (coarse, details))
    ]
    np.testing.assert_allclose(*found, rtol=1e-5)


def test_half_of_the_discriminators_batch_is_real_and_the_generators_is_whole():
    model = LAPGAN(**TINY)
    model.compile(run_eagerly=True)
    counts, networks = [], model.discriminators
    model.judge = lambda level, parts, training: (
        counts.append(len(next(iter(parts.values()))))
        or networks[level](parts if level else parts["image"], training=training)
    )
    model.train_on_batch(np.zeros((4, 16, 16, 1), np.float32))
    assert counts == [2, 2, 4] * 2


def test_sheets_show_the_pyramid():
    columns = LAPGAN(**TINY).samples(np.zeros((2, 16, 16, 1), np.float32))
    assert list(columns)[:3] == ["real", "sample 1: 8", "sample 1: 16"]
    assert {np.shape(column) for column in columns.values()} == {(2, 16, 16, 1)}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"coarse_sizes": ()}, "coarse_sizes must be at least one, growing, below 28"),
        ({"coarse_sizes": (14, 8)}, "coarse_sizes must be at least one, growing, below 28"),
        ({"latent_size": 0}, "latent_size must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        LAPGAN(**argument)
