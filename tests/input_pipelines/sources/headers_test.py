"""The sizes that headers of JPEG and PNG announce, against Pillow's and TensorFlow's own files.

`formats_test` has the other formats.
"""

import io
import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.serving.server.oversized_requests import jpeg_header, png_header
from tfgan_apps.input_pipelines.sources.headers import (
    HeaderError,
    LongHeaderError,
    announced,
    problem_of,
)

HEIGHT, WIDTH = 37, 291


def size_of(data):
    """Returns (height, width), or None where nothing is announced."""
    try:
        width, height, _ = announced(data)
    except HeaderError:
        return None
    return height, width


def files():
    """Yields files of all the ways to write a JPEG or PNG file."""
    pixels = np.arange(HEIGHT * WIDTH * 3).reshape(HEIGHT, WIDTH, 3) % 251
    color = Image.fromarray(pixels.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: the size is that of what is stored
    for image in (color, color.convert("L")):
        for options in (
            {},
            {"progressive": True},
            {"exif": exif.tobytes(), "comment": b"\xff\xc0 is no marker here" * 2000},
            {"icc_profile": b"\xff\xd8\xff\xc0\0\x11" * 30_000, "quality": 100},
        ):
            yield written(image, "JPEG", **options)
    yield written(color.convert("CMYK"), "JPEG")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield written(color.convert("L" if mode == "I;16" else mode).convert(mode), "PNG")
    yield tf.io.encode_png(pixels.astype(np.uint16)).numpy()
    yield tf.io.encode_jpeg(pixels.astype(np.uint8)).numpy()


def written(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_sizes_of_whole_and_of_cut_files():
    for data in files():
        assert size_of(data) == (HEIGHT, WIDTH)
        found = [size_of(data[:end]) for end in (*range(8, 200), *range(200, len(data), 97))]
        assert set(found) <= {None, (HEIGHT, WIDTH)}
        assert found == sorted(found, key=lambda size: size is not None), (
            "once it is there it stays"
        )


@pytest.mark.parametrize("header", [png_header, jpeg_header])
def test_sizes_without_pixels(header):
    assert size_of(header(65535, 1)) == (65535, 1)
    assert size_of(header(1, 40_000)) == (1, 40_000)


def test_what_libjpeg_passes_over_is_passed_over():
    whole = jpeg_header(300, 400)
    start, rest = whole[:2], whole[2:]
    for between in (
        b"\xff\0garbage",
        b"\xff\0\xff\xff\0",
        b"\xff\x01",
        b"\xff\xd0",
        b"\xff" * 1000,
    ):
        assert size_of(start + between + rest) == (300, 400)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"GIF89a",
        jpeg_header(300, 400).replace(b"\xff\xc2", b"\xff\xda"),  # the pixels come first
        jpeg_header(300, 400).replace(b"\xff\xc2", b"\xff\xc3"),  # lossless, which nobody decodes
        png_header(300, 400).replace(b"IHDR", b"IDAT"),
        png_header(300, 400).replace(b"\x08\x02", b"\x08\x05"),  # no colour type
    ],
)
def test_what_has_no_size(data):
    with pytest.raises(HeaderError, match="^encoded must .* Received: a (JPEG|PNG|GIF) "):
        announced(data)
    assert re.match("is truncated, damaged or an unsupported kind of ", problem_of(data))


@pytest.mark.parametrize("unit", [b"\xff", b"\xff\0", b"a", b"\xff\x01", b"\xff\xe0\0\2"])
def test_a_header_is_not_searched_for_long(unit):
    with pytest.raises(LongHeaderError, match="must tell its size in its first 10000 segments"):
        announced(b"\xff\xd8\xff\0" + unit * (1 << 22))
