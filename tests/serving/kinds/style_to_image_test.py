"""What servers of styles answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import StyleTruncation
from tfgan_apps.serving.kinds.style_to_image import StyleToImage


def served(names=()):
    """A mapping that adds the label to its noise, and a pixel that shows the first style."""
    inputs = {"latents": keras.Input((3,), name="latents")}
    style = inputs["latents"]
    if names:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        style = style + keras.ops.cast(inputs["label"], "float32")[:, None]
    mapping = keras.Model(inputs, style)
    truncated = StyleTruncation(2)
    truncated.build((None, 3), (None,))
    styles = keras.Input((2, 3), name="styles")
    image = keras.layers.Reshape((1, 1, 3))(styles[:, 0])
    return StyleToImage(mapping, truncated, keras.Model({"styles": styles}, image), names=names)


def asked(kind, signature, **request):
    return kind.predict(signature, {n: np.asarray(v) for n, v in request.items()})


def test_a_truncation_is_what_is_left_of_the_way_from_the_mean_and_0_is_none():
    kind = served()
    z = np.float32([[0.5, -0.5, 0.25]] * 3)
    told = np.float32([0, 1, 0.5])
    styles = asked(kind, "mapping", z=z, truncation=told)["styles"]
    np.testing.assert_allclose(styles[:, 0], z * np.float32([[1], [1], [0.5]]))
    levels = asked(kind, "latents", z=z, truncation=told)["image"]
    np.testing.assert_allclose(levels[:, 0, 0], (styles[:, 0] + 1) * 127.5, atol=1e-3)
    given = asked(kind, "styles", styles=styles)["image"]
    np.testing.assert_allclose(given, levels, atol=1e-3)


def test_labels_reach_the_mapping_and_are_told():
    kind = served(names=("a", "b"))
    assert kind.about == {"classes": ["a", "b"]}
    told = {"truncation": np.float32([0, 0]), "label": np.int32([0, 1])}
    styles = asked(kind, "mapping", z=np.zeros((2, 3), np.float32), **told)["styles"]
    np.testing.assert_array_equal(styles[:, 0, 0], [0, 1])
    assert list(kind.sheet([1, 2], labels=[1, 0])) == ["b", "a"]
    between = kind.sheet([1, 2], labels=[0], steps=3)
    assert list(between) == [f"{share} of the next" for share in ("0%", "50%", "100%")]
    np.testing.assert_allclose(between["100% of the next"][0], between["0% of the next"][1])


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"truncation": np.float32([1.5])}, r"truncation must be in \[0, 1\]"),
        ({"truncation": np.float32([-0.1])}, r"truncation must be in \[0, 1\]"),
        ({"z": np.float32([[np.nan, 0, 0]])}, "z must be finite"),
        ({"label": np.int32([2])}, "label must be at least 0 and below 2"),
    ],
)
def test_requests_that_cannot_be_answered(request_, expected):
    given = {"z": np.zeros((1, 3)), "truncation": np.zeros(1), "label": np.zeros(1)}
    types = {"z": np.float32, "truncation": np.float32, "label": np.int32}
    given = {name: value.astype(types[name]) for name, value in given.items()} | request_
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        asked(served(names=("a", "b")), "mapping", **given)


def test_sheets_that_cannot_be_drawn():
    with pytest.raises(ValueError, match="labels must be left out for this generator"):
        served().sheet([1], labels=[0])
    with pytest.raises(ValueError, match="labels must be given"):
        served(names=("a",)).sheet([1])
    with pytest.raises(ValueError, match="codes must be left out"):
        served().sheet([1], codes=[[1.0]])
