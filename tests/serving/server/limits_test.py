"""Rows, pixels and answers, counted before they take memory."""

import asyncio

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from tests.serving.server.oversized_requests import png_header
from tests.serving.server.predict_request import predict_request
from tfgan_apps.serving.server import json_text, memory, rest_json, wire
from tfgan_apps.serving.server.limits import UNLIMITED, Limits
from tfgan_apps.serving.server.status import StatusError, log_line, without_directories

LIMITS = Limits(max_batch=4, max_pixels=100, max_answer=1000)


def signature(**shapes):
    made = meta_graph_pb2.SignatureDef()
    for name, shape in shapes.items():
        made.inputs[name].tensor_shape.CopyFrom(tf.TensorShape(shape).as_proto())
    return made


def objects(*values):
    return np.array(values, object)


@pytest.mark.parametrize("shape", [(None,), (None, 2), None])
def test_rows(shape):
    LIMITS.check_rows(signature(x=shape), {"x": (4,)})
    LIMITS.check_rows(signature(x=shape), {"x": ()})
    with pytest.raises(StatusError, match=r"at most 4 rows \(--max_batch\). Received: 5$"):
        LIMITS.check_rows(signature(x=shape), {"x": (5,)})
    UNLIMITED.check_rows(signature(x=shape), {"x": (5,)})


def test_an_axis_that_a_signature_fixes_is_no_batch():
    LIMITS.check_rows(signature(x=(9, 2), s=()), {"x": (9,), "s": ()})


def test_values():
    LIMITS.check_shapes(signature(x=(None,)), {"x": np.zeros((4, 25))})
    with pytest.raises(StatusError, match=r"at most 100 values \(--max_pixels\). Received: 104$"):
        LIMITS.check_shapes(signature(x=(None,)), {"x": np.zeros((4, 26))})


@pytest.mark.parametrize(
    "feeds, pixels",
    [
        ({"a": objects(png_header(10, 10))}, 100),
        ({"a": objects(png_header(10, 5)), "b": objects(b"", png_header(10, 5))}, 100),
        ({"a": objects(png_header(1, 101))}, 101),
        ({"a": objects(png_header(10, 9), b"x" * 11)}, 101),
        ({"a": objects(png_header(10, 8), png_header(9, 9)[:20])}, 100),
        ({"a": objects(b"BM, a name like a picture's")}, 27),
        ({"a": np.zeros((1, 10, 10, 1), np.uint8)}, 100),
        ({"a": objects(png_header(10, 9)), "b": np.zeros(11, np.int32)}, 101),
        ({"a": objects(png_header(1 << 31, 1 << 31))}, 1 << 62),
    ],
)
def test_pixels(feeds, pixels):
    if pixels <= 100:
        return LIMITS.check_pictures(feeds)
    with pytest.raises(StatusError, match=rf"100 pixels .* \(--max_pixels\). Received: {pixels}$"):
        LIMITS.check_pictures(feeds)


def test_a_header_that_would_take_long_to_read_is_refused():
    with pytest.raises(StatusError, match="JPEG file must tell its size in its first 10000 segm"):
        LIMITS.check_pictures({"a": objects(b"\xff\xd8" + b"\xff\x01" * (1 << 20))})


@pytest.mark.parametrize(
    "array",
    [
        np.linspace(-1e-30, 1e30, 50, dtype=np.float32),
        np.linspace(-1e-300, 1e300, 50),
        np.full(100, -128, np.int8),
        np.full(100, 2**64 - 1, np.uint64),
        np.zeros(100, bool),
        objects(*[bytes(20)] * 20),
    ],
)
def test_answers_are_counted_as_they_are_written(array):
    text = rest_json.answer({"x_bytes": array}, row=True)
    most = Limits(max_answer=1 << 20)
    for limit in range(50, 10_000, 50):
        try:
            Limits(max_answer=limit).check_answer({"x_bytes": array}, as_json=True)
        except StatusError:
            assert limit < 2 * len(text), "no more than what it could be"
        else:
            assert len(text) < limit + 100, "but never less"
            break
    most.check_answer({"x_bytes": array}, as_json=True)


def test_an_answer_of_a_message_is_its_bytes():
    LIMITS.check_answer({"x": np.zeros(250, np.float32)}, as_json=False)
    LIMITS.check_answer({"x_bytes": objects(bytes(600), bytes(400))}, as_json=False)
    with pytest.raises(StatusError, match=r"1000 bytes \(--max_answer\). This one has 1004; ask"):
        LIMITS.check_answer({"x": np.zeros(251, np.float32)}, as_json=False)


