"""Finding the images of two domains in a folder."""

import os

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.listing import EXTENSIONS, Listing, list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles

DOMAIN_SPLITS = ("trainA", "trainB", "testA", "testB")


def open_domains(folder):
    """Lists a folder of two image domains; nothing is decoded.

    Args:
        folder: str, path of a folder with the subfolders trainA and trainB (testA, testB), or of
            images that hold A in their left half and B in their right: directly in it, or in its
            subfolders train and test (val where there is no test).

    Returns:
        dict of split ("trainA", ...) -> (`ImageFiles`, half: None, "left" or "right").

    Raises:
        DataError: that lists every folder that is missing or empty.
    """
    present = [split for split in DOMAIN_SPLITS if os.path.isdir(os.path.join(folder, split))]
    places = _domain_folders(folder, present) if present else _split_folders(folder)
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
    return _stores(_split_folders(folder), folder)


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
    has_test = any(split.startswith("test") for split in present)
    wanted = DOMAIN_SPLITS if has_test else DOMAIN_SPLITS[:2]
    return {split: os.path.join(folder, split) for split in wanted}


def _split_folders(folder):
    """Returns dict "train" or "test" -> path of a folder of images."""
    train, test, val = (os.path.join(folder, name) for name in ("train", "test", "val"))
    test = test if os.path.isdir(test) else val
    if os.path.isdir(test):
        return {"train": train, "test": test}
    return {"train": train if os.path.isdir(train) else folder}


def _missing(place):
    """Says why a folder gives no images."""
    kinds = " ".join(EXTENSIONS)
    if not os.path.isdir(place):
        return f"{place} is missing. Make it and put its images there ({kinds})."
    cure = f"Put images there ({kinds}), or for two domains use subfolders trainA and trainB."
    inside = sorted(os.listdir(place))
    if not inside:
        return f"{place} is empty. {cure}"
    listed = ", ".join(inside[:5]) + (", ..." if len(inside) > 5 else "")
    return f"{place} has no images, only {listed}. {cure}"
