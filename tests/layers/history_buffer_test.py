import numpy as np
import pytest
import tensorflow as tf

from tests.layers.image_pool_test import ask, numbered
from tfgan_apps.layers import HistoryBuffer


def test_half_of_a_full_batch_is_history_and_the_first_half_is_stored():
    """Numbers tell what came when: places are filled in order, then drawn, none twice a batch."""
    buffer, query = HistoryBuffer(6, (1, 1, 1)), None
    query = tf.function(buffer)
    stored, replaced = [], set()
    for step in range(40):
        images = numbered(4 * step, 4)
        answer = query(images, tf.constant([7, step], tf.int64)).numpy().ravel()
        np.testing.assert_array_equal(answer[:2], images[:2, 0, 0, 0])
        if step == 0:
            np.testing.assert_array_equal(answer[2:], [2, 3])
        else:
            assert len(set(answer[2:])) == 2 and set(answer[2:]) <= set(stored)
        held = list(buffer.images.numpy().ravel())[: int(buffer.stored)]
        assert set(answer[:2]) <= set(held)
        if step >= 3:  # it was full
            places = [i for i, (a, b) in enumerate(zip(stored, held, strict=True)) if a != b]
            assert len(places) == 2
            replaced |= set(places)
        else:
            assert held[: len(stored)] == stored
        stored = held
    assert replaced == set(range(6))


def test_an_odd_batch_keeps_the_one_without_a_partner():
    buffer = HistoryBuffer(4, (1, 1, 1))
    ask(buffer, numbered(0, 2), 0)
    np.testing.assert_array_equal(ask(buffer, numbered(10, 3), 1), [10, 11, 0])
    np.testing.assert_array_equal(ask(buffer, numbered(20, 1), 2), [20])


def test_two_replicas_share_the_buffer_of_one_device(two_cpus):
    alone = HistoryBuffer(5, (1, 1, 1))
    with two_cpus.scope():
        shared = HistoryBuffer(5, (1, 1, 1))
    query = tf.function(lambda images, seed: two_cpus.run(shared, (images, seed)))
    for step in range(8):
        images = numbered(4 * step, 4)
        halves = two_cpus.experimental_distribute_values_from_function(
            lambda context, images=images: images[2 * context.replica_id_in_sync_group :][:2]
        )
        seed = tf.constant([7, step], tf.int64)
        answers = two_cpus.experimental_local_results(query(halves, seed))
        found = tf.concat(answers, 0).numpy().ravel()
        np.testing.assert_array_equal(found, ask(alone, images, step))
    np.testing.assert_array_equal(shared.images.numpy(), alone.images.numpy())


def test_size_zero_returns_every_image():
    buffer = HistoryBuffer(0, (1, 1, 1))
    np.testing.assert_array_equal(ask(buffer, numbered(3, 2), 0), [3, 4])
    assert buffer.weights == []


def test_sizes_that_do_not_fit():
    with pytest.raises(ValueError, match="buffer_size must be an integer >= 0. Received: .*=-1"):
        HistoryBuffer(-1, (1, 1, 1))
    HistoryBuffer(4, (1, 1, 1)).check_batch(numbered(0, 8))
    HistoryBuffer(0, (1, 1, 1)).check_batch(numbered(0, 8))
    with pytest.raises(ValueError, match="must be 0, or at least half a batch, 4. .*=3"):
        HistoryBuffer(3, (1, 1, 1)).check_batch(numbered(0, 8))