@pytest.mark.parametrize("name", ["max_batch", "max_pixels", "max_answer"])
@pytest.mark.parametrize("wrong", [0, -1, 1.5, None])
def test_what_is_no_limit(name, wrong):
    with pytest.raises(ValueError, match=f"{name} must be an integer >= 1. Received: {name}="):
        Limits(**{name: wrong})


def test_values_of_json_are_counted_before_they_are_read():
    assert json_text.count(b"1") == 1
    many = b"[" + b"1," * 2000 + b"1]"
    assert json_text.count(many) == 2002
    text = b'"' + b",[{" * 1000 + b'\\"' + b",[{" * 1000 + b'"'
    assert json_text.count(text) == 1, "not those in strings"
    assert json_text.count(b"[" + text + b", " + many) == 2004
    assert json_text.count(text[:-1] + b"\\") == 1, "nor in one that does not end"
    assert json_text.count(b'{"b":1},' * 1000) == 5001


def test_fields_are_counted_before_they_are_parsed():
    request = predict_request("m", "s", version=3, x=np.zeros((5, 4)), text=[b"a", b"b", b"c"])
    request.output_filter.extend(["y", "z"])
    # The spec's 3 and a version's 1; per input name, type, shape, of each axis a size, and values.
    expected = (1 + 3 + 1) + 2 + (1 + 2 + 3 + 2 * 2) + (1 + 2 + 4 + 1 * 2 + 1)
    data = request.SerializeToString()
    found = wire.count_fields(data, request.DESCRIPTOR)
    assert abs(found - expected) <= 2
    for end in range(len(data)):
        assert wire.count_fields(data[:end], request.DESCRIPTOR) <= found
    many = wire.count_fields(b"\x12\0" * 10**7, request.DESCRIPTOR)
    assert wire.MAX_FIELDS < many < wire.MAX_FIELDS + 10
    # Of no kind, too long, or with groups: what the parser refuses must end here, too.
    for data in (b"\xff" * 99, b"\x0f", b"\x12\xff\xff\xff\xff\x7f", b"\x1b\x12\0\x1c"):
        assert wire.count_fields(data, request.DESCRIPTOR) <= 5


def test_rows_of_json_are_counted_before_they_are_arrays():
    inputs = {"x": None, "y": None}
    for document, expected in [
        ({"instances": [1, 2, 3]}, (3, 3)),
        ({"inputs": {"x": [1, 2], "y": [[3]]}}, (2, 1)),
        ({"inputs": [1, 2]}, (2, 2)),
    ]:
        found = rest_json.batch_sizes(document, inputs)
        assert found == {name: (size,) for name, size in zip("xy", expected, strict=True)}
    for value in ({"inputs": {"b64": "AA=="}}, {"inputs": 1}, {"inputs": {"z": 1}}):
        assert rest_json.batch_sizes(value, inputs) == {"x": (), "y": ()}


def test_memory_is_given_back_once_for_what_ends_at_once(monkeypatch):
    calls = []
    monkeypatch.setattr(memory, "_TRIM", calls.append)
    monkeypatch.setattr(memory, "_PAUSE", 0.01)

    async def end_some():
        kept = memory.Memory()
        for _ in range(2):
            for _ in range(100):
                kept.give_back()
            await asyncio.sleep(0.2)

    asyncio.run(end_some())
    assert calls == [0, 0]


@pytest.mark.parametrize(
    "message, expected",
    [
        ("No file at: /home/ann/models/x.pb", "No file at: .../x.pb"),
        ("exist: /tmp/m/1/{a.pb|b.pb}; '/root/y'", "exist: .../{a.pb|b.pb}; '.../y'"),
        ("/etc", ".../etc"),
        ("3 / 4, node a/b/c, N/A, http://x/y", "3 / 4, node a/b/c, N/A, http://x/y"),
    ],
)
def test_answers_tell_no_directories(message, expected):
    assert without_directories(message) == expected


def test_lines_of_the_log_are_one_line_of_bounded_length():
    assert log_line("a model\n\x1b[31m") == "a model  [31m"
    assert log_line("x" * 10**6) == "x" * 1000 + "...TRUNCATED"
