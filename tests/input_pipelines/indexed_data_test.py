import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import IndexedData


class Numbers(IndexedData):
    """Examples (position, shuffled index, two draws) of an epoch of `length` numbers."""

    def __init__(self, length=10, **kwargs):
        super().__init__(length, **kwargs)
        self.length = length

    def train_example(self, position):
        draws = self.uniform(position, "draws", 2)
        return position, self.shuffled_index(position), draws

    def test_example(self, index):
        return index * 10

    @property
    def test_length(self):
        return self.length


def take(dataset, count):
    batches = itertools.islice(dataset.as_numpy_iterator(), count)
    return [np.concatenate(column) for column in zip(*batches, strict=True)]


def assert_equal(one, two):
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_stream_depends_on_the_seed_and_nothing_else():
    one = take(Numbers(seed=3).train(), 25)
    assert_equal(one, take(Numbers(seed=3).train(), 25))
    other = take(Numbers(seed=4).train(), 25)
    assert np.any(one[1] != other[1]) and np.all(one[2] != other[2])


@pytest.mark.parametrize("batch_size", [1, 3, 16])
@pytest.mark.parametrize("start", [1, 4, 11])
def test_a_stream_that_starts_later_equals_one_that_skipped(batch_size, start):
    data = Numbers(batch_size=batch_size)
    whole = take(data.train(), start + 8)
    later = take(data.train(start_step=start), 8)
    assert_equal([column[start * batch_size :] for column in whole], later)


def test_a_late_start_reads_nothing_of_what_came_before():
    (first, _, _) = take(Numbers().train(start_step=10**12), 1)
    assert first[0] == 10**12


def test_every_epoch_visits_every_index_once_in_another_order():
    _, index, _ = take(Numbers(12, batch_size=3).train(), 12)
    epochs = index.reshape(3, 12)
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_what_does_not_fill_a_batch_differs_from_epoch_to_epoch():
    data = Numbers(10, batch_size=4)
    assert data.steps_per_epoch == 2
    _, index, _ = take(data.train(), 40)
    epochs = index.reshape(20, 8)
    assert all(len(set(epoch)) == 8 for epoch in epochs)
    assert set(index) == set(range(10))


def test_an_epoch_shorter_than_a_batch_has_one_step():
    data = Numbers(2, batch_size=5)
    assert data.steps_per_epoch == 1
    assert sorted(take(data.train(), 1)[1]) == [0, 1, 2, 3, 4]  # modulo the length of a domain


def test_draws_are_uniform_and_differ_by_position_and_purpose():
    data = Numbers()
    draws = take(data.train(), 400)[2]
    assert len(np.unique(draws)) == 800
    assert draws.min() < 0.02 and draws.max() > 0.98
    assert draws.mean() == pytest.approx(0.5, abs=0.03)
    zero = tf.constant(0, tf.int64)
    assert np.any(data.uniform(zero, "one", 2) != data.uniform(zero, "other", 2))
    positions = tf.range(60, dtype=tf.int64)
    indices = [int(data.uniform_index(position, "index", 5)) for position in positions]
    assert set(indices) == set(range(5))


@pytest.mark.parametrize("workers, replicas", [(1, 2), (2, 2), (2, 4), (4, 4)])
def test_replicas_together_see_the_batch_of_one_device(workers, replicas):
    data = Numbers(batch_size=8)
    whole = take(data.train(start_step=2), 5)

    def of_worker(worker):
        context = tf.distribute.InputContext(workers, worker, replicas)
        dataset = data.train(2, context)
        assert dataset.element_spec[0].shape == (8 // replicas,)
        return take(dataset, 5 * replicas // workers)

    parts = [of_worker(worker) for worker in range(workers)]
    steps = [[np.split(column, 5) for column in part] for part in parts]
    for column, expected in enumerate(whole):
        union = [np.concatenate([part[column][step] for part in steps]) for step in range(5)]
        np.testing.assert_array_equal(np.concatenate(union), expected)


def test_a_mirrored_strategy_gives_each_replica_its_share():
    data = Numbers(batch_size=4)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    dataset = strategy.distribute_datasets_from_function(lambda context: data.train(0, context))
    iterator = iter(dataset)
    for expected in data.train().take(3):
        shares = strategy.experimental_local_results(next(iterator)[1])
        assert [share.shape for share in shares] == [(2,), (2,)]
        np.testing.assert_array_equal(np.concatenate(shares), expected[1])


def test_the_training_stream_is_infinite_and_the_test_stream_is_not():
    data = Numbers(batch_size=2)
    assert data.train().cardinality() == tf.data.INFINITE_CARDINALITY
    assert [list(batch) for batch in data.test(4).as_numpy_iterator()] == [
        [0, 10, 20, 30], [40, 50, 60, 70], [80, 90]
    ]  # fmt: skip
    assert [list(batch) for batch in data.test(2, limit=3).as_numpy_iterator()] == [[0, 10], [20]]
    assert data.test(limit=99).cardinality() == 10


def test_numbers_have_no_meaning_of_their_own():
    assert Numbers().meaning == {}


def test_arguments_out_of_range_are_named():
    with pytest.raises(
        ValueError, match="batch_size must be an integer >= 1. Received: batch_size=0"
    ):
        Numbers(batch_size=0)
    with pytest.raises(ValueError, match="seed must be an integer >= 0. Received: seed=-1"):
        Numbers(seed=-1)
    message = "start_step must be an integer >= 0. Received: start_step=-1"
    with pytest.raises(ValueError, match=message):
        Numbers().train(-1)
    context = tf.distribute.InputContext(1, 0, 2)
    message = "batch_size must be a multiple of the number of replicas, 2. Received: batch_size=3"
    with pytest.raises(ValueError, match=message):
        Numbers(batch_size=3).train(0, context)
