"""StyleGAN2: the promises of every system, and the facts of its papers."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, ResumeTestCase
from tests.random_images import batch, labelled, unlabelled
from tfgan_apps.models import StyleGAN2
from tfgan_apps.models.stylegan2 import configurations
from tfgan_apps.networks import mapping, stylegan2

TINY = {"image_size": 8, "channels": 1, "latent_size": 4, "style_size": 3, "mapping_layers": 2}
TINY |= {"filters_base": 32, "most_filters": 4, "deviation_group": 2, "average_kimg": 0.01}


def tiny(**kwargs):
    """A compiled StyleGAN2 of 8 pixels."""
    model = StyleGAN2(**TINY | kwargs)
    model.compile(run_eagerly=True)
    return model


class TestStyleGAN2(ModelTestCase):
    """With classes, each step with all moves; `TestStyleGAN2ADA` has lazy ones."""

    stopped, ended = 1, 2

    def build(self, **kwargs):
        intervals = {"path_interval": 1, "penalty_interval": 1, "average_ramp": 0.5}
        model = StyleGAN2(**TINY | {"classes": 3, "mirror": True} | intervals)
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(8)


class TestStyleGAN2ADA(ResumeTestCase):
    """Augmented, stopped where signs are counted."""

    stopped, ended = 2, 4

    def build(self, **kwargs):
        model = StyleGAN2(**TINY, augment="bgc", augment_kimg=0.05, penalty_interval=3)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


SMALL = (32, 1024, 64), (64, 64, 4)


@pytest.mark.parametrize(
    ("image", "mapped", "classes", "residual", "expected"),
    [
        ((1024, 32768, 512), (512, 512, 8), 0, True, (30_370_060, 29_012_513)),
        ((1024, 16384, 512), (512, 512, 8), 0, True, (24_900_764, 24_038_161)),
        ((256, 32768, 512), (512, 512, 8), 0, True, (30_034_338, 28_864_129)),
        ((256, 16384, 512), (512, 512, 8), 0, True, (24_767_458, 24_001_089)),
        ((64, 32768, 512), (512, 512, 8), 0, True, (27_032_600, 26_488_833)),
        ((32, 32768, 512), (512, 512, 2), 0, False, (19_947_539, 20_720_641)),
        ((32, 32768, 512), (512, 512, 2), 10, False, (20_215_315, 23_089_664)),
        (*SMALL, 0, True, (272_307, 288_993)),
    ],
)
def test_parameters_of_the_authors(image, mapped, classes, residual, expected, monkeypatch):
    monkeypatch.setattr("keras.initializers.RandomNormal", lambda stddev: "zeros")
    size, *widths = image
    latents, style, depth = mapped
    networks = mapping.build_mapping_network(latents, style, depth, classes)
    generator = [networks, stylegan2.build_synthesis(size, 3, style, *widths)]
    judge = stylegan2.build_discriminator(size, 3, classes, *widths, residual=residual)
    found = [_count(generator[0]) + _count(generator[1]), _count(judge)]
    assert tuple(found) == expected
    assert stylegan2.noise_size(1024) == 2_796_176


def _count(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_weights)


def test_lazy_moves_and_their_optimizers():
    """T3: of 16 steps one has a penalty, and four have paths."""
    model = StyleGAN2(**TINY)
    phases = [model.phase_at(step) for step in range(16)]
    assert [step for step, phase in enumerate(phases) if "penalty" in phase] == [0]
    assert [step for step, phase in enumerate(phases) if "paths" in phase] == [0, 4, 8, 12]
    model.compile(run_eagerly=True)
    for _ in range(5):
        model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
    made = model.generator_optimizer, model.discriminator_optimizer
    assert [int(each.iterations.numpy()) for each in made] == [5 + 2, 5 + 1]
    rates = [float(each.learning_rate.numpy()) for each in made]
    np.testing.assert_allclose(rates, [0.0016, 0.00188235], rtol=1e-5)
    np.testing.assert_allclose([each.beta_2 for each in made], [0.991992, 0.990585], atol=1e-6)
    never = StyleGAN2(**TINY, path_weight=0.0, penalty_weight=0.0)
    assert {never.phase_at(step) for step in range(17)} == {"moves"}
    rates = [float(each.learning_rate) for each in never.optimizers().values()]
    np.testing.assert_allclose(rates, [0.0016, 0.00188235], rtol=1e-5)  # as the authors' cifar


def test_lengths_of_paths_are_those_of_the_definition_and_their_mean_follows():
    model = tiny(path_decay=0.25, mixing=0.0)
    model.path_mean.assign(2.0)
    real = {"image": np.zeros((4, 8, 8, 1), np.float32)}
    told = model.told({"image": real["image"][:2]}, "the paths'")
    direction = model.draw(model.noise, "direction", 2, (8, 8, 1)) / 8.0
    loss = float(model_loss(model, real))

    def jacobian(styles):
        with tf.GradientTape() as tape:
            tape.watch(styles)
            image = model.synthesis({"styles": styles, "noise": told["noise"]}, training=True)
        return tape.batch_jacobian(image, styles)

    slopes = tf.einsum("bhwc,bhwcls->bls", direction, jacobian(told["styles"]))
    lengths = np.sqrt((np.asarray(slopes) ** 2).sum(2).mean(1))
    mean = 2.0 + 0.25 * (lengths.mean() - 2.0)
    assert float(model.path_mean.numpy()) == pytest.approx(mean, rel=1e-4)
    assert loss == pytest.approx(4 * 2 * ((lengths - mean) ** 2).mean(), rel=1e-4)


def model_loss(model, real):
    """The loss of paths, once, outside of a training step."""
    model.track = lambda **values: None
    return model.path_loss(real)


def test_the_losses_are_the_papers():
    model = tiny(penalty_weight=6.0, path_weight=0.0, penalty_interval=4)
    logits = []
    critic = model.critic
    model.critic = lambda x, name: logits.append(critic(x, name)) or logits[-1]
    real = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0)
    means = model.train_on_batch(real, return_dict=True)
    loss = lambda x: float(tf.reduce_mean(tf.nn.softplus(x)))  # noqa: E731
    on_generated, on_fake, on_real = logits[:3]  # then that of the penalty
    assert means["generator_loss"] == pytest.approx(loss(-on_generated), rel=1e-4)
    moves = loss(on_fake) + loss(-on_real), 4 * 3 * means["penalty"]
    assert means["penalty"] > 0
    assert means["discriminator_loss"] == pytest.approx(np.mean(moves), rel=1e-4)


def test_augmentation_is_of_all_that_the_discriminator_sees_and_grows_while_it_is_sure():
    model = tiny(augment="bgc", augment_kimg=0.016, penalty_interval=1)
    model.augmentation.target, seen = -2.0, []
    model.augmentation.pipeline = lambda x, p, draw, name: seen.append(name) or x
    probabilities = []
    for _ in range(6):
        model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
        probabilities.append(float(model.augmentation.probability.numpy()))
    names = "augmented, the generator's", "augmented, fake", "augmented, real"
    assert seen[:4] == [*names, "augmented, the penalty's"]
    assert probabilities == [0, 0, 0, 1, 1, 1]  # 4 steps of 4 images, 16 in all
    model.augmentation.target = 2.0
    for _ in range(3):
        model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
    assert float(model.augmentation.probability.numpy()) == 0


def test_images_of_two_classes_differ():
    model = tiny(classes=3)
    latents = tf.repeat(tf.random.stateless_normal((1, 4), (0, 0)), 2, 0)
    images = model.call({"latents": latents, "label": tf.constant([0, 2])})
    assert np.abs(images[0] - images[1]).max() > 0
    found = model.samples(batch(8))
    assert len(found) == 13 and {x.shape for x in found.values()} == {found["real"].shape}


@pytest.mark.parametrize(
    ("name", "penalty", "images", "ramp", "skips", "augmented"),
    [
        ("config_f", 10.0, 10.0, 0.0, True, False),
        ("config_e", 100.0, 10.0, 0.0, True, False),
        ("ada_cifar", 0.01, 500.0, 0.05, False, True),
        ("paper256", 1.0, 20.0, 0.0, True, True),
        ("paper512", 0.5, 20.0, 0.0, True, True),
        ("paper1024", 2.0, 10.0, 0.0, True, True),
        ("auto", 0.0032, 5.0, 0.05, True, True),
    ],
)
def test_published_numbers(name, penalty, images, ramp, skips, augmented):
    narrow = {"image_size": 16, "filters_base": 64, "most_filters": 2, "style_size": 4}
    narrow |= {"batch_size": 16} if name == "auto" else {}
    model = getattr(StyleGAN2, name)(**narrow)
    assert (model.penalty_weight, model.average_kimg) == pytest.approx((penalty, images))
    assert (model.average_ramp, bool(model.augmentation)) == (ramp, augmented)
    found = [x for x in model.discriminator.layers if x.name.endswith("skip")]
    assert bool(found) == skips


@pytest.mark.parametrize(
    ("size", "batch", "penalty"),
    [(32, 32, 0.0064), (128, 32, 0.1024), (256, 16, 0.8192), (512, 8, 6.5536), (1024, 4, 52.4288)],
)
def test_what_the_code_guesses(size, batch, penalty):
    assert configurations.auto_batch_size(size) == batch
    found = configurations.auto(size)
    assert found["penalty_weight"] == pytest.approx(penalty)
    assert (found["filters_base"], found["deviation_group"]) == (
        32768 if size >= 512 else 16384,
        4,
    )


def test_frozen_convolutions_keep_their_weights():
    model = tiny(frozen_layers=3, penalty_interval=1)
    judge = model.discriminator
    before = {layer.name: np.array(layer.kernel) for layer in judge.layers if layer.weights}
    model.train_on_batch(np.ones((4, 8, 8, 1), np.float32))
    kept = [
        name for name, old in before.items() if np.array_equal(judge.get_layer(name).kernel, old)
    ]
    assert sorted(kept) == ["block_8_conv0", "block_8_conv1", "from_rgb"]
    with pytest.raises(ValueError, match="frozen_layers must be at most 4"):
        tiny(frozen_layers=5)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be a power of 2, at least 4"),
        ({"classes": -1}, "classes must be an integer >= 0"),
        ({"augment": "all"}, "augment must be one of"),
        ({"augment": "bg", "augment_target": 2}, "augment_target must be a finite number"),
        ({"path_interval": 0}, "path_interval must be an integer >= 1"),
        ({"average_ramp": -1}, "average_ramp must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        StyleGAN2(**TINY | argument)
