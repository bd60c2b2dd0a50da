"""Finding masks, their images and their maps of things in a folder."""

import os
import re
from typing import NamedTuple

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.listing import list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles


class Layout(NamedTuple):
    """Where each part lies, {} being a split, and what the splits may be called."""

    mask: str
    image: str
    instances: str
    train: tuple = ("train",)
    test: tuple = ("test", "val")


LAYOUTS = (
    Layout("{}_label", "{}_img", "{}_inst"),  # of SPADE's authors
    # Of Cityscapes, whose masks of the test say nothing.
    Layout("gtFine/{}", "leftImg8bit/{}", "gtFine/{}", test=("val",)),
    Layout(  # of ADE20K and COCO-Stuff
        "annotations/{}",
        "images/{}",
        "instances/{}",
        ("train", "training", "train2017"),
        ("test", "val", "validation", "val2017"),
    ),
)
# Where files of several kinds lie in one folder, their names tell.
_KINDS = {"mask": "_labelIds", "instances": "_instanceIds"}
_ENDS = re.compile(r"(_gt(Fine|Coarse))?_(labelIds|instanceIds|leftImg8bit)$")


def open_masks(folder, instances):
    """Lists a folder of masks with their images; nothing is decoded.

    Args:
        folder: str, path of a folder with one of the `LAYOUTS`. A mask and an image of one name
            are a pair, whatever the extension; the ends of Cityscapes' names do not count.
        instances: bool, whether there must be maps of things, too.

    Returns:
        dict, "train" and, if held out, "test" -> dict, "mask", "image" and perhaps "instances" ->
        `ImageFiles`, all in one order; and a list of lines about what is not used.

    Raises:
        DataError: that lists every folder that is missing or empty, and what lacks its partner.
    """
    layout = _layout(folder)
    parts = ("mask", "image", "instances")[: 2 + instances]
    found, problems, unused = {}, [], []
    for split in ("train", "test"):
        name = _present(folder, layout, getattr(layout, split))
        places = {part: getattr(layout, part).format(name) for part in parts}
        if split == "test" and name and not os.path.isdir(os.path.join(folder, places["image"])):
            unused.append(f"{places['mask']} is not used: there is no {places['image']}")
        elif name:
            stores = {part: _store(folder, place, part) for part, place in places.items()}
            problems += _problems(stores, places)
            found[split] = {part: _sorted(store, places[part]) for part, store in stores.items()}
    if problems:
        raise DataError(folder, problems[:20])
    return found, unused


def _layout(folder):
    """Returns the layout of a folder, by where training's masks are."""
    for layout in LAYOUTS:
        if _present(folder, layout, layout.train):
            return layout
    inside = ", ".join(sorted(os.listdir(folder))[:5]) or "nothing"
    masks = " or ".join(each.mask.format("train") for each in LAYOUTS)
    images = " or ".join(each.image.format("train") for each in LAYOUTS)
    cure = f"Put masks into {masks}, and images into {images}."
    raise DataError(folder, [f"it has no folder of masks, but {inside}. {cure}"])


def _present(folder, layout, names):
    """Returns the first name of a split of which there are masks, or None."""
    places = {name: os.path.join(folder, layout.mask.format(name)) for name in names}
    return next((name for name, place in places.items() if os.path.isdir(place)), None)


def _store(folder, place, part):
    """Returns the files of a part; none where there is no folder."""
    path = os.path.join(folder, place)
    if not os.path.isdir(path):
        return ImageFiles([], folder)
    listing = list_images(path, folder)
    named = [p for p in listing.paths if _KINDS.get(part, "") in os.path.basename(p)]
    return ImageFiles(named or listing.paths, folder, listing.problems)


def _problems(stores, places):
    """Returns lines about parts that are missing, or else about files without a partner."""
    missing = [
        f"{places[part]} is missing or empty. {_CURES[part]}"
        for part, store in stores.items()
        if not len(store)
    ]
    if missing:
        return missing
    stems = {part: _stems(store, places[part]) for part, store in stores.items()}
    everywhere = set().union(*stems.values())
    return [
        f"{place} has no file of the name {stem}, as there is elsewhere. Add it, or remove those."
        for part, place in places.items()
        for stem in sorted(everywhere - stems[part].keys())
    ]


_CURES = {
    "mask": "Put masks there, PNG of label numbers.",
    "image": "Put the masks' images there.",
    "instances": "Put maps of things there, PNG of numbers, or go without (--noinstances).",
}


def _stems(store, place):
    """Returns dict, name of a file inside its folder without kind and extension -> its index."""
    depth = place.count("/") + 1
    inside = ["/".join(name.split(os.sep)[depth:]) for name in store.names]
    return {_ENDS.sub("", os.path.splitext(name)[0]): i for i, name in enumerate(inside)}


def _sorted(store, place):
    """Returns the store with its files in the order of their stems."""
    found = store.subset([index for _, index in sorted(_stems(store, place).items())])
    found.problems = store.problems
    return found
