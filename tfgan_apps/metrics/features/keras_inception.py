"""keras.applications.InceptionV3 as a feature network: its numbers are not FID.

Its weights are another training's, of 1,000 classes; use it to compare models with one another.

Reference: https://keras.io/api/applications/inceptionv3
"""

import keras
import numpy as np

from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.features.network import FeatureNetwork, as_colour
from tfgan_apps.metrics.features.resizing import resize as resized

NAME = "keras.applications.InceptionV3"
FILE = weight_files.WeightFile(
    "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
    "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
    "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
)


def keras_inception(weights=None, resize="clean", batch_size=32):
    """Returns the `FeatureNetwork` called keras.applications.InceptionV3, 2,048 features.

    Args:
        weights: str, path of `FILE`, with the 1,000 classes. Defaults to None, what lies in
            `weight_files.FOLDER`.
        resize: str, see `resizing.RULES`. Defaults to `"clean"`.
        batch_size: int, images at a time. Defaults to 32.

    Raises:
        WeightFileError: the file is absent, or does not fit.
    """
    path, sha256 = weight_files.find(weights, [FILE])
    model = build()
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise weight_files.WeightFileError(
            f"weights must fit {NAME} with its 1,000 classes. Received: {path} ({error})"
        ) from error

    def function(images):
        pixels = resized(as_colour(images), (299, 299), resize)
        return model.predict_on_batch(np.float32(pixels / 127.5 - 1))

    return FeatureNetwork(NAME, function, resize, sha256, batch_size)


def build():
    """Returns the network: image (N, 299, 299, 3) -> `features` (2048) and `logits` (1000)."""
    whole = keras.applications.InceptionV3(weights=None, classifier_activation=None)
    outputs = {"features": whole.layers[-2].output, "logits": whole.output}
    return keras.Model(whole.inputs, outputs, trainable=False)
