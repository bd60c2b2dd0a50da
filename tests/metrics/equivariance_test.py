"""The measures of equivariance against the authors' code in PyTorch; see goldens/."""

import importlib.util
import pathlib

import numpy as np
import pytest

from tfgan_apps.metrics import equivariance as measured

GOLDENS = pathlib.Path(__file__).parents[1] / "goldens"
MOVED, TURNED, BETWEEN = (3 / 32, -2 / 32), 0.7, (0.07, -0.11)  # of the maker


@pytest.fixture(scope="module")
def goldens():
    with np.load(GOLDENS / "style" / "stylegan3.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def images():
    spec = importlib.util.spec_from_file_location("inputs", GOLDENS / "translation" / "inputs.py")
    inputs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inputs)
    return inputs.images("equivariance", 40)


@pytest.mark.parametrize(
    ("name", "function", "arguments"),
    [
        ("translated", measured.translated, MOVED),
        ("between", measured.fractionally_translated, BETWEEN),
        ("turned", measured.rotated, (TURNED,)),
        ("pseudo", measured.pseudo_rotated, (TURNED,)),
    ],
)
def test_images_are_moved_as_the_authors_move_them(goldens, images, name, function, arguments):
    found, mask = function(images, *arguments)
    np.testing.assert_allclose(found[..., :1], goldens[name], atol=3e-5)
    np.testing.assert_array_equal(mask, goldens[f"{name} mask"])


def waves(matrix, side=32):
    """Two images of slow waves over a plane that a transform moves, exactly equivariant."""
    places = (np.arange(side) + 0.5) / side - 0.5
    grid = np.stack([*np.meshgrid(places, places), np.ones((side, side))])
    x, y, _ = np.einsum("ij,jkl->ikl", matrix, grid)
    phases = np.arange(2)[:, None, None]
    return (
        np.float32(np.sin(2 * np.pi * (3 * x + y) + phases))[..., None] + np.cos(4 * x)[..., None]
    )


def test_what_is_exactly_equivariant_is_so_but_for_the_filters():
    found = measured.equivariance(lambda _, matrix: waves(matrix), 1)
    assert found["eq_t"] > 120 and found["eq_t_frac"] > 40 and found["eq_r"] > 40


def test_an_image_that_stays_is_not_equivariant():
    found = measured.equivariance(lambda _, matrix: waves(np.eye(3)), 1)
    assert max(found.values()) < 25
    varied = measured.equivariance(lambda _, matrix: waves(np.eye(3)), 1, peak=None)
    more = 10 * np.log10(4 / np.var(waves(np.eye(3))))
    for kind, decibels in found.items():
        assert decibels - varied[kind] == pytest.approx(more, abs=1e-3)


def test_the_measure_by_hand():
    """All that is known is wrong by a half; the range of images is 2."""
    made = iter(np.float32([0.0, 0.5]))
    generate = lambda *_: np.full((1, 8, 8, 1), next(made))  # noqa: E731
    found = measured.equivariance(generate, 1, kinds=("eq_t",))
    assert found == {"eq_t": pytest.approx(20 * np.log10(2 / 0.5))}


def test_nothing_wrong_is_infinite():
    found = measured.equivariance(lambda *_: np.zeros((1, 8, 8, 1)), 1, kinds=("eq_t",))
    assert found == {"eq_t": np.inf}


def test_each_batch_is_asked_for_its_own_images_and_seeds_fix_the_transforms():
    asked = []

    def generate(batch, matrix):
        asked.append((batch, matrix[0, 2]))
        return waves(matrix)

    found = [measured.equivariance(generate, 2, ("eq_t_frac",), seed=seed) for seed in (0, 0, 1)]
    assert [batch for batch, _ in asked] == [0, 0, 1, 1] * 3
    assert found[0] == found[1] != found[2]
    assert asked[1] == asked[5] != asked[9]


def test_wrong_arguments():
    with pytest.raises(ValueError, match="batches must be an integer >= 1. Received: batches=0"):
        measured.equivariance(lambda *_: None, 0)
    with pytest.raises(ValueError, match="kinds must be of eq_t, eq_t_frac, eq_r. Received: "):
        measured.equivariance(lambda *_: None, 1, kinds=("eq_x",))
