import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_apps.datasets import tinted_shapes
from tfgan_apps.input_pipelines import DataError, DomainImages, domain_images


def write_table(write, name="list_attr_celeba.txt", rows=4, values=("-1", "1"), count=None):
    """Writes CelebA's table of 1.png, 2.png, ...: odd ones are young, those from 3 on male."""
    low, high = values
    lines = [f"{count or rows}", "Male Young"]
    for number in range(1, rows + 1):
        male, young = (high if fits else low for fits in (number > 2, number % 2))
        lines.append(f"{number}.png  {male} {young}")
    write(name, content=("\n".join(lines) + "\n").encode())


def labels_of(data):
    return [batch["label"][0].numpy().tolist() for batch in data.test()]


def test_a_folder_for_each_domain(write, tmp_path):
    for name in ("train/cat/1.png", "train/dog/1.png", "train/dog/2.png", "val/dog/3.png"):
        write(name, size=(20, 32))
    data = domain_images(str(tmp_path), 16, batch_size=2)
    assert data.exclusive and data.held_out and data.classes == ("cat", "dog")
    assert data.meaning == {"classes": '["cat", "dog"]'}
    batch = next(iter(data.train()))
    assert batch["image"].shape == (2, 16, 16, 3) and batch["label"].shape == (2,)
    assert labels_of(data) == [1]
    assert data.describe()[1] == "  2 domains: cat, dog"
    assert "  training: middle square, resize 16, flip; batches of 2" in data.describe()[-1]


@pytest.mark.parametrize("place", ["list_attr_celeba.txt", "Anno/list_attr_celeba.txt"])
def test_celebas_table_with_its_images_in_a_subfolder(write, tmp_path, place):
    for number in range(1, 5):
        write(f"img_align_celeba/{number}.png")
    write_table(write, place)
    data = domain_images(str(tmp_path), 16, attributes=["Young", "Male"])
    assert not data.exclusive and data.classes == ("Young", "Male")
    assert labels_of(data) == [[1, 0], [0, 0], [1, 1], [0, 1]]
    assert data.describe()[1] == "  2 attributes: Young, Male"


def test_a_csv_table_beside_the_images(write, tmp_path):
    for name in ("a", "b"):
        write(f"{name}.png")
    write("attributes.csv", content=b"image,Male,Old\r\na.png,0,1\r\nb.png,1,0\r\n")
    assert labels_of(domain_images(str(tmp_path), 16, ["Male"])) == [[0], [1]]


def test_the_share_that_is_held_out_is_the_authors(write, tmp_path):
    """After Python's shuffle of seed 1234 the first ones, as their 1,999 of CelebA."""
    for number in range(1, 5):
        write(f"{number}.png")
    write_table(write)
    data = domain_images(str(tmp_path), 16, ["Male", "Young"], test_fraction=0.5)
    assert data.images["test"].store.names == ["2.png", "3.png"]
    assert data.images["train"].store.names == ["1.png", "4.png"]
    assert labels_of(data) == [[0, 0], [1, 1]]
    assert round(0.009867 * 202_599) == 1999
    with pytest.raises(ValueError, match="test_fraction must be 0, the data have test images"):
        domain_images("shapes", 16, test_fraction=0.5)


def test_the_middle_square_is_seen_and_half_are_mirrored():
    left_to_right = np.arange(64, dtype=np.uint8).reshape(1, 1, 64, 1).repeat(16, 1).repeat(8, 0)
    arrays = {"train": (left_to_right[:, :, :16], np.arange(8) % 2)}
    data = DomainImages.from_arrays(arrays, batch_size=8)
    first = next(iter(data.train()))["image"][:, 0, 0, 0].numpy()
    assert len(set(first)) == 2
    plain = DomainImages.from_arrays(arrays, flip=False, batch_size=8)
    batch = next(iter(plain.train()))
    assert set(batch["image"][:, 0, 0, 0].numpy()) == {-1.0}


