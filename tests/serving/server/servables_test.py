"""Which versions are loaded, when they come and go, and what is said when they cannot."""

import ctypes
import gc
import shutil
import threading

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import get_model_status_pb2, prediction_log_pb2
from tensorflow_serving.config import model_server_config_pb2

from tfgan_apps.serving.server import model_configs
from tfgan_apps.serving.server.status import StatusError

State = get_model_status_pb2.ModelVersionStatus
LIBC = ctypes.CDLL(None)


def config_of(text):
    return text_format.Parse(text, model_server_config_pb2.ModelServerConfig())


def with_policy(base_path, policy, more=""):
    return config_of(
        "model_config_list { config { name: 'adding' model_platform: 'tensorflow' "
        f"base_path: '{base_path}' model_version_policy {{ {policy} }} {more} }} }}"
    )


def states(manager, name="adding"):
    return {version: state for version, state, _, _ in manager.statuses(name)}


@pytest.fixture
def base(tmp_path, write_version):
    """The directory of a model with versions 2, 3 and 10, and what is no version."""
    for version in (2, 3, 10):
        write_version(tmp_path / "adding", version)
    (tmp_path / "adding" / "1.5").mkdir()
    (tmp_path / "adding" / "99").touch()
    return tmp_path / "adding"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", [10]),
        ("latest {}", [10]),
        ("latest { num_versions: 2 }", [3, 10]),
        ("latest { num_versions: 7 }", [2, 3, 10]),
        ("all {}", [2, 3, 10]),
        ("specific { versions: 2 versions: 3 versions: 4 }", [2, 3]),
    ],
)
def test_policies(base, manage, answer, policy, expected):
    manager = manage(with_policy(base, policy) if policy else base)
    manager.poll()
    assert states(manager) == dict.fromkeys(reversed(expected), State.AVAILABLE)
    assert list(states(manager)) == sorted(expected, reverse=True), "the latest comes first"
    assert answer(manager, "adding") == (expected[-1], expected[-1])
    for version in expected:
        assert answer(manager, "adding", version) == (version, version)


def test_what_is_not_there_is_said_in_tf_servings_words(base, manage, answer):
    manager = manage(base)
    manager.poll()
    cases = [
        (("other",), "NOT_FOUND: Servable not found for request: Latest(other)"),
        (("adding", 4), "NOT_FOUND: Servable not found for request: Specific(adding, 4)"),
        (("adding", 3), "NOT_FOUND: Servable not found for request: Specific(adding, 3)"),
        (("",), "INVALID_ARGUMENT: ModelSpec has no name specified."),
        (
            ("adding", None, "stable"),
            "INVALID_ARGUMENT: Unrecognized servable version label: stable",
        ),
    ]
    for request, expected in cases:
        with pytest.raises(StatusError) as raised:
            answer(manager, *request)
        assert str(raised.value) == expected
    for request, what in (
        (("other",), "any versions of model other"),
        (("adding", 3), "version 3"),
    ):
        with pytest.raises(StatusError, match=f"NOT_FOUND: Could not find {what}"):
            manager.statuses(*request)


def test_a_new_version_is_loaded_before_the_old_one_goes(manage, answer, write_version, tmp_path):
    base = tmp_path / "adding"
    write_version(base, 1)
    manager = manage(base)
    manager.poll()
    with manager.using("adding") as held:
        write_version(base, 2)
        manager.poll()
        assert states(manager) == {2: State.AVAILABLE, 1: State.UNLOADING}
        assert answer(manager, "adding") == (2, 2)
        with pytest.raises(StatusError, match=r"Specific\(adding, 1\)"):
            answer(manager, "adding", 1)
        assert held.run("serving_default", {"x": _zeros()})["y"][0, 0] == 1, "it is still loaded"
    manager.poll()
    assert states(manager) == {2: State.AVAILABLE, 1: State.END}
    assert [line.removeprefix("adding version ") for line in manager.reports] == [
        *("1 is available", "2 is available", "1 is unloaded")
    ]


def test_versions_come_and_go_while_the_thread_polls(
    manage, answer, write_version, wait_until, tmp_path
):
    base = tmp_path / "adding"
    write_version(base, 1)
    manager = manage(base, poll_seconds=0.05)
    manager.start()
    for version in (2, 3):
        write_version(base, version)
        wait_until(lambda version=version: answer(manager, "adding") == (version, version))
    wait_until(lambda: states(manager) == {3: State.AVAILABLE, 2: State.END, 1: State.END})
    shutil.rmtree(base / "3")  # Back to the version before: it is loaded again.
    wait_until(lambda: answer(manager, "adding") == (2, 2))


