"""Peers: the other workers of a run; each holds a connection to each, which ends with its process.

TensorFlow waits for absent workers for ever and holds SIGTERM back meanwhile; that one has died it
tells by the traceback of whatever step it was in, or not at all. So workers meet here before
TensorFlow starts, on the ports that it takes afterwards, and stay connected.
"""

import contextlib
import json
import os
import select
import shlex
import socket
import subprocess
import sys
import threading
import time

from absl import logging

LOST = 75
"""Exit code of a worker that has lost another one: EX_TEMPFAIL of sysexits.h, try again."""

WORD = 30  # seconds between words about who is waited for
TRY = 5  # seconds that a connection, or a greeting, may take
GRACE = 3  # seconds in which an error that all workers have is told by each
FINISHED, BEREAVED = b".", b"x"
GUARD = """
import os, select, sys
process, grace, sentence, *peers = sys.argv[1:]
ended = select.select([0, *map(int, peers)], [], [])[0]
if 0 not in ended and not select.select([0], [], [], float(grace))[0]:
    print(f"error: {sentence}", file=sys.stderr)
    os.kill(int(process), 9)
"""
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}  # a host dies in 25 seconds


class PeersError(RuntimeError):
    """The other workers did not come, or cannot be met."""


class Peers:
    """Connections to all other workers.

    Args:
        cluster: `Cluster`.
        timeout: seconds to wait for the others.

    Raises:
        PeersError: they did not come, the own port is taken, or they have another TF_CONFIG.
    """

    def __init__(self, cluster, timeout):
        self.tasks, self.place = cluster.tasks, cluster.place
        self.connections = {}  # place -> socket
        self.runs = [0] * len(self.tasks)  # that each has finished
        self.gone = set()  # places
        self.bereaved = set()  # places of those that end since another one has
        self.working = False
        self.checkpoints = None
        self._meet(timeout)
        threading.Thread(target=self._watch, daemon=True).start()

    @contextlib.contextmanager
    def starting(self):
        """Kills this process when another worker ends inside the block, TensorFlow's start.

        It would hang, and holds Python's lock: no thread can watch, so another process does, until
        its stdin is closed.
        """
        peers = [connection.fileno() for connection in self.connections.values()]
        words = [os.getpid(), GRACE, self._verdict(self.connections), *peers]
        command = [sys.executable, "-S", "-c", GUARD, *map(str, words)]
        how = {"stdin": subprocess.PIPE, "pass_fds": peers}
        with subprocess.Popen(command, **how, start_new_session=True):  # Ctrl-C is not for it
            yield

    @contextlib.contextmanager
    def watched(self, checkpoints):
        """Ends this process when another worker ends inside the block before its run does.

        Args:
            checkpoints: `Checkpoints` of the run, of which the last complete one is told.
        """
        self.checkpoints, self.working = checkpoints, True
        try:
            yield
        except SystemExit:  # a signal to one of them has stopped all
            self._finish()
            raise
        except BaseException:
            self._leave()
            raise
        self._finish()

    def judge(self):
        """Returns if no other worker has ended; else this process ends in here, with a message."""
        time.sleep(TRY + GRACE)

    def _finish(self):
        self.working = False
        self.runs[self.place] += 1
        self._tell(FINISHED)

    def _tell(self, word):
        for connection in self.connections.values():
            with contextlib.suppress(OSError):  # that worker is gone
                connection.sendall(word)

    def _leave(self):
        """Tells the others at once that they need not wait; Python's own end may take long."""
        self.working = False
        for connection in self.connections.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # Meeting: each calls those before it in the cluster, and is called by those after it.

    def _meet(self, timeout):
        start = word = time.monotonic()
        with self._listener() as listener:
            while absent := self._absent():
                for place in absent:
                    if place < self.place:
                        self._call(place)
                if self._absent():
                    self._answer(listener)
                names = ", ".join(str(self.tasks[place]) for place in absent)
                left = start + timeout - time.monotonic()
                if left < 0:
                    raise PeersError(
                        f"{names} did not come within {timeout} s (--worker_timeout). Start every "
                        "worker with the same TF_CONFIG but for its task, where the others can "
                        "reach its address"
                    )
                if time.monotonic() >= word:
                    logging.warning("waiting for %s, for %d s at most", names, left)
                    word = time.monotonic() + WORD

    def _absent(self):
        everyone = range(len(self.tasks))
        return [i for i in everyone if i != self.place and i not in self.connections]

    def _listener(self):
        own = self.tasks[self.place]
        host, port = own.host_and_port
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            return socket.create_server(("", port), family=family)
        except OSError as error:
            raise PeersError(
                f"the port of {own}, which is this process by its TF_CONFIG, cannot be opened: "
                f"{error.strerror}. Does another worker, or another program, use it?"
            ) from error

    def _call(self, place):
        """Connects to a peer if it is there, and meeting others too."""
        with _failing_quietly() as stack:
            address = self.tasks[place].host_and_port
            connection = stack.enter_context(socket.create_connection(address, TRY))
            if self._greet(connection) == place:
                connection.sendall(b"!")  # else the other would count on a call that was given up
                self._keep(place, connection, stack)

    def _answer(self, listener):
        """Waits a moment for a call; a peer that has ended meanwhile is absent again."""
        ready = select.select([listener, *self.connections.values()], [], [], 0.2)[0]
        for place, connection in list(self.connections.items()):
            if connection in ready:
                self.connections.pop(place).close()
        if listener in ready:
            with _failing_quietly() as stack:
                connection = stack.enter_context(listener.accept()[0])
                place = self._greet(connection)
                if place in self._absent() and connection.recv(1) == b"!":
                    self._keep(place, connection, stack)

    def _greet(self, connection):
        """Returns the place of the worker at the other end.

        Raises:
            OSError, ValueError: there is none that is meeting others.
            PeersError: it has another TF_CONFIG.
        """
        connection.settimeout(TRY)
        host = connection.getpeername()[0]
        own = [task.address for task in self.tasks]
        connection.sendall(json.dumps({"place": self.place, "cluster": own}).encode() + b"\n")
        with connection.makefile("rb", buffering=0) as file:  # what comes after is another's
            found = json.loads(file.readline(10**6))
        if not isinstance(found, dict) or set(found) != {"place", "cluster"}:
            raise ValueError("another program")
        if found["cluster"] != own:
            raise PeersError(
                "TF_CONFIG must have the same cluster on every worker. "
                f"Received: {own} here, {found['cluster']} at {host}"
            )
        return found["place"]

    def _keep(self, place, connection, stack):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):  # all of them on Linux
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self.connections[place] = connection
        stack.pop_all()

    # Watching, in a thread of its own: the main one may hang in TensorFlow.

    def _watch(self):
        places = {connection: place for place, connection in self.connections.items()}
        while True:
            for connection in select.select(list(places), [], [], 0.5)[0]:
                self._read(places, connection)
            if self._lost():
                time.sleep(GRACE)
            if lost := self._lost():
                self._tell(BEREAVED)  # the others name who ended first
                print(f"error: {self._verdict(lost)}", file=sys.stderr, flush=True)
                os._exit(LOST)

    def _read(self, places, connection):
        try:
            said = connection.recv(100)
        except OSError:
            said = b""
        self.runs[places[connection]] += said.count(FINISHED)
        if BEREAVED in said:
            self.bereaved.add(places[connection])
        if not said:
            self.gone.add(places.pop(connection))

    def _lost(self):
        """Returns the places of those who have ended before the run that this process is in."""
        return [i for i in self.gone if self.working and self.runs[i] <= self.runs[self.place]]

    def _verdict(self, lost):
        first = set(lost) - self.bereaved or lost
        names = " or ".join(str(self.tasks[place]) for place in sorted(first))
        safe = "before the run began"
        if self.checkpoints:
            steps = self.checkpoints.steps()
            step = f"step {steps[-1]}" if steps else "no step"
            safe = f"and {step} is safe in {self.checkpoints.directory}"
        return (
            f"{names} ended {safe}; start every worker again by its command, here "
            f"{shlex.join(sys.orig_argv)}"
        )


@contextlib.contextmanager
def _failing_quietly():
    """A stack for a connection; who is not there, or no worker, is tried again."""
    with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as stack:
        yield stack
