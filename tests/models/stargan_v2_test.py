"""StarGAN v2: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters, values
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.metrics.features import face_landmarks as features
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.features.weight_files import WeightFileError
from tfgan_apps.models import StarGANv2
from tfgan_apps.networks import face_landmarks
from tfgan_apps.networks import stargan_v2 as networks

TINY = {"image_size": 8, "classes": 2, "latent_size": 3, "style_size": 4, "mapping_size": 8}
TINY |= {"generator_filters": 2, "discriminator_filters": 2, "most_filters": 4, "halvings": 0}
AVERAGED = ("generator", "mapping_network", "style_encoder")


def examples(count, seed=0):
    """Returns images as levels, and their domains."""
    rng = np.random.default_rng(seed)
    names = ("image", "reference", "other_reference")
    made = {name: rng.integers(0, 256, (count, 8, 8, 3), np.uint8) for name in names}
    labels = {name: rng.integers(0, 2, count, np.int32) for name in ("label", "target")}
    return {**made, **labels}


def scaled(count=4):
    """Returns a batch, as data give it."""
    return {
        name: tf.constant(x / np.float32(127.5) - 1 if x.ndim == 4 else x)
        for name, x in examples(count).items()
    }


def tiny(run_eagerly=True, **kwargs):
    model = StarGANv2(**{**TINY, **kwargs})
    model.compile(run_eagerly=run_eagerly)
    return model


class TestStarGANv2(ModelTestCase):
    def build(self, **kwargs):
        model = StarGANv2(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(examples(16), batch_size=4)


@pytest.mark.parametrize(
    ("classes", "counts"), [(2, (2_438_272, 20_916_928)), (3, (3_259_072, 20_949_760))]
)
def test_parameters_of_the_authors(classes, counts):
    mapping = networks.build_mapping_network(classes)
    encoder = networks.build_style_encoder(classes=classes)
    assert (mapping.count_params(), encoder.count_params()) == counts
    judge = {2: 20_852_290, 3: 20_852_803}[classes]
    assert networks.build_discriminator(classes=classes).count_params() == judge


def test_parameters_of_generators_and_at_other_sizes():
    assert networks.build_generator().count_params() == 33_892_995
    assert networks.build_generator(128).count_params() == 33_632_003
    assert networks.build_style_encoder(128).count_params() == 20_799_744
    assert networks.build_discriminator(128).count_params() == 20_735_106


def test_averages_begin_as_their_networks():
    model = StarGANv2(**TINY)
    averages = [getattr(model, f"average_{player}") for player in AVERAGED]
    assert parameters(model)[1:] == [average.count_params() for average in averages]
    for average, player in zip(averages, AVERAGED, strict=True):
        for a, b in zip(values(average.weights), getattr(model, player).weights, strict=True):
            np.testing.assert_array_equal(a, b)


def test_losses_by_hand():
    """Logits are an image's mean, styles too; the generator adds the style. BCE is softplus."""
    model = tiny(style_weight=2.0, cycle_weight=3.0, diversity_weight=5.0, penalty_weight=7.0)
    terms = {}
    model.track = lambda **found: terms.update({n: float(v) for n, v in found.items()})
    mean = lambda x, training: tf.reduce_mean(x["image"], (1, 2, 3))[:, None]  # noqa: E731
    model.discriminator = model.style_encoder = mean
    model.generator = lambda x, training: x["image"] + x["style"][:, None, None]
    batch = {"image": tf.fill((2, 8, 8, 3), 0.5), "label": [0, 1], "target": [1, 0]}
    styles = [lambda: tf.fill((2, 1), 0.25), lambda: tf.fill((2, 1), -0.5)]
    softplus = lambda x: np.logaddexp(0, x)  # noqa: E731
    total = float(model.generator_loss(batch, *styles))
    expected = {"adversarial": softplus(-0.75), "style": 0.5, "diversity": 0.75, "cycle": 0.75}
    assert terms == pytest.approx(expected)
    expected = softplus(-0.75) + 2 * 0.5 - 5 * 0.75 + 3 * 0.75
    assert total == pytest.approx(expected, rel=1e-5)
    found = float(model.discriminator_loss(batch, tf.fill((2, 8, 8, 3), -1.0)))
    penalty = 0.5 / (8 * 8 * 3)  # half the sum of squares of 192 slopes of 1 / 192
    assert terms["penalty"] == pytest.approx(penalty)
    expected = softplus(-0.5) + softplus(-1) + 7 * penalty
    assert found == pytest.approx(expected, rel=1e-5)


def test_four_moves_of_which_the_last_is_the_generators_alone():
    """After it mapping network and style encoder are to the bit what they were."""
    model, moves = tiny(), []
    others = lambda: values(model.variables_of(AVERAGED[1]) + model.variables_of(AVERAGED[2]))  # noqa: E731
    together = model.update_together

    def recorded(loss_fns, *clips):
        before = others(), values(model.variables_of("generator"))
        extras = together(loss_fns, *clips)
        after = others(), values(model.variables_of("generator"))
        changed = [
            any((a != b).any() for a, b in zip(*each, strict=True))
            for each in zip(before, after, strict=True)
        ]
        moves.append((tuple(loss_fns), *changed))
        return extras

    model.update_together = recorded
    model.train_on_batch(scaled())
    judge = (("discriminator",), False, False)
    assert moves == [judge, judge, (AVERAGED, True, True), (("generator",), False, True)]


