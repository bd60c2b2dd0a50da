"""StyleGAN3: images whose details move, or move and turn, with what they are details of.

Reference:
    Karras, Aittala, Laine, Harkonen, Hellsten, Lehtinen, Aila, "Alias-Free Generative Adversarial
    Networks", NeurIPS 2021, https://arxiv.org/abs/2106.12423
    https://github.com/NVlabs/stylegan3 at c233a91

Parameters:
    generator 22,313,167 (T), 15,093,151 (R), discriminator 29,012,513 (1024 pixels)

Differences:
    Images are mirrored by chance; the code doubles the set.
    Generated images have the labels of the step's real ones; the code draws theirs anew.
    Magnitudes of features change after the pass that has measured them.
    How sure the discriminator is of real images, which augmentation follows, is seen in its own
    move alone; the code counts those of the penalty, too.
    The first layers of a discriminator cannot be frozen.
"""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps import accumulation, averages, batches, class_labels, losses, noise, styles
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
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
from tfgan_apps.layers.blurring import blurred
from tfgan_apps.metrics import equivariance
from tfgan_apps.networks import mapping, pggan, stylegan2, stylegan3
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import r1
from tfgan_apps.serving.kinds.style_to_image import StyleToImage

_MOST_BLUR = 10.0  # pixels, of training's first images
_MOVES = (0.125, 0.25)  # shares of the side that sheets show
_TURNS = (30, 60)  # degrees


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StyleGAN3(AdversarialModel):
    """A mapping network, an alias-free synthesis network, and StyleGAN2's discriminator.

    Inference is by averages of the generator's weights.

    | here | paper | code |
    |---|---|---|
    | `latents`, `style`, `styles` | z, w, | z, w, ws |
    | `rotation` | configuration R | use_radial_filters, conv_kernel 1 |
    | `transform` | | input.transform |
    | `magnitude_kimg` | | magnitude_ema_beta |
    | `penalty_weight`, `penalty_interval` | gamma | r1_gamma, D_reg_interval |
    | `blur_kimg` | | blur_fade_kimg |
    | `average_kimg`, `average_ramp` | | ema_kimg, ema_rampup |
    | `style_decay` | | w_avg_beta |
    | `filters_base`, `most_filters` | | channel_base, channel_max |
    | `augment` ... | as of StyleGAN2-ADA | |

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1 to 4.
        classes: of the images; 0: they have none.
        rotation: whether the generator turns with its input, too: kernels of a point, radial
            filters, and twice as many channels.
        latent_size: of the noise, standard normal.
        style_size: of the styles.
        mapping_layers: dense layers of the mapping network.
        synthesis_layers: of the synthesis network, but the last, which shows the image.
        filters_base: channels of features times their pixels in a row, before `rotation`.
        most_filters: the most channels of features, before `rotation`.
        deviation_group: images whose deviation the discriminator sees. A batch is a multiple of
            it, or smaller.
        mirror: whether half of the real images are mirrored, left to right.
        penalty_weight: of the squared gradients at real images (R1), half of which counts; the
            authors advise 32 at 1024 pixels, and a quarter of it at half of them.
        penalty_interval: steps, in one of which the penalty has a move.
        blur_kimg: images in which the discriminator sees blurred ones, thousands; the authors have
            200 for each 32 of a batch where there is `rotation`, and 0 else.
        magnitude_kimg: images after which half of the magnitudes' averages is new, thousands.
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
    classes, and perhaps `truncation` float (batch,), 1 for none, and `transform` (batch, 3, 3) of
    the picture's plane, sides of length 1 -> `image`, of any range.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], or a dict of
    `image` and `label`.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each class.
    """

    def __init__(
        self,
        image_size: int = 1024,
        channels: int = 3,
        classes: int = 0,
        rotation: bool = False,
        latent_size: int = 512,
        style_size: int = 512,
        mapping_layers: int = 2,
        synthesis_layers: int = 14,
        filters_base: int = 32768,
        most_filters: int = 512,
        deviation_group: int = 4,
        mirror: bool = False,
        penalty_weight: float = 32.0,
        penalty_interval: int = 16,
        blur_kimg: float = 0.0,
        magnitude_kimg: float = 20.0,
        style_decay: float = 0.998,
        augment: Literal["none", *SETS] = "none",
        augment_target: float = 0.6,
        augment_kimg: float = 500.0,
        average_kimg: float = 10.0,
        average_ramp: float = 0.05,
        seed: int = 0,
        class_names=None,
        **kwargs,
    ):
        tracked = ["penalty", "real_logit", "fake_logit"]
        tracked += [] if augment == "none" else ["overfitting", "probability"]
        super().__init__(tracked, seed, **kwargs)
        size, widths = (image_size, channels), (filters_base, most_filters)
        pggan.check_size(*size, *widths)
        check(image_size >= 16, "at least 16", image_size=image_size)
        check_integers(0, classes=classes)
        check_integers(1, latent_size=latent_size, style_size=style_size)
        check_integers(1, mapping_layers=mapping_layers, deviation_group=deviation_group)
        check_integers(3, synthesis_layers=synthesis_layers)
        check_integers(1, penalty_interval=penalty_interval)
        check_numbers(0, penalty_weight=penalty_weight, blur_kimg=blur_kimg)
        check_numbers(0, average_ramp=average_ramp)
        check_numbers(1e-6, magnitude_kimg=magnitude_kimg, average_kimg=average_kimg)
        check_fraction(style_decay=style_decay)
        check_choice(("none", *SETS), augment=augment)
        self.class_names = class_labels.check_classes(classes, class_names) if classes else ()
        own = [width * (1 + rotation) for width in widths]
        told = {"depth": synthesis_layers, "rotation": rotation}
        self.mapping = mapping.build_mapping_network(
            latent_size, style_size, mapping_layers, classes
        )
        self.synthesis = stylegan3.build_synthesis(*size, style_size, *own, **told)
        judge = *size, classes, *widths, deviation_group
        self.discriminator = stylegan2.build_discriminator(*judge)
        self.average_mapping = averages.average_of(self.mapping)
        self.average = averages.average_of(self.synthesis)
        self.measured = stylegan3.build_measured(self.synthesis)
        self.truncated = StyleTruncation(self.synthesis.input["styles"].shape[1])
        self.truncated.build((None, style_size), (None,))
        options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight((), "zeros", "int64", name="images", **options)
        self.batch_spec = batches.images(*size)
        if classes:
            self.batch_spec = batches.labelled(*size, classes)
        self.classes, self.latent_size = classes, latent_size
        self.noise, self.noise_sides = noise.DISTRIBUTIONS["normal"], ()
        self.mirror, self.style_decay = mirror, style_decay
        self.penalty_weight, self.penalty_interval = penalty_weight, penalty_interval
        self.blur_kimg, self.magnitude_kimg = blur_kimg, magnitude_kimg
        self.augmentation = None
        if augment != "none":
            self.augmentation = AdaptiveAugmentation(augment, augment_target, augment_kimg)
        self.average_kimg, self.average_ramp = average_kimg, average_ramp

    @classmethod
    def t(cls, image_size=1024, **kwargs):
        """Returns the configuration that moves with its input, the default."""
        return cls(image_size, **kwargs)

    @classmethod
    def r(cls, image_size=1024, **kwargs):
        """Returns the configuration that turns with its input, too, for batches of 32."""
        return cls(image_size, **{"rotation": True, "blur_kimg": 200.0, **kwargs})

    def players(self):
        return {
            "generator": [self.mapping, self.synthesis],
            "discriminator": [self.discriminator],
        }

    def optimizers(
        self,
        generator_learning_rate: float = 2.5e-3,
        discriminator_learning_rate: float = 2e-3,
    ):
        """Returns the authors' Adams; the discriminator's makes up for the moves of the penalty.

        Args:
            generator_learning_rate: of the generator's.
            discriminator_learning_rate: of the discriminator's, before that.
        """
        rates = {"generator": generator_learning_rate, "discriminator": discriminator_learning_rate}
        check_learning_rate(**{f"{player}_learning_rate": rate for player, rate in rates.items()})
        shares = {"generator": 1.0, "discriminator": 1 - 1 / (self.penalty_interval + 1)}
        return {
            p: Adam(share * rates[p], 0.0, 0.99**share, epsilon=1e-8) for p, share in shares.items()
        }

    def phase_at(self, step):
        """Returns whether a step has a move of the "penalty", and "blurred" images."""
        penalty = self.penalty_weight and not step % self.penalty_interval
        blur = int(self.images.numpy()) < 1000 * self.blur_kimg
        return ", ".join(["moves"] + ["penalty"] * bool(penalty) + ["blurred"] * blur)

    def train_step(self, batch):
        real = self.prepared(batch)
        self.update("generator", lambda: (self.generator_loss(real), None))
        on_real, squares = self.update("discriminator", lambda: self.discriminator_loss(real))
        decay = averages.decay_by_images(self, real["image"], self.magnitude_kimg)
        stylegan3.follow_magnitudes(self.synthesis, squares, decay)
        if "penalty" in self.phase:
            self.update("discriminator", lambda: (self.penalty_loss(real), None))
        numbers = self.average_kimg, self.images.value, self.average_ramp
        decay = averages.decay_by_images(self, real["image"], *numbers)
        self.follow(self.average_mapping, self.mapping, decay)
        self.follow(self.average, self.synthesis, decay)
        self.copy_magnitudes()
        if self.augmentation:
            self.track(**self.augmentation.follow(self, on_real))
        self.images.assign_add(accumulation.examples(self, real["image"]))
        return self.finish_step()

    def copy_magnitudes(self):
        """Gives the average network the magnitudes as they are, and not their averages."""
        for own, found in zip(self.average.weights, self.synthesis.weights, strict=True):
            if not found.trainable:
                own.assign(found.value)

    def test_step(self, batch):
        parts = styles.parts(batch)
        latents = noise.drawn(self, "test", parts["image"], self.tested("discriminator_loss"))
        fake = {**parts, "image": self.call({**parts, "latents": latents})}
        on_fake, on_real = (self.discriminator(each) for each in (fake, parts))
        loss = losses.non_saturating_discriminator_loss(on_real, on_fake)
        self.track(discriminator_loss=loss)
        return self.results()

    def prepared(self, batch):
        """Returns the parts of a batch; half of the images mirrored, where asked."""
        parts = styles.parts(batch)
        if self.mirror:
            parts["image"] = mirrored_by_chance(self, parts["image"])
        return parts

    def told(self, like, name):
        """Returns what a generated batch is made of: the style, `styles` and `transform`."""
        latents = noise.drawn(self, name, like["image"])
        label = {key: value for key, value in like.items() if key == "label"}
        style = self.mapping({"latents": latents, **label}, training=True)
        told = tf.repeat(style[:, None], self.truncated.count, 1)
        transform = stylegan3.untransformed(tf.shape(style)[0])
        return style, {"styles": told, "transform": transform}

    def critic(self, parts, name):
        """Returns the logits of images, blurred and augmented first where that is asked."""
        image = parts["image"]
        if "blurred" in self.phase:
            left = 1.0 - tf.cast(self.images.value, tf.float32) / (1000.0 * self.blur_kimg)
            image = blurred(image, _MOST_BLUR * left, _MOST_BLUR)
        if self.augmentation:
            image = self.augmentation.augmented(self, image, name)
        return self.discriminator({**parts, "image": image}, training=True)

    def generator_loss(self, like):
        """Returns the loss of the verdict on fresh images."""
        _, told = self.told(like, "the generator's")
        fake = {**like, "image": self.synthesis(told, training=True)}
        return losses.non_saturating_generator_loss(self.critic(fake, "augmented, the generator's"))

    def discriminator_loss(self, real):
        """Returns both cross-entropies; the logits of real images, and how large features are.

        The mean style follows in this move alone.
        """
        style, told = self.told(real, "the discriminator's")
        self.truncated.follow(style, self.style_decay)
        made = self.measured(told, training=True)
        on_fake = self.critic({**real, "image": made["image"]}, "augmented, fake")
        on_real = self.critic(real, "augmented, real")
        self.track(real_logit=tf.reduce_mean(on_real), fake_logit=tf.reduce_mean(on_fake))
        loss = losses.non_saturating_discriminator_loss(on_real, on_fake)
        return loss, (on_real, made["squares"])

    def penalty_loss(self, real):
        """Returns the weighted penalty of gradients at real images, before augmentation."""
        name = "augmented, the penalty's"
        critic = lambda image: self.critic({**real, "image": image}, name)  # noqa: E731
        penalty, logits = r1(critic, real["image"])
        self.track(penalty=penalty)
        weighted = self.penalty_interval * self.penalty_weight / 2 * penalty
        return weighted + 0.0 * tf.reduce_mean(logits)  # so that all biases have a gradient

    def call(self, inputs, training=False):
        inputs = inputs if isinstance(inputs, dict) else {"latents": inputs}
        network = self.mapping if training else self.average_mapping
        style = network({key: inputs[key] for key in network.input}, training=training)
        truncation = inputs.get("truncation", tf.ones([tf.shape(style)[0]]))
        return self.shown(self.truncated(style, truncation), inputs.get("transform"), training)

    def shown(self, given, transform=None, training=False):
        """Returns images of styles (batch, layers, style_size), moved and turned where asked."""
        network = self.synthesis if training else self.average
        if transform is None:
            transform = stylegan3.untransformed(tf.shape(given)[0])
        return network({"styles": given, "transform": transform}, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: fixed noise, truncations, movements."""
        parts = styles.parts(batch)
        count, label = len(parts["image"]), {k: v for k, v in parts.items() if k == "label"}

        def style_of(latents, _):
            return self.average_mapping({"latents": latents, **label})

        columns = styles.samples(self, parts["image"], style_of)
        given = self.truncated(style_of(noise.fixed(self, count), None), tf.ones([count]))

        def moved(matrix):
            return self.shown(given, tf.repeat(matrix[None], count, 0))

        columns |= {f"1, moved by {x:.3g}": moved(equivariance.moving(x, 0.0)) for x in _MOVES}
        turned = {f"1, turned by {a} degrees": equivariance.turning(np.radians(a)) for a in _TURNS}
        return columns | {title: moved(matrix) for title, matrix in turned.items()}

    def serving(self):
        """Returns what a server offers: images from seeds, from noise, or from styles."""
        networks = self.average_mapping, self.truncated, self.average
        return StyleToImage(*networks, names=self.class_names)
