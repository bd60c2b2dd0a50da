"""What every test relies on: the backend, two logical CPUs, the real data."""

import ctypes
import gc
import importlib.metadata
import os
import pathlib
import platform
import subprocess

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the suite is for a CPU, unless asked
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # below it TensorFlow reports the missing GPU as an error
# The suite is compilation of tiny graphs, in two processes at a time: one thread for each, and
# machine code that is made fast.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0"
    # Emitters that compile faster. A flag that XLA does not know is fatal.
    + " --xla_cpu_use_fusion_emitters=false"
    * importlib.metadata.version("tensorflow").startswith("2.21."),
)

import pytest

from tests import clusters

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]


def pytest_configure(config):
    if config.getoption("numprocesses", None):
        return  # this process only starts those that run the tests
    import tensorflow as tf

    # Devices are fixed with the first operation of a process: here, for every test.
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
    gc.freeze()  # what is loaded is no garbage, and need not be looked through again and again


@pytest.fixture(scope="module", autouse=True)
def collected_once():
    """What a file of tests leaves is collected once, and what remains is not looked through again.

    Graphs are circles of objects: without it a worker's memory grows to gigabytes, and each of
    Python's own collections goes through all of it.
    """
    yield
    forget_custom_gradients()
    gc.collect()
    gc.freeze()
    # A run has glibc keep what is freed (`process_memory`): here it would be the sum of all files.
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def forget_custom_gradients():
    """Lets graphs go that `tf.custom_gradient`, which optimizers apply, would keep for good.

    TensorFlow registers each graph's gradient by a name of its own, and has no way to unregister.
    """
    from tensorflow.python.framework import ops

    registered = ops.gradient_registry._registry
    for name in [name for name in registered if name.startswith("CustomGradient-")]:
        del registered[name]


@pytest.fixture(autouse=True)
def seeded():
    """Every test draws the same numbers in every run, whatever ran before it."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def two_cpus():
    """The two logical CPUs as replicas; strategies of one process share their collective keys."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture(scope="session")
def test_data():
    """Returns a function: name of a real data set -> its path; without it, the test is skipped.

    The data are looked for in the folder TFGAN_TEST_DATA, by default ../shared/data beside the
    repository. With TFGAN_REQUIRE_DATA=1, as in CI, their absence is a failure.
    """
    root = pathlib.Path(os.environ.get("TFGAN_TEST_DATA") or REPOSITORY.parent / "shared" / "data")

    def path_of(name):
        path = root / name
        if not path.exists():
            give_up(f"{path} is absent; TFGAN_TEST_DATA names the folder of real data")
        return path

    return path_of


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """The C program that runs an export; without a compiler, the test is skipped."""
    from tests.serving import c_program

    program = c_program.compile_program(tmp_path_factory.mktemp("c"))
    return program or give_up("no C compiler `cc` on this machine")


@pytest.fixture
def tf_configs():
    """Returns a function: how many workers -> the TF_CONFIG of each, JSON."""
    return clusters.tf_configs


@pytest.fixture
def start_worker():
    """Returns a function that starts a process with a TF_CONFIG; at the end all are killed."""
    started = []

    def start_worker(command, config):
        environment = {**os.environ, "TF_CONFIG": config, "PYTHONPATH": str(REPOSITORY)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=REPOSITORY, env=environment, **pipes))
        return started[-1]

    yield start_worker
    for process in started:
        process.kill()
        process.communicate()


def give_up(reason):
    """Skips a test for what the machine lacks; with TFGAN_REQUIRE_DATA=1, as in CI, fails it."""
    (pytest.fail if os.environ.get("TFGAN_REQUIRE_DATA") == "1" else pytest.skip)(reason)


@pytest.fixture
def free_ports():
    """Returns a function: how many -> ports of the loopback interface that nobody uses."""
    return clusters.free_ports
