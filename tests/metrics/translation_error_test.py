"""The error of translated images by hand."""

import math

import numpy as np
import pytest

from tfgan_apps.metrics.translation_error import TranslationError


def test_mean_over_pixels_and_over_a_mask():
    true = np.zeros((1, 2, 2, 3), np.float32)
    translated = true.copy()
    translated[0, 0, 0] = [0.3, -0.6, 0.0]
    translated[0, 1, 1] = [1, 1, 1]
    everywhere, masked = TranslationError(), TranslationError()
    everywhere.add(translated, true)
    masked.add(translated, true, mask=np.array([[[True, True], [False, False]]]))
    assert everywhere.result() == pytest.approx((0.3 + 1) / 4)
    assert masked.result() == pytest.approx(0.3 / 2)


def test_every_pixel_of_every_batch_weighs_the_same():
    error = TranslationError()
    error.add(np.ones((3, 2, 2, 1)), np.zeros((3, 2, 2, 1)))
    error.add(np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 1)))
    assert error.result() == 0.75


def test_workers_do_not_matter():
    first, second = TranslationError(), TranslationError()
    first.add(np.ones((3, 2, 2, 1)), np.zeros((3, 2, 2, 1)))
    second.add(np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 1)))
    first.merge(second)
    assert first.result() == 0.75
    with pytest.raises(ValueError, match="translated must be finite. Received: nan"):
        first.add(np.full((1, 2, 2, 1), np.nan), np.zeros((1, 2, 2, 1)))


def test_no_pixels():
    error = TranslationError()
    error.add(np.ones((1, 2, 2, 1)), np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2), bool))
    assert math.isnan(error.result())


@pytest.mark.parametrize("mask", [None, np.ones((1, 2, 2, 1), bool)])
def test_shapes_that_do_not_fit(mask):
    true = np.zeros((1, 2, 2, 1 if mask is None else 3))
    with pytest.raises(ValueError, match=r"must have one shape \(B, H, W, C\), and mask"):
        TranslationError().add(np.zeros((1, 2, 2, 3)), true, mask)
