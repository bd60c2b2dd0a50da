"""TF_CONFIG: what is right is read, what is wrong is one sentence that shows a right one."""

import json

import pytest

from tfgan_apps import strategies
from tfgan_apps.cluster import EXAMPLE, cluster_from_environment

TWO = ["host1:2222", "host2:2222"]


def config(task=("worker", 0), **cluster):
    return json.dumps({"cluster": cluster, "task": dict(zip(("type", "index"), task, strict=True))})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (EXAMPLE, ["worker 0 (host1:2222)", "worker 1 (host2:2222)"]),
        (config(worker=["[::1]:2222"]), ["worker 0 ([::1]:2222)"]),
        (config(("worker", "0"), worker=["a.b:1"]), ["worker 0 (a.b:1)"]),
        (
            config(chief=TWO[:1], worker=TWO[1:]),
            ["the chief (host1:2222)", "worker 0 (host2:2222)"],
        ),
    ],
)
def test_a_right_one(monkeypatch, text, told):
    monkeypatch.setenv("TF_CONFIG", text)
    cluster = cluster_from_environment()
    assert [str(task) for task in cluster.tasks] == told
    assert cluster.tasks[cluster.place].job == "worker"
    assert cluster.tasks[0].host_and_port == (
        told[0].split("(")[1].rsplit(":", 1)[0].strip("[]"),
        int(told[0].rsplit(":", 1)[1][:-1]),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "must be set for strategy 'multiworker'. Received: TF_CONFIG is not set"),
        ("", "must be JSON, names in double quotes"),
        (EXAMPLE.replace('"', "'"), "must be JSON, names in double quotes"),
        (f"[{EXAMPLE}]", "must be a JSON object"),
        ("{}", 'must have a "cluster" of "worker" and, if need be, "chief". Received: none'),
        (config(workers=TWO), 'must have a "cluster" of "worker" and'),
        (config(worker=TWO, ps=["host3:1"]), 'must have a "cluster" of "worker" and'),
        (config(worker="host1:2222"), 'must have a list as "worker". Received: "host1:2222"'),
        (config(worker=[]), "must have an address at least"),
        (config(chief=TWO, worker=[]), "must have one chief at most"),
        (config(worker=["host1"]), 'addresses like "host1:2222". Received: "host1"'),
        (config(worker=["host1:0"]), 'addresses like "host1:2222". Received: "host1:0"'),
        (config(worker=["host1:65536"]), "addresses like"),
        (config(worker=["http://host1:2222"]), 'like "host1:2222". Received: "http://host1:2222"'),
        (config(worker=[2222]), "addresses like"),
        (config(worker=TWO[:1] * 2), "must have another address for each task"),
        (json.dumps({"cluster": {"worker": TWO}}), 'must have a "task" with "type" and "index"'),
        (config(("chief", 0), worker=TWO), "whose \"type\" is one of ['worker']"),
        (config(("worker", 2), worker=TWO), 'whose "index" is one of [0, 1]. Received: {"type"'),
        (config(("worker", -1), worker=TWO), 'whose "index" is one of [0, 1]'),
        (config(("worker", "first"), worker=TWO), 'whose "index" is one of [0, 1]'),
        (config(("worker", True), worker=TWO), 'whose "index" is one of [0, 1]'),
    ],
)
def test_a_wrong_one(monkeypatch, text, message):
    if text is None:
        monkeypatch.delenv("TF_CONFIG", raising=False)
    else:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError) as found:
        strategies.make_strategy("multiworker")
    assert str(found.value).startswith("TF_CONFIG must ")
    assert message in str(found.value) and f"A right one: TF_CONFIG='{EXAMPLE}'" in str(found.value)
