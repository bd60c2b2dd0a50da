"""Lines of a text file, with the names that errors give them."""

import codecs
import dataclasses
import os

import numpy as np

from tfgan_apps.input_pipelines.errors import DataError


@dataclasses.dataclass(frozen=True, eq=False)
class Lines:
    """Some lines of a file.

    Args:
        name: str, of the file.
        numbers: int array (N,), of the lines, from 1 on.
        texts: object array (N,) of bytes, without the line's end.
    """

    name: str
    numbers: np.ndarray
    texts: np.ndarray

    @classmethod
    def of_texts(cls, name, texts):
        """Makes the lines of a sequence of bytes."""
        return cls(name, np.arange(1, len(texts) + 1), np.array(texts, object))

    @classmethod
    def read(cls, path):
        """Reads a file.

        Raises:
            DataError: when it cannot be read or holds nothing.
        """
        try:
            with open(os.path.expanduser(path), "rb") as file:
                content = file.read().removeprefix(codecs.BOM_UTF8)
        except OSError as error:
            raise DataError(
                path, [f"it cannot be read ({error.strerror}). Give a file, one sequence a line."]
            ) from error
        if not content:
            raise DataError(path, ["it is empty. Give a file with one sequence a line."])
        lines = content.removesuffix(b"\n").split(b"\n")
        name = os.path.basename(path)
        return cls.of_texts(name, [line.removesuffix(b"\r") for line in lines])

    def hold_out(self, fraction):
        """Returns dict split -> `Lines`: a share of the lines, the same at every call, is test.

        Raises:
            DataError: when no line would be left on either side.
        """
        count = len(self.numbers)
        tests = round(count * fraction)
        if not 0 < tests < count:
            raise DataError(
                self.name,
                [f"{fraction} of its {count} lines leaves none on one side. Add lines."],
            )
        order = np.random.default_rng(0).permutation(count)
        parts = {"train": np.sort(order[tests:]), "test": np.sort(order[:tests])}
        return {
            split: Lines(self.name, self.numbers[part], self.texts[part])
            for split, part in parts.items()
        }

    def problems(self, causes):
        """Returns one sentence for each cause, with the numbers of the lines it makes unusable.

        Args:
            causes: dict, the cause and its cure -> bool array (N,); the first one counts.
        """
        first = np.select([np.asarray(lines) for lines in causes.values()], list(causes), "")
        return [
            f"{self.name}, {numbered(self.numbers[first == cause])}: {cause}"
            for cause in causes
            if (first == cause).any()
        ]


def is_utf8(text):
    """Tells whether bytes are UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def numbered(numbers):
    """Returns words for ascending numbers, such as "lines 3, 7-9"."""
    ranges = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    words = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in ranges]
    return ("lines " if len(numbers) > 1 else "line ") + ", ".join(words)
