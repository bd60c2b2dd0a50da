"""A batch in parts makes the moves that it makes at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ResumeTestCase
from tests.tiny_gan import Points, TinyGAN
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.models import StarGANv2

REAL = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


class Nested(AdversarialModel):
    """A game with all that a step may do: a move inside another, several at once, and a pool."""

    def __init__(self):
        super().__init__(["distance"], name="nested")
        dense = keras.layers.Dense
        self.networks = {
            name: keras.Sequential([keras.Input((3,)), dense(4, "tanh"), dense(3)], name=name)
            for name in ("painter", "judge", "critic")
        }
        self.pool = self.add_weight((3,), "zeros", trainable=False, name="pool")
        self.average = self.add_weight((3,), "zeros", trainable=False, name="average")

    def players(self):
        return {name: [network] for name, network in self.networks.items()}

    def optimizers(self):
        return {name: keras.optimizers.Adam(1e-2) for name in self.networks}

    def train_step(self, real):
        painter, judge, critic = self.networks.values()
        noise = self.draw(tf.random.stateless_normal, "noise", tf.shape(real)[0], (3,))
        seen = painter(noise)  # before a move, and used behind it

        def painted():
            fake = painter(noise)
            self.update("judge", lambda: (tf.reduce_mean((judge(fake) - real) ** 2), None))
            return tf.reduce_mean((judge(fake) - seen) ** 2), fake

        fake = self.update("painter", painted)
        self.pool.assign_add(tf.reduce_mean(fake, 0))
        self.track(distance=tf.reduce_mean(real))
        loss = lambda: (tf.reduce_mean(critic(fake) ** 2 * real), None)  # noqa: E731
        self.update_together({"critic": loss, "judge": loss}, clip_norm=0.1)
        self.average.assign_add(self.networks["critic"].trainable_variables[-1].value)
        return self.finish_step()


def trained(parts, build=Nested, data=REAL, **options):
    """The weights after two steps, by their place, and the means."""
    keras.utils.set_random_seed(0)
    model = build()
    model.compile(accumulate_steps=parts, **options)
    for _ in range(2):
        means = model.train_on_batch(data, return_dict=True)
    return {w.path.split("/")[-1] + str(n): np.array(w) for n, w in enumerate(model.weights)}, means


@pytest.mark.parametrize("run_eagerly", [True, False])
@pytest.mark.parametrize("parts", [2, 4])
def test_parts_equal_the_whole(parts, run_eagerly):
    (whole, means), (found, others) = (trained(n, run_eagerly=run_eagerly) for n in (1, parts))
    for name, value in whole.items():
        factor = parts if name.startswith("pool") else 1  # it takes in each part once
        np.testing.assert_allclose(found[name], factor * value, rtol=1e-4, atol=1e-6, err_msg=name)
    assert others == pytest.approx(means, rel=1e-4)


def test_two_replicas_in_two_parts_equal_one_device_at_once(two_cpus):
    (whole, _) = trained(1)
    with two_cpus.scope():
        found, _ = trained(2)
    for name, value in whole.items():
        if not name.startswith("pool"):
            np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def stargan_v2():
    sizes = {"image_size": 16, "latent_size": 3, "style_size": 4, "mapping_size": 8, "halvings": 1}
    return StarGANv2(
        **sizes, name="stargan_v2", generator_filters=4, discriminator_filters=4, most_filters=8
    )


def styled(image):
    labels = np.arange(4, dtype=np.int32) % 2
    references = {name: image[::-1] for name in ("reference", "other_reference")}
    return {"image": image, "label": labels, "target": 1 - labels, **references}


def test_systems_without_batch_statistics():
    image = np.tanh(np.random.default_rng(0).normal(size=(4, 16, 16, 3))).astype(np.float32)
    players = "discriminator", "generator", "mapping_network", "style_encoder"

    def once(parts):  # not Adam, which makes moves of what is rounding, of biases before a norm
        options = {f"{player}_optimizer": keras.optimizers.SGD(0.1) for player in players}
        return trained(parts, stargan_v2, styled(image), run_eagerly=True, **options)[0]

    whole, found = once(1), once(2)
    for name, value in whole.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_batch_that_parts_do_not_divide():
    with pytest.raises(ValueError, match="accumulate_steps must divide .*=3, 8 examples"):
        trained(3, run_eagerly=True)
    with pytest.raises(ValueError, match="accumulate_steps must be an integer >= 1"):
        trained(0)


def test_it_is_saved_and_ended(tmp_path):
    model = Nested()
    model.compile(accumulate_steps=2)
    assert model.get_compile_config()["accumulate_steps"] == 2
    model.compile()
    assert model.accumulation is None and "train_step" not in vars(model)


class TestResumeInParts(ResumeTestCase):
    """A run in parts that stops and goes on is the unbroken one, too."""

    def build(self, **kwargs):
        model = TinyGAN()
        model.compile(accumulate_steps=2, **kwargs)
        return model

    def data(self):
        return Points()
