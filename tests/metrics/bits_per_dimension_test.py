import numpy as np
import pytest

from tfgan_apps.metrics.bits_per_dimension import bits_per_dimension


def test_uniform_bytes_have_eight_bits():
    nats = 2 * 2 * 3 * np.log(256)
    np.testing.assert_allclose(bits_per_dimension([nats, nats / 8], (2, 2, 3)), [8, 1])
    assert bits_per_dimension(np.float32(nats), (2, 2, 3)) == pytest.approx(8)


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"shape must be of integers >= 1. Received: shape=\(2, 0"):
        bits_per_dimension([1.0], (2, 0, 3))
    with pytest.raises(ValueError, match="nats must be finite. Received: inf"):
        bits_per_dimension([np.inf], (2, 2, 3))
