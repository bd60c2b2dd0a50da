"""Which models are found below a directory, and what is said of a configuration that is wrong."""

import errno
import os

import pytest
from tensorflow_serving.apis import get_model_status_pb2

from tfgan_apps.serving.server import model_configs
from tfgan_apps.serving.server.status import StatusError

State = get_model_status_pb2.ModelVersionStatus


def test_models_config_is_read_again(manage, answer, write_version, tmp_path):
    file = tmp_path / "models.config"

    def write(*names):
        entries = "".join(
            f"config {{ name: '{name}' base_path: '{tmp_path / name}' "
            "model_platform: 'tensorflow' }\n"
            for name in names
        )
        file.write_text(f"model_config_list {{\n{entries}}}\n")

    write_version(tmp_path / "adding", 1)
    write_version(tmp_path / "more", 1)
    write("adding")
    manager = manage(lambda: model_configs.read(str(file)), config_poll_seconds=1e-9)
    manager.poll()
    write("adding", "more")
    manager.poll()
    assert answer(manager, "adding") == (1, 1)
    assert answer(manager, "more") == (1, 1)
    file.write_text("model_config_list { config { nam")
    for _ in range(3):
        manager.poll()
    assert answer(manager, "more") == (1, 1), "the last good one stays"
    assert sum("The models stay as they were" in line for line in manager.reports) == 1
    write("more")
    manager.poll()
    assert [row[:2] for row in manager.statuses("adding")] == [(1, State.END)]
    assert answer(manager, "more") == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model_config_list { config { nam: 'x' } }", 'must hold a ModelServerConfig.*"nam"'),
        ("", "models.config must hold a ModelServerConfig.*Received: no model_config_list"),
        ("custom_model_config {}", "Received: no model_config_list"),
        (
            "model_config_list { config { name: 'x' base_path: 'here' } }",
            "models.config: Expected model x to have an absolute path or URI; "
            r"got base_path\(\)=here",
        ),
        (
            "model_config_list { config { name: 'x' base_path: '/x' model_platform: 'torch' } }",
            "models.config: Model x requests unsupported platform torch",
        ),
        (
            "model_config_list { config { name: 'x' base_path: '/x' model_platform: 'tensorflow' } "
            "config { name: 'x' base_path: '/y' model_platform: 'tensorflow' } }",
            "models.config: Illegal to list model x multiple times in config list",
        ),
    ],
)
def test_a_broken_models_config_at_the_start(manage, tmp_path, text, expected):
    (tmp_path / "models.config").write_text(text)
    manager = manage(lambda: model_configs.finder(tmp_path)())
    with pytest.raises(model_configs.ConfigError, match=expected):
        manager.start()


def test_nothing_that_can_be_loaded_at_the_start(manage, tmp_path):
    (tmp_path / "adding" / "1").mkdir(parents=True)
    for base, why in (("adding", "SavedModel file does not exist at"), ("no", "Could not find")):
        with pytest.raises(model_configs.ConfigError, match=f"No model could be loaded: {why}"):
            manage(tmp_path / base).start()
    empty = model_configs.listing({})
    empty.model_config_list.SetInParent()
    with pytest.raises(model_configs.ConfigError, match="No model could be loaded: none is listed"):
        manage(empty).start()


def test_models_are_found_in_a_directory(manage, answer, write_version, tmp_path):
    with pytest.raises(model_configs.ConfigError, match=r"with models \(.*which holds nothing"):
        model_configs.finder(tmp_path)
    with pytest.raises(model_configs.ConfigError, match="nowhere, which is no directory"):
        model_configs.finder(tmp_path / "nowhere")
    write_version(tmp_path / "one", 1)
    (tmp_path / "notes").mkdir()
    manager = manage(model_configs.finder(tmp_path), config_poll_seconds=1e-9)
    manager.poll()
    write_version(tmp_path / "two", 2)
    manager.poll()
    assert (answer(manager, "one"), answer(manager, "two")) == ((1, 1), (2, 2))
    for name, expected in ((None, "one"), ("own", "own")):
        found = model_configs.finder(tmp_path / "one", name)().model_config_list.config
        assert [model.name for model in found] == [expected]


def test_a_models_config_that_vanishes_changes_no_model(manage, answer, write_version, tmp_path):
    for name in ("listed", "unlisted"):
        write_version(tmp_path / name, 1)
    file = tmp_path / "models.config"
    file.write_text(
        "model_config_list { config { name: 'own' model_platform: 'tensorflow' "
        f"base_path: '{tmp_path / 'listed'}' }} }}"
    )
    manager = manage(model_configs.finder(tmp_path), config_poll_seconds=1e-9)
    manager.poll()
    file.unlink()
    for _ in range(2):
        manager.poll()
    assert answer(manager, "own") == (1, 1)
    with pytest.raises(StatusError, match=r"Latest\(unlisted\)"):
        answer(manager, "unlisted")
    assert [line for line in manager.reports if f"{file} must hold" in line] == manager.reports[1:]
    assert len(manager.reports) == 2, "one load, and one report of the file"


def test_an_unreadable_directory_beside_the_models(
    manage, answer, write_version, tmp_path, monkeypatch
):
    write_version(tmp_path / "one", 1)
    (tmp_path / "lost+found").mkdir()
    listdir = os.listdir

    def refuse(path):  # As the system does, unless it is root who asks.
        if "lost+found" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    manager = manage(model_configs.finder(tmp_path), config_poll_seconds=1e-9)
    for _ in range(2):
        manager.poll()
    assert answer(manager, "one") == (1, 1)
    assert sum("Permission denied" in line for line in manager.reports) == 1
    with pytest.raises(model_configs.ConfigError, match="must be readable.*Permission denied"):
        model_configs.finder(tmp_path / "lost+found")


def test_a_version_given_as_base_path(write_version, tmp_path):
    path = write_version(tmp_path / "tiny", 1)
    expected = f"Received: {path}, which is a version itself; that of the model is {path.parent}$"
    with pytest.raises(model_configs.ConfigError, match=expected):
        model_configs.finder(path)


def test_a_models_config_that_moves_is_read_by_where_it_is(tmp_path):
    entry = "config {{ name: '{0}' base_path: '{1}/{0}' model_platform: 'tensorflow' }}"
    entries = entry.format("x", "/proc/self/cwd") + entry.format("y", "/else")
    (tmp_path / "models.config").write_text(f"model_config_list {{ {entries} }}")
    models = model_configs.read(tmp_path / "models.config").model_config_list.config
    assert [model.base_path for model in models] == [str(tmp_path / "x"), "/else/y"]