def test_the_diversity_weight_falls_in_a_straight_line():
    model = tiny(diversity_weight=2.0, diversity_steps=4)
    found = []
    for step in range(6):
        model.step.assign(step)
        found.append(float(model.current_diversity_weight()))
    assert found == pytest.approx([2, 1.5, 1, 0.5, 0, 0])


def test_the_other_image_of_the_diversity_has_no_gradient():
    model = tiny(style_weight=0.0, cycle_weight=0.0)
    style, other = tf.ones((4, 4)), tf.Variable(tf.zeros((4, 4)))
    with tf.GradientTape() as tape:
        loss = model.generator_loss(scaled(), lambda: style, lambda: tf.identity(other))
    assert tape.gradient(loss, other) is None


def test_averages_follow_and_inference_uses_them():
    model = tiny(average_decay=0.75)
    starts = {player: values(getattr(model, player).weights) for player in AVERAGED}
    model.train_on_batch(scaled())
    for player, start in starts.items():
        average, network = getattr(model, f"average_{player}"), getattr(model, player)
        for a, b, found in zip(start, network.weights, average.weights, strict=True):
            np.testing.assert_allclose(found, 0.75 * a + 0.25 * np.array(b), atol=1e-6)
    batch, latents = scaled(), tf.ones((4, 3))
    asked = {"image": batch["image"], "label": batch["target"]}
    found = model.predict({**asked, "latents": latents}, verbose=0)
    style = model.average_mapping_network({"latents": latents, "label": batch["target"]})
    made = model.average_generator({"image": batch["image"], "style": style})
    np.testing.assert_allclose(found, np.clip(made, -1, 1), atol=1e-5)
    styles = {"reference": batch["reference"]}, {"style": style}, {}
    shapes = {model.predict({**asked, **each}, verbose=0).shape for each in styles}
    assert shapes == {(4, 8, 8, 3)}


def test_adams_of_the_authors():
    for player, adam in StarGANv2(**TINY).optimizers().items():
        assert (adam.beta_1, adam.beta_2, adam.epsilon, adam.decay) == (0, 0.99, 1e-8, 1e-4)
        rate = 1e-6 if player == "mapping_network" else 1e-4
        assert float(adam.learning_rate) == pytest.approx(rate)


def test_a_sheet_shows_drawn_styles_of_each_domain_and_references():
    model = tiny(class_names=("cat", "dog"))
    drawn = [f"{name}, drawn style {i}" for name in ("cat", "dog") for i in (1, 2)]
    told = [f"style of reference {i}" for i in (1, 2)]
    columns = model.samples(scaled(2))
    assert list(columns) == ["real", *drawn, "references", *told]
    assert (columns[drawn[0]].numpy() != columns[drawn[2]].numpy()).any()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be a power of 2"),
        ({"image_size": 4, "halvings": 0}, "image_size must be an integer >= 8"),
        ({"halvings": None}, "halvings must be an integer >= 0"),
        ({"halvings": 4}, "halvings must be at most log2"),
        ({"classes": 3, "class_names": ("a",)}, "classes must be 1"),
        ({"diversity_steps": 0}, "diversity_steps must be an integer >= 1"),
        ({"average_decay": 1.5}, "average_decay must be a finite number and >= 0 and <= 1"),
        ({"style_weight": -1.0}, "style_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        StarGANv2(**{**TINY, **argument})


def test_high_frequencies_of_faces(monkeypatch, tmp_path):
    """Masks reach every network that makes images; weights come from a file, once."""
    faces = {"image_size": 32, "high_pass": 1.0, "halvings": 1}
    model = StarGANv2(**{**TINY, **faces})
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    with pytest.raises(WeightFileError, match="put wing.ckpt from"):
        model.compile()
    opened = []
    monkeypatch.setattr(features, "load", lambda *given: opened.append(given))
    monkeypatch.setattr(
        face_landmarks, "masks", lambda _, x: tf.repeat(tf.repeat(x[..., :2], 8, 1), 8, 2) ** 2
    )
    model.compile(run_eagerly=True)
    assert opened == [(model.landmarks, None)]
    image = tf.random.stateless_uniform((2, 32, 32, 3), (0, 0), -1.0, 1.0)
    label = tf.constant([0, 1])
    batch = {"image": image, "reference": image, "other_reference": -image}
    means = model.train_on_batch(batch | {"label": label, "target": 1 - label}, return_dict=True)
    assert all(np.isfinite(value) for value in means.values())
    style = tf.zeros((2, 4))
    seen = model.translate(image, style)
    monkeypatch.setattr(face_landmarks, "masks", lambda _, x: tf.zeros((len(x), 256, 256, 2)))
    assert np.abs(seen - model.translate(image, style)).max() > 1e-3
    with pytest.raises(ValueError, match="channels must be 3 with high_pass"):
        StarGANv2(**{**TINY, **faces, "channels": 1})


def test_parameters_with_high_frequencies():
    """The authors' 43,467,395, without the skips that they make and do not use."""
    unused = 512 * 256 + 256 * 128 + 128 * 64
    assert networks.build_generator(high_pass=1.0).count_params() == 43_467_395 - unused
