"""A command line that names a run alone: the run's own flags come with it."""

import os
import re

COMMAND = "# python -m "
"""What the first line of a `flags.txt` starts with; the command's module follows."""


def with_flags_of_run(name, argv):
    """Returns the command line; where it names neither data nor flagfile, with the run's flags.

    What the command line has wins, so that `tfgan cyclegan --run_dir=runs/mine --epochs=400` trains
    a run of 200 epochs for another 200.

    Args:
        name: str, the command's module, such as "apps.cyclegan".
        argv: list of str.

    Raises:
        SystemExit: the run is of another command.
    """
    line = "\n".join(argv)
    run = re.search(r"^--?run_dir[=\n](.+)$", line, re.M)
    path = run and os.path.join(run[1], "flags.txt")
    if not path or re.search(r"^--?(flagfile|dataset|help\w*)\b", line, re.M):
        return argv
    if not os.path.isfile(path):
        return argv
    with open(path) as file:
        command = file.readline().removeprefix(COMMAND).strip()
    if command != name:
        raise SystemExit(f"error: {run[1]} is a run of {command}, not of {name}")
    return [argv[0], f"--flagfile={path}", *argv[1:]]
