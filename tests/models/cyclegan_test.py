"""CycleGAN keeps the base's promises, and has the paper's networks, losses and pools."""

import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tfgan_apps import tensorflow_addons
from tfgan_apps.input_pipelines import IndexedData
from tfgan_apps.layers import InstanceNormalization
from tfgan_apps.models import CycleGAN
from tfgan_apps.models.cyclegan import build_generator
from tfgan_apps.networks.patchgan import build_discriminator
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving import export


class NoiseImages(IndexedData):
    """Unpaired images that need no disk: smooth noise, drawn from the position."""

    test_length = 4

    def train_example(self, position):
        return self._image(position, "x"), self._image(position, "y")

    def test_example(self, index):
        return self.train_example(index + 10**6)

    def check(self):
        pass

    fingerprint = "noise"

    def _image(self, position, purpose):
        coarse = self.uniform(position, purpose, 4 * 4 * 3) * 2 - 1
        return tf.image.resize(tf.reshape(coarse, (4, 4, 3)), (16, 16))


class TestCycleGAN(ModelTestCase):
    def build(self, **kwargs):
        sizes = {"image_size": 16, "generator_filters": 4, "residual_blocks": 1}
        model = CycleGAN(**sizes, discriminator_filters=4, discriminator_layers=1, pool_size=3)
        model.compile(**{"steps_per_epoch": 3, "epochs": 2, **kwargs})
        return model

    def data(self):
        return NoiseImages(epoch_length=6, batch_size=2)


@pytest.mark.parametrize(("blocks", "count"), [(9, 11_378_179), (6, 7_837_699)])
def test_generator_has_the_papers_parameters(blocks, count):
    assert build_generator(residual_blocks=blocks).count_params() == count


@pytest.mark.parametrize(
    ("layers", "count"),
    [(1, 136_385), (2, 662_977), (3, 2_764_737), (4, 6_959_553), (5, 11_154_369)],
)
def test_discriminator_has_the_papers_parameters(layers, count):
    assert build_discriminator(hidden_layers=layers).count_params() == count


def test_whole_model_has_the_papers_parameters():
    model = CycleGAN()
    assert sum(np.prod(v.shape) for v in model.trainable_variables) == 28_285_832


@pytest.mark.parametrize(("size", "patches"), [(64, 6), (128, 14), (256, 30)])
def test_patches_of_the_discriminator(size, patches):
    net = build_discriminator(filters=4)
    assert net.compute_output_shape((1, size, size, 3)) == (1, patches, patches, 1)


def without_norms(net):
    def clone(layer):
        if isinstance(layer, InstanceNormalization):
            return keras.layers.Identity()
        return layer.__class__.from_config(layer.get_config())

    return keras.models.clone_model(net, clone_function=clone)


def test_a_patch_is_70_pixels():
    net = without_norms(build_discriminator(filters=4))
    image = tf.random.stateless_normal((1, 128, 128, 3), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(image)
        logit = net(image)[0, 7, 7, 0]
    seen = tf.reduce_any(tape.gradient(logit, image)[0] != 0, axis=-1)
    assert [int(tf.reduce_sum(tf.cast(tf.reduce_any(seen, axis=a), tf.int32))) for a in (0, 1)] == [
        70,
        70,
    ]


def test_generator_moves_with_the_image():
    """A shift by 4 pixels moves the output by 4: wrong padding would shift by part of a stride."""
    net = without_norms(build_generator(filters=4, residual_blocks=1))
    image = tf.random.stateless_normal((1, 64, 64, 3), (0, 0))
    here, moved = net(image), net(tf.roll(image, 4, axis=1))
    difference = tf.abs(tf.roll(here, 4, axis=1) - moved)[:, 24:-24, 24:-24]
    assert float(tf.reduce_max(difference)) < 1e-5


class Constant(keras.layers.Layer):
    def __init__(self, value, **kwargs):
        super().__init__(**kwargs)
        self.value = value

    def call(self, inputs):
        return keras.ops.full_like(inputs, self.value)


def network(*layers):
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, keras.Sequential(list(layers))(image))


def game(generator_layer, discriminator_layer):
    nets = [network(layer()) for layer in [generator_layer] * 2 + [discriminator_layer] * 2]
    names = ("generator_x_to_y", "generator_y_to_x", "discriminator_x", "discriminator_y")
    return CycleGAN(image_size=16, **dict(zip(names, nets, strict=True)))


@pytest.fixture
def images():
    return [tf.random.stateless_uniform((2, 16, 16, 3), (i, 0), -1, 1) for i in range(2)]


def test_losses_of_identical_generators_and_an_undecided_discriminator(images):
    model = game(keras.layers.Identity, lambda: Constant(0.5))
    model.compile()
    np.testing.assert_allclose(model.generator_loss(*images)[0], 0.5, atol=1e-6)
    np.testing.assert_allclose(model.discriminator_loss(*images, *images)[0], 0.5, atol=1e-6)


def test_losses_of_generators_that_output_zero(images):
    x = images[0]
    model = game(lambda: Constant(0.0), lambda: Constant(0.5))
    model.compile()
    expected = 0.5 + 30 * float(tf.reduce_mean(tf.abs(x)))
    np.testing.assert_allclose(model.generator_loss(x, x)[0], expected, rtol=1e-5)


