"""Examples for a served model to answer, and what their answers are called."""

import dataclasses
import pathlib
import re

_LONGEST_SLUG = 150  # bytes; a file system takes names of 255


class InputError(ValueError):
    """What is given cannot be asked: nothing was sent."""


@dataclasses.dataclass(frozen=True)
class Example:
    """What one answer is asked for; a part that is not given is None.

    Args:
        file: `pathlib.Path` of an image.
        text: str.
        seed: int.
        keep_suffix: bool, whether the answer's name has the suffix of the file's. Defaults to
            `False`.
    """

    file: pathlib.Path | None = None
    text: str | None = None
    seed: int | None = None
    keep_suffix: bool = False

    @property
    def parts(self):
        """The parts that are given: a dict."""
        given = {"file": self.file, "text": self.text, "seed": self.seed}
        return {name: part for name, part in given.items() if part is not None}

    @property
    def stem(self):
        """The name of the answer's file, without a suffix."""
        made = {
            "file": lambda: self.file.name if self.keep_suffix else self.file.stem,
            "text": lambda: _slug(self.text),
            "seed": lambda: str(self.seed),
        }
        return "_".join(made[name]() for name in self.parts) or "answer"

    def __str__(self):
        return ", ".join(str(part) for part in self.parts.values()) or self.stem


def check_names(examples):
    """Raises `InputError` when two answers would be one file.

    Args:
        examples: list of `Example`.
    """
    seen = {}
    for example in examples:
        other = seen.setdefault(example.stem, example)
        if other is not example:
            raise InputError(
                "Answers must have different names. "
                f"Received: {other} and {example}, both to be called {example.stem!r}"
            )


def _slug(text):
    words = re.sub(r"\W+", "-", text.lower()).strip("-")
    return words.encode()[:_LONGEST_SLUG].decode(errors="ignore")
