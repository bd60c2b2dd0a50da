"""SinGAN's networks and resizing equal the authors' in PyTorch and NumPy; see goldens/."""

import numpy as np
import pytest

from tests.networks.conftest import FOLDER
from tests.networks.translation_goldens_test import filled
from tfgan_apps.bicubic import bicubic
from tfgan_apps.networks import singan


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER.parent / "style" / "singan.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_generator(inputs, goldens, mode):
    network = filled(inputs, "singan generator", singan.build_generator(4))
    noise = np.pad(inputs.drawn("singan z", (2, 24, 24, 3)), ((0, 0), (5, 5), (5, 5), (0, 0)))
    given = {"coarse": inputs.images("singan", 24), "noise": 0.3 * noise}
    found = network(given, training=mode == "train")
    np.testing.assert_allclose(found, goldens[f"image {mode}"], atol=1e-4)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_critic(inputs, goldens, mode):
    network = filled(inputs, "singan critic", singan.build_discriminator(4))
    found = network(inputs.images("singan", 24), training=mode == "train")
    np.testing.assert_allclose(found, goldens[f"score {mode}"], atol=1e-4)


@pytest.mark.parametrize("factor", [4 / 3, 0.6])
def test_resizing_but_at_the_left_and_the_upper_border(inputs, goldens, factor):
    """There the authors' code gives no weight to what is mirrored."""
    levels = np.rint(127.5 * (inputs.images("singan", 24)[:1] + 1))
    expected = goldens[f"resized {factor:.2f}"]
    found = bicubic(levels, factor, expected.shape[:2])[0]
    np.testing.assert_allclose(found[4:, 4:], expected[4:, 4:], atol=0.01)
    assert np.abs(found - expected).max() > 1