def test_wide_images_lose_their_sides(write, tmp_path):
    ramp = np.arange(48, dtype=np.uint8)[None, :, None].repeat(16, 0).repeat(3, 2)
    for name in ("a", "b"):
        write(f"{name}/1.png", content=tf.io.encode_png(ramp).numpy())
    data = domain_images(str(tmp_path), 16, flip=False)
    expected = ramp[:, 16:32] / np.float32(127.5) - 1
    for stream in (data.test(), data.train().take(1)):
        np.testing.assert_allclose(next(iter(stream))["image"][0], expected, atol=1e-6)


def test_tfds_sets_have_labels_or_attributes():
    with tfds.testing.mock_data(num_examples=60):
        data = domain_images("celeb_a", 8, ["Male", "Young"], batch_size=3)
        assert next(iter(data.train()))["label"].shape == (3, 2)
        assert domain_images("cifar10", 8).exclusive
    refused("it has no attribute Kind. Take a set with attributes", "cifar10", 8, ["Kind"])


def test_tinted_shapes_are_read_as_they_were_drawn():
    data = domain_images("tinted_shapes", 32, batch_size=8)
    assert data.classes == ("Red", "Bright") and data.test_length == 200
    (batch,) = data.test(200)
    inside = tinted_shapes.foreground(batch["image"].numpy())
    found = tinted_shapes.read(batch["image"], inside)
    np.testing.assert_array_equal(found, batch["label"])
    bright = domain_images("tinted_shapes", 32, ["Bright"])
    np.testing.assert_array_equal(labels_of(bright), batch["label"][:, 1:])


def test_a_label_for_each_image():
    pair = np.zeros((3, 16, 16, 3), np.uint8), np.eye(2, dtype=int)
    with pytest.raises(DataError, match="train has 2 labels for 3 images. Give one for each"):
        DomainImages.from_arrays({"train": pair}, ("a", "b"))


def refused(expected, *args, **kwargs):
    with pytest.raises(DataError, match=expected):
        domain_images(*args, **kwargs)


def test_what_is_no_set_of_domains(write, tmp_path):
    write("cat/1.png")
    folder = str(tmp_path)
    refused("all its images are of one domain, cat. Add images of another", folder, 16)
    refused("it has no table of attributes. Add list_attr_celeba.txt, or attr", folder, 16, ["A"])
    (tmp_path / "dog").mkdir()
    refused("class dog has no images to learn from. Add some", folder, 16)
    refused("it has no attribute Kind. Choose of Red, Bright", "tinted_shapes", 16, ["Kind"])


def test_tables_that_do_not_fit(write, tmp_path):
    folder = str(tmp_path)
    for number in range(1, 5):
        write(f"{number}.png")
    write_table(write, rows=5)
    refused("5.png: list_attr_celeba.txt names it, but it is not there", folder, 16, ["Male"])
    write_table(write, rows=3)
    refused("4.png: list_attr_celeba.txt has no line for it. Add one", folder, 16, ["Male"])
    write_table(write, count=202599)
    refused("line 1 says 202599 images, but 4 follow. Take the whole", folder, 16, ["Male"])
    write_table(write, values=("-1", "yes"))
    refused("lines 3, 5-6: must be an image and 2 values of 1, 0 or -1", folder, 16, ["Male"])
    write_table(write, values=("1", "1"))
    refused("all of its images have Male. Choose another", folder, 16, ["Male"])
    write_table(write)
    refused("it has no attribute Smiling. Choose of Male, Young", folder, 16, ["Smiling"])
    refused("it has a table of attributes, .* Give attributes, of Male, Young", folder, 16)
    write("list_attr_celeba.txt", content=b"4\n")
    refused("it names no images", folder, 16, ["Male"])
    write("attributes.csv", content=b"image,A\n")
    refused("it has the tables attributes.csv and list_attr_celeba.txt. Keep", folder, 16, ["A"])


def test_the_faces(test_data):
    data = domain_images(str(test_data("celeba_hq_sample")), 32)
    assert data.classes == ("female", "male") and data.test_length == 10
    assert "  train: 46 images, 1024x1024 pixels, as RGB" in data.describe()
