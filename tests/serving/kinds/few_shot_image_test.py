"""What signatures of translations to classes of references answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import pictures
from tfgan_apps.serving.client import client_files
from tfgan_apps.serving.client.examples import combinations
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds.few_shot_image import FewShotImage

SIZE = 8


def served():
    """A picture's red gets the code's number; a code is the mean green of the references."""
    red = np.float32([1, 0, 0])
    translate = lambda images, code: images + code[:, None, None] * red  # noqa: E731
    encode = lambda images: tf.reduce_mean(images[:, :, 0, 0, 1:2], 1)  # noqa: E731
    image = keras.Input((1,))
    network = keras.Model(image, keras.layers.Dense(1)(image))
    return FewShotImage(translate, encode, [network], SIZE, 1)


def png(red, green=0, size=(SIZE, SIZE)):
    image = np.zeros((*size, 3), np.uint8)
    image[..., 0], image[..., 1] = red, green
    return tf.io.encode_png(image).numpy()


def ask(signature, **inputs):
    return served().signatures()[signature]({n: tf.constant(v) for n, v in inputs.items()})


def pixels(answer):
    return [tf.io.decode_png(file).numpy()[0, 0].tolist() for file in answer["image_bytes"]]


def test_each_picture_has_references_of_its_own():
    assert set(served().signatures()) == {"serving_default", "style", "encode"}
    assert served().about == {"training_size": (SIZE, SIZE), "latent_size": 1}
    references = [[png(0, 178, (5, 9)), png(0, 178)], [png(0, 255), png(0, 101)]]
    files = [png(10, size=(16, 20)), png(20)]
    (first, *_), (second, *_) = pixels(
        ask("serving_default", image_bytes=files, reference_bytes=references)
    )
    assert first in (60, 61) and second in (70, 71)
    codes = ask("encode", reference_bytes=references)["style"]
    np.testing.assert_allclose(codes, [[178 / 127.5 - 1]] * 2, atol=1e-6)
    assert pixels(ask("style", image_bytes=files[:1], style=[[0.4]])) == [[61, 0, 0]]


@pytest.mark.parametrize(("files", "red"), [(178, 60), ([178, 255], 99)])
def test_a_client_gives_a_folder_the_class_of_a_file_or_of_several(tmp_path, files, red):
    (tmp_path / "a.png").write_bytes(png(10))
    client = InProcess(served().signatures(), "serving_default")
    greens = [png(0, green) for green in files] if isinstance(files, list) else png(0, files)
    further = {"reference_bytes": greens}
    outcome = client_files.ask(client, combinations(tmp_path), tmp_path / "made", further=further)
    assert (outcome.written, outcome.failed) == (1, {})
    image = tf.io.decode_png((tmp_path / "made" / "a.png").read_bytes()).numpy()
    assert abs(int(image[0, 0, 0]) - red) <= 1


def test_what_is_wrong_is_named():
    broken = [[pictures.png(8, 0)[:20]]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="reference_bytes"):
        ask("serving_default", image_bytes=[png(1)], reference_bytes=broken)
    with pytest.raises(tf.errors.InvalidArgumentError, match="style must be finite. Received"):
        ask("style", image_bytes=[png(1)], style=[[np.nan]])
    none = np.empty((1, 0), object)
    with pytest.raises(tf.errors.InvalidArgumentError, match="reference_bytes must hold a file"):
        ask("encode", reference_bytes=tf.constant(none, tf.string))
