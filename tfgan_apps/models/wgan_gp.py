"""WGAN-GP: images from noise, by a critic whose gradients are held at norm 1.

Reference:
    Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville, "Improved Training of Wasserstein GANs",
    NIPS 2017, https://arxiv.org/abs/1704.00028
    https://github.com/igul222/improved_wgan_training, gan_cifar_resnet.py, gan_64x64.py,
    gan_cifar.py, gan_mnist.py, gan_toy.py

Parameters:
    generator 1,204,483, critic 1,053,825

Differences:
    The generator's batches are as large as the critic's; those of the code for CIFAR-10 are twice
    as large, and its images have noise between their levels.
    The generator shows and serves images by moving averages; the authors' normalizes each batch by
    its own statistics, then too.
    A training step is a move of the critic, on images of its own; after the last one of a round
    the generator moves in the same step.
"""

import functools
from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import five_by_five, resnet
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import gradient_penalty
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

# Builders of the generator and the critic, the authors' of MNIST, CIFAR-10 (two) and 64 pixels.
NETWORKS = {
    "residual": (resnet.build_generator, resnet.build_critic),
    "widening": (resnet.build_widening_generator, resnet.build_widening_critic),
    "convolutional": (
        functools.partial(five_by_five.build_generator, normalize=True),
        functools.partial(five_by_five.build_critic, unit_interval=False),
    ),
    "small": (five_by_five.build_generator, five_by_five.build_critic),
}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class WGANGP(AdversarialModel):
    """A generator of images, and a critic whose gradients are penalized.

    `critic` is the paper's D, `penalty_weight` its lambda, `critic_steps` its n_critic. `distance`
    is the critic's estimate, `penalty` the mean squared distance of gradients from norm 1; that of
    the small networks is of pixels in [0, 1], as their authors' code has them.

    Args:
        networks: the residual ones of CIFAR-10; those of 64 pixels, which are widest at the fewest
            pixels and whose critic normalizes each image; for 28 or 32 pixels the convolutional
            ones of CIFAR-10, and the small ones of MNIST.
        image_size: height and width of the images in pixels; a power of 2 from 8 on with residual
            and widening networks.
        channels: of the images, 1 to 4.
        latent_size: of the noise, standard normal.
        generator_filters: of the generator; of its last hidden layer, where widths differ.
        discriminator_filters: of the critic; of its first layer, where widths differ.
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
        networks: Literal["residual", "widening", "convolutional", "small"] = "residual",
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
        check_choice(tuple(NETWORKS), networks=networks)
        check_numbers(0, penalty_weight=penalty_weight)
        check_integers(1, critic_steps=critic_steps, latent_size=latent_size)
        size = image_size, channels
        self.batch_spec = noise.batch_of(critic, (image_size, *size))
        check_network((latent_size,), self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.penalty_weight, self.critic_steps = penalty_weight, critic_steps
        # A slope of 1 between pixels in [0, 1] is half of that between images in [-1, 1].
        self.slope = 0.5 if networks == "small" and not critic else 1.0
        build_generator, build_critic = NETWORKS[networks]
        self.generator = generator or build_generator(*size, latent_size, generator_filters)
        self.critic = critic or build_critic(*size, discriminator_filters)

    def players(self):
        return {"critic": [self.critic], "generator": [self.generator]}

    def optimizers(
        self,
        learning_rate: float = 2e-4,
        beta_1: float = 0.0,
        linear_decay: bool = True,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the authors' Adams.

        Args:
            learning_rate: of both Adams, at first; the authors have 1e-4 for all other networks.
            beta_1: of both; 0.5 for the convolutional and the small networks.
            linear_decay: let the rates fall linearly to 0, as for residual networks.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_numbers(0, 0.999, beta_1=beta_1)
        steps = {"critic": linear_decay and steps_per_epoch and epochs * steps_per_epoch}
        steps["generator"] = steps["critic"] and max(1, steps["critic"] // self.critic_steps)
        decay = keras.optimizers.schedules.PolynomialDecay
        rates = {p: decay(learning_rate, n, 0.0) if n else learning_rate for p, n in steps.items()}
        return {p: Adam(r, beta_1, 0.9, epsilon=1e-8) for p, r in rates.items()}

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
        penalty = gradient_penalty(self.critic, real, fake, epsilon, self.slope) / self.slope**2
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
