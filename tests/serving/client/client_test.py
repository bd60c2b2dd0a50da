"""The client asks real servers: the local one, and tiny ones that fail as they are told."""

import concurrent.futures
import socket
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf

from tests.serving import flaky_servers, tiny_server
from tfgan_apps.serving.client import Client, ServingError

BOTH = pytest.mark.parametrize("protocol", ["grpc", "rest"])


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    with tiny_server.serving(tmp_path_factory.mktemp("models")) as addresses:
        yield addresses


@pytest.fixture
def connect(addresses):
    """Makes a client of the tiny model: (protocol, **options of `Client`)."""
    clients = []

    def connect(protocol, **options):
        clients.append(Client(addresses[protocol], "tiny", protocol, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@BOTH
def test_images_come_back_translated(connect, picture, protocol):
    images = [picture(8, 12), picture(40, 30)]
    files = [tf.io.encode_png(image).numpy() for image in images]
    answer = connect(protocol).predict({"image_bytes": files})
    assert list(answer) == ["image_bytes"]
    assert answer["image_bytes"].dtype == object
    for file, image in zip(answer["image_bytes"], images, strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(file), 255 - image)


@BOTH
def test_every_kind_of_value(connect, protocol):
    # The second text would lose its end as a string of NumPy.
    inputs = {"text": ["grün \u2028", b"\xff\0\0"], "seed": [-3, 2**31 - 1]}
    if protocol == "rest":
        inputs["text"][1] = b"plain\0\0"  # `text` has no way to be other than UTF-8 there
    answer = connect(protocol, signature="tell").predict(inputs)
    texts = [inputs["text"][0].encode(), inputs["text"][1]]
    assert answer["raw_bytes"].tolist() == texts
    assert answer["text"].tolist() == [texts[0] + b":-3", texts[1] + b":2147483647"]
    assert answer["halves"].dtype == np.float32
    np.testing.assert_array_equal(answer["halves"], np.float32([[-1.5, 0], [2.0**30, 0]]))


# gRPC's own limit is 4 MB.
@pytest.mark.parametrize("protocol, side", [("grpc", 1200), ("rest", 8)])
def test_arrays(connect, protocol, side):
    image = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), np.uint8)
    answer = connect(protocol, signature="uint8").predict({"image": image})
    assert answer["image"].dtype == np.uint8
    np.testing.assert_array_equal(answer["image"], 255 - image)


@BOTH
def test_an_empty_batch(connect, protocol):
    assert connect(protocol).predict({"image_bytes": []})["image_bytes"].shape == (0,)


def test_metadata_and_status_are_the_same_over_both(connect):
    grpc_client, rest_client = connect("grpc"), connect("rest")
    signatures = grpc_client.metadata()
    assert rest_client.metadata() == signatures
    assert {"serving_default", "uint8", "tell", "paint"} <= set(signatures)
    assert set(signatures["tell"].inputs) == {"text", "seed"}
    (status,) = grpc_client.status()
    assert rest_client.status() == [status]
    assert (status.version, status.state) == (1, status.AVAILABLE)


