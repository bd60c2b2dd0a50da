"""CaptionEncoder: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.models import CaptionEncoder
from tfgan_apps.models.caption_encoder import (
    build_image_encoder,
    build_text_encoder,
    joint_embedding_loss,
)

TINY = {"image_size": 8, "embedding_size": 5, "length": 57, "filters": (6, 6, 6)}
COLOURS = ("red", "green", "blue")


class Patches(IndexedData):
    """Images of one colour, and two captions that name it; three classes."""

    fingerprint = "patches"
    test_length = 3

    def __init__(self, batch_size=4):
        super().__init__(12, batch_size)

    def check(self):
        pass

    def train_example(self, position):
        label = tf.cast(self.shuffled_index(position) % 3, tf.int32)
        captions = tf.stack([self._caption(label), "no caption of it"])
        return {"image": self._image(label), "captions": captions, "label": label}

    def test_example(self, index):
        label = tf.cast(index, tf.int32)
        return {"image": self._image(label), "caption": self._caption(label), "label": label}

    def _caption(self, label):
        return tf.strings.join(["all of it is ", tf.gather(COLOURS, label)])

    def _image(self, label):
        return tf.broadcast_to(2 * tf.one_hot(label, 3) - 1, (8, 8, 3))


class TestCaptionEncoder(ModelTestCase):
    """Wrong pairs are those of all replicas, so that two of them equal one device."""

    def build(self, **kwargs):
        model = CaptionEncoder(**TINY, image_filters=4)
        for weight in model.text_encoder.weights:
            weight.assign(8.0 * weight)  # so that networks this small have gradients to speak of
        model.compile(**kwargs)
        return model

    def data(self):
        return Patches()


def test_parameter_count_of_the_released_encoders():
    encoder = build_text_encoder()
    assert encoder.count_params() == 4_045_184
    network = encoder.get_layer("network")
    lengths = [layer.output.shape[1] for layer in network.layers if len(layer.output.shape) == 3]
    assert lengths == [201, 198, 66, 63, 21, 18]
    assert encoder.inputs[0].name == "text" and encoder.layers[-1].name == "embedding"


def test_small_networks_begin_with_embeddings_that_differ():
    """Uniform in +-0.08, as at the authors' sizes, the variance would be 1e-8."""
    encoder = build_text_encoder(32, 57, (32, 32, 32))
    texts = tf.constant(
        [f"{color} {kind}" for color in ("red", "green") for kind in ("box", "cat")]
    )
    assert 2e-5 < np.var(encoder(texts), axis=0).mean() < 1.0
    drawn = [np.array(weight).tobytes() for weight in encoder.weights if weight.shape.rank > 1]
    assert len(set(drawn)) == len(drawn) == 7


@pytest.mark.parametrize("size", [8, 64, 128])
def test_the_image_encoder_ends_with_4_by_4_places(size):
    encoder = build_image_encoder(size, 1, 7, 2)
    places = [layer.output.shape[1:3] for layer in encoder.layers if len(layer.output.shape) == 4]
    assert places[-1] == (4, 4)
    assert encoder.output_shape == (None, 7)


IMAGES = np.array([[2.0, 0.0], [0.0, 1.0]], "float32")
TEXTS = np.array([[1.0, 0.5], [0.25, 0.5]], "float32")
# Scores: image 0 with the texts 2, 0.5; image 1 with the texts 0.5, 0.5.


def test_loss_by_hand():
    for_images = max(0, 1 + 0.5 - 2) + max(0, 1 + 0.5 - 0.5)
    for_texts = max(0, 1 + 0.5 - 2) + max(0, 1 + 0.5 - 0.5)
    loss = joint_embedding_loss(IMAGES, TEXTS, tf.constant([3, 4]))
    assert float(loss) == pytest.approx((for_images + for_texts) / 4)


def test_both_directions_have_their_own_scores():
    images, texts = np.array([[3.0], [0.0]], "float32"), np.array([[1.0], [2.0]], "float32")
    # Image 0: texts 3, 6. Image 1: texts 0, 0.
    for_images = max(0, 1 + 6 - 3) + max(0, 1 + 0 - 0)
    for_texts = max(0, 1 + 0 - 3) + max(0, 1 + 6 - 0)
    loss = joint_embedding_loss(images, texts, tf.constant([0, 1]))
    assert float(loss) == pytest.approx((for_images + for_texts) / 4)


def test_captions_of_one_class_are_not_wrong():
    assert float(joint_embedding_loss(IMAGES, TEXTS, tf.constant([3, 3]))) == 0.0


def test_it_learns_which_caption_is_whose():
    keras.utils.set_random_seed(0)
    model = CaptionEncoder(**TINY, image_filters=4)
    model.compile(learning_rate=0.01)
    data = Patches(batch_size=12)
    model.fit(data.train(), steps_per_epoch=60, shuffle=False, verbose=0)
    batch = next(iter(data.test(3)))
    columns = model.samples(batch)
    assert list(columns) == ["caption", "image", "best fit"]
    np.testing.assert_array_equal(columns["best fit"], batch["image"])
    assert columns["caption"][1] == b"all of it is green"


def test_learning_rate_falls_after_each_epoch():
    model = CaptionEncoder(**TINY)
    model.compile(steps_per_epoch=10)
    schedule = model.encoder_optimizer._learning_rate
    rates = [float(schedule(step)) for step in (0, 9, 10, 19, 20)]
    np.testing.assert_allclose(rates, 7e-4 * np.array([1, 1, 0.98, 0.98, 0.98**2]), rtol=1e-5)


def test_an_image_encoder_of_ones_own(tmp_path):
    image = keras.Input((8, 8, 3), name="image")
    embedding = keras.layers.Dense(5)(keras.layers.GlobalAveragePooling2D()(image))
    own = keras.Model(image, embedding, trainable=False)
    before = [np.array(weight) for weight in own.weights]
    model = CaptionEncoder(**TINY, image_encoder=own)
    model.compile()
    model.fit(Patches().train(), steps_per_epoch=2, shuffle=False, verbose=0)
    for a, b in zip(before, own.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    batch = next(iter(Patches().test(3)))
    np.testing.assert_array_equal(
        loaded.image_encoder(batch["image"]), model.image_encoder(batch["image"])
    )


def test_xla_compiles_the_networks_and_is_saved_as_a_wish():
    model = CaptionEncoder(**TINY)
    model.compile(jit_compile=True)
    assert model.get_compile_config()["jit_compile"] is True
    model.compile()
    assert model.get_compile_config()["jit_compile"] == "auto"


def test_wrong_arguments():
    with pytest.raises(ValueError, match="length must be at least 57.* Received: length=56"):
        CaptionEncoder(length=56)
    with pytest.raises(ValueError, match="three numbers. Received: .*filters=\\[4, 4\\]"):
        CaptionEncoder(filters=[4, 4])
    with pytest.raises(ValueError, match="4 times a power of 2.* Received: image_size=24"):
        CaptionEncoder(image_size=24, filters=(4, 4, 4))
