"""tfgan <command>: trains, samples, exports, serves; the same as python -m apps.<command>.

Alone it lists the commands; `tfgan <command> --help` shows a command's flags.
"""

import ast
import importlib
import pathlib
import sys


def commands():
    """Returns a dict, name of a command -> the first line of its module's docstring."""
    files = sorted(pathlib.Path(__file__).parent.glob("*.py"))
    docs = {path.stem: ast.get_docstring(ast.parse(path.read_text())) for path in files}
    return {n: doc.splitlines()[0] for n, doc in docs.items() if doc and not n.startswith("_")}


def run():
    """Starts the command that the first word names."""
    found = commands()
    name = sys.argv[1].replace("-", "_") if len(sys.argv) > 1 else "help"
    if name not in found:
        width = max(map(len, found))
        lines = [f"  {command:<{width}}  {line}" for command, line in found.items()]
        print("\n".join(["tfgan <command> [--flags]; --help shows a command's flags.", "", *lines]))
        if name not in ("help", "__help"):
            print(f"error: no command {sys.argv[1]!r}", file=sys.stderr)
            sys.exit(1)
        return
    sys.argv = [f"tfgan {name}", *sys.argv[2:]]
    importlib.import_module(f"apps.{name}").run()


if __name__ == "__main__":
    run()
