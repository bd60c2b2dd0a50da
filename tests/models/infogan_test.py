"""InfoGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.random_images import unlabelled
from tests.recorded import recorded
from tfgan_apps.models import InfoGAN

TINY = {"image_size": 8, "latent_size": 3, "categories": (3,), "continuous": 1}
TINY |= {"generator_filters": 2, "discriminator_filters": 2}


class TestInfoGAN(ModelTestCase):
    def build(self, **kwargs):
        model = InfoGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


def test_parameters_of_the_authors():
    model = InfoGAN()
    networks = model.discriminator, model.recognizer, model.generator
    found = [sum(np.prod(v.shape) for v in network.trainable_variables) for network in networks]
    assert found == [6_559_169, 133_262, 6_652_481]


def test_the_bound_by_hand():
    model = InfoGAN(**TINY, continuous_weight=0.5)
    model.compile()
    read = tf.constant([[np.log(2.0), 0, 0, 0.5, 7], [0, 0, 0, 0.0, 7]], tf.float32)
    model.recognizer = lambda features, training: read
    code = tf.constant([[1.0, 0, 0, 0.0], [0, 1, 0, 1.0]])
    found = model.bound({"features": None}, code, training=False)
    information = np.log(3) + (np.log(0.5) + np.log(1 / 3)) / 2
    assert float(found) == pytest.approx(information - 0.5 * 0.5 * (0.25 + 1) / 2, rel=1e-5)


def test_only_fakes_are_read_and_new_ones_serve_the_generator():
    model = InfoGAN(**TINY)
    model.compile(run_eagerly=True)
    read, made = recorded(model.recognizer), recorded(model.generator)
    model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
    assert len(read) == len(made) == 2
    assert not np.array_equal(made[0][0]["code"], made[1][0]["code"])


def test_codes_are_what_the_paper_draws():
    code = InfoGAN(**TINY).code.made(tf.random.stateless_uniform((3000, 2), (0, 0)))
    np.testing.assert_allclose(np.mean(code[:, :3], 0), [1 / 3] * 3, atol=0.03)
    assert np.all(np.sum(code[:, :3], -1) == 1)
    assert -1 <= np.min(code[:, 3]) and np.max(code[:, 3]) <= 1
    assert np.std(code[:, 3]) == pytest.approx(3**-0.5, abs=0.02)


def test_rates_of_the_authors():
    rates = {p: float(o.learning_rate) for p, o in InfoGAN(**TINY).optimizers().items()}
    assert rates == pytest.approx({"discriminator": 2e-4, "generator": 1e-3})


def test_sheets_sweep_the_code_and_files_are_read():
    model = InfoGAN(**TINY)
    titles = list(model.samples(np.zeros((2, 8, 8, 1), np.float32)))
    swept = [f"number 1: {value}" for value in (-2, -1, 0, 1, 2)]
    assert titles[1:9] == ["category 1: 0", "category 1: 1", "category 1: 2", *swept]
    served = model.serving()
    code = served.predict("classify", served.examples(2)["classify"])["code"]
    assert code.shape == (2, 4) and np.allclose(code[:, :3].sum(-1), 1)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 30}, "image_size must be a multiple of 4"),
        ({"categories": (1,)}, "categories must be an integer >= 2"),
        ({"categories": (), "continuous": 0}, "categories must be given, or continuous above 0"),
        ({"information_weight": -1.0}, "information_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        InfoGAN(**argument)
