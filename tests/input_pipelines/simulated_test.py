import json

import numpy as np
import pytest

from tfgan_apps.datasets import bars
from tfgan_apps.input_pipelines import DataError, simulated_images


def test_an_epoch_is_of_the_simulated_images_with_a_real_one_for_each(write, tmp_path):
    for name in ("synthetic/1.jpg", "synthetic/2.jpg", "real/p00/day01/0001.png"):
        write(name, size=(16, 24))
    data = simulated_images(str(tmp_path), (12, 18), batch_size=2)
    assert data.steps_per_epoch == 1 and not data.held_out
    (x, y), (again, _) = list(data.train().take(2))
    assert x.shape == y.shape == (2, 12, 18, 1)
    np.testing.assert_array_equal(y[0], y[1])
    assert {image.tobytes() for image in x.numpy()} == {image.tobytes() for image in again.numpy()}
    assert data.describe() == [
        f"data: {tmp_path}",
        "  train simulated: 2 images, 24x16 pixels, as grey",
        "  train real: 1 image, 24x16 pixels, as grey",
        "  no test images: those of training stand in for them",
        "  training: x simulated, y real; resize 18x12; batches of 2, 1 steps per epoch, seed 0",
    ]


def test_held_out_images(write, tmp_path):
    for name in ("train/simulated/1", "train/real/1", "test/simulated/2", "test/real/3"):
        write(f"{name}.png")
    data = simulated_images(str(tmp_path), 16)
    assert data.held_out and data.test_length == 1
    assert np.abs(next(iter(data.test()))[0] - next(iter(data.train()))[0]).max() > 0.1


def test_the_procedural_bars():
    """What the spec measured: mean, deviation and gradient of both parts; a bar is 56 pixels."""
    data = simulated_images("bars", (24, 32), batch_size=100)
    x, y = map(np.asarray, next(iter(data.train())))
    for images, expected in ((x, (-0.512, 0.312, 0.036)), (y, (-0.05, 0.2, 0.146))):
        gradient = np.abs(np.diff(images, axis=2)).mean()
        assert (images.mean(), images.std(), gradient) == pytest.approx(expected, abs=0.015)
    sizes = bars.foreground(x).sum((1, 2))
    assert sizes.mean() == pytest.approx(56, abs=1) and sizes.min() > 45
    assert data.test_length == 100
    with pytest.raises(ValueError, match=r"image_size must be at least 16. .*\(15, 20\)"):
        simulated_images("bars", (15, 20))


def refused(folder, *expected):
    with pytest.raises(DataError) as error:
        simulated_images(str(folder), 16).check()
    assert [line.strip() for line in str(error.value).splitlines()[1:]] == list(expected)


def test_what_is_missing_is_named(write, tmp_path):
    write("synthetic/1.png")
    write("real/p00/day01.mat", content=b"")
    refused(
        tmp_path,
        f"{tmp_path}/real has MATLAB files, which are not read. Write the images in them as PNG "
        "files; MPIIGaze has pictures in Data/Original.",
    )
    write("simulated/1.png")
    refused(tmp_path, f"{tmp_path} has simulated and synthetic. Keep one of them.")


def test_names_that_are_nearly_right(write, tmp_path):
    write("Real/1.png")
    refused(tmp_path, "Real is not real. Rename it, or take it away.")


def test_labels_that_lack_or_are_damaged(write, tmp_path):
    for name in "123":
        write(f"simulated/{name}.jpg")
    write("real/1.png")
    write("simulated/1.json", content=json.dumps({"eye_details": {}}).encode())
    write("simulated/2.json", content=b"{")
    write("simulated/labels.csv", content=b"file,gaze\n1.jpg,0\n2.jpg,1\n")
    refused(
        tmp_path,
        "simulated/3.jpg: has no labels, as 1.json of another. Add 3.json, or remove the image.",
        "simulated/2.json: is no JSON (Expecting property name enclosed in double quotes: line 1 "
        "column 2 (char 1)). Write it anew.",
        "simulated/labels.csv: has no line for 3.jpg. Add it, or remove the image.",
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"file,gaze\n0001,0\n", "names none of the images beside it. Write their names into its"),
        (b"\xff,1\n", "is no text of UTF-8 .* Save it as such."),
    ],
)
def test_tables_that_are_none(write, tmp_path, content, expected):
    write("simulated/1.png")
    write("real/1.png")
    write("simulated/labels.csv", content=content)
    with pytest.raises(DataError, match=f"simulated/labels.csv: {expected}"):
        simulated_images(str(tmp_path), 16).check()


def test_the_eyes(test_data):
    data = simulated_images(str(test_data("simgan_eyes")), (35, 55), batch_size=4)
    data.check()
    assert "  train simulated: 52 images, 120x80 pixels, as grey" in data.describe()
    assert "  train real: 144 images, 55x35 pixels, as grey" in data.describe()
