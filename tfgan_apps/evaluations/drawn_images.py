"""What a model draws through its signatures: of a run and of its export it is the same."""

import pathlib

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.client.in_process import InProcess

_BATCH = 16


def drawn(signatures, request):
    """Yields what `serving_default` answers: uint8 images (N, H, W, C) of one size, or points.

    Args:
        signatures: dict, name -> function, of a `ServedModel` or of a SavedModel.
        request: dict, input's name -> sequence, one value for each example; of `image_bytes` the
            paths of the files.
    """
    model = InProcess(signatures)
    for first in range(0, len(next(iter(request.values()))), _BATCH):
        part = {name: values[first : first + _BATCH] for name, values in request.items()}
        if "image_bytes" in part:
            part["image_bytes"] = [pathlib.Path(path).read_bytes() for path in part["image_bytes"]]
        ((name, found),) = model.predict(part).items()
        if name != "image_bytes":
            yield found
            continue
        images = [tf.io.decode_png(each).numpy() for each in found]
        one_size = len({image.shape for image in images}) == 1
        yield from [np.stack(images)] if one_size else (image[None] for image in images)


def asked(signatures):
    """Returns the names of the inputs and outputs of `serving_default`, two sets of str.

    Args:
        signatures: as for `drawn`.
    """
    described = InProcess(signatures).metadata()["serving_default"]
    return set(described.inputs), set(described.outputs)
