"""Images of TensorFlow Datasets, kept encoded in memory."""

import atexit
import contextlib
import contextvars
import difflib
import io
import os
import shutil
import tempfile

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.stores import ImagesInMemory

MAX_BYTES = 2 << 30
_nothing_kept = contextvars.ContextVar("nothing_kept", default=False)


@contextlib.contextmanager
def nothing_kept():
    """In it nothing is downloaded, and what the package draws is not left on the disk."""
    token = _nothing_kept.set(True)
    try:
        yield
    finally:
        _nothing_kept.reset(token)


def load_images(dataset, splits, data_dir=None, max_bytes=MAX_BYTES):
    """Reads splits of a TFDS image set, downloading and preparing it when it is not there.

    The images stay encoded (horse2zebra takes 0.11 GB); decoding is left to the stream.

    Args:
        dataset: str, a TFDS name such as "cycle_gan/horse2zebra".
        splits: list of str.
        data_dir: str, where TFDS keeps its data. Defaults to TFDS's own (~/tensorflow_datasets).
        max_bytes: int, the most that is kept in memory for all splits. Defaults to 2 GiB.

    Returns:
        dict split -> `ImagesInMemory`.

    Raises:
        DataError: when there is no such set, or it has no such splits, cannot be prepared, has no
            feature "image" or is too large to be kept in memory.
    """
    if "image" not in (features := set_info(dataset, data_dir).features):
        listed = ", ".join(features)
        raise DataError(dataset, [f"it has no images, only {listed}. Take a set with an image."])
    return _images(dataset, load_examples(dataset, splits, data_dir), max_bytes)


def set_info(dataset, data_dir=None):
    """Returns what TFDS knows of a set before anything is downloaded, a `tfds.core.DatasetInfo`.

    Args:
        dataset, data_dir: see `load_images`.

    Raises:
        DataError: when there is no such set.
    """
    import tensorflow_datasets as tfds  # Imported late: only those who use TFDS wait for it.

    _check_name(tfds, dataset, data_dir)
    with _as_one_problem(dataset, "it"):
        return tfds.builder(dataset, data_dir=data_dir).info


def load_pairs(dataset, data_dir=None):
    """Reads a TFDS set whose examples have two images each, as `load_images` reads one.

    Args:
        dataset, data_dir: see `load_images`.

    Returns:
        dict "trainA", "trainB" and, if held out, "testA", "testB" -> `ImagesInMemory`: A is the
        first image by the features' names, B the second. A split called validation stands for one
        that is called test.

    Raises:
        DataError: as for `load_images`; when there are not two images.
    """
    import tensorflow_datasets as tfds

    info = set_info(dataset, data_dir)
    images = sorted(n for n, f in info.features.items() if isinstance(f, tfds.features.Image))
    if len(images) != 2:
        cure = "Take a set with two, or write the pairs to a folder."
        listed = ", ".join(images) or "none"
        raise DataError(dataset, [f"pairs are of two images, but its images are: {listed}. {cure}"])
    tests = [name for name in ("test", "validation") if name in info.splits][:1]
    splits = load_examples(dataset, ["train", *tests], data_dir, images)
    only = {
        split: examples.map(lambda example: {name: example[name] for name in images})
        for split, examples in splits.items()
    }
    kept = keep_examples(dataset, only, images=images)
    names = {"train": "train", **dict.fromkeys(tests, "test")}
    return {
        f"{names[split]}{x}": columns[name]
        for split, columns in kept.items()
        for x, name in zip("AB", images, strict=True)
    }


def load_examples(dataset, splits, data_dir=None, images=("image",)):
    """Opens splits of a TFDS set, downloading and preparing it when it is not there.

    Args:
        dataset, splits, data_dir: see `load_images`.
        images: names of the features that stay encoded. Defaults to "image" alone.

    Returns:
        dict split -> `tf.data.Dataset` of examples (dicts).

    Raises:
        DataError: when the set cannot be prepared or has no such splits.
    """
    import tensorflow_datasets as tfds

    _check_there(tfds, dataset, data_dir)
    with _as_one_problem(dataset, f"the splits {', '.join(splits)}"):
        loaded = tfds.load(
            dataset,
            split=splits,
            data_dir=data_dir,
            shuffle_files=False,
            decoders={name: tfds.decode.SkipDecoding() for name in images},
            download_and_prepare_kwargs={
                "download_config": tfds.download.DownloadConfig(try_download_gcs=False)
            },
        )
    return dict(zip(splits, loaded, strict=True))


