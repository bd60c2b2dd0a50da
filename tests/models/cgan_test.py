"""CGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import batch, labelled
from tests.recorded import recorded
from tfgan_apps.models import CGAN

TINY = {"image_size": 8, "classes": 3, "latent_size": 3}
TINY |= {"generator_width": 6, "discriminator_width": 4}


class TestCGAN(ModelTestCase):
    def build(self, **kwargs):
        model = CGAN(**TINY)
        for weight in model.discriminator.trainable_variables:
            weight.assign(100 * weight.value)  # the authors' are so small that little moves
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(8)


def test_parameters_of_the_paper():
    assert parameters(CGAN()) == [1_224_351, 2_413_984]


def test_both_networks_are_told_the_class():
    model = CGAN(**TINY)
    latents, images = np.ones((3, 3), np.float32), np.ones((3, 8, 8, 1), np.float32)
    made = model({"latents": latents, "label": np.arange(3)})
    judged = model.discriminator({"image": images, "label": np.arange(3)})
    assert len(np.unique(made, axis=0)) == len(np.unique(judged)) == 3


def test_fakes_have_the_classes_of_the_real_images():
    model = CGAN(**TINY)
    model.compile(run_eagerly=True)
    judged = recorded(model.discriminator)
    model.train_on_batch(batch(8))
    assert len(judged) == 2  # the verdict on fakes serves both players
    np.testing.assert_array_equal(*(inputs["label"] for inputs, _ in judged))


def test_noise_and_rates_of_the_paper():
    drawn = np.array(CGAN(**TINY).noise((9999,), (0, 0)))
    assert 0 <= drawn.min() and drawn.max() < 1
    rate = CGAN(**TINY).optimizers()["generator"]._learning_rate
    assert float(rate(25_000)) == pytest.approx(0.1 / np.e, rel=1e-3)


def test_sheets_show_a_column_for_each_class():
    model = CGAN(**TINY, class_names=("cat", "dog", "bird"))
    columns = model.samples(batch(8))
    assert list(columns)[:4] == ["real", "cat", "dog", "bird"]
    assert list(columns)[-1] == "as real, 1 to 2: 75%"
    assert model.serving().about == {"classes": ["cat", "dog", "bird"]}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"class_names": ("a", "b")}, "classes must be 2, the number of the data's classes"),
        ({"classes": 0}, "classes must be an integer >= 1"),
        ({"latent_size": 0}, "latent_size must be an integer >= 1"),
        ({"channels": 0}, "channels must be one of"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        CGAN(**argument)


def test_labels_that_there_are_no_classes_for():
    model = CGAN(**TINY)
    model.compile()
    with pytest.raises(ValueError, match=r"in \[0, 2\].* Received: values from 0 to 3"):
        model.train_on_batch(batch(8, classes=4))
