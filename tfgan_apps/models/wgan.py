"""WGAN: images from noise, by a critic whose clipped weights estimate a distance.

Reference:
    Arjovsky, Chintala, Bottou, "Wasserstein Generative Adversarial Networks", ICML 2017,
    https://arxiv.org/abs/1701.07875
    https://github.com/martinarjovsky/WassersteinGAN

Parameters:
    generator 3,576,704, critic 2,765,568

Differences:
    The critic is clipped after its move, as in Algorithm 1; the code clips before it. The code has
    the critic's sign turned round, which it cannot see itself.
    A training step is a move of the critic, on images of its own; after the last one of a round
    the generator moves in the same step.
"""

import bisect

import keras
import tensorflow as tf

from tfgan_apps import losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check, check_integers, check_learning_rate
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import dcgan
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

FIRST_ROUNDS, LONG_ROUND_EVERY = 25, 500


@keras.saving.register_keras_serializable(package="tfgan_apps")
class WGAN(AdversarialModel):
    """A generator of images, and a critic of real and generated ones.

    `critic` is the paper's f, `clip` its c, `critic_steps` its n_critic; the networks are DCGAN's.
    `distance` is the critic's estimate of the Wasserstein distance, up to a factor.

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1 to 4.
        latent_size: of the noise, standard normal.
        generator_filters: of the generator's last hidden layer (ngf).
        discriminator_filters: of the critic's first layer (ndf).
        clip: largest absolute value of a weight of the critic.
        critic_steps: moves of the critic for each of the generator.
        long_critic_steps: the same in the first 25 rounds and in every 500th.
        seed: of weights, data order and draws.
        generator, critic: `keras.Model`s in place of the built ones, such as those of
            `networks.points`.

    Call: `latents` (batch, latent_size) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], or what a given
    critic takes; each serves one move of the critic.

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
        clip: float = 0.01,
        critic_steps: int = 5,
        long_critic_steps: int = 100,
        seed: int = 0,
        generator=None,
        critic=None,
        **kwargs,
    ):
        super().__init__(["distance"], seed, **kwargs)
        check(lambda bound: bound > 0, "above 0", clip=clip)
        check_integers(1, critic_steps=critic_steps, long_critic_steps=long_critic_steps)
        size = image_size, channels
        self.batch_spec = noise.batch_of(critic, (image_size, *size))
        check_network((latent_size,), self.batch_spec.shape, generator=generator)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.clip = clip
        self.critic_steps, self.long_critic_steps = critic_steps, long_critic_steps
        build = dcgan.build_generator
        self.generator = generator or build(*size, latent_size, generator_filters)
        build = dcgan.build_discriminator
        self.critic = critic or build(*size, discriminator_filters, "critic")

    def players(self):
        return {"critic": [self.critic], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 5e-5):
        """Returns the authors' RMSprops.

        Args:
            learning_rate: of both.
        """
        check_learning_rate(learning_rate=learning_rate)
        # Keras adds epsilon under the root, PyTorch beside it: this is its 1e-8.
        make = keras.optimizers.RMSprop
        return {p: make(learning_rate, rho=0.99, epsilon=1e-16) for p in self.players()}

    def phase_at(self, step):
        """Returns "round's end" where the generator moves after the critic, else "critic"."""
        done = bisect.bisect_right(range(step + 2), step, key=self._steps_of_rounds) - 1
        last = self._steps_of_rounds(done + 1) - 1
        return "round's end" if step == last else "critic"

    def _steps_of_rounds(self, rounds):
        """Returns how many steps the first rounds take together."""
        longs = min(rounds, FIRST_ROUNDS) + max(0, (rounds - 1) // LONG_ROUND_EVERY)
        return longs * self.long_critic_steps + (rounds - longs) * self.critic_steps

    def train_step(self, real):
        latents = noise.drawn(self, "latents", real)
        fake = self.generator(latents, training=True)
        self.update("critic", lambda: (self.critic_loss(real, fake), None))
        for weight in self.critic.trainable_variables:  # gamma and beta too
            weight.assign(tf.clip_by_value(weight.value, -self.clip, self.clip))
        if self.phase == "round's end":
            self.update("generator", lambda: (self.generator_loss(real), None))
        return self.finish_step()

    def test_step(self, real):
        latents = noise.drawn(self, "test", real, self.tested("critic_loss"))
        loss = self.critic_loss(real, self.generator(latents), training=False)
        self.track(critic_loss=loss)
        return self.results()

    def critic_loss(self, real, fake, training=True):
        """Returns minus the estimate of the distance; batches are normalized apart."""
        on_real = self.critic(real, training=training)
        loss = losses.wasserstein_discriminator_loss(on_real, self.critic(fake, training=training))
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
