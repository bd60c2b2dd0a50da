"""Answers of a served model as files."""

import dataclasses
import io
import pathlib
import uuid

import grpc
import numpy as np
import tensorflow as tf
import tqdm

from tfgan_apps.input_pipelines.sources import label_files
from tfgan_apps.serving.client.errors import ServingError
from tfgan_apps.serving.client.examples import InputError, check_names

# Errors that the next example may well not meet; after any other one it is no use to go on.
_OF_ONE_EXAMPLE = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}


@dataclasses.dataclass
class Outcome:
    """How many answers were written, how many files kept, and what failed.

    Args:
        written: int.
        kept: int.
        labels: int, files of labels that were put beside the answers.
        failed: dict, example -> what was wrong with it.
        ended: `ServingError` because of which the examples that are left were not asked, or None.
    """

    written: int = 0
    kept: int = 0
    labels: int = 0
    failed: dict = dataclasses.field(default_factory=dict)
    ended: ServingError | None = None


def ask(client, examples, folder, batch_size=8, overwrite=False, further=None, fit="training"):
    """Asks for every example and writes the answers, with a progress bar on a terminal.

    An error about one example does not keep the others of its batch from being answered. Labels of
    the pictures that are asked about (see `label_files`) are put beside their answers.

    Args:
        client: `client.Client` or `in_process.InProcess`.
        examples: list of `Example`, all with the same parts.
        folder: directory to write to, made when the first answer comes.
        batch_size: int, examples in a request, at most. Defaults to `8`.
        overwrite: bool, whether files that exist are written anew. Defaults to `False`.
        further: dict, name of another input -> the value that it has for every example. Defaults
            to none.
        fit: one of `examples.Fit`; of another one than `"training"`, the default, the signature is
            asked that takes it besides what the client's takes.

    Returns:
        An `Outcome`.

    Raises:
        InputError: the signature takes other inputs, or two answers would be one file.
        ServingError: the server does not tell the model's signatures.
    """
    further = dict(further or {})
    if fit != "training":
        client.signature = _with_fit(client)
        further["fit"] = fit
    job = _Job(client, examples[0].parts, pathlib.Path(folder), further)
    job.check_names(examples)
    waiting = [each for each in examples if overwrite or not job.is_done(each)]
    job.outcome.kept = len(examples) - len(waiting)
    with tqdm.tqdm(total=len(waiting), disable=None) as bar:
        for start in range(0, len(waiting), batch_size):
            batch = waiting[start : start + batch_size]
            try:
                job.answer(batch)
            except ServingError as error:
                job.outcome.ended = error
                break
            bar.update(len(batch))
    job.copy_tables(examples, overwrite)
    return job.outcome


def signature_of(client):
    """Returns the `SignatureDef` that a client asks.

    Args:
        client: `client.Client` or `in_process.InProcess`.

    Raises:
        InputError: the model has no such signature.
        ServingError: the server does not tell the model's signatures.
    """
    signatures = client.metadata()
    if client.signature not in signatures:
        raise InputError(
            f"The signature must be one of the model's: {', '.join(sorted(signatures))}. "
            f"Received: {client.signature}"
        )
    return signatures[client.signature]


def unknown_words(client, texts):
    """Returns text -> those of its words that a model did not learn from, if the model can tell.

    Args:
        client: `client.Client` or `in_process.InProcess`.
        texts: list of str.

    Raises:
        ServingError: the server does not answer.
    """
    if not texts or "unknown_words" not in client.metadata():
        return {}
    asked, client.signature = client.signature, "unknown_words"
    try:
        found = client.predict({"text": texts})["words"]
    finally:
        client.signature = asked
    pairs = zip(texts, found, strict=True)
    return {text: words.decode() for text, words in pairs if words}


def inputs_of(name, signature, parts, further=()):
    """Returns part -> the name of the input that it is fed to.

    Args:
        name: str, of the signature.
        signature: `SignatureDef`.
        parts: the names of an `Example`'s parts.
        further: names of other inputs that are given. Defaults to none.

    Raises:
        InputError: the signature takes others.
    """
    files = [key for key in signature.inputs if key.endswith("_bytes") and key not in further]
    known = {"file": files[0] if len(files) == 1 else None, "text": "text", "seed": "seed"}
    inputs = {part: known[part] for part in parts}
    if sorted([*inputs.values(), *further], key=str) != sorted(signature.inputs):
        given = [*(f"{part}s" for part in parts), *further]
        raise InputError(
            f"The signature {name!r} takes {', '.join(sorted(signature.inputs))}; files are fed to "
            "an input whose name ends in _bytes, texts to `text`, seeds to `seed`, others by "
            f"name. Received: {', '.join(given) or 'nothing'}"
        )
    return inputs


