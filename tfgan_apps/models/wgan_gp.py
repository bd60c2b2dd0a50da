"""WGAN-GP: images from noise, by a critic whose gradients are held at norm 1.

Reference:
    Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville, "Improved Training of Wasserstein GANs",
    NIPS 2017, https://arxiv.org/abs/1704.00028
    https://github.com/igul222/improved_wgan_training, gan_cifar_resnet.py, gan_mnist.py, gan_toy.py

Differences:
    The generator's batches are as large as the critic's; those of the code for CIFAR-10 are twice
    as large, and its images have noise between their levels.
    A training step is a move of the critic, on images of its own; after the last one of a round
    the generator moves in the same step.
"""

from typing import Literal

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.initializers import uniform_of
from tfgan_apps.networks import resnet
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of
from tfgan_apps.penalties import gradient_penalty
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


def build_generator(image_size=28, channels=1, latent_size=128, filters=64):
    """Returns the generator of small images: `latents` (batch, latent_size) -> `image`, float32.

    Args:
        image_size: int, 28 or 32. Defaults to 28.
        channels, latent_size: int, of the image and the noise. Default to 1 and 128.
        filters: int, of the layer before the last. Defaults to 64.
    """
    latents = layers.Input((latent_size,), name="latents")
    kernel = uniform_of((4 / (latent_size + 64 * filters)) ** 0.5)
    x = layers.Dense(64 * filters, activation="relu", kernel_initializer=kernel)(latents)
    x = layers.ReLU()(_transposed(layers.Reshape((4, 4, 4 * filters))(x), 2 * filters))
    if image_size == 28:
        x = layers.Cropping2D(((0, 1), (0, 1)))(x)
    x = layers.ReLU()(_transposed(x, filters))
    return keras.Model(latents, image_of_sigmoid(_transposed(x, channels)), name="generator")


def build_critic(image_size=28, channels=1, filters=64):
    """Returns the critic of small images: `image` -> `score` (batch, 1), float32.

    Args:
        image_size, channels: int, of the image, as those of `build_generator`.
        filters: int, of the first layer. Defaults to 64.
    """
    image = layers.Input((image_size, image_size, channels), name="image")
    x = pixels_of(image)
    for width in (filters, 2 * filters, 4 * filters):
        kernel = uniform_of((4 / (25 * x.shape[-1] + 25 * width / 4)) ** 0.5)
        x = layers.Conv2D(width, 5, 2, "same", kernel_initializer=kernel)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    score = layers.Activation("linear", dtype="float32", name="score")(x)
    return keras.Model(image, score, name="critic")


