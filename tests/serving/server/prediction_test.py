"""What Predict and GetModelMetadata answer, and refuse in TF Serving's words.

The messages are those of predict_util.cc, predict_impl.cc, get_model_metadata_impl.cc and
server_core.cc of tensorflow/serving 9d981c5c, of TensorFlow's cc/saved_model/util.cc and of its
runtime.
"""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from tfgan_apps.serving.server import prediction
from tfgan_apps.serving.server.limits import DEFAULT
from tfgan_apps.serving.server.status import StatusError

ZEROS = np.zeros((3, 2), np.float32)


@pytest.fixture(scope="module")
def base(tmp_path_factory, write_version):
    base = tmp_path_factory.mktemp("models") / "adding"
    write_version(base, 7)
    return base


@pytest.fixture
def manager(base, manage):
    manager = manage(base)
    manager.poll()
    return manager


def arrays(response):
    return {name: tf.make_ndarray(proto).tolist() for name, proto in response.outputs.items()}


def test_an_answer_names_the_version_and_the_signature(manager, request_for):
    response = prediction.predict(manager, request_for("adding", x=ZEROS), DEFAULT)
    assert arrays(response) == {"y": [[7.0, 7.0]] * 3}
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("adding", 7, "serving_default")


def test_bytes_several_inputs_and_a_filter_of_outputs(manager, request_for):
    inputs = {"text": np.array([b"a\0\xff", b""], object), "times": np.int32([3, -4])}
    request = request_for("adding", "join", **inputs)
    both = {"text_bytes": [b"a\0\xff3", b"-4"], "double": [6, -8]}
    assert arrays(prediction.predict(manager, request, DEFAULT)) == both
    request.output_filter.append("double")
    assert arrays(prediction.predict(manager, request, DEFAULT)) == {"double": [6, -8]}


def test_values_in_the_fields_of_their_type(manager):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "adding"
    proto = request.inputs["x"]
    proto.dtype = tf.float32.as_datatype_enum
    for size in (2, 2):
        proto.tensor_shape.dim.add(size=size)
    proto.float_val.extend([1, 2])  # The last one stands for the rest.
    assert arrays(prediction.predict(manager, request, DEFAULT)) == {"y": [[8, 9], [9, 9]]}


def test_a_signatures_defaults_stand_for_what_is_left_out():
    signature = meta_graph_pb2.SignatureDef()
    for name in ("x", "scale"):
        signature.inputs[name].dtype = tf.float32.as_datatype_enum
        signature.inputs[name].name = f"{name}:0"
        signature.inputs[name].tensor_shape.dim.add(size=-1)
    signature.defaults["scale"].CopyFrom(tf.make_tensor_proto([0.5]))
    feeds = prediction.check_feeds(signature, {"x": ZEROS[:, 0]})
    assert {name: value.tolist() for name, value in feeds.items()} == {"x": [0] * 3, "scale": [0.5]}
    expected = r"x\(feed name: x:0\) not found .* request {}, or default input alias set: scale$"
    with pytest.raises(StatusError, match=expected):
        prediction.check_feeds(signature, {})
    with pytest.raises(StatusError, match="Used request inputs: x, request input: x,z$"):
        prediction.check_feeds(signature, {"x": ZEROS[:, 0], "z": ZEROS})


def test_no_examples(manager, request_for):
    response = prediction.predict(manager, request_for("adding", x=ZEROS[:0]), DEFAULT)
    assert tf.make_ndarray(response.outputs["y"]).shape == (0, 2)


