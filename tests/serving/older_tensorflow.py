"""What the signatures of an export give in the TensorFlow that runs this file; it needs no more.

    python -m venv older && older/bin/pip install tensorflow-cpu==2.20.0
    older/bin/python tests/serving/older_tensorflow.py saved_models/text_to_image_shapes/1

A release of TensorFlow Serving is built on the TensorFlow of its number, and loads a version like
this. Each line ends in a checksum: equal ones are equal answers to the byte.
"""

import hashlib
import sys

import numpy as np
import tensorflow as tf


def main(path):
    """Prints a line for each signature.

    Args:
        path: of a version.
    """
    image = (np.arange(24 * 20 * 3) % 251).astype(np.uint8).reshape(24, 20, 3)
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        png = session.run(tf.io.encode_png(image))
    feeds = {
        "image_bytes": np.array([png, png], object),
        "fit": np.array([b"original", b"training"], object),
        "image": np.stack([image, 255 - image]),
        "text": np.array([b"a small red circle at the top", b"a blue square"], object),
        "seed": np.array([1, 2], np.int32),
    }
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], path)
        for name, signature in sorted(loaded.signature_def.items()):
            if not name.startswith("__"):
                fed = {each.name: feeds[key] for key, each in signature.inputs.items()}
                fetched = {key: each.name for key, each in signature.outputs.items()}
                print(tf.__version__, name, checksum(session.run(fetched, fed)))


def checksum(answer):
    """Returns the first digits of the SHA-256 of a dict of arrays."""
    arrays = [np.asarray(answer[name]) for name in sorted(answer)]
    parts = [b"".join(array) if array.dtype == object else array.tobytes() for array in arrays]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


if __name__ == "__main__":
    main(sys.argv[1])