class _Job:
    def __init__(self, client, parts, folder, further):
        self.client = client
        self.folder = folder
        self.outcome = Outcome()
        signature = signature_of(client)
        self.inputs = inputs_of(client.signature, signature, parts, further)
        self.further = {n: _row(value, signature.inputs[n]) for n, value in further.items()}
        self.suffixes = {name: _suffix(name, info) for name, info in signature.outputs.items()}

    def paths(self, example):
        """Returns output's name -> path of its file."""
        many = len(self.suffixes) > 1
        return {
            name: self.folder / (example.stem + f".{name}" * many + suffix)
            for name, suffix in self.suffixes.items()
        }

    def is_done(self, example):
        return all(path.exists() for path in self.paths(example).values())

    def check_names(self, examples):
        check_names(examples)
        for example in examples:
            if example.file and example.file.parent.resolve() == self.folder.resolve():
                raise InputError(
                    "The output must be another folder than the input's. "
                    f"Received: {self.folder} for both"
                )

    def answer(self, batch):
        """Asks for a batch; when that fails because of an example, for each one alone."""
        columns, batch = self._read(batch)
        if not batch:
            return
        try:
            answers = self.client.predict(columns)
        except ServingError as error:
            if error.code not in _OF_ONE_EXAMPLE:
                raise
            if len(batch) == 1:
                # The server says "index 0", whichever of a folder's files it is.
                self.outcome.failed[str(batch[0])] = f"{str(error).splitlines()[0]} (asked alone)"
            else:
                for example in batch:
                    self.answer([example])
        else:
            self._write(batch, answers)

    def _read(self, batch):
        """Returns input's name -> list of values, and the examples that could be read."""
        columns = {name: [] for name in self.inputs.values()}
        readable = []
        for example in batch:
            try:
                values = {**example.parts, **_bytes_of_file(example)}
            except OSError as error:
                self.outcome.failed[str(example)] = error
                continue
            readable.append(example)
            for part, value in values.items():
                columns[self.inputs[part]].append(value)
        same = {name: [value] * len(readable) for name, value in self.further.items()}
        return columns | same, readable

    def _write(self, batch, answers):
        for name, values in answers.items():
            if values.shape[:1] != (len(batch),):
                raise ServingError(
                    grpc.StatusCode.DATA_LOSS,
                    f"output {name} must hold {len(batch)} answers. Received: shape {values.shape}",
                )
        self.folder.mkdir(parents=True, exist_ok=True)
        for index, example in enumerate(batch):
            for name, path in self.paths(example).items():
                _write_atomically(path, _content(answers[name][index], path.suffix))
            self.outcome.written += 1
            self._copy_labels(example)

    def _copy_labels(self, example):
        """Puts the label files of a picture beside its answer."""
        for labels in label_files.beside(example.file) if example.file else ():
            copy = self.folder / (example.stem + labels.suffix)
            if copy not in self.paths(example).values():
                _write_atomically(copy, labels.read_bytes())
                self.outcome.labels += 1

    def copy_tables(self, examples, overwrite):
        """Puts the tables of pictures' labels beside the answers, with the names of these."""
        asked = [example for example in examples if example.file]
        if not self.outcome.written or list(self.suffixes.values()) != [".png"]:
            return
        names = {example.file.name: f"{example.stem}.png" for example in asked}
        for table in label_files.tables(asked[0].file.parent) if asked else ():
            copy = self.folder / table.name
            try:
                if label_files.named(table) & set(names) and (overwrite or not copy.exists()):
                    _write_atomically(copy, label_files.renamed(table, names).encode())
                    self.outcome.labels += 1
            except (OSError, ValueError) as error:
                self.outcome.failed[str(table)] = error


def _row(value, info):
    """Returns a file as a row of one, where the input takes several for each example."""
    rank = len(info.tensor_shape.dim)
    return [value] if isinstance(value, bytes) and rank == 2 else value


def _bytes_of_file(example):
    return {"file": example.file.read_bytes()} if example.file else {}


def _with_fit(client):
    """Returns the signature that takes a fit besides what the client's takes."""
    signature_of(client)
    signatures = client.metadata()
    for name in (f"fit_{client.signature}", "fit"):
        if name in signatures:
            return name
    raise InputError(
        "fit must be left out for a model without signatures of that name. "
        f"Received: a model with {', '.join(sorted(signatures))}"
    )


def _suffix(name, info):
    if info.dtype == tf.string.as_datatype_enum:
        return ".png" if name.endswith("_bytes") else ".txt"
    channels = [dim.size for dim in info.tensor_shape.dim][3:]
    is_image = info.dtype == tf.uint8.as_datatype_enum and channels in ([1], [3], [4])
    return ".png" if is_image else ".npy"


def _content(value, suffix):
    """Returns the bytes of the file for one answer."""
    if suffix == ".npy":
        file = io.BytesIO()
        np.save(file, value)
        return file.getvalue()
    if suffix == ".txt":
        return b"\n".join(np.ravel(np.asarray(value, object)))
    return value if isinstance(value, bytes) else tf.io.encode_png(value).numpy()


def _write_atomically(path, content):
    partial = path.with_name(f".{uuid.uuid4().hex}")  # short, however long the name is
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
