"""A dataset of one's own as the data of a run."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import DataError, from_dataset

TEN = tf.data.Dataset.range(10)


def batches(data, count, **start):
    return list(data.train(**start).take(count).as_numpy_iterator())


@pytest.mark.parametrize("shuffle", [0, 4, 1000])
def test_an_epoch_visits_every_example_once_and_starts_anywhere(shuffle):
    data = from_dataset(TEN, batch_size=2, shuffle=shuffle)
    whole = batches(data, 10)
    epochs = np.reshape(whole, (2, 10)).tolist()
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert (epochs[0] == epochs[1]) == (shuffle == 0)
    assert sorted(epochs[0][:8]) == list(range(8)) or shuffle == 1000
    for start in (3, 7):
        np.testing.assert_array_equal(whole[start:], batches(data, 10 - start, start_step=start))


def test_replicas_and_workers_share_the_batch_of_one_device():
    data = from_dataset(
        tf.data.Dataset.zip((TEN, {"next": TEN.map(lambda i: i + 1)})), batch_size=4
    )
    (whole,) = batches(data, 1, start_step=1)
    parts = []
    for worker in range(2):
        context = tf.distribute.InputContext(2, worker, 4)
        parts += batches(data, 2, start_step=1, input_context=context)
    np.testing.assert_array_equal(whole[0], np.concatenate([part[0] for part in parts]))
    np.testing.assert_array_equal(whole[1]["next"], whole[0] + 1)


def test_what_is_held_out_is_in_its_order():
    data = from_dataset(TEN, test=TEN.take(3), batch_size=2)
    assert data.held_out and data.test_length == 3
    assert [b.tolist() for b in data.test(2).as_numpy_iterator()] == [[0, 1], [2]]
    assert [b.tolist() for b in data.test(2, limit=1).as_numpy_iterator()] == [[0]]
    alone = from_dataset(TEN)
    assert alone.describe()[1] == "  no test examples: those of training stand in for them"


def test_the_fingerprint_changes_with_the_first_examples_and_the_length():
    datasets = [TEN, TEN.map(lambda i: 2 * i), TEN.take(9)]
    assert len({from_dataset(dataset).fingerprint for dataset in datasets}) == 3
    assert from_dataset(TEN).fingerprint == from_dataset(TEN).fingerprint


def test_a_dataset_that_is_another_each_time_is_refused():
    from_dataset(TEN).check()
    with pytest.raises(DataError, match=r"other examples when it is read again. Take shuffle"):
        from_dataset(TEN.shuffle(10, seed=1)).check()


@pytest.mark.parametrize(
    ("dataset", "options", "message"),
    [
        (TEN.repeat(), {}, r"dataset must .*take\(n\).* Received: a dataset without end"),
        (TEN.filter(lambda i: i > 2), {}, "assert_cardinality.* Received: .*unknown length"),
        (TEN.take(0), {}, "at least 1.* Received: none"),
        (np.arange(3), {}, "dataset must be a tf.data.Dataset. Received: dataset=array"),
        (TEN, {"test": TEN.repeat()}, "test must have a known number"),
        (TEN, {"batch_size": 11}, "batch_size must be at most 10. Received: batch_size=11"),
        (TEN, {"shuffle": -1}, "shuffle must be an integer >= 0"),
    ],
)
def test_what_is_no_data_is_named(dataset, options, message):
    with pytest.raises(ValueError, match=message):
        from_dataset(dataset, **options)
