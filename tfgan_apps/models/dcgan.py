"""DCGAN: images from noise, by convolutions that a generator and a discriminator learn.

Reference:
    Radford, Metz, Chintala, "Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks", ICLR 2016, https://arxiv.org/abs/1511.06434
    https://github.com/soumith/dcgan.torch, PyTorch's example (Torch code);
    https://github.com/Newmu/dcgan_code (Theano code)

Parameters:
    generator 3,576,704, discriminator 2,765,568

Differences:
    A step is a move of the discriminator, then one of the generator on the same fakes, which the
    discriminator judges anew, as in PyTorch's example. The Torch code takes the verdict from before
    its move; in the Theano code the players alternate, each on images and noise of its own.
    The Theano code has 5 x 5 kernels, no running statistics and a weight decay; its noise is
    uniform, as with `latents="uniform"`.
"""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import batches, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_learning_rate
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import dcgan
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DCGAN(AdversarialModel):
    """A generator of images, and a discriminator that tells them from real ones.

    `latent_size` is the size of the paper's Z; d_real and d_fake are D(x) and D(G(z)).

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1 to 4.
        latent_size: of the noise.
        generator_filters: of the generator's last hidden layer (ngf).
        discriminator_filters: of the discriminator's first layer (ndf).
        latents: distribution of the noise: standard normal, or uniform in [-1, 1].
        seed: of weights, data order and draws.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: `latents` (batch, latent_size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1].

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 64,
        channels: int = 3,
        latent_size: int = 100,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        latents: Literal["normal", "uniform"] = "normal",
        seed: int = 0,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["d_real", "d_fake"], seed, **kwargs)
        check_choice(("normal", "uniform"), latents=latents)
        image_shape = (image_size, image_size, channels)
        check_network((latent_size,), image_shape, generator=generator)
        check_network(image_shape, discriminator=discriminator)
        self.batch_spec = batches.images(image_size, channels)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS[latents]
        build, size = dcgan.build_generator, (image_size, channels)
        self.generator = generator or build(*size, latent_size, generator_filters)
        build = dcgan.build_discriminator
        self.discriminator = discriminator or build(*size, discriminator_filters)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 2e-4):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both Adams.
        """
        check_learning_rate(learning_rate=learning_rate)
        return {p: Adam(learning_rate, 0.5, epsilon=1e-8) for p in self.players()}

    def train_step(self, image):
        def generator_loss():
            fake = self.generate("latents", image)
            self.update("discriminator", lambda: (self.discriminator_loss(image, fake), None))
            on_fake = self.discriminator(fake, training=True)
            return losses.non_saturating_generator_loss(on_fake), None

        self.update("generator", generator_loss)
        return self.finish_step()

    def test_step(self, image):
        fake = self.generate("test", image, self.tested("discriminator_loss"), training=False)
        self.track(discriminator_loss=self.discriminator_loss(image, fake, training=False))
        return self.results()

    def generate(self, name, image, batch=None, training=True):
        """Returns as many fakes as there are images, from the noise of a name; see `draw`."""
        latents = noise.drawn(self, name, image, batch)
        return self.generator(latents, training=training)

    def discriminator_loss(self, image, fake, training=True):
        """Returns the discriminator's loss; real and fake batches are normalized apart."""
        on_real = self.discriminator(image, training=training)
        on_fake = self.discriminator(tf.stop_gradient(fake), training=training)
        scores = {"d_real": on_real, "d_fake": on_fake}
        self.track(**{name: tf.reduce_mean(tf.sigmoid(on)) for name, on in scores.items()})
        return losses.minimax_discriminator_loss(on_real, on_fake)

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, and those of fixed noise."""
        return noise.samples(self, batch, self.discriminator)

    def serving(self):
        """Returns what a server offers: images from seeds, or from noise."""
        return NoiseToImage(self.generator, noise=self.noise)
