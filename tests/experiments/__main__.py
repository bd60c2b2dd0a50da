"""Runs the experiments of all systems, or of those that are named, that need no data and no hours.

    python -m tests.experiments
    python -m tests.experiments irgan seqgan
    python -m tests.experiments --all pixelrnn

Every module of this folder is an experiment, called <system>_<what>. It says `COST`, "minutes" or
"hours" on 2 CPU cores, and `DATA`, what it reads that the package does not make itself, or None.
With --all those run too that take hours or need data. Each writes its section of
docs/results/<system>.md. After one that fails the others run all the same; the exit status is 1.
"""

import argparse
import ast
import pathlib
import subprocess
import sys

from tests.experiments import results

FOLDER = pathlib.Path(__file__).parent
NO_EXPERIMENTS = ("__init__", "__main__", "blobs", "results", "toys")


def experiments():
    """Returns the names of all experiments."""
    names = [path.stem for path in FOLDER.glob("*.py") if not path.stem.endswith("_test")]
    return sorted(set(names) - set(NO_EXPERIMENTS))


def constants(experiment):
    """Returns the module-level constants of an experiment as source text, without importing it."""
    tree = ast.parse((FOLDER / f"{experiment}.py").read_text())
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in assigned}


def is_cheap(experiment):
    """Tells whether an experiment takes minutes and needs no outside data."""
    stated = constants(experiment)
    return stated["COST"] == "'minutes'" and stated["DATA"] == "None"


def command(experiment):
    """Returns the command of an experiment, a list."""
    return [sys.executable, "-m", f"tests.experiments.{experiment}"]


def run(commands):
    """Runs commands one after the other, whatever becomes of them.

    Args:
        commands: dict, name -> list.

    Returns:
        list, the names of those that failed.
    """
    failed = []
    for name, words in commands.items():
        print(f"== {name}", flush=True)
        if subprocess.run(words, check=False).returncode:
            failed.append(name)
    return failed


def main(arguments, command=command):
    """Runs what the arguments ask for, and tells whether something failed.

    Args:
        arguments: list of str.
        command: function, name of an experiment -> list.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.experiments")
    systems = sorted({results.system_of(name) for name in experiments()})
    parser.add_argument("systems", nargs="*", help=f"of {', '.join(systems)}; all if left out")
    parser.add_argument("--all", action="store_true", help="also what needs data, or hours")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.systems) - set(systems):
        parser.error(f"expected of {', '.join(systems)}. Received: {', '.join(sorted(unknown))}")
    wanted = asked.systems or systems
    names = [name for name in experiments() if results.system_of(name) in wanted]
    chosen = [name for name in names if asked.all or is_cheap(name)]
    failed = run({name: command(name) for name in chosen})
    if left := [name for name in names if name not in chosen]:
        print(f"Not run, they need data or hours (--all): {', '.join(left)}")
    print(f"{len(chosen) - len(failed)} of {len(chosen)} passed.")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
