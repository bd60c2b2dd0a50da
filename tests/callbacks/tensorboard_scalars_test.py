import tensorflow as tf

from tfgan_apps.callbacks import TensorBoardScalars


def test_each_epoch_is_a_point(tmp_path):
    callback = TensorBoardScalars(str(tmp_path))
    for epoch in range(2):
        callback.on_epoch_end(epoch, {"loss": 0.5 + epoch})
    callback.on_train_end()
    (path,) = tmp_path.glob("events*")
    points = []
    for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        points += [
            (v.tag, event.step, float(tf.make_ndarray(v.tensor))) for v in event.summary.value
        ]
    assert points == [("loss", 1, 0.5), ("loss", 2, 1.5)]


def test_a_directory_that_cannot_be_made_costs_the_log_only(tmp_path):
    (tmp_path / "file").write_text("in the way")
    TensorBoardScalars(str(tmp_path / "file" / "logs")).on_epoch_end(0, {"loss": 0.5})