def test_a_failing_version_leaves_the_old_one_and_is_tried_again_when_it_changes(
    manage, answer, write_version, tmp_path
):
    base = tmp_path / "adding"
    write_version(base, 1)
    manager = manage(base)
    manager.poll()
    (base / "2").mkdir()
    (base / "2" / "saved_model.pb").write_bytes(b"half a file")
    for _ in range(3):
        manager.poll()
    assert answer(manager, "adding") == (1, 1)
    (version, state, code, message), old = manager.statuses("adding")
    assert (version, state, code) == (2, State.END, grpc.StatusCode.DATA_LOSS.value[0])
    assert "saved_model.pb" in message and str(tmp_path) not in message
    assert any(str(tmp_path) in line for line in manager.reports), "who serves it is told where"
    assert old == (1, State.AVAILABLE, 0, "")
    assert sum("2 cannot be loaded" in line for line in manager.reports) == 1, "one try, one report"
    shutil.rmtree(base / "2")
    write_version(base, 2)
    manager.poll()
    assert answer(manager, "adding") == (2, 2)


def test_a_directory_without_a_saved_model(manage, tmp_path):
    (tmp_path / "adding" / "1").mkdir(parents=True)
    manager = manage(tmp_path / "adding")
    manager.poll()
    _, state, code, message = manager.statuses("adding")[0]
    assert (state, code) == (State.END, grpc.StatusCode.NOT_FOUND.value[0])
    assert message.startswith("SavedModel file does not exist at: 1/{saved_model.pb")


def test_a_warm_up_request_that_fails_fails_the_version(
    manage, answer, request_for, write_version, tmp_path
):
    base = tmp_path / "adding"
    good = request_for("adding", x=_zeros())
    write_version(base, 1, warm_up=[good, good])
    manager = manage(base)
    manager.poll()
    write_version(base, 2, warm_up=[good, request_for("adding", z=_zeros())])
    manager.poll()
    assert answer(manager, "adding") == (1, 1)
    _, state, code, message = manager.statuses("adding", 2)[0]
    assert (state, code) == (State.END, grpc.StatusCode.INVALID_ARGUMENT.value[0])
    assert message.startswith("Signature input alias: x(feed name: ")


def test_a_warm_up_file_that_is_cut_fails_the_version(manage, request_for, write_version, tmp_path):
    base = tmp_path / "adding"
    path = write_version(base, 1, warm_up=[request_for("adding", x=_zeros())])
    file = path / "assets.extra" / "tf_serving_warmup_requests"
    file.write_bytes(file.read_bytes()[:-3])
    manager = manage(base)
    manager.poll()
    assert manager.statuses("adding")[0][1:3] == (
        State.END,
        grpc.StatusCode.DATA_LOSS.value[0],
    )


def test_labels_move_once_their_version_is_loaded(base, manage, answer):
    def labelled(stable, policy="specific { versions: 2 versions: 3 }"):
        return with_policy(base, policy, f"version_labels {{ key: 'stable' value: {stable} }}")

    current = [labelled(2)]
    manager = manage(lambda: current[0], config_poll_seconds=1e-9)
    manager.poll()
    assert answer(manager, "adding", label="stable") == (2, 2)
    current[0] = labelled(3)
    manager.poll()
    assert answer(manager, "adding", label="stable") == (3, 3)
    current[0] = labelled(10)  # The policy does not load it.
    manager.poll()
    assert answer(manager, "adding", label="stable") == (3, 3)
    current[0] = labelled(10, policy="all {}")
    manager.poll()
    assert answer(manager, "adding", label="stable") == (10, 10)


def test_a_label_of_a_version_that_never_came(base, manage, answer):
    manager = manage(with_policy(base, "all {}", "version_labels { key: 'next' value: 11 }"))
    manager.poll()
    with pytest.raises(StatusError, match=r"NOT_FOUND: .* Specific\(adding, 11\)"):
        answer(manager, "adding", label="next")


@pytest.mark.parametrize("poll_seconds", [0, 1000])
def test_the_configuration_is_read_on_a_clock_of_its_own(
    base, manage, answer, wait_until, poll_seconds
):
    current = [with_policy(base, "specific { versions: 2 }")]
    clocks = {"poll_seconds": poll_seconds, "config_poll_seconds": 0.05}
    manager = manage(lambda: current[0], **clocks)
    manager.start()
    current[0] = with_policy(base, "specific { versions: 3 }")
    wait_until(lambda: states(manager) == {3: State.AVAILABLE, 2: State.END})
    moved = base.with_name("moved")
    shutil.copytree(base, moved)  # renamed, it would be missed before the next configuration
    again = ["adding version 3 is unloaded", "adding version 3 is available"]
    current[0] = with_policy(moved, "specific { versions: 3 }")  # The same version, elsewhere.
    wait_until(lambda: manager.reports[-2:] == again)


