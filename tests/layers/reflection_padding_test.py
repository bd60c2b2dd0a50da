import numpy as np
import pytest

from tfgan_apps.layers import ReflectionPadding2D


def test_mirrors_without_repeating_the_edge():
    image = np.arange(6, dtype="float32").reshape(1, 2, 3, 1)
    expected = [[4, 3, 4, 5, 4], [1, 0, 1, 2, 1], [4, 3, 4, 5, 4], [1, 0, 1, 2, 1]]
    padded = ReflectionPadding2D(1)(image)
    assert ReflectionPadding2D(1).compute_output_shape((None, 2, None, 1)) == (None, 4, None, 1)
    np.testing.assert_array_equal(np.array(padded)[0, :, :, 0], expected)


@pytest.mark.parametrize("padding", [0, -1, 1.5, "same"])
def test_bad_padding_is_named(padding):
    with pytest.raises(ValueError, match=f"padding={padding!r}"):
        ReflectionPadding2D(padding)
