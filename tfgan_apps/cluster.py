"""The cluster of a run on several hosts, as TF_CONFIG tells it."""

import dataclasses
import json
import os
import re

EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)
JOBS = ("chief", "worker")
ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


@dataclasses.dataclass(frozen=True)
class Task:
    """One process of a cluster.

    Args:
        job: `"chief"` or `"worker"`.
        index: int, its place among those of its job.
        address: str, `host:port`.
    """

    job: str
    index: int
    address: str

    @property
    def host_and_port(self):
        """(str, int) of the address, as sockets take it."""
        host, port = ADDRESS.fullmatch(self.address).groups()
        return host.strip("[]"), int(port)

    def __str__(self):
        name = "the chief" if self.job == "chief" else f"worker {self.index}"
        return f"{name} ({self.address})"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """All tasks of a run, and which of them this process is.

    Args:
        tasks: tuple of `Task`, the chief first.
        place: int, of this process among them.
    """

    tasks: tuple
    place: int


def cluster_from_environment():
    """Returns the `Cluster` of the environment variable TF_CONFIG.

    Raises:
        ValueError: it is absent, or tells of no cluster that can train together.
    """
    text = os.environ.get("TF_CONFIG")
    _expect(text is not None, "be set for strategy 'multiworker'", "TF_CONFIG is not set")
    try:
        config = json.loads(text)
    except ValueError as error:
        _expect(False, f"be JSON, names in double quotes ({error})", repr(text))
    _expect(isinstance(config, dict), "be a JSON object", repr(text))
    tasks = _tasks(config.get("cluster"))
    return Cluster(tasks, _place(config.get("task"), tasks))


def _tasks(cluster):
    known = isinstance(cluster, dict) and cluster and set(cluster) <= set(JOBS)
    _expect(known, 'have a "cluster" of "worker" and, if need be, "chief"', _shown(cluster))
    tasks = []
    for job in JOBS:
        addresses = cluster.get(job, [])
        _expect(isinstance(addresses, list), f'have a list as "{job}"', _shown(addresses))
        for index, address in enumerate(addresses):
            _expect(_is_address(address), 'have addresses like "host1:2222"', _shown(address))
            tasks.append(Task(job, index, address))
    _expect(tasks, "have an address at least", _shown(cluster))
    _expect(len(cluster.get("chief", [])) < 2, "have one chief at most", _shown(cluster))
    once = len({task.address for task in tasks}) == len(tasks)
    _expect(once, "have another address for each task", _shown(cluster))
    return tuple(tasks)


def _is_address(value):
    found = isinstance(value, str) and ADDRESS.fullmatch(value)
    return bool(found) and 0 < int(found[2]) < 2**16


def _place(own, tasks):
    named = isinstance(own, dict) and {"type", "index"} <= set(own)
    _expect(named, 'have a "task" with "type" and "index"', _shown(own))
    jobs = sorted({task.job for task in tasks})
    _expect(own["type"] in jobs, f'have a task whose "type" is one of {jobs}', _shown(own))
    count = sum(task.job == own["type"] for task in tasks)
    expected = f'have a task whose "index" is one of {list(range(count))}'
    fits = str(own["index"]).isdecimal() and int(own["index"]) < count
    _expect(fits, expected, _shown(own))
    return [(task.job, task.index) for task in tasks].index((own["type"], int(own["index"])))


def _shown(value):
    """Returns a part of TF_CONFIG as it is written there."""
    return "none" if value is None else json.dumps(value)


def _expect(fits, expected, received):
    if not fits:
        raise ValueError(
            f"TF_CONFIG must {expected}. Received: {received}. A right one: TF_CONFIG='{EXAMPLE}'"
        )
