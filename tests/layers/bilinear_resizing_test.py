import numpy as np

from tfgan_apps.layers import BilinearResizing


def test_half_of_a_size_is_the_mean_of_four():
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    means = image.reshape(2, 4, 2, 4, 2, 3).mean((2, 4))
    np.testing.assert_allclose(BilinearResizing(4)(image), means, atol=1e-6)
    layer = BilinearResizing.from_config(BilinearResizing(4).get_config())
    assert layer.compute_output_shape((None, 8, 8, 3)) == (None, 4, 4, 3)
