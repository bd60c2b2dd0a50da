"""LSGAN: images from noise, by a game of least squares, whose gradients do not vanish.

Reference:
    Mao, Li, Xie, Lau, Wang, Smolley, "Least Squares Generative Adversarial Networks", ICCV 2017,
    https://arxiv.org/abs/1611.04076
    https://github.com/xudonmao/LSGAN, vgg.py, train_lsun.py

Parameters:
    generator 15,591,427, discriminator 4,333,441

Differences:
    Losses are means over the batch, where the authors' code has sums; Adam sees no difference.
    Kernels of convolutions are drawn from an untruncated normal distribution.
"""

import keras
from keras import layers

from tfgan_apps import losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.initializers import normal_002
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


def build_generator(image_size=112, channels=3, latent_size=1024, filters=64):
    """Returns the generator: `latents` (batch, latent_size) -> `image` in [-1, 1], float32.

    Args:
        image_size: int, a multiple of 16. Defaults to 112.
        channels: int, of the image, 1 to 4. Defaults to 3.
        latent_size: int, of the noise. Defaults to 1024.
        filters: int, of the layer before the last. Defaults to 64.
    """
    side = image_size // 16
    latents = layers.Input((latent_size,), name="latents")
    x = layers.Dense(side * side * 4 * filters, kernel_initializer=normal_002())(latents)
    x = _relu(layers.Reshape((side, side, 4 * filters))(x))
    for width, strides in ((4, 2), (4, 1), (4, 2), (4, 1), (2, 2), (1, 2)):
        x = _relu(_transposed(width * filters, strides)(x))
    image = layers.Activation("tanh", dtype="float32", name="image")(_transposed(channels, 1)(x))
    return keras.Model(latents, image, name="generator")


def build_discriminator(image_size=112, channels=3, filters=64):
    """Returns the discriminator: `image` in [-1, 1] -> `score` (batch, 1), float32, no sigmoid.

    Args:
        image_size: int, a multiple of 16. Defaults to 112.
        channels: int, of the image, 1 to 4. Defaults to 3.
        filters: int, of the first layer. Defaults to 64.
    """
    image = x = layers.Input((image_size, image_size, channels), name="image")
    for width in (1, 2, 4, 8):
        x = layers.Conv2D(width * filters, 5, 2, "same", kernel_initializer=normal_002())(x)
        x = x if width == 1 else normalized(x, gamma_initializer="ones")
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(1, kernel_initializer=normal_002())(layers.Flatten()(x))
    score = layers.Activation("linear", dtype="float32", name="score")(x)
    return keras.Model(image, score, name="discriminator")


def _transposed(filters, strides):
    return layers.Conv2DTranspose(filters, 3, strides, "same", kernel_initializer=normal_002())


def _relu(x):
    return layers.ReLU()(normalized(x, gamma_initializer="ones"))


@keras.saving.register_keras_serializable(package="tfgan_apps")
class LSGAN(AdversarialModel):
    """A generator of images, and a discriminator that gives numbers, not probabilities.

    `fake_label`, `real_label` and `wanted_label` are the paper's a, b and c: 0, 1, 1 is its 0-1
    coding, -1, 1, 0 that which minimizes Pearson's chi-squared divergence.

    Args:
        image_size: height and width of the images in pixels, a multiple of 16.
        channels: of the images, 1 to 4.
        latent_size: of the noise, uniform in [-1, 1].
        generator_filters: of the generator's last hidden layer.
        discriminator_filters: of the discriminator's first layer.
        fake_label: what the discriminator is to give generated images.
        real_label: what it is to give real ones.
        wanted_label: what the generator wants it to give generated ones.
        seed: of weights, data order and draws.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: `latents` (batch, latent_size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1].

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 112,
        channels: int = 3,
        latent_size: int = 1024,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        fake_label: float = 0.0,
        real_label: float = 1.0,
        wanted_label: float = 1.0,
        seed: int = 0,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__((), seed, **kwargs)
        check_integers(1, generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters, latent_size=latent_size)
        check_choice((1, 2, 3, 4), channels=channels)
        labels = {"fake_label": fake_label, "wanted_label": wanted_label}
        check_numbers(**labels, real_label=real_label)
        shape = (image_size, image_size, channels)
        if generator is None or discriminator is None:
            check_integers(16, image_size=image_size)
            check(image_size % 16 == 0, "a multiple of 16", image_size=image_size)
        self.batch_spec = noise.batch_of(discriminator, shape)
        check_network((latent_size,), self.batch_spec.shape, generator=generator)
        self.fake_label, self.real_label = fake_label, real_label
        self.wanted_label = wanted_label
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["uniform"]
        size = image_size, channels
        self.generator = generator or build_generator(*size, latent_size, generator_filters)
        self.discriminator = discriminator or build_discriminator(*size, discriminator_filters)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 1e-3):
        """Returns the authors' Adams for LSUN.

        Args:
            learning_rate: of both Adams; 2e-4 for small images.
        """
        check_learning_rate(learning_rate=learning_rate)
        return {p: Adam(learning_rate, 0.5, epsilon=1e-8) for p in self.players()}

    def train_step(self, image):
        def generator_loss():
            fake = self.generator(noise.drawn(self, "latents", image), training=True)
            self.update("discriminator", lambda: (self.discriminator_loss(image, fake), None))
            return self.generator_loss(self.discriminator(fake, training=True)), None

        self.update("generator", generator_loss)
        return self.finish_step()

    def test_step(self, image):
        latents = noise.drawn(self, "test", image, self.tested("discriminator_loss"))
        loss = self.discriminator_loss(image, self.generator(latents), training=False)
        self.track(discriminator_loss=loss)
        return self.results()

    def discriminator_loss(self, image, fake, training=True):
        """Returns half the squared distances to both labels; batches are normalized apart."""
        on_real = self.discriminator(image, training=training)
        on_fake = self.discriminator(fake, training=training)
        labels = self.fake_label, self.real_label
        return losses.least_squares_discriminator_loss(on_real, on_fake, *labels)

    def generator_loss(self, on_fake):
        """Returns half the squared distance to the wanted label."""
        return 0.5 * losses.least_squares_generator_loss(on_fake, self.wanted_label)

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, and those of fixed noise."""
        return noise.samples(self, batch, self.discriminator)

    def serving(self):
        """Returns what a server offers: images from seeds, or from noise."""
        return NoiseToImage(self.generator, noise=self.noise)
