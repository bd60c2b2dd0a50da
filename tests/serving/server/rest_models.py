"""Models and requests that the tests of the REST API share.

Sources, in tensorflow_serving/: U is model_servers/http_rest_api_util.cc, UT its _test.cc, HT is
model_servers/http_rest_api_handler_test.cc.
"""

import contextlib
import http.client
import json

import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from tfgan_apps.serving.server import model_configs

HALF = "saved_model_half_plus_two_2_versions"
RESERVED = "modelname!#$%&'()*+,/:;=?@[]"  # UT
ESCAPED = "modelname%21%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D"
PREDICT = f"/v1/models/{HALF}:predict"


def tensor(name, dtype, *sizes):
    """TensorInfo in JSON, as U's ToJsonString prints it."""
    shape = {
        "dim": [{"size": str(size), "name": ""} for size in sizes],
        "unknown_rank": not sizes,
    }
    return {"dtype": dtype, "tensor_shape": shape, "name": name}


def signature(method, inputs, outputs):
    return {
        "inputs": inputs,
        "outputs": outputs,
        "method_name": f"tensorflow/serving/{method}",
        "defaults": {},
    }


EXAMPLES = {"inputs": tensor("tf_example:0", "DT_STRING")}
X2 = {"inputs": tensor("x2:0", "DT_FLOAT", -1, 1)}
# servables/tensorflow/testdata/saved_model_half_plus_two_2_versions_metadata.json, which HT
# GetModelMetadata compares with. x is of unknown shape here: a shape that is given is checked here.
SIGNATURES = {
    "serving_default": signature(
        "predict", {"x": tensor("x:0", "DT_FLOAT")}, {"y": tensor("y:0", "DT_FLOAT")}
    ),
    "regress_x_to_y": signature("regress", EXAMPLES, {"outputs": tensor("y:0", "DT_FLOAT")}),
    "regress_x2_to_y3": signature("regress", X2, {"outputs": tensor("y3:0", "DT_FLOAT", -1, 1)}),
    "classify_x2_to_y3": signature("classify", X2, {"scores": tensor("y3:0", "DT_FLOAT", -1, 1)}),
}


def write_half_plus_two(path):
    """Writes what testdata/saved_model_half_plus_two.py writes, as far as it matters here."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.placeholder(tf.string, name="tf_example")
        x = tf.compat.v1.placeholder(tf.float32, name="x")
        x2 = tf.compat.v1.placeholder(tf.float32, [None, 1], name="x2")
        tf.add(0.5 * x, 2.0, name="y")
        tf.add(0.5 * x2, 3.0, name="y3")
        definitions = {}
        for name, described in SIGNATURES.items():
            definition = definitions[name] = meta_graph_pb2.SignatureDef()
            definition.method_name = described["method_name"]
            for side in ("inputs", "outputs"):
                for alias, info in described[side].items():
                    found = session.graph.get_tensor_by_name(info["name"])
                    entry = getattr(definition, side)[alias]
                    entry.name, entry.dtype = info["name"], found.dtype.as_datatype_enum
                    entry.tensor_shape.CopyFrom(found.shape.as_proto())
        builder = tf.compat.v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=definitions)
        builder.save()


class Describing(tf.Module):
    """Several inputs and outputs of several types; and a text as long as wanted."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="tag"),
            tf.TensorSpec([None, 2], tf.int32, name="signal"),
        ]
    )
    def describe(self, tag, signal):
        return {
            "tag": tf.strings.upper(tag),
            "raw_bytes": tag,
            "mean": tf.reduce_mean(tf.cast(signal, tf.float32), axis=1),
            "positive": signal > 0,
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="size")])
    def long(self, size):
        return {"text": tf.strings.reduce_join(tf.fill(size[:1], "0123456789"))[None]}


def write(folder):
    """Writes the models into a folder and returns the `ModelServerConfig` that serves them."""
    for version in (123, 124):
        write_half_plus_two(folder / HALF / str(version))
    module = Describing()
    signatures = {"serving_default": module.describe, "long": module.long}
    tf.saved_model.save(module, str(folder / "many" / "1"), signatures=signatures)
    config = model_configs.listing(
        {HALF: str(folder / HALF), "many": str(folder / "many"), RESERVED: str(folder / HALF)}
    )
    half = config.model_config_list.config[0]
    half.model_version_policy.specific.versions.extend([123, 124])
    half.version_labels.update({"stable": 123, "canary": 124})
    return config


def ask(port, method, path, body=None, headers=None):
    """Returns (HTTP status, content type, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        body = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type"), response.read()


def error_of(port, method, path, body=None, **kwargs):
    """Returns (HTTP status, error message) of an answer whose body is an error and nothing else."""
    status, content_type, body = ask(port, method, path, body, **kwargs)
    assert content_type == "application/json"
    content = json.loads(body)
    assert list(content) == ["error"]
    return status, content["error"]
