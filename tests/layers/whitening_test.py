"""Whitening of embeddings."""

import keras
import numpy as np
import pytest

from tfgan_apps.layers import Whitening


def test_it_changes_nothing_until_it_is_adapted():
    embeddings = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    np.testing.assert_array_equal(Whitening()(embeddings), embeddings)


def test_all_that_varies_gets_one_scale(tmp_path):
    """A direction with a thousandth of the variance becomes as large as the others."""
    embedding = keras.Input((3,))
    layer = Whitening(ridge=1e-9)
    model = keras.Model(embedding, layer(embedding))
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], "float32")
    embeddings = corners * [10, 1, 0.3] + [5, 0, 0]
    layer.adapt(embeddings)
    found = model(embeddings).numpy()
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(found.T), np.eye(3), atol=1e-3)
    assert model.trainable_variables == []
    model.save(tmp_path / "letters.keras")
    loaded = keras.saving.load_model(tmp_path / "letters.keras")
    assert loaded.layers[-1].ridge == 1e-9
    np.testing.assert_array_equal(loaded(embeddings), found)


@pytest.mark.parametrize("value", [0.3, np.nan, np.inf])
def test_what_cannot_be_whitened_is_refused(value):
    rows = np.full((3, 4), 0.3) if value == 0.3 else np.diag([1, 1, value, 1])[:3]
    layer = Whitening()
    layer.build((None, 4))
    embeddings = np.tile(rows, (1000, 1)).astype("float32")  # a sum of so many would be rounded
    with pytest.raises(ValueError, match=f"finite: {value == 0.3}, with a standard deviation"):
        layer.adapt(embeddings)
