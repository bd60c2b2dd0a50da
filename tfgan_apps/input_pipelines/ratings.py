"""Ratings of items by users: files of `user item rating`, or a procedural set."""

import os
import re

import numpy as np

from tfgan_apps.arguments import check_fraction, check_integers, check_numbers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.input_pipelines.sources.lines import utf8_lines
from tfgan_apps.input_pipelines.sources.opened import opened

_MOVIELENS = re.compile(r"u\.data|u\w\.base|ratings\.(dat|csv)")
_HEADER = re.compile(r"user_?id,(movie|item)_?id,rating(,.*)?", re.IGNORECASE)
_MOST_CELLS = 2**31


def rated_items(
    dataset: str,
    relevant_from: float = 4.0,
    items: int | None = None,
    test_fraction: float = 0.0,
    validation_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens ratings as rankings of all items for each user.

    Args:
        dataset: one of
            - "latent_factors", a procedural set that needs no download;
            - a folder with one file named with train and one with test, of lines
              `user item rating`, where users and items count from 0;
            - ratings as MovieLens ships them: u1.base (with u1.test beside it), u.data,
              ratings.dat (`::`) or ratings.csv with its first line, or the folder that holds one of
              them. Only items that they name are candidates.
        relevant_from: smallest rating of a relevant item.
        items: number of items, at least 1, where it is more than the ratings name.
        test_fraction: share of the ratings of a file without a test that is held out, in [0, 1);
            the same ratings whatever the seed.
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
    check_fraction(test_fraction=test_fraction)
    if items is not None:
        check_integers(1, items=items)

    def of_files(path):
        paths = rating_files(path)
        ratings = {split: _read(each) for split, each in paths.items()}
        ratings = _with_test(path, ratings, test_fraction)
        return _tables(path, ratings, _is_movielens(paths["train"]), relevant_from, items)

    def procedural():
        relevant = _with_test(dataset, latent_factors(), test_fraction)
        return np.ones_like(relevant["train"]), relevant

    own = {"latent_factors": procedural}
    file = of_files if os.path.isfile(os.path.expanduser(dataset)) else None
    valid, relevant = opened(dataset, own, folder=of_files, file=file)
    inputs = {"query": np.arange(len(valid), dtype=np.int32)}
    numbers = {"batch_size": batch_size, "seed": seed, "validation_fraction": validation_fraction}
    return Rankings(inputs, valid, **relevant, name=dataset, **numbers)


def rating_files(path):
    """Returns the paths of the files of ratings: of `train`, and of `test` where there is one.

    Args:
        path: str, a folder or a file, see `rated_items`.

    Raises:
        DataError: there is none, or there are several.
    """
    if not os.path.isdir(path):
        test = re.sub(r"base$", "test", path)
        return {"train": path} | ({"test": test} if test != path else {})
    names = sorted(entry.name for entry in os.scandir(path) if entry.is_file())
    found = [name for name in names if _is_movielens(name)]
    if len(found) > 1:
        cure = f"Name the one to learn from: --dataset={os.path.join(path, found[0])}"
        raise DataError(path, [f"it has several files of ratings: {', '.join(found)}. {cure}"])
    return rating_files(os.path.join(path, found[0])) if found else split_files(path)


def _is_movielens(path):
    return bool(_MOVIELENS.fullmatch(os.path.basename(path)))


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


def _with_test(name, ratings, fraction):
    """Returns the ratings with a test part: what their files have, or a share of the only file."""
    if ("test" in ratings) == (fraction > 0):
        rule = (
            "be left out where there is a test" if fraction else "be given where there is no test"
        )
        raise DataError(name, [f"test_fraction must {rule}. Received: test_fraction={fraction}"])
    if not fraction:
        return ratings
    held = np.random.default_rng(0).random(len(ratings["train"])) < fraction
    return {"train": ratings["train"][~held], "test": ratings["train"][held]}


def _tables(name, ratings, movielens, relevant_from, items):
    """Returns the candidates, and dict split -> those that are relevant, bool (users, items)."""
    if not movielens:
        _check_gaps(name, ratings)
    every = np.concatenate(list(ratings.values()))
    users, largest = (1 + int(every[:, i].max()) for i in (0, 1))
    if items is not None and items < largest:
        raise DataError(name, [f"items must be at least {largest}. Received: items={items}"])
    if users * largest > _MOST_CELLS:
        large = f"a table of {users} users by {largest} items is larger than memory should hold"
        raise DataError(name, [f"{large} ({_MOST_CELLS} cells). Take fewer users."])
    valid = np.zeros((users, items or largest), bool)
    valid[:, np.unique(every[:, 1].astype(int)) if movielens else slice(None)] = True
    relevant = {split: np.zeros_like(valid) for split in ratings}
    for split, rows in ratings.items():
        chosen = rows[rows[:, 2] >= relevant_from].astype(int)
        relevant[split][chosen[:, 0], chosen[:, 1]] = True
    return valid, relevant


def _check_gaps(name, ratings):
    # A table has a row for each number: one that is an id of another kind would fill the memory.
    limit = max(1000, 10 * sum(map(len, ratings.values())))
    for split, rows in ratings.items():
        for index in np.flatnonzero(rows[:, :2].max(1) >= limit)[:1]:
            found = " ".join(f"{number:.0f}" for number in rows[index, :2])
            problem = f"{split}, line {index + 1}: users and items must count from 0"
            raise DataError(
                name, [f"{problem}, without large gaps, to less than {limit}. Found: {found}"]
            )


def _read(path):
    """Returns the ratings of a file, float (lines, 3): user, item, rating."""
    lines = utf8_lines(path)
    separator = next((found for found in ("::", ",") if found in lines[0]), None)
    has_names = bool(_HEADER.fullmatch(lines[0].strip()))
    rows, problems = [], []
    for number, line in list(enumerate(lines, 1))[has_names:]:
        try:
            user, item, rating = line.split(separator)[:3]
            rows.append((int(user), int(item), float(rating)))
        except ValueError:
            problems.append(f"line {number} is not `user item rating`: {line.strip()[:60]!r}")
    if problems or not rows or min(min(row[:2]) for row in rows) < 0:
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
