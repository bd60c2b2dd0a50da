"""The files that the server reads beside the models."""

import re

import pytest

from tfgan_apps.serving.export.config_files import add_model, add_monitoring, batch_sizes

OTHERS = """# models of the shop; do not reload at noon {
model_config_list: {
  config {
    name: 'horse # 1'
    base_path: '/models/{horse}'
    model_platform: 'tensorflow'
    model_version_policy { specific { versions: 1 } }
  }  # name: "zebra" was here
}
# }
"""


def test_new_file(tmp_path):
    assert add_model(tmp_path / "zebra") == str(tmp_path / "models.config")
    text = (tmp_path / "models.config").read_text()
    assert text == (
        "# Start tensorflow_model_server in this folder: /proc/self/cwd is where it was started.\n"
        "model_config_list {\n"
        "  config {\n"
        '    name: "zebra"\n'
        '    base_path: "/proc/self/cwd/zebra"\n'
        '    model_platform: "tensorflow"\n'
        "  }\n"
        "}\n"
    )


def test_a_new_file_lists_the_models_that_are_there(tmp_path):
    (tmp_path / "shapes" / "1").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    add_model(tmp_path / "zebra")
    text = (tmp_path / "models.config").read_text()
    assert re.findall('name: "(.*)"', text) == ["shapes", "zebra"]
    assert 'base_path: "/proc/self/cwd/shapes"' in text


def test_other_entries_and_comments_stay(tmp_path):
    (tmp_path / "models.config").write_text(OTHERS)
    add_model(tmp_path / "zebra")
    text = (tmp_path / "models.config").read_text()
    entry = text.index('name: "zebra"\n')
    assert text.index("name: 'horse # 1'") < entry < text.rindex("}\n# }")
    removed = text[: text.rindex("  config {")] + text[text.rindex("}\n# }") :]
    assert removed == OTHERS


def test_a_listed_model_is_not_added_again(tmp_path):
    add_model(tmp_path / "zebra")
    add_model(tmp_path / "horse")
    before = (tmp_path / "models.config").read_text()
    add_model(tmp_path / "zebra")
    assert (tmp_path / "models.config").read_text() == before
    assert before.count("config {") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["models.config"]


def test_a_path_that_is_another_models_is_warned_of(tmp_path, caplog):
    entry = 'model_config_list { config { name: "zebra" base_path: "%s" } }'
    for base_path, said in ((tmp_path / "zebra", False), ("/models/zebra", True)):
        (tmp_path / "models.config").write_text(entry % base_path)
        caplog.clear()
        add_model(tmp_path / "zebra")
        assert ("lists zebra under another path" in caplog.text) == said


def test_quotes_and_other_characters_are_escaped(tmp_path):
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    base_path = tmp_path / 'größe "2" \\ it\'s'
    add_model(base_path)
    once = (tmp_path / "models.config").read_text()
    add_model(base_path)
    assert (tmp_path / "models.config").read_text() == once
    config = text_format.Parse(once, model_server_config_pb2.ModelServerConfig())
    (entry,) = config.model_config_list.config
    assert (entry.name, entry.base_path) == (base_path.name, f"/proc/self/cwd/{base_path.name}")


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "models.config").write_text("custom_model_config { }")
    with pytest.raises(ValueError, match="must hold a model_config_list"):
        add_model(tmp_path / "zebra")


def test_batching_config_is_made_once_and_its_sizes_are_read(tmp_path):
    assert batch_sizes(tmp_path) == [1, 2, 4, 8]
    # The server refuses a file whose largest batch is not the last allowed size.
    assert "max_batch_size { value: 8 }" in (tmp_path / "batching.config").read_text()
    (tmp_path / "batching.config").write_text("allowed_batch_sizes: [16, 1]  # allowed: 7\n")
    assert batch_sizes(tmp_path) == [1, 16]


def test_batching_config_without_sizes_is_refused(tmp_path):
    (tmp_path / "batching.config").write_text("max_batch_size { value: 8 }")
    with pytest.raises(ValueError, match="batching.config must name its allowed_batch_sizes"):
        batch_sizes(tmp_path)


def test_monitoring_config_turns_prometheus_on_and_is_kept(tmp_path):
    add_monitoring(tmp_path)
    path = tmp_path / "monitoring.config"
    assert re.match(r"prometheus_config \{\s+enable: true\s", path.read_text())
    path.write_text("prometheus_config { enable: false }")
    add_monitoring(tmp_path)
    assert path.read_text() == "prometheus_config { enable: false }"
