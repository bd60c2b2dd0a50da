"""StyleEncoder keeps the base's promises, and inverts a generator that it leaves as it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, values
from tests.models.text_to_image.text_to_image_test import CaptionedNoise, text_encoder
from tfgan_apps.models import StyleEncoder
from tfgan_apps.models.text_to_image.style_encoder import build_style_encoder


def generator():
    """Returns one whose image shows the noise in its left half, the embedding in its right."""
    latents, embedding = keras.Input((3,), name="latents"), keras.Input((6,), name="embedding")
    halves = [
        keras.layers.Reshape((16, 8, 3))(keras.layers.Dense(16 * 8 * 3)(half))
        for half in (latents, embedding)
    ]
    image = keras.layers.Activation("tanh")(keras.layers.Concatenate(2)(halves))
    return keras.Model({"latents": latents, "embedding": embedding}, image, name="generator")


class TestStyleEncoder(ModelTestCase):
    def build(self, **kwargs):
        model = StyleEncoder(generator(), text_encoder(), filters=4)
        model.compile(**kwargs)
        return model

    def data(self):
        return CaptionedNoise(epoch_length=12, batch_size=4)

    def serving(self, model):
        return None


@pytest.fixture
def batch():
    return next(iter(CaptionedNoise(epoch_length=12, batch_size=4).train()))


def test_the_network_is_the_discriminators_without_the_text():
    network = build_style_encoder(32, 1, latent_size=7, filters=4)
    assert network.input_shape == (None, 32, 32, 1)
    assert network.output_shape == (None, 7)
    # Convolutions, the residual branch of 1 x 1, 3 x 3 and 3 x 3, five norms, the last layer.
    kernels = 16 * (1 * 4 + 4 * 8 + 8 * 16) + (16 * 4 + 9 * 4 * 4 + 9 * 4 * 16)
    norms = 2 * (8 + 16) + 2 * (4 + 4 + 16)
    size = sum(np.prod(v.shape) for v in network.trainable_variables)
    assert size == kernels + norms + (4 * 4 * 16 + 1) * 7


def test_loss_by_hand(batch):
    """The mean over images of the squared length, not of the squared elements."""
    model = TestStyleEncoder().build()
    last = model.network.layers[-1]
    last.kernel.assign(tf.zeros_like(last.kernel))
    last.bias.assign([1.0, 2.0, 3.0])
    latents = np.array([[1, 2, 3], [0, 0, 0], [1, 2, 0], [3, 2, 3]], "float32")
    loss = model.loss_of(latents, batch["image"])
    np.testing.assert_allclose(loss, (0 + 14 + 9 + 4) / 4)


def test_learns_the_noise_and_leaves_the_generator():
    keras.utils.set_random_seed(0)
    model = StyleEncoder(generator(), text_encoder(), filters=8)
    model.compile(learning_rate=1e-2)
    before = values(model.generator.weights + model.encoder.weights)
    data = CaptionedNoise(epoch_length=12, batch_size=32)
    history = model.fit(data.train(), epochs=6, steps_per_epoch=20, verbose=0, shuffle=False)
    first, *_, last = history.history["network_loss"]
    assert last < 0.3 < 1.0 < first  # 3 for what does not depend on the image
    for a, b in zip(before, values(model.generator.weights + model.encoder.weights), strict=True):
        np.testing.assert_array_equal(a, b)
    held_out = model.evaluate(data.test(4), verbose=0, return_dict=True)
    assert held_out["network_loss"] < 1.0


def test_transfer_keeps_the_style_and_takes_the_text(batch):
    model = TestStyleEncoder()._seeded()
    image, text = batch["image"], tf.constant(["a", "b", "c", "d"])
    found = model.transfer(image, text)
    expected = model.generate(model.network(image), model.encoder(text))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found, model.transfer(image, embedding=model.encoder(text)))
    other = model.transfer(image, tf.reverse(text, [0]))
    np.testing.assert_allclose(found[:, :, :8], other[:, :, :8], atol=1e-5)
    assert np.abs(found[:, :, 8:] - other[:, :, 8:]).max() > 1e-3


def test_samples_transfer_the_text_of_another_row(batch):
    model = TestStyleEncoder()._seeded()
    caption = tf.constant(["a", "b", "c", "d"])
    columns = model.samples({"image": batch["image"], "caption": caption})
    assert list(columns) == ["caption", "style of", "transferred"]
    assert list(columns["caption"].numpy()) == [b"d", b"a", b"b", b"c"]
    expected = model.transfer(batch["image"], columns["caption"])
    np.testing.assert_allclose(columns["transferred"], expected, atol=1e-5)


def test_captions_are_encoded(batch):
    model = TestStyleEncoder()._seeded()
    batches = tf.data.Dataset.from_tensors({"captions": tf.constant([["a", "b"]] * 4)})
    model.fit(batches, verbose=0, shuffle=False)
    assert int(model.step) == 1


@pytest.mark.parametrize("given", [{}, {"text": ["a"], "embedding": [[0.0] * 6]}])
def test_text_or_embedding(batch, given):
    with pytest.raises(ValueError, match="either text or embedding"):
        TestStyleEncoder().build().transfer(batch["image"][:1], **given)


def test_text_without_encoder(batch):
    model = StyleEncoder(generator(), filters=4)
    with pytest.raises(ValueError, match="encoder must be given"):
        model.transfer(batch["image"][:1], tf.constant(["a"]))
