"""Finding the images of two domains in a folder."""

import os
import re
import shlex

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.listing import EXTENSIONS, Listing, list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles

_SPLITS = ("train", "test", "val")
DOMAIN_SPLITS = ("trainA", "trainB", "testA", "testB")
SIMULATED = ("simulated", "synthetic")
_DOMAINS = tuple(f"{split}{x}" for split in _SPLITS for x in "AB")


def open_domains(folder):
    """Lists a folder of two image domains; nothing is decoded.

    Args:
        folder: str, path of a folder with the subfolders trainA and trainB (testA, testB), or of
            images that hold A in their left half and B in their right: directly in it, or in its
            subfolders train and test. Where there is no test, val stands for it (valA, valB).

    Returns:
        dict of split ("trainA", ...) -> (`ImageFiles`, half: None, "left" or "right").

    Raises:
        DataError: that lists every folder that is missing or empty, or all but named right.
    """
    present = [split for split in _DOMAINS if os.path.isdir(os.path.join(folder, split))]
    _check_names(folder, _DOMAINS if present else (*_DOMAINS, *_SPLITS))
    places = _domain_folders(folder, present) if present else _split_folders(folder)
    if not present:
        _check_depth(folder)
        _check_two_folders(folder, places["train"])
    stores = _stores(places, folder)
    if present:
        return {split: (store, None) for split, store in stores.items()}
    sides = (("A", "left"), ("B", "right"))
    return {f"{name}{x}": (store, half) for name, store in stores.items() for x, half in sides}


def open_splits(folder):
    """Lists a folder of images; nothing is decoded.

    Args:
        folder: str, path of a folder of images: directly in it, or in its subfolders train and
            test (val where there is no test).

    Returns:
        dict "train" and, if held out, "test" -> `ImageFiles`.

    Raises:
        DataError: that lists every folder that is missing or empty.
    """
    _check_names(folder, _SPLITS)
    return _stores(_split_folders(folder), folder)


def open_simulated(folder):
    """Lists a folder of simulated and of real images; nothing is decoded.

    Args:
        folder: str, path of a folder with the subfolders simulated (or synthetic) and real, or of
            one with such in its subfolders train and test (or val).

    Returns:
        dict "train simulated", "train real" and, if held out, "test ..." -> `ImageFiles`.

    Raises:
        DataError: that lists every folder that is missing or empty, or all but named right.
    """
    _check_names(folder, (*_SPLITS, *SIMULATED, "real"))
    places = {}
    for split, place in _split_folders(folder).items():
        names = [name for name in SIMULATED if os.path.isdir(os.path.join(place, name))]
        if len(names) == 2:
            raise DataError(folder, [f"{place} has simulated and synthetic. Keep one of them."])
        for part, name in (("simulated", [*names, SIMULATED[0]][0]), ("real", "real")):
            places[f"{split} {part}"] = os.path.join(place, name)
    return _stores(places, folder)


def _stores(places, root):
    """Returns dict split -> `ImageFiles` of a dict split -> path of a folder."""
    found, problems = {}, []
    for split, place in places.items():
        listing = list_images(place, root) if os.path.isdir(place) else Listing()
        found[split] = ImageFiles(listing.paths, root, listing.problems, listing.left_out)
        if not listing.paths:
            problems += listing.problems or [_missing(place)]
    if problems:
        raise DataError(root, problems)
    return found


def _domain_folders(folder, present):
    """Returns dict split -> path: training always, testing when either test folder is there."""
    tests = [name for name in ("test", "val") if {f"{name}A", f"{name}B"} & set(present)]
    names = {"train": "train"} | ({"test": tests[0]} if tests else {})
    return {
        f"{split}{x}": os.path.join(folder, f"{name}{x}")
        for split, name in names.items()
        for x in "AB"
    }


def _split_folders(folder):
    """Returns dict "train" or "test" -> path of a folder of images."""
    train, test, val = (os.path.join(folder, name) for name in ("train", "test", "val"))
    test = test if os.path.isdir(test) else val
    if os.path.isdir(test):
        return {"train": train, "test": test}
    return {"train": train if os.path.isdir(train) else folder}


def _check_names(folder, names):
    """Refuses subfolders that differ from what is looked for in case or marks: trainA_, Test."""
    alike = {_letters(name): name for name in names}
    problems = [
        f"{entry.name} is not {alike[_letters(entry.name)]}. Rename it, or take it away."
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        if entry.is_dir() and entry.name not in names and _letters(entry.name) in alike
    ]
    if problems:
        raise DataError(folder, problems)


def _letters(name):
    return re.sub("[^a-z0-9]", "", name.lower())


def _check_depth(folder):
    """Refuses a folder whose only subfolder has the domains: that one is meant."""
    inside = [entry.path for entry in os.scandir(folder) if entry.is_dir()]
    if len(inside) == 1 and any(os.path.isdir(os.path.join(inside[0], x)) for x in _DOMAINS):
        raise DataError(folder, [f"its folders are one deeper. Use {inside[0]} in its place."])


def _check_two_folders(folder, place):
    """Refuses training images in two subfolders of other names: no pairs, but two domains."""
    paths = list_images(place, folder).paths if os.path.isdir(place) else []
    first = sorted({os.path.relpath(path, place).split(os.sep)[0] for path in paths})
    if len(first) == 2 and all(os.path.isdir(os.path.join(place, name)) for name in first):
        first = [os.path.relpath(os.path.join(place, name), folder) for name in first]
        moves = (shlex.join(["mv", name, f"train{x}"]) for name, x in zip(first, "AB", strict=True))
        cure = f"Rename them: cd {shlex.quote(folder)} && {' && '.join(moves)}"
        raise DataError(folder, [f"it has no trainA and trainB, but {' and '.join(first)}. {cure}"])


def _missing(place):
    """Says why a folder gives no images."""
    kinds = " ".join(EXTENSIONS)
    if not os.path.isdir(place):
        return f"{place} is missing. Make it and put its images there ({kinds})."
    cure = f"Put images there ({kinds}), or for two domains use subfolders trainA and trainB."
    inside = sorted(os.listdir(place))
    if any(name.endswith(".mat") for _, _, names in os.walk(place) for name in names):
        cure = "Write the images in them as PNG files; MPIIGaze has pictures in Data/Original."
        return f"{place} has MATLAB files, which are not read. {cure}"
    if not inside:
        return f"{place} is empty. {cure}"
    listed = ", ".join(inside[:5]) + (", ..." if len(inside) > 5 else "")
    return f"{place} has no images, only {listed}. {cure}"
