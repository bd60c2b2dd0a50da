"""What TF Serving's util/json_tensor_test.cc expects of answers.

Sources, in tensorflow_serving/: J is util/json_tensor.cc, T is util/json_tensor_test.cc.
"""

import base64
import json
import math

import grpc
import numpy as np
import pytest

from tfgan_apps.serving.server import rest_json
from tfgan_apps.serving.server.status import StatusError

INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "outputs, row, column",
    [
        # T FromJsonSingleTensor, FromJsonSingleScalarTensor
        ({"i": np.int32([[[1, 2]], [[7, 8]]])}, "[[[1, 2]], [[7, 8]]]", "[[[1, 2]], [[7, 8]]]"),
        ({"i": np.uint8([1, 2, 3])}, "[1, 2, 3]", "[1, 2, 3]"),
        # T FromJsonSingleBytesTensor
        (
            {"s_bytes": np.array([[b"hello", b"world"], [b"tf", b"a\0"]], object)},
            '[[{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}], [{"b64": "dGY="}, {"b64": "YQA="}]]',
            '[[{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}], [{"b64": "dGY="}, {"b64": "YQA="}]]',
        ),
        # T FromJsonSingleFloatTensorSixDigitPrecision
        (
            {"f": np.float32([[9000000, 999999, 0.5], [0.0003, 0.00003, 555557.5]])},
            "[[9e+06, 999999.0, 0.5], [0.0003, 3e-05, 555557.5]]",
            "[[9e+06, 999999.0, 0.5], [0.0003, 3e-05, 555557.5]]",
        ),
        # T FromJsonSingleFloatTensorNonFinite
        (
            {"f": np.float32([[math.nan, math.inf], [3, -math.inf]])},
            "[[NaN, Infinity], [3.0, -Infinity]]",
            "[[NaN, Infinity], [3.0, -Infinity]]",
        ),
        # J WriteDecimal: 9 and 17 digits where 6 do not come back
        ({"f": np.float32([0.2, 1 / 3])}, "[0.2, 0.333333343]", "[0.2, 0.333333343]"),
        ({"d": np.array([0.2, 1 / 3])}, "[0.2, 0.33333333333333331]", "[0.2, 0.33333333333333331]"),
        # T FromJsonMultipleNamedTensors
        (
            {
                "d": np.array([8.0, 9.0]),
                "i": np.int64([[1, 2], [7, 8]]),
                "s": np.array([["foo"], ['b"r\n']], object).astype(bytes).astype(object),
                "s_bytes": np.array([b"hello", b"tf"], object),
                "t": np.array([True, False]),
            },
            '[{"d": 8.0, "i": [1, 2], "s": ["foo"], "s_bytes": {"b64": "aGVsbG8="}, "t": true}, '
            '{"d": 9.0, "i": [7, 8], "s": ["b\\"r\\n"], "s_bytes": {"b64": "dGY="}, "t": false}]',
            '{"d": [8.0, 9.0], "i": [[1, 2], [7, 8]], "s": [["foo"], ["b\\"r\\n"]], '
            '"s_bytes": [{"b64": "aGVsbG8="}, {"b64": "dGY="}], "t": [true, false]}',
        ),
        # T FromJsonSingleZeroBatchTensor, FromJsonMultipleZeroBatchTensors
        ({"i": np.zeros([0, 2], np.int32)}, "[]", "[]"),
        (
            {"s": np.zeros([0, 1, 2], object), "f": np.zeros([0, 3], np.float32)},
            "[]",
            '{"s": [], "f": []}',
        ),
        ({"i": np.zeros([2, 0], np.int32)}, "[[], []]", "[[], []]"),
    ],
)
def test_answers(outputs, row, column):
    # Numbers are compared as texts, as T CompareJsonAllValuesAsStrings does.
    read = {"parse_float": str, "parse_int": str, "parse_constant": str}
    for is_row, key, expected in [(True, "predictions", row), (False, "outputs", column)]:
        found = json.loads(rest_json.answer(outputs, is_row), **read)
        assert found == {key: json.loads(expected, **read)}


def test_scalars_are_written_in_column_format():
    assert json.loads(rest_json.answer({"x": np.float32(0.5)}, False)) == {"outputs": 0.5}
    png = base64.b64encode(b"\x89PNG\0\0").decode()
    assert json.loads(rest_json.answer({"x_bytes": b"\x89PNG\0\0"}, False)) == {
        "outputs": {"b64": png}
    }


def test_text_outputs_keep_their_bytes():
    assert b'["\xff\xe9"' in rest_json.answer({"text": np.array([b"\xff\xe9"], object)}, True)


@pytest.mark.parametrize(
    "outputs, expected",
    [
        # T FromJsonSingleTensorErrors
        ({}, "Cannot convert empty tensor map to JSON"),
        ({"x": np.complex64([1, 2])}, "Failed to write JSON value for tensor type: complex64"),
        ({"x": np.float16([1, 2])}, "Failed to write JSON value for tensor type: half"),
        ({"x": np.int32(1)}, "Tensor name: x has no shape information "),
        # T FromJsonMultipleNamedTensorsErrors, FromJsonMultipleZeroBatchTensorsErrors
        (
            {"i": np.zeros([2, 3], np.int32), "s": np.zeros([1, 3], np.int32)},
            "Tensor name: s has inconsistent batch size: 1 expecting: 2",
        ),
    ],
)
def test_errors_of_answers(outputs, expected):
    with pytest.raises(StatusError) as raised:
        rest_json.answer(outputs, True)
    assert (raised.value.code, raised.value.message) == (INVALID, expected)
