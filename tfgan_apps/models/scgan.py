"""SC-GAN: images whose latent code comes to mean something, by a constraint on their similarity.

Reference:
    Li, Chen, Wang, Wu, Tong, "SCGAN: Disentangled Representation Learning by Adding Similarity
    Constraint on Generative Adversarial Nets", IEEE Access 2019,
    https://ieeexplore.ieee.org/document/8476290
    https://github.com/gauss-clb/SCGAN, scgan_mnist.py

Parameters:
    generator 6,671,681, discriminator 6,558,017

Differences:
    Distances are taken as the root of the square and 1e-8, whose slope is finite at 0.
    Numbers in the code are uniform in [-1, 1], in the authors' code in [0, 1]; a difference counts
    half as much. Other networks and losses of the authors, for SVHN and CelebA, are not here.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import codes, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import scgan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SCGAN(AdversarialModel):
    """A generator whose images of one code are to be alike, and of two codes unlike.

    `code` is the paper's c, `similarity_weight` its lambda, `similarity` its SC; the
    discriminator sees no code, and there is no network besides.

    Args:
        image_size: height and width of the images in pixels, a multiple of 4.
        channels: of the images, 1 to 4.
        latent_size: of the noise, uniform in [-1, 1].
        categories: of each categorical part of the code.
        continuous: numbers in the code, uniform in [-1, 1].
        generator_filters: of the generator's last hidden layer.
        discriminator_filters: of the discriminator's first layer.
        similarity_weight: of the constraint in the generator's loss.
        distance_scale: of distances in it; 0.5 makes them those of pixels in [0, 1], as the authors
            have them for MNIST, 1 those of images in [-1, 1], as for SVHN.
        seed: of weights, data order and draws.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: a dict of `latents` (batch, latent_size) and `code` (batch, its size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], at least 2.

    Raises:
        ValueError: an argument is out of its range.
    """

    least_batch = 2

    def __init__(
        self,
        image_size: int = 28,
        channels: int = 1,
        latent_size: int = 90,
        categories: tuple[int, ...] = (10,),
        continuous: int = 0,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        similarity_weight: float = 1.0,
        distance_scale: float = 0.5,
        seed: int = 0,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["similarity"], seed, **kwargs)
        check_integers(1, image_size=image_size, latent_size=latent_size)
        check_numbers(0, similarity_weight=similarity_weight, distance_scale=distance_scale)
        self.code = codes.Code(categories, continuous)
        size = image_size, channels
        takes = {"latents": (latent_size,), "code": (self.code.size,)}
        self.batch_spec = noise.batch_of(discriminator, (image_size, *size))
        check_network(takes, self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["uniform"]
        self.similarity_weight, self.distance_scale = similarity_weight, distance_scale
        build = networks.build_generator
        self.generator = generator or build(*size, latent_size, self.code.size, generator_filters)
        self.discriminator = discriminator or networks.build_discriminator(
            *size, discriminator_filters
        )

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(
        self, discriminator_learning_rate: float = 2e-4, generator_learning_rate: float = 1e-3
    ):
        """Returns the authors' Adams.

        Args:
            discriminator_learning_rate: of the discriminator.
            generator_learning_rate: of the generator, five times as high.
        """
        rates = discriminator_learning_rate, generator_learning_rate
        check_learning_rate(discriminator_learning_rate=rates[0], generator_learning_rate=rates[1])
        adam = functools.partial(Adam, beta_1=0.5, epsilon=1e-8)
        return {p: adam(rate) for p, rate in zip(self.players(), rates, strict=True)}

    def train_step(self, image):
        def generator_loss():
            fake, code = codes.fakes(self, "latents", image)
            self.update("discriminator", lambda: (self.discriminator_loss(image, fake), None))
            on_fake = self.discriminator(fake, training=True)
            scaled = self.distance_scale * _gathered(fake)
            constraint = similarity(scaled, self.code.split(_gathered(code)))
            self.track(similarity=constraint)
            loss = losses.non_saturating_generator_loss(on_fake)
            return loss + self.similarity_weight * constraint, None

        self.update("generator", generator_loss)
        return self.finish_step()

    def test_step(self, image):
        fake, _ = codes.fakes(self, "test", image, self.tested("discriminator_loss"), False)
        self.track(discriminator_loss=self.discriminator_loss(image, fake, training=False))
        return self.results()

    def discriminator_loss(self, image, fake, training=True):
        """Returns the sum of both cross-entropies; batches are normalized apart."""
        on_real = self.discriminator(image, training=training)
        on_fake = self.discriminator(fake, training=training)
        return losses.minimax_discriminator_loss(on_real, on_fake)

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each part of the code swept."""
        return codes.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a code, from seeds or from noise."""
        return NoiseToImage(self.generator, noise=self.noise, parts=self.code)


def similarity(images, parts):
    """Returns the constraint, half the mean over pairs of images.

    Args:
        images: float tensor (B, ...).
        parts: list of float tensors (B, n): categorical parts of the code, then its numbers.
    """
    flat = tf.reshape(tf.cast(images, tf.float32), (tf.shape(images)[0], -1))
    squares = tf.reduce_sum(tf.square(flat[:, None] - flat), -1)
    distances = tf.sqrt(squares + 1e-8)
    *categories, numbers = parts
    alike = [tf.matmul(part, part, transpose_b=True) for part in categories]
    apart = tf.abs(numbers[:, None] - numbers) / 2
    alike += [1.0 - difference for difference in tf.unstack(apart, axis=-1)]
    pairs = sum(a * distances + (1.0 - a) / (distances + 1e-5) for a in alike)
    upper = tf.linalg.band_part(pairs, 0, -1) - tf.linalg.band_part(pairs, 0, 0)
    count = tf.cast(tf.shape(flat)[0], tf.float32)
    return tf.reduce_sum(upper) / (count * (count - 1.0))


def _gathered(values):
    """Returns the values of all replicas."""
    replica = tf.distribute.get_replica_context()
    return replica.all_gather(values, axis=0) if replica.num_replicas_in_sync > 1 else values
