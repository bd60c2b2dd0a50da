"""What a process frees is there again without page faults; not where a user has set glibc."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
from tfgan_apps.process_memory import keep_freed_memory

keep_freed_memory()
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    freed = bytearray(b"1") * 2**26
    del freed
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**setting):
    """Returns the page faults of the third block of 64 MB, in a process of its own."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("MALLOC_")} | setting
    words = [sys.executable, "-c", PROGRAM]
    return int(subprocess.run(words, check=True, capture_output=True, env=environment).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="for glibc")
def test_freed_memory_is_kept_but_for_who_says_otherwise():
    assert faults() < 100
    assert faults(MALLOC_TRIM_THRESHOLD_="131072") > 10 * faults()
