"""TensorBoard's files of a run that goes on: every point once."""

import glob
import os

import tensorflow as tf


def keep_epochs(directory, last):
    """Drops the points after an epoch, which a run that was killed has made and makes again.

    Args:
        directory: str, of events files, there or not. What is left is in the oldest of them.
        last: int, the epoch.
    """
    paths = sorted(glob.glob(os.path.join(glob.escape(directory), "events*")))
    records = [record for path in paths for record in _records(path)]
    steps = [tf.compat.v1.Event.FromString(record).step for record in records]
    if not any(step > last for step in steps):
        return
    whole = os.path.join(directory, ".resumed")
    with tf.io.TFRecordWriter(whole) as writer:
        for record, step in zip(records, steps, strict=True):
            if step <= last:
                writer.write(record)
    os.replace(whole, paths[0])
    for path in paths[1:]:
        os.remove(path)


def _records(path):
    """Returns the whole records of a file; one that was cut short by a kill ends it."""
    found = []
    try:
        found.extend(tf.data.TFRecordDataset(path).as_numpy_iterator())
    except tf.errors.DataLossError:
        pass
    return found
