"""keep_freed_memory: what a step frees stays with the process, for the next step."""

import ctypes
import os
import platform

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of glibc's malloc.h


def keep_freed_memory():
    """Has glibc keep what is freed, rather than hand it back and ask for it anew at each step.

    A step's tensors are freed at its end; large pieces, glibc gives back to the system, which has
    to clear the pages that the next step asks for: half of the step of some systems, nothing of
    others (docs/performance.md). Afterwards a process holds the most that it ever needed at once.
    `training.run` calls this; a program with a `fit` of its own may, before it.

    Nothing changes where MALLOC_TRIM_THRESHOLD_ is set, nor without glibc (macOS, Windows, musl).

    Reference: mallopt(3).
    """
    if platform.libc_ver()[0] == "glibc" and "MALLOC_TRIM_THRESHOLD_" not in os.environ:
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_MAX, 0)  # nothing in mappings of its own, which end when it is freed
        mallopt(M_TRIM_THRESHOLD, -1)  # never
