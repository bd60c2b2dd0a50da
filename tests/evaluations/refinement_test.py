import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.evaluations import refinement
from tfgan_apps.input_pipelines import Images, ImagesInMemory, SimulatedImages, simulated_images


def test_what_a_perfect_camera_and_nothing_at_all_measure():
    """The real images are as far from simulated ones as their statistics say, and from themselves
    not at all; a bar that goes loses its contrast."""
    data = simulated_images("bars", (24, 32))
    came = refinement.evaluation(refinement.as_they_came, data, evaluation_images=40)()
    assert came["contrast"] == came["least_contrast"] == pytest.approx(1.2, abs=0.01)
    assert came["mean"] == pytest.approx(0.455, abs=0.01)
    assert came["deviation"] == pytest.approx(0.55, abs=0.05)
    assert came["gradient"] == pytest.approx(0.75, abs=0.05)
    assert came["change"] == 0
    flat = refinement.evaluation(lambda x, training: 0 * x, data, evaluation_images=8)()
    assert flat["contrast"] == 0 and flat["deviation"] == 1
    assert set(came) == set(flat) and came["swd"] < flat["swd"]


def test_statistics_by_hand():
    real = np.array([[0.0, 0.5], [0.0, -0.5]])[None, ..., None]
    found = refinement.statistics(real)
    assert found == pytest.approx({"mean": 0, "deviation": 0.125**0.5, "gradient": 0.5})
    found = refinement.differences(2 * real + 0.25, real)
    assert found == pytest.approx({"mean": 0.25, "deviation": 1, "gradient": 1})
    inside = np.array([[True, False], [False, False]])[None]
    assert refinement.contrast(real, inside) == pytest.approx([0])


def test_of_other_images_no_bar_is_looked_for():
    levels = np.random.default_rng(0).integers(0, 256, (3, 16, 20, 1), np.uint8)
    images = Images(ImagesInMemory.from_arrays(levels), 1)
    data = SimulatedImages({"train simulated": images, "train real": images}, (16, 20))
    values = refinement.evaluation(lambda x, training: tf.reverse(x, [0]), data)()
    assert set(values) == {"swd", "mean", "deviation", "gradient", "change"}
    assert values["mean"] == pytest.approx(0, abs=1e-6) and values["change"] > 0
