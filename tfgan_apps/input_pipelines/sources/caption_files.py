"""Finding images and their captions in a folder."""

import os
import re
import unicodedata
from collections import defaultdict

import numpy as np

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.caption_tables import (
    EMPTY,
    NOT_UTF8,
    find_tables,
    other_tables,
    read_table,
    sorted_entries,
)
from tfgan_apps.input_pipelines.sources.captioned_splits import CaptionedSplit
from tfgan_apps.input_pipelines.sources.lines import Lines, is_utf8, numbered
from tfgan_apps.input_pipelines.sources.listing import EXTENSIONS, list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles

_LAYOUT = (
    'Write captions.txt with the first line "image,caption", then one line for each caption, or '
    "a text file beside each image, one caption a line."
)
_TEXTS = (".txt", ".csv", ".tsv", ".json", ".token")  # what captions may be in
_PARTS = {"train": r"train(20\d\d)?", "test": r"test|val(20\d\d)?"}


def open_captions(folder):
    """Lists a folder of images with captions; no image is decoded.

    The images are in its subfolder images (or Images), or anywhere else in it; subfolders of that
    are classes. The captions are, UTF-8,

    - in a table: captions.txt or .csv, CSV of an image's path and one caption a line, in quotes
      where it has a comma, with or without a first line that names the columns; captions.tsv, with
      tabs; Flickr8k.token.txt or the results file of Flickr30k; captions_*.json as COCO has it;
    - or, without a table, for each image in a file of the same name with the extension .txt,
      beside it or at the same path in the subfolder text, one caption a line. Where there are
      subfolders images or text, other text files are left alone.

    Names in a table may differ from those of the files in their case and in their Unicode form.
    The published ones (Flickr's, COCO's) may name images that are not there.

    Args:
        folder: str, path of such a folder, or of one with the subfolder train (train2017) and, if
            held out, test or else val (val2017), each such a folder.

    Returns:
        dict "train" and, if held out, "test" -> `CaptionedSplit`.

    Raises:
        DataError: that lists every image without captions, every line that cannot be used, and
            what is missing.
    """
    parts = _parts(folder)
    if list(parts) == ["test"]:
        name = parts["test"]
        raise DataError(folder, [f"it has a folder {name}, but no folder train. Make it."])
    splits, problems = {}, []
    for split, part in (parts or {"train": ""}).items():
        splits[split], found = _read(folder, part)
        problems += found
    if problems:
        raise DataError(folder, problems)
    return splits


def _parts(folder):
    """Returns dict "train" or "test" -> name of its subfolder; test goes before val."""
    names = [entry.name for entry in sorted_entries(folder) if entry.is_dir()]
    found = {
        split: [name for name in names if re.fullmatch(pattern, name)]
        for split, pattern in _PARTS.items()
    }
    several = [names for names in found.values() if len(names) > 1 and "test" not in names]
    if several:
        named = " and ".join(several[0])
        raise DataError(folder, [f"it has the folders {named}. Leave one of them there."])
    return {split: names[0] for split, names in found.items() if names}


def _read(folder, part):
    """Returns the `CaptionedSplit` of a subfolder ("" for the folder itself), and its problems."""
    place = os.path.abspath(os.path.join(folder, part))
    root = _images_folder(place) or place
    listing = list_images(root, folder)
    if not listing.paths:
        missing = f"{root} has no images. Put them there ({' '.join(EXTENSIONS)})."
        return None, listing.problems or [missing]
    tables = find_tables(folder, part)
    if tables and not part and root == place:  # Flickr8k comes as two folders
        root = os.path.commonpath([os.path.dirname(path) for path in listing.paths])
    names = [os.path.relpath(path, root) for path in listing.paths]
    captions, problems, remark = _captions(place, names, tables)
    if captions or not problems:
        without = [name for name in names if name not in captions]
        problems += [f"{name}: has no caption. Write one, or remove the image." for name in without]
    problems = listing.problems + [os.path.join(part, problem) for problem in problems]
    if problems:
        return None, problems
    classes = [os.path.dirname(name) for name in names]
    texts = [captions[name] for name in names]
    left_out = [name for name in listing.left_out if not name.lower().endswith(_TEXTS)]
    store = ImageFiles(listing.paths, folder, left_out=left_out, also=remark)
    return CaptionedSplit(store, texts, classes if any(classes) else None), []


