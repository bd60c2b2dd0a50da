"""Ratings of items by users: files of `user item rating`, or a procedural set."""

import os

import numpy as np

from tfgan_apps.arguments import check_integers, check_numbers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.input_pipelines.sources.lines import utf8_lines
from tfgan_apps.input_pipelines.sources.opened import opened


def rated_items(
    dataset: str,
    relevant_from: float = 4.0,
    items: int | None = None,
    validation_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens ratings as rankings of all items for each user.

    Args:
        dataset: a folder with one file named with train and one with test, of lines
            `user item rating` (users and items count from 0), or "latent_factors", a procedural set
            that needs no download.
        relevant_from: smallest rating of a relevant item.
        items: number of items, at least 1, where it is more than the ratings name.
        validation_fraction: share of the relevant items in training that are held out for choosing
            a model, in [0, 1).
        batch_size: users of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `Rankings` with the input `query`.

    Raises:
        DataError: a file is missing, or has lines that are no ratings, or numbers of users or items
            far beyond how many there can be.
        ValueError: a number is out of its range.
    """
    check_numbers(relevant_from=relevant_from)
    if items is not None:
        check_integers(1, items=items)
    relevant = opened(
        dataset,
        {"latent_factors": latent_factors},
        folder=lambda folder: _relevant(folder, relevant_from, items),
    )
    inputs = {"query": np.arange(len(relevant["train"]), dtype=np.int32)}
    valid = np.ones_like(relevant["train"])
    numbers = {"batch_size": batch_size, "seed": seed, "validation_fraction": validation_fraction}
    return Rankings(inputs, valid, **relevant, name=dataset, **numbers)


def split_files(folder):
    """Returns the paths of the files of `train` and `test` in a folder.

    Args:
        folder: str; files whose names end in .query are left out.

    Raises:
        DataError: not exactly one file of a split is there.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    except OSError as error:
        raise DataError(folder, [f"it is no folder that can be read ({error})."]) from error
    found = {
        split: [n for n in names if split in n.lower() and not n.endswith(".query")]
        for split in ("train", "test")
    }
    problems = [
        f"one file with {split!r} in its name is expected. Found: {', '.join(files) or 'none'}."
        for split, files in found.items()
        if len(files) != 1
    ]
    if problems:
        raise DataError(folder, problems)
    return {split: os.path.join(folder, files[0]) for split, files in found.items()}


def _relevant(folder, relevant_from, items):
    paths = split_files(folder)
    ratings = {split: _read(path) for split, path in paths.items()}
    _check_gaps(paths, ratings)
    users, largest = (1 + max(int(r[:, i].max()) for r in ratings.values()) for i in (0, 1))
    if items is not None and items < largest:
        raise DataError(folder, [f"items must be at least {largest}. Received: items={items}"])
    relevant = {}
    for split, rows in ratings.items():
        chosen = rows[rows[:, 2] >= relevant_from].astype(int)
        relevant[split] = np.zeros((users, items or largest), bool)
        relevant[split][chosen[:, 0], chosen[:, 1]] = True
    return relevant


def _check_gaps(paths, ratings):
    # A table has a row for each number: one that is an id of another kind would fill the memory.
    limit = max(1000, 10 * sum(map(len, ratings.values())))
    for split, rows in ratings.items():
        for index in np.flatnonzero(rows[:, :2].max(1) >= limit)[:1]:
            found = " ".join(f"{number:.0f}" for number in rows[index, :2])
            problem = f"line {index + 1}: users and items must count from 0, without large gaps"
            raise DataError(paths[split], [f"{problem}, to less than {limit}. Found: {found}"])


def _read(path):
    rows, problems = [], []
    for number, line in enumerate(utf8_lines(path), 1):
        try:
            user, item, rating = line.split()[:3]
            rows.append((int(user), int(item), float(rating)))
        except ValueError:
            problems.append(f"line {number} is not `user item rating`: {line.strip()[:60]!r}")
    if problems or min(min(row[:2]) for row in rows) < 0:
        raise DataError(path, problems[:20] or ["users and items must count from 0."])
    found = np.array(rows, float)  # ints that no float holds become infinite, or far too large
    if not np.isfinite(found).all():
        raise DataError(path, ["users, items and ratings must be finite numbers."])
    return found


def latent_factors(users=240, items=300, dimensions=4, per_user=24, seed=0):
    """Makes users who like what fits their taste; a third of what they like is held out.

    Args:
        users, items, dimensions, per_user, seed: int; the number of relevant items of each user is
            `per_user`. Default to a set of 240 users and 300 items.

    Returns:
        dict, `train` and `test` -> bool array (users, items).
    """
    rng = np.random.default_rng(seed)
    tastes, kinds = (rng.normal(size=(n, dimensions)) for n in (users, items))
    utility = tastes @ kinds.T + rng.normal(size=items) + rng.gumbel(size=(users, items))
    liked = np.argsort(-utility, 1)[:, :per_user]
    liked = rng.permuted(liked, axis=1)
    relevant = {split: np.zeros((users, items), bool) for split in ("train", "test")}
    np.put_along_axis(relevant["train"], liked[:, : per_user * 2 // 3], True, 1)
    np.put_along_axis(relevant["test"], liked[:, per_user * 2 // 3 :], True, 1)
    return relevant
