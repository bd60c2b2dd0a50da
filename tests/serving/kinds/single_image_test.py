"""What a model of a single image is asked by a server."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models.singan_test import SIZE, tiny, with_details
from tfgan_apps.serving.client.errors import ServingError
from tfgan_apps.serving.client.in_process import InProcess


@pytest.fixture(scope="module")
def served():
    """What an untrained model serves."""
    model = with_details(tiny())
    model.image.assign(tf.random.stateless_uniform(model.image.shape, (0, 0), -1, 1))
    return model.serving()


def ask(served, signature, **request):
    """Returns the pictures of an answer."""
    files = InProcess(served.signatures(), signature).predict(request)["image_bytes"]
    return [tf.io.decode_png(file).numpy() for file in files]


def samples(served, seeds, heights, widths, starts):
    """Returns the pictures of `serving_default`."""
    sides = {"height": heights, "width": widths}
    return ask(served, "serving_default", seed=seeds, start_scale=starts, **sides)


def png(image):
    """Returns a file of an image."""
    return tf.io.encode_png(np.asarray(image, np.uint8)).numpy()


def test_each_example_has_its_own_size_and_seed(served):
    found = samples(served, [1, 2, 1], [0, 30, 0], [0, 25, 0], [0, 0, 0])
    assert [image.shape for image in found] == [(*SIZE, 3), (30, 25, 3), (*SIZE, 3)]
    np.testing.assert_array_equal(found[0], found[2])
    (alone,) = samples(served, [2], [30], [25], [0])
    np.testing.assert_array_equal(found[1], alone)
    (other,) = samples(served, [3], [30], [25], [0])
    assert not np.array_equal(alone, other)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (([1], [0], [0], [2]), "start_scale must be from 0 to 1. Received: 2"),
        (([1], [-1], [0], [0]), "height must be 0 or at least 1"),
        (([1], [2000], [2000], [0]), "height times width must be at most 1048576"),
        (([1, 2], [0], [0], [0]), "inputs must have one length"),
    ],
)
def test_wrong_requests(served, asked, expected):
    with pytest.raises(ServingError, match=expected):
        samples(served, *asked)


def edit(served, image, mask=None, start=1, dilation=0):
    """Returns the picture of an edit."""
    request = {"image_bytes": [png(image)], "seed": [1], "start_scale": [start]}
    if mask is None:
        return ask(served, "edit", **request)[0]
    masked = {"mask_bytes": [png(mask)], "dilation": [dilation]}
    return ask(served, "edit_masked", **request, **masked)[0]


def test_an_edit_of_any_size_becomes_the_training_images(served):
    dark, light = (edit(served, np.full((30, 40, 3), level)) for level in (40, 200))
    assert dark.shape == light.shape == (*SIZE, 3)
    assert light.mean() > dark.mean() + 40


def test_outside_of_the_mask_is_the_training_image(served):
    mask = np.zeros((*SIZE, 1))
    mask[:, :8] = 255
    image = np.full((*SIZE, 3), 128)
    found, whole = edit(served, image, mask), edit(served, image)
    real = np.rint(127.5 * (served.model.image.numpy()[0] + 1))
    assert np.abs(found[:, 0] - np.float32(whole[:, 0])).max() <= 1
    assert np.abs(found[:, -1] - real[:, -1]).max() <= 1


def test_edits_that_cannot_be_made(served):
    image = np.full((*SIZE, 3), 128)
    with pytest.raises(ServingError, match="start_scale must be from 1 to 1"):
        edit(served, image, start=0)
    with pytest.raises(ServingError, match="mask_bytes must have light parts and dark ones"):
        edit(served, image, np.zeros((*SIZE, 1)))
    with pytest.raises(ServingError, match="dilation must be 0 or more"):
        edit(served, image, np.eye(*SIZE)[..., None] * 255, dilation=-1)


def test_what_the_export_tells(served):
    assert served.about == {"training_size": SIZE, "scales": 2}
    assert set(served.one_by_one) == set(served.signatures())


def test_a_model_of_one_scale_offers_no_edits():
    assert set(tiny(scales=1).serving().signatures()) == {"serving_default"}
