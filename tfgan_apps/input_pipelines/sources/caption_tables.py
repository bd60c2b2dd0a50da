"""Tables of captions as people have them: CSV, TSV, the files of Flickr8k, Flickr30k and COCO."""

import csv
import dataclasses
import json
import os
import re
from collections import defaultdict

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.lines import Lines, is_utf8

NOT_UTF8 = "not UTF-8. Save the file as UTF-8."
EMPTY = "the caption is empty. Write one, or remove the line."
_TWO_FIELDS = "must be an image, a comma and a caption, the caption in quotes where it has commas."
_IMAGE = set("image image_name image_path img file file_name filename path".split())
_CAPTION = set("caption captions comment description sentence text".split())
_TOKEN = re.compile(r"(?P<image>[^\t]+)#\d+\t(?P<caption>.*)")
# One line of Flickr30k's own file lacks its second bar.
_BARS = re.compile(r"(?P<image>[^|]+)\|\s*\d+\s*\|?(?P<caption>.*)")
_BY_NAME = re.compile(
    r"captions\.(txt|csv|tsv|json)|captions[_-].*\.(csv|tsv|json)|results.*\.(csv|token)"
    r"|(?!.*lemma).*\.token(\.txt)?|metadata\.csv",
    re.IGNORECASE,
)
_BY_KIND = (".csv", ".tsv", ".json")


@dataclasses.dataclass
class Table:
    """What a file says of images.

    Args:
        path: str, of the file.
        rows: list of (number of the line, image, caption).
        problems: dict, what is wrong with lines, and the cure -> list of their numbers.
        published: bool, whether it is a file that comes with a data set: it may name images that
            are not there, as of a set of which one has a part.
        unit: str, what is numbered. Defaults to "line".
    """

    path: str
    rows: list = dataclasses.field(default_factory=list)
    problems: dict = dataclasses.field(default_factory=lambda: defaultdict(list))
    published: bool = False
    unit: str = "line"

    def add(self, number, image, caption):
        """Adds a row, or what is wrong with it."""
        if caption := " ".join(caption.split()):
            self.rows.append((number, image.strip(), caption))
        else:
            self.problems[EMPTY].append(number)


def find_tables(folder, part=""):
    """Returns the paths of the files that are tables of captions by their names.

    They are in the folder or its subfolders; those of a part may be beside it, with its name in
    theirs, as COCO's annotations/captions_train2017.json.

    Args:
        folder: str.
        part: str, name of a subfolder that has its own table, "" for the folder. Defaults to "".
    """
    found = _named(os.path.join(folder, part))
    return found or [path for path in _named(folder) if part in os.path.basename(path)]


def other_tables(folder):
    """Returns the paths of the files directly in a folder that may be tables by their extension."""
    return [path for path in _files(folder) if path.lower().endswith(_BY_KIND)]


def _named(folder):
    places = [folder, *(entry.path for entry in sorted_entries(folder) if entry.is_dir())]
    for level in (places[:1], places[1:]):
        paths = [path for place in level for path in _files(place)]
        if found := [path for path in paths if _BY_NAME.fullmatch(os.path.basename(path))]:
            return found
    return []


def _files(folder):
    return [entry.path for entry in sorted_entries(folder) if entry.is_file()]


def sorted_entries(folder):
    """Returns the `os.DirEntry`s of a folder by their names, without the hidden ones."""
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError:
        return []  # the listing of its images says so
    return sorted(entries, key=lambda entry: entry.name)


def read_table(path, is_image):
    """Reads a file of captions.

    Args:
        path: str. A name that ends in .json is a file like COCO's; what other files are is told by
            their first line.
        is_image: function of a str that tells whether it names an image.

    Returns:
        `Table`.

    Raises:
        DataError: it cannot be read, or it is not clear what its columns are.
    """
    if path.lower().endswith(".json"):
        return _read_coco(path)
    lines = Lines.read(path).without_empty_end()
    first = lines.texts[0].decode(errors="replace")
    if _TOKEN.fullmatch(first):
        return _read_published(path, lines, 0, _TOKEN)
    if first.lower().startswith("image_name|"):
        return _read_published(path, lines, 1, _BARS)
    return _read_columns(path, lines, "\t" if "\t" in first else ",", is_image)


def _read_published(path, lines, header, pattern):
    table = Table(path, published=True)
    for number, line in zip(lines.numbers[header:], lines.texts[header:], strict=True):
        if not is_utf8(line):
            table.problems[NOT_UTF8].append(number)
        elif found := pattern.fullmatch(line.decode()):
            table.add(number, found["image"], found["caption"])
        else:
            table.problems["is not like the first ones. Correct or remove it."].append(number)
    return table


def _read_columns(path, lines, separator, is_image):
    image, caption, count, header = _columns(path, lines, separator, is_image)
    wrong = f"must have {count} fields, as line 1 has; in quotes where they have commas."
    if separator == "\t":
        wrong = f"must have {count} fields, as line 1 has, and tabs between them."
    elif count == 2:
        wrong = _TWO_FIELDS
    table = Table(path)
    for number, line in zip(lines.numbers[header:], lines.texts[header:], strict=True):
        fields = _fields(line, separator)
        if not is_utf8(line):
            table.problems[NOT_UTF8].append(number)
        elif len(fields) != count:
            table.problems[wrong].append(number)
        else:
            table.add(number, fields[image], fields[caption])
    return table


def _columns(path, lines, separator, is_image):
    """Returns the places of image and caption, the number of columns, and that of header lines."""
    first, second = (_fields(line, separator) for line in (*lines.texts[:2], lines.texts[0])[:2])
    names = [name.lower() for name in first]
    found = [[i for i, name in enumerate(names) if name in known] for known in (_IMAGE, _CAPTION)]
    if [len(places) for places in found] == [1, 1]:
        return found[0][0], found[1][0], len(first), 1
    for header, row in enumerate((first, second)):
        images = [i for i, field in enumerate(row) if is_image(field)]
        texts = [i for i, field in enumerate(row) if i not in images and not field.isdigit()]
        if len(images) == len(texts) == 1 and (not header or _is_header(first, row)):
            return images[0], texts[0], len(row), header
    wanted = "its first line must name the columns of the images and of the captions"
    start = lines.texts[0][:40].decode(errors="replace")
    raise DataError(path, [f"{wanted}: image,caption. Received: {start!r}"])


def _is_header(first, row):
    """Tells whether the first line names columns, or a file: it is then of an image not there."""
    return len(first) == len(row) and not any(os.path.splitext(name)[1] for name in first)


def _fields(line, separator):
    """Returns the fields of a line (bytes), a list of str, none where it is no such line."""
    try:
        text = line.decode()
        (fields,) = csv.reader([text], strict=True) if separator == "," else [text.split("\t")]
    except (UnicodeDecodeError, csv.Error, ValueError):
        return []
    return [field.strip() for field in fields]


def _read_coco(path):
    table = Table(path, published=True, unit="annotation")
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        names = {image["id"]: image["file_name"] for image in content["images"]}
        for number, row in enumerate(content["annotations"]):
            table.add(number, names[row["image_id"]], row["caption"])
    except OSError as error:
        raise DataError(path, [f"it cannot be read ({error.strerror})."]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        layout = (
            'must be as COCO has it: "images" with "id" and "file_name", "annotations" with '
            '"image_id" and "caption"'
        )
        said = f"{type(error).__name__}: {error}".splitlines()[0][:80]
        raise DataError(path, [f"it {layout}. Received: {said}"]) from error
    return table
