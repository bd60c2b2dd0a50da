"""Documents of queries with features and grades: files of LETOR or libsvm, or a procedural set."""

import os
import re

import numpy as np

from tfgan_apps.arguments import check_integers, check_numbers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.input_pipelines.ratings import split_files
from tfgan_apps.input_pipelines.sources.lines import utf8_lines
from tfgan_apps.input_pipelines.sources.opened import opened

_DOCUMENT = re.compile(r"docid\s*=\s*(\S+)")
_SHOWN = 20  # problems of a file that a message lists


def graded_documents(
    dataset: str,
    relevant_from: float = 1.0,
    features: int | None = None,
    validation_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens graded documents as rankings of each query's documents.

    Args:
        dataset: "hidden_relevance", a procedural set that needs no download, or a folder with
            one file named with train and one with test. Their lines are
            `grade qid:query index:value ... # docid = name`, as LETOR has them, or
            `grade index:value ...`, as libsvm has them, with the queries' numbers of lines in files
            of the same names and `.query`. Indices count from 1, absent values are 0. A query may
            be in both files; documents of a name are then one. A file `Large_norm.txt` beside them
            holds more documents, whose grades do not count.
        relevant_from: smallest grade of a relevant document.
        features: number of features, at least 1, where it is more than the documents have.
        validation_fraction: share of the relevant documents in training that are held out for
            choosing a model, in [0, 1).
        batch_size: queries of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `Rankings` with the input `features`, float32 (documents, features).

    Raises:
        DataError: a file is missing, or has lines that are no such documents.
        ValueError: a number is out of its range.
    """
    check_numbers(relevant_from=relevant_from)
    if features is not None:
        check_integers(1, features=features)
    numbers = {"batch_size": batch_size, "seed": seed, "validation_fraction": validation_fraction}

    def of_folder(folder):
        documents = {split: _read(path, split) for split, path in _files(folder).items()}
        return _rankings(documents, relevant_from, features, name=dataset, **numbers)

    own = {"hidden_relevance": lambda: hidden_relevance(**numbers)}
    return opened(dataset, own, folder=of_folder)


def _files(folder):
    """Returns dict split, or "all", -> path."""
    everything = os.path.join(folder, "Large_norm.txt")
    more = {"all": everything} if os.path.exists(everything) else {}
    return split_files(folder) | more


def hidden_relevance(queries=40, documents=40, features=10, **kwargs):
    """Makes documents of which half of the relevant ones are labelled; the others are held out.

    Relevance is tanh(w x / 2) + 0.3 tanh(x0 x1) of the features x; the best quarter is relevant.

    Args:
        queries, documents, features: int. Default to 40, 40 and 10.
        **kwargs: of `Rankings`; the set, too, is drawn from `seed`.

    Returns:
        `Rankings` with the input `features`.
    """
    seed = kwargs.get("seed", 0)
    check_integers(0, seed=seed)  # Before it draws.
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(queries, documents, features))
    utility = np.tanh(x @ rng.normal(size=features) / 2) + 0.3 * np.tanh(x[..., 0] * x[..., 1])
    best = rng.permuted(np.argsort(-utility, 1)[:, : documents // 4], axis=1)
    relevant = {split: np.zeros((queries, documents), bool) for split in ("train", "test")}
    for split, chosen in zip(relevant, np.array_split(best, 2, axis=1), strict=True):
        np.put_along_axis(relevant[split], chosen, True, 1)
    inputs = {"features": x.astype(np.float32)}
    valid = np.ones((queries, documents), bool)
    return Rankings(inputs, valid, **relevant, name="hidden_relevance", **kwargs)


def _read(path, split):
    """Returns the documents of a file: (query, name, grade, dict of features)."""
    lines = utf8_lines(path)
    counts = f"{path}.query"
    queries = None
    if os.path.exists(counts):
        numbers = _counts(counts)
        if numbers.sum() != len(lines):
            raise DataError(counts, [f"it counts {numbers.sum()} lines; {path} has {len(lines)}."])
        queries = [f"{split} {query}" for query in np.repeat(np.arange(len(numbers)), numbers)]
    found, problems = [], []
    for number, line in enumerate(lines):
        try:
            found.append(_document(line, queries and queries[number], f"{split} line {number}"))
        except (ValueError, IndexError) as error:
            problems.append(f"line {number + 1}: {error}. Found: {line[:60]!r}")
    if problems or not found:
        raise DataError(path, problems[:_SHOWN] or ["it is empty."])
    return found


def _counts(path):
    """Returns the ints of a .query file."""
    try:
        return np.array([int(line) for line in utf8_lines(path)])
    except ValueError as error:
        raise DataError(
            path, [f"each line must be the number of a query's lines ({error})."]
        ) from error


def _document(line, query, name):
    text, _, comment = line.partition("#")
    grade, *pairs = text.split()
    if query is None:
        if not pairs or not pairs[0].startswith("qid:"):
            raise ValueError("a query, qid:..., must follow the grade where no .query file is")
        query = pairs.pop(0)
    values = dict(pair.split(":") for pair in pairs)
    features = {int(index): float(value) for index, value in values.items()}
    if min(features, default=1) < 1:
        raise ValueError("indices must count from 1")
    if not np.isfinite([float(grade), *features.values()]).all():
        raise ValueError("grades and values must be finite")
    found = _DOCUMENT.search(comment)
    return query, found[1] if found else name, float(grade), features


def _check_indices(documents, largest, name):
    # A table has a column for each index: one that is an id of another kind would fill the memory.
    known = {index for rows in documents.values() for row in rows for index in row[3]}
    limit = max(1000, 10 * len(known))
    if largest > limit:
        problem = f"indices of features must count from 1, without large gaps, to at most {limit}"
        raise DataError(name, [f"{problem}, 10 times as many as there are. Found: {largest}"])


def _rankings(documents, relevant_from, features, name, **kwargs):
    places = {}
    for rows in documents.values():
        for query, document, _, _ in rows:
            known = places.setdefault(query, {})
            known.setdefault(document, len(known))
    largest = max(max(row[3], default=1) for rows in documents.values() for row in rows)
    if features is not None and features < largest:
        raise DataError(name, [f"features must be at least {largest}. Received: {features}"])
    _check_indices(documents, largest, name)
    shape = (len(places), max(map(len, places.values())))
    x = np.zeros((*shape, features or largest), np.float32)
    valid, train, test = (np.zeros(shape, bool) for _ in range(3))
    rank = {query: row for row, query in enumerate(places)}
    for split, rows in documents.items():
        relevant = {"train": train, "test": test}.get(split)
        for query, document, grade, values in rows:
            place = rank[query], places[query][document]
            valid[place] = True
            x[place][np.array([*values], int) - 1] = [*values.values()]
            if relevant is not None and grade >= relevant_from:
                relevant[place] = True
    return Rankings({"features": x}, valid, train, test & ~train, name=name, **kwargs)
