"""What image-to-image signatures answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.kinds.image_to_image import ImageToImage

SIZE = 16


def served_pixels(signature, *files, **inputs):
    answer = signature(image_bytes=tf.constant(list(files), tf.string), **inputs)
    assert list(answer) == ["image_bytes"]
    return [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]


def test_signatures_are_named_by_direction_and_the_first_is_the_default(convolutional):
    served = ImageToImage({"x_to_y": convolutional(0), "y_to_x": convolutional(1)}, SIZE)
    names = {"serving_default", "x_to_y", "y_to_x", "uint8", "uint8_y_to_x", "fit", "fit_y_to_x"}
    signatures = served.signatures()
    assert set(signatures) == names == set(served.examples(1))
    assert signatures["serving_default"] is signatures["x_to_y"]


def test_png_of_several_sizes_and_fits_in_one_batch_come_back_translated(inverting, picture):
    signatures = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()
    images = [picture(8, 12), picture(30, 7), picture(1, 1), picture(40, 31)]
    files = [tf.io.encode_png(image).numpy() for image in images]
    chosen = tf.constant(["original", "original", "pad", "training"])
    answers = served_pixels(signatures["fit"], *files, fit=chosen)
    for image, answer in zip(images[:3], answers[:3], strict=True):
        np.testing.assert_array_equal(answer, 255 - image)
    (alone,) = served_pixels(signatures["serving_default"], files[3])
    np.testing.assert_array_equal(answers[3], alone)
    assert np.abs(alone - (255.0 - images[3])).mean() < 5  # it was smaller, and is smooth
    tensor = signatures["uint8"](image=images[3][None])["image"][0]
    np.testing.assert_array_equal(tensor, alone)


def test_a_fit_that_there_is_not_is_named_with_its_place_and_so_is_a_missing_one(
    inverting, picture
):
    signature = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()["fit"]
    files = [tf.io.encode_png(picture(8, 8)).numpy()] * 2
    expected = r"\[fit must be training, original or pad. Received: fit\[1\]: crop\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        served_pixels(signature, *files, fit=tf.constant(["pad", "crop"]))
    expected = r"inputs must have one length. Received: image_bytes of 2, fit of 1"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        served_pixels(signature, *files, fit=tf.constant(["pad"]))


def test_jpeg_grey_rgba_and_16_bit_files(inverting, picture):
    signature = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()["x_to_y"]
    jpeg = tf.io.encode_jpeg(picture(SIZE, SIZE), quality=70).numpy()
    grey, rgba = picture(SIZE, SIZE, 1), picture(SIZE, SIZE, 4)
    deep = (picture(SIZE, SIZE).astype(np.uint16) << 8) + 17
    files = [jpeg] + [tf.io.encode_png(image).numpy() for image in (grey, rgba, deep)]
    answers = served_pixels(signature, *files)
    accurate = tf.io.decode_jpeg(jpeg, dct_method="INTEGER_ACCURATE").numpy()
    alpha = rgba[..., 3:] / 255
    on_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha))
    np.testing.assert_allclose(answers.pop(2), 255 - on_white, atol=1)  # a half is rounded twice
    for answer, image in zip(answers, [accurate, grey.repeat(3, -1), deep >> 8], strict=True):
        np.testing.assert_array_equal(answer, 255 - image)


def test_one_channel_converts_colour_files_and_answers_grey_ones(inverting, picture):
    signature = ImageToImage({"x_to_y": inverting(channels=1)}, SIZE, channels=1).signatures()[
        "x_to_y"
    ]
    grey = picture(SIZE, SIZE, 1)
    files = [tf.io.encode_png(image).numpy() for image in (grey, grey.repeat(3, -1))]
    for answer in served_pixels(signature, *files):
        assert answer.shape == (SIZE, SIZE, 1)
        np.testing.assert_allclose(answer, 255 - grey, atol=1)


def test_output_is_rounded_to_the_nearest_level_and_saturates(from_layers):
    # Input 0 is -1; 100.6 levels up and far beyond white.
    for offset, level in ((100.4 / 127.5, 100), (100.6 / 127.5, 101), (5.0, 255), (-5.0, 0)):
        network = from_layers([keras.layers.Rescaling(1.0, offset)])
        signature = ImageToImage({"x_to_y": network}, SIZE).signatures()["uint8"]
        answer = signature(image=tf.zeros((1, 4, 4, 3), tf.uint8))["image"]
        assert answer.dtype == tf.uint8
        assert set(answer.numpy().flat) == {level}


def test_uint8_signature_equals_predict_rounded(convolutional, picture):
    network = convolutional()
    signature = ImageToImage({"x_to_y": network}, SIZE).signatures()["uint8"]
    images = np.stack([picture(SIZE, SIZE, seed=seed) for seed in range(3)])
    predicted = (network.predict(images / np.float32(127.5) - 1, verbose=0) + 1) * 127.5
    assert np.abs(signature(image=images)["image"].numpy() - predicted).max() <= 0.501


def test_a_network_of_one_size_takes_any_picture_unless_at_its_own_size(inverting, picture):
    served = ImageToImage({"x_to_y": inverting(size=(16, 32))}, SIZE)
    assert served.about["training_size"] == {"x_to_y": (16, 32)}
    signatures = served.signatures()
    assert signatures["uint8"](image=tf.zeros((2, 16, 32, 3), tf.uint8))["image"].shape[1] == 16
    files = [tf.io.encode_png(picture(*size)).numpy() for size in ((16, 32), (30, 42))]
    answers = served_pixels(signatures["fit"], *files, fit=tf.constant(["original", "pad"]))
    assert [answer.shape for answer in answers] == [(16, 32, 3), (30, 42, 3)]
    expected = (
        r"image_bytes\[1\]: expected height 16 and width 32, received height 30 and width 42\]"
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        served_pixels(signatures["fit"], *files, fit=tf.constant(["original"] * 2))


def test_a_tensor_without_pixels_is_refused(inverting):
    signature = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()["uint8"]
    expected = "image: expected height 1 and width 9, received height 0 and width 9"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signature(image=tf.zeros((1, 0, 9, 3), tf.uint8))


def test_empty_batches(inverting):
    signatures = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()
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
    signature = ImageToImage({"x_to_y": inverting()}, SIZE).signatures()["x_to_y"]
    png = tf.io.encode_png(picture(SIZE, SIZE)).numpy()
    files = [BROKEN[broken](png), png, png, BROKEN[broken](png)]
    for batch, places in ((files, "0, 3"), (files[1:], "2"), (files[:1], "0")):
        expected = f"image_bytes must hold JPEG or PNG files. Received: broken .* index {places}]"
        with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
            served_pixels(signature, *batch)


def test_half_precision_output_is_served(from_layers):
    policy = keras.DTypePolicy("mixed_bfloat16")
    network = from_layers([keras.layers.Conv2D(3, 1, activation="tanh", dtype=policy)])
    assert network.output.dtype == "bfloat16"
    answer = ImageToImage({"x_to_y": network}, SIZE).signatures()["uint8"](
        image=tf.zeros((1, 4, 4, 3), tf.uint8)
    )
    assert answer["image"].dtype == tf.uint8


def test_graphs_hold_no_python_functions(convolutional):
    for signature in ImageToImage({"x_to_y": convolutional()}, SIZE).signatures().values():
        graph = signature.get_concrete_function().graph.as_graph_def()
        nodes = [
            *graph.node,
            *(node for function in graph.library.function for node in function.node_def),
        ]
        assert not {node.op for node in nodes} & {"PyFunc", "EagerPyFunc", "PyFuncStateless"}


@pytest.mark.parametrize("generators", [{}, {"uint8": None}, {"serving_default": None}])
def test_directions_must_not_hide_other_signatures(generators):
    with pytest.raises(ValueError, match="generators must map"):
        ImageToImage(generators, SIZE)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"channels": 2}, r"channels must be one of \(1, 3, 4\). Received: channels=2"),
        ({"image_size": 18}, "image_size must be a multiple of 4. Received: image_size=18"),
        ({"image_size": None}, "image_size must be a height and a width in pixels, or one side"),
    ],
)
def test_wrong_arguments(inverting, wrong, message):
    with pytest.raises(ValueError, match=message):
        ImageToImage({"x_to_y": inverting()}, **{"image_size": SIZE, **wrong})
