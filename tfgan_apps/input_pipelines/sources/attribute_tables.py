"""Tables of attributes: what each image of a folder has and lacks, as CelebA comes.

list_attr_celeba.txt        a line with their number, one with the attributes' names, then
                            000001.jpg -1 1 1 ...
attributes.csv              image,Male,Young,... then 000001.jpg,0,1,...
"""

import os
import re

import numpy as np

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.lines import numbered, utf8_lines
from tfgan_apps.input_pipelines.sources.listing import list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles

_NAMES = re.compile(r"(list_)?attr\w*\.(csv|txt)", re.IGNORECASE)
_VALUES = {"1": 1, "0": 0, "-1": 0}
_MANY = 20  # problems that are told


def table_of(folder):
    """Returns the path of a folder's table of attributes, or None.

    Args:
        folder: str; the table is in it, or in its subfolder Anno.

    Raises:
        DataError: it has several.
    """
    places = [place for place in (folder, os.path.join(folder, "Anno")) if os.path.isdir(place)]
    found = [
        os.path.join(place, name)
        for place in places
        for name in sorted(os.listdir(place))
        if _NAMES.fullmatch(name)
    ]
    if len(found) > 1:
        named = " and ".join(os.path.relpath(path, folder) for path in found)
        raise DataError(folder, [f"it has the tables {named}. Keep one of them there."])
    return found[0] if found else None


def open_attributes(folder, attributes):
    """Lists the images that a folder's table names; nothing is decoded.

    Args:
        folder: str, with the table and, in it or below, the images of its lines.
        attributes: sequence of str, the columns that are wanted.

    Returns:
        `ImageFiles`, and for each image a list of 0 and 1, its attributes in their order.

    Raises:
        DataError: there is no table, it lacks an attribute, or what is wrong with its lines.
    """
    path = table_of(folder)
    if path is None:
        layout = "list_attr_celeba.txt, or attributes.csv with the first line image,{}"
        names = ",".join(attributes)
        raise DataError(folder, [f"it has no table of attributes. Add {layout.format(names)}."])
    known, rows = read_table(path)
    check_known(path, attributes, known)
    columns = [known.index(name) for name in attributes]
    listing = list_images(folder, folder)
    images = _by_name(listing.paths)
    problems = listing.problems + _disagreements(path, images, rows)
    if problems:
        raise DataError(folder, problems[:_MANY])
    store = ImageFiles(list(images.values()), folder)
    return store, [[rows[name][column] for column in columns] for name in images]


def check_known(name, attributes, known):
    """Raises `DataError` unless attributes are among those that are known.

    Args:
        name: str, that the error names the data by.
        attributes, known: sequences of str.
    """
    cure = f"Choose of {', '.join(known)}." if known else "Take a set with attributes."
    problems = [f"it has no attribute {each}. {cure}" for each in attributes if each not in known]
    if problems:
        raise DataError(name, problems)


def read_table(path):
    """Returns the attributes that a table knows, and dict, name of an image -> list of 0 and 1.

    Args:
        path: str; a name that ends in .csv has commas between its fields.

    Raises:
        DataError: it cannot be read, or lines are no such rows.
    """
    separator = "," if path.lower().endswith(".csv") else None
    lines = [[field.strip() for field in line.split(separator)] for line in utf8_lines(path)]
    while lines and not any(lines[-1]):
        lines.pop()
    counted = bool(lines) and len(lines[0]) == 1 and lines[0][0].isdigit()
    begin = 1 + counted
    if len(lines) <= begin:
        raise DataError(path, ["it names no images. Write their attributes into it, one a line."])
    names = lines[counted] if separator is None else lines[counted][1:]
    rows = lines[begin:]
    if counted and int(lines[0][0]) != len(rows):
        cure = "Take the whole file, or correct the number."
        raise DataError(path, [f"line 1 says {lines[0][0]} images, but {len(rows)} follow. {cure}"])
    wrong = [
        number
        for number, row in enumerate(rows, begin + 1)
        if len(row) != len(names) + 1 or not set(row[1:]) <= set(_VALUES)
    ]
    if wrong:
        expected = f"an image and {len(names)} values of 1, 0 or -1. Correct or remove it."
        raise DataError(path, [f"{numbered(np.array(wrong))}: must be {expected}"])
    return names, {row[0]: [_VALUES[value] for value in row[1:]] for row in rows}


def _by_name(paths):
    """Returns dict, name as in a table -> path: names are relative to where all images lie."""
    root = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return {os.path.relpath(path, root): path for path in paths}


def _disagreements(path, images, rows):
    """Returns lines about images without a row, and rows without an image."""
    table = os.path.basename(path)
    absent = f"{table} names it, but it is not there. Add it, or remove its line."
    unnamed = f"{table} has no line for it. Add one, or remove the image."
    problems = [f"{name}: {absent}" for name in rows if name not in images]
    return problems + [f"{name}: {unnamed}" for name in images if name not in rows]
