"""The gRPC services, asked by the official stubs."""

import contextlib
import gc
import socket
import threading
import time
import tracemalloc

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from tests.serving.server import http2_client
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage
from tfgan_apps.serving.server import grpc_services, model_configs
from tfgan_apps.serving.server.limits import Limits
from tfgan_apps.serving.server.local_server import LocalServer, PortError
from tfgan_apps.serving.server.servables import ServableManager

ZEROS = np.zeros((1, 2), np.float32)
FOREVER = 60  # seconds that a test waits for what must come


@pytest.fixture(scope="module")
def base(tmp_path_factory, write_version):
    base = tmp_path_factory.mktemp("models") / "adding"
    write_version(base, 1)
    return base


@pytest.fixture
def channel():
    """Makes a channel to a server."""
    channels = []

    def make(server):
        options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
        channels.append(grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}", options))
        return channels[-1]

    yield make
    for each in channels:
        each.close()


@pytest.fixture
def stub(channel):
    return lambda server: prediction_service_pb2_grpc.PredictionServiceStub(channel(server))


@pytest.fixture
def model_stub(channel):
    return lambda server: model_service_pb2_grpc.ModelServiceStub(channel(server))


@pytest.fixture
def gate():
    gate = threading.Event()  # that blocks the workers
    yield gate
    gate.set()


def refused(call, request, **kwargs):
    with pytest.raises(grpc.RpcError) as raised:
        call(request, **{"timeout": FOREVER} | kwargs)
    return raised.value.code(), raised.value.details()


def added(response):
    return tf.make_ndarray(response.outputs["y"])[0, 0]


def test_a_png_comes_back_inverted(serve, stub, request_for, inverting, picture, tmp_path):
    export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    image = picture(16, 16)
    png = np.array([tf.io.encode_png(image).numpy()], object)
    server = serve(lambda: model_configs.finder(tmp_path)())
    response = stub(server).Predict(request_for("tiny", image_bytes=png), timeout=FOREVER)
    file = tf.make_ndarray(response.outputs["image_bytes"])[0]
    np.testing.assert_array_equal(tf.io.decode_png(file), 255 - image)
    broken = np.array([png[0], b"no picture"], object)
    code, details = refused(stub(server).Predict, request_for("tiny", image_bytes=broken))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert "index 1" in details


def test_codes_and_messages_reach_the_client(serve, base, stub, request_for):
    predict = stub(serve(base)).Predict
    assert refused(predict, request_for("no", x=ZEROS)) == (
        grpc.StatusCode.NOT_FOUND,
        "Servable not found for request: Latest(no)",
    )
    assert refused(predict, request_for("adding", version=3, x=ZEROS)) == (
        grpc.StatusCode.NOT_FOUND,
        "Servable not found for request: Specific(adding, 3)",
    )
    code, details = refused(predict, request_for("adding", **{"z" * 3000: ZEROS}))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert len(details) == 1024 + len("...TRUNCATED")
    assert details.endswith("zzz...TRUNCATED")


def test_metadata_and_status(serve, base, stub, model_stub):
    server = serve(base)
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "adding"
    response = stub(server).GetModelMetadata(request, timeout=FOREVER)
    assert response.model_spec.version.value == 1
    request = get_model_status_pb2.GetModelStatusRequest()
    get_status = model_stub(server).GetModelStatus
    assert refused(get_status, request) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Missing ModelSpec",
    )
    request.model_spec.name = "adding"
    (row,) = get_status(request, timeout=FOREVER).model_version_status
    assert (row.version, row.state, row.status.error_code) == (1, row.AVAILABLE, 0)
    request.model_spec.version.value = 4
    assert refused(get_status, request) == (
        grpc.StatusCode.NOT_FOUND,
        "Could not find version 4 of model adding",
    )


def test_the_other_methods_are_unimplemented(serve, base, stub):
    service = stub(serve(base))
    for call, request in (
        (service.Classify, classification_pb2.ClassificationRequest()),
        (service.Regress, regression_pb2.RegressionRequest()),
        (service.MultiInference, inference_pb2.MultiInferenceRequest()),
    ):
        code, details = refused(call, request)
        assert code == grpc.StatusCode.UNIMPLEMENTED
        assert "served by Predict" in details


