"""Sheets with captions."""

import numpy as np
import pytest

from tfgan_apps.callbacks.captioned_grid import captioned_grid
from tfgan_apps.callbacks.image_grid import image_grid

LINE = 15  # pixels
RNG = np.random.default_rng(0)


def columns(rows, count=4, size=64, channels=3):
    shape = (count, rows, size, size, channels)
    return list(RNG.uniform(-1, 1, shape).astype(np.float32))


def ink(part):
    """Returns where text is, and checks that the rest is white."""
    assert np.all(part == part[..., :1])
    return part[..., 0] < 128


def test_each_caption_stands_above_its_row():
    images = columns(2)
    sheet = captioned_grid(["one line", b"another"], images)
    assert sheet.dtype == np.uint8
    assert sheet.shape == (2 * (LINE + 64) + 4, 4 * 64 + 3 * 4, 3)
    for row, top in enumerate((0, LINE + 64 + 4)):
        assert ink(sheet[top : top + LINE]).any()
        expected = image_grid([image[row : row + 1] for image in images])
        np.testing.assert_array_equal(sheet[top + LINE : top + LINE + 64], expected)
    assert np.all(sheet[LINE + 64 : LINE + 68] == 255)


def test_a_caption_is_wrapped_between_words_and_none_is_lost():
    words = ["circle"] * 20
    narrow, wide = (captioned_grid([" ".join(words)], columns(1, n))[:-64] for n in (2, 8))
    assert len(narrow) // LINE == 7 and len(wide) // LINE == 2  # of 132 and 540 pixels
    letters = ink(captioned_grid([words[0]], columns(1))[:-64]).sum()
    assert ink(narrow).sum() == ink(wide).sum() == 20 * letters
    assert not ink(narrow)[:, -1].any()


def test_a_word_longer_than_a_line_is_broken():
    sheet = captioned_grid(["x" * 100], columns(1, 1))[:-64]
    one = ink(captioned_grid(["x"], columns(1, 1))[:-64]).sum()
    assert ink(sheet).sum() == pytest.approx(100 * one, rel=0.1)
    assert len(sheet) > 5 * LINE


def test_a_very_long_caption_takes_no_time():
    assert len(captioned_grid(["x y " * 5000], columns(1))) > 100 * LINE


@pytest.mark.parametrize(
    "caption",
    ["größer als 春眠不覺曉 \U0001f600", "\u202eright to left", "a\0b\x1b[0m\n\tc", b"\xff broken"],
)
def test_any_text_can_be_drawn(caption):
    assert ink(captioned_grid([caption], columns(1))[:-64]).any()


def test_an_empty_caption_takes_no_place():
    sheet = captioned_grid(["", b" \n"], columns(2))
    assert sheet.shape[0] == 2 * 64 + 4


@pytest.mark.parametrize("channels", [1, 4])
def test_text_is_black_on_opaque_white(channels):
    sheet = captioned_grid(["text"], columns(1, channels=channels))
    assert sheet.shape[2] == channels
    assert sheet[:LINE, :, 0].min() < 16
    if channels == 4:
        assert np.all(sheet[:LINE, :, 3] == 255)


def test_as_many_captions_as_rows():
    with pytest.raises(ValueError, match=r"Received: 1 captions, columns of \[2, 2\]"):
        captioned_grid(["one"], columns(2, 2))
