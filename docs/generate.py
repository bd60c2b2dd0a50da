"""Writes the pages that are made of docstrings: systems.md, overview.md and results/README.md.

    make docs

Sources are read, not imported. tests/docs_test.py says when the pages are not up to date.
"""

import ast
import os
import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("tfgan_apps", "apps", "benchmarks", "tests/experiments")
SYSTEMS = """# Systems

Made of the docstrings by `make docs`, in the order of the papers. `tfgan cyclegan` is the same as
`python -m apps.cyclegan`; behind "runs" are its flagfiles, each with its cost and what to expect.
Data are opened by the named functions of [input_pipelines](../tfgan_apps/input_pipelines).
"""
OVERVIEW = """# Overview: what each file is for

Made of the docstrings by `make docs`. [systems.md](systems.md) is the table of systems.
`apps/flags/<system>/<run>.flags` are runs; `tests/` mirrors the package, and
`tests/model_test_case.py` holds the promises that every system keeps.
"""
RESULTS = """# Results

Made of the other files of this folder by `make docs`; each of their sections is written by the
command that measured it. Measured numbers stand in the order of their thresholds.
"""


def files(folder, pattern="*.py"):
    """Returns the paths of a folder's files, relative to the repository, in order."""
    found = (REPOSITORY / folder).glob(pattern)
    return sorted(path.relative_to(REPOSITORY) for path in found)


def parse(path):
    """Returns the syntax tree of a source file."""
    return ast.parse((REPOSITORY / path).read_text())


def sentence(tree):
    """Returns the first sentence of a docstring, in one line."""
    first = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", first)[0].removesuffix(".").replace("|", r"\|")


def names(tree):
    """Returns the names that a piece of source uses, those of imports not counted."""
    used = (getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(tree))
    return {name for name in used if name}


def defined(folder, kind):
    """Returns dict, name -> path, of the public classes or functions of a folder's files."""
    tops = [(node, path) for path in files(folder) for node in parse(path).body]
    found = {node.name: path for node, path in tops if isinstance(node, kind)}
    return {name: path for name, path in found.items() if not name.startswith("_")}


def link(text, path, start="docs"):
    """Returns a Markdown link to a path of the repository, or "" where there is none."""
    there = (REPOSITORY / path).exists()
    return f"[{text}]({pathlib.PurePath(os.path.relpath(path, start)).as_posix()})" if there else ""


def table(columns, rows):
    """Returns a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def paper(path):
    """Returns (year, link) of the paper that a docstring's `Reference:` names first.

    Raises:
        ValueError: when there is no title in quotes, year after it, or address.
    """
    text = ast.get_docstring(parse(path)).split("Reference:")[1].split("\n\n")[0]
    if not re.search(r'".*".*\b(19|20)\d\d\b.*https?://', text, re.DOTALL):
        expected = '`Reference:` Authors, "Title", Venue Year, https://...'
        raise ValueError(f"{path}: expected {expected} Received: {text.strip()}")
    address = re.search(r"https?://[^\s;,]*[^\s;,.]", text).group()
    who, *rest = " ".join(text.split()).replace(address, "").split('"')
    who = [author.strip() for author in who.strip(" ,").split(",")]
    who = f"{who[0]} et al." if len(who) > 2 else " and ".join(who)
    year = re.search(r"\b(?:19|20)\d\d\b", " ".join(rest[1:])).group()
    return year, f"[{who} {year}]({address})"


def parameters(path):
    """Returns what a docstring's `Parameters:` says, "" where there are none.

    Args:
        path: of a system's file.
    """
    found = re.search(r"^Parameters:\n((?: +.*\n?)+)", ast.get_docstring(parse(path)), re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def measured(system):
    """Returns what the first of a system's experiments has measured, and a link to all.

    Args:
        system: str, name of the file or folder of a system.
    """
    path = pathlib.Path(f"docs/results/{system}.md")
    if not (REPOSITORY / path).exists():
        return ""
    section = (REPOSITORY / path).read_text().split("\n## ")[1]
    values = re.search(r"^- Measured: (.*)$", section, re.MULTILINE).group(1)
    failed = "**FAILED**: " if re.search(r"^FAILED", section, re.MULTILINE) else ""
    title = re.sub(r"^[^:(]*: ", "", section.splitlines()[0])  # without the system's name
    return f"{link(title, path)}: {failed}{values}"


def systems():
    """Returns [(path, class)]: every `AdversarialModel` in a file that has a `Reference:`."""
    found = []
    for path in files("tfgan_apps/models", "**/*.py"):
        tree = parse(path)
        if "Reference:" in (ast.get_docstring(tree) or ""):
            classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
            bases = [("AdversarialModel" in map(ast.unparse, node.bases)) for node in classes]
            found += [(path, node) for node, fits in zip(classes, bases, strict=True) if fits]
    return sorted(found, key=lambda each: (paper(each[0])[0], each[1].name))


def app_of(path, system):
    """Returns the app of a class: that with the name of its file, else one that uses it."""
    apps = [app for app in files("apps") if system in names(parse(app))]
    return next((app for app in apps if app.stem == path.stem), next(iter(apps), None))


def parts_of(app):
    """Returns the paths of what an app imports of other apps and of its system's package."""
    froms = [node for node in ast.walk(parse(app)) if isinstance(node, ast.ImportFrom)]
    froms = [node for node in froms if re.match(r"apps$|tfgan_apps\.models\.", node.module or "")]
    modules = {node.module for node in froms}
    modules |= {f"{node.module}.{alias.name}" for node in froms for alias in node.names}
    paths = [pathlib.Path(f"{module.replace('.', '/')}.py") for module in sorted(modules)]
    return [path for path in paths if (REPOSITORY / path).exists()]


