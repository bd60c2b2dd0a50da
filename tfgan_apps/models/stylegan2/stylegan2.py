"""StyleGAN2: images of noise by styles that modulate kernels; of few images, with augmentation.

Reference:
    Karras, Laine, Aittala, Hellsten, Lehtinen, Aila, "Analyzing and Improving the Image Quality of
    StyleGAN", CVPR 2020, https://arxiv.org/abs/1912.04958
    Karras, Aittala, Hellsten, Laine, Lehtinen, Aila, "Training Generative Adversarial Networks with
    Limited Data", NeurIPS 2020, https://arxiv.org/abs/2006.06676
    https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d

Parameters:
    generator 30,370,060, discriminator 29,012,513 (1024 pixels)

Differences:
    Images are mirrored by chance; the code doubles the set.
    Generated images have the labels of the step's real ones; the code draws theirs anew.
    All layers have 16 bits under a mixed policy, but the discriminator's last block; the code's
    have them at the four largest sizes.
    How sure the discriminator is of real images, which augmentation follows, is seen in its own
    move alone; the code counts those of the penalty, too.
"""

import math
from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import accumulation, averages, batches, class_labels, losses, noise, styles
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check_choice,
    check_fraction,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.augment.adaptive import AdaptiveAugmentation
from tfgan_apps.augment.mirroring import mirrored_by_chance
from tfgan_apps.augment.pipeline import SETS
from tfgan_apps.layers import StyleTruncation
from tfgan_apps.models.stylegan2 import configurations
from tfgan_apps.networks import mapping, pggan, stylegan2
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import path_lengths, r1
from tfgan_apps.serving.kinds.style_to_image import StyleToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StyleGAN2(AdversarialModel):
    """A mapping network, a synthesis network of modulated kernels, and a residual discriminator.

    Both players have moves of their own for what regularizes them, now and then. With `augment` the
    discriminator sees augmented images alone, the more of them the surer it is of real ones.
    Inference is by averages of the generator's weights.

    | here | paper | code |
    |---|---|---|
    | `latents`, `style`, `styles` | z, w, w of each layer | z, w, ws |
    | `truncation` | psi | truncation_psi |
    | `penalty_weight`, `penalty_interval` | gamma, 16 | r1_gamma, D_reg_interval |
    | `path_weight`, `path_interval`, `path_decay` | gamma_pl, 8, | pl_weight, 4, pl_decay |
    | `path_mean` | a | pl_mean |
    | `augment`, `augmentation.probability` | , p | augpipe, augment_pipe.p |
    | `augment_target`, `augment_kimg` | r_t's target, 500k images | ada_target, ada_kimg |
    | `overfitting` | r_t | signs/real |
    | `average_kimg`, `average_ramp` | | ema_kimg, ema_rampup |
    | `filters_base`, `most_filters` | | channel_base, channel_max |
    | `deviation_group` | | mbstd_group_size |
    | `frozen_layers` | Freeze-D | freeze_layers |

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 8 on.
        channels: of the images, 1 to 4.
        classes: of the images; 0: they have none.
        latent_size: of the noise, standard normal.
        style_size: of the styles.
        mapping_layers: dense layers of the mapping network.
        filters_base: channels of features times their pixels in a row.
        most_filters: the most channels of features.
        residual: whether the discriminator's blocks have shortcuts.
        frozen_layers: first convolutions of the discriminator that keep their weights, as is of use
            where a run begins with another's.
        deviation_group: images whose deviation the discriminator sees. A batch is a multiple of
            it, or smaller.
        mirror: whether half of the real images are mirrored, left to right.
        penalty_weight: of the squared gradients at real images (R1), half of which counts.
        penalty_interval: steps, in one of which the penalty has a move.
        path_weight: of how much the lengths of paths differ from their mean; 0: no such moves.
        path_interval: steps, in one of which they have a move, of half as many images.
        path_decay: what a move adds to the mean length, in [0, 1].
        mixing: share of batches whose images have two styles.
        style_decay: of the mean style, in [0, 1).
        augment: which augmentation the discriminator sees: none, or sets of it by the authors'
            letters: blit, geometry, color, filter, noise, cutout.
        augment_target: how sure of real images it may be, the mean of the logits' signs.
        augment_kimg: images in which augmentation may go from none to all, thousands.
        average_kimg: images after which half of the averages' weights is new, thousands.
        average_ramp: share of the images so far that this is at most; 0: no such bound.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.

    Call: `latents` (batch, latent_size), or a dict of them, `label` int (batch,) where there are
    classes, and perhaps `truncation` float (batch,), 1 for none -> `image`, of any range.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], or a dict of
    `image` and `label`.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each class.
    """

    losses_are = "means over all moves, those of regularization included"

    def __init__(
        self,
        image_size: int = 1024,
        channels: int = 3,
        classes: int = 0,
        latent_size: int = 512,
        style_size: int = 512,
        mapping_layers: int = 8,
        filters_base: int = 32768,
        most_filters: int = 512,
        residual: bool = True,
        frozen_layers: int = 0,
        deviation_group: int = 4,
        mirror: bool = False,
        penalty_weight: float = 10.0,
        penalty_interval: int = 16,
        path_weight: float = 2.0,
        path_interval: int = 4,
        path_decay: float = 0.01,
        mixing: float = 0.9,
        style_decay: float = 0.995,
        augment: Literal["none", *SETS] = "none",
        augment_target: float = 0.6,
        augment_kimg: float = 500.0,
        average_kimg: float = 10.0,
        average_ramp: float = 0.0,
        seed: int = 0,
        class_names=None,
        **kwargs,
    ):
        tracked = ["penalty", "path_length", "real_logit", "fake_logit"]
        tracked += [] if augment == "none" else ["overfitting", "probability"]
        super().__init__(tracked, seed, **kwargs)
        size, widths = (image_size, channels), (filters_base, most_filters)
        pggan.check_size(*size, *widths)
        check_integers(0, classes=classes)
        check_integers(1, latent_size=latent_size, style_size=style_size)
        check_integers(1, mapping_layers=mapping_layers, deviation_group=deviation_group)
        check_integers(1, penalty_interval=penalty_interval, path_interval=path_interval)
        weights = {"penalty_weight": penalty_weight, "path_weight": path_weight}
        check_numbers(0, **weights, average_ramp=average_ramp)
        check_numbers(0, 1, path_decay=path_decay, mixing=mixing)
        check_numbers(1e-6, average_kimg=average_kimg)
        check_fraction(style_decay=style_decay)
        check_choice(("none", *SETS), augment=augment)
        self.class_names = class_labels.check_classes(classes, class_names) if classes else ()
        self.mapping = mapping.build_mapping_network(
            latent_size, style_size, mapping_layers, classes
        )
        self.synthesis = stylegan2.build_synthesis(*size, style_size, *widths)
        judge = *size, classes, *widths, deviation_group, residual
        self.discriminator = stylegan2.build_discriminator(*judge)
        stylegan2.freeze(self.discriminator, frozen_layers)
        self.average_mapping = averages.average_of(self.mapping)
        self.average = averages.average_of(self.synthesis)
        self.truncated = StyleTruncation(self.synthesis.input["styles"].shape[1])
        self.truncated.build((None, style_size), (None,))
        self._add_state(stylegan2.noise_size(image_size))
        labelled = batches.labelled(*size, classes) if classes else None
        self.batch_spec = labelled or batches.images(*size)
        self.classes, self.latent_size = classes, latent_size
        self.noise = noise.DISTRIBUTIONS["normal"]
        self.mirror, self.mixing, self.style_decay = mirror, mixing, style_decay
        self.penalty_weight, self.penalty_interval = penalty_weight, penalty_interval
        self.path_weight, self.path_interval = path_weight, path_interval
        self.path_decay, self.noise_sides = path_decay, stylegan2.noise_sides(image_size)
        own = augment, augment_target, augment_kimg
        self.augmentation = None if augment == "none" else AdaptiveAugmentation(*own)
        self.average_kimg, self.average_ramp = average_kimg, average_ramp

    def _add_state(self, maps):
        """Adds what is neither a network nor an optimizer."""
        options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        numbers = {"shape": (), "initializer": "zeros", **options}
        self.fixed_noise = self.add_weight((1, maps), normal, "float32", name="noise", **options)
        self.images = self.add_weight(**numbers, dtype="int64", name="images")
        self.path_mean = self.add_weight(**numbers, dtype="float32", name="path_mean")

    @classmethod
    def config_f(cls, **kwargs):
        """Returns the paper's large networks, its defaults."""
        return cls(**{**configurations.CONFIG_F, **kwargs})

    @classmethod
    def config_e(cls, **kwargs):
        """Returns the networks of half as many channels at many pixels; the penalty weighs 100."""
        return cls(**{**configurations.CONFIG_E, **kwargs})

    @classmethod
    def ada_cifar(cls, **kwargs):
        """Returns what StyleGAN2-ADA has for CIFAR-10, for batches of 64 and a rate of 2.5e-3."""
        return cls(**{**configurations.CIFAR, **kwargs})

    @classmethod
    def paper256(cls, **kwargs):
        """Returns what it has for FFHQ at 256 pixels, for batches of 64 and a rate of 2.5e-3."""
        return cls(**{**configurations.PAPER_256, **kwargs})

    @classmethod
    def paper512(cls, **kwargs):
        """Returns what it has for animals at 512 pixels, for batches of 64 and that rate."""
        return cls(**{**configurations.PAPER_512, **kwargs})

    @classmethod
    def paper1024(cls, **kwargs):
        """Returns what it has for MetFaces at 1024 pixels, for batches of 32 and a rate of 2e-3."""
        return cls(**{**configurations.PAPER_1024, **kwargs})

    @classmethod
    def auto(cls, image_size, batch_size=None, **kwargs):
        """Returns what its code guesses, for a rate of 2.5e-3 below 1024 pixels; see `auto`."""
        return cls(**{**configurations.auto(image_size, batch_size), **kwargs})

    def players(self):
        return {
            "generator": [self.mapping, self.synthesis],
            "discriminator": [self.discriminator],
        }

    def optimizers(self, learning_rate: float = 2e-3):
        """Returns the authors' Adams, as slow as makes up for the moves of regularization.

        Args:
            learning_rate: of both, before that.
        """
        check_learning_rate(learning_rate=learning_rate)
        # Where a weight is 0, too: their rates of CIFAR-10 are found so.
        intervals = {"generator": self.path_interval, "discriminator": self.penalty_interval}

        def adam(interval):
            share = interval / (interval + 1)
            return Adam(share * learning_rate, 0.0, 0.99**share, epsilon=1e-8)

        return {player: adam(interval) for player, interval in intervals.items()}

    def phase_at(self, step):
        """Returns which moves of regularization a step has: those of "paths", the "penalty"."""
        paths = self.path_weight and not step % self.path_interval
        penalty = self.penalty_weight and not step % self.penalty_interval
        return " and ".join(["moves"] + ["paths"] * bool(paths) + ["penalty"] * bool(penalty))

    def train_step(self, batch):
        real = self.prepared(batch)
        self.update("generator", lambda: (self.generator_loss(real), None))
        if "paths" in self.phase:
            self.update("generator", lambda: (self.path_loss(real), None))
        on_real = self.update("discriminator", lambda: self.discriminator_loss(real))
        if "penalty" in self.phase:
            self.update("discriminator", lambda: (self.penalty_loss(real), None))
        numbers = self.average_kimg, self.images.value, self.average_ramp
        decay = averages.decay_by_images(self, real["image"], *numbers)
        self.follow(self.average_mapping, self.mapping, decay)
        self.follow(self.average, self.synthesis, decay)
        if self.augmentation:
            self.track(**self.augmentation.follow(self, on_real))
        self.images.assign_add(accumulation.examples(self, real["image"]))
        return self.finish_step()

    def test_step(self, batch):
        parts = styles.parts(batch)
        latents = noise.drawn(self, "test", parts["image"], self.tested("discriminator_loss"))
        fake = {**parts, "image": self.call({**parts, "latents": latents})}
        on_fake, on_real = (self.discriminator(each) for each in (fake, parts))
        self.track(discriminator_loss=losses.non_saturating_discriminator_loss(on_real, on_fake))
        return self.results()

    def prepared(self, batch):
        """Returns the parts of a batch; half of the images mirrored, where asked."""
        parts = styles.parts(batch)
        if self.mirror:
            parts["image"] = mirrored_by_chance(self, parts["image"])
        return parts

    def told(self, like, name):
        """Returns what a generated batch is made of: `styles`, and `noise`; a dict.

        Args:
            like: dict, the parts of a batch.
            name: str, tells apart the draws of one step.
        """
        count = tf.shape(like["image"])[0]
        given = {key: value for key, value in like.items() if key == "label"}

        def mapped(which):
            latents = noise.drawn(self, f"{name} {which}", like["image"])
            return self.mapping({"latents": latents, **given}, training=True)

        own = mapped("latents")
        self.truncated.follow(own, self.style_decay)
        other = mapped("other latents") if self.mixing else own
        told = styles.mixed(self, own, other, name, self.mixing)
        maps = self.draw(self.noise, f"{name} maps", count, self.fixed_noise.shape[1:])
        return {"styles": told, "noise": maps}

    def drawn(self, like, name):
        """Returns the parts of a batch of generated images, with the labels of real ones."""
        return {**like, "image": self.synthesis(self.told(like, name), training=True)}

    def critic(self, parts, name):
        """Returns the logits of images, augmented first where that is asked."""
        if self.augmentation:
            image = self.augmentation.augmented(self, parts["image"], name)
            parts = {**parts, "image": image}
        return self.discriminator(parts, training=True)

    def generator_loss(self, like):
        """Returns the loss of the verdict on fresh images."""
        fake = self.drawn(like, "the generator's")
        return losses.non_saturating_generator_loss(self.critic(fake, "augmented, the generator's"))

    def path_loss(self, like):
        """Returns the weighted penalty of paths' lengths, of half as many images."""
        # Every second one: so replicas have what one device has, be their parts even.
        half = {key: value[::2] for key, value in like.items()}
        told = self.told(half, "the paths'")
        shape = self.synthesis.output.shape[1:]
        direction = self.draw(self.noise, "direction", tf.shape(told["styles"])[0], shape)
        direction = direction / math.sqrt(shape[0] * shape[1])
        drawn = lambda given: self.synthesis({**told, "styles": given}, training=True)  # noqa: E731
        lengths, images = path_lengths(drawn, told["styles"], direction)
        replica = tf.distribute.get_replica_context()
        found = replica.all_reduce("MEAN", tf.reduce_mean(lengths))
        mean = self.path_mean.value + self.path_decay * (found - self.path_mean.value)
        self.path_mean.assign(tf.stop_gradient(mean))
        self.track(path_length=found)
        weight = self.path_interval * self.path_weight
        return weight * tf.reduce_mean(tf.square(lengths - mean)) + _none_of(images)

    def discriminator_loss(self, real):
        """Returns both cross-entropies, and the logits of real images."""
        on_fake = self.critic(self.drawn(real, "the discriminator's"), "augmented, fake")
        on_real = self.critic(real, "augmented, real")
        self.track(real_logit=tf.reduce_mean(on_real), fake_logit=tf.reduce_mean(on_fake))
        return losses.non_saturating_discriminator_loss(on_real, on_fake), on_real

    def penalty_loss(self, real):
        """Returns the weighted penalty of gradients at real images, before augmentation."""
        name = "augmented, the penalty's"
        critic = lambda image: self.critic({**real, "image": image}, name)  # noqa: E731
        penalty, logits = r1(critic, real["image"])
        self.track(penalty=penalty)
        return self.penalty_interval * self.penalty_weight / 2 * penalty + _none_of(logits)

    def call(self, inputs, training=False):
        inputs = inputs if isinstance(inputs, dict) else {"latents": inputs}
        network = self.mapping if training else self.average_mapping
        style = network({key: inputs[key] for key in network.input}, training=training)
        truncation = inputs.get("truncation", tf.ones([tf.shape(style)[0]]))
        return self.shown(self.truncated(style, truncation), training)

    def shown(self, given, training=False):
        """Returns images of styles (batch, layers, style_size), with the fixed noise."""
        network = self.synthesis if training else self.average
        maps = tf.repeat(self.fixed_noise.value, tf.shape(given)[0], 0)
        return network({"styles": given, "noise": maps}, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: fixed noise, mixed styles, and truncations."""
        parts = styles.parts(batch)

        def style_of(latents, label):
            told = {"latents": latents} if label is None else {"latents": latents, "label": label}
            return self.average_mapping(told)

        return styles.samples(self, parts["image"], style_of, parts.get("label"))

    def serving(self):
        """Returns what a server offers: images from seeds, from noise, or from styles."""
        networks = self.average_mapping, self.truncated, self.average
        return StyleToImage(*networks, self.fixed_noise, self.class_names)


def _none_of(output):
    """Returns 0, with a gradient of 0 for biases that a penalty of slopes does not depend on.

    So the optimizer moves on for all variables, as the authors'.
    """
    return 0.0 * tf.reduce_mean(output)