def _transposed(x, filters):
    kernel = uniform_of((4 / (25 * x.shape[-1] / 4 + 25 * filters)) ** 0.5)
    return layers.Conv2DTranspose(filters, 5, 2, "same", kernel_initializer=kernel)(x)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class WGANGP(AdversarialModel):
    """A generator of images, and a critic whose gradients are penalized.

    `critic` is the paper's D, `penalty_weight` its lambda, `critic_steps` its n_critic. `distance`
    is the critic's estimate, `penalty` the mean squared distance of gradients from norm 1.

    Args:
        networks: residual ones, of CIFAR-10, or the small ones of MNIST, for 28 or 32 pixels.
        image_size: height and width of the images in pixels; a power of 2 from 8 on with residual
            networks.
        channels: of the images, 1 to 4.
        latent_size: of the noise, standard normal.
        generator_filters: of the generator; of its last hidden layer, where it is small.
        discriminator_filters: of the critic; of its first layer, where it is small.
        penalty_weight: of the gradient penalty.
        critic_steps: moves of the critic for each of the generator.
        seed: of weights, data order and draws.
        generator, critic: `keras.Model`s in place of the built ones, such as those of
            `networks.points`. The critic must not normalize batches.

    Call: `latents` (batch, latent_size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], or what a given
    critic takes; each serves one move of the critic.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        networks: Literal["residual", "small"] = "residual",
        image_size: int = 32,
        channels: int = 3,
        latent_size: int = 128,
        generator_filters: int = 128,
        discriminator_filters: int = 128,
        penalty_weight: float = 10.0,
        critic_steps: int = 5,
        seed: int = 0,
        generator=None,
        critic=None,
        **kwargs,
    ):
        super().__init__(["distance", "penalty"], seed, **kwargs)
        check_choice(("residual", "small"), networks=networks)
        check_numbers(0, penalty_weight=penalty_weight)
        check_integers(1, critic_steps=critic_steps, latent_size=latent_size)
        if networks == "small":
            check_choice((28, 32), image_size=image_size)
        size = image_size, channels
        self.batch_spec = noise.batch_of(critic, (image_size, *size))
        check_network((latent_size,), self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.penalty_weight, self.critic_steps = penalty_weight, critic_steps
        small = build_generator, build_critic
        makers = small if networks == "small" else (resnet.build_generator, resnet.build_critic)
        self.generator = generator or makers[0](*size, latent_size, generator_filters)
        self.critic = critic or makers[1](*size, discriminator_filters)

    def players(self):
        return {"critic": [self.critic], "generator": [self.generator]}

    def optimizers(
        self,
        learning_rate: float = 2e-4,
        beta_1: float = 0.0,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the authors' Adams for CIFAR-10, whose rate falls linearly to 0.

        Args:
            learning_rate: of both Adams, at first; 1e-4 for the small networks.
            beta_1: of both; 0.5 for the small networks.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_numbers(0, 0.999, beta_1=beta_1)
        steps = {"critic": steps_per_epoch and epochs * steps_per_epoch}
        steps["generator"] = steps["critic"] and max(1, steps["critic"] // self.critic_steps)
        decay = keras.optimizers.schedules.PolynomialDecay
        rates = {p: decay(learning_rate, n, 0.0) if n else learning_rate for p, n in steps.items()}
        return {p: keras.optimizers.Adam(r, beta_1, 0.9, epsilon=1e-8) for p, r in rates.items()}

    def phase_at(self, step):
        """Returns "round's end" where the generator moves after the critic, else "critic"."""
        return "critic" if (step + 1) % self.critic_steps else "round's end"

    def train_step(self, real):
        fake = self.generator(noise.drawn(self, "latents", real), training=True)
        self.update("critic", lambda: (self.critic_loss(real, fake), None))
        if self.phase == "round's end":
            self.update("generator", lambda: (self.generator_loss(real), None))
        return self.finish_step()

    def test_step(self, real):
        latents = noise.drawn(self, "test", real, self.tested("distance"))
        self.distance_loss(real, self.generator(latents))
        return self.results()

    def critic_loss(self, real, fake):
        """Returns minus the estimate of the distance, and the penalty between real and fake."""
        epsilon = self.draw(tf.random.stateless_uniform, "between", tf.shape(real)[0])
        penalty = gradient_penalty(self.critic, real, fake, epsilon)
        self.track(penalty=penalty)
        return self.distance_loss(real, fake) + self.penalty_weight * penalty

    def distance_loss(self, real, fake):
        """Returns minus the estimate of the distance."""
        on_real, on_fake = self.critic(real), self.critic(fake)
        loss = losses.wasserstein_discriminator_loss(on_real, on_fake)
        self.track(distance=-loss)
        return loss

    def generator_loss(self, real):
        """Returns minus the critic's score of fresh fakes."""
        fake = self.generator(noise.drawn(self, "generator's latents", real), training=True)
        return losses.wasserstein_generator_loss(self.critic(fake, training=True))

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, and those of fixed noise."""
        return noise.samples(self, batch, self.critic)

    def serving(self):
        """Returns what a server offers: images from seeds, or from noise."""
        return NoiseToImage(self.generator, noise=self.noise)
