import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import SpectralConv2D, SpectralDense, SpectralEmbedding

IMAGES = tf.random.stateless_normal((2, 6, 6, 3), (0, 0))
VECTORS = tf.random.stateless_normal((4, 7), (0, 1))
LAYERS = {
    "convolution": (lambda: SpectralConv2D(5, 3, kernel_initializer="normal"), IMAGES),
    "dense": (lambda: SpectralDense(5, kernel_initializer="normal"), VECTORS),
    "embedding": (lambda: SpectralEmbedding(6, 4), tf.constant([0, 5, 2])),
}


def kernel_of(layer):
    return layer.embeddings if isinstance(layer, keras.layers.Embedding) else layer.kernel


def largest(kernel):
    return np.linalg.svd(np.reshape(kernel, (-1, kernel.shape[-1])), compute_uv=False)[0]


@pytest.mark.parametrize("kind", LAYERS)
def test_the_kernel_stays_and_what_acts_has_a_singular_value_of_1(kind):
    make, inputs = LAYERS[kind]
    keras.utils.set_random_seed(0)
    layer = make()
    layer(inputs)
    kernel, vector = np.array(kernel_of(layer)), np.array(layer.vector)
    layer(inputs, training=False)
    np.testing.assert_array_equal(layer.vector, vector)
    for _ in range(100):
        layer(inputs, training=True)
    assert not np.array_equal(layer.vector, vector)
    np.testing.assert_array_equal(kernel_of(layer), kernel)
    plain = layer(inputs, training=False)
    if kind != "embedding":
        kernel_of(layer).assign(kernel / largest(kernel))
        before = np.array(layer.vector)
        np.testing.assert_allclose(layer(inputs), plain, atol=0.01 * np.abs(plain).max())
        np.testing.assert_array_equal(layer.vector, before)
    else:
        np.testing.assert_allclose(plain, kernel[[0, 5, 2]] / largest(kernel), rtol=0.01)


def test_the_gradient_goes_through_the_singular_value():
    """What acts does not change with the kernel's size: the gradient along it is 0."""
    keras.utils.set_random_seed(0)
    layer = SpectralDense(5, use_bias=False)
    layer(VECTORS)
    for _ in range(200):
        layer(VECTORS, training=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(layer(VECTORS)))
    gradient = tape.gradient(loss, layer.kernel.value)
    along = float(tf.reduce_sum(gradient * layer.kernel))
    assert abs(along) < 1e-3 * float(tf.norm(gradient) * tf.norm(layer.kernel))


def test_the_vector_is_saved(tmp_path):
    image = keras.Input((6, 6, 3))
    model = keras.Model(image, SpectralConv2D(4, 3)(image))
    model(IMAGES, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.layers[1].vector, model.layers[1].vector)
    np.testing.assert_array_equal(loaded(IMAGES, training=True), model(IMAGES, training=True))


def test_two_replicas_have_the_vector_of_one_device(two_cpus):
    def make():
        keras.utils.set_random_seed(0)
        layer = SpectralConv2D(5, 3)
        layer.build(IMAGES.shape)
        return layer

    with two_cpus.scope():
        together = make()
    two_cpus.run(lambda: together(IMAGES, training=True))
    alone = make()
    alone(IMAGES, training=True)
    np.testing.assert_allclose(together.vector.numpy(), alone.vector, rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_and_xla(policy):
    layer = SpectralConv2D(5, 3, dtype=policy)
    layer.build(IMAGES.shape)
    step = tf.function(lambda x: layer(x, training=True), jit_compile=True)
    found = step(tf.cast(IMAGES, layer.compute_dtype))
    assert found.dtype == layer.compute_dtype and np.isfinite(found.numpy().astype(float)).all()
    assert layer.vector.dtype == "float32"
