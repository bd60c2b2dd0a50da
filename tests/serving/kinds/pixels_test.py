"""Which files a served graph decodes, and what it refuses before it takes memory for them."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from tests import pictures
from tfgan_apps.serving.kinds import pixels


@pytest.fixture(scope="module")
def graph():
    """A served graph that returns its images as they are."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(files):
        return pixels.map_files(lambda image, index: image, files, channels=3)

    return serve


def refusal(graph, *files):
    """Returns the message of the error that files of a batch cause."""
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        graph(tf.constant(files))
    return error.value.message


def test_only_jpeg_and_png_can_be_decoded_and_by_their_own_ops(graph):
    found = graph.get_concrete_function().graph.as_graph_def()
    functions = found.library.function
    nodes = [*found.node, *(node for function in functions for node in function.node_def)]
    decoders = {node.op for node in nodes if node.op.startswith("Decode")}
    assert decoders == {"DecodeJpeg", "DecodePng", "DecodeRaw"}
    assert not {node.op for node in nodes} & {"PyFunc", "EagerPyFunc", "PyFuncStateless"}


@pytest.mark.parametrize("name", [*pictures.bmps(), *pictures.gifs(), *pictures.webps()])
def test_other_formats_are_refused(graph, name):
    message = refusal(graph, pictures.png(8, 2), pictures.accepted()[name])
    assert "image_bytes must hold JPEG or PNG files. Received: broken files at index 1" in message


def test_an_animated_webp_is_refused_and_the_process_lives(graph):
    file = pictures.animated_webp()
    for _ in range(20):  # The heap was destroyed within a few calls.
        assert "broken files at index 0" in refusal(graph, file)
    jpeg, png = (mark + file[len(mark) :] for mark in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
    assert "broken files at index 0" in refusal(graph, jpeg)
    assert "image_bytes[0] announces" in refusal(graph, png)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_upright(graph, orientation):
    data = pictures.exif(orientation)
    files = [
        pictures.saved(pictures.smooth(), "JPEG", exif=b"Exif\0\0" + data),
        pictures.png(8, 2, chunks=pictures.png_chunk(b"eXIf", data)),
    ]
    for file, answer in zip(files, graph(tf.constant(files)), strict=True):
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")
        np.testing.assert_array_equal(tf.io.decode_png(answer), upright)


def announcing(width, height, length=0):
    """Returns a PNG that announces a size of 1 bit a pixel, of at least so many bytes."""
    head = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    chunks = pictures.png_chunk(b"IHDR", head) + pictures.png_chunk(b"teST", bytes(length))
    return b"\x89PNG\r\n\x1a\n" + chunks + pictures.png_chunk(b"IEND", b"")


def test_what_a_header_announces_is_refused_with_its_place_before_memory_is_taken(graph):
    good = pictures.png(8, 2)
    files = [good, announcing(6000, 6000), good, announcing(5000, 5000), b"broken"]
    message = refusal(graph, *files)
    assert (
        "image_bytes[1] announces 6000x6000 pixels, more than the 33554432 that are read. "
        "image_bytes[3] announces 5000x5000 pixels, more than its 57 bytes can hold."
    ) in message
    # What it could hold is decoded, and found broken.
    assert "broken files at index 0" in refusal(graph, announcing(5000, 5000, 5000))