@BOTH
@pytest.mark.parametrize(
    "options, code",
    [
        ({"version": 7}, grpc.StatusCode.NOT_FOUND),
        ({"label": "no/such label"}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_a_version_that_is_not_there(connect, protocol, options, code):
    with pytest.raises(ServingError) as error:
        connect(protocol, **options).predict({"image_bytes": []})
    assert error.value.code is code
    assert str(error.value).startswith(f"{code.name}: ")


@BOTH
def test_the_version_is_asked_that_is_named(connect, protocol):
    assert connect(protocol, version=1).predict({"image_bytes": []})["image_bytes"].shape == (0,)


@BOTH
@pytest.mark.parametrize(
    "signature, inputs, message",
    [
        ("nothing", {"seed": [1]}, '"nothing" not found'),
        ("paint", {"seeds": [1]}, "INVALID_ARGUMENT: .*seed"),
        ("tell", {"seed": [1]}, "INVALID_ARGUMENT: .*text"),
        ("serving_default", {"image_bytes": [b"broken"]}, "INVALID_ARGUMENT: Unknown image file"),
    ],
)
def test_errors_are_the_servers_own(connect, protocol, signature, inputs, message):
    with pytest.raises(ServingError, match=message):
        connect(protocol, signature=signature).predict(inputs)


@pytest.mark.parametrize(
    "name, values, message",
    [
        ("seed", [2**31], r"seed must be .*int32.*Received: \[2147483648\]"),
        ("seed", [2**70], "seed must be .*int32"),
        ("seed", [1.5], r"Received: \[1.5\]"),
        ("seed", [float("nan")], r"Received: \[nan\]"),
        ("seed", [[1], [2, 3]], "seed must be .*int32"),
        ("text", [3], r"text must be bytes or str. Received: \[3\]"),
    ],
)
def test_values_that_the_declared_dtype_does_not_hold(connect, name, values, message):
    client = connect("grpc", signature="tell")
    with pytest.raises(ValueError, match=message):
        client.predict({"text": ["a"], "seed": [1], name: values})


@pytest.mark.parametrize(
    "options, message",
    [
        ({"protocol": "http"}, "protocol must be 'grpc' or 'rest'. Received: protocol='http'"),
        ({"version": 1, "label": "a"}, "version or label must be None. Received: version=1"),
        ({"label": ""}, "label must not be empty. Received: label=''"),
        ({"deadline": 0}, "deadline must be positive"),
        ({"deadline": float("nan")}, "deadline must be positive"),
        ({"retries": -1}, "retries=-1"),
    ],
)
def test_arguments_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        Client("localhost:1", "tiny", **options)


FLAKY = {"grpc": flaky_servers.over_grpc, "rest": flaky_servers.over_rest}
UNAVAILABLE = {
    "grpc": [grpc.StatusCode.UNAVAILABLE] * 2,
    "rest": [(503, {"error": "as it was told"})] * 2,
}


def ask(client):
    return client.predict({"seed": [7]})["seed"].tolist()


@BOTH
def test_an_unavailable_server_is_asked_again_and_that_is_said_once(protocol):
    said = []
    with FLAKY[protocol](UNAVAILABLE[protocol]) as (server, address):
        with Client(address, "m", protocol, report=said.append) as client:
            assert ask(client) == [7]
    assert server.asked == 3
    (line,) = said
    assert line.startswith(f"{address} is not available, trying again up to 5 times, for at most ")


@BOTH
def test_only_so_many_times(protocol):
    with FLAKY[protocol](UNAVAILABLE[protocol]) as (server, address):
        with Client(address, "m", protocol, retries=1) as client:
            with pytest.raises(ServingError, match="UNAVAILABLE: as it was told"):
                ask(client)
    assert server.asked == 2


@BOTH
def test_not_beyond_the_deadline(protocol):
    with FLAKY[protocol](UNAVAILABLE[protocol]) as (server, address):
        with Client(address, "m", protocol) as client:
            client.metadata()
            client.deadline = 0.24  # the first wait is 0.25 seconds at least
            with pytest.raises(ServingError, match="UNAVAILABLE: as it was told"):
                ask(client)
    assert server.asked == 1


def test_an_answer_that_drips_is_not_read_beyond_the_deadline():
    with flaky_servers.over_rest(pause=0.05) as (_, address):  # each read is in time, all are not
        with Client(address, "m", "rest", deadline=0.3) as client:
            with pytest.raises(ServingError, match="DEADLINE_EXCEEDED: the answer was still"):
                client.metadata()


@BOTH
def test_any_other_error_is_raised_at_once(protocol):
    failure = {"grpc": grpc.StatusCode.INTERNAL, "rest": (500, {"error": "as it was told"})}
    with FLAKY[protocol]([failure[protocol]]) as (server, address):
        with Client(address, "m", protocol) as client:
            with pytest.raises(ServingError, match="INTERNAL: as it was told"):
                ask(client)
    assert server.asked == 1


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return reserved.getsockname()[1]


@BOTH
def test_a_server_that_comes_up_later_is_waited_for(protocol):
    port = free_port()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with Client(f"127.0.0.1:{port}", "m", protocol) as client:
            answer = pool.submit(ask, client)
            time.sleep(0.5)
            assert not answer.done(), answer.exception()
            with FLAKY[protocol](port=port):
                assert answer.result() == [7]


@BOTH
def test_nobody_there(protocol):
    with Client(f"127.0.0.1:{free_port()}", "m", protocol, retries=0) as client:
        with pytest.raises(ServingError, match="UNAVAILABLE: .*refused"):
            client.status()


def test_grpc_to_a_port_of_rest_is_told_at_once(addresses):
    with Client(addresses["rest"].removeprefix("http://"), "tiny") as client:
        with pytest.raises(ServingError, match="FAILED_PRECONDITION: .* answers, but not gRPC"):
            client.status()


@BOTH
def test_a_server_that_is_silent_costs_the_deadline_and_no_more(protocol):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with Client(address, "m", protocol, deadline=0.5) as client:
            with pytest.raises(ServingError) as error:
                client.status()
    assert error.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize(
    "answer, message",
    [
        ((200, b"<html>"), "UNKNOWN: this is no answer of TensorFlow Serving"),
        ((200, {"predictions": [1]}), "UNKNOWN: this is no answer .* KeyError: 'outputs'"),
        ((200, []), "UNKNOWN: this is no answer of TensorFlow Serving"),
        ((200, {"outputs": ["x"]}), "UNKNOWN: this is no answer .* ValueError"),
        ((200, {"outputs": [2**31]}), "UNKNOWN: this is no answer .* OverflowError"),
        ((200, b"[" * 100_000), "UNKNOWN: this is no answer .* RecursionError"),
        ((502, b"a proxy's page"), "UNKNOWN: 502 Bad Gateway: a proxy's page"),
        ((413, {"error": "too large"}), "RESOURCE_EXHAUSTED: too large"),
    ],
)
def test_other_answers_over_http(answer, message):
    with flaky_servers.over_rest([answer]) as (server, address):
        with Client(f"http://{address}/", "m", "rest") as client:
            with pytest.raises(ServingError, match=message):
                ask(client)
    assert server.asked == 1


@pytest.mark.parametrize(
    "signature, outputs, message",
    [
        ("tell", [1], "AttributeError"),
        ("tell", [{"b64": "abc"}], "Incorrect padding"),
        ("tell_both", [1], "AttributeError"),
    ],
)
def test_answers_of_another_type_over_http(signature, outputs, message):
    with flaky_servers.over_rest([(200, {"outputs": outputs})]) as (_, address):
        with Client(address, "m", "rest", signature=signature) as client:
            with pytest.raises(ServingError, match=f"UNKNOWN: this is no answer .*{message}"):
                ask(client)


def test_a_connection_that_breaks_off_is_unavailable():
    with flaky_servers.over_rest(announced=10_000) as (_, address):
        with Client(address, "m", "rest", retries=0) as client:
            with pytest.raises(ServingError, match="UNAVAILABLE: .*IncompleteRead"):
                ask(client)
