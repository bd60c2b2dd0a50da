"""StarGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.recorded import recorded
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import StarGAN
from tfgan_apps.networks import stargan as networks

TINY = {"image_size": 8, "classes": 3, "generator_filters": 2, "residual_blocks": 1}
TINY |= {"discriminator_filters": 2, "discriminator_layers": 2, "critic_steps": 2}
HAIR = ("Black_Hair", "Blond_Hair", "Male")


def batch(count=4, exclusive=False, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (count, 8, 8, 3), np.uint8)
    shape, high = ((count,), 3) if exclusive else ((count, 3), 2)
    return {"image": image, "label": rng.integers(0, high, shape, np.int32)}


def scaled(**kwargs):
    made = batch(**kwargs)
    return {"image": tf.constant(made["image"] / np.float32(127.5) - 1), "label": made["label"]}


class TestStarGAN(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = StarGAN(**TINY, exclusive=True)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(batch(16, exclusive=True), batch_size=4)


def test_parameters_of_the_authors():
    assert parameters(StarGAN()) == [44_762_048, 8_430_528]
    domains = StarGAN(classes=8, exclusive=True, discriminator_filters=1)
    assert parameters(domains)[1] == 8_439_936
    assert parameters(StarGAN(256, classes=13, generator_filters=1))[0] == 45_147_072
    discriminator = networks.build_discriminator(filters=1)
    found = discriminator.compute_output_shape((1, 128, 128, 3))
    assert found == {"source": (1, 2, 2, 1), "class": (1, 5)}


def test_losses_by_hand():
    """Sums over attributes, means over patches and images; the penalty is of the sum of patches."""
    weights = {"class_weight": 2.0, "reconstruction_weight": 3.0, "penalty_weight": 5.0}
    model = StarGAN(**TINY, **weights)
    model.compile()
    patches = lambda x: tf.reduce_sum(x, [2, 3], keepdims=True)  # noqa: E731
    logits = tf.constant([[2.0, -2.0, 0.0]])
    model.discriminator = lambda x, training: {"source": patches(x), "class": logits}
    model.translate = lambda image, label, training=True: image + 0.5
    zero, one, label = tf.zeros((1, 8, 8, 3)), tf.ones((1, 8, 8, 3)), tf.constant([[1, 1, 0]])
    entropy = sum(np.logaddexp(0, x) for x in (-2, 2, 0))
    penalty = (np.sqrt(8 * 8 * 3) - 1) ** 2
    expected = 24 + 2 * entropy + 5 * penalty
    assert float(model.discriminator_loss(zero, label, one)) == pytest.approx(expected, rel=1e-5)
    found = float(model.generator_loss(zero, label, label))
    assert found == pytest.approx(-12 + 2 * entropy + 3 * 1.0, rel=1e-5)


def test_an_exclusive_domain_has_a_cross_entropy():
    model, logits = StarGAN(**TINY, exclusive=True), tf.constant([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = float(model.class_loss(tf.constant([0, 2]), logits))
    expected = (np.log(np.e + 2) - 1 + np.log(3)) / 2
    assert found == pytest.approx(expected, rel=1e-5)


def test_the_generator_moves_in_each_fifth_step_on_the_same_images_and_targets():
    model = StarGAN(**TINY | {"critic_steps": 5})
    phases = [model.phase_at(step) for step in range(10)]
    assert phases == (["discriminator"] * 4 + ["round's end"]) * 2
    model = StarGAN(**TINY | {"critic_steps": 1})
    model.compile(run_eagerly=True)
    calls, given = recorded(model.generator), scaled()
    model.train_on_batch(given)
    (first, fake), (again, same), (back, _) = calls
    np.testing.assert_array_equal(first["label"], again["label"])
    assert sorted(map(tuple, first["label"].numpy())) == sorted(map(tuple, given["label"]))
    np.testing.assert_array_equal(fake, same)
    np.testing.assert_array_equal(back["label"], given["label"])
    np.testing.assert_array_equal(back["image"], same)


def test_a_label_is_seen_only_by_zeros_beyond_the_border():
    """Inside, the first layer adds the same everywhere; an image's own statistics take it away."""
    network = networks.build_generator(classes=1, filters=2, residual_blocks=0)
    inner = [layer for layer in network.layers if "instance" in layer.name][0]
    image = tf.constant(scaled(count=1)["image"])
    first = keras.Model(network.input, inner.input)
    seen = [first({"image": image, "label": tf.constant([[c]])}) for c in (0, 1)]
    added = (seen[1] - seen[0])[0].numpy()
    np.testing.assert_allclose(added[3:5, 3:5], np.broadcast_to(added[3, 3], (2, 2, 2)), atol=1e-5)
    assert np.abs(added[0, 0] - added[3, 3]).max() > 1e-3


def test_optimizers_of_the_paper():
    made = StarGAN(**TINY).optimizers(epochs=4, steps_per_epoch=10)
    for player, steps in (("discriminator", 10), ("generator", 5)):
        config = made[player].get_config()
        numbers = config["beta_1"], config["beta_2"], config["epsilon"]
        assert numbers == pytest.approx((0.5, 0.999, 1e-8))
        rate = config["learning_rate"]["config"]
        assert (rate["initial_learning_rate"], rate["steps_per_epoch"]) == (1e-4, steps)


def test_a_sheet_switches_attributes_and_a_face_has_one_colour_of_hair():
    model = StarGAN(**TINY, class_names=HAIR)
    found = {
        title: x.numpy().tolist() for title, x in model.targets(tf.constant([[1, 0, 1]])).items()
    }
    assert found == {
        "Black_Hair": [[1, 0, 1]],
        "Blond_Hair": [[0, 1, 1]],
        "Male switched": [[1, 0, 0]],
    }
    columns = model.samples(scaled())
    assert list(columns) == ["real", *found, "Black_Hair, and back"]
    domains = StarGAN(**TINY, class_names=("a", "b", "c"), exclusive=True)
    assert domains.targets(tf.constant([2, 0]))["b"].numpy().tolist() == [1, 1]
    assert len(domains.samples(scaled(exclusive=True))) == 5


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 10}, "image_size must be a multiple of 4"),
        ({"image_size": 12, "discriminator_layers": 3}, "image_size must be a multiple of 8, 2"),
        ({"classes": 3, "class_names": ("a",)}, "classes must be 1"),
        ({"critic_steps": 0}, "critic_steps must be an integer >= 1"),
        ({"penalty_weight": -1.0}, "penalty_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        StarGAN(**{**TINY, **argument})
