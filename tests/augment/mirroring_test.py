"""Images mirrored by what is drawn for each."""

import numpy as np

from tfgan_apps.augment import mirrored


def test_those_below_a_half_are_mirrored():
    images = np.arange(12.0, dtype=np.float32).reshape(2, 1, 3, 2)
    found = np.asarray(mirrored(images, np.float32([0.4, 0.5])))
    np.testing.assert_array_equal(found, [images[0, :, ::-1], images[1]])
