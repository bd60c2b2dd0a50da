"""docs/RESULTS.md: each section is written by the command that measured it."""

import pathlib
import re

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "RESULTS.md"
HEAD = """# Results

Measured numbers only; each section is written by the command it names.
"""


def write_section(title, command, body):
    """Puts a section into docs/RESULTS.md, in place of the one of the same title.

    Args:
        title: str, the heading.
        command: str, what was run.
        body: str, Markdown without level-2 headings.
    """
    text = RESULTS.read_text() if RESULTS.exists() else HEAD
    section = f"## {title}\n\n    {command}\n\n{body.strip()}\n"
    old = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if old.search(text):
        text = old.sub(lambda _: section + "\n", text)
    else:
        text = f"{text.rstrip()}\n\n{section}"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text.rstrip() + "\n")
