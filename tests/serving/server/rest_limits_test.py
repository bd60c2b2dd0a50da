"""Bodies that are too large, connections that hang, clients that leave, a queue that is full."""

import asyncio
import contextlib
import gc
import gzip
import http.client
import json
import socket
import threading
import tracemalloc
import zlib

import pytest
from aiohttp import web

from tests.serving.server import rest_models
from tests.serving.server.rest_models import HALF, PREDICT, ask, error_of
from tfgan_apps.serving.server import rest
from tfgan_apps.serving.server.callers import Callers
from tfgan_apps.serving.server.limits import DEFAULT, Limits
from tfgan_apps.serving.server.local_server import LocalServer
from tfgan_apps.serving.server.memory import Memory

LIMIT = 1 << 20
ONE = {"instances": [1]}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return rest_models.write(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def server(config):
    with LocalServer(config, max_request_bytes=LIMIT, drain_seconds=5) as started:
        yield started


@contextlib.contextmanager
def running(server, timeout):
    """Serves the models of a server once more, for clients that have little time."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    api = rest.RestApi(
        server.manager, server.workers, LIMIT, DEFAULT, Callers("127.0.0.1"), Memory(), timeout
    )

    async def start():
        runner = rest.make_runner(api.app, timeout, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    yield runner
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()


def head(length, more="", path=PREDICT):
    """Returns the head of a request, with the length of its body."""
    text = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{more}Content-Length: {length}\r\n\r\n"
    return text.encode()


def answered(client):
    """Returns what a client is answered that has sent a request by hand."""
    with contextlib.closing(http.client.HTTPResponse(client)) as response:
        response.begin()
        return json.loads(response.read())


def test_compressed_requests(server):
    # net_http/server/public/httpserver_interface.h: auto_uncompress_input is on
    headers = {"Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps(ONE).encode())
    assert ask(server.rest_port, "POST", PREDICT, body, headers)[0] == 200
    status, message = error_of(server.rest_port, "POST", PREDICT, b"no gzip", headers=headers)
    assert status == 400 and message.startswith("The body cannot be read: ")
    bomb = gzip.compress(b" " * 100 * LIMIT)
    assert len(bomb) < LIMIT
    status, message = error_of(server.rest_port, "POST", PREDICT, bomb, headers=headers)
    assert (status, message) == (413, f"The body must have at most {LIMIT} bytes.")
    cut = error_of(server.rest_port, "POST", PREDICT, body[:-9], headers=headers)
    assert cut == (400, "The body cannot be read: its packed data are incomplete")
    deflated = zlib.compress(json.dumps(ONE).encode())
    headers = {"Content-Encoding": "deflate"}
    assert ask(server.rest_port, "POST", PREDICT, deflated, headers)[0] == 200


def test_an_encoding_that_is_not_read(server):
    found = error_of(
        server.rest_port, "POST", PREDICT, b"packed", headers={"Content-Encoding": "br"}
    )
    expected = "Content-Encoding must be gzip, deflate or none. Received: br"
    assert found == (400, expected)


TOO_LARGE = (413, f"The body must have at most {LIMIT} bytes.")


def test_large_bodies_are_refused(server):
    fitting = b" " * (LIMIT - 18) + b'{"instances": [1]}'
    assert ask(server.rest_port, "POST", PREDICT, fitting)[0] == 200
    assert error_of(server.rest_port, "POST", PREDICT, fitting + b" ") == TOO_LARGE
    chunked = error_of(
        server.rest_port,
        "POST",
        PREDICT,
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(fitting) + 1, fitting + b" "),
        headers={"Transfer-Encoding": "chunked"},
    )
    assert chunked == TOO_LARGE


@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
def test_a_large_body_is_refused_before_it_comes(server, connect, expect):
    client = connect(server.rest_port)
    client.sendall(head(100000000, expect))
    with contextlib.closing(http.client.HTTPResponse(client)) as response:
        response.begin()  # a "100 Continue" would be passed over, and then nothing come
        assert (response.status, json.loads(response.read())["error"]) == TOO_LARGE


def test_a_body_that_is_asked_for_is_taken(server, connect):
    body = json.dumps(ONE).encode()
    client = connect(server.rest_port)
    client.sendall(head(len(body), "Expect: 100-continue\r\n"))
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(body)
    assert answered(client) == {"predictions": [2.5]}
    refused = error_of(server.rest_port, "POST", PREDICT, body, headers={"Expect": "200-ok"})
    assert refused == (417, "Expect: 100-continue is all that is understood.")


def test_a_full_queue_answers_at_once(config):
    with LocalServer(config, threads=1, max_queue=0, drain_seconds=5) as server:
        leave = threading.Event()
        busy = server.workers.submit("rest", leave.wait, 30)
        status, message = error_of(server.rest_port, "POST", PREDICT, ONE)
        assert status == 503 and message.startswith("The server is busy")
        assert ask(server.rest_port, "GET", f"/v1/models/{HALF}")[0] == 200
        leave.set()
        assert busy.result(30)
        assert ask(server.rest_port, "POST", PREDICT, ONE)[0] == 200


@pytest.mark.parametrize(
    "sent, answered",
    [
        (b"", b""),
        (b"POST /v1/mod", b""),
        (f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Le".encode(), b""),
        (
            f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{{".encode(),
            b"The body did not come in 0.3 seconds.",
        ),
        (
            b"POST /v1/models/m:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
            b"The body did not come in 0.3 seconds.",
        ),
    ],
)
def test_half_open_connections_are_closed(server, connect, sent, answered):
    with running(server, timeout=0.3) as runner:
        client = connect(runner.addresses[0][1])
        client.sendall(sent)
        received = b"".join(iter(lambda: client.recv(65536), b""))  # to the end, or a timeout
        assert answered in received
        assert received[:12] == (b"HTTP/1.1 408" if answered else b"")


def test_a_client_that_does_not_read_is_left(server, connect, wait_until):
    body = json.dumps({"signature_name": "long", "inputs": [2_000_000]}).encode()
    with running(server, timeout=0.3) as runner:
        client = connect(runner.addresses[0][1])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        client.sendall(head(len(body), path="/v1/models/many:predict") + body)
        wait_until(lambda: runner.server.connections)
        wait_until(lambda: not runner.server.connections)
        with pytest.raises(ConnectionError):
            while client.recv(1 << 20):
                pass
            raise ConnectionError("The end of the answer is missing all the same.")


def test_clients_that_leave_are_forgotten(server, connect, wait_until):
    body = json.dumps(ONE).encode()
    data = head(len(body)) + body
    with running(server, timeout=30.0) as runner:
        for cut in range(0, len(data), 7):
            client = connect(runner.addresses[0][1])
            client.sendall(data[:cut])
            client.close()
        wait_until(lambda: not runner.server.connections)
        assert ask(runner.addresses[0][1], "POST", PREDICT, ONE)[0] == 200


def test_bodies_of_clients_that_leave_are_forgotten(server, connect, wait_until):
    gc.collect()
    gc.disable()  # A cycle would keep them, and be collected only by chance.
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(8):
            client = connect(server.rest_port)
            client.sendall(head(LIMIT) + bytes(LIMIT - 100))
            wait_until(lambda: server.rest.arrivals.coming == 1)
            wait_until(lambda: tracemalloc.get_traced_memory()[0] - before > LIMIT // 2)
            client.close()
            wait_until(lambda: server.rest.arrivals.coming == 0)
        wait_until(lambda: not server._runner.server.connections)
        assert tracemalloc.get_traced_memory()[0] - before < 2 * LIMIT
    finally:
        tracemalloc.stop()
        gc.enable()


def test_slow_bodies_keep_no_worker(config, connect, wait_until):
    body = json.dumps(ONE).encode()
    with LocalServer(config, threads=1, max_queue=0, drain_seconds=5) as server:
        clients = [connect(server.rest_port) for _ in range(20)]
        for client in clients:
            client.sendall(head(len(body)) + body[:5])
        wait_until(lambda: server.rest.arrivals.coming == 20)
        assert ask(server.rest_port, "POST", PREDICT, ONE)[0] == 200
        for client in clients:
            client.sendall(body[5:])
            assert answered(client) == {"predictions": [2.5]}


def test_bodies_that_stall_give_way_and_others_are_refused(config, connect, wait_until):
    body = b" " * LIMIT + json.dumps(ONE).encode()
    limits = Limits(max_answer=LIMIT)
    with LocalServer(config, max_request_bytes=2 * LIMIT, limits=limits, drain_seconds=5) as server:
        clients = [connect(server.rest_port) for _ in range(16)]  # as much as there is room for
        for client in clients:
            client.sendall(head(len(body)) + body[:LIMIT])
        wait_until(lambda: server.rest.arrivals.held == 16 * LIMIT)
        status, message = error_of(server.rest_port, "POST", PREDICT, body)
        assert status == 503 and "too much comes and goes" in message
        wait_until(lambda: ask(server.rest_port, "POST", PREDICT, body)[0] == 200)
        assert "did not come" in answered(clients[0])["error"], "the one that stalled for longest"
        clients[-1].sendall(body[LIMIT:])
        assert answered(clients[-1]) == {"predictions": [2.5]}
    assert server.rest.arrivals.held == 0


def test_answers_that_are_not_taken_give_way(config, connect, wait_until):
    body = json.dumps({"signature_name": "long", "inputs": [900_000]}).encode()  # 9 MB
    limits = Limits(max_answer=13 << 20)
    with LocalServer(config, max_request_bytes=LIMIT, limits=limits, drain_seconds=1) as server:
        clients = [connect(server.rest_port) for _ in range(12)]  # as much as there is room for
        for count, client in enumerate(clients, 1):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
            client.sendall(head(len(body), path="/v1/models/many:predict") + body)
            wait_until(lambda count=count: server.rest.arrivals.coming == count)
        wait_until(lambda: len(answer_of(server, body)) > 9_000_000)
        with pytest.raises((ConnectionError, http.client.IncompleteRead)):
            answered(clients[0])
        for client in clients:
            client.close()
        wait_until(lambda: server.rest.arrivals.coming == 0)


def answer_of(server, body):
    return ask(server.rest_port, "POST", "/v1/models/many:predict", body)[2]


def test_neither_protocol_keeps_the_other_waiting(config, connect, wait_until):
    with LocalServer(config, threads=1, max_queue=2, drain_seconds=5) as server:
        leave, order = threading.Event(), []
        server.workers.submit("grpc", leave.wait, 30)
        jobs = [server.workers.submit("grpc", order.append, "grpc") for _ in range(2)]
        jobs.append(server.workers.submit("rest", order.append, "rest"))
        leave.set()
        for job in jobs:
            job.result(30)
        assert order == ["rest", "grpc", "grpc"]


def test_garbage_is_a_bad_request(server, connect):
    client = connect(server.rest_port)
    client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    assert client.recv(65536).startswith(b"HTTP/1.0 400 Bad Request")
