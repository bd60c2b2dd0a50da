"""What TF Serving's http_rest_api_handler_test.cc and api_rest.md expect, over HTTP.

Sources, in tensorflow_serving/: H is model_servers/http_rest_api_handler.cc, HT its _test.cc, U is
model_servers/http_rest_api_util.cc, UT its _test.cc; S is model_servers/http_server.cc, C is
model_servers/server_core.cc, G is model_servers/get_model_status_impl.cc, E is
util/net_http/server/internal/evhttp_server.cc, D is g3doc/api_rest.md.
"""

import base64
import concurrent.futures
import contextlib
import http.client
import json

import pytest

from tests.serving.server import rest_models
from tests.serving.server.rest_models import ESCAPED, HALF, PREDICT, SIGNATURES, ask, error_of
from tfgan_apps.serving.server.local_server import LocalServer

MANY = "/v1/models/many:predict"
ONE = {"instances": [1]}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    config = rest_models.write(tmp_path_factory.mktemp("models"))
    with LocalServer(config, drain_seconds=5, allow_origin=["http://localhost:3000"]) as started:
        yield started


# HT Predict, D "Predict API"
@pytest.mark.parametrize(
    "path, body, expected",
    [
        (PREDICT, {"instances": [[1.0, 2.0], [3.0, 4.0]]}, {"predictions": [[2.5, 3], [3.5, 4]]}),
        (
            f"/v1/models/{HALF}/versions/123:predict",
            {"instances": [1, 2]},
            {"predictions": [2.5, 3]},
        ),
        (
            f"/v1/models/{HALF}/labels/stable:predict",
            {"instances": [1, 2]},
            {"predictions": [2.5, 3]},
        ),
        (
            f"/v1/models/{HALF}/versions/123:predict",
            {"signature_name": "serving_default", "instances": [3.0, 4.0]},
            {"predictions": [3.5, 4.0]},
        ),
        (
            f"/v1/models/{HALF}/versions/123:predict",
            {"signature_name": "serving_default", "inputs": [3.0, 4.0]},
            {"outputs": [3.5, 4.0]},
        ),
        (PREDICT, {"inputs": {"x": 3.0}}, {"outputs": 3.5}),
        # U: the grammar overlooks the case; UT: names are percent-encoded
        (f"/V1/Models/{HALF}/Versions/123:predict", {"instances": [1]}, {"predictions": [2.5]}),
        (f"/v1/models/{ESCAPED}:predict", {"instances": [1]}, {"predictions": [2.5]}),
        # D "Response format" and "Output of binary values"
        (
            MANY,
            {
                "instances": [
                    {"tag": "foo", "signal": [1, 2]},
                    {"tag": {"b64": "YmE="}, "signal": [3, -4]},
                ]
            },
            {
                "predictions": [
                    {
                        "mean": 1.5,
                        "positive": [True, True],
                        "raw_bytes": {"b64": "Zm9v"},
                        "tag": "FOO",
                    },
                    {
                        "mean": -0.5,
                        "positive": [True, False],
                        "raw_bytes": {"b64": "YmE="},
                        "tag": "BA",
                    },
                ]
            },
        ),
        (
            MANY,
            {"inputs": {"tag": ["foo"], "signal": [[1, 2]]}},
            {
                "outputs": {
                    "mean": [1.5],
                    "positive": [[True, True]],
                    "raw_bytes": [{"b64": "Zm9v"}],
                    "tag": ["FOO"],
                }
            },
        ),
    ],
)
def test_predict(server, path, body, expected):
    status, content_type, found = ask(server.rest_port, "POST", path, body)
    assert (status, content_type, json.loads(found)) == (200, "application/json", expected)


def status_of(*versions):
    """D "Start ModelServer with the REST API endpoint" and HT GetStatus, character by character."""
    rows = ",\n".join(
        f"""  {{
   "version": "{version}",
   "state": "AVAILABLE",
   "status": {{
    "error_code": "OK",
    "error_message": ""
   }}
  }}"""
        for version in versions
    )
    return f'{{\n "model_version_status": [\n{rows}\n ]\n}}\n'


@pytest.mark.parametrize(
    "path, versions",
    [
        (f"/v1/models/{HALF}", (124, 123)),
        (f"/v1/models/{HALF}/versions/123", (123,)),
        # G: a label is not looked at, whatever D says
        (f"/v1/models/{HALF}/labels/stable", (124, 123)),
    ],
)
def test_status(server, path, versions):
    status, content_type, body = ask(server.rest_port, "GET", path)
    assert (status, content_type) == (200, "application/json")
    assert body.decode() == status_of(*versions)


