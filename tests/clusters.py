"""Clusters of workers on this machine."""

import json
import socket


def free_ports(count):
    """Returns so many ports of the loopback interface that nobody uses."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def tf_configs(count):
    """Returns the TF_CONFIG of each of so many workers, a list of JSON."""
    cluster = {"worker": [f"localhost:{port}" for port in free_ports(count)]}
    tasks = [{"type": "worker", "index": index} for index in range(count)]
    return [json.dumps({"cluster": cluster, "task": task}) for task in tasks]
