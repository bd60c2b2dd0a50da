"""What a run has left in its directory, as far as it tells of the training and not of the time."""

import hashlib
import json

import tensorflow as tf

from tfgan_apps.checkpoints import Checkpoints


def left_by(run_dir):
    """Returns dict, name of a part -> what two runs that are the same have the same.

    Args:
        run_dir: `pathlib.Path`.
    """
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    kept = Checkpoints(run_dir / "checkpoints")
    best = kept.best() or {}
    return {
        "metrics lines": [{**line, "seconds": 0} for line in lines],
        "TensorBoard points": _points(run_dir / "logs"),
        "sheets": {path.name: _digest(path) for path in (run_dir / "samples").iterdir()},
        "checkpoints": kept.steps(),
        "best": {name: value for name, value in best.items() if name != "sha256"},
    }


def _points(logs):
    found = []
    for path in sorted(logs.rglob("events*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            values = [(v.tag, v.tensor.SerializeToString()) for v in event.summary.value]
            found += [(path.parent.name, event.step, tag, value) for tag, value in values]
    return sorted(found)


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def exported_by(base_path):
    """Returns dict, name of a version -> digest of its weights.

    Args:
        base_path: `pathlib.Path` of all versions.
    """
    weights = base_path.glob("*/variables/variables.data*")
    return {path.parts[-3]: _digest(path) for path in weights}
