"""StyleGAN: images of noise by way of styles, which tell a growing network's layers what to do.

Reference:
    Karras, Laine, Aila, "A Style-Based Generator Architecture for Generative Adversarial Networks",
    CVPR 2019, https://arxiv.org/abs/1812.04948
    https://github.com/NVlabs/stylegan at 1e0d5c7

Parameters:
    generator 26,219,627, discriminator 23,087,249 (1024 pixels, those of all levels)

Differences:
    A batch has as many images at each level; the authors' have fewer at more pixels, where memory
    ends: give `compile` `accumulate_steps`.
    Levels are trained to the image, not to four batches, and Adam begins anew likewise; its rate
    is that of the first levels throughout, where the authors' grows to 3e-3 at 1024 pixels.
    The game is that of FFHQ; that of CelebA-HQ has PGGAN's loss. Labels are not taken.
    What is drawn at inference has one fixed noise, as the authors' average generator has.
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import averages, batches, losses, noise, styles
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check_fraction,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.augment.mirroring import mirrored_by_chance
from tfgan_apps.growth import Progress, level_of
from tfgan_apps.layers import StyleTruncation
from tfgan_apps.networks import growing, pggan, stylegan
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import r1
from tfgan_apps.serving.kinds.style_to_image import StyleToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StyleGAN(AdversarialModel):
    """A mapping network, a synthesis network that grows as PGGAN's, and PGGAN's discriminator.

    In training most images have two styles, one up to a layer, another from there on. Inference is
    by averages of both networks' weights, enlarged to `image_size` while it grows.

    | here | paper | code |
    |---|---|---|
    | `latents`, `style`, `styles` | z, w, w of each layer | latents_in, dlatents_in |
    | layers `style0`, `style1` | A | StyleMod |
    | layers `noise0`, `noise1` | B | Noise |
    | `truncation` | psi | truncation_psi |
    | `truncation_cutoff` | | truncation_cutoff |
    | `style_decay` | | dlatent_avg_beta |
    | `mixing` | mixing regularization | style_mixing_prob |
    | `penalty_weight` | gamma | r1_gamma |
    | `average_kimg` | | G_smoothing_kimg |
    | `level`, `stable_kimg`, `fade_kimg`, widths | | as of PGGAN |

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 8 on.
        channels: of the images, 1 to 4.
        latent_size: of the noise, standard normal.
        style_size: of the styles.
        mapping_layers: dense layers of the mapping network.
        filters_base: channels of features times their pixels in a row.
        most_filters: the most channels of features.
        first_size: height and width that training begins with, in pixels.
        stable_kimg: images that a level is trained with before the next one comes in, thousands.
        fade_kimg: images in which a level comes in, thousands.
        deviation_group: images whose deviation the discriminator sees. A batch is a multiple of
            it, or smaller.
        mirror: whether half of the real images are mirrored, left to right.
        penalty_weight: of the squared gradients at real images (R1), half of which is added.
        mixing: share of training steps whose images have two styles.
        style_decay: of the mean style, in [0, 1].
        truncation_cutoff: layers whose styles `truncation` brings nearer to the mean.
        average_kimg: images after which half of the averages' weights is new, thousands.
        seed: of weights, data order and draws.

    Call: `latents` (batch, latent_size), or a dict of them and `truncation` float (batch,), 1 for
    none -> `image`, of any range.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1].

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 1024,
        channels: int = 3,
        latent_size: int = 512,
        style_size: int = 512,
        mapping_layers: int = 8,
        filters_base: int = 16384,
        most_filters: int = 512,
        first_size: int = 8,
        stable_kimg: float = 600.0,
        fade_kimg: float = 600.0,
        deviation_group: int = 4,
        mirror: bool = False,
        penalty_weight: float = 10.0,
        mixing: float = 0.9,
        style_decay: float = 0.995,
        truncation_cutoff: int = 8,
        average_kimg: float = 10.0,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(["penalty", "real_logit", "fake_logit", "level"], seed, **kwargs)
        size, widths = (image_size, channels), (filters_base, most_filters)
        pggan.check_size(*size, *widths)
        check_integers(1, latent_size=latent_size, style_size=style_size)
        check_integers(1, mapping_layers=mapping_layers, deviation_group=deviation_group)
        check_integers(0, truncation_cutoff=truncation_cutoff)
        check_numbers(0, penalty_weight=penalty_weight)
        check_numbers(0, 1, mixing=mixing)
        check_fraction(style_decay=style_decay)
        check_numbers(1e-6, average_kimg=average_kimg)
        self.progress = Progress(image_size, first_size, stable_kimg, fade_kimg)
        self.mapping = stylegan.build_mapping(latent_size, style_size, mapping_layers)
        self.synthesis = stylegan.build_synthesis(*size, style_size, *widths)
        self.discriminator = pggan.build_discriminator(*size, *widths, deviation_group, True)
        self.average_mapping = averages.average_of(self.mapping)
        self.average = averages.average_of(self.synthesis)
        self.truncated = StyleTruncation(2 * level_of(image_size) + 2, truncation_cutoff)
        self.truncated.build((None, style_size), (None,))
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
        self.noise_sides = stylegan.noise_sides(image_size)
        maps = (1, stylegan.noise_size(image_size))
        options = {"trainable": False, "autocast": False}
        self.fixed_noise = self.add_weight(maps, normal, "float32", name="noise", **options)
        self.batch_spec = batches.images(*size)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.mirror, self.penalty_weight, self.mixing = mirror, penalty_weight, mixing
        self.style_decay, self.average_kimg = style_decay, average_kimg
        self.grown = functools.cache(self._grown)

    def players(self):
        return {
            "discriminator": [self.discriminator],
            "generator": [self.mapping, self.synthesis],
        }

    def optimizers(self, learning_rate: float = 1e-3):
        """Returns the authors' Adams.

        Args:
            learning_rate: of both.
        """
        check_learning_rate(learning_rate=learning_rate)
        adam = functools.partial(Adam, learning_rate, 0.0, 0.99, epsilon=1e-8)
        return {player: adam() for player in self.players()}

    def variables_in_play(self, player):
        """Returns the variables of the level's networks; the others rest."""
        if player == "discriminator":
            return self.networks["discriminator"].trainable_variables
        networks = self.mapping, self.networks["synthesis"]
        return [v for network in networks for v in network.trainable_variables]

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
        decay = averages.decay_by_images(self, real, self.average_kimg)
        self.follow(self.average_mapping, self.mapping, decay)
        self.follow(self.networks["average"], self.networks["synthesis"], decay)
        self.update("generator", lambda: (self.generator_loss(real), None))
        self.track(level=self.progress.level.value)
        self.progress.count(self, real)
        return self.finish_step()

    def test_step(self, real):
        latents = noise.drawn(self, "test", real, self.tested("discriminator_loss"))
        level = self.progress(real)
        on_fake, on_real = (
            self.discriminator({"image": x, "level": level}) for x in (self.call(latents), real)
        )
        loss = losses.non_saturating_discriminator_loss(on_real, on_fake)
        self.track(discriminator_loss=loss)
        return self.results()

    def prepared(self, real):
        """Returns real images as the level sees them; half of them mirrored, where asked."""
        if self.mirror:
            real = mirrored_by_chance(self, real)
        return self.progress.as_seen(real, self.phase)

    def generated(self, like, name):
        """Returns generated images of the level, of fresh noise; as many as `like` has."""
        size, _ = self.progress.stages[self.phase]
        maps = stylegan.noise_size(size)
        inputs = {
            "styles": self.mixed_styles(like, name, 2 * level_of(size) + 2),
            "noise": self.draw(self.noise, f"{name} maps", tf.shape(like)[0], (maps,)),
            "level": self.progress(like),
        }
        return self.networks["synthesis"](inputs, training=True)

    def mixed_styles(self, like, name, count):
        """Returns styles for all layers: most often two of them, one from some layer on.

        Args:
            like: tensor with as many examples.
            name: str, tells apart the draws of one step.
            count: int, the layers that the level has.
        """
        own, other = (
            self.mapping({"latents": noise.drawn(self, f"{name} {which}", like)}, training=True)
            for which in ("latents", "other latents")
        )
        self.truncated.follow(own, self.style_decay)
        return styles.mixed(self, own, other, name, self.mixing, count)

    def critic(self, image):
        """Returns the logits of images of the level."""
        inputs = {"image": image, "level": self.progress(image)}
        return self.networks["discriminator"](inputs, training=True)

    def discriminator_loss(self, real):
        """Returns both cross-entropies, and half the penalty of gradients at real images."""
        on_fake = self.critic(self.generated(real, "the discriminator's"))
        penalty, on_real = r1(self.critic, real)
        penalty /= self.progress.coarseness(self.phase) ** 2  # of slopes at whole images
        self.track(real_logit=tf.reduce_mean(on_real), fake_logit=tf.reduce_mean(on_fake))
        self.track(penalty=penalty)
        loss = losses.non_saturating_discriminator_loss(on_real, on_fake)
        return loss + 0.5 * self.penalty_weight * penalty

    def generator_loss(self, like):
        """Returns the loss of the verdict on fresh images."""
        fake = self.generated(like, "the generator's")
        return losses.non_saturating_generator_loss(self.critic(fake))

    def call(self, inputs, training=False):
        inputs = inputs if isinstance(inputs, dict) else {"latents": inputs}
        mapping = self.mapping if training else self.average_mapping
        style = mapping({"latents": inputs["latents"]}, training=training)
        truncation = inputs.get("truncation", tf.ones([tf.shape(style)[0]]))
        return self.shown(self.truncated(style, truncation), training)

    def shown(self, given, training=False):
        """Returns images of styles (batch, layers, style_size), with the fixed noise."""
        network = self.synthesis if training else self.average
        maps = tf.repeat(self.fixed_noise.value, tf.shape(given)[0], 0)
        inputs = {"styles": given, "noise": maps, "level": self.progress(given)}
        return network(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: fixed noise, mixed styles, and truncations."""
        return styles.samples(self, batch, lambda z, _: self.average_mapping({"latents": z}))

    def serving(self):
        """Returns what a server offers: images from seeds, from noise, or from styles."""
        synthesis = growing.build_served(self.average, self.progress)
        return StyleToImage(self.average_mapping, self.truncated, synthesis, self.fixed_noise)

    def _grown(self, size, fading):
        """Returns dict, name -> network, what a level needs of it."""
        return {
            "synthesis": growing.generator_at(self.synthesis, size, fading),
            "average": growing.generator_at(self.average, size, fading),
            "discriminator": growing.discriminator_at(self.discriminator, size, fading),
        }
