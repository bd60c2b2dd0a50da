"""Penalties by hand on 2 x 2 images, and the gradients through them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfgan_apps import losses, penalties
from tfgan_apps.adversarial_model import AdversarialModel

RNG = np.random.default_rng(0)
REAL = np.float32([[[1, 2], [2, 0]], [[3, 0], [0, 4]]])[..., None]
FAKE = np.float32([[[-1, 2], [2, 4]], [[8, 8], [8, 8]]])[..., None]
HALF = np.float32([0.5, 0.5])
SLOPES = np.float32([[3, 0], [0, -4]])[..., None]


def linear(x):
    return tf.reduce_sum(x * SLOPES, (1, 2, 3))


def bowl(x):
    """Its gradient is the image."""
    return 0.5 * tf.reduce_sum(x * x, (1, 2, 3))


def test_of_a_linear_critic_they_are_functions_of_its_slope():
    for epsilon in ([0, 0], [1, 0.25]):
        found = penalties.gradient_penalty(linear, REAL, FAKE, tf.constant(epsilon, tf.float32))
        assert float(found) == (5 - 1) ** 2
    assert float(penalties.gradient_penalty(linear, REAL, FAKE, HALF, target=750.0)) == 745**2
    assert float(penalties.r1(linear, REAL)[0]) == 25


def test_each_image_has_a_norm_and_a_weight_of_its_own():
    # Half way, the first image is (0, 2, 2, 2); with all its weight, the second is (3, 0, 0, 4).
    found = penalties.gradient_penalty(bowl, REAL, FAKE, np.float32([0.5, 1.0]))
    np.testing.assert_allclose(found, ((12**0.5 - 1) ** 2 + (5 - 1) ** 2) / 2, rtol=1e-6)
    found = penalties.gradient_penalty(bowl, REAL, FAKE, np.float32([1.0, 0.0]))
    np.testing.assert_allclose(found, ((3 - 1) ** 2 + (16 - 1) ** 2) / 2, rtol=1e-6)
    assert float(penalties.r1(bowl, REAL)[0]) == (9 + 25) / 2


def test_norms_below_the_target_are_penalized_too():
    found = penalties.gradient_penalty(lambda x: 0.1 * linear(x), REAL, FAKE, HALF)
    np.testing.assert_allclose(found, (0.5 - 1) ** 2, rtol=1e-6)


def test_patches_count_as_their_sum_and_a_mean_as_the_mean():
    penalty, scores = penalties.r1(lambda x: x * SLOPES, REAL)
    assert float(penalty) == 25
    np.testing.assert_array_equal(scores, REAL * SLOPES)
    mean, _ = penalties.r1(lambda x: tf.reduce_mean(x * SLOPES), REAL)
    np.testing.assert_allclose(mean, 25 / 8**2)


def test_drift():
    assert float(penalties.drift(np.float32([[1.0], [-3.0]]))) == 5
    assert float(penalties.drift(tf.constant([300.0], tf.float16))) == 90_000


def small_critic():
    critic = keras.Sequential(
        [
            layers.Input((2, 2, 1)),
            layers.Conv2D(3, 2, padding="same", activation="tanh"),
            layers.Flatten(),
            layers.Dense(1, dtype="float32"),
        ]
    )
    for weight in critic.weights:
        weight.assign(RNG.normal(size=weight.shape))
    return critic


PENALTIES = {
    "gradient_penalty": lambda critic: penalties.gradient_penalty(critic, REAL, FAKE, HALF),
    "r1": lambda critic: penalties.r1(critic, REAL)[0],
}


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("jit_compile", [False, True])
def test_gradients_of_weights_are_finite_differences(name, jit_compile):
    critic = small_critic()
    penalty = tf.function(lambda: PENALTIES[name](critic), jit_compile=jit_compile)

    @tf.function(jit_compile=jit_compile)
    def gradients():
        with tf.GradientTape() as tape:
            value = PENALTIES[name](critic)
        return tape.gradient(
            value, [w.value for w in critic.trainable_weights], unconnected_gradients="zero"
        )

    moved = 0
    for weight, gradient in zip(critic.trainable_weights, gradients(), strict=True):
        before, direction = weight.numpy(), RNG.normal(size=weight.shape).astype("float32")
        values = []
        for step in (1e-2, -1e-2):
            weight.assign(before + step * direction)
            values.append(float(penalty()))
        weight.assign(before)
        expected = (values[0] - values[1]) / 2e-2
        np.testing.assert_allclose(np.sum(gradient * direction), expected, rtol=0.02, atol=2e-3)
        moved += abs(expected) > 0.01
    assert moved == 3  # both kernels and the first bias; the last bias has no part in the slope


def test_a_flat_critic_has_a_gradient():
    slope = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        value = penalties.gradient_penalty(lambda x: slope * linear(x), REAL, FAKE, HALF)
    np.testing.assert_allclose(value, 1, rtol=1e-5)
    assert float(tape.gradient(value, slope)) == 0


@pytest.mark.parametrize("slope", [2.0**-20, 2.0**7])
def test_a_critic_in_float16_neither_loses_weak_slopes_nor_overflows(slope):
    # 2^-20 is 16 of float16's smallest steps; the sum of 48 squares of 2^7 is infinite.
    keras.config.set_dtype_policy("mixed_float16")
    try:
        dense = [layers.Dense(1), layers.Dense(1)]
        critic = keras.Sequential([layers.Input((4, 4, 3)), layers.Flatten(), *dense])
    finally:
        keras.config.set_dtype_policy("float32")
    second = min(1.0, 2.0**6 * slope)
    first = np.float16(slope / second * RNG.uniform(0.5, 1, (48, 1)))
    dense[0].kernel.assign(first)
    dense[1].kernel.assign([[second]])
    found, _ = penalties.r1(critic, np.zeros((2, 4, 4, 3), "float32"))
    assert found.dtype == "float32"
    expected = np.sum(np.square(first.astype("float64") * second))
    np.testing.assert_allclose(found, expected, rtol=2e-4)


class Critic(AdversarialModel):
    """A linear critic between real images at 0 and generated ones at (3, 4) / 5 * 2."""

    def __init__(self, **kwargs):
        super().__init__(["penalty"], **kwargs)
        kernel = keras.initializers.Constant([[0.1], [-0.1]])
        image = layers.Input((2,), name="image")
        score = layers.Dense(1, kernel_initializer=kernel, use_bias=False)(image)
        self.critic = keras.Model(image, layers.Activation("linear", dtype="float32")(score))

    def players(self):
        return {"critic": [self.critic]}

    def optimizers(self):
        return {"critic": keras.optimizers.SGD(0.05)}

    def train_step(self, real):
        epsilon = self.draw(tf.random.stateless_uniform, "epsilon", tf.shape(real)[0])
        self.update("critic", lambda: self.critic_loss(real, real + [1.2, 1.6], epsilon))
        return self.finish_step()

    def critic_loss(self, real, fake, epsilon):
        penalty = penalties.gradient_penalty(self.critic, real, fake, epsilon)
        self.track(penalty=penalty)
        loss = losses.wasserstein_discriminator_loss(self.critic(real), self.critic(fake))
        return loss + 10 * penalty, None


@pytest.mark.parametrize("policy, jit_compile", [("float32", True), ("mixed_float16", True)])
def test_inside_update_a_critic_finds_the_slope_that_balances_both_terms(policy, jit_compile):
    keras.config.set_dtype_policy(policy)
    try:
        model = Critic()
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(jit_compile=jit_compile)
    model.fit(np.zeros((640, 2), "float32"), batch_size=4, verbose=0)
    # -distance * slope + 10 (slope - 1)^2 is least at 1 + distance / 20, downhill to the fakes.
    kernel = model.critic.get_weights()[0][:, 0]
    np.testing.assert_allclose(kernel, np.multiply(-1.1, [0.6, 0.8]), rtol=5e-3)


@pytest.mark.parametrize(
    "real, fake, epsilon",
    [
        (REAL, FAKE[:1], HALF),
        (REAL, np.repeat(FAKE, 3, axis=-1), HALF),
        (REAL, FAKE, HALF[:1]),
        (REAL, FAKE, np.float32(0.5)),
        (REAL, FAKE, HALF[:, None]),
    ],
)
def test_shapes_that_would_be_broadcast(real, fake, epsilon):
    with pytest.raises(ValueError, match=r"one shape.* Received: shapes \(2, 2, 2, 1\), \("):
        penalties.gradient_penalty(linear, real, fake, epsilon)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_critic_that_does_not_look(name):
    with pytest.raises(ValueError, match="critic must depend on the images.* Received: <function"):
        PENALTIES[name](lambda x: tf.zeros(2))


def test_kernels_that_are_not_orthogonal_cost_the_authors_gradient():
    """S-Big-2: theirs is 2 (W W^T, its diagonal left out) W, of rows that are outputs."""
    kernel = tf.random.stateless_normal((3, 3, 2, 5), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        penalty = penalties.orthogonality([kernel, tf.eye(4, 3)])
    rows = np.reshape(kernel, (-1, 5)).T
    between = rows @ rows.T * (1 - np.eye(5))
    found = np.reshape(tape.gradient(penalty, kernel), (-1, 5)).T
    np.testing.assert_allclose(found, 2 * between @ rows, rtol=1e-4, atol=1e-4)
    assert float(penalty) == pytest.approx(0.5 * np.square(between).sum(), rel=1e-5)


@pytest.mark.parametrize("shape", [(3, 3, 4, 6), (7, 5)])
def test_the_authors_first_kernels_cost_nothing(shape):
    kernel = keras.initializers.Orthogonal(seed=0)(shape)
    rows = np.reshape(kernel, (-1, shape[-1])).T
    np.testing.assert_allclose(rows @ rows.T, np.eye(shape[-1]), atol=1e-5)
    assert penalties.orthogonality([kernel]) < 1e-9


def test_the_gradients_norm_may_be_that_of_each_pixel():
    """SinGAN's: slopes of (3, 4) in each pixel of a map whose scores are summed."""
    real, fake = tf.zeros((2, 5, 6, 2)), tf.ones((2, 5, 6, 2))
    critic = lambda x: 3 * x[..., :1] + 4 * x[..., 1:]  # noqa: E731
    found = penalties.gradient_penalty(critic, real, fake, tf.fill([2], 0.5), pixelwise=True)
    assert float(found) == pytest.approx((5 - 1) ** 2, rel=1e-5)
    whole = penalties.gradient_penalty(critic, real, fake, tf.fill([2], 0.5))
    assert float(whole) == pytest.approx((5 * 30**0.5 - 1) ** 2, rel=1e-5)
