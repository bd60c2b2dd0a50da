"""Workers that meet, and notice each other's end, in processes without TensorFlow."""

import pathlib
import signal
import socket
import sys
import threading

import pytest

from tfgan_apps import peers
from tfgan_apps.cluster import Cluster, Task

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
WORKER = """
import ctypes, signal, sys, time, types
signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts in the background ignores it
from tfgan_apps import peers
from tfgan_apps.cluster import cluster_from_environment
peers.GRACE, peers.WORD = 0.3, 0.2
own = peers.Peers(cluster_from_environment(), 30)
checkpoints = types.SimpleNamespace(directory="runs/a/checkpoints", steps=lambda: [3, 6])
print("met", flush=True)
"""
RUN = "with own.watched(checkpoints): time.sleep(60)"


@pytest.fixture
def free_addresses(free_ports):
    return lambda count: [f"localhost:{port}" for port in free_ports(count)]


@pytest.fixture
def start(tmp_path, tf_configs, start_worker):
    """Returns a function that starts a process for each code: (*codes, of=how many) -> [Popen]."""

    def start(*codes, of=None):
        configs = tf_configs(of or len(codes))
        programs = [tmp_path / f"worker_{index}.py" for index in range(len(codes))]
        for program, code in zip(programs, codes, strict=True):
            program.write_text(WORKER + code)
        return [
            start_worker([sys.executable, p], c) for p, c in zip(programs, configs, strict=False)
        ]

    return start


def kill(process):
    assert process.stdout.readline() == "met\n"
    process.kill()


def end(process):
    _, err = process.communicate(timeout=120)
    return process.returncode, [line for line in err.splitlines() if "waiting for" not in line]


def test_a_death_ends_all_others_with_one_sentence(start):
    """Which names who ended first, though the third sleeps until both others have."""
    first, second, third = start(RUN, RUN, RUN)
    assert third.stdout.readline() == "met\n"
    third.send_signal(signal.SIGSTOP)
    kill(second)
    ends = [(first, end(first))]
    third.send_signal(signal.SIGCONT)
    ends.append((third, end(third)))
    for process, (code, (line,)) in ends:
        assert code == peers.LOST == 75
        assert line.startswith("error: worker 1 (localhost:")
        assert ") ended and step 6 is safe in runs/a/checkpoints; start every worker" in line
        command = " ".join(map(str, process.args))
        assert line.endswith(f"by its command, here {command}")


def test_a_death_between_the_start_and_the_run_is_noticed_in_the_run(start):
    first, second = start("time.sleep(1)\n" + RUN, "time.sleep(60)")
    kill(second)
    assert end(first)[0] == peers.LOST


FAILING = """
try:
    with own.watched(checkpoints):
        time.sleep({})
        1 / 0
except ArithmeticError:
    print("told", file=sys.stderr)
"""


def test_an_error_ends_the_others_though_its_process_takes_long_to_end(start):
    first, _ = start(RUN, FAILING.format(0) + "time.sleep(60)")
    assert end(first)[0] == peers.LOST


def test_an_error_that_all_have_is_told_by_each(start):
    code = "peers.GRACE = 30" + FAILING
    for process in start(code.format(0), code.format(0.5)):
        assert end(process) == (0, ["told"])


@pytest.mark.parametrize("finishing", ["pass", "sys.exit(143)"])
def test_who_has_finished_is_not_missed(start, finishing):
    first, second = start(
        "with own.watched(checkpoints): time.sleep(1.5)",
        f"with own.watched(checkpoints): {finishing}",
    )
    assert end(second)[0] in (0, 143)
    assert end(first) == (0, [])


def test_who_has_finished_an_earlier_run_is_missed_in_the_next(start):
    twice = "with own.watched(checkpoints): pass\n"
    first, second = start(twice + RUN, twice + "time.sleep(60)")
    kill(second)
    assert end(first)[0] == peers.LOST


def test_a_death_while_tensorflow_starts(start):
    """Whose start holds Python's lock, as this sleep does."""
    first, second = start("with own.starting(): ctypes.PyDLL(None).sleep(60)", RUN)
    kill(second)
    code, (line,) = end(first)
    assert code == -signal.SIGKILL
    assert line.startswith("error: worker 1 (localhost:") and "ended before the run began" in line


def test_a_start_without_a_death(start):
    for process in start(*["with own.starting(): time.sleep(0.1)"] * 2):
        assert end(process) == (0, [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_lone_worker_says_for_whom_it_waits_and_ends_at_a_signal(start, number):
    (process,) = start("", of=2)
    for _ in range(2):
        line = process.stderr.readline()
        assert "waiting for worker 1 (localhost:" in line and "s at most" in line
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number


def cluster(place, addresses):
    tasks = [Task("worker", index, address) for index, address in enumerate(addresses)]
    return Cluster(tuple(tasks), place)


def test_waiting_has_an_end(monkeypatch, free_addresses):
    monkeypatch.setattr(peers, "TRY", 0.2)
    for place, other in ((0, 1), (1, 0)):
        message = rf"worker {other} \(localhost:.*\) did not come within 1 s \(--worker_timeout\)"
        with pytest.raises(peers.PeersError, match=message):
            peers.Peers(cluster(place, free_addresses(2)), 1)


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("", 0)) as taken:
        address = f"localhost:{taken.getsockname()[1]}"
        with pytest.raises(peers.PeersError, match=f"{address}.*cannot be opened: Address already"):
            peers.Peers(cluster(0, [address, "localhost:1"]), 1)


def test_two_clusters_are_one_sentence(free_addresses):
    addresses = free_addresses(2)
    others = [addresses[0], "localhost:1", addresses[1]]
    errors = []

    def meet(own):
        try:
            peers.Peers(own, 60)
        except peers.PeersError as error:
            errors.append(str(error))

    both = [threading.Thread(target=meet, args=[cluster(0, addresses)])]
    both.append(threading.Thread(target=meet, args=[cluster(2, others)]))
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(errors) == 2
    assert all("TF_CONFIG must have the same cluster on every worker" in error for error in errors)


def test_strangers_are_no_workers(monkeypatch, free_addresses):
    """One that says nothing, one of another protocol, one that has hung up."""
    monkeypatch.setattr(peers, "TRY", 0.3)
    addresses = free_addresses(2)
    calls = []

    def call(*words):
        host, port = addresses[0].split(":")
        while True:
            try:
                calls.append(socket.create_connection((host, int(port))))
                break
            except OSError:
                pass
        for word in words:
            calls[-1].sendall(word)

    met = []  # in two threads of this process
    first = threading.Thread(target=lambda: met.append(peers.Peers(cluster(0, addresses), 20)))
    first.start()
    call()
    call(b"GET / HTTP/1.1\r\n\r\n")
    call(b"[1]\n")
    call(b"\n")
    calls.pop().close()
    met.append(peers.Peers(cluster(1, addresses), 20))
    first.join()
    assert {own.place for own in met} == {0, 1}
    for each in calls:
        each.close()