@pytest.mark.parametrize("side", [0, 1])
def test_both_generators_learn_from_each_cycle(images, side):
    model = TestCycleGAN().build()
    x, y = images
    with tf.GradientTape() as tape:
        fakes = model.generator_y_to_x(y), model.generator_x_to_y(x)
        loss = tf.reduce_mean(tf.abs(model.close_cycles(*fakes)[side] - images[side]))
    kernels = [net.trainable_variables[0].value for net in model.players()["generator"]]
    assert all(float(tf.norm(g)) > 0 for g in tape.gradient(loss, kernels))


def test_neither_evaluation_nor_a_sheet_moves_the_averages_of_given_networks(images):
    model = game(keras.layers.BatchNormalization, keras.layers.BatchNormalization)
    model.compile()
    before = [np.array(w) for w in model.non_trainable_weights]
    model.test_step(images)
    model.samples(images)
    for old, new in zip(before, model.non_trainable_weights, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("epoch", "rate"), [(1, 1.0), (100, 1.0), (101, 100 / 101), (150, 51 / 101), (200, 1 / 101)]
)
def test_learning_rate_of_the_paper(epoch, rate):
    schedule = LinearDecay(2e-4, steps_per_epoch=7, epochs=200)
    for step in ((epoch - 1) * 7, epoch * 7 - 1):
        np.testing.assert_allclose(schedule(step), 2e-4 * rate, rtol=1e-5)


def test_paper_optimizers():
    model = TestCycleGAN().build()
    config = model.generator_optimizer.get_config()
    assert (config["beta_1"], config["beta_2"], config["epsilon"]) == (0.5, 0.999, 1e-8)
    assert model.generator_optimizer is not model.discriminator_optimizer


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [({"image_size": 30}, "image_size.*30"), ({"cycle_weight": -1.0}, "cycle_weight=-1")],
)
def test_bad_arguments_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        CycleGAN(**kwargs)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("discriminator_layers", 0, "an integer >= 1"),
        ("residual_blocks", -2, "an integer >= 0"),
        ("generator_filters", 0, "an integer >= 1"),
        ("discriminator_filters", 2.5, "an integer >= 1"),
        ("pool_size", -1, "an integer >= 0"),
        ("channels", 2, "one of (1, 3, 4)"),
        ("image_size", 16, "at least 24, for a patch of 3 discriminator layers"),
        ("image_size", 18, "a multiple of 4"),
        ("cycle_weight", float("nan"), "a finite number and >= 0"),
    ],
)
def test_an_argument_out_of_its_range_is_refused(name, value, expected):
    message = re.escape(f"{name} must be {expected}. Received: ")
    with pytest.raises(ValueError, match=message):
        CycleGAN(**{"image_size": 32, name: value})


@pytest.mark.parametrize("rate", [float("nan"), -1.0, float("inf")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate must be a finite number and >= 0"):
        CycleGAN(image_size=32, generator_filters=2).compile(learning_rate=rate)


def test_an_evaluation_has_no_term_that_is_not_computed():
    model = CycleGAN(image_size=24, generator_filters=2, identity_weight=0.0, residual_blocks=1)
    model.compile(run_eagerly=True)
    x = tf.zeros((1, 24, 24, 3))
    found = model.test_on_batch(x, x, return_dict=True)
    assert {"cycle_x", "generator_loss"} <= set(found) and "identity_x" not in found


def test_optimizers_of_nobody_are_refused():
    with pytest.raises(ValueError, match="critic_optimizer"):
        CycleGAN(image_size=24, generator_filters=4, residual_blocks=1).compile(
            critic_optimizer="sgd"
        )


def test_predict_translates_x_to_y(images):
    model = TestCycleGAN().build()
    expected = model.generator_x_to_y(images[0])
    np.testing.assert_allclose(model.predict(images[0], verbose=0), expected, atol=1e-5)


def test_a_generator_from_tensorflow_addons_trains_exports_and_serves(tmp_path):
    """Its input has a fixed size; `clone_model` frees it."""
    path = pathlib.Path(__file__).parents[1] / "goldens" / "tfa"
    loaded = tensorflow_addons.load_model(path / "tfa_cyclegan_generator.h5")
    generators = [keras.models.clone_model(loaded) for _ in range(2)]
    for generator in generators:
        generator.set_weights(loaded.get_weights())
    model = CycleGAN(
        image_size=32,
        discriminator_filters=4,
        generator_x_to_y=generators[0],
        generator_y_to_x=generators[1],
    )
    model.compile(run_eagerly=True)
    with np.load(path / "tfa_goldens.npz") as goldens:
        x, y = goldens["generator_input"], goldens["generator_output"]
    np.testing.assert_allclose(model.predict(x, verbose=0), y, atol=1e-5)
    model.fit(tf.data.Dataset.from_tensors((x, y)), verbose=0, shuffle=False)
    assert np.abs(model.predict(x, verbose=0) - y).max() > 1e-4
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))
    version = export.export_saved_model(model.serving(), str(tmp_path / "served"))
    pixels = tf.cast(tf.round((x + 1) * 127.5), tf.uint8)
    answer = tf.saved_model.load(version).signatures["x_to_y"](
        image_bytes=tf.stack([tf.io.encode_png(image) for image in pixels])
    )
    expected = (model.predict(tf.cast(pixels, tf.float32) / 127.5 - 1, verbose=0) + 1) * 127.5
    for png, image in zip(answer["image_bytes"], expected, strict=True):
        assert np.abs(tf.io.decode_png(png).numpy() - image).max() < 0.6
