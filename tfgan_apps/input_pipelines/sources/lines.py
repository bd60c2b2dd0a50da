"""Lines of a text file, with the names that errors give them."""

import codecs
import dataclasses
import errno
import os
import stat

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
        lines = read_text(path).removesuffix(b"\n").split(b"\n")
        name = os.path.basename(path)
        return cls.of_texts(name, [line.removesuffix(b"\r") for line in lines])

    def without_empty_end(self):
        """Returns the `Lines` without the empty ones at the end; the first one stays."""
        count = len(self.texts)
        while count > 1 and not self.texts[count - 1].strip():
            count -= 1
        return Lines(self.name, self.numbers[:count], self.texts[:count])

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


def read_text(path):
    """Returns the bytes of a text file, without a byte order mark; its lines may still be no UTF-8.

    Args:
        path: str.

    Raises:
        DataError: it cannot be read, is empty, or is no text of one byte a letter or UTF-8.
    """
    path = os.path.expanduser(path)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # a pipe could be waited for without end
            with open(path, "rb") as file:
                content = file.read().removeprefix(codecs.BOM_UTF8)
        else:
            raise OSError(errno.EINVAL, "It is no regular file")
    except OSError as error:
        said = f"it cannot be read ({error.strerror}). Give a text file."
        raise DataError(path, [said]) from error
    if not content:
        raise DataError(path, ["it is empty. Give a file with one sequence a line."])
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        cure = f"iconv -f UTF-16 -t UTF-8 {os.path.basename(path)} > utf8.txt"
        raise DataError(
            path, [f"it is no UTF-8 text, but holds NUL bytes, as UTF-16 does. Convert it: {cure}"]
        )
    return content


def utf8_lines(path):
    """Returns the lines of a text file, list of str; see `read_text`.

    Args:
        path: str.

    Raises:
        DataError: besides, a line is no UTF-8.
    """
    lines = Lines.read(path)
    wrong = [
        number for number, text in zip(lines.numbers, lines.texts, strict=True) if not is_utf8(text)
    ]
    if wrong:
        raise DataError(path, [f"{numbered(np.array(wrong))}: no UTF-8. Convert the file."])
    return [text.decode() for text in lines.texts]


def is_utf8(text):
    """Tells whether bytes are UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def numbered(numbers, unit="line"):
    """Returns words for ascending numbers, such as "lines 3, 7-9"."""
    ranges = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    words = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in ranges]
    return unit + ("s " if len(numbers) > 1 else " ") + ", ".join(words)
