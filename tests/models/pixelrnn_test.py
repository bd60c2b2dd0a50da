"""PixelRNN: the promises of every system, and the facts of its paper."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tfgan_apps.input_pipelines import ImageSet
from tfgan_apps.models import PixelRNN
from tfgan_apps.models.pixelrnn.networks import KINDS, build_network
from tfgan_apps.models.pixelrnn.sampling import image_of, levels_of


class PixelRNNCase(ModelTestCase):
    """A tiny one; subclasses name the network."""

    def build(self, **kwargs):
        sizes = {"image_size": 6, "channels": self.channels, "depth": 2, "filters": 6}
        model = PixelRNN(self.kind, head_filters=8, levels=self.levels, **sizes)
        model.compile(**kwargs)
        return model

    def data(self):
        shape = (12, 6, 6, self.channels)
        images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        return ImageSet.from_arrays({"train": images, "test": images}, batch_size=4)


class TestDiagonalBiLSTM(PixelRNNCase):
    kind, channels, levels = "diagonal_bilstm", 1, 2


class TestRowLSTM(PixelRNNCase):
    """Its layers, masked convolutions and a scan, are those of the PixelCNN and of the diagonal."""

    kind, channels, levels = "row_lstm", 3, 4


PARAMETERS = {  # spec: kind, image, depth, h, head, levels -> count
    ("diagonal_bilstm", (28, 28, 1), 7, 16, 32, 2): 69_601,
    ("diagonal_bilstm", (28, 28, 1), 1, 32, 32, 2): 43_617,
    ("pixelcnn", (32, 32, 3), 15, 128, 1024, 256): 5_340_416,
    ("row_lstm", (32, 32, 3), 12, 128, 1024, 256): 9_618_176,
    ("diagonal_bilstm", (32, 32, 3), 12, 128, 1024, 256): 9_234_176,
    ("row_lstm", (32, 32, 3), 12, 384, 1024, 256): 70_005_504,
}


@pytest.mark.parametrize("sizes", PARAMETERS)
def test_parameter_counts_of_the_paper(sizes):
    assert build_network(*sizes).count_params() == PARAMETERS[sizes]


def randomize(network):
    """Gives every weight, biases too, a value that is not 0."""
    rng = np.random.default_rng(1)
    for weight in network.weights:
        weight.assign(rng.normal(size=weight.shape) * 0.4)


@pytest.mark.parametrize(("levels", "expected"), [(2, 784 * np.log(2)), (256, 784 * np.log(256))])
def test_zero_logits_are_the_uniform_distribution(levels, expected):
    model = PixelRNN(depth=1, filters=4, head_filters=4, levels=levels)
    layer = model.network.get_layer("outputs")
    layer.kernel.assign(tf.zeros_like(layer.kernel))
    image = tf.random.stateless_uniform((2, 28, 28, 1), (0, 0), -1.0, 1.0)
    np.testing.assert_allclose(model.log_prob(image), [-expected] * 2, rtol=1e-6)
    model.compile()
    bits = model.evaluate(image, verbose=0, return_dict=True)["bits_per_dim"]
    assert bits == pytest.approx(np.log2(levels), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_of_all_images_add_up_to_1(kind):
    model = PixelRNN(kind, 3, 1, depth=2, filters=4, head_filters=4)
    randomize(model.network)
    images = np.array(list(itertools.product((-1.0, 1.0), repeat=9)), "float32")
    total = np.exp(model.log_prob(images.reshape(-1, 3, 3, 1)).numpy().astype("float64")).sum()
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("extras", [False, True])
def test_cached_logits_equal_the_full_forward_pass(kind, channels, extras):
    extra = {"skip_connections": True, "condition_size": 4, "residual": False} if extras else {}
    shape, levels = (8, 8, channels), 2 if channels == 1 else 4
    model = PixelRNN(
        kind, shape[:2], shape[2], depth=3, filters=6, head_filters=8, levels=levels, **extra
    )
    randomize(model.network)
    uniform = tf.random.stateless_uniform((5, *shape), (0, 0))
    image = tf.random.stateless_uniform((5, *shape), (0, 1), -1.0, 1.0)
    condition = model.smaller(image) if extras else None
    numbers, logits = tf.function(model.sampler)(uniform, condition=condition)
    drawn = image_of(numbers, levels)
    full = model.network([drawn, condition] if extras else drawn)
    np.testing.assert_allclose(logits, full, atol=1e-4)
    assert len(set(numbers.numpy().flat)) == levels


@pytest.mark.parametrize("kind", KINDS)
def test_cached_samples_equal_those_of_one_forward_pass_per_value(kind):
    model = PixelRNN(kind, (5, 6), 3, depth=2, filters=6, head_filters=8, levels=4)
    randomize(model.network)
    uniform = tf.random.stateless_uniform((4, 5, 6, 3), (0, 0))
    image = np.zeros((4, 5, 6, 3), "float32")
    forward = tf.function(lambda image: tf.nn.softmax(model(image)))
    for place in itertools.product(range(5), range(6), range(3)):
        probabilities = forward(image)[(slice(None), *place)].numpy()
        level = (
            np.cumsum(probabilities, -1)[:, :-1] <= uniform[(slice(None), *place)].numpy()[:, None]
        ).sum(-1)  # noqa: E501
        image[(slice(None), *place)] = level * (2 / 3) - 1
    np.testing.assert_array_equal(levels_of(model.sample(uniform), 4), levels_of(image, 4))


def test_temperature_makes_likely_pixels_likelier():
    model = PixelRNN(image_size=8, channels=1, depth=1, filters=4, head_filters=4)
    randomize(model.network)
    uniform = tf.random.stateless_uniform((64, 8, 8, 1), (0, 0))
    cold, warm = (model.log_prob(model.sample(uniform, temperature=t)) for t in (0.2, 1.0))
    assert np.mean(cold) > np.mean(warm) + 1


def test_completion_keeps_the_known_rows():
    model = PixelRNN(image_size=8, channels=1, depth=1, filters=4, head_filters=4)
    randomize(model.network)
    uniform = tf.random.stateless_uniform((3, 8, 8, 1), (0, 0))
    image = tf.sign(tf.random.stateless_normal((3, 8, 8, 1), (0, 1)))
    completed = model.sample(uniform, image, tf.constant([0, 3, 8])).numpy()
    np.testing.assert_array_equal(completed[0], model.sample(uniform)[0])
    np.testing.assert_array_equal(completed[1, :3], image[1, :3])
    np.testing.assert_array_equal(completed[2], image[2])
    assert np.any(completed[1, 3:] != image[1, 3:])


def test_a_smaller_image_conditions_every_logit():
    model = PixelRNN(image_size=8, channels=3, depth=1, filters=6, condition_size=2, levels=4)
    randomize(model.network)
    image = tf.zeros((1, 8, 8, 3))
    logits = [model.network([image, tf.fill((1, 2, 2, 3), value)]) for value in (-1.0, 1.0)]
    assert np.all(np.abs(logits[0] - logits[1]).max(-1) > 0)
    assert model.smaller(tf.reshape(tf.range(192.0), (1, 8, 8, 3)))[0, 1, 1, 0] == (4 * 8 + 4) * 3


def test_wrong_arguments():
    with pytest.raises(ValueError, match="kind must be one of .* Received: kind='lstm'"):
        PixelRNN("lstm")
    with pytest.raises(ValueError, match="levels must be 2 to 256"):
        PixelRNN(levels=1)
    with pytest.raises(ValueError, match="divided by a power of 2"):
        PixelRNN(image_size=28, channels=1, condition_size=9)
    model = PixelRNN(image_size=8, channels=1, depth=1, filters=4, condition_size=4)
    with pytest.raises(ValueError, match="image must be given to a conditional model"):
        model.sample(tf.zeros((1, 8, 8, 1)))


def test_saved_and_loaded(tmp_path):
    model = PixelRNN("row_lstm", 6, 1, depth=1, filters=4, head_filters=4)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    image = tf.sign(tf.random.stateless_normal((2, 6, 6, 1), (0, 0)))
    np.testing.assert_array_equal(loaded.log_prob(image), model.log_prob(image))
