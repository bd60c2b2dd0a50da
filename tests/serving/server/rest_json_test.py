"""What TF Serving's util/json_tensor_test.cc expects, and what that leaves open.

Sources, in tensorflow_serving/: J is util/json_tensor.cc, T is util/json_tensor_test.cc, D is
g3doc/api_rest.md.
"""

import json
import math
import random

import grpc
import numpy as np
import pytest
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import meta_graph_pb2

from tfgan_apps.serving.server import json_text, rest_json
from tfgan_apps.serving.server.status import StatusError

HELLO, WORLD = {"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}


def feeds(body, **dtypes):
    document = json_text.parse(body if isinstance(body, bytes) else json.dumps(body).encode())
    inputs = {
        name: meta_graph_pb2.TensorInfo(dtype=types_pb2.DataType.Value(f"DT_{dtype}"))
        for name, dtype in dtypes.items()
    }
    return rest_json.feeds(document, inputs)


def message_of(function, *args, **kwargs):
    with pytest.raises(StatusError) as raised:
        function(*args, **kwargs)
    assert raised.value.code == grpc.StatusCode.INVALID_ARGUMENT
    return raised.value.message


@pytest.mark.parametrize(
    "body, dtypes, expected",
    [
        # T SingleUnnamedTensor
        ({"instances": [[1, 2], [3, 4], [5, 6]]}, {"x": "INT32"}, {"x": [[1, 2], [3, 4], [5, 6]]}),
        # T MixedInputForFloatTensor
        ({"instances": [1, 2.0, 5.003]}, {"x": "FLOAT"}, {"x": np.float32([1, 2, 5.003])}),
        # T MixedInputForDoubleTensor
        ({"instances": [1.0, 2, 0.662]}, {"x": "DOUBLE"}, {"x": [1.0, 2, 0.662]}),
        # T FloatTensorWithPrecisionLoss
        ({"instances": [1435774380]}, {"x": "FLOAT"}, {"x": [1435774336.0]}),
        # T FloatTensorThatExceedsMaxReturnsInf, ...MinReturnsZero
        (
            {
                "instances": [
                    1.7976931348623157e308,
                    -1.7976931348623157e308,
                    2.2250738585072014e-308,
                ]
            },
            {"x": "FLOAT"},
            {"x": [math.inf, -math.inf, 0]},
        ),
        # T TensorFromNonNullTerminatedBuffer; J kParseStopWhenDoneFlag
        (b' {"instances": [[1,2],[3,4]]}X', {"x": "INT32"}, {"x": [[1, 2], [3, 4]]}),
        # T SingleUnnamedTensorBase64Scalars
        ({"instances": [HELLO, WORLD]}, {"x": "STRING"}, {"x": [b"hello", b"world"]}),
        # T SingleUnnamedTensorBase64Lists
        ({"instances": [[HELLO], [WORLD]]}, {"x": "STRING"}, {"x": [[b"hello"], [b"world"]]}),
        # T SingleNamedTensorBase64
        (
            {"instances": [{"x": [[HELLO], [WORLD]]}]},
            {"x": "STRING"},
            {"x": [[[b"hello"], [b"world"]]]},
        ),
        # T MultipleNamedTensor
        (
            b'{"instances": ['
            b'{"i": [[1,2],[3,4]], "s": ["foo", "bar"], "f": [1.0, NaN], "d": [NaN]},'
            b'{"i": [[7,8],[9,0]], "s": ["baz", "bat"], "f": [-Infinity, Infinity], "d": [2.0]}]}',
            {"i": "INT32", "s": "STRING", "f": "FLOAT", "d": "DOUBLE"},
            {
                "i": [[[1, 2], [3, 4]], [[7, 8], [9, 0]]],
                "s": [[b"foo", b"bar"], [b"baz", b"bat"]],
                "f": [[1, math.nan], [-math.inf, math.inf]],
                "d": [[math.nan], [2]],
            },
        ),
        # T SingleUnnamedTensorColumnarFormat, with and without the name
        ({"inputs": {"x": [[[1, 2], [3, 4]]]}}, {"x": "INT32"}, {"x": [[[1, 2], [3, 4]]]}),
        ({"inputs": [[[1, 2], [3, 4]]]}, {"x": "INT32"}, {"x": [[[1, 2], [3, 4]]]}),
        # T MultipleNamedTensorColumnarFormat
        (
            {"inputs": {"i": [[1, 2]], "s": ["foo", "bar"], "b": HELLO}},
            {"i": "INT64", "s": "STRING", "b": "STRING"},
            {"i": [[1, 2]], "s": [b"foo", b"bar"], "b": b"hello"},
        ),
        # D "Specifying input tensors in row format"
        ({"instances": ["foo", "bar", "baz"]}, {"x": "STRING"}, {"x": [b"foo", b"bar", b"baz"]}),
        ({"instances": [[[1, 2]], [[3, 4]]]}, {"x": "UINT8"}, {"x": [[[1, 2]], [[3, 4]]]}),
        # J GetDenseTensorShape: empty lists, scalars in column format
        ({"instances": [[], []]}, {"x": "FLOAT"}, {"x": np.zeros([2, 0])}),
        ({"inputs": []}, {"x": "STRING"}, {"x": np.zeros([0], object)}),
        ({"inputs": 3}, {"x": "INT8"}, {"x": 3}),
        # J FindMember: of two members with the same name the first
        (b'{"inputs": 1, "inputs": 2}', {"x": "INT16"}, {"x": 1}),
        # J AddValueToTensor: each integer dtype takes its whole range
        ({"inputs": [0, 2**64 - 1]}, {"x": "UINT64"}, {"x": np.uint64([0, 2**64 - 1])}),
        ({"inputs": [-(2**63), 2**63 - 1]}, {"x": "INT64"}, {"x": [-(2**63), 2**63 - 1]}),
        ({"inputs": [True, False]}, {"x": "BOOL"}, {"x": [True, False]}),
        # J kParseValidateEncodingFlag is not set: text need not be UTF-8
        (
            b'\xef\xbb\xbf{"inputs": ["\xff\xe9", "\\u00e9"]}',
            {"x": "STRING"},
            {"x": [b"\xff\xe9", "é".encode()]},
        ),
        # J absl::Base64Unescape: padding may be left out, white space is skipped
        ({"inputs": [{"b64": "aGVs\nbG8"}, {"b64": ""}]}, {"x": "STRING"}, {"x": [b"hello", b""]}),
    ],
)
def test_requests(body, dtypes, expected):
    found = feeds(body, **dtypes)
    assert found.keys() == expected.keys()
    for name, array in found.items():
        wanted = np.array(expected[name], array.dtype)
        assert array.shape == wanted.shape
        assert array.dtype == rest_json._DTYPES[types_pb2.DataType.Value(f"DT_{dtypes[name]}")]
        assert np.array_equal(array, wanted, equal_nan=array.dtype.kind == "f")


def at(where, error):
    return (
        f"Failed to process element: {where} of 'instances' list. Error: INVALID_ARGUMENT: {error}"
    )


BOTH = '{\n    "instances": [1],\n    "inputs": [1]\n}'


@pytest.mark.parametrize(
    "body, dtypes, expected",
    [
        # J FillTensorProto, AddInstanceItem; T SingleUnnamedTensorErrors
        (
            {"instances": [[1, 2], [3, 4], [5, 6, 7]]},
            {"x": "INT32"},
            at("2", "Expecting tensor size: 2 but got: 3"),
        ),
        (
            {"instances": [[1, 2], [3, 4], [[5, 6]]]},
            {"x": "INT32"},
            at("2", "Expecting shape [2] but got: [1,2]"),
        ),
        (
            {"instances": [1, [1]]},
            {"x": "INT32"},
            at("1", "Expecting shape [] but got: [1]"),
        ),
        (
            {"instances": [[1, 2], ["a", "b"]]},
            {"x": "INT32"},
            at("1", 'JSON Value: "a" Type: String is not of expected type: int32'),
        ),
        # T MultipleNamedTensorErrors
        (
            {"instances": [{"i": [[1], [2]], "s": "a"}, {"i": [[[1], [2]]], "s": "b"}]},
            {"i": "INT32", "s": "STRING"},
            at("1 key: i", "Expecting shape [2,1] but got: [1,2,1]"),
        ),
        (
            {"instances": [{"i": [1, 2], "s": "a"}, {"i": [1], "s": "b"}]},
            {"i": "INT32", "s": "STRING"},
            at("1 key: i", "Expecting tensor size: 2 but got: 1"),
        ),
        (
            {"instances": [{"i": 1, "s": "a"}, [1]]},
            {"i": "INT32", "s": "STRING"},
            "Expecting object but got list at item 1 of input list",
        ),
        (
            {"instances": [["baz"], {"s": ["baz"]}]},
            {"s": "STRING"},
            "Expecting value/list but got object at item 1 of input list",
        ),
        # J FillTensorMapFromInstancesList
        (
            {"instances": [[1, 2]]},
            {"i": "INT32", "s": "STRING"},
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map",
        ),
        (
            {"instances": [{"i": 1}]},
            {"i": "INT32", "s": "STRING"},
            "Failed to process element: 0 of 'instances' list. JSON object: {\n    \"i\": 1\n} "
            "keys must be equal to: i,s",
        ),
        (
            {"instances": [{"i": 1, "other": 1}]},
            {"i": "INT32"},
            at("0 key: other", "JSON object: does not have named input: other"),
        ),
        # J FillTensorMapFromInputsMap
        (
            {"inputs": [1]},
            {"i": "INT32", "s": "STRING"},
            "inputs is a plain value/list, but expecting an object as multiple input tensors "
            "required as per tensorinfo_map",
        ),
        (
            {"inputs": {"i": [1]}},
            {"i": "INT32", "s": "STRING"},
            "Missing named input: s in 'inputs' object.",
        ),
        # J FillTensorProto
        (
            {"inputs": [[1], 2]},
            {"x": "INT32"},
            "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
        ),
        (
            {"inputs": [1, [2]]},
            {"x": "INT32"},
            "Encountered list at unexpected level: 1 expected < 1",
        ),
        (
            {"inputs": [[1, 2], [3]]},
            {"x": "INT32"},
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        # J AddValueToTensor, TypeError, JsonTypeString
        *[
            (
                {"inputs": [value]},
                {"x": dtype},
                f"JSON Value: {json.dumps(value)} Type: {kind} is not of expected type: "
                f"{dtype.lower()}",
            )
            for value, kind, dtype in [
                (1.0, "Number", "INT32"),
                (2**31, "Number", "INT32"),
                (2**63, "Number", "INT64"),
                (-1, "Number", "UINT32"),
                (-1, "Number", "UINT64"),
                (256, "Number", "UINT8"),  # TF Serving wraps this one
                (True, "True", "INT32"),
                (False, "False", "FLOAT"),
                (None, "Null", "FLOAT"),
                ("1", "String", "DOUBLE"),
                (1, "Number", "BOOL"),
                (1, "Number", "STRING"),
            ]
        ],
        (
            {"inputs": [HELLO]},
            {"x": "FLOAT"},
            'JSON Value: {\n    "b64": "aGVsbG8="\n} Type: Object is not of expected type: float',
        ),
        # J Base64FormatError, JsonDecodeBase64Object
        (
            {"inputs": [{"base64": "aGVsbG8="}]},
            {"x": "STRING"},
            'JSON Value: {\n    "base64": "aGVsbG8="\n} not formatted correctly for base64 data',
        ),
        (
            {"inputs": [{"b64": "aGVsbG8=", "and": 1}]},
            {"x": "STRING"},
            'JSON Value: {\n    "b64": "aGVsbG8=",\n    "and": 1\n} not formatted correctly for '
            "base64 data",
        ),
        ({"inputs": [{"b64": "!"}]}, {"x": "STRING"}, "Unable to base64 decode"),
        ({"inputs": [{"b64": "aGVsbG8=="}]}, {"x": "STRING"}, "Unable to base64 decode"),
        ({"inputs": [{"b64": "aGVsb"}]}, {"x": "STRING"}, "Unable to base64 decode"),
        (
            {"instances": [HELLO, {"b64": "é"}]},
            {"x": "STRING"},
            at("1", "Unable to base64 decode"),
        ),
        # J FillPredictRequestFromJson
        ({"other": 1}, {"x": "INT32"}, "Missing 'inputs' or 'instances' key"),
        (
            {"instances": [1], "inputs": [1]},
            {"x": "INT32"},
            f"JSON Value: {BOTH} Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist ",
        ),
        (
            {"instances": 1},
            {"x": "INT32"},
            "JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an list/array",
        ),
        (
            {"instances": []},
            {"x": "INT32"},
            "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
        ),
        # Differences: what Python does not do
        (
            b'{"inputs": ' + b"[" * 65 + b"]" * 65 + b"}",
            {"x": "INT32"},
            "JSON lists may have 64 dimensions. Received: 65",
        ),
        (
            b'{"inputs": 1' + b"0" * 400 + b"}",
            {"x": "FLOAT"},
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            b'{"inputs": 1' + b"0" * 5000 + b"}",
            {"x": "FLOAT"},
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            b'{"inputs": "\\ud800"}',
            {"x": "STRING"},
            "JSON Parse error: The surrogate pair in string is invalid.",
        ),
    ],
)
def test_errors_of_requests(body, dtypes, expected):
    assert message_of(feeds, body, **dtypes) == expected


def test_name_of_the_signature():
    assert rest_json.signature_name({"inputs": 1}) == ""
    assert rest_json.signature_name({"signature_name": "uint8"}) == "uint8"
    # T JsonErrors; J FormatSignatureError
    assert message_of(rest_json.signature_name, {"signature_name": 5}) == (
        "JSON Value: {\n    \"signature_name\": 5\n} not formatted correctly. 'signature_name' key "
        "must be a string value."
    )


def test_a_dtype_that_json_does_not_have_is_unimplemented():
    # J AddValueToTensor
    with pytest.raises(StatusError, match=r"^UNIMPLEMENTED: Conversion of JSON Value: .* half$"):
        feeds({"inputs": 1.5}, x="HALF")


def test_any_json_is_fed_or_refused():
    generator = random.Random(0)
    kinds = ["INT32", "UINT8", "FLOAT", "STRING", "BOOL", "HALF"]

    def value(depth):
        leaves = [0, 1, -3, 300, 1.5, "text", True, None, HELLO, {}, {"x": 1}]
        if depth and generator.random() < 0.7:
            return [value(depth - 1) for _ in range(generator.randrange(4))]
        return generator.choice(leaves)

    refused = 0
    for _ in range(3000):
        key = generator.choice(["instances", "inputs"])
        rows = generator.choice([value(3), [value(2)] * 2, [{"x": value(1)}, {"x": value(1)}]])
        try:
            (array,) = feeds({key: rows}, x=generator.choice(kinds)).values()
            lengths, level = [], rows
            while isinstance(level, list):
                lengths.append(len(level))
                level = level[0] if level else None
            assert array.ndim >= len(lengths)
        except StatusError as error:
            refused += 1
            assert "must have the same keys" not in error.message, "the walk found nothing"
    assert 1000 < refused < 2900