def test_directories_are_looked_at_on_a_clock_of_their_own(
    manage, answer, write_version, wait_until, tmp_path
):
    base, reads = tmp_path / "adding", []
    write_version(base, 1)

    def read():
        reads.append(True)
        return model_configs.listing({"adding": str(base)})

    manager = manage(read, poll_seconds=0.05, config_poll_seconds=1000)
    manager.start()
    write_version(base, 2)
    wait_until(lambda: answer(manager, "adding") == (2, 2))
    assert len(reads) == 1


def test_a_version_that_is_still_being_copied(manage, answer, write_version, tmp_path, caplog):
    path = write_version(tmp_path / "adding", 1)
    (path / "variables").rename(tmp_path / "variables")
    manager = manage(tmp_path / "adding")
    manager.poll()
    _, state, code, message = manager.statuses("adding")[0]
    assert (state, code) == (State.END, grpc.StatusCode.NOT_FOUND.value[0])
    assert "variables/variables" in message
    assert "An error of the server itself" not in caplog.text
    (tmp_path / "variables").rename(path / "variables")
    manager.poll()
    assert answer(manager, "adding") == (1, 1)


def test_a_model_whose_directory_changes(base, manage, answer, write_version, tmp_path):
    write_version(tmp_path / "moved", 10, amount=0.5)
    current = [model_configs.listing({"adding": str(base)})]
    manager = manage(lambda: current[0], config_poll_seconds=1e-9)
    manager.poll()
    assert answer(manager, "adding") == (10, 10)
    current[0] = model_configs.listing({"adding": str(tmp_path / "moved")})
    for _ in range(2):  # The same version: one look unloads the old one, the next loads the new.
        manager.poll()
    assert answer(manager, "adding") == (10, 0.5)


def test_warm_up_requests_that_are_not_predictions(manage, write_version, tmp_path):
    path = write_version(tmp_path / "adding", 1)
    (path / "assets.extra").mkdir()
    with tf.io.TFRecordWriter(str(path / "assets.extra" / "tf_serving_warmup_requests")) as writer:
        log = prediction_log_pb2.PredictionLog()
        writer.write(log.SerializeToString())  # TF Serving overlooks what says nothing.
        log.regress_log.SetInParent()
        writer.write(log.SerializeToString())
    manager = manage(tmp_path / "adding")
    manager.poll()
    assert manager.statuses("adding") == [
        (
            *(1, State.END, grpc.StatusCode.UNIMPLEMENTED.value[0]),
            "Unsupported log_type for warmup: regress_log",
        )
    ]


def test_a_directory_that_vanishes_leaves_its_versions_loaded(base, manage, answer):
    manager = manage(base)
    manager.poll()
    base.rename(base.with_name("moved"))
    for _ in range(2):
        manager.poll()
    assert answer(manager, "adding") == (10, 10)
    assert sum("Could not find base path" in line for line in manager.reports) == 1
    base.mkdir()  # There, and empty: nothing is asked for any more.
    manager.poll()
    assert states(manager) == {10: State.END}


def test_close_waits_for_users(base, manage):
    manager = manage(base)
    manager.start()
    leave = threading.Event()
    entered = threading.Event()

    def use():
        with manager.using("adding") as servable:
            entered.set()
            leave.wait(60)
            found.append(servable.run("serving_default", {"x": _zeros()})["y"][0, 0])

    found = []
    user = threading.Thread(target=use)
    user.start()
    assert entered.wait(60)
    closing = threading.Thread(target=manager.close, args=(60,))
    closing.start()
    leave.set()
    for thread in (user, closing):
        thread.join(60)
        assert not thread.is_alive()
    assert found == [10]
    assert states(manager) == {10: State.END}


class Mallinfo2(ctypes.Structure):
    """What glibc's mallinfo2 returns; `uordblks` and `hblkhd` are the bytes in use."""

    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


@pytest.mark.skipif(not hasattr(LIBC, "mallinfo2"), reason="for glibc 2.33 and later")
def test_unloaded_versions_give_their_memory_back(manage, answer, write_version, tmp_path):
    base = tmp_path / "adding"
    manager = manage(base)
    sizes = []
    for version in range(1, 9):
        write_version(base, version, weights=8 << 20)  # 32 MB
        shutil.rmtree(base / str(version - 1), ignore_errors=True)
        manager.poll()
        assert answer(manager, "adding") == (version, version)
        gc.collect()
        sizes.append(_allocated_megabytes())
    assert sizes[-1] - sizes[2] < 32, sizes  # Five versions more are 160 MB.


def _allocated_megabytes():
    """What is in use; what is resident is more where a run of another test keeps freed memory."""
    LIBC.mallinfo2.restype = Mallinfo2
    found = LIBC.mallinfo2()
    return (found.uordblks + found.hblkhd) >> 20


def _zeros():
    return np.zeros((1, 2), np.float32)
