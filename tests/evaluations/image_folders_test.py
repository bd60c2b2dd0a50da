"""Folders of images of any sizes and formats."""

import json

import numpy as np
import pytest
from PIL import Image

from tfgan_apps.evaluations.image_folders import classes_of, folder_features, image_paths
from tfgan_apps.evaluations.image_quality import image_quality
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.metrics.features.network import FeatureNetwork

NETWORK = FeatureNetwork("corner", lambda images: images[:, 0, 0] / 255, batch_size=2)


@pytest.fixture
def folder(tmp_path):
    random = np.random.RandomState(0)
    sizes = [(4, 4), (4, 4), (4, 4), (6, 5), (4, 4), (3, 9)]
    for i, size in enumerate(sizes):
        colours = random.randint(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(colours).save(tmp_path / f"{i}.{['png', 'bmp'][i % 2]}")
    return tmp_path


def test_each_image_counts_once_in_order_whatever_its_size(folder):
    seen = []
    found = folder_features(str(folder), NETWORK, progress=lambda done, all: seen.append(done))
    expected = [np.asarray(Image.open(path))[0, 0] / 255 for path in image_paths(str(folder))]
    np.testing.assert_allclose(found.features, expected)
    assert found.images == 6 and seen == [2, 3, 4, 5, 6]


def test_a_network_of_grey_images_is_given_such(folder):
    grey = FeatureNetwork("grey", lambda images: images[:, 0, 0] / 255, channels=1)
    found = folder_features(str(folder), grey)
    assert found.features.shape == (6, 1)
    expected = [
        np.asarray(Image.open(p).convert("L"))[0, 0] / 255 for p in image_paths(str(folder))
    ]
    np.testing.assert_allclose(found.features[:, 0], expected, atol=1.5 / 255)


def test_features_are_kept_by_content(folder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    first = folder_features(str(folder), NETWORK, str(cache))
    assert len(list(cache.iterdir())) == 1
    failing = FeatureNetwork("corner", lambda images: 1 / 0)
    again = folder_features(str(folder), failing, str(cache))
    np.testing.assert_array_equal(again.features, first.features)
    assert float(image_quality(first, again)["frechet_distance[corner]"]) == pytest.approx(0)
    (folder / "0.png").write_bytes((folder / "2.png").read_bytes())
    with pytest.raises(ZeroDivisionError):
        folder_features(str(folder), failing, str(cache))


def test_what_cannot_be_used_is_one_error(folder, tmp_path_factory):
    (folder / "7.png").write_bytes(b"no picture")
    (folder / "8.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(DataError) as caught:
        folder_features(str(folder), NETWORK)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["7.png", "8.jpg"]
    alone = tmp_path_factory.mktemp("alone")
    (alone / "1.png").write_bytes((folder / "0.png").read_bytes())
    with pytest.raises(DataError, match="it has 1 images, and two are the least"):
        image_paths(str(alone))
    with pytest.raises(DataError, match="it is no folder"):
        image_paths(str(alone / "nowhere"))


def test_classes_are_folders_or_what_a_dataset_json_tells(folder):
    with pytest.raises(DataError, match="0.png: is in no folder of a class"):
        classes_of(str(folder))
    labels = [["0.png", 2], ["1.bmp", 0], ["2.png", 0], ["3.bmp", 1], ["4.png", 2], ["5.bmp", 1]]
    (folder / "dataset.json").write_text(json.dumps({"labels": labels}))
    found, names = classes_of(str(folder))
    assert found.tolist() == [2, 0, 0, 1, 2, 1] and names == ["0", "1", "2"]
