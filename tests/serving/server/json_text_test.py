"""What RapidJSON, TF Serving's parser, says.

Sources, in tensorflow_serving/: J is util/json_tensor.cc, T is util/json_tensor_test.cc.
"""

import json

import grpc
import pytest

from tfgan_apps.serving.server import json_text
from tfgan_apps.serving.server.status import StatusError


def message_of(body):
    with pytest.raises(StatusError) as raised:
        json_text.parse(body)
    assert raised.value.code == grpc.StatusCode.INVALID_ARGUMENT
    return raised.value.message


# RapidJSON's reader.h: ParseStream's IterativeParse, and error/en.h.
@pytest.mark.parametrize(
    "body, expected",
    [
        ("  ", "The document is empty. at offset: 2"),
        ("}", "The document is empty. at offset: 0"),
        ("instances = [1, 2]", "Invalid value. at offset: 0"),
        ('{"instances": [1, 2', "Missing a comma or ] after an array element. at offset: 19"),
        ('{"a": [1 2]}', "Missing a comma or ] after an array element. at offset: 9"),
        ('{"a": {"b": 1 "c": 2}}', "Missing a comma or } after an object member. at offset: 14"),
        ('{"é": 1 2}', "Missing a comma or } after an object member. at offset: 9"),
        ("{instances: [1]}", "Missing a name for object member. at offset: 1"),
        ("{'instances': [1]}", "Missing a name for object member. at offset: 1"),
        ('{"instances" [1]}', "Missing a colon after a name of object member. at offset: 13"),
        ('{"a": ', "Invalid value. at offset: 6"),
        ('{"a": undefined}', "Invalid value. at offset: 6"),
        ('{"a": "abc', "Missing a closing quotation mark in string. at offset: 10"),
        ('{"a": "\n"}', "Invalid encoding in string. at offset: 7"),
        ('{"a": "\\x"}', "Invalid escape character in string. at offset: 7"),
    ],
)
def test_errors_of_the_parser(body, expected):
    assert message_of(body.encode()) == f"JSON Parse error: {expected}"


@pytest.mark.parametrize(
    "body, expected", [('{"a": [1,]}', "Invalid value"), ('{"a": 1,}', "name for")]
)
def test_trailing_commas_are_refused(body, expected):
    assert expected in message_of(body.encode())


@pytest.mark.parametrize(
    "body, expected",
    [
        # J ParseJson
        (b"", "JSON Parse error: The document is empty"),
        (b"[1]", "JSON Value: [1] Is not object"),
        (b'"text"', 'JSON Value: "text" Is not object'),
        (b" null", "JSON Value: null Is not object"),
        # Differences: what Python's parser does not do; T DeeplyNestedWellFormed
        (b"[" * 100_000, "JSON Parse error: nested too deeply."),
        (b"1" * 5000, "JSON Parse error: Number too big to be stored in double."),
    ],
)
def test_what_is_no_object(body, expected):
    assert message_of(body) == expected


def test_what_follows_the_object_is_not_read():
    # J kParseStopWhenDoneFlag
    assert json_text.parse(b'\n {"a": NaN, "b": [-Infinity]} {').keys() == {"a", "b"}


def test_long_values_are_cut():
    # J kMaxJsonDebugStringBytes: no token begins after 256 bytes
    shown = json_text.shown({"other": list(range(100_000))})
    assert 256 <= len(shown) < 262 and shown.startswith('{\n    "other": [0, 1, 2, ')
    assert json_text.shown("A" * 10**6) == '"' + "A" * 256 + '..."'
    assert len(json_text.shown({"a": [{"b": []}] * 1000})) < 300


def test_body_of_an_error():
    # T MakeJsonFromTensors.StatusError
    assert json.loads(json_text.error('Bad key: "key"')) == {"error": 'Bad key: "key"'}
    assert json_text.error("Bad key: 'key'") == b'{\n    "error": "Bad key: \'key\'"\n}'
    assert json.loads(json_text.error("\udcff é")) == {"error": "? é"}
