"""Batches that are not what a system expects are named before the first step."""

import logging as py_logging

import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_gan import TinyGAN
from tfgan_apps import batches
from tfgan_apps.models import CycleGAN

POINTS = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
IMAGE = batches.images(16, 3)
CLASS = batches.Values((), "integer", 0, 9)
IMAGES = np.linspace(-1, 1, 2 * 16 * 16 * 3, dtype=np.float32).reshape(2, 16, 16, 3)
BYTES = np.arange(2 * 16 * 16 * 3).astype(np.uint8).reshape(IMAGES.shape)
CLASSES = np.array([1, 9], np.int32)


def looked_at(expected, *arrays):
    data = tf.data.Dataset.from_tensor_slices(arrays[0] if len(arrays) == 1 else arrays).batch(2)
    return batches.check_batches(expected, iter(data))


@pytest.mark.parametrize(
    ("expected", "arrays", "message"),
    [
        (IMAGE, [BYTES], r"x / 127.5 - 1. Received: uint8 \(None, 16, 16, 3\)"),
        (IMAGE, [BYTES.astype(np.float32)], "x / 127.5 - 1. Received: values from 0 to 255"),
        (IMAGE, [IMAGES * np.nan], r"in \[-1, 1\]. Received: values from nan to nan"),
        (IMAGE, [IMAGES.astype(np.float64)], "Received: float64"),
        (IMAGE, [IMAGES[:, :8]], r"\(batch, 16, 16, 3\).* Received: float32 \(None, 8, 16, 3\)"),
        (IMAGE, [IMAGES[..., 0]], r"Received: float32 \(None, 16, 16\)"),
        (IMAGE, [IMAGES, CLASSES], r"Received: \(float32 .*, int32 \(None,\)\)"),
        ((IMAGE, IMAGE), [IMAGES], r"\(float32 .*, float32 .*\). Received: float32 \("),
        ((IMAGE, IMAGE), [{"x": IMAGES, "y": IMAGES}], r"Received: \{'x': float32"),
        ({"image": IMAGE}, [{"picture": IMAGES}], r"\{'image': .* Received: \{'picture'"),
        ((IMAGE, CLASS), [IMAGES, CLASSES + 1], r"in \[0, 9\]\). Received: values from 2 to 10"),
    ],
)
def test_what_does_not_fit_is_named(expected, arrays, message):
    with pytest.raises(ValueError, match=f"a batch must be .*{message}"):
        looked_at(expected, *arrays)


def test_what_fits_comes_back_in_the_same_form():
    extra = {"image": IMAGES, "caption": ["a", "b"]}
    for expected, arrays in (((IMAGE, CLASS), (IMAGES, CLASSES)), ({"image": IMAGE}, (extra,))):
        found = looked_at(expected, *arrays)
        data = tf.data.Dataset.from_tensor_slices(arrays[0] if len(arrays) == 1 else arrays)
        assert found.element_spec == data.batch(2).element_spec
        (batch,) = list(found)
        tf.nest.map_structure(np.testing.assert_array_equal, batch, next(iter(data.batch(2))))


def test_images_of_one_half_of_the_range_are_said(caplog):
    py_logging.getLogger("absl").propagate = True
    looked_at(IMAGE, IMAGES)
    assert not caplog.messages
    looked_at(IMAGE, IMAGES / 2 + 0.5)
    (said,) = caplog.messages
    assert "must be in [-1, 1], and the first are all in [0, 1]" in said


def test_too_few_examples_to_compare_are_refused():
    model, _ = compiled(Square)
    model.least_batch = 3
    with pytest.raises(ValueError, match="batch_size must be at least 3, .* batch_size=2"):
        model.fit(tf.data.Dataset.from_tensor_slices(POINTS).batch(2), verbose=0)
    model.evaluate(tf.data.Dataset.from_tensor_slices(POINTS).batch(2), verbose=0)


class Square(TinyGAN):
    """Points of a square, which are looked at."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batch_spec = batches.Values((2,), "float32", -1, 1)


def compiled(system):
    """Returns a compiled model, and the batches of its steps."""
    model, found = system(), []
    model.compile(run_eagerly=True)
    step = model.train_step
    model.train_step = lambda batch: found.append(batch.numpy()) or step(batch)
    return model, found


def test_the_first_batch_is_trained_on_in_its_place():
    """Looking ahead with an iterator of its own would change what a dataset shuffles."""
    trained = []
    for system in (TinyGAN, Square):
        model, found = compiled(system)
        data = tf.data.Dataset.from_tensor_slices(POINTS).shuffle(4, seed=1).batch(2)
        model.fit(data, epochs=2, verbose=0)
        trained.append(found)
    np.testing.assert_array_equal(*trained)


def test_every_way_in_is_looked_at():
    model, found = compiled(Square)
    wrong = np.full((4, 2), 3, np.float32)
    ways = [lambda: model.fit(wrong, verbose=0), lambda: model.evaluate(wrong, verbose=0)]
    ways += [lambda: model.train_on_batch(wrong), lambda: model.test_on_batch(wrong)]
    for way in ways * 2:  # what was refused is refused again
        with pytest.raises(ValueError, match="Received: values from 3 to 3"):
            way()
    assert not found and int(model.step) == 0
    model.fit(POINTS, batch_size=2, verbose=0)
    assert int(model.step) == 2


def test_several_steps_in_one_call_are_looked_at_together():
    model = Square()
    model.compile(steps_per_execution=2)
    data = tf.data.Dataset.from_tensor_slices(np.concatenate([POINTS, POINTS[:2]])).batch(2)
    model.fit(data, epochs=2, verbose=0)
    assert int(model.step) == 6


def test_replicas_have_their_structure_looked_at(two_cpus):
    with two_cpus.scope():
        model = Square()
        model.compile()
    with pytest.raises(ValueError, match=r"a batch must be .* Received: \(float32"):
        model.fit(POINTS, POINTS, batch_size=2, verbose=0)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (BYTES, r"x / 127.5 - 1. Received: uint8 \(2, 16, 16, 3\)"),
        (BYTES.astype(np.float64), "Received: values from 0 to 255"),
        (IMAGES[:, :4, :4], r"multiples of 4, at least 8. Received: float32 \(2, 4, 4, 3\)"),
        (IMAGES[:, :, :10], r"Received: float32 \(2, 16, 10, 3\)"),
        (tf.data.Dataset.from_tensor_slices(BYTES).batch(2), "Received: uint8"),
    ],
)
def test_predict_takes_what_the_system_says(x, message, cyclegan):
    with pytest.raises(ValueError, match=f"x must be .*{message}"):
        cyclegan.predict(x, verbose=0)


@pytest.fixture(scope="module")
def cyclegan():
    return CycleGAN(16, generator_filters=1, residual_blocks=1, discriminator_layers=1)


def test_predict_takes_other_sizes_and_pairs(cyclegan):
    batches.check_input(cyclegan.predict_spec, IMAGES[:, :8, :12].astype(np.float64))
    pairs = tf.data.Dataset.from_tensor_slices((IMAGES, CLASSES)).batch(2)
    batches.check_input(cyclegan.predict_spec, pairs)
    batches.check_input(None, BYTES)
