import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_apps.datasets import scenes
from tfgan_apps.input_pipelines import DataError
from tfgan_apps.input_pipelines.sources.tfds_images import (
    load_images,
    nothing_kept,
    prepared_images,
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder in which TFDS has prepared a small set."""
    folder = str(tmp_path_factory.mktemp("tfds"))
    scenes.builder(32, folder).download_and_prepare()
    return folder


def test_a_prepared_set_is_loaded_by_its_name(prepared):
    stores = load_images("scenes/32px", ["testA", "trainA"], prepared)
    assert [len(store) for store in stores.values()] == [64, 600]
    assert stores["testA"].names[5] == "testA[5]"
    assert tf.io.decode_png(stores["testA"].load(5)).shape == (32, 32, 3)


def test_the_images_of_cycle_gan_stay_encoded():
    with tfds.testing.mock_data(num_examples=3):
        stores = load_images("cycle_gan/horse2zebra", ["trainA", "testB"])
    assert list(stores) == ["trainA", "testB"]
    assert stores["trainA"].load(2).numpy().startswith(b"\x89PNG")


def test_nothing_is_kept_where_nothing_shall_be(tmp_path, prepared):
    with nothing_kept():
        stores = prepared_images(scenes.builder(16, str(tmp_path)), ["testA"])
        assert len(stores["testA"]) == 64 and not any(tmp_path.iterdir())
        assert len(load_images("scenes/32px", ["testA"], prepared)["testA"]) == 64
        found = problem("cycle_gan/horse2zebra", data_dir=str(tmp_path))
    assert found == (
        f"it is not in {tmp_path} yet. A run downloads it; nothing is downloaded for --dry_run."
    )
    assert not any(tmp_path.iterdir())


def problem(dataset, splits=("trainA",), **kwargs):
    with pytest.raises(DataError) as error:
        load_images(dataset, list(splits), **kwargs)
    assert str(error.value).startswith(f"1 problem with the data in {dataset}:\n  ")
    (problem,) = error.value.problems
    assert "\n" not in problem
    return problem


@pytest.mark.parametrize(
    "dataset, message",
    [
        ("mnits", "it is neither a folder nor a TFDS name. Did you mean mnist"),
        ("cycle_gn/horse2zebra", "neither a folder nor a TFDS name. Did you mean cycle_gan?"),
        ("cycle_gan/horse2zebr", "not a folder, and cycle_gan of TFDS has no 'horse2zebr'. "
         "Did you mean cycle_gan/horse2zebra"),
        ("no/such/thing", "it is neither a folder nor a TFDS name. Check the spelling."),
        ("./data", "it is neither a folder nor a TFDS name. Check the spelling."),
        ("huggingface:mnist", "it is neither a folder nor a TFDS name. Check the spelling."),
        ("", "it is neither a folder nor a TFDS name. Check the spelling."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("data_dir", [None, "."])
def test_an_unknown_name_is_refused_with_the_closest_ones(dataset, message, data_dir):
    assert message in problem(dataset, data_dir=data_dir)


def test_a_split_that_the_set_lacks_is_named(prepared):
    message = problem("scenes/32px", ["trainA", "validation"], data_dir=prepared)
    assert message.startswith("TFDS cannot load the splits trainA, validation: Unknown split")
    assert message.endswith("or give a folder of images.")


def test_a_set_without_images_is_refused():
    with tfds.testing.mock_data(num_examples=1):
        message = problem("ag_news_subset", ["train"])
    assert message == (
        "it has no images, only label, title, description. Take a set with an image."
    )


def test_a_set_that_does_not_fit_in_memory_is_refused(prepared):
    message = problem("scenes/32px", ["trainA"], data_dir=prepared, max_bytes=1 << 14)
    assert "more than 1.53e-05 GiB of memory" in message and "give the folder" in message


def test_a_directory_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    builder = scenes.builder(32, str(tmp_path / "file"))
    with pytest.raises(DataError, match="Give a data_dir that can be written to"):
        prepared_images(builder, ["testA"])
