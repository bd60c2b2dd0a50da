"""SAGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import batch, labelled
from tests.recorded import recorded
from tfgan_apps import losses, standing_statistics
from tfgan_apps.models import SAGAN
from tfgan_apps.networks import sagan

TINY = {"image_size": 16, "channels": 1, "classes": 3, "latent_size": 3, "attention": 8}
TINY |= {"generator_filters": 4, "discriminator_filters": 8}
AVERAGED = {"average_decay": 0.9, "standing_batches": 3, "standing_batch_size": 4}


class TestSAGAN(ModelTestCase):
    """Of a block each; attention has tests of its own."""

    stopped, ended = 1, 2

    def build(self, **kwargs):
        generator = sagan.build_generator((8, 8), 1, 3, 3, attention=0)
        discriminator = sagan.build_discriminator((8,), 8, 1, 3, attention=0)
        size = {"image_size": 8, "channels": 1, "classes": 3, "latent_size": 3}
        model = SAGAN(**size, **AVERAGED, generator=generator, discriminator=discriminator)
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(8)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [39_463_618, 42_078_852]),
        ({"attention": 64}, [39_448_258, 42_017_412]),
        ({"classes": 10}, [38_449_858, 32_321_412]),
    ],
)
def test_parameters_of_the_authors(arguments, expected, monkeypatch):
    monkeypatch.setattr(keras.initializers, "GlorotUniform", keras.initializers.Zeros)
    assert parameters(SAGAN(**arguments)) == expected


def attention():
    """Returns attention of 8 x 8 places, of 16 channels."""
    x = keras.Input((8, 8, 16))
    return keras.Model(x, sagan.resnet.self_attention(x, keras.initializers.GlorotUniform, "a"))


@pytest.mark.parametrize(("policy", "apart"), [("float32", 1e-5), ("mixed_float16", 1e-2)])
def test_attention_and_its_gradient_by_xla(policy, apart):
    keras.mixed_precision.set_global_policy(policy)
    try:
        half = attention()
    finally:
        keras.mixed_precision.set_global_policy("float32")
    plain, given = attention(), tf.random.stateless_normal((2, 8, 8, 16), (0, 0))
    half.get_layer("a_gamma").gain.assign(1.0)
    plain.set_weights(half.get_weights())

    def slopes(network):
        with tf.GradientTape() as tape:
            tape.watch(given)
            total = tf.reduce_sum(tf.cast(network(given), tf.float32) ** 2)
        return tape.gradient(total, given)

    expected, found = slopes(plain), tf.function(slopes, jit_compile=True)(half)
    np.testing.assert_allclose(found, expected, atol=apart * np.abs(expected).max())


def test_attention_begins_as_nothing_and_its_gain_learns():
    """S-SA-1."""
    network = attention()
    assert sum(int(np.prod(v.shape)) for v in network.trainable_weights) == 1.25 * 16**2 + 1
    given = tf.random.stateless_normal((2, 8, 8, 16), (0, 0))
    np.testing.assert_array_equal(network(given), given)
    gain = network.get_layer("a_gamma").gain
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(network(given) ** 3)
    assert abs(tape.gradient(found, gain.value)) > 1e-3


def test_hinges():
    """S-SA-2."""
    at = lambda value: tf.fill([3, 1], value)  # noqa: E731
    assert losses.hinge_discriminator_loss(at(2.0), at(-2.0)) == 0
    assert losses.hinge_discriminator_loss(at(0.0), at(0.0)) == 2
    assert losses.hinge_generator_loss(at(0.0)) == 0


@pytest.fixture(scope="module")
def stepped():
    """A step's model, and what it had and did: see the tests."""
    model = SAGAN(**TINY, **AVERAGED)
    model.compile(run_eagerly=True, generator_learning_rate=1e-2)
    vectors = [w for w in model.discriminator.non_trainable_weights if "vector" in w.path]
    values = []

    def call(inputs, training=None, mask=None, judge=model.discriminator.call):
        values.append((training, [np.array(v) for v in vectors]))
        return judge(inputs, training=training, mask=mask)

    model.discriminator.call = call
    average, made = model.average.get_weights(), recorded(model.generator)
    model.train_on_batch(batch(16))
    values.append((None, [np.array(v) for v in vectors]))
    return {"model": model, "vectors": values, "average": average, "made": list(made)}


def test_spectral_norms_of_the_discriminator_move_on_with_real_images_alone(stepped):
    values = stepped["vectors"]
    assert [training for training, _ in values] == [True, False, False, None]
    moved = [
        not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
        for (_, before), (_, after) in zip(values[:-1], values[1:], strict=True)
    ]
    assert moved == [True, False, False]


def test_fresh_noise_and_classes_for_the_generator(stepped):
    (first, _), (second, _) = stepped["made"]
    assert not np.array_equal(first["latents"], second["latents"])


def test_an_average_serves_where_there_is_one(stepped):
    model = stepped["model"]
    own = {"generator": model.generator, "discriminator": model.discriminator}
    without = SAGAN(**TINY, **own)
    assert without.average is model.generator
    found = model.average.get_weights(), model.generator.get_weights()
    for old, average, new in zip(stepped["average"], *found, strict=True):
        np.testing.assert_allclose(average, 0.9 * old + 0.1 * new, atol=1e-6)


def test_predict_knows_the_averages_statistics(stepped):
    model = stepped["model"]
    inputs = next(iter(standing_statistics.batches(model, 1, 4)))
    found = model.predict(inputs, verbose=0)
    model.settle()
    np.testing.assert_allclose(found, model(inputs), atol=1e-6)


def test_an_averages_statistics_are_those_of_its_own_weights(stepped):
    model = stepped["model"]
    before = model.generator.get_weights()
    model.settle()
    norm = model.average.get_layer("blocks_0_0_bn1")
    first = keras.Model(model.average.input, norm.input)
    features = [first(inputs) for inputs in standing_statistics.batches(model, 3, 4)]
    mean = np.mean([np.mean(x, (0, 1, 2)) for x in features], 0)
    variance = np.mean([np.var(x, (0, 1, 2)) for x in features], 0)
    np.testing.assert_allclose(norm.moving_mean, mean, atol=1e-5)
    # Spectral norms move on a little with each batch.
    np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-2, atol=1e-6)
    for old, new in zip(before, model.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_papers_rates(stepped):
    optimizers = stepped["model"].optimizers()
    rates = {player: float(each.learning_rate) for player, each in optimizers.items()}
    assert rates == pytest.approx({"discriminator": 4e-4, "generator": 1e-4})
    assert {(o.beta_1, o.beta_2) for o in optimizers.values()} == {(0.0, 0.9)}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 28}, "image_size must be a power of 2"),
        ({"attention": 10}, r"attention must be 0 or one of \[8, 16, 32, 64, 128\]"),
        (TINY | {"generator_filters": 2}, "channels at attention must be a multiple of 8"),
        ({"classes": 3, "class_names": ("a",)}, "classes must be 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        SAGAN(**argument)
