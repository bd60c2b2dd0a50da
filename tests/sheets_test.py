"""Sheets, pixel by pixel."""

import numpy as np
import pytest

from tfgan_apps.sheets import (
    between,
    captioned_grid,
    colored,
    image_grid,
    of_classes,
    of_noise,
    sheet,
    sweep,
)

LINE = 15  # pixels
RNG = np.random.default_rng(0)


def test_cells_stand_where_rows_are_examples_and_columns_entries():
    values = np.float32([[-1.0, 0.0], [0.5, 1.0], [-0.5, 0.25]])
    columns = [np.broadcast_to(values[:, i, None, None, None], (3, 96, 120, 3)) for i in range(2)]
    grid = image_grid(columns, gap=4)
    assert grid.dtype == np.uint8
    assert grid.shape == (3 * 96 + 2 * 4, 2 * 120 + 4, 3)
    for row, column in np.ndindex(3, 2):
        cell = grid[row * 100 : row * 100 + 96, column * 124 : column * 124 + 120]
        assert set(cell.flat) == {round(float(values[row, column] + 1) * 127.5)}
    assert set(grid[96:100].flat) == {255} == set(grid[:, 120:124].flat)


def test_small_images_are_enlarged_by_whole_pixels():
    image = np.float32([[-1, 1, -1], [1, -1, 1]])[None, ..., None]
    grid = image_grid([image], gap=0)
    assert grid.shape == (96, 144, 1)
    np.testing.assert_array_equal(grid[::48, ::48, 0], [[0, 255, 0], [255, 0, 255]])
    np.testing.assert_array_equal(grid[47::48, 47::48, 0], [[0, 255, 0], [255, 0, 255]])


def test_values_outside_the_range_saturate():
    grid = image_grid([np.float32([[-3.0, 3.0]]).reshape(1, 1, 2, 1)], gap=0)
    assert grid.min() == 0 and grid.max() == 255


def test_columns_of_different_shapes():
    expected = r"one shape. Received shapes: \[\(1, 8, 8, 3\), \(1, 8, 8, 1\)\]"
    with pytest.raises(ValueError, match=expected):
        image_grid([np.zeros((1, 8, 8, 3)), np.zeros((1, 8, 8, 1))])


def columns(rows, count=4, size=96, channels=3):
    shape = (count, rows, size, size, channels)
    return list(RNG.uniform(-1, 1, shape).astype(np.float32))


def ink(part):
    """Returns where text is, and checks that the rest is white."""
    assert np.all(part == part[..., :1])
    return part[..., 0] < 128


def test_each_caption_stands_above_its_row():
    images = columns(2)
    picture = captioned_grid(["one line", b"another"], images)
    assert picture.dtype == np.uint8
    assert picture.shape == (2 * (LINE + 96) + 4, 4 * 96 + 3 * 4, 3)
    for row, top in enumerate((0, LINE + 96 + 4)):
        assert ink(picture[top : top + LINE]).any()
        expected = image_grid([image[row : row + 1] for image in images])
        np.testing.assert_array_equal(picture[top + LINE : top + LINE + 96], expected)
    assert np.all(picture[LINE + 96 : LINE + 100] == 255)


def test_a_caption_is_wrapped_between_words_and_none_is_lost():
    words = ["circle"] * 20
    narrow, wide = (captioned_grid([" ".join(words)], columns(1, n))[:-96] for n in (1, 4))
    assert len(narrow) // LINE == 10 and len(wide) // LINE == 2  # of 96 and 396 pixels
    letters = ink(captioned_grid([words[0]], columns(1))[:-96]).sum()
    assert ink(narrow).sum() == ink(wide).sum() == 20 * letters
    assert not ink(narrow)[:, -1].any()


def test_a_word_longer_than_a_line_is_broken():
    picture = captioned_grid(["x" * 100], columns(1, 1))[:-96]
    one = ink(captioned_grid(["x"], columns(1, 1))[:-96]).sum()
    assert ink(picture).sum() == pytest.approx(100 * one, rel=0.1)
    assert len(picture) > 5 * LINE


def test_a_very_long_caption_takes_no_time():
    assert len(captioned_grid(["x y " * 5000], columns(1))) > 100 * LINE


