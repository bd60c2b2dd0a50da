"""Gives the memory of requests that are over back to the system."""

import asyncio
import ctypes

_PAUSE = 1.0  # seconds: what comes at once is given back at once


def _trimmer():
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc's; the lock of Python is not held meanwhile
    except (OSError, AttributeError):
        return None


_TRIM = _trimmer()


class Memory:
    """Trims the heap a moment after requests: glibc keeps what was freed for the process.

    To be used in one event loop.
    """

    def __init__(self):
        self._waiting = False

    def give_back(self):
        """Says that a request is over."""
        if _TRIM and not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_PAUSE, self._trim)

    def _trim(self):
        self._waiting = False
        asyncio.get_running_loop().run_in_executor(None, _TRIM, 0)
