"""Files of labels beside images: of an image's name, or a table with a line for each.

eyes/1.jpg  eyes/1.json     as UnityEyes writes them
eyes/labels.csv             whose first column names the images
"""

import collections
import json
import os
import pathlib

SUFFIXES = (".json", ".csv", ".txt", ".xml")


def beside(image):
    """Returns the label files of an image: those of its name with another suffix, a list of paths.

    Args:
        image: str or path.
    """
    paths = [pathlib.Path(image).with_suffix(suffix) for suffix in SUFFIXES]
    return [path for path in paths if os.path.isfile(path)]  # False of a name that is too long


def tables(folder):
    """Returns the tables of a folder's labels: its CSV files that are of no single image.

    Args:
        folder: str or path.
    """
    names = {path.stem for path in pathlib.Path(folder).iterdir() if path.suffix != ".csv"}
    found = pathlib.Path(folder).glob("*.csv")
    return sorted(path for path in found if path.stem not in names)


def named(table):
    """Returns what the first column of a table says, a set of str.

    Args:
        table: path of a CSV file.

    Raises:
        ValueError: it is no text of UTF-8.
    """
    return {_name(line.split(",", 1)[0]) for line in _text(table).splitlines()}


def renamed(table, names):
    """Returns the text of a table whose images have other names.

    Args:
        table: path of a CSV file.
        names: dict, name of an image in the first column -> the new one.
    """
    lines = _text(table).splitlines(keepends=True)  # whose ends are kept, too
    cells = [_name(line.split(",", 1)[0]) for line in lines]
    pairs = zip(lines, cells, strict=True)
    return "".join(line.replace(cell, names.get(cell, cell), 1) for line, cell in pairs)


def find_problems(images, root):
    """Looks at the labels of images, where there are some.

    Args:
        images: list of str, paths.
        root: str, the folder that problems name files relative to.

    Returns:
        list of str, one for each image without labels, though others have some, and for each file
        that cannot be read: which, what is wrong, and the cure.
    """
    found = {pathlib.Path(image): beside(image) for image in images}
    problems = _lacking(found, root) if any(found.values()) else []
    files = [path for paths in found.values() for path in paths if path.suffix == ".json"]
    problems += [line for path in files if (line := _damage(path, root))]
    folders = collections.defaultdict(list)
    for image in found:
        folders[image.parent].append(image.name)
    for folder, names in folders.items():
        for table in tables(folder):
            problems += _lacking_lines(table, names, root)
    return problems


def _lacking(found, root):
    example = next(paths[0] for paths in found.values() if paths)
    what = f"has no labels, as {example.name} of another. Add {{}}, or remove the image."
    return [
        f"{image.relative_to(root)}: {what.format(image.with_suffix(example.suffix).name)}"
        for image, paths in found.items()
        if not paths
    ]


def _damage(path, root):
    try:
        json.loads(path.read_bytes())
    except ValueError as error:
        return f"{path.relative_to(root)}: is no JSON ({error}). Write it anew."
    return None


def _lacking_lines(table, names, root):
    """Returns lines about the images that a table does not name."""
    place = table.relative_to(root)
    try:
        found = named(table)
    except ValueError as error:
        return [f"{place}: is no text of UTF-8 ({error}). Save it as such."]
    lacking = [name for name in names if name not in found]
    if len(lacking) == len(names):
        cure = "Write their names into its first column, or move it to another folder."
        return [f"{place}: names none of the images beside it. {cure}"]
    return [f"{place}: has no line for {name}. Add it, or remove the image." for name in lacking]


def _text(table):
    return table.read_bytes().decode("utf-8-sig")  # Excel writes a mark before it


def _name(cell):
    return cell.strip().strip('"')
