"""Finding pairs of images in a folder."""

import os

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.folders import open_domains


def open_pairs(folder):
    """Lists a folder of pairs; nothing is decoded.

    Args:
        folder: str, path of a folder as `open_domains` takes it. In folders trainA and trainB two
            images of one name, whatever its extension, are a pair.

    Returns:
        dict of split ("trainA", ...) -> (`ImageFiles`, half), pairs in the same place of A and B.

    Raises:
        DataError: that lists every folder that is missing or empty, and what lacks its partner.
    """
    found = open_domains(folder)
    problems = []
    for split in sorted({name[:-1] for name in found}):
        (of_a, half), (of_b, _) = found[f"{split}A"], found[f"{split}B"]
        if half is None:
            problems += _lacking(of_a, of_b, split)
    if problems:
        raise DataError(folder, problems[:20])
    whole = {name: (_sorted(store), half) for name, (store, half) in found.items() if half is None}
    return found | whole


def _stems(store):
    """Returns dict, name of an image inside its folder without extension -> its name."""
    parts = {name: name.split(os.sep, 1)[-1] for name in store.names}
    return {os.path.splitext(inside)[0]: name for name, inside in parts.items()}


def _lacking(of_a, of_b, split):
    """Returns lines about the images of both folders that have no partner."""
    stems = _stems(of_a), _stems(of_b)
    return [
        f"{own[stem]} has no partner in {split}{other}. Add {stem} there, or remove it."
        for own, others, other in ((stems[0], stems[1], "B"), (stems[1], stems[0], "A"))
        for stem in sorted(own.keys() - others.keys())
    ]


def _sorted(store):
    """Returns the store with its images in the order of their stems."""
    order = [name for _, name in sorted(_stems(store).items())]
    found = store.subset([store.names.index(name) for name in order])
    found.problems = store.problems
    return found
