"""Every format and mode that is read, beside what Pillow reads; and what is refused."""

import io
import struct
import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from tests import pictures
from tfgan_apps.input_pipelines import Images, ImagesInMemory
from tfgan_apps.input_pipelines.sources.decoding import decode_checked, header_problem
from tfgan_apps.input_pipelines.sources.formats import MAX_PIXELS

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
ACCEPTED, REFUSED = pictures.accepted(), pictures.refused()


@pytest.fixture(scope="module")
def decoded():
    """Returns a function: file, channels -> the image, decoded in a graph, in levels of 8 bits."""
    spec = [tf.TensorSpec([], tf.string)]
    graphs = {
        channels: tf.function(
            lambda file, channels=channels: decode_checked(file, channels), input_signature=spec
        )
        for channels in MODES
    }
    return lambda file, channels: graphs[channels](file).numpy() / 257


def with_pillow(file, channels):
    """Returns Pillow's pixels, float; of a deep grey PNG, which it does not convert, by hand."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    if image.mode.startswith("I"):
        grey = np.array(image)[..., None] / 257
        alpha = [np.full_like(grey, 255)] if channels == 4 else []
        return np.concatenate([grey] * min(channels, 3) + alpha, -1)
    with warnings.catch_warnings():  # that a palette's alpha is dropped
        warnings.simplefilter("ignore")
        image = image.convert(MODES[channels])
    return np.array(image).reshape(*image.size[::-1], channels)


def tolerance(name, channels):
    """Returns how many of 255 levels a picture may differ from Pillow's, and why."""
    if "16 bits" in name:
        return 1.5  # Pillow drops the lower 8 bits of colours, and rounds the luma of the rest.
    if "CMYK" in name:
        return 1  # Pillow rounds the product of ink and black, TensorFlow cuts it off.
    return 0.51 if channels == 1 else 0  # Pillow rounds the luma to 8 bits.


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("name", ACCEPTED)
def test_pixels_are_those_of_pillow(decoded, name, channels):
    file = ACCEPTED[name]
    expected = with_pillow(file, channels)
    image = decoded(file, channels)
    assert image.shape == (pictures.HEIGHT, pictures.WIDTH, channels) == expected.shape
    np.testing.assert_allclose(image, expected, atol=tolerance(name, channels), rtol=0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_as_pillow_does_is_refused_with_one_sentence(decoded, name):
    file, sentence = REFUSED[name]
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        decoded(file, 3)
    (line,) = Images(ImagesInMemory([file])).find_problems(8)
    assert line.startswith("image 0: ") and sentence in line and line.endswith(".")
    assert line.count(". ") == 1  # what, and the cure


def test_a_transparent_colour_is_seen_and_is_refused_where_alpha_is_wanted(decoded):
    image = Image.fromarray(pictures.noise(pictures.HEIGHT, pictures.WIDTH, 3)).quantize(9)
    gif = pictures.saved(image, "GIF", transparency=3)
    for name, file in {"GIF": gif, **pictures.keyed_pngs()}.items():
        assert Image.open(io.BytesIO(file)).info["transparency"] is not None, name
        for channels in (1, 3):
            expected, atol = with_pillow(file, channels), tolerance(name, channels)
            np.testing.assert_allclose(decoded(file, channels), expected, 0, atol, name)
        with pytest.raises(tf.errors.InvalidArgumentError, match="transparency, which is not read"):
            decoded(file, 4)


def turned(orientation):
    """Returns dict name -> file of each format that can say how it is to be turned."""
    image = pictures.smooth()
    little, big = (b"Exif\0\0" + pictures.exif(orientation, order) for order in "<>")
    chunk = pictures.png_chunk(b"eXIf", pictures.exif(orientation, ">"))
    profile = {"icc_profile": bytes(70000)}  # two segments in front of, or behind, the EXIF data
    return {
        "JPEG": pictures.saved(image, "JPEG", exif=little),
        "JPEG, big-endian": pictures.saved(image, "JPEG", exif=big, **profile),
        "grey JPEG": pictures.saved(image.convert("L"), "JPEG", exif=little),
        "PNG": pictures.png(8, 2, chunks=chunk),
        "WebP": pictures.saved(image, "WEBP", exif=little),
    }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_upright(decoded, orientation):
    for name, file in turned(orientation).items():
        expected = with_pillow(file, 3)
        assert expected.shape == ((21, 13, 3) if orientation > 4 else (13, 21, 3)), name
        np.testing.assert_array_equal(decoded(file, 3), expected, name)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(decoded, orientation):
    for name, file in turned(orientation).items():
        np.testing.assert_array_equal(decoded(file, 3), decoded(turned(1)[name], 3), name)


def test_damaged_exif_data_change_nothing(decoded):
    good = pictures.exif(6)
    plain = decoded(pictures.png(8, 2), 3)
    broken = [good[:length] for length in range(len(good) - 10)]
    broken += [good[:4] + struct.pack("<I", start) + good[8:] for start in (0, 200, 2**32 - 1)]
    broken += [b"XX*\0" + good[4:], good.replace(b"\x12\1\3", b"\x12\1\2")]
    for data in broken:
        image = decoded(pictures.png(8, 2, chunks=pictures.png_chunk(b"eXIf", data)), 3)
        np.testing.assert_array_equal(image, plain, str(data))


def announcing(name, width, height):
    """Returns a file of a few bytes that announces a size."""
    if name == "PNG":
        chunk = pictures.png_chunk(b"IHDR", struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0))
        return pictures.png(1, 0)[:8] + chunk + pictures.png(1, 0)[33:]
    packed = struct.pack("<2H", width, height)
    if name == "JPEG":
        file = ACCEPTED["JPEG, RGB"]
        at = file.index(b"\xff\xc0") + 5
        return file[:at] + struct.pack(">2H", height, width) + file[at + 4 :]
    if name == "GIF":
        file = ACCEPTED["GIF, palette"]
        at = file.index(struct.pack("<2H", pictures.WIDTH, pictures.HEIGHT), 11)
        return file[:6] + packed + file[10:at] + packed + file[at + 4 :]
    if name == "BMP":
        file = ACCEPTED["BMP, 24 bits"]
        return file[:18] + struct.pack("<2i", width, height) + file[26:]
    return ACCEPTED["WebP, lossy"][:26] + packed + ACCEPTED["WebP, lossy"][30:]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "BMP", "WebP"])
def test_a_size_that_is_announced_is_compared_before_memory_is_taken(name):
    limit = MAX_PIXELS if name != "WebP" else 0
    (line,) = Images(ImagesInMemory([announcing(name, 9000, 9000)])).find_problems(8)
    if name == "WebP":  # No number of bytes is too few.
        assert "is truncated, damaged" in line
    else:
        assert "announces 9000x9000 pixels, more than its" in line and "bytes can hold" in line
        assert 9000**2 < limit
    (line,) = Images(ImagesInMemory([announcing(name, 16000, 16000)])).find_problems(8)
    assert line == (
        f"image 0: announces 16000x16000 pixels, more than the {MAX_PIXELS} that are read. "
        "Make it smaller, or remove it."
    )


def test_headers_that_are_cut_are_told_apart_from_what_is_no_picture():
    for name, file in ACCEPTED.items():
        kind = name.partition(",")[0]
        for length in (14, 22, len(file) // 2):
            (line,) = Images(ImagesInMemory([file[:length]])).find_problems(8)
            assert f"unsupported kind of {kind}" in line or "bytes can hold" in line, (name, line)
    assert header_problem(b"RIFF\0\0\0\0WAVEfmt ", 3).numpy().startswith(b"is not an image (JPEG")
