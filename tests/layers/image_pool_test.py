import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import ImagePool


def numbered(first, count):
    """Images of one pixel, each with a number of its own."""
    return tf.reshape(tf.range(first, first + count, dtype=tf.float32), (count, 1, 1, 1))


def ask(pool, images, step):
    return pool(images, tf.constant([7, step], tf.int64)).numpy().ravel()


def test_the_first_images_come_back_as_they_are():
    pool = ImagePool(50, (1, 1, 1))
    for step in range(10):
        np.testing.assert_array_equal(
            ask(pool, numbered(5 * step, 5), step), 5 * step + np.arange(5)
        )


@pytest.mark.parametrize("batch", [1, 4])
def test_half_of_the_answers_are_older_images(batch):
    pool = ImagePool(50, (1, 1, 1))
    old = []
    query = tf.function(pool)
    for step in range(2050 // batch):
        images = numbered(batch * step, batch)
        answer = query(images, tf.constant([7, step], tf.int64))
        old += list((answer != images).numpy().ravel())
    assert np.mean(old[50:]) == pytest.approx(0.5, abs=0.05)


def test_images_are_neither_lost_nor_doubled():
    """A swap takes an image out: what came back and what is stored are all that went in, once."""
    pool, answers = ImagePool(4, (1, 1, 1)), []
    for step in range(100):
        answers += list(ask(pool, numbered(3 * step, 3), step))
    stored = list(pool.images.numpy()[:4].ravel())
    # The first 4 came back when they were stored, and again when they were swapped out.
    handed_out = answers[4:] + stored
    assert sorted(handed_out) == list(range(300))


def test_a_batch_is_asked_one_image_after_the_other():
    """With room for one image a later image of the batch may get what an earlier one stored."""
    at_once = []
    for step in range(200):
        pool = ImagePool(1, (1, 1, 1))
        ask(pool, numbered(0, 1), 0)
        at_once.append(tuple(ask(pool, numbered(1, 3), step)))
    swapped_twice = {(0.0, 1.0, 2.0), (0.0, 1.0, 3.0), (0.0, 2.0, 1.0), (1.0, 0.0, 2.0)}
    assert swapped_twice <= set(at_once)
    # Every answer is one that the sequential rule can give: a permutation of what went in.
    assert all(len(set(answer)) == 3 for answer in at_once)


def test_two_replicas_share_the_pool_of_one_device(two_cpus):
    alone = ImagePool(3, (1, 1, 1))
    with two_cpus.scope():
        shared = ImagePool(3, (1, 1, 1))
    query = tf.function(lambda images, seed: two_cpus.run(shared, (images, seed)))
    for step in range(20):
        images = numbered(4 * step, 4)
        halves = two_cpus.experimental_distribute_values_from_function(
            lambda context, images=images: images[2 * context.replica_id_in_sync_group :][:2]
        )
        seed = tf.constant([7, step], tf.int64)
        answers = two_cpus.experimental_local_results(query(halves, seed))
        np.testing.assert_array_equal(
            tf.concat(answers, 0).numpy().ravel(), ask(alone, images, step)
        )
    np.testing.assert_array_equal(shared.images.numpy()[:3], alone.images.numpy()[:3])


def test_answers_carry_no_gradient():
    pool = ImagePool(2, (1, 1, 1))
    images = numbered(0, 2)
    with tf.GradientTape() as tape:
        tape.watch(images)
        answer = pool(images, tf.constant([7, 0], tf.int64))
    assert tape.gradient(answer, images) is None


def test_size_zero_returns_every_image():
    pool = ImagePool(0, (1, 1, 1))
    np.testing.assert_array_equal(ask(pool, numbered(3, 2), 0), [3, 4])
    assert pool.weights == []


def test_negative_size():
    with pytest.raises(ValueError, match="size=-1|Received: size=-1"):
        ImagePool(-1, (1, 1, 1))
