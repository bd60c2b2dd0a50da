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
    assert [workers.submit("rest", pow, 2, n).result(60) for n in range(5)] == [1, 2, 4, 8, 16]
    with pytest.raises(ZeroDivisionError):
        workers.submit("rest", divmod, 1, 0).result(60)
    assert workers.submit("rest", pow, 2, 5).result(60) == 32, "a thread outlives an error"
    workers.close()


@pytest.mark.parametrize("queue", [0, 3])
def test_a_full_queue_refuses_at_once_and_recovers(gate, queue):
    workers = Workers(threads=1, queue=queue)
    futures = [workers.submit("rest", gate.wait, 60) for _ in range(1 + queue)]
    with pytest.raises(StatusError, match=f"{1 + queue} requests are running") as raised:
        workers.submit("rest", gate.wait, 60)
    assert raised.value.code == grpc.StatusCode.UNAVAILABLE
    gate.set()
    assert [future.result(60) for future in futures] == [True] * (1 + queue)
    for _ in range(20):  # Who has an answer finds a place.
        assert workers.submit("rest", pow, 2, 3).result(60) == 8
    workers.close()


def test_lanes_have_queues_of_their_own_and_take_turns(gate):
    workers, order = Workers(threads=1, queue=2, lanes=("a", "b")), []
    workers.submit("a", gate.wait, 60)
    futures = [workers.submit("a", order.append, "a") for _ in range(2)]
    with pytest.raises(StatusError, match="3 requests are running"):
        workers.submit("a", order.append, "refused")
    futures += [workers.submit("b", order.append, "b") for _ in range(3)]
    assert workers.unfinished == 6
    gate.set()
    for future in futures:
        future.result(60)
    assert order == ["b", "a", "b", "a", "b"]
    workers.close()


def test_what_is_cancelled_while_it_waits_is_not_run(gate):
    workers = Workers(threads=1, queue=2)
    workers.submit("rest", gate.wait, 60)
    ran = []
    future = workers.submit("rest", ran.append, "cancelled")
    assert future.cancel()
    last = workers.submit("rest", ran.append, "last")
    gate.set()
    last.result(60)
    assert ran == ["last"]
    workers.close()