TEXT, TIMES = np.array([b"a"], object), np.int32([1])
REFUSED = {
    "no name": (("",), {}, "INVALID_ARGUMENT: ModelSpec has no name specified."),
    "model": (("no",), {}, "NOT_FOUND: Servable not found for request: Latest(no)"),
    "signature": (
        ("adding", "no"),
        {"x": ZEROS},
        'FAILED_PRECONDITION: Serving signature key "no" not found.',
    ),
    "no input": (
        ("adding",),
        {},
        "INVALID_ARGUMENT: input size does not match signature: 0!=1 len({}) != len({x}). "
        "Sent extra: {}. Missing but required: {x}.",
    ),
    "extra input": (
        ("adding",),
        {"x": ZEROS, "z": ZEROS},
        "INVALID_ARGUMENT: input size does not match signature: 2!=1 len({x,z}) != len({x}). "
        "Sent extra: {z}. Missing but required: {}.",
    ),
    "name of an input": (
        ("adding",),
        {"z": ZEROS},
        "INVALID_ARGUMENT: Signature input alias: x(feed name: serving_default_x:0) not found in "
        "request and no default value provided. Inputs expected to be in the request {z}, or "
        "default input alias set: ",
    ),
    "dtype": (
        ("adding",),
        {"x": ZEROS.astype(np.float64)},
        "INVALID_ARGUMENT: Expects arg[0] to be float but double is provided",
    ),
    "dtype of the second": (
        ("adding", "join"),
        {"text": TEXT, "times": TEXT},
        "INVALID_ARGUMENT: Expects arg[1] to be int32 but string is provided",
    ),
    "rank": (
        ("adding",),
        {"x": ZEROS[0]},
        "INVALID_ARGUMENT: Input x must have the shape (None, 2). Received: the shape (2,)",
    ),
    "shape": (
        ("adding",),
        {"x": ZEROS[:, :1]},
        "INVALID_ARGUMENT: Input x must have the shape (None, 2). Received: the shape (3, 1)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(manager, request_for, case):
    spec, inputs, expected = REFUSED[case]
    with pytest.raises(StatusError) as raised:
        prediction.predict(manager, request_for(*spec, **inputs), DEFAULT)
    assert str(raised.value) == expected


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (
            ["y"],
            "output tensor alias not found in signature: y Outputs expected to be in the set "
            "{double,text_bytes}.",
        ),
        (["double", "double"], "duplicate output tensor alias: double"),
    ],
)
def test_filters_of_outputs_that_are_refused(manager, request_for, outputs, expected):
    request = request_for("adding", "join", text=TEXT, times=TIMES)
    request.output_filter.extend(outputs)
    with pytest.raises(StatusError) as raised:
        prediction.predict(manager, request, DEFAULT)
    assert str(raised.value) == f"INVALID_ARGUMENT: {expected}"


def test_a_failure_in_the_graph_keeps_its_code_and_has_no_python_in_it(manager, request_for):
    request = request_for("adding", "busy", rounds=np.zeros(0, np.int32))
    with pytest.raises(StatusError, match="INVALID_ARGUMENT: .*out of bounds") as raised:
        prediction.predict(manager, request, DEFAULT)
    assert ".py" not in raised.value.message


@pytest.mark.parametrize("broken", ["content", "dtype", "negative", "huge", "resource", "count"])
def test_tensors_that_cannot_be_parsed(manager, request_for, broken):
    request = request_for("adding", x=ZEROS)
    proto = request.inputs["x"]
    if broken == "content":
        proto.tensor_content = proto.tensor_content[:-1]
    elif broken == "dtype":
        proto.dtype = 0
    elif broken == "negative":
        proto.tensor_shape.dim[0].size = -1
    elif broken == "resource":
        proto.dtype = tf.resource.as_datatype_enum
    else:
        proto.ClearField("tensor_content")
        proto.float_val.extend([0.0] * 7)
        proto.tensor_shape.dim[0].size = 3 if broken == "count" else 1 << 40
    with pytest.raises(StatusError) as raised:
        prediction.predict(manager, request, DEFAULT)
    assert str(raised.value) == "INVALID_ARGUMENT: tensor parsing error: x"


def test_a_request_without_a_model_spec(manager):
    for ask, request in (
        (prediction.predict, (predict_pb2.PredictRequest(), DEFAULT)),
        (prediction.metadata, (get_model_metadata_pb2.GetModelMetadataRequest(),)),
    ):
        with pytest.raises(StatusError, match="^INVALID_ARGUMENT: Missing ModelSpec$"):
            ask(manager, *request)


def test_metadata_are_the_saved_models_signatures(manager, base):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "adding"
    response = prediction.metadata(manager, request)
    assert (response.model_spec.name, response.model_spec.version.value) == ("adding", 7)
    found = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(found)
    saved = tf.saved_model.load(str(base / "7"))
    assert set(found.signature_def) == set(saved.signatures)
    join = found.signature_def["join"]
    assert join.inputs["text"].dtype == tf.string.as_datatype_enum
    assert [dim.size for dim in join.inputs["text"].tensor_shape.dim] == [-1]
    assert set(join.outputs) == {"text_bytes", "double"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], "GetModelMetadataRequest must specify at least one metadata_field"),
        (["signature_def", "no"], "Metadata field no is not supported"),
    ],
)
def test_metadata_that_there_are_not(manager, fields, expected):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    request.model_spec.name = "adding"
    with pytest.raises(StatusError) as raised:
        prediction.metadata(manager, request)
    assert str(raised.value) == f"INVALID_ARGUMENT: {expected}"
