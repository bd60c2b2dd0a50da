"""Requests that must be refused, each with its error, made at random.

A case is (function of a server that sends it and returns what comes, code, pattern of the message).
"""

import base64
import contextlib
import http.client
import json
import re
import socket

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from tests.serving.server.predict_request import predict_request

PREDICT = "/v1/models/negative:predict"
LIMIT_MB, HUGE = 32, 100_000_000
SETTINGS, GOAWAY, WINDOW_UPDATE = 4, 7, 8  # kinds of HTTP/2 frames
INVALID = grpc.StatusCode.INVALID_ARGUMENT
GOOD = tf.io.encode_png(np.arange(768, dtype=np.uint8).reshape(16, 16, 3)).numpy()


def refused(status, says, *args, **kwargs):
    """A REST request with its error: (HTTP status, pattern)."""

    def send(server):
        found, answer = server.rest(*args, **kwargs)
        assert list(answer) == ["error"]
        return found, answer["error"]

    return send, status, says


def refused_by_grpc(code, says, send):
    """A gRPC call with its error: (code, pattern)."""

    def call(server):
        with pytest.raises(grpc.RpcError) as raised:
            send(server)
        return raised.value.code(), raised.value.details()

    return call, code, says


def posted(status, says, body, path=PREDICT):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return refused(status, says, "POST", path, body)


def message(signature="", name="negative", **rest):
    return predict_request(name, signature, **rest)


def b64(data):
    return {"b64": base64.b64encode(data).decode()}


def good_body():
    return json.dumps({"instances": [b64(GOOD)]}).encode()


# Each of these makes one case with a random generator.


def json_cut_short(choose):
    return posted(400, "^JSON Parse error: ", good_body()[: choose.randrange(len(good_body()))])


def json_with_garbage(choose):
    garbage = choose.choice([b"'", b"}", b"{,", b"#", b"undefined", b"\xff\xfe", b"\0"])
    return posted(400, "^JSON Parse error: ", garbage + good_body())


def json_of_another_kind(choose):
    value = choose.choice([[1], "text", 1, None, True, []])
    return posted(400, "Is not object$", value)


def nested_json(choose):
    depth = choose.randrange(50_000, 200_000)
    return posted(400, "nested too deeply", b'{"inputs": ' + b"[" * depth)


def wrong_keys(choose):
    body, says = choose.choice(
        [
            ({}, "^Missing 'inputs' or 'instances' key$"),
            ({"images": [1]}, "^Missing 'inputs' or 'instances' key$"),
            ({"inputs": [1], "instances": [1]}, "expecting only one of"),
            ({"instances": {"x": 1}}, "Expecting 'instances' to be an list/array$"),
            ({"instances": []}, "No values in 'instances' array$"),
            ({"signature_name": choose.random(), "inputs": 1}, "must be a string value"),
        ]
    )
    return posted(400, says, body)


def wrong_names(choose):
    name = "".join(choose.choices('abcdefg_é"\\/', k=8))
    if choose.random() < 0.5:
        return posted(400, "^Missing named input: image_bytes", {"inputs": {name: b64(GOOD)}})
    return posted(400, "does not have named input", {"instances": [{name: b64(GOOD)}]})


def wrong_types(choose):
    if choose.random() < 0.5:
        value = choose.choice([1, 1.5, None, True, {}, {"b64": 1}, {"b64": "", "x": 1}])
        says = "not of expected type: string|not formatted correctly for base64"
        return posted(400, says, {"inputs": [value]})
    value = choose.choice([1.5, "1", None, False, 256, -1, 10**30, {"b64": ""}])
    body = {"signature_name": "uint8", "inputs": [[[[0, 0, value]]]]}
    return posted(400, "not of expected type: uint8$", body)


def wrong_base64(choose):
    bad = choose.choice(["a", "ab=", "a===", "!!!!", "YQ==YQ==", "é", "data:image/png;base64,YQ=="])
    return posted(400, "Unable to base64 decode$", {"instances": [{"b64": bad}]})


def wrong_shapes(choose):
    body, says = choose.choice(
        [
            ([[[[0, 0, 0], [0, 0]]]], "unexpected size: 2 at level: 3 expected size: 3"),
            ([[[[0, 0, 0]], [0]]], "unexpected size|incorrect level"),
            ([[[0, 0, 0], 0]], "incorrect level"),
            ([[[[0, 0, 0, 0]]]], "shape"),
            ([[0, 0, 0]], "shape"),
            (0, "shape"),
        ]
    )
    return posted(400, says, {"signature_name": "uint8", "inputs": body})


