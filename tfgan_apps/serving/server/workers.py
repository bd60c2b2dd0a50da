"""Threads that answer requests, and a bounded queue before them."""

import collections
import concurrent.futures
import threading

import grpc

from tfgan_apps.serving.server.status import StatusError

LANES = "rest", "grpc"


class Workers:
    """Runs functions in threads; refuses what would wait behind too many others.

    Each lane has a queue of its own, and the threads take from them in turn: who comes over one
    protocol in numbers does not keep the other waiting.

    Args:
        threads: positive int, how many functions run at a time.
        queue: int >= 0, how many more of a lane may wait.
        lanes: sequence of str.
    """

    def __init__(self, threads, queue, lanes=LANES):
        self._limit = threads + queue
        self._unfinished = dict.fromkeys(lanes, 0)
        self._tasks = {lane: collections.deque() for lane in lanes}
        self._ended = False
        self._changed = threading.Condition()
        # Daemons: a model that never returns does not keep the process from ending.
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{i}", daemon=True)
            for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def unfinished(self):
        """How many functions run or wait."""
        return sum(self._unfinished.values())

    def submit(self, lane, function, *args):
        """Returns the `concurrent.futures.Future` of `function(*args)`.

        One that is cancelled while it waits is never run, but keeps its place in the queue until
        its turn: what waits is bounded, whatever clients cancel.

        Args:
            lane: str, one of `lanes`.
            function, *args: what to run.

        Raises:
            StatusError: UNAVAILABLE, at once, when the lane's queue is full.
        """
        future = concurrent.futures.Future()
        with self._changed:
            if self._unfinished[lane] >= self._limit:
                raise StatusError(
                    grpc.StatusCode.UNAVAILABLE,
                    f"The server is busy: {self._limit} requests are running or waiting. "
                    "Try again later.",
                )
            self._unfinished[lane] += 1
            self._tasks[lane].append((lane, future, function, args))
            self._changed.notify()
        return future

    def close(self, timeout=5.0):
        """Ends the threads once all that was submitted has run, or after `timeout` seconds."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self):
        while task := self._next():
            self._run(*task)
            del task  # A thread that waits does not hold the last request's images.

    def _next(self):
        """Returns the next task, of the lane whose turn it is; None at the end."""
        with self._changed:
            while not any(self._tasks.values()):
                if self._ended:
                    return None
                self._changed.wait()
            lane = next(lane for lane, tasks in self._tasks.items() if tasks)
            task = self._tasks[lane].popleft()
            self._tasks[lane] = self._tasks.pop(lane)  # The others come before it now.
            return task

    def _run(self, lane, future, function, args):
        if not future.set_running_or_notify_cancel():
            return self._leave(lane)
        try:
            result = function(*args)
        except BaseException as error:  # For who waits; it must not end the thread.
            self._leave(lane)
            future.set_exception(error)
        else:
            self._leave(lane)
            future.set_result(result)

    def _leave(self, lane):
        """Frees the place: before the answer is known, since its receiver may ask again at once."""
        with self._changed:
            self._unfinished[lane] -= 1
