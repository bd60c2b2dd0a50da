import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfgan_apps.datasets import scene_renderer, scenes


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    builder = scenes.builder(16, data_dir=str(tmp_path_factory.mktemp("tfds")))
    builder.download_and_prepare()
    return builder


def images(builder, split):
    return np.stack([example["image"] for example in tfds.as_numpy(builder.as_dataset(split))])


def test_the_splits_have_the_sizes_of_the_specification(prepared):
    sizes = {name: split.num_examples for name, split in prepared.info.splits.items()}
    assert sizes == {"trainA": 600, "trainB": 600, "testA": 64, "testB": 64}


def test_test_pairs_are_aligned_under_the_hidden_map(prepared):
    a, b = images(prepared, "testA"), images(prepared, "testB")
    np.testing.assert_array_equal(b, scene_renderer.hidden_map(a))


def test_training_domains_share_no_scene(prepared):
    a = images(prepared, "trainA")
    b = scene_renderer.inverse_hidden_map(images(prepared, "trainB"))
    held_out = images(prepared, "testA")
    drawn = {image.tobytes() for images in (a, b, held_out) for image in images}
    assert len(drawn) == 600 + 600 + 64


def test_examples_are_those_of_the_renderer_in_order(prepared):
    first = scene_renderer.random_scene(np.random.default_rng(0))
    np.testing.assert_array_equal(images(prepared, "trainA")[0], scene_renderer.draw(first, 16))
    labels = [example["label"] for example in tfds.as_numpy(prepared.as_dataset("testB"))]
    assert set(labels) == {1}


def test_the_builder_is_registered_with_its_documentation(prepared, tmp_path):
    builder = tfds.builder("scenes/64px", data_dir=str(tmp_path))
    assert builder.info.features["image"].shape == (64, 64, 3)
    assert "true mapping is known" in builder.info.description
    assert builder.info.citation.startswith("@misc{tfgan_apps_scenes")
    assert {config for config in scenes.Builder.builder_configs} == {
        "32px", "64px", "128px", "256px"
    }  # fmt: skip


def test_named_sizes_and_other_sizes_are_built_alike(tmp_path):
    for size in (32, 48):
        builder = scenes.builder(size, data_dir=str(tmp_path))
        assert builder.builder_config.name == f"{size}px"
        assert builder.info.features["image"].shape == (size, size, 3)


def test_a_size_too_small_for_shapes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="image_size must be >= 8. Received: image_size=4"):
        scenes.builder(4, data_dir=str(tmp_path))


def test_importing_the_package_does_not_import_tfds():
    code = (
        "import sys, tfgan_apps, tfgan_apps.datasets, tfgan_apps.input_pipelines;"
        "sys.exit('tensorflow_datasets' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
