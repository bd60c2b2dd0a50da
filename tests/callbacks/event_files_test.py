import tensorflow as tf

from tfgan_apps.callbacks import TensorBoardScalars, event_files


def points(directory):
    found = []
    for path in sorted(directory.glob("events*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            found += [(event.step, float(tf.make_ndarray(v.tensor))) for v in event.summary.value]
    return found


def write(directory, epochs, first=0):
    callback = TensorBoardScalars(str(directory))
    callback.on_train_begin()
    for epoch in epochs:
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": first + epoch})
    callback.on_train_end()


def test_an_epoch_that_is_made_again_is_one_point(tmp_path):
    write(tmp_path, range(3))
    write(tmp_path, range(1, 4), first=10)
    assert points(tmp_path) == [(1, 0.0), (2, 11.0), (3, 12.0), (4, 13.0)]


def test_a_record_that_a_kill_has_cut_short_goes(tmp_path):
    write(tmp_path, range(3))
    (path,) = tmp_path.glob("events*")
    path.write_bytes(path.read_bytes()[:-5])
    event_files.keep_epochs(str(tmp_path), 1)
    assert points(tmp_path) == [(1, 0.0)]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_run_that_was_whole_is_left_alone(tmp_path):
    write(tmp_path, range(2))
    (path,) = tmp_path.glob("events*")
    before = path.read_bytes()
    event_files.keep_epochs(str(tmp_path), 2)
    event_files.keep_epochs(str(tmp_path / "absent"), 2)
    assert path.read_bytes() == before
