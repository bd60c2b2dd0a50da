"""One loaded version of one model."""

import gc
import os

import grpc
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import prediction_log_pb2

from tfgan_apps.serving.export import warmup
from tfgan_apps.serving.server import prediction
from tfgan_apps.serving.server.limits import UNLIMITED
from tfgan_apps.serving.server.status import StatusError, as_status

MAX_WARMUP_REQUESTS = 1000  # TF Serving's.


class Servable:
    """One loaded version of one model.

    It is loaded as TF Serving does it: the graph tagged "serve", in a session of its own, whose
    tensors the signatures name.

    Args:
        name: str, the model's.
        version: int.
        path: the directory of the SavedModel.

    Raises:
        StatusError: the SavedModel cannot be loaded, or a warm-up request fails.
    """

    def __init__(self, name, version, path):
        self.name = name
        self.version = version
        config = tf.compat.v1.ConfigProto()
        config.gpu_options.allow_growth = True  # Two versions share the device for a while.
        self._session = tf.compat.v1.Session(graph=tf.Graph(), config=config)
        try:
            self.signatures = _load(self._session, path)
            _warm_up(self, os.path.join(path, warmup.FILE))
        except BaseException:
            self.close()
            raise

    def signature(self, name):
        """Returns the `SignatureDef` of a name.

        Raises:
            StatusError: FAILED_PRECONDITION when there is none.
        """
        if name not in self.signatures:
            raise StatusError(
                grpc.StatusCode.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.'
            )
        return self.signatures[name]

    def run(self, signature_name, feeds, outputs=None):
        """Returns what a signature answers.

        Args:
            signature_name: str, a key of `signatures`.
            feeds: dict, name of an input -> array; bytes are in object arrays.
            outputs: list of names of outputs. Defaults to all.

        Returns:
            dict, name of an output -> array.

        Raises:
            StatusError: the request does not fit the signature, or the graph failed.
        """
        signature = self.signature(signature_name)
        feeds = prediction.check_feeds(signature, feeds)
        fetches = {
            alias: signature.outputs[alias].name
            for alias in prediction.check_outputs(signature, outputs)
        }
        feeds = {signature.inputs[alias].name: array for alias, array in feeds.items()}
        try:
            return self._session.run(fetches, feeds)
        except tf.errors.OpError as error:
            raise as_status(error) from error

    def close(self):
        """Frees the model's memory."""
        self._session.close()
        self._session = None
        gc.collect()  # Sessions and graphs are in cycles; weights go with them, now and not later.


def _load(session, path):
    """Loads a SavedModel into a session and returns its signatures, dict of `SignatureDef`."""
    try:
        with session.graph.as_default():
            loaded = tf.compat.v1.saved_model.load(session, ["serve"], path)
    except (OSError, RuntimeError, ValueError) as error:  # Of the file, its graphs, the variables.
        broken = isinstance(error, OSError) and os.path.exists(os.path.join(path, "saved_model.pb"))
        code = grpc.StatusCode.DATA_LOSS if broken else grpc.StatusCode.NOT_FOUND
        raise StatusError(code, str(error)) from error
    # Copies: a part of a parsed message keeps the whole of it, with the graph, in memory.
    return {
        name: meta_graph_pb2.SignatureDef.FromString(signature.SerializeToString())
        for name, signature in loaded.signature_def.items()
        if not name.startswith("__")  # of the loader, such as __saved_model_init_op
    }


def _warm_up(servable, path):
    """Answers the requests in a file of `PredictionLog` records; the first failure is raised."""
    if not os.path.exists(path):
        return
    for count, record in enumerate(tf.data.TFRecordDataset(path).as_numpy_iterator(), 1):
        if count > MAX_WARMUP_REQUESTS:
            raise StatusError(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"Number of warmup records exceeds the maximum ({MAX_WARMUP_REQUESTS}) at {path}",
            )
        log = prediction_log_pb2.PredictionLog.FromString(record)
        kind = log.WhichOneof("log_type")
        if kind == "predict_log":
            prediction.run(servable, log.predict_log.request, UNLIMITED)
        elif kind:
            raise StatusError(
                grpc.StatusCode.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind}"
            )
