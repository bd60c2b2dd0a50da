"""Strategies by their names."""

import subprocess
import sys

import pytest
import tensorflow as tf

from tfgan_apps import strategies


def test_names():
    assert strategies.make_strategy("one") is tf.distribute.get_strategy()
    assert strategies.make_strategy("mirrored").num_replicas_in_sync == 2
    with pytest.raises(ValueError, match="strategy must be one of .*Received: strategy='many'"):
        strategies.make_strategy("many")


def test_one_process_is_the_chief_and_its_numbers_the_largest():
    strategy = strategies.make_strategy("one")
    assert strategies.is_chief(strategy)
    assert strategies.largest_of_workers(strategy)(15) == 15


def test_one_cpu_is_shown_as_several():
    """In a process of its own: devices are fixed with its first operation."""
    code = "from tfgan_apps.strategies import make_strategy as make\n"
    code += "print(make('mirrored', logical_cpus=3).num_replicas_in_sync)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "3\n", done.stderr
