"""Examples for a served model to answer, and what their answers are called."""

import collections
import dataclasses
import itertools
import json
import pathlib
import re
from typing import Literal

from tfgan_apps.arguments import check

Fit = Literal["training", "original", "pad"]
"""How a picture is brought to a size that a network can have; see `serving.kinds.fits`."""

_IMAGES = (".png", ".jpg", ".jpeg")
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


def combinations(path=None, texts=(), seeds=()):
    """Returns the list of `Example`s of all combinations.

    Args:
        path: an image file, or a folder whose PNG and JPEG files are meant, those of its subfolders
            not. The answers to a.jpg and a.png beside it are a.jpg.png and a.png.png. Defaults to
            none.
        texts: sequence of str.
        seeds: sequence of int.

    Raises:
        InputError: there is no such file, or the folder holds none.
    """
    files = _files(pathlib.Path(path)) if path else [None]
    stems = collections.Counter(file.stem for file in files if file)
    return [
        Example(file, text, seed, keep_suffix=file is not None and stems[file.stem] > 1)
        for file, text, seed in itertools.product(files, texts or [None], seeds or [None])
    ]


def settings(words):
    """Returns the values that other inputs have in all examples: a dict, input's name -> value.

    Args:
        words: list of str such as "label=3", "code=[0.5, -1]", "image_bytes=@style.jpg" or, of
            several files, "reference_bytes=@one.jpg,@two.jpg".

    Raises:
        ValueError: a word is none, a name is given twice, or a file is not there.
    """
    try:
        found = {name: _value(value) for name, value in (w.split("=", 1) for w in words)}
    except (ValueError, OSError):
        found = {}
    fits = len(found) == len(words)
    expected = "name=value, each name once, with a value in JSON, or @ and a file that is there"
    check(fits, expected, set=words)
    return found


def _value(text):
    if not text.startswith("@"):
        return json.loads(text)
    files = [pathlib.Path(path).read_bytes() for path in text[1:].split(",@")]
    return files if len(files) > 1 else files[0]


def check_seeds(seeds):
    """Raises `ValueError` unless all seeds are what signatures take.

    Args:
        seeds: sequence of int.
    """
    fits = all(-(2**31) <= seed < 2**31 for seed in seeds)
    check(fits, "32-bit integers, such as 1,2,3", seeds=seeds)


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


def _files(path):
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"The input must be a file or a folder. Received: {path}")
    images = (file for file in path.iterdir() if file.suffix.lower() in _IMAGES)
    files = sorted(file for file in images if not file.is_dir())
    if not files:
        raise InputError(f"The input's folder must hold PNG or JPEG files. Received: {path}")
    return files


def _slug(text):
    words = re.sub(r"\W+", "-", text.lower()).strip("-")
    return words.encode()[:_LONGEST_SLUG].decode(errors="ignore")
