"""TextConvolution, against sums written out."""

import numpy as np
import pytest

from tfgan_apps.layers import TextConvolution


def test_the_largest_answer_of_each_filter_over_time():
    layer = TextConvolution({3: 2, 1: 4})
    inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    layer.build(inputs.shape)
    layer.bias.assign(np.linspace(-2.0, 1.0, 6))
    found = layer(inputs)
    expected = np.zeros((2, 6))
    for kernel, places in (
        (layer.kernels[0].numpy(), slice(0, 2)),
        (layer.kernels[1].numpy(), slice(2, 6)),
    ):
        window = len(kernel)
        answers = [
            np.einsum("bkc,kcf->bf", inputs[:, start : start + window], kernel)
            for start in range(5 - window + 1)
        ]
        expected[:, places] = np.max(answers, 0)
    expected = np.maximum(expected + layer.bias.numpy(), 0)
    assert found.shape == layer.compute_output_shape(inputs.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_window_longer_than_the_sequence_is_refused():
    with pytest.raises(ValueError, match="Received: a window of 6, a sequence of 5"):
        TextConvolution({2: 3, 6: 1})(np.zeros((1, 5, 3)))