@pytest.mark.parametrize(
    "choice, version", [("", "124"), ("/versions/123", "123"), ("/labels/stable", "123")]
)
def test_metadata(server, choice, version):
    # HT GetModelMetadata, U ToJsonString
    status, content_type, body = ask(server.rest_port, "GET", f"/v1/models/{HALF}{choice}/metadata")
    assert (status, content_type) == (200, "application/json")
    assert body.startswith(b'{\n"model_spec":{\n "name": ')
    assert json.loads(body) == {
        "model_spec": {"name": HALF, "signature_name": "", "version": version},
        "metadata": {"signature_def": {"signature_def": SIGNATURES}},
    }


@pytest.mark.parametrize(
    "method, path, body, status, message",
    [
        # HT UnsupportedApiCalls; H ProcessRequest
        *[
            (method, path, None, 400, f"Malformed request: {method} {path}")
            for method, path in [
                ("GET", "/v1/foo"),
                ("POST", "/v1/foo"),
                ("GET", "/v1/models/debug/model_name"),
                ("POST", "/v1/models"),
                ("GET", "/v1/models/foo:predict"),
                ("GET", "/v1/models/foo/version/50:predict"),
                ("POST", "/v1/models/foo/version/50:regress"),
                ("POST", "/v1/models/foo/versions/HELLO:regress"),
                ("POST", "/v1/models/foo/metadata"),
                ("POST", "/v1/models/foo/label/some_label:regress"),
                ("POST", "/v1/models/foo/versions/50/labels/some_label:regress"),
                ("POST", "/v1/models/foo/versions/some_label:regress"),
                # U: the query is part of the path; other methods have no grammar
                ("POST", f"{PREDICT}?key=1"),
                ("POST", f"/v1/models/{HALF}:PREDICT"),
                ("POST", f"/v1/models/{HALF}:generate"),
                ("PUT", PREDICT),
                ("PATCH", PREDICT),
                ("DELETE", f"/v1/models/{HALF}"),
            ]
        ],
        ("GET", "/v1/models", None, 400, "Missing model name in request."),
        (
            "GET",
            "/v1/models/metadata/metadata",
            None,
            404,
            "Servable not found for request: Latest(metadata)",
        ),
        (
            "POST",
            f"/v1/models/foo/versions/{2**64 - 1}:regress",
            ONE,
            400,
            f"Failed to convert version: {2**64 - 1} to numeric.",
        ),
        (
            "GET",
            f"/v1/models/foo/versions/{'9' * 5000}",
            None,
            400,
            f"Failed to convert version: {'9' * 5000} to numeric.",
        ),
        # S Dispatch and E DispatchEvRequest: a path outside of /v1/ is not found
        ("GET", "/", None, 404, "Malformed request: GET /"),
        ("GET", "/statuspage", None, 404, "Malformed request: GET /statuspage"),
        ("POST", "/v2/models/foo/infer", ONE, 404, "Malformed request: POST /v2/models/foo/infer"),
        # HT PredictModelNameVersionErrors; D, the last example
        (
            "POST",
            "/v1/models/half:predict",
            ONE,
            404,
            "Servable not found for request: Latest(half)",
        ),
        (
            "POST",
            "/v1/models/%FF%00:predict",
            ONE,
            404,
            "Servable not found for request: Latest(\ufffd\0)",
        ),
        (
            "POST",
            "/v1/models/foo/versions/50:predict",
            ONE,
            404,
            "Servable not found for request: Specific(foo, 50)",
        ),
        (
            "POST",
            f"/v1/models/{HALF}/versions/99:predict",
            ONE,
            404,
            f"Servable not found for request: Specific({HALF}, 99)",
        ),
        (
            "GET",
            "/v1/models/%FF/metadata",
            None,
            404,
            "Servable not found for request: Latest(\ufffd)",
        ),
        (
            "GET",
            f"/v1/models/{HALF}/versions/99/metadata",
            None,
            404,
            f"Servable not found for request: Specific({HALF}, 99)",
        ),
        # C GetModelVersionForLabel
        (
            "POST",
            f"/v1/models/{HALF}/labels/no_such_label:predict",
            {"instances": ["x", "y"]},
            400,
            "Unrecognized servable version label: no_such_label",
        ),
        (
            "GET",
            f"/v1/models/{HALF}/labels/a%20b/metadata",
            None,
            400,
            "Unrecognized servable version label: a b",
        ),
        # G
        ("GET", "/v1/models/foo", None, 404, "Could not find any versions of model foo"),
        (
            "GET",
            f"/v1/models/{HALF}/versions/99",
            None,
            404,
            f"Could not find version 99 of model {HALF}",
        ),
        # HT PredictRequestErrors
        ("POST", PREDICT, None, 400, "JSON Parse error: The document is empty"),
        (
            "POST",
            PREDICT,
            b"instances = [1, 2]",
            400,
            "JSON Parse error: Invalid value. at offset: 0",
        ),
        (
            "POST",
            PREDICT,
            {"instances": ["x", "y"]},
            400,
            "Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON "
            'Value: "x" Type: String is not of expected type: float',
        ),
        (
            "POST",
            PREDICT,
            {"signature_name": 100},
            400,
            'JSON Value: {\n    "signature_name": 100\n} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        # H ProcessPredictRequest: JSON is read before the model is looked for
        (
            "POST",
            "/v1/models/half:predict",
            b"{",
            400,
            "JSON Parse error: Missing a name for object member. at offset: 1",
        ),
        # H GetInfoMap
        (
            "POST",
            PREDICT,
            {"signature_name": "other", "instances": [1]},
            400,
            'Serving signature name: "other" not found in signature def',
        ),
        ("POST", PREDICT, {"signature_name": ""}, 400, "Missing 'inputs' or 'instances' key"),
        # util/json_tensor.cc FillTensorMapFromInstancesList, FillPredictRequestFromJson
        (
            "POST",
            MANY,
            {"instances": [{"tag": "a", "signal": [1, 2]}, {"tag": "a"}]},
            400,
            'Failed to process element: 1 of \'instances\' list. JSON object: {\n    "tag": "a"\n} '
            "keys must be equal to: signal,tag",
        ),
        (
            "POST",
            PREDICT,
            {"instances": 1},
            400,
            "JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an list/array",
        ),
        # S ProcessRequest
        ("OPTIONS", PREDICT, None, 400, "Origin header is missing in CORS preflight"),
        # A difference, said in rest.py
        *[
            (
                "POST",
                f"/v1/models/{HALF}:{verb}",
                {"signature_name": f"{verb}_x_to_y", "examples": [{"x": 80.0}]},
                501,
                f"This server answers predict alone; tensorflow_model_server does {verb}, too.",
            )
            for verb in ("regress", "classify")
        ],
    ],
)
def test_errors(server, method, path, body, status, message):
    assert error_of(server.rest_port, method, path, body) == (status, message)


def test_an_origin_makes_options_a_preflight(server):
    # S ProcessRequest
    headers = {"Origin": "http://localhost:3000"}
    assert ask(server.rest_port, "OPTIONS", PREDICT, headers=headers)[::2] == (200, b"")
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", PREDICT, json.dumps(ONE), headers)
        response = connection.getresponse()
        assert json.loads(response.read()) == {"predictions": [2.5]}
        assert response.getheader("Access-Control-Allow-Origin") == headers["Origin"]


def test_an_error_of_the_graph_is_the_clients(server):
    body = {"signature_name": "long", "instances": [-1]}
    status, message = error_of(server.rest_port, "POST", MANY, body)
    assert status == 400 and "-1" in message


def test_many_requests_over_one_connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=30)
    with contextlib.closing(connection):
        for number in range(20):
            bad = number % 3 == 0
            connection.request("POST", PREDICT, b"{" if bad else b'{"inputs": %d}' % number)
            response = connection.getresponse()
            found = json.loads(response.read())
            assert response.status == (400 if bad else 200)
            assert bad or found == {"outputs": number / 2 + 2}


def test_answers_do_not_mix(server):
    def one(number):
        text = base64.b64encode(str(number).encode() * 1000).decode()
        body = {"inputs": {"tag": [{"b64": text}], "signal": [[number, number]]}}
        found = json.loads(ask(server.rest_port, "POST", MANY, body)[2])
        return found["outputs"]["raw_bytes"] == [{"b64": text}] and found["outputs"]["mean"] == [
            number
        ]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(200)))
