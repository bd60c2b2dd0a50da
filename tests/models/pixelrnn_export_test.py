"""What an exported PixelRNN draws and scores, against one full forward pass per value."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import tensors
from tests.models.pixelrnn_test import randomize
from tests.serving import c_program
from tfgan_apps.models import PixelRNN
from tfgan_apps.models.pixelrnn.networks import KINDS
from tfgan_apps.serving import export
from tfgan_apps.serving.kinds import served_model

SEEDS = np.arange(50, dtype=np.int32)  # so many that a cache 10% off draws some image anew
SIZES = {
    1: {"image_size": 6, "channels": 1, "depth": 1, "levels": 2},
    3: {"image_size": 6, "channels": 3, "depth": 2, "levels": 4},
}
# Two levels are drawn by the same code whatever the network.
CASES = [*((kind, 3) for kind in KINDS), ("pixelcnn", 1)]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Returns a function: (kind, channels) -> a model, its export's path, and fresh signatures.

    The export itself checks that they answer what `predict` does, in any batch.
    """

    @functools.cache
    def exported(kind, channels):
        model = PixelRNN(kind, filters=6, head_filters=8, **SIZES[channels])
        randomize(model.network)
        base_path = tmp_path_factory.mktemp("models") / kind
        path = export.export_saved_model(model.serving(), str(base_path))
        return model, path, tf.saved_model.load(path).signatures

    return exported


def drawn_one_by_one(model, images, known_rows, seeds):
    """Draws value after value, each from a full forward pass over the image so far.

    Args:
        model: `PixelRNN`.
        images: uint8; known rows are theirs, and what is not drawn yet may not matter.
        known_rows: rows from the top that stay.
        seeds: those of the request.

    Returns:
        uint8 images.
    """
    uniform = served_model.uniform(tf.constant(seeds), model.image_shape).numpy()
    top = model.levels - 1
    numbers = np.rint(images / 255 * top).astype("float32")
    forward = tf.function(lambda numbers: model(numbers * (2 / top) - 1))
    for place in itertools.product(*map(range, model.image_shape)):
        at = (slice(None), *place)
        logits = forward(numbers).numpy()[at].astype("float64")
        if model.levels == 2:
            drawn = uniform[at] < 1 / (1 + np.exp(-logits))
        else:
            chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
            drawn = (np.cumsum(chances, -1)[:, :-1] <= uniform[at][:, None]).sum(-1)
        numbers[at] = np.where(place[0] < known_rows, numbers[at], drawn)
    return np.rint(numbers * 255 / top).astype(np.uint8)


def some_images(model, count):
    return np.random.default_rng(7).integers(0, 256, (count, *model.image_shape), np.uint8)


def images_of(answer):
    return np.stack([tf.io.decode_png(file) for file in answer["image_bytes"].numpy()])


@pytest.mark.parametrize(("kind", "channels"), CASES)
def test_images_are_those_of_one_forward_pass_per_value(exported, kind, channels):
    model, _, signatures = exported(kind, channels)
    drawn = images_of(signatures["serving_default"](seed=tf.constant(SEEDS)))
    images, known_rows = some_images(model, len(SEEDS)), SEEDS % 7
    request = {"image_bytes": tf.io.encode_png(images), "known_rows": known_rows, "seed": SEEDS}
    completed = images_of(signatures["complete"](**tensors(request)))

    images, seeds = np.concatenate([images] * 2), np.concatenate([SEEDS] * 2)
    known_rows = np.concatenate([np.zeros_like(SEEDS), known_rows])
    expected = drawn_one_by_one(model, images, known_rows, seeds)
    np.testing.assert_array_equal(np.concatenate([drawn, completed]), expected)
    assert len(np.unique(drawn)) == model.levels


@pytest.mark.parametrize(("kind", "channels"), CASES)
def test_log_probabilities_are_the_models(exported, kind, channels):
    model, _, signatures = exported(kind, channels)
    images = some_images(model, 5)
    found = signatures["log_prob"](image_bytes=tf.io.encode_png(images))["log_prob"]
    expected = model.log_prob(images / np.float32(127.5) - 1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_the_c_program_draws_the_files_of_a_pixelcnn(exported, program):
    """Those of the recurrent networks are in `pixelrnn_test`."""
    _, path, signatures = exported("pixelcnn", 3)
    expected = signatures["serving_default"](seed=tf.constant(SEEDS))["image_bytes"].numpy()
    found = c_program.run(program, path, "serving_default", {"seed": SEEDS.tolist()})
    assert found == expected.tolist()
