import io

import numpy as np
import pytest
from PIL import Image

from tests import pictures
from tfgan_apps.input_pipelines import NUMBERINGS, DataError, masked_images

FEW = {"classes": 3, "dontcare": True, "instances": False}


def png(array, palette=None):
    """Returns a PNG of numbers, grey or by a palette."""
    image = Image.fromarray(np.asarray(array))
    if palette is not None:
        image = image.convert("P") if image.mode != "L" else image
        image.putpalette(palette)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def numbers(high=3, size=(16, 16), seed=0):
    return np.random.default_rng(seed).integers(0, high, size, np.uint8)


@pytest.fixture
def fill(write):
    """Returns a function that writes an example's mask and image, in the authors' folders."""

    def fill(mask, name="1", split="train", size=(16, 16)):
        write(f"{split}_label/{name}.png", content=mask)
        write(f"{split}_img/{name}.jpg", size=size)

    return fill


def first(data):
    return [np.asarray(each) for each in next(iter(data.test()))]


def test_mask_and_image_and_things_have_one_crop_and_one_flip(write, tmp_path):
    for name in "abcd":
        grey = numbers(181, (32, 24), ord(name))
        for place in ("train_label", "train_inst", "train_img"):
            image = grey if place != "train_img" else grey[..., None].repeat(3, -1)
            write(f"{place}/{name}.png", content=png(image))
    data = masked_images(str(tmp_path), (32, 24), load_size=32, batch_size=4)
    crops = masked_images(str(tmp_path), (16, 12), load_size=32, batch_size=4)
    seen = set()
    for batches in (data, crops):
        for x, image in batches.train().take(4):
            np.testing.assert_array_equal(x["label_map"], x["instances"])
            grey = np.rint((np.asarray(image[..., 0]) + 1) * 127.5)
            np.testing.assert_array_equal(x["label_map"], grey)
            seen |= {each.numpy().tobytes() for each in x["label_map"]}
    assert len(seen) > 12


def test_numbers_of_any_depth_and_of_a_palette_are_labels(fill, tmp_path):
    labels = numbers()
    colors = [9, 9, 9] * 3  # a palette in which colours tell nothing
    masks = [png(labels), png(labels, colors), png(labels.astype(np.uint16))]
    masks += [png(labels[..., None].repeat(3, -1)), png((labels > 0).astype(bool))]
    for place, mask in enumerate(masks):
        fill(mask, str(place))
    data = masked_images(str(tmp_path), 16, **FEW)
    data.check()
    found = [np.asarray(x[0]) for x, _ in data.test()]
    for x in found[:4]:
        np.testing.assert_array_equal(x, labels)
    np.testing.assert_array_equal(found[4], labels > 0)


def test_numberings_of_published_sets(fill, tmp_path):
    fill(png(np.uint8([[0, 150], [1, 255]] * 8).repeat(8, 1)))
    options = {**NUMBERINGS["ade20k"], "instances": False}
    x, _ = first(masked_images(str(tmp_path), 16, **options))
    assert x[0, :2, ::8].tolist() == [[150, 149], [0, 150]]


def test_a_table_of_colours_tells_the_labels(fill, tmp_path):
    table = tmp_path / "table.txt"
    table.write_text("255 0 0 road\n0 255 0 tree\n0 0 255\n")
    labels = numbers()
    colors = np.uint8([[255, 0, 0], [0, 255, 0], [0, 0, 255]])
    fill(png(colors[labels]))
    data = masked_images(str(tmp_path), 16, palette=str(table), **FEW)
    np.testing.assert_array_equal(first(data)[0][0], labels)
    fill(png(np.full((16, 16, 3), 7, np.uint8)))
    expected = "train_label/1.png: has the colour 7 7 7, which the table of colours lacks. Add it"
    with pytest.raises(DataError, match=expected):
        masked_images(str(tmp_path), 16, palette=str(table), **FEW).check()
    table.write_text("255 0 0\nblue\n")
    with pytest.raises(DataError, match="line 2 has no colour: 'blue'. Write red, green and"):
        masked_images(str(tmp_path), 16, palette=str(table), **FEW)


