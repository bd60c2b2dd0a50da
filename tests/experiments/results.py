"""docs/results/<system>.md: each section is written by the command that measured it."""

import pathlib
import re

from PIL import Image

from docs import generate

REPOSITORY = pathlib.Path(__file__).parents[2]
RESULTS = REPOSITORY / "docs" / "results"
HEAD = """# Results: {system}

Measured numbers only; each section is written by the command it names.
"""


def system_of(experiment):
    """Returns the system that an experiment is of: the one whose name its own begins with.

    Args:
        experiment: str, `<system>_<what>`, the name of a module of this folder.

    Raises:
        ValueError: when nothing in tfgan_apps/models is called so.
    """
    systems = {path.stem for path in (REPOSITORY / "tfgan_apps" / "models").iterdir()}
    found = [system for system in systems if experiment.startswith(f"{system}_")]
    if not found:
        raise ValueError(
            f"an experiment is called <system>_<what>, with a system of tfgan_apps/models. "
            f"Received: {experiment}"
        )
    return max(found, key=len)


def table(rows):
    """Returns a Markdown table.

    Args:
        rows: dict, name of a row -> dict, name of a column -> float; what a row lacks stays empty.
    """
    columns = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    lines = [
        [row, *(f"{cells[name]:.4g}" if name in cells else "" for name in columns)]
        for row, cells in rows.items()
    ]
    return generate.table(["", *columns], lines).rstrip()


def write_picture(source, name, colours):
    """Writes docs/results/<name>, in so few colours that it is small.

    Args:
        source: path of a picture.
        name: str, that ends with .png.
        colours: int, at most 256.
    """
    image = Image.open(source).convert("RGB").quantize(colours)
    image.save(RESULTS / name, optimize=True)


def write_section(title, command, body, threshold, measured):
    """Puts a section into docs/results/<system>.md, in place of the one of the same title.

    Then the summary in docs/results/README.md is generated anew.

    Args:
        title: str, the heading.
        command: str, what was run: `python -m tests.experiments.<system>_<what>`, and its words.
        body: str, Markdown without level-2 headings.
        threshold: str, what had to come out, in a line; "none" where nothing had to.
        measured: str, what came out, in the same order.
    """
    system = system_of(re.search(r"tests\.experiments\.(\w+)", command).group(1))
    write_page_section(system, title, command, body, threshold, measured)


def write_page_section(page, title, command, body, threshold, measured):
    """Puts a section into docs/results/<page>.md, as `write_section` does into a system's."""
    path = RESULTS / f"{page}.md"
    text = path.read_text() if path.exists() else HEAD.format(system=page)
    RESULTS.mkdir(exist_ok=True)
    path.write_text(with_section(text, title, command, body, threshold, measured))
    generate.write()


def with_section(text, title, command, body, threshold, measured):
    """Returns a page with a section in place of the one of its title, or at the end."""
    summary = f"- Threshold: {threshold}\n- Measured: {measured}"
    section = f"## {title}\n\n    {command}\n\n{summary}\n\n{body.strip()}\n"
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if old.search(text):
        text = old.sub(lambda _: section + "\n", text)
    else:
        text = f"{text.rstrip()}\n\n{section}"
    return text.rstrip() + "\n"