@pytest.mark.parametrize(
    "caption",
    ["größer als 春眠不覺曉 \U0001f600", "\u202eright to left", "a\0b\x1b[0m\n\tc", b"\xff broken"],
)
def test_any_text_can_be_drawn(caption):
    assert ink(captioned_grid([caption], columns(1))[:-96]).any()


def test_an_empty_caption_takes_no_place():
    picture = captioned_grid(["", b" \n"], columns(2))
    assert picture.shape[0] == 2 * 96 + 4


@pytest.mark.parametrize("channels", [1, 4])
def test_text_is_black_on_opaque_white(channels):
    picture = captioned_grid(["text"], columns(1, channels=channels))
    assert picture.shape[2] == channels
    assert picture[:LINE, :, 0].min() < 16
    if channels == 4:
        assert np.all(picture[:LINE, :, 3] == 255)


def test_as_many_captions_as_rows():
    with pytest.raises(ValueError, match=r"Received: 1 captions, columns of \[2, 2\]"):
        captioned_grid(["one"], columns(2, 2))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("captions", [[], ["a caption", ""]])
def test_titles_stand_above_their_columns(channels, captions):
    images = columns(2, 3, channels=channels)
    picture = sheet(dict(zip(["x", "fake_y", ""], images, strict=True)), captions)
    rest = captioned_grid(captions, images) if captions else image_grid(images)
    np.testing.assert_array_equal(picture[LINE:], rest)
    titles = picture[:LINE, :, 0] < 128
    assert titles[:, :96].any() and titles[:, 100:196].any() and not titles[:, 200:].any()
    if channels == 4:
        assert np.all(picture[:LINE, :, 3] == 255)


def test_titles_are_wrapped_after_their_words_and_end_at_the_first_row():
    (image,) = columns(1, 1)
    titles = ["reconstructed_image", "reconstructed_", "image", "two words that wrap", "x"]
    strips = {title: sheet({title: image})[:-96] for title in titles}
    assert [len(strip) // LINE for strip in strips.values()] == [2, 1, 1, 2, 1]
    first, second = strips["reconstructed_image"][:LINE], strips["reconstructed_image"][LINE:]
    np.testing.assert_array_equal(first, strips["reconstructed_"])
    np.testing.assert_array_equal(second, strips["image"])
    both = sheet({"reconstructed_image": image, "x": image})
    assert len(both) == 2 * LINE + 96
    assert np.all(both[:LINE, 100:] == 224)
    np.testing.assert_array_equal(both[LINE : 2 * LINE, 100:], strips["x"])
    assert np.all(both[: 2 * LINE, 96:100] == 255)


def test_without_titles_there_is_no_strip():
    (image,) = columns(1, 1)
    np.testing.assert_array_equal(sheet({"": image}), image_grid([image]))


def test_titles_can_be_any_text():
    assert len(sheet({"a\nclass": columns(1, 1)[0]})) == LINE + 96


def test_columns_of_noise_classes_and_sweeps():
    batch = np.zeros((2, 4, 4, 3), np.float32)

    def generate(latents):
        return latents[:, None, None] * np.ones((1, 4, 4, 1), np.float32)

    drawn = of_noise(generate, lambda i: np.full((2, 3), i, np.float32), batch, count=2)
    between_them = ["1 to 2: 25%", "1 to 2: 50%", "1 to 2: 75%"]
    assert list(drawn) == ["real", "sample 1", "sample 2", *between_them]
    assert [np.max(column) for column in drawn.values()] == [0, 0, 1, 0.25, 0.5, 0.75]
    assert of_classes(lambda number: 10 * number, ["cat", "dog"]) == {"cat": 0, "dog": 10}
    assert sweep(lambda value: -value, "code", [0.5, 1]) == {"code 0.5": -0.5, "code 1": -1}


def test_points_between_two():
    steps = between(np.float32([0, 2]), np.float32([1, 0]), 3)
    np.testing.assert_allclose(steps, [[0, 2], [0.5, 1], [1, 0]])


def test_label_maps_in_colours_that_differ():
    levels = (colored([[[0, 1], [2, 3]]]) + 1) * 127.5
    np.testing.assert_allclose(levels[0, 0], [[0, 0, 0], [128, 0, 0]], atol=1e-4)
    np.testing.assert_allclose(levels[0, 1], [[0, 128, 0], [128, 128, 0]], atol=1e-4)
    many = colored(np.arange(500).reshape(1, 20, 25)).reshape(-1, 3)
    assert len(np.unique(many, axis=0)) == 500