BAD = {
    "a JPEG": (pictures.saved(numbers(), "JPEG"), "is a JPEG, which changes label numbers. Save"),
    "a GIF": (pictures.gifs()["GIF, grey"], "is no PNG. Save it as grey PNG of label numbers"),
    "colours": (png(pictures.noise(16, 16, 3)), "is of colours, not of label numbers. .*--palette"),
    "a number": (
        png(numbers(3) + 1),
        "has the number 3: labels have 0 to 2, and 255 is don't care",
    ),
    "damaged": (png(numbers())[:-30], "is truncated, damaged or an unsupported kind of PNG"),
    "empty": (b"", "is empty"),
    "another size": (png(numbers(3, (16, 8))), "8x16 pixels, but train_img/1.jpg 16x16. A pair"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mask_that_cannot_be_used_is_named_with_the_cure(fill, tmp_path, bad):
    mask, expected = BAD[bad]
    fill(mask)
    with pytest.raises(DataError, match=f"train_label/1.png: {expected}"):
        masked_images(str(tmp_path), 16, **FEW).check()


def test_without_a_dont_care_its_number_is_wrong(fill, tmp_path):
    fill(png(np.full((16, 16), 255, np.uint8)))
    with pytest.raises(DataError, match=r"the number 255: labels have 0 to 2 \(no don't care\)"):
        masked_images(str(tmp_path), 16, **{**FEW, "dontcare": False}).check()


def test_what_lacks_its_partner_or_its_folder_is_named(fill, write, tmp_path):
    fill(png(numbers()))
    write("train_label/2.png", content=png(numbers()))
    with pytest.raises(DataError, match="train_img has no file of the name 2, as there is elsewh"):
        masked_images(str(tmp_path), 16, **FEW)
    with pytest.raises(DataError, match="train_inst is missing or empty. .*--noinstances"):
        masked_images(str(tmp_path), 16, classes=3)
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match="no folder of masks, but nothing. Put masks into train_l"):
        masked_images(str(tmp_path / "other"), 16, **FEW)


@pytest.mark.parametrize(
    "places",
    [
        ("gtFine/{}/a/1_gtFine_labelIds.png", "leftImg8bit/{}/a/1_leftImg8bit.png", "train", "val"),
        ("annotations/{}/1.png", "images/{}/1.jpg", "training", "validation"),
        ("annotations/{}/1.png", "images/{}/1.jpg", "train2017", "val2017"),
        ("{}_label/1_gtFine_labelIds.png", "{}_img/1_leftImg8bit.jpg", "train", "val"),
    ],
)
def test_folders_as_published_sets_have_them(write, tmp_path, places):
    mask, image, *splits = places
    for split in splits:
        write(mask.format(split), content=png(numbers()))
        write(image.format(split), size=(16, 16))
        if "gtFine/" in mask:  # other kinds lie beside
            write(mask.format(split).replace("labelIds", "color"), content=png(numbers()))
    data = masked_images(str(tmp_path), 16, **FEW)
    assert [len(images) for images in data.images.values()] == [1, 1, 1, 1]


def test_real_sets(test_data):
    folder = str(test_data("cityscapes_sample"))
    data = masked_images(folder, (64, 128), **NUMBERINGS["cityscapes"])
    data.check()
    assert "  test_label is not used: there is no test_img" in data.describe()
    data = masked_images(str(test_data("coco_stuff")), 64, **NUMBERINGS["coco_stuff"])
    data.check()
    x, image = next(iter(data.test(batch_size=8)))
    assert x["label_map"].shape == x["instances"].shape == (8, 64, 64) == image.shape[:3]
    assert data.describe()[1] == "  masks of 182 labels and don't care"


def test_the_procedural_masks():
    options = {"classes": 5, "dontcare": False, "load_size": 32, "flip": False, "batch_size": 50}
    data = masked_images("shapes", 32, **options)
    x, image = next(iter(data.train()))
    labels, image = np.asarray(x["label_map"]), np.asarray(image)
    assert set(labels.flat) == {0, 1, 2, 3, 4} and data.test_length == 100
    mean = [image[labels == label].mean(0) for label in range(5)]
    assert np.argmax(mean[1]) == 0 and np.argmax(mean[3]) == 2  # circles are red, triangles blue
    columns, rows = image[:, :, 1:] - image[:, :, :-1], image[:, 1:] - image[:, :-1]
    inside = (labels[:, :, 1:] == 1) & (labels[:, :, :-1] == 1)
    down = (labels[:, 1:] == 1) & (labels[:, :-1] == 1)
    assert np.abs(rows[down]).mean() > 4 * np.abs(columns[inside]).mean()  # stripes
    with pytest.raises(ValueError, match="classes must be at least 5 for the dataset shapes"):
        masked_images("shapes", 32, classes=4)