def large_and_wrong(choose):
    size = choose.randrange(3 << 19, 5 << 19)
    body, says = choose.choice(
        [
            (b'{"inputs": "' + b"A" * 3 * size, "^JSON Parse error: Missing a closing quotation"),
            (b'{"inputs": [[' + b"0," * size + b'"x"]]}', "not of expected type"),
            (json.dumps({"inputs": [b64(bytes(size))]}).encode(), broken_at(0)),
        ]
    )
    return posted(400, says, body)


def truncated_png(choose):
    files, says = files_with_broken_ones(choose)
    if choose.random() < 0.5:
        request = message(image_bytes=files)
        return refused_by_grpc(INVALID, says, lambda server: server.predict(request))
    return posted(400, says, {"instances": [b64(file) for file in files]})


def files_with_broken_ones(choose):
    """Returns files some of which are cut, and the pattern of the error that names their places."""
    broken = [choose.random() < 0.4 for _ in range(choose.randrange(4))] + [True]
    choose.shuffle(broken)
    files = [GOOD[: choose.randrange(len(GOOD) - 12)] if cut else GOOD for cut in broken]
    return files, broken_at(*[index for index, cut in enumerate(broken) if cut])


def broken_at(*indices):
    return rf"Received: broken files at index {', '.join(map(str, indices))}(?!\d|, \d)"


def unknown(choose):
    number = choose.randrange(2, 2**40)
    path, status, says = choose.choice(
        [
            (f"model-{number}", 404, r"^Servable not found for request: Latest\(model-\d+\)$"),
            (f"negative/versions/{number}", 404, r"request: Specific\(negative, \d+\)$"),
            (f"negative/versions/{2**63 + number}", 400, "^Failed to convert version: "),
            (f"negative/labels/l{number}", 400, r"^Unrecognized servable version label: l\d+$"),
        ]
    )
    return posted(status, says, good_body(), f"/v1/models/{path}:predict")


def unknown_signature(choose):
    name = f"signature{choose.random()}"
    says = f'^Serving signature name: "{re.escape(name)}" not found in signature def$'
    return posted(400, says, {"signature_name": name, "inputs": [b64(GOOD)]})


def unknown_version_to_read(choose):
    number = choose.randrange(2, 2**40)
    path, says = choose.choice(
        [
            (f"m{number}", "^Could not find any versions of model m"),
            (f"negative/versions/{number}", "^Could not find version .* of model negative$"),
            (f"m{number}/metadata", "^Servable not found for request: Latest"),
        ]
    )
    return refused(404, says, "GET", f"/v1/models/{path}")


def malformed_path(choose):
    method = choose.choice(["GET", "POST", "PUT", "DELETE", "PATCH"])
    path = choose.choice(["/v1/model/x", "/v1/models/a/b/c", "/v1/models/a/versions/x:predict"])
    says = f"^Malformed request: {method} {path}$"
    return refused(400, says, method, path, good_body() if method == "POST" else None)


def not_implemented(choose):
    verb = choose.choice(["classify", "regress"])
    return posted(501, verb, {"examples": [{"x": 1}]}, f"/v1/models/negative:{verb}")


def huge_body(choose):
    headers = {"Content-Length": str(HUGE)}
    pieces = (bytes(1 << 20) for _ in range(HUGE >> 20))
    rest = [bytes(HUGE & ((1 << 20) - 1))]
    body = (piece for source in (pieces, rest) for piece in source)
    if choose.random() < 0.5:
        headers = {"Transfer-Encoding": "chunked"}
        body = (b"%x\r\n%b\r\n" % (1 << 20, bytes(1 << 20)) for _ in range(HUGE >> 20))

    return refused(413, f"at most {LIMIT_MB << 20} bytes", "POST", PREDICT, body, headers)


def huge_length(choose):
    """The body does not even come."""

    def send(server):
        with contextlib.closing(server.connect(server.rest_port)) as client:
            length = choose.choice([HUGE, 2**31, 2**63])
            client.sendall(head(length))
            with contextlib.closing(http.client.HTTPResponse(client)) as response:
                response.begin()
                return response.status, json.loads(response.read())["error"]

    return send, 413, f"at most {LIMIT_MB << 20} bytes"


def no_http(choose):
    data = b"\x16\x03\x01" + choose.randbytes(60).replace(b"\n", b"") + b"\r\n\r\n"

    def send(server):
        with contextlib.closing(server.connect(server.rest_port)) as client:
            client.sendall(data)
            return received(client)[:12], ""

    return send, b"HTTP/1.0 400", ""


