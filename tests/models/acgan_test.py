"""ACGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import batch, labelled
from tests.recorded import recorded
from tfgan_apps.models import ACGAN
from tfgan_apps.networks import acgan

TINY = {"image_size": 16, "channels": 1, "classes": 3, "latent_size": 3}
TINY |= {"generator_filters": 12, "discriminator_filters": 4}


class TestACGAN(ModelTestCase):
    """With two of the discriminator's six convolutions, which have all that the others have."""

    def build(self, **kwargs):
        discriminator = acgan.build_discriminator(16, 1, 3, filters=4, depth=2)
        model = ACGAN(**TINY, discriminator=discriminator)
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(16)


@pytest.mark.parametrize(
    ("size", "expected"), [(128, [2_525_563, 11_465_728]), (32, [1_663_867, 1_593_888])]
)
def test_parameters_of_the_code(size, expected):
    assert parameters(ACGAN(size)) == expected


def test_the_discriminator_is_not_told_the_class():
    assert [tensor.name for tensor in ACGAN(**TINY).discriminator.inputs] == ["image"]


def test_the_same_fakes_serve_both_players_and_classes_count_in_both():
    model, without = ACGAN(**TINY), ACGAN(**TINY, class_weight=0.0)
    for weight in model.discriminator.trainable_variables:
        if weight.shape[-1] == 3 and len(weight.shape) < 4:
            weight.assign(tf.zeros(weight.shape))  # all classes are as likely, then
    without.set_weights(model.get_weights())
    means = {}
    for each in (model, without):
        made = recorded(each.generator)
        each.compile(run_eagerly=True, learning_rate=0.0)
        means[each] = each.train_on_batch(batch(16), return_dict=True)
        assert len(made) == 1
    surprise = np.log(3)
    more = {k: means[model][k] - means[without][k] for k in means[model]}
    assert more["generator_loss"] == pytest.approx(surprise, rel=1e-3)
    assert more["discriminator_loss"] == pytest.approx(2 * surprise, rel=1e-3)


def test_classify_names_the_class_of_files():
    served = ACGAN(**TINY, class_names=("a", "b", "c")).serving()
    found = served.predict("classify", served.examples(2)["classify"])
    np.testing.assert_allclose(found["probabilities"].sum(-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found["probabilities"].argmax(-1), found["label"])


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 28}, "image_size must be a power of 2"),
        ({"generator_filters": 100}, "generator_filters must be a multiple of 12"),
        ({"classes": 3, "class_names": ("a",)}, "classes must be 1"),
        ({"class_weight": -1.0}, "class_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        ACGAN(**argument)
