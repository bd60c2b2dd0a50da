"""What signatures of translations in styles answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import pictures
from tfgan_apps.serving.client import client_files
from tfgan_apps.serving.client.examples import combinations
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.styled_image import Direction, StyledImage

SIZE = 8


def served():
    """To y a picture's red gets the style's number; to x, twice as much. A style is the green."""

    def direction(factor):
        red = np.float32([factor, 0, 0])
        encode = lambda images: images[:, 0, 0, 1:2]  # noqa: E731
        return Direction(lambda images, style: images + style[:, None, None] * red, encode)

    image = keras.Input((1,))
    network = keras.Model(image, keras.layers.Dense(1)(image))
    return StyledImage({"x_to_y": direction(1), "y_to_x": direction(2)}, [network], SIZE, 1)


def png(red, green=0, size=(SIZE, SIZE)):
    image = np.zeros((*size, 3), np.uint8)
    image[..., 0], image[..., 1] = red, green
    return tf.io.encode_png(image).numpy()


def ask(signature, *files, **inputs):
    answer = served().signatures()[signature]({"image_bytes": tf.constant(list(files)), **inputs})
    return [tf.io.decode_png(file).numpy()[0, 0] for file in answer["image_bytes"]]


def test_signatures_of_both_directions():
    names = set(served().signatures())
    ways = {f"{kind}{end}" for kind in ("reference", "style", "encode") for end in ("", "_y_to_x")}
    assert names == {"serving_default", "x_to_y", "y_to_x"} | ways
    assert served().about == {"training_size": (SIZE, SIZE), "latent_size": 1}


@pytest.mark.parametrize(("suffix", "factor"), [("", 1), ("_y_to_x", 2)])
def test_styles_are_codes_or_those_of_pictures(suffix, factor):
    style = tf.constant([[51 / 127.5]])
    (pixel,) = ask(f"style{suffix}", png(10, size=(16, 20)), style=style)
    assert pixel.tolist() == [10 + 51 * factor, 0, 0]
    picture = tf.constant([png(0, 178, size=(5, 9))])
    (pixel,) = ask(f"reference{suffix}", png(10), reference_bytes=picture)
    assert abs(int(pixel[0]) - (10 + 50.5 * factor)) <= 0.5
    told = served().signatures()[f"encode{suffix}"]({"image_bytes": picture})["style"]
    np.testing.assert_allclose(told, [[178 / 127.5 - 1]], atol=1e-6)


def test_seeds_are_styles_of_their_own():
    seeds = tf.constant([3, 4, 3])
    first, other, same = ask("serving_default", *[png(128)] * 3, seed=seeds)
    assert first.tolist() == same.tolist() != other.tolist()


def test_a_client_translates_a_folder_in_the_style_of_one_picture(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(png(10))
    client = InProcess(served().signatures(), "reference")
    further = {"reference_bytes": png(0, 255)}
    outcome = client_files.ask(client, combinations(tmp_path), tmp_path / "made", further=further)
    assert (outcome.written, outcome.failed) == (2, {})
    image = tf.io.decode_png((tmp_path / "made" / "b.png").read_bytes()).numpy()
    assert image[0, 0, 0] in (137, 138)


def test_what_is_wrong_is_named():
    broken = tf.constant([pictures.png(8, 0)[:20]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"reference_bytes"):
        ask("reference", png(10), reference_bytes=broken)
    with pytest.raises(tf.errors.InvalidArgumentError, match="style must be finite. Received"):
        ask("style", png(10), style=tf.constant([[np.nan]]))


def served_domains():
    """A style of a domain is twice the noise plus its number, or a picture's green plus that."""
    number = lambda label: tf.cast(label, tf.float32)[:, None]  # noqa: E731
    direction = Direction(
        lambda images, style: images + style[:, None, None, :1] * np.float32([1, 0, 0]),
        lambda images, label: tf.repeat(images[:, 0, 0, 1:2] + number(label), 2, -1),
        lambda latents, label: tf.repeat(2 * latents + number(label), 2, -1),
    )
    networks = served()._networks
    sizes = {"classes": ("cat", "dog"), "style_size": 2}
    return StyledImage({"serving_default": direction}, networks, SIZE, 1, **sizes)


def test_a_label_chooses_of_several_domains():
    kind = served_domains()
    made = kind.signatures()
    assert set(made) == {"serving_default", "reference", "style", "encode"}
    assert kind.about["classes"] == ["cat", "dog"] and kind.about["style_size"] == 2
    label, file = tf.constant([1]), tf.constant([png(0, 128)])
    told = made["encode"]({"image_bytes": file, "label": label})["style"]
    np.testing.assert_allclose(told, [[1 + 128 / 127.5 - 1] * 2], atol=1e-6)
    both = {"reference_bytes": tf.constant([png(9, 0)]), "label": label}
    (image,) = made["reference"]({"image_bytes": file, **both})["image_bytes"]
    assert tf.io.decode_png(image).numpy()[0, 0].tolist() == [0, 128, 0]  # 1 - 1 was added
    noise = float(served_model.normal(tf.constant([5]), [1])[0, 0])
    (image,) = made["serving_default"]({"image_bytes": file, "seed": [5], "label": label})[
        "image_bytes"
    ]
    expected = np.clip(127.5 * (2 * noise + 1), 0, 255)
    assert abs(int(tf.io.decode_png(image)[0, 0, 0]) - expected) <= 0.5
    assert "label" not in kind.examples(2)["style"]
    assert kind.examples(3)["reference"]["label"].tolist() == [1, 0, 1]


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_out_of_range_is_refused(label):
    asked = served_domains().examples(1)["serving_default"] | {"label": np.int32([label])}
    expected = f"label must be 0 to 1. Received:.*{label}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        served_domains().signatures()["serving_default"](asked)
