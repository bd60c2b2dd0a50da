"""What comes from clients and goes to them: bounded, and who stalls gives way to who does not."""

import asyncio
import contextlib
import time

import grpc

from tfgan_apps.serving.server.status import StatusError

_STALLED_SECONDS = 1.0  # without a byte


class Arrivals:
    """Bounds what requests hold while they come, and answers while they go; no worker waits.

    To be used in one event loop.

    Args:
        limit: positive int, of whatever is counted: bytes, or messages.
    """

    def __init__(self, limit):
        self._limit = limit
        self.held = 0
        self._coming = set()

    @property
    def coming(self):
        """How many have begun to come or go, and are not there yet."""
        return len(self._coming)

    @contextlib.contextmanager
    def arrival(self):
        """Yields an `Arrival`, and forgets what it holds at the end of the block."""
        arrival = Arrival(self)
        try:
            yield arrival
        finally:
            arrival.release()

    def _take(self, arrival, size):
        while self.held + size > self._limit:
            self._give_way(arrival)
        self.held += size
        arrival.size += size

    def _give_way(self, arrival):
        """Drops the one that has stalled for longest; if none has, the new one is refused."""
        last = min(self._coming - {arrival}, key=lambda each: each.moved, default=None)
        if last is None or time.monotonic() - last.moved < _STALLED_SECONDS:
            raise StatusError(
                grpc.StatusCode.UNAVAILABLE,
                "The server is busy: too much comes and goes at the same time. Try again later.",
            )
        self._coming.discard(last)
        last.release()
        last.deadline.reschedule(0)  # is over


class Arrival:
    """One request, or answer, on its way."""

    def __init__(self, arrivals):
        self._arrivals = arrivals
        self.size = 0

    @contextlib.asynccontextmanager
    async def coming(self, seconds):
        """The block reads a request, or writes an answer.

        Args:
            seconds: float, in which it must be there.

        Raises:
            TimeoutError: it is not, or it stalled while there was no room for others.
        """
        self.moved = time.monotonic()
        async with asyncio.timeout(seconds) as self.deadline:
            self._arrivals._coming.add(self)
            try:
                yield
            finally:
                self._arrivals._coming.discard(self)

    def take(self, size):
        """Counts what has come now, or will go.

        Raises:
            StatusError: UNAVAILABLE, when there is no room for it.
        """
        self.moved = time.monotonic()
        self._arrivals._take(self, size)

    def release(self):
        """Says that nothing of it is held any more."""
        self._arrivals.held -= self.size
        self.size = 0
