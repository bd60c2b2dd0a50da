"""Arrays of one's own as the data of a run."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import DataError, from_arrays

NUMBERS = np.arange(10, dtype=np.int32)
LEVELS = np.arange(10 * 2 * 2, dtype=np.uint8).reshape(10, 2, 2, 1)


def batches(data, count, **start):
    return list(data.train(**start).take(count).as_numpy_iterator())


def test_an_epoch_visits_every_example_once_and_starts_anywhere():
    data = from_arrays(NUMBERS, batch_size=2, seed=3)
    whole = batches(data, 10)
    epochs = np.reshape(whole, (2, 10)).tolist()
    assert sorted(epochs[0]) == sorted(epochs[1]) == NUMBERS.tolist()
    assert epochs[0] != epochs[1] != NUMBERS.tolist()
    np.testing.assert_array_equal(whole[7:], batches(data, 3, start_step=7))
    assert np.any(whole != np.array(batches(from_arrays(NUMBERS, batch_size=2), 10)))


def test_parts_stay_together_and_levels_are_scaled():
    data = from_arrays({"image": LEVELS, "label": NUMBERS}, batch_size=5)
    for batch in batches(data, 2):
        expected = LEVELS[batch["label"]].astype(np.float32) / 127.5 - 1
        np.testing.assert_allclose(batch["image"], expected, atol=1e-6)
    (pair,) = batches(from_arrays((LEVELS / 255.0, NUMBERS), batch_size=5), 1)
    np.testing.assert_array_equal(pair[0], LEVELS[pair[1]] / 255.0)


def test_what_is_held_out_is_in_its_order():
    data = from_arrays(NUMBERS, test=NUMBERS[:3] + 100)
    assert data.held_out and data.test_length == 3
    assert [b.tolist() for b in data.test(2).as_numpy_iterator()] == [[100, 101], [102]]
    alone = from_arrays(NUMBERS)
    assert not alone.held_out and alone.test_length == 10
    assert alone.describe()[1] == "  no test examples: those of training stand in for them"


def test_the_fingerprint_changes_with_a_value_a_shape_and_a_text():
    texts = np.array(["a", "bc"])
    arrays = [NUMBERS, NUMBERS[::-1], NUMBERS.reshape(5, 2), texts, np.array(["ab", "c"])]
    found = [from_arrays(array).fingerprint for array in arrays]
    assert len(set(found)) == len(arrays)
    assert from_arrays(tf.constant(NUMBERS)).fingerprint == found[0]


def test_numbers_that_are_not_finite_are_named():
    values = np.zeros((3, 2), np.float32)
    from_arrays(values).check()
    values[1, 1] = np.nan
    with pytest.raises(DataError, match=r"arrays, number 0: not finite at \[1, 1\]. Remove it."):
        from_arrays(values).check()


@pytest.mark.parametrize(
    ("arrays", "test", "message"),
    [
        ((NUMBERS, NUMBERS[:4]), None, r"arrays must be .*as many.* Received: .* of \[4, 10\]"),
        (NUMBERS[:0], None, r"at least 1. Received: int32 \(\) of \[0\] examples"),
        (3, None, "arrays must be arrays of as many examples"),
        (LEVELS, NUMBERS, r"test must be of the form of arrays, uint8 \(2, 2, 1\). Received"),
    ],
)
def test_what_is_no_data_is_named(arrays, test, message):
    with pytest.raises(ValueError, match=message):
        from_arrays(arrays, test)
