"""Labels of a folder's images in its dataset.json, as the authors of StyleGAN2-ADA keep them.

{"labels": [["00000/img00000000.png", 6], ["00000/img00000001.png", 9]]}

Reference: https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, dataset_tool.py
"""

import json
import os
import pathlib

from tfgan_apps.input_pipelines.errors import DataError

NAME = "dataset.json"
_FORM = '{"labels": [["name of a file", class\'s number], ...]}'


def labels_of(folder, names):
    """Returns the number of each image's class, a list of int.

    Args:
        folder: str, which has a dataset.json.
        names: sequence of str, paths of its images relative to it.

    Raises:
        DataError: the file is none such, or images and labels do not fit together.
    """
    labels = _read(folder)
    found = {name: name.replace(os.sep, "/") for name in names}
    cure = f"Add it to {NAME}, or remove the image."
    problems = [f"{name}: has no label. {cure}" for name, key in found.items() if key not in labels]
    lost = sorted(set(labels) - set(found.values()))
    lost = [name for name in lost if not os.path.exists(os.path.join(folder, name))]
    problems += [f"{name}: has a label in {NAME}, and is not there. Put it back." for name in lost]
    if problems:
        raise DataError(folder, problems[:20])
    return [labels[key] for key in found.values()]


def _read(folder):
    """Returns dict, name of a file -> number of its class."""
    try:
        pairs = json.loads(pathlib.Path(folder, NAME).read_text("utf-8"))["labels"]
        labels = {str(name): label for name, label in pairs}
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "Write it anew, or remove it where folders are the classes"
        problem = f"{NAME} must hold {_FORM}. {cure} ({error!r})."
        raise DataError(folder, [problem]) from error
    strange = [
        f"{NAME} gives {name} the label {label!r}. Classes are numbered from 0 on."
        for name, label in labels.items()
        if type(label) is not int or label < 0
    ]
    if strange:
        raise DataError(folder, strange[:20])
    return labels
