"""DRIT: the promises of every system, and the facts of its paper."""

import numpy as np

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import DRIT

TINY = {"image_size": 16, "generator_filters": 1, "residual_blocks": 1, "latent_size": 2}
TINY |= {"discriminator_filters": 1, "discriminator_layers": 1, "scales": 2}
TINY |= {"content_kernel": 3, "content_layers": 1, "content_steps": 2, "initializer": "kaiming"}


class TestDRIT(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = DRIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 16, 3), np.uint8)
        return from_arrays(tuple(images), batch_size=4)


def test_parameters_of_the_authors():
    model = DRIT()
    own, shared = 4_164_096 + 0, 0
    assert parameters(model)
