"""DiscoGAN: finds which image of one domain belongs to which of another, without any pair.

Reference:
    Kim, Cha, Kim, Lee, Kim, "Learning to Discover Cross-Domain Relations with Generative
    Adversarial Networks", ICML 2017, https://arxiv.org/abs/1703.05192
    https://github.com/SKTBrain/DiscoGAN at f044178

Parameters:
    a generator 5,513,856, a discriminator 2,765,568

Differences:
    In inference batches are normalized by moving statistics; the authors' code leaves it in
    training. They are of real images alone, where reconstructions pass the same generator.
    Their lists of x and y are shuffled apart; here y is drawn for each x.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

import contextlib
import functools
from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import losses, noise, standing_statistics
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import discogan
from tfgan_apps.optimizers import DecayedAdam
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

ADVERSARIAL_SHARE = 0.1  # of a discriminator's verdict; the rest is the features' part


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DiscoGAN(AdversarialModel):
    """Two generators, and two discriminators whose features real and generated images share.

    | here | paper, authors' code |
    |---|---|
    | domains x, y | A, B |
    | `generator_x_to_y`, `generator_y_to_x` | G_AB (generator_B), G_BA (generator_A) |
    | `discriminator_x`, `discriminator_y` | D_A, D_B |
    | `rate`, `starting_rate`, `curriculum_steps` | rate, starting_rate, gan_curriculum |

    Args:
        image_size: height and width of the images in pixels, a multiple of 16.
        channels: of the images, 1, 3 or 4.
        generator_filters: of the generators' first layer.
        discriminator_filters: of the discriminators' first layer.
        bottleneck: width of the generators' layer of one pixel, 100 for pairs of angles; 0: none.
        architecture: the game: in both directions; `recongan`: from x to y, and back to x for the
            reconstruction alone; `gan`: from x to y without a reconstruction.
        starting_rate: of the reconstruction in the generators' loss, in the first steps; the rest
            is the discriminators'.
        rate: the same afterwards.
        curriculum_steps: how many the first are.
        distance_scale: of differences in the reconstruction; 0.5 makes them those of pixels in
            [0, 1], as the authors have them.
        seed: of weights, data order and draws.
        generator_x_to_y, generator_y_to_x, discriminator_x, discriminator_y: `keras.Model`s in
            place of the built ones; discriminators give `logits` and `features_...`.

    Call: `image` (batch, height, width, channels) of x in [-1, 1] -> its translation to y.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels), or
    what given networks take.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 64,
        channels: int = 3,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        bottleneck: int = 0,
        architecture: Literal["discogan", "recongan", "gan"] = "discogan",
        starting_rate: float = 0.01,
        rate: float = 0.5,
        curriculum_steps: int = 10000,
        distance_scale: float = 0.5,
        seed: int = 0,
        generator_x_to_y=None,
        generator_y_to_x=None,
        discriminator_x=None,
        discriminator_y=None,
        **kwargs,
    ):
        terms = ("adversarial", "features", "reconstruction")
        super().__init__([f"{term}_{side}" for term in terms for side in "xy"], seed, **kwargs)
        check_integers(16, image_size=image_size)
        check(image_size % 16 == 0, "a multiple of 16", image_size=image_size)
        check_choice((1, 3, 4), channels=channels)
        check_choice(("discogan", "recongan", "gan"), architecture=architecture)
        check_integers(1, generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters)
        check_integers(0, bottleneck=bottleneck, curriculum_steps=curriculum_steps)
        check_numbers(0, 1, starting_rate=starting_rate, rate=rate)
        check_numbers(0, distance_scale=distance_scale)
        part = noise.batch_of(discriminator_y, (image_size, image_size, channels))
        check_network(part.shape, part.shape, generator_x_to_y=generator_x_to_y)
        check_network(part.shape, part.shape, generator_y_to_x=generator_y_to_x)
        self.batch_spec = part, part
        self.image_size, self.channels = image_size, channels
        self.architecture, self.distance_scale = architecture, distance_scale
        self.starting_rate, self.rate = starting_rate, rate
        self.curriculum_steps = curriculum_steps
        sizes = channels, generator_filters, bottleneck, image_size
        build = functools.partial(discogan.build_generator, *sizes)
        self.generator_x_to_y = generator_x_to_y or build("generator_x_to_y")
        self.generator_y_to_x = generator_y_to_x or build("generator_y_to_x")
        sizes = image_size, channels, discriminator_filters
        build = functools.partial(discogan.build_discriminator, *sizes)
        self.discriminator_x = discriminator_x or build("discriminator_x")
        self.discriminator_y = discriminator_y or build("discriminator_y")

    def players(self):
        both = self.architecture == "discogan"
        generators = [self.generator_x_to_y]
        generators += [self.generator_y_to_x] * (self.architecture != "gan")
        judges = [self.discriminator_y] + [self.discriminator_x] * both
        return {"discriminator": judges, "generator": generators}

    def optimizers(self, learning_rate: float = 2e-4, decay: float = 1e-5):
        """Returns the authors' Adams, one for all that a player has.

        Args:
            learning_rate: of both.
            decay: of the weights, which their gradients get, times the weights.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_numbers(0, decay=decay)
        adam = functools.partial(DecayedAdam, learning_rate, 0.5, epsilon=1e-8, decay=decay)
        return {player: adam() for player in self.players()}

    def phase_at(self, step):
        """Returns whose move a step is: the discriminators', then two of the generators'."""
        return "generator" if step % 3 else "discriminator"

    def train_step(self, batch):
        loss = self.generator_loss if self.phase == "generator" else self.discriminator_loss
        self.update(self.phase, lambda: (loss(*batch), None))
        return self.finish_step()

    def test_step(self, batch):
        self.track(generator_loss=self.generator_loss(*batch, training=False))
        return self.results()

    def discriminator_loss(self, x, y):
        """Returns the sum over domains of the mean of both cross-entropies."""
        loss = 0.0
        for judge, real, fake in self._judged(x, y):
            on_real, on_fake = judge(real, training=True), judge(fake, training=True)
            both = on_real["logits"], on_fake["logits"]
            loss += 0.5 * losses.minimax_discriminator_loss(*both)
        return loss

    def _judged(self, x, y):
        """Yields (discriminator, real images, generated ones) of each domain that is judged."""
        yield self.discriminator_y, y, self.generator_x_to_y(x, training=True)
        if self.architecture == "discogan":
            yield self.discriminator_x, x, self.generator_y_to_x(y, training=True)

    def generator_loss(self, x, y, training=True):
        """Returns the sum over directions: verdict and features there, reconstruction back here."""
        ways = {"y": (self.discriminator_y, x, y, self.generator_x_to_y, self.generator_y_to_x)}
        if self.architecture == "discogan":
            back = self.generator_x_to_y
            ways["x"] = self.discriminator_x, y, x, self.generator_y_to_x, back
        return sum(self._way(side, *way, training) for side, way in ways.items())

    def _way(self, side, judge, source, real, there, back, training):
        fake = there(source, training=training)
        on_real, on_fake = (judge(image, training=training) for image in (real, fake))
        verdict = losses.non_saturating_generator_loss(on_fake["logits"])
        features = feature_distance(on_real, on_fake)
        self.track(**{f"adversarial_{side}": verdict, f"features_{side}": features})
        loss = ADVERSARIAL_SHARE * verdict + (1 - ADVERSARIAL_SHARE) * features
        if self.architecture == "gan":
            return loss
        both = self.architecture == "discogan"  # then moving averages are of real images
        with standing_statistics.kept(back) if both else contextlib.nullcontext():
            difference = self.distance_scale * (back(fake, training=training) - source)
        reconstruction = tf.reduce_mean(tf.square(tf.cast(difference, tf.float32)))
        self.track(**{f"reconstruction_{'yx'[side == 'y']}": reconstruction})
        early = self.step.value < self.curriculum_steps
        rate = tf.where(early, self.starting_rate, self.rate)
        return (1.0 - rate) * loss + rate * reconstruction

    def call(self, image, training=False):
        return self.generator_x_to_y(image, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real, fake and reconstructed images."""
        x, y = batch
        fake_x, fake_y = self.generator_y_to_x(y), self.generator_x_to_y(x)
        columns = {"x": x, "fake_y": fake_y, "back to x": self.generator_y_to_x(fake_y)}
        return {**columns, "y": y, "fake_x": fake_x, "back to y": self.generator_x_to_y(fake_x)}

    def serving(self):
        """Returns what a server offers: both directions, from encoded images to encoded images."""
        generators = {"x_to_y": self.generator_x_to_y, "y_to_x": self.generator_y_to_x}
        return ImageToImage(generators, self.image_size, 16, self.channels)


def feature_distance(on_real, on_fake):
    """Returns the sum over layers of the mean squared difference of features' batch means.

    Args:
        on_real, on_fake: dicts, what a discriminator says of real and of generated images.
    """
    names = [name for name in on_real if name.startswith("features")]
    means = ((_batch_mean(on_real[n]), _batch_mean(on_fake[n])) for n in names)
    return sum(tf.reduce_mean(tf.square(real - fake)) for real, fake in means)


def _batch_mean(features):
    """Returns the mean over the global batch; gradients flow back to all replicas."""
    mean = tf.reduce_mean(tf.cast(features, tf.float32), 0)
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync
    if replicas == 1:
        return mean
    return context.all_reduce(tf.distribute.ReduceOp.SUM, mean / replicas)
