import pathlib

import numpy as np
import pytest

from tests.goldens.translation import inputs
from tfgan_apps.augment import Pipeline

GOLDENS = pathlib.Path(__file__).parents[1] / "goldens" / "style" / "augment.npz"
CASES = "bgc 1 a", "bgc 1 b", "bgc 0.5 a", "bgcfnc 0.7 a", "bgcfnc 0.7 b", "grey bgcfnc 0.7 a"


@pytest.fixture(scope="module")
def goldens():
    with np.load(GOLDENS) as file:
        return dict(file)


@pytest.mark.parametrize("name", CASES)
def test_the_same_numbers_augment_images_as_the_authors_code_does(name, goldens):
    sets, probability, _ = name.removeprefix("grey ").split()
    expected = goldens[f"{name}/images"]
    images = inputs.images(name, *expected.shape[2:], count=4)

    def draw(distribution, what, shape):
        what = what.removeprefix("real/")
        if what == "noise":
            return inputs.drawn(f"{name}/noise", (4, *shape))
        assert goldens[f"{name}/{what}"].shape == (4, *shape)
        return goldens[f"{name}/{what}"]

    made = Pipeline(sets)(images, float(probability), draw, "real")
    np.testing.assert_allclose(made, expected, atol=1e-4)
    assert np.abs(made - images).max() > 1  # it is not that nothing happened
