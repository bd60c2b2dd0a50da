import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfgan_apps.input_pipelines import DataError, paired_images


def test_both_images_of_a_pair_have_one_crop_and_one_flip(write, tmp_path):
    for name in "abcd":
        file = write(f"trainA/{name}.png")
        (tmp_path / "trainB").mkdir(exist_ok=True)
        (tmp_path / "trainB" / f"{name}.png").write_bytes(file.read_bytes())
    data = paired_images(str(tmp_path), 16, load_size=24, batch_size=4)
    seen = [next(iter(data.train(step))) for step in range(4)]
    for x, y in seen:
        np.testing.assert_array_equal(x, y)
    crops = {np.asarray(image).tobytes() for x, _ in seen for image in x}
    assert len(crops) > 8


def test_images_of_one_name_are_a_pair_whatever_the_extension(write, tmp_path):
    sizes = {"1": (16, 16), "2": (24, 24), "10": (32, 32)}
    for name, size in sizes.items():
        write(f"trainA/{name}.png", size=size)
        write(f"trainB/{name}.jpg", size=size)
    data = paired_images(str(tmp_path), 16)
    data.check()  # compares the sizes of each pair
    assert data.describe()[1] == "  trainA (x): 3 images, 16x16 to 32x32 pixels, as RGB"
    assert data.describe()[3] == "  no test pairs: those of training stand in for them"


def test_the_direction_tells_what_becomes_what(write, tmp_path):
    write("train/1.png", size=(16, 32))
    pairs = [
        next(iter(paired_images(str(tmp_path), 16, 16, way, flip=False).train()))
        for way in ("AtoB", "BtoA")
    ]
    np.testing.assert_array_equal(pairs[0][0], pairs[1][1])
    np.testing.assert_array_equal(pairs[0][1], pairs[1][0])
    assert np.abs(pairs[0][0] - pairs[0][1]).max() > 0.1


def test_what_lacks_its_partner_is_named(write, tmp_path):
    for name in ("trainA/1.png", "trainA/2.png", "trainB/1.png", "trainB/3.png"):
        write(name)
    with pytest.raises(DataError) as error:
        paired_images(str(tmp_path), 16)
    assert str(error.value).splitlines()[1:] == [
        "  trainA/2.png has no partner in trainB. Add 2 there, or remove it.",
        "  trainB/3.png has no partner in trainA. Add 3 there, or remove it.",
    ]


def test_pairs_of_two_sizes_are_named(write, tmp_path):
    write("trainA/1.png", size=(16, 20))
    write("trainB/1.png", size=(16, 24))
    with pytest.raises(DataError, match="1.png: 20x16 pixels, but trainB/1.png 24x16. A pair"):
        paired_images(str(tmp_path), 16).check()


def test_the_procedural_pairs():
    data = paired_images("stripes", 32, load_size=32, flip=False, batch_size=2)
    x, y = next(iter(data.train()))
    assert x.shape == y.shape == (2, 32, 32, 3)
    inside = np.asarray(y[..., 0]) > 0
    assert np.asarray(x[..., 0])[~inside].max() == -1  # outlines lie inside what is filled
    assert np.unique(np.round(y[..., 1][inside], 1)) == pytest.approx([-0.6, 1.0])
    assert data.test_length == 100


class TinyPairs(tfds.core.GeneratorBasedBuilder):
    """Five pictures of 16 pixels beside their negatives."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {name: tfds.features.Image(shape=(16, 16, 3)) for name in ("photo", "mask")}
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(3), "validation": self._generate_examples(2)}

    def _generate_examples(self, count):
        for index in range(count):
            photo = np.random.default_rng(index).integers(0, 256, (16, 16, 3), np.uint8)
            photo[0] = index
            yield index, {"photo": photo, "mask": 255 - photo}


def test_tfds_sets_of_two_images(tmp_path):
    TinyPairs(data_dir=str(tmp_path)).download_and_prepare()
    options = {"load_size": 16, "flip": False, "data_dir": str(tmp_path)}
    data = paired_images("tiny_pairs", 16, **options)
    data.check()
    assert data.held_out and data.test_length == 2
    for stream, count in ((data.train(), 3), (data.test(), 2)):
        pairs = [(np.asarray(x), np.asarray(y)) for x, y in stream.take(count)]
        for x, y in pairs:  # the mask comes first, as m before p
            np.testing.assert_allclose(x, -y, atol=1e-4)
        numbers = sorted(round(float(y[0, 0, 0, 0] + 1) * 127.5) for _, y in pairs)
        assert numbers == list(range(count))


def test_tfds_sets_of_other_images():
    with pytest.raises(DataError, match="cifar10:\n  pairs are of two images, .* are: image. Take"):
        paired_images("cifar10", 16)


def test_an_unknown_direction():
    with pytest.raises(ValueError, match="direction must be one of .* Received: direction='up'"):
        paired_images("stripes", 32, direction="up")
