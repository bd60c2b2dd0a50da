import numpy as np
import pytest

from tfgan_apps.layers import HighPass


def test_what_differs_from_its_surroundings():
    x = np.zeros((1, 5, 5, 2), np.float32)
    x[0, 2, 2] = 1, -2
    found = HighPass(0.5)(x).numpy()
    assert found[0, 2, 2].tolist() == [16, -32] and found[0, 1, 3].tolist() == [-2, 4]
    assert not found[0, 0].any()
    flat = HighPass(1.0)(np.ones((1, 5, 5, 1), np.float32)).numpy()[0, ..., 0]
    assert not flat[1:-1, 1:-1].any() and flat[0, 0] == 5  # beyond the border is 0
    assert HighPass.from_config(HighPass(2.0).get_config()).weight == 2.0


def test_the_weight():
    with pytest.raises(ValueError, match="weight must be a finite number"):
        HighPass(0.0)
