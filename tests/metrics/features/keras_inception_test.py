"""keras.applications.InceptionV3 goes under its own name."""

import numpy as np
import pytest

from tfgan_apps.metrics.features import keras_inception, weight_files

IMAGES = np.random.RandomState(0).randint(0, 256, (2, 9, 9, 1), dtype=np.uint8)


def test_it_is_another_network_and_is_called_so(tmp_path):
    model = keras_inception.build()
    assert model.count_params() == 23_851_784
    path = str(tmp_path / "mine.weights.h5")
    model.save_weights(path)
    network = keras_inception.keras_inception(path)
    assert network.label("frechet_distance") == "frechet_distance[keras.applications.InceptionV3]"
    found = network(IMAGES)
    assert found["features"].shape == (2, 2048) and found["logits"].shape == (2, 1000)
    assert network.sha256 == weight_files.hash_of(path)


def test_weights_that_are_absent_or_do_not_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    with pytest.raises(weight_files.WeightFileError, match="put inception_v3_weights_tf_dim"):
        keras_inception.keras_inception()
    (tmp_path / "mine.weights.h5").write_bytes(b"no weights")
    with pytest.raises(weight_files.WeightFileError, match="weights must fit keras.applications"):
        keras_inception.keras_inception(str(tmp_path / "mine.weights.h5"))
