"""What a `--dataset` is: a set of the package's own, a folder, a file, or a name of TFDS."""

import os

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.lines import is_utf8
from tfgan_apps.input_pipelines.sources.listing import printable


def opened(dataset, own, folder=None, file=None, tfds=None):
    """Opens what a user names; what is of the package's own goes first, then what is on the disk.

    Args:
        dataset: str, as the user gives it; ~ is the user's home.
        own: dict, name of a set of the package -> function that opens it.
        folder: function of the absolute path of a folder, or None where none is taken.
        file: function of the path of a file, which says what is wrong with it, or None.
        tfds: function of a TFDS name, which says what is wrong with it, or None.

    Returns:
        What the function returns.

    Raises:
        DataError: it is none of what is taken.
    """
    if dataset in own:
        return own[dataset]()
    path = os.path.expanduser(dataset)
    if folder and os.path.isdir(path):
        # Nor a later working directory, nor a link before .., makes it another one.
        path = os.path.realpath(path)
        if not is_utf8(os.fsencode(path)):
            raise DataError(printable(path), ["its path is not UTF-8. Rename its folders."])
        return folder(path)
    if file:
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            cure = "Write what it gives to a file: a run reads its data more than once."
            raise DataError(dataset, [f"it is not a file but a pipe, socket or device. {cure}"])
        return file(path)
    if os.path.exists(path):
        raise DataError(dataset, ["it is a file. Give the folder that holds the data."])
    if tfds:
        return tfds(dataset)
    names = " nor ".join(own)
    raise DataError(dataset, [f"it is neither a folder nor {names}. Check the spelling."])
