"""Strategies: on which devices a run trains, and which process of it writes."""

import contextlib
import os
import signal
from typing import Literal

import tensorflow as tf

from tfgan_apps.arguments import check_choice, check_integers
from tfgan_apps.cluster import cluster_from_environment
from tfgan_apps.peers import Peers

STRATEGIES = ("one", "mirrored", "multiworker")


def make_strategy(
    strategy: Literal[STRATEGIES] = "one", logical_cpus: int = 1, worker_timeout: int = 600
):
    """Returns the `tf.distribute` strategy of a name; call it before any other TensorFlow code.

    Args:
        strategy: one device, all GPUs (or all logical CPUs) of this machine (mirrored), or the
            hosts in the environment variable TF_CONFIG (multiworker).
        logical_cpus: shows the CPU as this many devices, to try mirrored without GPUs.
        worker_timeout: seconds that multiworker waits for the other workers at the start.

    Raises:
        ValueError: for another name, or when `"multiworker"` finds no right `TF_CONFIG`.
        PeersError: the other workers did not come.
    """
    check_choice(STRATEGIES, strategy=strategy)
    check_integers(1, logical_cpus=logical_cpus, worker_timeout=worker_timeout)
    if logical_cpus > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        logical = [tf.config.LogicalDeviceConfiguration()] * logical_cpus
        tf.config.set_logical_device_configuration(cpu, logical)
    if strategy == "one":
        return tf.distribute.get_strategy()
    if strategy == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        devices = [device.name for device in tf.config.list_logical_devices(kind)]
        return tf.distribute.MirroredStrategy(devices)
    return _make_multiworker(cluster_from_environment(), worker_timeout)


def _make_multiworker(cluster, worker_timeout):
    """Returns the strategy of a cluster, once all of it is there."""
    peers = Peers(cluster, worker_timeout) if len(cluster.tasks) > 1 else None
    with peers.starting() if peers else contextlib.nullcontext():
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    # TensorFlow has taken SIGTERM, and would do nothing; Python takes back what it had.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGTERM))
    strategy.peers = peers
    return strategy


@contextlib.contextmanager
def watching_workers(strategy, checkpoints):
    """In the `with` block the process ends when another worker of the run ends too early.

    Args:
        strategy: from `make_strategy`.
        checkpoints: `Checkpoints` of the run.
    """
    peers = getattr(strategy, "peers", None)
    with peers.watched(checkpoints) if peers else contextlib.nullcontext():
        try:
            yield
        except tf.errors.OpError:
            if peers:  # the end of another worker is an error of whatever operation needed it
                peers.judge()
            raise


def devices_of(strategy):
    """Returns a phrase that says on what a strategy trains, such as "2 GPUs".

    Args:
        strategy: `tf.distribute` strategy.
    """
    replicas = strategy.num_replicas_in_sync
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    if replicas > 1:
        return f"{replicas} {kind}s"
    return kind if kind == "GPU" else f"a CPU with {os.cpu_count()} cores"


def is_chief(strategy):
    """Tells whether this process is the one that writes: the only one, or the cluster's chief."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().jobs:
        return True
    has_chief = "chief" in resolver.cluster_spec().jobs
    chief = ("chief", 0) if has_chief else ("worker", 0)
    return (resolver.task_type, resolver.task_id) == chief


def has_several_workers(strategy):
    """Tells whether the strategy's replicas are in several processes."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return False
    cluster = strategy.cluster_resolver.cluster_spec()
    return sum(map(cluster.num_tasks, cluster.jobs)) > 1


def largest_of_workers(strategy):
    """Returns a function of a number that each worker has, int >= 0, to the largest of them.

    All workers must call it together.

    Args:
        strategy: from `make_strategy`.
    """
    if not has_several_workers(strategy):
        return lambda number: number

    @tf.function  # outside of a graph, collectives are slow, and TensorFlow says so each time
    def largest(number):
        def placed():
            place = tf.distribute.get_replica_context().replica_id_in_sync_group
            return tf.one_hot(place, strategy.num_replicas_in_sync, dtype=tf.int32) * number

        return tf.reduce_max(strategy.reduce("SUM", strategy.run(placed), axis=None))

    return lambda number: int(largest(tf.constant(number)))


def distributed(data, strategy, start_step):
    """Returns the training stream of `fit`: of one device, or of a strategy's replicas.

    Args:
        data: `IndexedData`.
        strategy: from `make_strategy`.
        start_step: int, steps that were done.
    """
    if strategy.num_replicas_in_sync == 1:
        return data.train(start_step)
    return strategy.distribute_datasets_from_function(
        lambda context: data.train(start_step, context)
    )
