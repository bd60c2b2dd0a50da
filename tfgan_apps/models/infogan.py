"""InfoGAN: images whose latent code comes to mean something, without any label.

Reference:
    Chen, Duan, Houthooft, Schulman, Sutskever, Abbeel, "InfoGAN: Interpretable Representation
    Learning by Information Maximizing Generative Adversarial Nets", NIPS 2016,
    https://arxiv.org/abs/1606.03657
    https://github.com/openai/InfoGAN

Parameters:
    generator 6,652,481, discriminator 6,559,169, recognizer 133,262

Differences:
    Losses are of logits, without the code's 1e-8 inside logarithms. Kernels of convolutions are
    drawn from an untruncated normal distribution. The bound leaves out the entropy of the numbers.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

import functools

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps import codes, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import infogan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class InfoGAN(AdversarialModel):
    """A generator, and a discriminator on whose features another network reads the code.

    `recognizer` is the paper's Q, `code` its c, `information_weight` its lambda; `information` is
    the lower bound of the mutual information of categories and image, in nats.

    Args:
        image_size: height and width of the images in pixels, a multiple of 4.
        channels: of the images, 1 to 4.
        latent_size: of the noise, uniform in [-1, 1].
        categories: of each categorical part of the code.
        continuous: numbers in the code, uniform in [-1, 1].
        generator_filters: of the generator's last hidden layer.
        discriminator_filters: of the discriminator's first layer.
        information_weight: of the bound in both losses.
        continuous_weight: of the numbers in the bound.
        seed: of weights, data order and draws.
        generator, discriminator, recognizer: `keras.Model`s in place of the built ones.

    Call: a dict of `latents` (batch, latent_size) and `code` (batch, its size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1].

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 28,
        channels: int = 1,
        latent_size: int = 62,
        categories: tuple[int, ...] = (10,),
        continuous: int = 2,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        information_weight: float = 1.0,
        continuous_weight: float = 1.0,
        seed: int = 0,
        generator=None,
        discriminator=None,
        recognizer=None,
        **kwargs,
    ):
        super().__init__(["information"], seed, **kwargs)
        check_integers(1, image_size=image_size, latent_size=latent_size)
        weights = {"continuous_weight": continuous_weight}
        check_numbers(0, information_weight=information_weight, **weights)
        self.code = codes.Code(categories, continuous)
        size, code_size = (image_size, channels), self.code.size
        takes = {"latents": (latent_size,), "code": (code_size,)}
        self.batch_spec = noise.batch_of(discriminator, (image_size, *size))
        check_network(takes, self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["uniform"]
        self.information_weight, self.continuous_weight = information_weight, continuous_weight
        build = networks.build_generator
        self.generator = generator or build(*size, latent_size, code_size, generator_filters)
        self.discriminator = discriminator or networks.build_discriminator(
            *size, discriminator_filters
        )
        read = 16 * discriminator_filters, code_size + continuous
        self.recognizer = recognizer or networks.build_recognizer(*read)

    def players(self):
        judges = [self.discriminator, self.recognizer]
        return {"discriminator": judges, "generator": [self.generator]}

    def optimizers(
        self, discriminator_learning_rate: float = 2e-4, generator_learning_rate: float = 1e-3
    ):
        """Returns the authors' Adams.

        Args:
            discriminator_learning_rate: of the discriminator and the recognizer.
            generator_learning_rate: of the generator, five times as high.
        """
        rates = discriminator_learning_rate, generator_learning_rate
        check_learning_rate(discriminator_learning_rate=rates[0], generator_learning_rate=rates[1])
        adam = functools.partial(Adam, beta_1=0.5, epsilon=1e-8)
        return {p: adam(rate) for p, rate in zip(self.players(), rates, strict=True)}

    def train_step(self, image):
        made = codes.fakes(self, "latents", image)
        self.update("discriminator", lambda: (self.discriminator_loss(image, *made), None))
        self.update("generator", lambda: (self.generator_loss(image), None))
        return self.finish_step()

    def test_step(self, image):
        fake, code = codes.fakes(self, "test", image, self.tested("discriminator_loss"), False)
        loss = self.discriminator_loss(image, fake, code, training=False)
        self.track(discriminator_loss=loss)
        return self.results()

    def discriminator_loss(self, image, fake, code, training=True):
        """Returns the loss of verdicts less the bound; batches are normalized apart."""
        on_real = self.discriminator(image, training=training)
        on_fake = self.discriminator(fake, training=training)
        loss = losses.minimax_discriminator_loss(on_real["logits"], on_fake["logits"])
        return loss - self.information_weight * self.bound(on_fake, code, training)

    def generator_loss(self, image):
        """Returns the loss of the verdict on fresh fakes less the bound."""
        fake, code = codes.fakes(self, "generator's latents", image)
        on_fake = self.discriminator(fake, training=True)
        loss = losses.non_saturating_generator_loss(on_fake["logits"])
        return loss - self.information_weight * self.bound(on_fake, code, training=True)

    def bound(self, judged, code, training):
        """Returns the bound of the mutual information; that of categories alone is tracked."""
        *logits, means = self._read(judged, training)
        *wanted, numbers = self.code.split(code)
        information = sum(float(np.log(count)) for count in self.code.categories)
        for part, read in zip(wanted, logits, strict=True):
            information -= losses.class_cross_entropy(tf.argmax(part, -1), read)
        self.track(information=information)
        # The density of deviation 1 that the authors fix, without its constant.
        likelihood = tf.reduce_mean(-0.5 * tf.reduce_sum(tf.square(numbers - means), -1))
        return information + self.continuous_weight * likelihood

    def _read(self, judged, training=False):
        """Returns what is read of the code: logits of each categorical part, and means."""
        read = self.recognizer(judged["features"], training=training)
        return tf.split(read, [*self.code.categories, *[self.code.numbers] * 2], -1)[:-1]

    def recognize(self, image):
        """Returns the codes (B, size) of images: probabilities of categories, then numbers."""
        *logits, means = self._read(self.discriminator(image))
        return tf.concat([*map(tf.nn.softmax, logits), means], -1)

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each part of the code swept."""
        return codes.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a code, and the code of an image."""
        classify = lambda image: {"code": self.recognize(image)}  # noqa: E731
        networks = [self.discriminator, self.recognizer]
        own = {"noise": self.noise, "classify": classify, "networks": networks}
        return NoiseToImage(self.generator, parts=self.code, **own)