def opened(app, openers):
    """Returns links to what opens the data of an app, or of a part of it."""
    used = set().union(*(names(parse(path)) for path in [app, *parts_of(app)]))
    return ", ".join(link(f"`{name}`", openers[name]) for name in sorted(used & openers.keys()))


def served(system, kinds):
    """Returns links to the kinds that a class' method `serving` uses."""
    methods = [node for node in ast.walk(system) if getattr(node, "name", "") == "serving"]
    used = sorted(kinds.keys() & set().union(*map(names, methods)))
    files = dict.fromkeys(kinds[name] for name in used)
    return "; ".join(link(sentence(parse(file)).split(": ")[-1], file) for file in files)


def systems_page():
    """Returns docs/systems.md."""
    kinds = defined("tfgan_apps/serving/kinds", ast.ClassDef)
    openers = defined("tfgan_apps/input_pipelines", ast.FunctionDef)
    rows = []
    for path, system in systems():
        app = app_of(path, system.name)
        runs = f"`tfgan {app.stem}` {link('runs', f'apps/flags/{app.stem}')}" if app else ""
        file = path.relative_to("tfgan_apps/models").parts[0].removesuffix(".py")
        what = [link(f"`{system.name}`", path), sentence(parse(path)).split(": ", 1)[-1]]
        data = [opened(app, openers) if app else "", served(system, kinds)]
        numbers = [parameters(path), measured(file)]
        rows.append([*what, paper(path)[1], *numbers, runs.strip(), *data])
    columns = ["class", "what it does", "paper", "parameters", "measured"]
    columns += ["command", "data", "served"]
    return f"{SYSTEMS}\n{table(columns, rows)}"


def overview_page():
    """Returns docs/overview.md."""
    parts = [OVERVIEW]
    paths = [path for folder in FOLDERS for path in files(folder, "**/*.py")]
    for folder in dict.fromkeys(path.parent for path in paths):
        about = folder / "__init__.py"
        inside = [path for path in paths if path.parent == folder and path != about]
        inside = [path for path in inside if not path.stem.endswith("_test")]
        what = sentence(parse(about)) if about in paths else ""
        parts += [f"## {folder.as_posix()}/\n", f"{what}.\n" if what else ""]
        parts.append("".join(f"- {link(p.name, p)}: {sentence(parse(p))}.\n" for p in inside))
    return "\n".join(part for part in parts if part)


def results_page():
    """Returns docs/results/README.md, the sections' summaries in one table."""
    rows = []
    for path in files("docs/results", "[!R]*.md"):
        text = (REPOSITORY / path).read_text()
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            command = re.search(r"^    (python -m .*)$", section, re.MULTILINE).group(1)
            stated = re.findall(r"^- (?:Threshold|Measured): (.*)$", section, re.MULTILINE)
            failed = "**FAILED**: " if re.search(r"^FAILED", section, re.MULTILINE) else ""
            title, system = section.splitlines()[0], link(path.stem, path, "docs/results")
            rows.append([system, title, stated[0], failed + stated[1], f"`{command}`"])
    return f"{RESULTS}\n{table(['system', 'experiment', 'threshold', 'measured', 'command'], rows)}"


def pages():
    """Returns dict, path of a page in the repository -> what it should hold."""
    return {
        "docs/systems.md": systems_page(),
        "docs/overview.md": overview_page(),
        "docs/results/README.md": results_page(),
    }


def write():
    """Writes all pages."""
    for path, text in pages().items():
        (REPOSITORY / path).write_text(text)


if __name__ == "__main__":
    write()
