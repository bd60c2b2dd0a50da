import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import Dropout


def test_masks_differ_between_calls_and_seeds_and_come_again():
    ones = tf.ones((4, 1000))
    layer, other = Dropout(0.3, seed=1), Dropout(0.3, seed=2)
    first, second, others = (
        layer(ones, training=True),
        layer(ones, training=True),
        other(ones, training=True),
    )
    assert not np.array_equal(first, second) and not np.array_equal(first, others)
    again = Dropout(0.3, seed=1)
    np.testing.assert_array_equal(again(ones, training=True), first)
    assert np.mean(first == 0) == pytest.approx(0.3, abs=0.03)
    assert np.max(first) == pytest.approx(1 / 0.7)
    np.testing.assert_array_equal(layer(ones), ones)
    assert int(layer.calls) == 2


def test_calls_are_saved(tmp_path):
    image = keras.Input((3,))
    model = keras.Model(image, Dropout(0.5, 7)(image))
    model(np.ones((2, 3)), training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    pair = [m(np.ones((9, 3)), training=True) for m in (model, loaded)]
    np.testing.assert_array_equal(*pair)


def test_two_replicas_have_the_masks_of_one_device(two_cpus):
    with two_cpus.scope():
        layer = Dropout(0.5, seed=1)
    apart = two_cpus.run(lambda: layer(tf.ones((3, 50)), training=True))
    found = np.concatenate(two_cpus.experimental_local_results(apart))
    np.testing.assert_array_equal(found, Dropout(0.5, seed=1)(tf.ones((6, 50)), training=True))
    assert int(layer.calls.numpy()) == 1


def test_rate_out_of_its_range():
    with pytest.raises(ValueError, match=r"rate must be in \[0, 1\). Received: rate=1"):
        Dropout(1, seed=0)


def test_in_inference_all_examples_and_calls_share_a_mask():
    layer, ones = Dropout(0.5, 3, in_inference=True), np.ones((4, 60), np.float32)
    first, again = layer(ones), layer(ones[:1])
    np.testing.assert_array_equal(first, np.repeat(again, 4, 0))
    assert 0 < np.mean(first == 0) < 1 and int(layer.calls) == 0
