"""Files that are there whole, or not at all."""

import os


def write_whole(path, content):
    """Writes a file so that a process that is killed leaves the old one, or the new one.

    Args:
        path: str; what it is written to first, `<path>.tmp`, is written over by the next attempt.
        content: str or bytes.
    """
    content = content.encode() if isinstance(content, str) else content
    with open(f"{path}.tmp", "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.tmp", path)


def check_folders(**folders):
    """Raises `ValueError` unless each path is a directory to write in, or can be made one.

    Args:
        **folders: name of the argument -> str; None where it is not given.
    """
    for name, path in folders.items():
        if path is None:
            continue
        there = os.path.abspath(path)
        while not os.path.lexists(there):
            there = os.path.dirname(there)
        wrong = "it is empty" if not path else _wrong_place(there)
        if wrong:
            raise ValueError(
                f"{name} must be a directory that can be written, or made. "
                f"Received: {name}={path!r} ({wrong})"
            )


def _wrong_place(there):
    if not os.path.isdir(there):
        return f"{there} is no directory"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"
