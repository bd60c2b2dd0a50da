"""Every format and mode that is read, beside what Pillow reads; and what is refused."""

import io
import re
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from tests import pictures
from tfgan_apps.input_pipelines import Images, ImagesInMemory
from tfgan_apps.input_pipelines.sources import headers
from tfgan_apps.input_pipelines.sources.decoding import decode_checked
from tfgan_apps.input_pipelines.sources.headers import MAX_PIXELS

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
ACCEPTED = pictures.accepted()


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
    if file[1:4] == b"PNG" and file[25] == 0 and file[24] in (2, 4):  # grey, of a few bits
        # Pillow spreads such greys over 8 bits, but not the one that stands for transparency.
        key = image.info.get("transparency", 0)
        image.info |= {"transparency": key * 255 // (2 ** file[24] - 1)} if key else {}
    if image.has_transparency_data and channels < 4:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert(MODES[channels])
    return np.array(image).reshape(*image.size[::-1], channels)


def tolerance(name, channels):
    """Returns how many of 255 levels a picture may differ from Pillow's, and why."""
    mixed = channels < 4 and Image.open(io.BytesIO(ACCEPTED[name])).has_transparency_data
    rounded = 1 if mixed else 0  # Pillow rounds what it mixes with white to 8 bits.
    if "16 bits" in name:
        return 1.5 + rounded  # Pillow drops the lower 8 bits of colours, and rounds the luma.
    if "CMYK" in name:
        return 1  # Pillow rounds the product of ink and black, TensorFlow cuts it off.
    return (0.51 if channels == 1 else 0) + rounded  # Pillow rounds the luma to 8 bits.


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("name", ACCEPTED)
def test_pixels_are_those_of_pillow(decoded, name, channels):
    file = ACCEPTED[name]
    expected = with_pillow(file, channels)
    image = decoded(file, channels)
    assert image.shape == (pictures.HEIGHT, pictures.WIDTH, channels) == expected.shape
    np.testing.assert_allclose(image, expected, atol=tolerance(name, channels), rtol=0)


@pytest.mark.parametrize(
    "file",
    [
        pictures.bmp(32, 3, masks=b"\xff\0\0\0\0\xff\0\0\0\0\xff\0"),
        pictures.bmp(8, 1, palette=bytes(1024), data=b"\x15"),
    ],
)
def test_kinds_that_pillow_does_not_read_are_refused_with_one_sentence(file):
    (line,) = problems(file)
    assert line == (
        "image 0: is truncated, damaged or an unsupported kind of BMP. Replace or remove it."
    )


def problems(*files):
    return Images(ImagesInMemory(files)).find_problems(8)


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
    (line,) = problems(announcing(name, 9000, 9000))
    if name == "WebP":  # No number of bytes is too few.
        assert "is truncated, damaged" in line
    else:
        assert "announces 9000x9000 pixels, more than its" in line and "bytes can hold" in line
    (line,) = problems(announcing(name, 16000, 16000))
    assert line == (
        f"image 0: announces 16000x16000 pixels, more than the {MAX_PIXELS} that are read. "
        "Make it smaller, or remove it."
    )


def test_headers_that_are_cut_are_told_apart_from_what_is_no_picture():
    for kind in headers.FORMATS:
        file = next(file for name, file in ACCEPTED.items() if name.startswith(kind))
        cut = [headers.problem_of(file[:length]) for length in range(1, len(file))]
        whole = next(place for place, problem in enumerate(cut) if not problem)
        for problem in cut[:whole]:
            assert re.match("is not an image|is truncated, damaged|announces", problem), problem
    assert problems(b"RIFF\0\0\0\0WAVEfmt ", b"") == [
        "image 0: is not an image (JPEG, PNG, GIF, BMP, WebP are read). Replace or remove it.",
        "image 1: is empty. Replace or remove it.",
    ]


def test_decoders_of_other_formats_are_in_the_graph_only_where_there_are_such_files():
    for file, others in ((ACCEPTED["JPEG, RGB"], False), (ACCEPTED["WebP, lossy"], True)):
        images = Images(ImagesInMemory([file]))
        assert images.find_problems(8) == [] and images.others is others
        graph = tf.data.Dataset.range(1).map(images.read)._functions()[0].function.graph
        assert ("PyFunc" in str(graph.as_graph_def())) is others