def head(length):
    """Returns the head of a request whose body has a length."""
    text = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    return text.encode()


def received(client):
    """Returns what comes until the server closes."""
    try:
        return b"".join(iter(lambda: client.recv(65536), b""))
    except ConnectionError:
        return b""


def no_grpc(choose):
    data = choose.choice(
        [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + bytes(99), choose.randbytes(4096)]
    )

    def send(server):
        with contextlib.closing(server.connect(server.grpc_port)) as client:
            client.sendall(data)
            kinds = frame_kinds(received(client))
            return set(kinds) <= {SETTINGS, GOAWAY, WINDOW_UPDATE}, str(kinds)

    return send, True, ""


def frame_kinds(data):
    """Returns the kinds of the HTTP/2 frames in what came: an answer would be HEADERS and DATA."""
    kinds = []
    while data:
        kinds.append(data[3])
        data = data[9 + int.from_bytes(data[:3]) :]
    return kinds


def cut_off(choose):
    """A client that leaves when most of a large body has come."""
    length = LIMIT_MB << 20
    sent = length - choose.randrange(1, length // 4)

    def send(server):
        with contextlib.closing(server.connect(server.rest_port)) as client:
            client.sendall(head(length))
            client.sendall(bytes(sent))
            if choose.random() < 0.5:  # The server may answer, or reset; nothing else can come.
                client.shutdown(socket.SHUT_WR)
                return received(client), ""
        return b"", ""

    return send, b"", ""


def half_open(choose):
    """A connection that stalls, with most of a request, and is there for long."""
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(good_body())}\r\n\r\n"
    )
    data = head.encode() + good_body()
    cut = choose.randrange(len(data))

    def send(server):
        if choose.random() < 0.3:
            server.stalled.append((server.connect(server.grpc_port), None))
            client = server.stalled[-1][0]
            client.sendall(b"PRI * HTTP/2.0\r\n")
            kinds = frame_kinds(client.recv(65536))
            return "waits" if kinds[0] == SETTINGS else kinds, ""
        server.stalled.append((server.connect(server.rest_port), data[cut:]))
        client = server.stalled[-1][0]
        client.sendall(data[:cut])
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        return "waits", ""

    return send, "waits", ""


def wrong_message(choose):
    image = np.zeros((1, 2, 2, 3), np.uint8)
    request, says = choose.choice(
        [
            (message(), "input size does not match signature: 0!=1"),
            (message(image=[GOOD]), "image_bytes"),
            (message(image_bytes=[GOOD], more=[1]), "Sent extra: {more}"),
            (message(image_bytes=[1.0]), "string but float is provided"),
            (message("uint8", image=image.astype(np.float32)), "uint8 but float is provided"),
            (message("uint8", image=image[0]), "shape"),
            (message("uint8", image=image[..., :1]), "shape"),
        ]
    )
    return refused_by_grpc(INVALID, says, lambda server: server.predict(request))


def unknown_to_grpc(choose):
    number = choose.randrange(2, 2**40)
    request, code, says = choose.choice(
        [
            (message(name=f"m{number}"), grpc.StatusCode.NOT_FOUND, r"Latest\(m"),
            (message(version=number), grpc.StatusCode.NOT_FOUND, r"Specific\(negative, "),
            (message(label=f"l{number}"), INVALID, "Unrecognized servable version label"),
            (message(f"s{number}"), grpc.StatusCode.FAILED_PRECONDITION, 'key "s.*" not found'),
            (predict_pb2.PredictRequest(), INVALID, "ModelSpec"),
        ]
    )
    request.inputs["image_bytes"].CopyFrom(tf.make_tensor_proto([GOOD]))
    return refused_by_grpc(code, says, lambda server: server.predict(request))


def undecodable_message(choose):
    data = b"\xff" * choose.randrange(1, 1000)
    method = choose.choice(["PredictionService/Predict", "ModelService/GetModelStatus"])
    return refused_by_grpc(
        grpc.StatusCode.INTERNAL, "serialized", lambda server: server.call(method, data)
    )


def unknown_method(choose):
    method = f"PredictionService/Do{choose.randrange(1000)}"
    return refused_by_grpc(
        grpc.StatusCode.UNIMPLEMENTED, "", lambda server: server.call(method, b"")
    )


def huge_message(choose):
    return refused_by_grpc(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "larger than max",
        lambda server: server.call("PredictionService/Predict", bytes(HUGE)),
    )
