"""The bounded queue."""

import threading

import grpc
import pytest

from tfgan_apps.serving.server.status import StatusError
from tfgan_apps.serving.server.workers import Workers


@pytest.fixture
def gate():
    """An event that what runs waits for; set at the end."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_results_and_errors_come_back():
    workers = Workers(threads=2, queue=10)
    assert [workers.submit(pow, 2, n).result(60) for n in range(5)] == [1, 2, 4, 8, 16]
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result(60)
    assert workers.submit(pow, 2, 5).result(60) == 32, "a thread outlives an error"
    workers.close()


@pytest.mark.parametrize("queue", [0, 3])
def test_a_full_queue_refuses_at_once_and_recovers(gate, queue):
    workers = Workers(threads=1, queue=queue)
    futures = [workers.submit(gate.wait, 60) for _ in range(1 + queue)]
    with pytest.raises(StatusError, match=f"{1 + queue} requests are running") as raised:
        workers.submit(gate.wait, 60)
    assert raised.value.code == grpc.StatusCode.UNAVAILABLE
    gate.set()
    assert [future.result(60) for future in futures] == [True] * (1 + queue)
    for _ in range(20):  # Who has an answer finds a place.
        assert workers.submit(pow, 2, 3).result(60) == 8
    workers.close()


def test_a_place_counts_from_the_start_and_is_left_when_nothing_is_submitted():
    workers = Workers(threads=1, queue=0)
    with pytest.raises(KeyError), workers.place():
        with pytest.raises(StatusError, match="The server is busy"):
            workers.submit(pow, 2, 3)
        raise KeyError("The body cannot be read.")
    with workers.place() as submit:
        future = submit(pow, 2, 3)
    assert future.result(60) == 8
    assert workers.submit(pow, 2, 4).result(60) == 16, "the place was left once, and not twice"
    assert workers.unfinished == 0
    workers.close()


def test_what_is_cancelled_while_it_waits_is_not_run(gate):
    workers = Workers(threads=1, queue=2)
    workers.submit(gate.wait, 60)
    ran = []
    future = workers.submit(ran.append, "cancelled")
    assert future.cancel()
    last = workers.submit(ran.append, "last")
    gate.set()
    last.result(60)
    assert ran == ["last"]
    workers.close()