def _check_there(tfds, dataset, data_dir):
    """Refuses a set that would be downloaded where nothing is to be."""
    if not _nothing_kept.get():
        return
    with _as_one_problem(dataset, "it"):
        builder = tfds.builder(dataset, data_dir=data_dir)
    if not os.path.isdir(builder.data_path):
        size = builder.info.download_size
        known = f" of {size}" if size else ""
        reason = f"it is not in {builder.data_dir_root} yet. A run downloads it{known}; nothing"
        raise DataError(dataset, [f"{reason} is downloaded for --dry_run."])


@contextlib.contextmanager
def _as_one_problem(dataset, what):
    """Turns whatever TFDS, its downloader or TensorFlow raise into a `DataError`."""
    try:
        yield
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        cure = "Take a set that has them, see that the network is up, or give a folder of images."
        unable = f"TFDS cannot load {what}: {reason[0].rstrip('.')}. {cure}"
        raise DataError(dataset, [unable]) from error


def prepared_images(builder, splits):
    """Prepares a TFDS builder of the package, which downloads nothing, and reads its splits.

    Args:
        builder: `tfds.core.DatasetBuilder` with a feature "image".
        splits: list of str.

    Returns:
        dict split -> `ImagesInMemory`.

    Raises:
        DataError: when it cannot be written to its directory.
    """
    return _images(builder.name, prepared_examples(builder, splits), MAX_BYTES)


def prepared_examples(builder, splits):
    """Prepares a TFDS builder of the package; see `prepared_images` and `load_examples`."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()  # It takes seconds, and nothing is downloaded, as TFDS says.
    if _nothing_kept.get() and not os.path.isdir(builder.data_path):
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        builder = type(builder)(config=builder.builder_config, data_dir=folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare()
    except Exception as error:
        # Another process (a worker on the same machine) may have finished it first.
        if not os.path.isdir(builder.data_path):
            cure = "Give a data_dir that can be written to."
            raise DataError(builder.name, [f"it cannot be prepared: {error}. {cure}"]) from error
        builder = type(builder)(config=builder.builder_config, data_dir=builder.data_dir_root)
    finally:
        tfds.enable_progress_bar()
    decoders = {"image": tfds.decode.SkipDecoding()}
    loaded = builder.as_dataset(split=splits, shuffle_files=False, decoders=decoders)
    return dict(zip(splits, loaded, strict=True))


def _check_name(tfds, dataset, data_dir):
    """Refuses an unknown name at once: TFDS would answer with hundreds of names, or ask the net."""
    name, _, config = dataset.partition(":")[0].partition("/")
    prepared = os.path.join(os.path.expanduser(data_dir or ""), name)
    if data_dir and name.isidentifier() and os.path.isdir(prepared):
        return  # TFDS reads what was prepared before, even without its builder.
    names = tfds.list_builders(with_community_datasets=False)
    if name not in names:
        raise DataError(dataset, [f"it is neither a folder nor a TFDS name.{_hint(name, names)}"])
    configs = [f"{name}/{known}" for known in tfds.builder_cls(name).builder_configs]
    if config and f"{name}/{config}" not in configs:
        unknown = f"it is not a folder, and {name} of TFDS has no {config!r}."
        raise DataError(dataset, [unknown + _hint(f"{name}/{config}", configs)])


def _hint(name, names):
    close = difflib.get_close_matches(name, names, n=3)
    return f" Did you mean {' or '.join(close)}?" if close else " Check the spelling."


def _images(dataset, splits, max_bytes):
    only_images = {
        split: examples.map(lambda example: {"image": example["image"]})
        for split, examples in splits.items()
    }
    kept = keep_examples(dataset, only_images, max_bytes)
    return {split: columns["image"] for split, columns in kept.items()}


def keep_examples(dataset, splits, max_bytes=MAX_BYTES, images=("image",)):
    """Reads examples into memory.

    Args:
        dataset: str that errors name the data by.
        splits: dict split -> `tf.data.Dataset` of dicts, whose images are encoded.
        max_bytes: int, the most that the images of all splits may take. Defaults to 2 GiB.
        images: their names. Defaults to "image" alone.

    Returns:
        dict split -> dict: `ImagesInMemory` for images, a list for everything else.

    Raises:
        DataError: when the images take more.
    """
    kept, total = {}, 0
    for split, examples in splits.items():
        rows = []
        for row in examples.as_numpy_iterator():
            rows.append(row)
            total += sum(len(row[name]) for name in images)
            if total > max_bytes:
                raise DataError(
                    dataset,
                    [
                        f"its images take more than {max_bytes / 2**30:.3g} GiB of memory. Write "
                        "them as files to a folder and give the folder: files are read as needed."
                    ],
                )
        columns = {name: [row[name] for row in rows] for name in examples.element_spec}
        names = [f"{split}[{index}]" for index in range(len(rows))]
        kept[split] = columns | {n: ImagesInMemory(columns[n], names) for n in images}
    return kept
