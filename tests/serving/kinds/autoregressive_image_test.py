"""What signatures of exact image models answer."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.autoregressive_image import AutoregressiveImage

SHAPE = (4, 5, 1)


class Coins:
    """Binary pixels, drawn independently with a learned probability."""

    def __init__(self):
        self.probability = tf.Variable(0.75)

    def sample(self, seed, image, known_rows):
        white = served_model.uniform(seed, SHAPE) < self.probability
        drawn = tf.where(white, tf.constant(255, tf.uint8), tf.constant(0, tf.uint8))
        known = tf.range(SHAPE[0])[None, :, None, None] < known_rows[:, None, None, None]
        return tf.where(known, image, drawn)

    def log_prob(self, image):
        chance = tf.where(image > 127, self.probability, 1 - self.probability)
        return tf.reduce_sum(tf.math.log(chance), (1, 2, 3))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    coins = Coins()
    served = AutoregressiveImage(coins.sample, coins.log_prob, [coins.probability], SHAPE)
    base_path = tmp_path_factory.mktemp("models") / "coins"
    return tf.saved_model.load(export_saved_model(served, base_path)).signatures


def images_of(answer):
    return np.stack([tf.io.decode_png(file) for file in answer["image_bytes"]])


def files_of(images):
    return tf.constant([tf.io.encode_png(image).numpy() for image in images])


def test_samples_and_their_log_probability(loaded):
    answer = loaded["serving_default"](seed=tf.range(100))
    images = images_of(answer)
    assert images.shape == (100, *SHAPE)
    assert abs((images == 255).mean() - 0.75) < 0.04
    found = loaded["log_prob"](image_bytes=answer["image_bytes"])["log_prob"]
    white = (images == 255).sum((1, 2, 3))
    np.testing.assert_allclose(found, white * np.log(0.75) + (20 - white) * np.log(0.25), rtol=1e-5)


def test_known_rows_stay_and_the_rest_is_the_seeds(loaded):
    grey = np.full((5, *SHAPE), 100, np.uint8)
    seed = tf.constant([9] * 5)
    answer = loaded["complete"](image_bytes=files_of(grey), known_rows=tf.range(5), seed=seed)
    drawn = images_of(loaded["serving_default"](seed=seed[:1]))[0]
    for rows, image in enumerate(images_of(answer)):
        np.testing.assert_array_equal(image[:rows], grey[0, :rows])
        np.testing.assert_array_equal(image[rows:], drawn[rows:])


@pytest.mark.parametrize("rows", [-1, 5])
def test_known_rows_out_of_range(loaded, rows):
    with pytest.raises(tf.errors.InvalidArgumentError, match="known_rows must be from 0 to 4"):
        loaded["complete"](
            image_bytes=files_of(np.zeros((1, *SHAPE), np.uint8)),
            known_rows=tf.constant([rows]),
            seed=tf.constant([1]),
        )


def test_an_image_of_another_size_is_named(loaded):
    files = [tf.io.encode_png(np.zeros(s, np.uint8)).numpy() for s in (SHAPE, (5, 4, 1))]
    expected = r"image_bytes\[1\]: expected height 4 and width 5, received height 5 and width 4\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        loaded["log_prob"](image_bytes=tf.constant(files))


def test_a_broken_file_is_named(loaded):
    files = [files_of(np.zeros((1, *SHAPE), np.uint8))[0].numpy(), b"\x89PNG broken"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="broken files at index 1"):
        loaded["log_prob"](image_bytes=tf.constant(files))
