"""A model with every kind of input and output of a client, served over both protocols."""

import contextlib

import tensorflow as tf

from tfgan_apps.serving.server import model_configs
from tfgan_apps.serving.server.local_server import LocalServer


class Tiny(tf.Module):
    """Signatures whose answers are known."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
    def negative(self, image_bytes):
        invert = lambda file: tf.io.encode_png(255 - tf.io.decode_png(file, 3))  # noqa: E731
        return {"image_bytes": tf.map_fn(invert, image_bytes)}

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, "image")])
    def uint8(self, image):
        return {"image": 255 - image}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([None], tf.int32, "seed"),
        ]
    )
    def tell(self, text, seed):
        both = tf.strings.join([text, tf.strings.as_string(seed)], ":")
        halves = tf.stack([tf.cast(seed, tf.float32) / 2, tf.zeros_like(seed, tf.float32)], 1)
        return {"text": both, "raw_bytes": text, "halves": halves}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "seed")])
    def paint(self, seed):
        colours = tf.cast(seed[:, None, None, None] % 256, tf.uint8)
        return {"image": tf.tile(colours, [1, 4, 6, 3])}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int32, "seed"),
            tf.TensorSpec([None], tf.int32, "label"),
            tf.TensorSpec([None, 2], tf.float32, "code"),
        ]
    )
    def add(self, seed, label, code):
        return {"sum": tf.cast(seed + label, tf.float32)[:, None] + code}


@contextlib.contextmanager
def serving(folder):
    """Serves a `Tiny` as the model `tiny`; yields a dict, protocol -> address."""
    tiny = Tiny()
    names = {"serving_default": tiny.negative, "uint8": tiny.uint8}
    signatures = names | {"tell": tiny.tell, "paint": tiny.paint, "add": tiny.add}
    tf.saved_model.save(tiny, str(folder / "tiny" / "1"), signatures=signatures)
    config = model_configs.listing({"tiny": str(folder / "tiny")})
    with LocalServer(config, drain_seconds=1) as server:
        yield {
            "grpc": f"localhost:{server.grpc_port}",
            "rest": f"localhost:{server.rest_port}",
        }
