"""GAN: images from noise, by multilayer perceptrons, as in the paper that began it all.

Reference:
    Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville, Bengio,
    "Generative Adversarial Nets", NIPS 2014, https://arxiv.org/abs/1406.2661
    https://github.com/goodfeli/adversarial, mnist.yaml

Parameters:
    generator 2,503,984, discriminator 1,231,441

Differences:
    The bias of the generator's last layer begins at 0, not at the logits of the mean image.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

from typing import Literal

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate
from tfgan_apps.given_networks import check_network
from tfgan_apps.layers import Dropout
from tfgan_apps.networks.maxout import maxout
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of
from tfgan_apps.optimizers import GrowingMomentumSGD
from tfgan_apps.schedules import DivisionDecay
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

GROWTH_EPOCHS = 249  # the momentum's, from the first epoch to the 250th
_OF_VARIANCE_1 = {"normal": "normal", "uniform": "uniform of variance 1"}


def uniform_005():
    """Returns the initializer of the generator's kernels: uniform in [-0.05, 0.05]."""
    return keras.initializers.RandomUniform(-0.05, 0.05)


def uniform_0005():
    """Returns the initializer of the discriminator's kernels: uniform in [-0.005, 0.005]."""
    return keras.initializers.RandomUniform(-0.005, 0.005)


def build_generator(image_shape=(28, 28, 1), latent_size=100, width=1200):
    """Returns the generator: `latents` (batch, latent_size) -> `image` in [-1, 1], float32.

    Args:
        image_shape: (height, width, channels). Defaults to (28, 28, 1).
        latent_size: int, of the noise. Defaults to 100.
        width: int, of the two hidden layers. Defaults to 1200.
    """
    latents = x = layers.Input((latent_size,), name="latents")
    for _ in range(2):
        x = layers.Dense(width, "relu", kernel_initializer=uniform_005())(x)
    x = layers.Dense(image_shape[0] * image_shape[1] * image_shape[2], None, True, uniform_005())(x)
    image = image_of_sigmoid(layers.Reshape(image_shape)(x))
    return keras.Model(latents, image, name="generator")


def build_discriminator(image_shape=(28, 28, 1), units=240, pieces=5):
    """Returns the discriminator: `image` in [-1, 1] -> `logits` (batch, 1), float32.

    Args:
        image_shape: (height, width, channels). Defaults to (28, 28, 1).
        units: int, of the two hidden layers. Defaults to 240.
        pieces: int, linear functions of which a unit is the largest. Defaults to 5.
    """
    image = layers.Input(image_shape, name="image")
    x = Dropout(0.2, seed=0)(layers.Flatten()(pixels_of(image)))
    for seed in (1, 2):
        x = Dropout(0.5, seed)(maxout(x, units, pieces, uniform_0005()))
    x = layers.Dense(1, kernel_initializer=uniform_0005())(x)
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="discriminator")


@keras.saving.register_keras_serializable(package="tfgan_apps")
class GAN(AdversarialModel):
    """A generator of images, and a discriminator that tells them from real ones.

    The players move at once, from the same parameters. `generator` is the paper's G,
    `discriminator` its D, `latents` its z; d_real and d_fake are D(x) and D(G(z)).

    Args:
        image_size: height and width of the images in pixels.
        channels: of the images, 1 to 4.
        latent_size: of the noise.
        generator_width: of the generator's hidden layers.
        discriminator_width: of the discriminator's hidden layers.
        latents: distribution of the noise, of mean 0 and variance 1.
        loss: of the generator: what the authors train, or the minimax game's, which saturates.
        seed: of weights, data order and draws.
        generator, discriminator: `keras.Model`s in place of the built ones, such as those of
            `networks.points`.

    Call: `latents` (batch, latent_size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], or what a given
    discriminator takes.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 28,
        channels: int = 1,
        latent_size: int = 100,
        generator_width: int = 1200,
        discriminator_width: int = 240,
        latents: Literal["uniform", "normal"] = "uniform",
        loss: Literal["non_saturating", "minimax"] = "non_saturating",
        seed: int = 0,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["d_real", "d_fake"], seed, **kwargs)
        check_choice(("uniform", "normal"), latents=latents)
        check_choice(("non_saturating", "minimax"), loss=loss)
        check_integers(1, generator_width=generator_width, discriminator_width=discriminator_width)
        check_integers(1, image_size=image_size, latent_size=latent_size)
        shape = (image_size, image_size, channels)
        self.batch_spec = noise.batch_of(discriminator, shape)
        check_network((latent_size,), self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS[_OF_VARIANCE_1[latents]]
        self.generator_loss = getattr(losses, f"{loss}_generator_loss")
        self.generator = generator or build_generator(shape, latent_size, generator_width)
        self.discriminator = discriminator or build_discriminator(shape, discriminator_width)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 0.1, momentum: float = 0.5, steps_per_epoch=500):
        """Returns the authors' gradient descents, whose momentum grows to 0.7 in 250 epochs.

        Args:
            learning_rate: of both, divided by 1.000004 after every step, down to 1e-6.
            momentum: at first, above 0.
            steps_per_epoch: int, `len(dataset)`. Defaults to 500, the authors'.
        """
        check_learning_rate(learning_rate=learning_rate)
        rate, steps = DivisionDecay(learning_rate), GROWTH_EPOCHS * steps_per_epoch
        return {p: GrowingMomentumSGD(rate, momentum, 0.7, steps) for p in self.players()}

    def train_step(self, real):
        verdicts = {}

        def discriminator_loss():
            fake = self.generator(noise.drawn(self, "latents", real), training=True)
            verdicts["fake"] = self.discriminator(fake, training=True)
            on_real = self.discriminator(real, training=True)
            return self.discriminator_loss(on_real, verdicts["fake"]), None

        def generator_loss():  # of the same verdict, dropout and all
            return self.generator_loss(verdicts["fake"]), None

        self.update_together({"discriminator": discriminator_loss, "generator": generator_loss})
        return self.finish_step()

    def test_step(self, real):
        latents = noise.drawn(self, "test", real, self.tested("discriminator_loss"))
        scores = self.discriminator(real), self.discriminator(self.generator(latents))
        self.track(discriminator_loss=self.discriminator_loss(*scores))
        return self.results()

    def discriminator_loss(self, on_real, on_fake):
        """Returns the mean of both cross-entropies, half of their sum."""
        self.track(d_real=tf.reduce_mean(tf.sigmoid(on_real)))
        self.track(d_fake=tf.reduce_mean(tf.sigmoid(on_fake)))
        return 0.5 * losses.minimax_discriminator_loss(on_real, on_fake)

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, and those of fixed noise."""
        return noise.samples(self, batch, self.discriminator)

    def serving(self):
        """Returns what a server offers: images from seeds, or from noise."""
        return NoiseToImage(self.generator, noise=self.noise)
