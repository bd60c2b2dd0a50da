"""Threads that answer requests, and a bounded queue before them."""

import concurrent.futures
import contextlib
import threading
from queue import SimpleQueue

import grpc

from tfgan_apps.serving.server.status import StatusError


class Workers:
    """Runs functions in threads; refuses what would wait behind too many others.

    Args:
        threads: positive int, how many functions run at a time.
        queue: int >= 0, how many more may wait.
    """

    def __init__(self, threads, queue):
        self._limit = threads + queue
        self._unfinished = 0
        self._lock = threading.Lock()
        self._tasks = SimpleQueue()
        # Daemons: a model that never returns does not keep the process from ending.
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{i}", daemon=True)
            for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def unfinished(self):
        """How many places are taken: by functions that run or wait, and by bodies that come."""
        return self._unfinished

    def submit(self, function, *args):
        """Takes a place and submits a function in it, as `place` has it."""
        with self.place() as submit:
            return submit(function, *args)

    @contextlib.contextmanager
    def place(self):
        """Takes a place, before a request's body is read, and yields what submits a function in it.

        That returns the `concurrent.futures.Future` of `function(*args)`, and may be called once.
        A future that is cancelled while it waits is never run, but keeps its place in the queue
        until its turn: what waits is bounded, whatever clients cancel.

        Raises:
            StatusError: UNAVAILABLE, at once, when the queue is full.
        """
        self._enter()
        submitted = []

        def submit(function, *args):
            submitted.append(True)
            future = concurrent.futures.Future()
            self._tasks.put((future, function, args))
            return future

        try:
            yield submit
        finally:
            if not submitted:
                self._leave()

    def close(self, timeout=5.0):
        """Ends the threads once all that was submitted has run, or after `timeout` seconds."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(timeout)

    def _work(self):
        while (task := self._tasks.get()) is not None:
            self._run(*task)
            del task  # A thread that waits does not hold the last request's images.

    def _run(self, future, function, args):
        if not future.set_running_or_notify_cancel():
            return self._leave()
        try:
            result = function(*args)
        except BaseException as error:  # For who waits; it must not end the thread.
            self._leave()
            future.set_exception(error)
        else:
            self._leave()
            future.set_result(result)

    def _enter(self):
        with self._lock:
            if self._unfinished >= self._limit:
                raise StatusError(
                    grpc.StatusCode.UNAVAILABLE,
                    f"The server is busy: {self._limit} requests are running or waiting. "
                    "Try again later.",
                )
            self._unfinished += 1

    def _leave(self):
        """Frees the place: before the answer is known, since its receiver may ask again at once."""
        with self._lock:
            self._unfinished -= 1
