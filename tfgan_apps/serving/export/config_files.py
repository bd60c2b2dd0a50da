"""The files that `tensorflow_model_server` reads beside the models.

    cd saved_models
    tensorflow_model_server --model_config_file=models.config \\
        --enable_batching --batching_parameters_file=batching.config \\
        --monitoring_config_file=monitoring.config
"""

import os
import re
import tempfile

from absl import logging
from google.protobuf import text_encoding

MODELS = "models.config"
HERE = "/proc/self/cwd"
"""Where the server was started, which is to be where `models.config` is.

It takes absolute paths only, and this one moves with the folder, to another machine or into a
container (Linux).
"""
_BATCHING = "batching.config"
_MONITORING = "monitoring.config"

# A start for a CPU: one batch per core, which waits for nobody. On a GPU, raise max_batch_size and
# the last allowed_batch_sizes first, then batch_timeout_micros.
_BATCHING_TEXT = """\
max_batch_size { value: 8 }
batch_timeout_micros { value: 0 }
max_enqueued_batches { value: 100 }
num_batch_threads { value: %d }
# Each export writes warm-up requests of these sizes; other batches are padded up to the next one.
allowed_batch_sizes: 1
allowed_batch_sizes: 2
allowed_batch_sizes: 4
allowed_batch_sizes: 8
"""
_MODELS_TEXT = """\
# Start tensorflow_model_server in this folder: /proc/self/cwd is where it was started.
model_config_list {
%s}
"""
_MONITORING_TEXT = """\
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""
_QUOTED = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""


def batch_sizes(folder):
    """Returns the `allowed_batch_sizes` of `batching.config`, which is made when absent.

    Args:
        folder: directory of the models.

    Raises:
        ValueError: the file names no sizes.
    """
    path = os.path.join(folder, _BATCHING)
    _make(path, _BATCHING_TEXT % os.cpu_count())
    with open(path, encoding="utf-8") as file:
        code = re.sub(r"#[^\n]*", "", file.read())
    lists = re.findall(r"\ballowed_batch_sizes\s*:\s*(\[[^]]*\]|\d+)", code)
    sizes = sorted({int(size) for sizes in lists for size in re.findall(r"\d+", sizes)})
    if not sizes or sizes[0] < 1:
        raise ValueError(
            f"{path} must name its allowed_batch_sizes, for the export warms them up. "
            f"Received: {sizes}"
        )
    return sizes


def add_monitoring(folder):
    """Makes `monitoring.config`, which turns Prometheus' metrics on, unless it is there.

    Args:
        folder: directory of the models.
    """
    _make(os.path.join(folder, _MONITORING), _MONITORING_TEXT)


def _make(path, text):
    if not os.path.exists(path):
        _write_atomically(path, text)


def add_model(base_path):
    """Adds a model to `models.config` in the directory above its own, unless it is listed there.

    A file that is absent is made, with all models of that directory.

    The entry's name is the last part of `base_path`, and its path is below `HERE`. Other entries
    and comments stay as they are; an existing entry is not changed.

    Args:
        base_path: the model's directory, which holds its versions.

    Returns:
        The path of `models.config`.

    Raises:
        ValueError: the file there holds no `model_config_list { ... }`.
    """
    path, text = _with_model(base_path)
    if text is not None:
        _write_atomically(path, text)
    return path


def check_models(base_path):
    """Raises what `add_model` would raise, and writes nothing.

    Args:
        base_path: the model's directory.
    """
    _with_model(base_path)


def _with_model(base_path):
    """Returns the path of `models.config`, and its text with the model, None if it lists it."""
    base_path = os.path.abspath(base_path)
    path = os.path.join(os.path.dirname(base_path), MODELS)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
    else:
        text = _of_others(base_path)
    # Comments and strings may hold braces and names; same length, so that positions stay.
    code = _blank(rf"({_QUOTED})|#[^\n]*", text)
    name = os.path.basename(base_path)
    if any(quoted in re.findall(rf"\bname\s*:\s*({_QUOTED})", code) for quoted in _quoted(name)):
        paths = (*_quoted(base_path), *_quoted(f"{HERE}/{name}"))
        if not any(quoted in code for quoted in paths):
            logging.warning("%s lists %s under another path than %s", path, name, base_path)
        return path, None
    end = _blank(_QUOTED, code).rfind("}")
    if "model_config_list" not in code or end < 0:
        raise ValueError(f"{path} must hold a model_config_list {{...}}. Received: {text[:200]!r}")
    return path, text[:end] + _entry(name) + text[end:]


def _of_others(base_path):
    """Returns the text of a new file: of the models that are beside one without being listed."""
    beside = os.path.dirname(base_path)
    names = sorted(os.listdir(beside)) if os.path.isdir(beside) else []
    paths = [os.path.join(beside, name) for name in names]
    others = [path for path in paths if path != base_path and _has_versions(path)]
    entries = [_entry(os.path.basename(path)) for path in others]
    return _MODELS_TEXT % "".join(entries)


def _has_versions(path):
    return os.path.isdir(path) and any(name.isdecimal() for name in os.listdir(path))


def _quoted(text):
    """Returns a text as a string of the file: as it is written here, and as others may write it."""
    escaped = text_encoding.CEscape(text, as_utf8=True)
    return f'"{escaped}"', f"'{escaped}'"


def _blank(pattern, text):
    """Returns the text with what matches, save for group 1, replaced by as many blanks."""

    def blank(match):
        kept = match.lastindex and match[1]
        return kept or " " * len(match[0])

    return re.sub(pattern, blank, text)


def _entry(name):
    return (
        "  config {\n"
        f"    name: {_quoted(name)[0]}\n"
        f"    base_path: {_quoted(f'{HERE}/{name}')[0]}\n"
        '    model_platform: "tensorflow"\n'
        "  }\n"
    )


def _write_atomically(path, text):
    handle, temporary = tempfile.mkstemp(
        prefix=f".{os.path.basename(path)}-", dir=os.path.dirname(path)
    )
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
