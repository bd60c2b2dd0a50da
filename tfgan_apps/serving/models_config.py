"""The list of models that `tensorflow_model_server --model_config_file` reads."""

import os
import re
import tempfile

from absl import logging

_FILE = "models.config"
_QUOTED = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""


def add_model(base_path):
    """Adds a model to `models.config` in the directory above its own, unless it is listed there.

    The entry's name is the last part of `base_path`. Its `base_path` is absolute, because the
    server refuses relative ones; a directory that is mounted elsewhere, as in a container, needs a
    file of its own. Other entries and comments stay as they are; an existing entry is not changed.

    Args:
        base_path: the model's directory, which holds its versions.

    Returns:
        The path of `models.config`.

    Raises:
        ValueError: the file there holds no `model_config_list { ... }`.
    """
    base_path = os.path.abspath(base_path)
    path = os.path.join(os.path.dirname(base_path), _FILE)
    text = "model_config_list {\n}\n"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
    # Comments and strings may hold braces and names; same length, so that positions stay.
    code = _blank(rf"({_QUOTED})|#[^\n]*", text)
    name = os.path.basename(base_path)
    if name in re.findall(r"\bname\s*:\s*[\"']([^\"'\n]*)[\"']", code):
        if f'"{base_path}"' not in code and f"'{base_path}'" not in code:
            logging.warning("%s lists %s under another path than %s", path, name, base_path)
        return path
    end = _blank(_QUOTED, code).rfind("}")
    if "model_config_list" not in code or end < 0:
        raise ValueError(f"{path} must hold a model_config_list {{...}}. Received: {text[:200]!r}")
    _write_atomically(path, text[:end] + _entry(name, base_path) + text[end:])
    return path


def _blank(pattern, text):
    """Returns the text with what matches, save for group 1, replaced by as many blanks."""

    def blank(match):
        kept = match.lastindex and match[1]
        return kept or " " * len(match[0])

    return re.sub(pattern, blank, text)


def _entry(name, base_path):
    return (
        "  config {\n"
        f'    name: "{name}"\n'
        f'    base_path: "{base_path}"\n'
        '    model_platform: "tensorflow"\n'
        "  }\n"
    )


def _write_atomically(path, text):
    handle, temporary = tempfile.mkstemp(prefix=".models.config-", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
