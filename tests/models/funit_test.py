"""FUNIT: the promises of every system, and the facts of its paper."""

import numpy as np

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import FUNIT

TINY = {"image_size": 16, "classes": 3, "generator_filters": 2, "residual_blocks": 1}
TINY |= {"latent_size": 3, "mlp_size": 8, "discriminator_filters": 2, "discriminator_blocks": 2}


def batch(count=4, seed=0):
    rng = np.random.default_rng(seed)
    images, labels = (
        rng.integers(0, 256, (2, count, 16, 16, 3), np.uint8),
        rng.integers(3, size=(2, count)),
    )
    label, target = labels.astype(np.int32)
    return {"image": images[0], "label": label, "reference": images[1], "target": target}


class TestFUNIT(ModelTestCase):
    def build(self, **kwargs):
        model = FUNIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(batch(16), batch_size=4)


def test_parameters_of_the_authors():
    model = FUNIT()
    assert parameters(model) == [54_252_599, 29_866_435]
    networks = model.class_encoder, model.content_encoder, model.decoder
    assert [each.count_params() for each in networks] == [
        2_779_328,
        12_202_112,
        13_749_891 + 1_135_104,
    ]
    assert model.discriminator.compute_output_shape({"image": (1, 128, 128, 3), "label": (1,)}) == {
        "logits": (1, 8, 8, 1),
        "features": (1, 1024),
    }