def test_models_are_replaced_by_a_reload(serve, base, stub, model_stub, request_for, tmp_path):
    server = serve(base)
    reload = model_stub(server).HandleReloadConfigRequest
    request = model_management_pb2.ReloadConfigRequest()
    code, details = refused(reload, request)
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert details.endswith("Only ModelConfigList is currently supported")
    request.config.CopyFrom(model_configs.listing({"no": str(tmp_path), "other": str(base)}))
    assert refused(reload, request) == (
        grpc.StatusCode.UNKNOWN,
        "1 model(s) did not become available: {no}",
    )
    assert added(stub(server).Predict(request_for("other", x=ZEROS), timeout=FOREVER)) == 1
    request.config.CopyFrom(model_configs.listing({"adding": str(base)}))
    assert reload(request, timeout=FOREVER).status.error_code == 0
    assert added(stub(server).Predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1
    assert refused(stub(server).Predict, request_for("other", x=ZEROS))[0] == (
        grpc.StatusCode.NOT_FOUND
    )


def test_a_full_queue_is_unavailable_at_once(
    serve, base, stub, model_stub, request_for, wait_until, gate
):
    server = serve(base, threads=1, max_queue=1)
    predict = stub(server).Predict
    server.workers.submit("grpc", gate.wait, FOREVER)
    waiting = predict.future(request_for("adding", x=ZEROS), timeout=FOREVER)
    wait_until(lambda: server.workers.unfinished == 2)
    assert refused(predict, request_for("adding", x=ZEROS)) == (
        grpc.StatusCode.UNAVAILABLE,
        "The server is busy: 2 requests are running or waiting. Try again later.",
    )
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "adding"
    assert model_stub(server).GetModelStatus(request, timeout=FOREVER).model_version_status
    gate.set()
    assert added(waiting.result(FOREVER)) == 1
    assert added(predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1


def test_slow_messages_keep_no_worker(serve, base, channel, stub, request_for, wait_until, gate):
    server = serve(base, threads=1, max_queue=0)
    predict, request = stub(server).Predict, request_for("adding", x=ZEROS)

    def messages():
        gate.wait(FOREVER)
        yield request.SerializeToString()

    late = channel(server).stream_unary("/tensorflow.serving.PredictionService/Predict")
    waiting = late.future(messages(), timeout=FOREVER)
    wait_until(lambda: server.grpc.arrivals.coming == 1)
    assert added(predict(request, timeout=FOREVER)) == 1
    gate.set()
    assert waiting.result(FOREVER)


def test_a_call_whose_client_leaves_before_its_message_comes(
    serve, base, channel, stub, request_for, wait_until, gate
):
    server = serve(base, threads=1, max_queue=0)
    late = channel(server).stream_unary("/tensorflow.serving.PredictionService/Predict")
    waiting = late.future(iter(gate.wait, None), timeout=FOREVER)
    wait_until(lambda: server.grpc.arrivals.coming == 1)
    waiting.cancel()
    wait_until(lambda: server.grpc.arrivals.coming == 0)
    assert added(stub(server).Predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1


def test_a_message_that_does_not_come_is_not_waited_for(
    serve, base, channel, stub, request_for, gate, monkeypatch
):
    monkeypatch.setattr(grpc_services, "_MESSAGE_SECONDS", 0.3)
    server = serve(base, threads=1, max_queue=0)
    late = channel(server).stream_unary("/tensorflow.serving.PredictionService/Predict")
    found = refused(late, iter(gate.wait, None))
    assert found == (grpc.StatusCode.DEADLINE_EXCEEDED, "The request's message did not come.")
    assert added(stub(server).Predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1


def test_answers_that_are_not_taken_are_bounded(
    serve, base, stub, request_for, connect, wait_until
):
    server = serve(base, limits=Limits(max_batch=1 << 20, max_answer=1 << 20))
    predict, request = stub(server).Predict, request_for("adding", x=ZEROS)
    request.inputs["x"].Clear()
    proto = request.inputs["x"]
    proto.dtype = tf.float32.as_datatype_enum
    proto.float_val.append(0)  # stands for all
    for size in (1 << 17, 2):
        proto.tensor_shape.dim.add(size=size)
    client = connect(server.grpc_port)
    client.sendall(http2_client.calls(request.SerializeToString(), 7))
    wait_until(lambda: server.grpc.answers.held > 7 << 20)
    code, details = refused(predict, request)
    assert code == grpc.StatusCode.UNAVAILABLE and "too much" in details
    assert added(predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1
    client.close()
    wait_until(lambda: server.grpc.answers.held == 0)
    assert added(predict(request, timeout=FOREVER)) == 1


def test_refused_messages_are_forgotten(serve, base, stub, request_for, wait_until):
    predict = stub(serve(base)).Predict
    request = request_for("no", x=np.zeros((1 << 18, 2), np.float32))  # 2 MB
    gc.collect()
    gc.disable()  # A cycle would keep them, and be collected only by chance.
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            assert predict.future(request, timeout=FOREVER).code() == grpc.StatusCode.NOT_FOUND
        wait_until(lambda: tracemalloc.get_traced_memory()[0] - before < 4 << 20)
    finally:
        tracemalloc.stop()
        gc.enable()


class Recording(ServableManager):
    """Keeps the names that it was asked for."""

    asked = ()

    def using(self, name, version=None, label=None):
        self.asked += (name,)
        return super().using(name, version, label)


def test_a_request_whose_deadline_passed_in_the_queue_is_not_run(
    serve, base, stub, request_for, gate
):
    server = serve(base, threads=1)
    server.manager.__class__ = Recording
    server.workers.submit("grpc", gate.wait, FOREVER)
    predict = stub(server).Predict
    code, _ = refused(predict, request_for("late", x=ZEROS), timeout=0.3)
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    time.sleep(1)  # The client's clock ends the call first; the server's follows.
    gate.set()
    assert added(predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1
    assert server.manager.asked == ("adding",)


def test_a_message_that_is_too_large_is_resource_exhausted(serve, base, stub, request_for):
    limits = Limits(max_batch=1 << 16)
    server = serve(base, max_request_bytes=1 << 20, limits=limits)
    predict = stub(server).Predict
    code, details = refused(predict, request_for("adding", x=np.zeros((1 << 17, 2), np.float32)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in details
    answered = predict(request_for("adding", x=np.ones((1 << 16, 2), np.float32)), timeout=FOREVER)
    assert added(answered) == 2, "the answer is larger than a request may be"


def test_what_is_no_message_is_an_error(serve, base, channel, stub, request_for):
    server = serve(base)
    for method in ("PredictionService/Predict", "ModelService/GetModelStatus"):
        call = channel(server).unary_unary(f"/tensorflow.serving.{method}")
        code, details = refused(call, b"\xff" * 100)
        assert code == grpc.StatusCode.INTERNAL
        assert details.startswith("The request must be a serialized tensorflow.serving.")
        call = channel(server).stream_unary(f"/tensorflow.serving.{method}")
        assert refused(call, iter([]))[0] == grpc.StatusCode.INTERNAL
    code, _ = refused(channel(server).unary_unary("/tensorflow.serving.No/Predict"), b"")
    assert code == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    "garbage", [b"\0" * 5000, b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 64, b""]
)
def test_garbage_on_the_port_harms_nobody(serve, base, stub, request_for, connect, garbage):
    server = serve(base)
    for _ in range(20):
        connection = connect(server.grpc_port)
        with contextlib.suppress(OSError):  # The server may hang up before it has read all.
            connection.sendall(garbage)
    assert added(stub(server).Predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1


def test_a_port_in_use(serve, base):
    first = serve(base)
    configs = model_configs.listing({"adding": str(base)})
    for which in ({"port": first.grpc_port}, {"rest_api_port": first.rest_port}):
        server = LocalServer(configs, **which)
        with pytest.raises(PortError, match=f"at 127.0.0.1, port {list(which.values())[0]}; "):
            server.start()


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid", "::2"])
def test_a_host_that_is_another_machine(base, host):
    server = LocalServer(model_configs.listing({"adding": str(base)}), host=host)
    with pytest.raises(PortError, match=f"^host must be .* of this machine. Received: {host}; "):
        server.start()


def test_stopping_answers_what_is_asked_and_accepts_nothing_more(
    serve, base, stub, request_for, wait_until, gate
):
    server = serve(base, threads=1, drain_seconds=FOREVER)
    predict = stub(server).Predict
    assert added(predict(request_for("adding", x=ZEROS), timeout=FOREVER)) == 1
    server.workers.submit("grpc", gate.wait, FOREVER)
    asked = predict.future(request_for("adding", x=ZEROS), timeout=FOREVER)
    wait_until(lambda: server.workers.unfinished == 2)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    wait_until(lambda: _is_closed(server.rest_port))
    assert not asked.done()
    gate.set()
    assert added(asked.result(FOREVER)) == 1
    stopping.join(FOREVER)
    assert not stopping.is_alive()
    assert _is_closed(server.grpc_port)


def test_clients_that_connect_while_it_stops_are_hung_up(serve, base):
    """Four times: that one comes between the accepting and the closing is a matter of chance."""

    def connect_until_closed():
        while not _is_closed(server.rest_port):
            pass

    for _ in range(4):
        server = serve(base)
        clients = [threading.Thread(target=connect_until_closed) for _ in range(3)]
        for client in clients:
            client.start()
        time.sleep(0.02)
        server.stop()
        for client in clients:
            client.join()
        gc.collect()  # A connection that was lost would warn here.


def test_stopping_ends_after_the_drain_seconds(serve, base, stub, request_for, wait_until, gate):
    server = serve(base, threads=1, drain_seconds=0.2)
    server.workers.submit("grpc", gate.wait, FOREVER)
    asked = stub(server).Predict.future(request_for("adding", x=ZEROS), timeout=FOREVER)
    wait_until(lambda: server.workers.unfinished == 2)
    threading.Timer(2, gate.set).start()  # Else the workers would be waited for.
    server.stop()
    with pytest.raises(grpc.RpcError):
        asked.result(FOREVER)


def _is_closed(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return True
    return False
