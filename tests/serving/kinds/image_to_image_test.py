"""What image-to-image signatures answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.kinds.image_to_image import ImageToImage


def served_pixels(signature, *files):
    answer = signature(image_bytes=tf.constant(list(files), tf.string))
    assert list(answer) == ["image_bytes"]
    return [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]


def test_signatures_are_named_by_direction_and_the_first_is_the_default(convolutional):
    served = ImageToImage({"x_to_y": convolutional(0), "y_to_x": convolutional(1)})
    names = {"serving_default", "x_to_y", "y_to_x", "uint8", "uint8_y_to_x"}
    signatures = served.signatures()
    assert set(signatures) == names == set(served.examples(1))
    assert signatures["serving_default"] is signatures["x_to_y"]


def test_png_of_several_sizes_in_one_batch_come_back_translated(inverting, picture):
    signature = ImageToImage({"x_to_y": inverting()}).signatures()["serving_default"]
    images = [picture(8, 12), picture(16, 4)]
    answers = served_pixels(signature, *[tf.io.encode_png(image).numpy() for image in images])
    for image, answer in zip(images, answers, strict=True):
        np.testing.assert_array_equal(answer, 255 - image)


def test_jpeg_grey_rgba_and_16_bit_files(inverting, picture):
    signature = ImageToImage({"x_to_y": inverting()}).signatures()["x_to_y"]
    jpeg = tf.io.encode_jpeg(picture(16, 16), quality=70).numpy()
    grey, rgba = picture(8, 8, 1), picture(8, 8, 4)
    deep = (picture(8, 8).astype(np.uint16) << 8) + 17
    files = [jpeg] + [tf.io.encode_png(image).numpy() for image in (grey, rgba, deep)]
    answers = served_pixels(signature, *files)
    accurate = tf.io.decode_jpeg(jpeg, dct_method="INTEGER_ACCURATE").numpy()
    expected = [accurate, grey.repeat(3, -1), rgba[..., :3], deep >> 8]
    for answer, image in zip(answers, expected, strict=True):
        np.testing.assert_array_equal(answer, 255 - image)


def test_one_channel_converts_colour_files_and_answers_grey_ones(inverting, picture):
    signature = ImageToImage({"x_to_y": inverting(channels=1)}, channels=1).signatures()["x_to_y"]
    grey = picture(8, 8, 1)
    files = [tf.io.encode_png(image).numpy() for image in (grey, grey.repeat(3, -1))]
    for answer in served_pixels(signature, *files):
        assert answer.shape == (8, 8, 1)
        np.testing.assert_allclose(answer, 255 - grey, atol=1)


def test_output_is_rounded_to_the_nearest_level_and_saturates(from_layers):
    # Input 0 is -1; 100.6 levels up and far beyond white.
    for offset, level in ((100.4 / 127.5, 100), (100.6 / 127.5, 101), (5.0, 255), (-5.0, 0)):
        network = from_layers([keras.layers.Rescaling(1.0, offset)])
        signature = ImageToImage({"x_to_y": network}).signatures()["uint8"]
        answer = signature(image=tf.zeros((1, 4, 4, 3), tf.uint8))["image"]
        assert answer.dtype == tf.uint8
        assert set(answer.numpy().flat) == {level}


def test_uint8_signature_equals_predict_rounded(convolutional, picture):
    network = convolutional()
    signature = ImageToImage({"x_to_y": network}).signatures()["uint8"]
    images = np.stack([picture(32, 24, seed=seed) for seed in range(3)])
    predicted = (network.predict(images / np.float32(127.5) - 1, verbose=0) + 1) * 127.5
    assert np.abs(signature(image=images)["image"].numpy() - predicted).max() <= 0.501


def test_size_that_is_no_multiple_is_refused_with_the_sizes(inverting, picture):
    signatures = ImageToImage({"x_to_y": inverting()}, size_multiple=4).signatures()
    expected = (
        r"height a multiple of 4 and width a multiple of 4, received height and width:\W+30\W+42"
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signatures["uint8"](image=tf.zeros((1, 30, 42, 3), tf.uint8))
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=rf"image_bytes\[1\]: expected {expected}"
    ):
        files = [tf.io.encode_png(picture(*size)).numpy() for size in ((8, 8), (30, 42))]
        served_pixels(signatures["x_to_y"], *files)


def test_network_of_one_size_names_it(inverting):
    signature = ImageToImage({"x_to_y": inverting(size=(16, 32))}).signatures()["uint8"]
    assert signature(image=tf.zeros((2, 16, 32, 3), tf.uint8))["image"].shape == (2, 16, 32, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected height 16 and width 32"):
        signature(image=tf.zeros((2, 32, 16, 3), tf.uint8))


def test_empty_batches(inverting):
    signatures = ImageToImage({"x_to_y": inverting()}).signatures()
    assert served_pixels(signatures["x_to_y"]) == []
    assert signatures["uint8"](image=tf.zeros((0, 8, 8, 3), tf.uint8))["image"].shape == (
        0,
        8,
        8,
        3,
    )


BROKEN = {
    "no image": lambda png: b"not an image",
    "empty": lambda png: b"",
    "truncated": lambda png: png[: len(png) // 2],
    "one byte flipped": lambda png: png[:60] + bytes([png[60] ^ 255]) + png[61:],
    "a JPEG's first bytes": lambda png: b"\xff\xd8\xff\xe0" + png,
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_files_are_named_by_their_places(inverting, picture, broken):
    signature = ImageToImage({"x_to_y": inverting()}).signatures()["x_to_y"]
    png = tf.io.encode_png(picture(16, 16)).numpy()
    files = [BROKEN[broken](png), png, png, BROKEN[broken](png)]
    for batch, places in ((files, "0, 3"), (files[1:], "2"), (files[:1], "0")):
        expected = f"image_bytes must hold JPEG or PNG files. Received: broken .* index {places}]"
        with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
            served_pixels(signature, *batch)


def test_half_precision_output_is_served(from_layers):
    policy = keras.DTypePolicy("mixed_bfloat16")
    network = from_layers([keras.layers.Conv2D(3, 1, activation="tanh", dtype=policy)])
    assert network.output.dtype == "bfloat16"
    answer = ImageToImage({"x_to_y": network}).signatures()["uint8"](
        image=tf.zeros((1, 4, 4, 3), tf.uint8)
    )
    assert answer["image"].dtype == tf.uint8


def test_graphs_hold_no_python_functions(convolutional):
    for signature in ImageToImage({"x_to_y": convolutional()}).signatures().values():
        graph = signature.get_concrete_function().graph.as_graph_def()
        nodes = [
            *graph.node,
            *(node for function in graph.library.function for node in function.node_def),
        ]
        assert not {node.op for node in nodes} & {"PyFunc", "EagerPyFunc", "PyFuncStateless"}


@pytest.mark.parametrize("generators", [{}, {"uint8": None}, {"serving_default": None}])
def test_directions_must_not_hide_other_signatures(generators):
    with pytest.raises(ValueError, match="generators must map"):
        ImageToImage(generators)


def test_wrong_channels(inverting):
    with pytest.raises(ValueError, match="Received: channels=2"):
        ImageToImage({"x_to_y": inverting(channels=2)}, channels=2)
