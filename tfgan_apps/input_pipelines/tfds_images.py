"""Images of TensorFlow Datasets, kept encoded in memory."""

import contextlib
import difflib
import os

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.stores import ImagesInMemory

MAX_BYTES = 2 << 30


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
    import tensorflow_datasets as tfds  # Imported late: only those who use TFDS wait for it.

    _check_name(tfds, dataset, data_dir)
    with _as_one_problem(dataset, splits):
        features = tfds.builder(dataset, data_dir=data_dir).info.features
    if "image" not in features:  # Seen before anything is downloaded.
        listed = ", ".join(features)
        raise DataError(dataset, [f"it has no images, only {listed}. Take a set with an image."])
    with _as_one_problem(dataset, splits):
        loaded = tfds.load(
            dataset,
            split=splits,
            data_dir=data_dir,
            shuffle_files=False,
            decoders={"image": tfds.decode.SkipDecoding()},
            download_and_prepare_kwargs={
                "download_config": tfds.download.DownloadConfig(try_download_gcs=False)
            },
        )
    return _keep(dataset, dict(zip(splits, loaded, strict=True)), max_bytes)


@contextlib.contextmanager
def _as_one_problem(dataset, splits):
    """Turns whatever TFDS, its downloader or TensorFlow raise into a `DataError`."""
    try:
        yield
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        cure = "Take a set that has them, see that the network is up, or give a folder of images."
        unable = f"TFDS cannot load the splits {', '.join(splits)}: {reason[0].rstrip('.')}. {cure}"
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
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()  # It takes seconds.
    try:
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
    return _keep(builder.name, dict(zip(splits, loaded, strict=True)), MAX_BYTES)


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


def _keep(dataset, splits, max_bytes):
    """Reads the encoded images of tf.data splits into memory."""
    stores, total = {}, 0
    for split, examples in splits.items():
        encoded = []
        for image in examples.map(lambda example: example["image"]).as_numpy_iterator():
            encoded.append(image)
            total += len(image)
            if total > max_bytes:
                raise DataError(
                    dataset,
                    [
                        f"its images take more than {max_bytes / 2**30:.3g} GiB of memory. Write "
                        "them as files to a folder and give the folder: files are read as needed."
                    ],
                )
        names = [f"{split}[{index}]" for index in range(len(encoded))]
        stores[split] = ImagesInMemory(encoded, names)
    return stores
