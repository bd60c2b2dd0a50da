"""The diversity of images, points and texts, by hand."""

import numpy as np
import pytest

from tfgan_apps.metrics.diversity import diversity

RANDOM = np.random.RandomState(0)
IMAGES = RANDOM.uniform(-1, 1, (5, 8, 8, 3))


def test_independent_images_are_the_root_of_2_apart_whatever_their_contrast():
    many = RANDOM.uniform(-1, 1, (20, 32, 32, 3))
    assert diversity(many) == pytest.approx(np.sqrt(2), rel=0.01)
    assert diversity(0.01 * many) == pytest.approx(diversity(many))
    assert diversity(0.5 + many) == pytest.approx(diversity(many))


def test_the_definition_by_pairs():
    pairs = [(a - b) ** 2 for i, a in enumerate(IMAGES) for b in IMAGES[:i]]
    expected = np.sqrt(np.mean(pairs) / np.mean(IMAGES.var((1, 2))))
    assert diversity(IMAGES) == pytest.approx(expected)
    assert diversity(np.uint8(100 * IMAGES + 120)) == pytest.approx(expected, rel=0.01)


def test_images_of_one_pattern_are_alike():
    same = IMAGES[:1] + np.zeros((4, 1, 1, 1))
    assert diversity(same) == 0
    assert diversity(same + 1e-3 * IMAGES[:4]) < 2e-3
    assert diversity(np.zeros((2, 4, 4, 1))) == 0
    assert diversity(np.stack([np.zeros((4, 4, 1)), np.ones((4, 4, 1))])) == 1  # of no pattern


def test_points_and_texts():
    assert diversity([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]]) == pytest.approx(10 / 3)
    assert diversity(np.array([b"a", b"b", b"a"])) == pytest.approx(2 / 3)


def test_wrong_examples():
    for wrong in (IMAGES[:1], IMAGES[..., 0], np.zeros((0, 2))):
        with pytest.raises(ValueError, match="examples must be two or more images, points or tex"):
            diversity(wrong)
