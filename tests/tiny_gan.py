"""TinyGAN: the smallest system with noise, for tests of what is around the systems."""

import keras
import tensorflow as tf

from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.input_pipelines import IndexedData


@keras.saving.register_keras_serializable(package="tests")
class TinyGAN(AdversarialModel):
    """Goodfellow's game on points of the plane; the noise differs by step and replica."""

    def __init__(self, seed=0, **kwargs):
        super().__init__(["score"], seed, **kwargs)
        self.generator = network(4, 2, "generator")
        self.discriminator = network(2, 1, "discriminator")

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 1e-3):
        return {player: keras.optimizers.Adam(learning_rate) for player in self.players()}

    def train_step(self, real):
        noise = self.draw(tf.random.stateless_normal, "noise", tf.shape(real)[0], (4,))
        self.update("discriminator", lambda: (self.discriminator_loss(real, noise), None))
        self.update("generator", lambda: (self.generator_loss(noise), None))
        return self.finish_step()

    def test_step(self, real):
        self.track(score=tf.reduce_mean(self.discriminator(real)))
        return self.results()

    def discriminator_loss(self, real, noise):
        on_real = self.discriminator(real)
        self.track(score=tf.reduce_mean(on_real))
        on_fake = self.discriminator(tf.stop_gradient(self.generator(noise)))
        return tf.reduce_mean(tf.nn.softplus(-on_real)) + tf.reduce_mean(tf.nn.softplus(on_fake))

    def generator_loss(self, noise):
        return tf.reduce_mean(tf.nn.softplus(-self.discriminator(self.generator(noise))))

    def call(self, noise):
        return self.generator(noise)

    def samples(self, batch):
        points = tf.reshape(tf.clip_by_value(batch, -1, 1), (-1, 1, 2, 1))
        return {"real": points}


def network(inputs, outputs, name):
    x = keras.Input((inputs,), name="x")
    y = keras.layers.Dense(8, activation="tanh")(x)
    y = keras.layers.Dense(outputs, dtype="float32", name="y")(y)
    return keras.Model(x, y, name=name)


class Points(IndexedData):
    """Points of a square, 4 a step, 3 steps an epoch."""

    fingerprint = "points"
    test_length = 4

    def __init__(self):
        super().__init__(epoch_length=12, batch_size=4)

    def train_example(self, position):
        return self.uniform(position, "point", 2) * 2 - 1

    def test_example(self, index):
        return self.train_example(index + 10**6)

    def check(self):
        pass
