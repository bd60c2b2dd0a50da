"""Pyramids: the authors' numbers of scales and sizes."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.pyramid import Pyramid, plan


def test_the_authors_example():
    assert plan((186, 250)) == ((186, 250), 9)
    pyramid = Pyramid((186, 250), 9, 25)
    assert pyramid.ratio == pytest.approx(0.778, abs=5e-4)
    assert pyramid.sizes[0] == (25, 34) and pyramid.sizes[-1] == (186, 250)
    assert len(pyramid.sizes) == 9


@pytest.mark.parametrize(
    ("size", "numbers", "expected"),
    [
        ((48, 64), (64, 20), ((48, 64), 6)),
        ((1024, 768), (), ((250, 188), 9)),
        ((372, 500), (), ((186, 250), 9)),
        ((25, 400), (400, 25), ((25, 400), 2)),
    ],
)
def test_scales_of_pictures(size, numbers, expected):
    assert plan(size, *numbers) == expected


def test_scales_of_super_resolution_are_rounded_down():
    ratio = 2 ** (-1 / 3)
    up, down = (plan((120, 120), 250, 18, ratio, whole)[1] for whole in (True, False))
    assert (up, down) == (11, 10)


def test_an_image_goes_down_and_up_again():
    y, x = np.mgrid[:48, :64] / 64
    image = np.float32(np.stack([np.sin(3 * x), np.cos(2 * y), x * y], -1))[None] * 0.8
    pyramid = Pyramid((48, 64), 4, 25)
    coarse = pyramid.coarser(image, 2)
    assert coarse.shape[1:3] == pyramid.sizes[2]
    fine = pyramid.finer(coarse, (48, 64))
    assert np.abs(fine - image)[:, 2:-2, 2:-2].max() < 0.05
    np.testing.assert_allclose(pyramid.brought_to(image, 3, (48, 64)), fine, atol=1e-6)


def test_sizes_of_other_images_keep_their_shares():
    pyramid = Pyramid((48, 64), 4, 25)
    sizes = [tuple(size.numpy()) for size in pyramid.sizes_of(tf.constant((48, 96)))]
    expected = [(height, round(1.5 * width)) for height, width in pyramid.sizes]
    assert sizes == expected


def test_pictures_that_are_too_small():
    with pytest.raises(ValueError, match=r"size must be sides of 25 or more, .*=\(20, 90\)"):
        plan((20, 90))
    with pytest.raises(ValueError, match="scale_ratio must be in"):
        plan((90, 90), scale_ratio=1.0)
    with pytest.raises(ValueError, match="max_size must be an integer >= 25"):
        plan((90, 90), max_size=20)
