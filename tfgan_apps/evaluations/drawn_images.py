"""What a model draws by seeds through its signatures: of a run and of its export it is the same."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.client.in_process import InProcess

_BATCH = 50


def drawn(signatures, request):
    """Yields what `serving_default` draws, batch by batch: uint8 images (N, H, W, C), or points.

    Args:
        signatures: dict, name -> function, of a `ServedModel` or of a SavedModel.
        request: dict, input's name -> array, one value for each example.
    """
    model = InProcess(signatures)
    for first in range(0, len(request["seed"]), _BATCH):
        part = {name: values[first : first + _BATCH] for name, values in request.items()}
        ((name, found),) = model.predict(part).items()
        if name == "image_bytes":
            found = np.stack([tf.io.decode_png(each).numpy() for each in found])
        yield found


def asked(signatures):
    """Returns the names of the inputs and outputs of `serving_default`, two sets of str.

    Args:
        signatures: as for `drawn`.
    """
    described = InProcess(signatures).metadata()["serving_default"]
    return set(described.inputs), set(described.outputs)