def _images_folder(place):
    found = [e.path for e in sorted_entries(place) if e.is_dir() and e.name.lower() == "images"]
    return found[0] if found else None


def _captions(place, names, tables):
    """Returns dict image -> list of captions, the list of problems, and what is to be said."""
    if not tables:
        found = _text_files(place)
        if not found.keys().isdisjoint(os.path.splitext(name)[0] for name in names):
            return *_from_text_files(place, found, names), ""
        tables = other_tables(place)
    if not tables:
        return {}, [f"{place} has no captions. {_LAYOUT}"], ""
    if len(tables) > 1:
        named = ", ".join(os.path.relpath(path, place) for path in tables)
        return {}, [f"{named}: several tables of captions. Leave one there."], ""
    return _from_table(tables[0], _Names(names))


class _Names:
    """The names of images, found also by names of another case or Unicode form.

    Args:
        names: list of str, paths in the folder of images.
    """

    def __init__(self, names):
        self._names = set(names)
        self._folded = defaultdict(list)
        for name in names:
            self._folded[_folded(name)].append(name)

    def find(self, name):
        """Returns the image that a table names, or None."""
        name = re.sub("^images/", "", os.path.normpath(name), flags=re.IGNORECASE)
        if name in self._names:
            return name
        same = self._folded.get(_folded(name), [])
        return same[0] if len(same) == 1 else None


def _folded(name):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _from_table(path, names):
    """Returns dict image -> list of captions of a table, the list of problems, and a remark."""
    shown = os.path.basename(path)
    try:
        table = read_table(path, names.find)
    except DataError as error:
        return {}, [f"{shown}: {problem}" for problem in error.problems], ""
    captions, absent = defaultdict(list), defaultdict(list)
    for number, name, caption in table.rows:
        if image := names.find(name):
            captions[image].append(caption)
        else:
            absent[name].append(number)
    unusable = dict(table.problems)
    remark = f"; {shown} also names images that are not there: {len(absent)}" if absent else ""
    if not table.published:
        cure = "is not among the images. Correct its name, or remove the line."
        unusable |= {f"{name} {cure}": numbers for name, numbers in absent.items()}
    problems = [
        f"{shown}, {numbered(np.array(numbers), table.unit)}: {problem}"
        for problem, numbers in sorted(unusable.items(), key=lambda item: item[1])
    ]
    return captions, problems, remark


def _from_text_files(folder, found, names):
    """Returns dict image -> list of captions of one text file each, and the list of problems."""
    stems = [os.path.splitext(name)[0] for name in names]
    files = {stem: paths[0] for stem, paths in found.items()}
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


def _text_files(folder):
    """Returns dict path without extension, as in the images' folder, -> list of text files."""
    inside = [_images_folder(folder), os.path.join(folder, "text")]
    found = defaultdict(list)
    for root in [path for path in inside if path and os.path.isdir(path)] or [folder]:
        for name in list_images(root, root).left_out:
            stem, extension = os.path.splitext(name)
            if extension == ".txt":
                found[stem].append(os.path.join(root, name))
    return found


def _captions_of(path):
    """Returns the lines of a text file, and what is wrong with them."""
    try:
        lines = Lines.read(path).without_empty_end()
    except DataError as error:
        return [], [f": {problem}" for problem in error.problems]
    causes = {
        NOT_UTF8: [not is_utf8(line) for line in lines.texts],
        EMPTY: [not line.strip() for line in lines.texts],
    }
    problems = [problem.removeprefix(lines.name) for problem in lines.problems(causes)]
    return [line.decode(errors="replace").strip() for line in lines.texts], problems
