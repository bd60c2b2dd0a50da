"""What noise-to-image signatures answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.noise import DISTRIBUTIONS
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


def generator(label=False, code=False, truncation=False, size=4):
    """A generator that shows its inputs: a dense layer over all of them."""
    inputs = [keras.Input((3,), name="latents")]
    parts = [inputs[0]]
    if label:
        inputs.append(keras.Input((), dtype="int32", name="label"))
        parts.append(keras.layers.Embedding(5, 2)(inputs[-1]))
    if code:
        inputs.append(keras.Input((2,), name="code"))
        parts.append(inputs[-1])
    if truncation:
        inputs.append(keras.Input((), name="truncation"))
        parts.append(keras.layers.Reshape((1,))(inputs[-1]))
    everything = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    image = keras.layers.Dense(size * size * 3, activation="tanh")(everything)
    return keras.Model(inputs, keras.layers.Reshape((size, size, 3), name="image")(image))


def showing_latents(truncation=False):
    """A generator whose single pixel is its three latents."""
    latents = keras.Input((3,), name="latents")
    inputs = {"latents": latents}
    if truncation:
        inputs["truncation"] = keras.Input((), name="truncation")
    return keras.Model(inputs, keras.layers.Reshape((1, 1, 3))(latents))


BOUNDS = (1e-3, 0.5, 0.9)


@pytest.mark.parametrize("truncation", [False, True])
@pytest.mark.parametrize("code", [False, True])
@pytest.mark.parametrize("label", [False, True])
def test_export_is_the_model_and_says_its_inputs(label, code, truncation, tmp_path):
    bounds = {"truncations": BOUNDS} if truncation else {}
    served = NoiseToImage(generator(label, code, truncation), 5 if label else None, **bounds)
    loaded = tf.saved_model.load(export_saved_model(served, tmp_path / "noise"))
    conditions = (("label", label), ("code", code), ("truncation", truncation))
    both = {name for name, given in conditions if given}
    inputs = {
        name: set(loaded.signatures[name].structured_input_signature[1])
        for name in ("serving_default", "latents")
    }
    assert inputs == {"serving_default": {"seed"} | both, "latents": {"z"} | both}
    outputs = {name: list(loaded.signatures[name].structured_outputs) for name in inputs}
    assert outputs == {"serving_default": ["image_bytes"], "latents": ["image"]}


def test_a_seed_is_the_same_image_in_any_batch():
    signature = NoiseToImage(generator()).signatures()["serving_default"]
    ask = lambda *seeds: list(  # noqa: E731
        signature({"seed": tf.constant(seeds, tf.int32)})["image_bytes"].numpy()
    )
    together = ask(7, -1, 7, 2**31 - 1)
    assert together == [ask(seed)[0] for seed in (7, -1, 7, 2**31 - 1)]
    assert len(set(together)) == 3


def test_latents_are_standard_normal_draws_of_the_seed():
    served = NoiseToImage(showing_latents())
    seeds = np.arange(3000, dtype=np.int32)
    levels = served.predict("serving_default", {"seed": seeds})["image_bytes"]
    drawn = np.stack([tf.random.stateless_normal((3,), (s, 0), alg="philox") for s in range(4)])
    expected = np.clip((drawn + 1) * 127.5, 0, 255)
    np.testing.assert_allclose(levels[:4, 0, 0], expected, atol=1e-3)
    inside = (levels > 0) & (levels < 255)
    assert abs(inside.mean() - 0.6827) < 0.015  # the share of a normal distribution in (-1, 1)


def test_truncated_latents_stay_inside_and_keep_their_distribution():
    served = NoiseToImage(showing_latents(truncation=True), truncations=BOUNDS)
    seeds = np.arange(3000, dtype=np.int32)
    for bound in BOUNDS:
        request = {"seed": seeds, "truncation": np.full(3000, bound, np.float32)}
        drawn = served.predict("serving_default", request)["image_bytes"] / 127.5 - 1
        assert np.abs(drawn).max() <= bound + 1e-6
    # The variance of a normal distribution cut at 0.9, by its formula.
    density = np.exp(-(0.9**2) / 2) / np.sqrt(2 * np.pi)
    mass = tf.math.erf(0.9 / np.sqrt(2)).numpy()
    assert abs(drawn.var() - (1 - 2 * 0.9 * density / mass)) < 0.01


def test_latents_signature_shows_z():
    signature = NoiseToImage(showing_latents()).signatures()["latents"]
    z = tf.constant([[-1.0, 0.0, 1.0], [-9.0, 9.0, 0.5]])
    image = signature({"z": z})["image"]
    assert image.dtype == tf.uint8
    np.testing.assert_array_equal(image[:, 0, 0], [[0, 128, 255], [0, 255, 191]])


def test_label_and_code_reach_the_generator():
    served = NoiseToImage(generator(label=True, code=True), classes=5)
    request = served.examples(1)["serving_default"]
    image = served.predict("serving_default", request)["image_bytes"]
    for name, value in (("label", np.int32([3])), ("code", np.float32([[5, -5]]))):
        other = served.predict("serving_default", {**request, name: value})["image_bytes"]
        assert np.abs(other - image).max() > 0.1


@pytest.mark.parametrize("label", [-1, 5])
def test_label_out_of_range_is_an_invalid_argument(label):
    signature = NoiseToImage(generator(label=True), classes=5).signatures()["serving_default"]
    expected = "label must be at least 0 and below 5"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signature({"seed": tf.constant([1, 2]), "label": tf.constant([0, label])})


def test_no_truncation_is_the_whole_distribution():
    plain = NoiseToImage(showing_latents())
    served = NoiseToImage(showing_latents(truncation=True), truncations=BOUNDS)
    request = {"seed": np.arange(9, dtype=np.int32)}
    expected = plain.predict("serving_default", request)["image_bytes"]
    request["truncation"] = np.zeros(9, np.float32)
    np.testing.assert_array_equal(
        served.predict("serving_default", request)["image_bytes"], expected
    )


@pytest.mark.parametrize("truncation", [0.7, -1.0, np.nan])
def test_truncation_of_which_nothing_is_known(truncation):
    served = NoiseToImage(showing_latents(truncation=True), truncations=BOUNDS)
    assert served.about == {"truncations": list(BOUNDS)}
    expected = r"truncation must be one of \(0.0, 0.001, 0.5, 0.9\)"
    with pytest.raises(ValueError, match=expected):
        served.sheet([1], truncation=truncation)
    signature = served.signatures()["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signature({"seed": tf.constant([1, 2]), "truncation": tf.constant([0.5, truncation])})


@pytest.mark.parametrize("name", ["z", "code"])
def test_numbers_that_are_not_finite(name):
    signature = NoiseToImage(generator(code=True)).signatures()["latents"]
    request = {"z": np.zeros((2, 3), np.float32), "code": np.zeros((2, 2), np.float32)}
    request[name][1, 0] = np.nan
    expected = {"z": "latents must be finite", "code": "code must be finite"}[name]
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signature({key: tf.constant(value) for key, value in request.items()})


def test_generators_that_cannot_be_served():
    image = keras.Input((4, 4, 3), name="image")
    with pytest.raises(ValueError, match=r"'latents'.* Received: inputs \['image'\]"):
        NoiseToImage(keras.Model(image, image))
    with pytest.raises(ValueError, match="classes must be given with a label"):
        NoiseToImage(generator(label=True))


def test_sheets_of_conditions_and_on_the_way():
    served = NoiseToImage(generator(label=True), classes=5, names="abcde")
    columns = served.sheet([1, 2], labels=(0, 3))
    assert list(columns) == ["a", "d"] and columns["a"].shape == (2, 4, 4, 3)
    asked = {"seed": np.int32([1, 2]), "label": np.int32([3, 3])}
    levels = served.predict("serving_default", asked)["image_bytes"]
    np.testing.assert_allclose((columns["d"] + 1) * 127.5, levels, atol=1e-3)
    way = NoiseToImage(generator(code=True)).sheet([1, 2], codes=[[0.5, 1.0]], steps=3)
    assert list(way) == ["0% of the next", "50% of the next", "100% of the next"]
    first, _, last = way.values()
    np.testing.assert_allclose(first[1], last[0], atol=1e-6)


@pytest.mark.parametrize(
    ("network", "given", "expected"),
    [
        ({}, {"labels": (1,)}, "labels must be left out for this generator"),
        ({"label": True}, {}, "labels must be given"),
        ({"label": True}, {"labels": (5,)}, "label must be below 5. Received: label=5"),
        ({"code": True}, {"codes": [[1.0]]}, "code must be 2 numbers"),
    ],
)
def test_conditions_that_do_not_fit(network, given, expected):
    with pytest.raises(ValueError, match=expected):
        NoiseToImage(generator(**network), classes=5).sheet([1], **given)


def test_classify_takes_files_of_any_size_and_names_broken_ones():
    means = lambda images: {"mean": tf.reduce_mean(images, [1, 2, 3])}  # noqa: E731
    signature = NoiseToImage(generator(), classify=means).signatures()["classify"]
    files = [tf.io.encode_png(tf.fill([n, 9, 3], tf.cast(n, tf.uint8))) for n in (4, 30)]
    found = signature({"image_bytes": tf.stack(files)})["mean"]
    np.testing.assert_allclose(found, [4 / 127.5 - 1, 30 / 127.5 - 1], atol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="broken files at index 1"):
        signature({"image_bytes": tf.stack([files[0], b"no picture"])})


def test_noise_of_the_model():
    served = NoiseToImage(showing_latents(), noise=DISTRIBUTIONS["unit"])
    levels = served.predict("serving_default", {"seed": np.arange(999, dtype=np.int32)})
    assert levels["image_bytes"].min() >= 127.5
    for given in ({}, {"truncations": BOUNDS, "noise": DISTRIBUTIONS["unit"]}):
        with pytest.raises(ValueError, match="truncations must be given, and noise be normal"):
            NoiseToImage(showing_latents(truncation=True), **given)
