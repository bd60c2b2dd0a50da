"""Finding images and their captions in a folder."""

import csv
import os
from collections import defaultdict

import numpy as np

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.captioned_splits import CaptionedSplit
from tfgan_apps.input_pipelines.sources.lines import Lines, is_utf8, numbered
from tfgan_apps.input_pipelines.sources.listing import EXTENSIONS, list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles

_LAYOUT = (
    'Write captions.txt with the first line "image,caption", then one line for each caption, or '
    "a text file beside each image, one caption a line."
)
_NOT_UTF8 = "not UTF-8. Save the file as UTF-8."
_EMPTY = "the caption is empty. Write one, or remove the line."


def open_captions(folder):
    """Lists a folder of images with captions; no image is decoded.

    The images are in its subfolder images, or directly in it; subfolders of that are classes. The
    captions are, UTF-8,

    - in captions.txt, as CSV: the first line is `image,caption`, each other line an image's path
      in the images' folder and one caption, in quotes where it has a comma;
    - or, without captions.txt, for each image in a file of the same name with the extension .txt,
      beside it or at the same path in the subfolder text, one caption a line. Where there are
      subfolders images or text, other text files are left alone.

    Args:
        folder: str, path of such a folder, or of one with the subfolder train and, if held out,
            test, each such a folder.

    Returns:
        dict "train" and, if held out, "test" -> `CaptionedSplit`.

    Raises:
        DataError: that lists every image without captions, every line that cannot be used, and
            what is missing.
    """
    parts = [name for name in ("train", "test") if os.path.isdir(os.path.join(folder, name))]
    if parts == ["test"]:
        raise DataError(folder, ["it has a folder test, but no folder train. Make it."])
    splits, problems = {}, []
    for part in parts or [""]:
        splits[part or "train"], found = _read(folder, part)
        problems += found
    if problems:
        raise DataError(folder, problems)
    return splits


def _read(folder, part):
    """Returns the `CaptionedSplit` of a subfolder ("" for the folder itself), and its problems."""
    place = os.path.abspath(os.path.join(folder, part))
    inside = os.path.join(place, "images")
    root = inside if os.path.isdir(inside) else place
    listing = list_images(root, folder)
    if not listing.paths:
        missing = f"{root} has no images. Put them there ({' '.join(EXTENSIONS)})."
        return None, listing.problems or [missing]
    names = [os.path.relpath(path, root) for path in listing.paths]
    table = os.path.join(place, "captions.txt")
    if os.path.isfile(table):
        captions, problems = _from_table(table, set(names))
    else:
        captions, problems = _from_text_files(place, names)
    if captions or not problems:
        without = [name for name in names if name not in captions]
        problems += [f"{name}: has no caption. Write one, or remove the image." for name in without]
    problems = listing.problems + [os.path.join(part, problem) for problem in problems]
    if problems:
        return None, problems
    classes = [os.path.dirname(name) for name in names]
    texts = [captions[name] for name in names]
    left_out = [name for name in listing.left_out if not name.endswith(".txt")]
    store = ImageFiles(listing.paths, folder, left_out=left_out)
    return CaptionedSplit(store, texts, classes if any(classes) else None), []


def _from_table(path, names):
    """Returns dict image -> list of captions of captions.txt, and the list of problems."""
    try:
        lines = _read_lines(path)
    except DataError as error:
        return {}, [f"captions.txt: {problem}" for problem in error.problems]
    if [field.lower() for field in _fields(lines.texts[0]) or []] != ["image", "caption"]:
        start = lines.texts[0][:40].decode(errors="replace")
        return {}, [f'captions.txt, line 1: must be "image,caption". Received: {start!r}']
    captions, unusable = defaultdict(list), defaultdict(list)
    for number, line in zip(lines.numbers[1:], lines.texts[1:], strict=True):
        if problem := _problem(line, names):
            unusable[problem].append(number)
        else:
            image, caption = _fields(line)
            captions[os.path.normpath(image)].append(caption)
    return captions, [
        f"captions.txt, {numbered(np.array(numbers))}: {problem}"
        for problem, numbers in unusable.items()
    ]


def _problem(line, names):
    """Says why a line of captions.txt cannot be used, or returns None."""
    if not is_utf8(line):
        return _NOT_UTF8
    fields = _fields(line)
    if fields is None or len(fields) != 2:
        return "must be an image, a comma and a caption, the caption in quotes where it has commas."
    image, caption = fields
    if not caption:
        return _EMPTY
    if os.path.normpath(image) not in names:
        return f"{image} is not among the images. Correct its name, or remove the line."
    return None


def _fields(line):
    """Returns the fields of a line of CSV (bytes), a list of str, or None where it is no CSV."""
    try:
        (fields,) = csv.reader([line.decode()], strict=True)
    except (UnicodeDecodeError, csv.Error):
        return None
    return [field.strip() for field in fields]


def _from_text_files(folder, names):
    """Returns dict image -> list of captions of one text file each, and the list of problems."""
    found, stems = _text_files(folder), [os.path.splitext(name)[0] for name in names]
    files = {stem: paths[0] for stem, paths in found.items()}
    if files.keys().isdisjoint(stems):
        return {}, [f"{folder} has no captions. {_LAYOUT}"]
    captions = {}
    problems = [
        f"{os.path.relpath(files[stem], folder)}: has no image of its name. Add it, or remove this."
        for stem in files.keys() - stems
    ]
    problems += [
        " and ".join(os.path.relpath(path, folder) for path in paths)
        + ": are both of one image. Put their captions in one of them, and remove the other."
        for paths in found.values()
        if len(paths) > 1
    ]
    for name, stem in zip(names, stems, strict=True):
        if stem in files:
            captions[name], found = _captions_of(files[stem])
            problems += [f"{os.path.relpath(files[stem], folder)}{problem}" for problem in found]
    return captions, sorted(problems)


def _read_lines(path):
    """Returns the `Lines` of a file without the empty ones at its end."""
    lines = Lines.read(path)
    count = len(lines.texts)
    while count > 1 and not lines.texts[count - 1].strip():
        count -= 1
    return Lines(lines.name, lines.numbers[:count], lines.texts[:count])


def _text_files(folder):
    """Returns dict path without extension, as in the images' folder, -> list of text files."""
    inside = [os.path.join(folder, name) for name in ("images", "text")]
    found = defaultdict(list)
    for root in [path for path in inside if os.path.isdir(path)] or [folder]:
        for name in list_images(root, root).left_out:
            stem, extension = os.path.splitext(name)
            if extension == ".txt":
                found[stem].append(os.path.join(root, name))
    return found


def _captions_of(path):
    """Returns the lines of a text file, and what is wrong with them."""
    try:
        lines = _read_lines(path)
    except DataError as error:
        return [], [f": {problem}" for problem in error.problems]
    causes = {
        _NOT_UTF8: [not is_utf8(line) for line in lines.texts],
        _EMPTY: [not line.strip() for line in lines.texts],
    }
    problems = [problem.removeprefix(lines.name) for problem in lines.problems(causes)]
    return [line.decode(errors="replace").strip() for line in lines.texts], problems
