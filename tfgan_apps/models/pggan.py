"""PGGAN: images of many pixels, by networks that grow from few.

Reference:
    Karras, Aila, Laine, Lehtinen, "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", ICLR 2018, https://arxiv.org/abs/1710.10196
    https://github.com/tkarras/progressive_growing_of_gans at 2504c3f

Parameters:
    generator 23,079,115, discriminator 23,087,249 (1024 pixels, those of all levels)

Differences:
    A batch has as many images at each level; the authors' have fewer at more pixels, where memory
    ends: give `compile` `accumulate_steps`.
    Levels are trained to the image, not to four batches, and Adam begins anew likewise.
    Labels, for which the code has AC-GAN's loss, are not taken.
    A generator's means and a discriminator's pools are in the convolutions, and the pool comes
    before the activation, as in the code; in the paper it is the other way round.
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import averages, batches, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_integers, check_learning_rate, check_numbers
from tfgan_apps.augment.mirroring import mirrored_by_chance
from tfgan_apps.growth import Progress
from tfgan_apps.networks import growing, pggan
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import drift, gradient_penalty
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class PGGAN(AdversarialModel):
    """WGAN-GP whose networks get a level of twice the pixels again and again, which fades in.

    A training step computes what its level needs, on real images that are as coarse. Inference is
    by an average of the generator's weights, enlarged to `image_size` while it grows.

    | here | paper | code |
    |---|---|---|
    | `level`, from 0 at 4 pixels | | the last level's number - lod |
    | what of `level` is over a whole number, while one comes in | alpha | 1 - lod's fraction |
    | `stable_kimg`, `fade_kimg` | 800k images each | lod_training_kimg, lod_transition_kimg |
    | `filters_base` / 2, `most_filters` | | fmap_base, fmap_max |
    | `deviation_group` | the minibatch | mbstd_group_size |
    | `penalty_weight`, `penalty_target` | lambda, gamma | wgan_lambda, wgan_target |
    | `drift_weight` | epsilon_drift | wgan_epsilon |
    | `average_decay` | 0.999 | G_smoothing |
    | layers `block_<n>`, `conv0_up` ... `to_rgb_<n>` | | <n>x<n>/Conv0_up ... ToRGB_lod<l> |

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 8 on.
        channels: of the images, 1 to 4.
        latent_size: of the noise, standard normal.
        filters_base: channels of features times their pixels in a row.
        most_filters: the most channels of features.
        first_size: height and width that training begins with, in pixels.
        stable_kimg: images that a level is trained with before the next one comes in, thousands.
        fade_kimg: images in which a level comes in, thousands.
        deviation_group: images whose deviation the discriminator sees; the code for several GPUs
            has 4. A batch is a multiple of it, or smaller.
        mirror: whether half of the real images are mirrored, left to right.
        penalty_weight: of the gradient penalty.
        penalty_target: the norm of gradients that is not penalized, at images of `image_size`,
            whatever the level; 750 for CIFAR-10.
        drift_weight: of the squared scores of real images.
        average_decay: of the generator's average, in [0, 1].
        seed: of weights, data order and draws.

    Call: `latents` (batch, latent_size) -> `image`, of any range.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1].

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 1024,
        channels: int = 3,
        latent_size: int = 512,
        filters_base: int = 16384,
        most_filters: int = 512,
        first_size: int = 4,
        stable_kimg: float = 800.0,
        fade_kimg: float = 800.0,
        deviation_group: int = 16,
        mirror: bool = False,
        penalty_weight: float = 10.0,
        penalty_target: float = 1.0,
        drift_weight: float = 0.001,
        average_decay: float = 0.999,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(["distance", "penalty", "level"], seed, **kwargs)
        size = image_size, channels
        pggan.check_size(*size, filters_base, most_filters)
        check_integers(1, latent_size=latent_size, deviation_group=deviation_group)
        check_numbers(0, penalty_weight=penalty_weight, drift_weight=drift_weight)
        check_numbers(1e-6, penalty_target=penalty_target)
        check_numbers(0, 1, average_decay=average_decay)
        self.progress = Progress(image_size, first_size, stable_kimg, fade_kimg)
        self.generator = pggan.build_generator(*size, latent_size, filters_base, most_filters)
        widths = filters_base, most_filters
        self.discriminator = pggan.build_discriminator(*size, *widths, deviation_group)
        self.average = averages.average_of(self.generator)
        self.batch_spec = batches.images(*size)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.mirror, self.average_decay = mirror, average_decay
        self.penalty_weight, self.penalty_target = penalty_weight, penalty_target
        self.drift_weight = drift_weight
        self.grown = functools.cache(self._grown)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 1e-3):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both.
        """
        check_learning_rate(learning_rate=learning_rate)
        adam = functools.partial(Adam, learning_rate, 0.0, 0.99, epsilon=1e-8)
        return {player: adam() for player in self.players()}

    def variables_in_play(self, player):
        """Returns the variables of the level's network; the others rest."""
        return self.networks[player].trainable_variables

    def begin_step(self):
        """Moves the level on; where a fade begins or ends, the optimizers begin anew."""
        self.progress.move_on(self)

    def phase_at(self, step):
        """Returns the name of what is trained: as "8 pixels", or "fading to 16 pixels"."""
        return self.progress.stage

    @property
    def networks(self):
        """The networks of the level that is trained: a dict by name."""
        return self.grown(*self.progress.stages[self.phase])

    def train_step(self, real):
        real = self.prepared(real)
        self.update("discriminator", lambda: (self.discriminator_loss(real), None))
        self.follow(self.networks["average"], self.networks["generator"], self.average_decay)
        self.update("generator", lambda: (self.generator_loss(real), None))
        self.track(level=self.progress.level.value)
        self.progress.count(self, real)
        return self.finish_step()

    def test_step(self, real):
        latents = noise.drawn(self, "test", real, self.tested("distance"))
        level = self.progress(real)
        on_fake, on_real = (
            self.discriminator({"image": x, "level": level}) for x in (self.call(latents), real)
        )
        self.track(distance=-losses.wasserstein_discriminator_loss(on_real, on_fake))
        return self.results()

    def prepared(self, real):
        """Returns real images as the level sees them; half of them mirrored, where asked."""
        if self.mirror:
            real = mirrored_by_chance(self, real)
        return self.progress.as_seen(real, self.phase)

    def generated(self, like, name):
        """Returns generated images of the level, of fresh noise; as many as `like` has."""
        inputs = {"latents": noise.drawn(self, name, like), "level": self.progress(like)}
        return self.networks["generator"](inputs, training=True)

    def critic(self, image):
        """Returns the scores of images of the level."""
        inputs = {"image": image, "level": self.progress(image)}
        return self.networks["discriminator"](inputs, training=True)

    def discriminator_loss(self, real):
        """Returns minus the distance, the penalty between real and fake, and that of the drift."""
        fake = self.generated(real, "the discriminator's")
        on_real, on_fake = self.critic(real), self.critic(fake)
        epsilon = self.draw(tf.random.stateless_uniform, "between", tf.shape(real)[0])
        coarse = self.progress.coarseness(self.phase)
        target = self.penalty_target * coarse
        penalty = gradient_penalty(self.critic, real, fake, epsilon, target) / coarse**2
        loss = losses.wasserstein_discriminator_loss(on_real, on_fake)
        self.track(distance=-loss, penalty=penalty)
        weight = self.penalty_weight / self.penalty_target**2
        return loss + weight * penalty + self.drift_weight * drift(on_real)

    def generator_loss(self, like):
        """Returns minus the score of fresh images."""
        return losses.wasserstein_generator_loss(
            self.critic(self.generated(like, "the generator's"))
        )

    def call(self, latents, training=False):
        network = self.generator if training else self.average
        return network({"latents": latents, "level": self.progress(latents)}, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, and those of fixed noise."""
        return noise.samples(self, batch, self.discriminator)

    def serving(self):
        """Returns what a server offers: images from seeds, or from noise."""
        return NoiseToImage(growing.build_served(self.average, self.progress))

    def _grown(self, size, fading):
        """Returns dict, name -> network, what a level needs of it."""
        return {
            "generator": growing.generator_at(self.generator, size, fading),
            "average": growing.generator_at(self.average, size, fading),
            "discriminator": growing.discriminator_at(self.discriminator, size, fading),
        }
