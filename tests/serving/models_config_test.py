"""The server's list of models."""

import pytest

from tfgan_apps.serving.models_config import add_model

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
        "model_config_list {\n"
        "  config {\n"
        '    name: "zebra"\n'
        f'    base_path: "{tmp_path}/zebra"\n'
        '    model_platform: "tensorflow"\n'
        "  }\n"
        "}\n"
    )


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


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "models.config").write_text("custom_model_config { }")
    with pytest.raises(ValueError, match="must hold a model_config_list"):
        add_model(tmp_path / "zebra")
