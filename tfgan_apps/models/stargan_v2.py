"""StarGAN v2: brings an image to any of many domains, in the style of noise or of another image.

Reference:
    Choi, Uh, Yoo, Ha, "StarGAN v2: Diverse Image Synthesis for Multiple Domains", CVPR 2020,
    https://arxiv.org/abs/1912.01865
    https://github.com/clovaai/stargan-v2 at 875b70a (the authors' PyTorch code)

Parameters:
    generator 33,892,995; of 2 domains mapping network 2,438,272, style encoder 20,916,928,
    discriminator 20,852,290; of 3 domains 3,259,072, 20,949,760, 20,852,803 (256 pixels)

Differences:
    With `high_pass` the generator lacks the weights of the skips that the code makes and does not
    use: 43,295,363 are left of its 43,467,395.
    Averages of weights begin as the initial weights; theirs at others, which are forgotten.
    Both references are drawn anew; theirs come in pairs that are drawn once.
    A block's skipped input is halved before its convolution of single pixels and doubled after it:
    the same, in a fourth of the time.
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import batches, class_labels, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.metrics.features import face_landmarks as features
from tfgan_apps.networks import face_landmarks
from tfgan_apps.networks import stargan_v2 as networks
from tfgan_apps.optimizers import DecayedAdam
from tfgan_apps.penalties import r1
from tfgan_apps.serving.kinds.styled_image import Direction, StyledImage

AVERAGED = ("generator", "mapping_network", "style_encoder")
_SHOWN = 4  # domains of a sheet
_REFERENCES = 3  # images of a sheet, in whose style the others are shown


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StarGANv2(AdversarialModel):
    """A generator that a style tells, and who makes and judges styles and images of each domain.

    | here | paper | authors' code |
    |---|---|---|
    | `generator`, `mapping_network` | G, F | generator, mapping_network |
    | `style_encoder`, `discriminator` | E, D | style_encoder, discriminator |
    | `label`, `target` | y, y tilde | y_org, y_trg |
    | `reference`, `other_reference` | | x_ref, x_ref2 |
    | `style_weight`, `diversity_weight` | lambda_sty, lambda_ds | lambda_sty, lambda_ds |
    | `cycle_weight`, `penalty_weight` | lambda_cyc, | lambda_cyc, lambda_reg |
    | `diversity_steps` | | ds_iter |
    | `high_pass`, `landmarks` | | w_hpf, fan |

    A training step is four moves, on the same images: the discriminator's against styles of noise,
    its move against styles of the references, that of generator, mapping network and style encoder
    for styles of noise, and that of the generator alone for styles of the references. Then the
    averages follow (`average_generator` and so on), which inference uses.
    `adversarial`, `style`, `diversity` and `cycle` are the generator's loss, not weighed, and
    `penalty` is the discriminator's; all are means of both kinds of styles.

    Args:
        image_size: height and width of the images in pixels, a power of 2, at least 8.
        channels: of the images, 1, 3 or 4.
        classes: domains.
        latent_size: of the noise (the authors' latent_dim).
        style_size: of a style (style_dim).
        generator_filters: of the first layers of generator and style encoder; 2**14 / image_size if
            not given.
        discriminator_filters: of the discriminator's first layer; likewise.
        most_filters: where the doubling of filters by each layer ends (max_conv_dim).
        halvings: of the sides in the generator; so many that 16 pixels are left, if not given.
        mapping_size: width of the mapping network (hidden_dim).
        style_weight: of the difference of a style from that of the image made of it, >= 0.
        diversity_weight: of the difference of images of two styles, >= 0; 2 for AFHQ.
        diversity_steps: training steps after which that weight is 0; it falls in a straight line.
        cycle_weight: of the difference of an image from its translation back, >= 0.
        penalty_weight: of the R1 penalty, half the squared gradient, >= 0.
        average_decay: of the averages of weights, in [0, 1].
        high_pass: of the high frequencies that the generator gets where eyes, nose and mouth are
            seen: they are divided by it (w_hpf), 1 for CelebA-HQ; 0: there are none, and no
            landmarks.
        landmark_weights: file with the weights of what sees landmarks, wing.ckpt; what lies in
            ~/.cache/tfgan_apps, or in the folder TFGAN_WEIGHTS, if not given.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.

    Call: a dict of `image` (batch, height, width, channels) in [-1, 1], `label`, the target, and
    of `latents` (batch, latent_size), or in place of these `reference`, images of the target, or
    `style` (batch, style_size); zeros are the latents where there is none -> the translation.
    A batch of `fit` and `evaluate` is a dict of `image` and `label` int (batch,), of `reference`
    and `other_reference`, images of one domain, and `target`, its number.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each domain.
    """

    def __init__(
        self,
        image_size: int = 256,
        channels: int = 3,
        classes: int = 2,
        latent_size: int = 16,
        style_size: int = 64,
        generator_filters: int | None = None,
        discriminator_filters: int | None = None,
        most_filters: int = 512,
        halvings: int | None = None,
        mapping_size: int = 512,
        style_weight: float = 1.0,
        diversity_weight: float = 1.0,
        diversity_steps: int = 100_000,
        cycle_weight: float = 1.0,
        penalty_weight: float = 1.0,
        average_decay: float = 0.999,
        high_pass: float = 0.0,
        landmark_weights: str | None = None,
        seed: int = 0,
        class_names=None,
        **kwargs,
    ):
        super().__init__(["adversarial", "style", "diversity", "cycle", "penalty"], seed, **kwargs)
        check_choice((1, 3, 4), channels=channels)
        check_numbers(0, style_weight=style_weight, diversity_weight=diversity_weight)
        check_numbers(0, cycle_weight=cycle_weight, penalty_weight=penalty_weight)
        check_numbers(0, 1, average_decay=average_decay)
        check_numbers(0, high_pass=high_pass)
        check(not high_pass or channels == 3, "3 with high_pass", channels=channels)
        check_integers(1, diversity_steps=diversity_steps)
        self.class_names = class_labels.check_classes(classes, class_names)
        labelled = batches.labelled(image_size, channels, classes)
        image, label = labelled["image"], labelled["label"]
        self.batch_spec = {**labelled, "reference": image, "other_reference": image}
        self.batch_spec["target"] = label
        self.image_size, self.channels = image_size, channels
        self.latent_size, self.style_size = latent_size, style_size
        self.style_weight, self.cycle_weight = style_weight, cycle_weight
        self.diversity_weight, self.diversity_steps = diversity_weight, diversity_steps
        self.penalty_weight, self.average_decay = penalty_weight, average_decay
        shape, styles = (image_size, channels), (classes, style_size)
        numbers = {
            "generator": (*shape, style_size, generator_filters, most_filters, halvings, high_pass),
            "mapping_network": (classes, latent_size, style_size, mapping_size),
            "style_encoder": (*shape, *styles, generator_filters, most_filters),
        }
        for player, parts in numbers.items():
            build = getattr(networks, f"build_{player}")
            setattr(self, player, build(*parts))
            average = build(*parts, name=f"average_{player}")
            average.set_weights(getattr(self, player).get_weights())
            average.trainable = False
            setattr(self, f"average_{player}", average)
        numbers = classes, discriminator_filters, most_filters
        self.discriminator = networks.build_discriminator(*shape, *numbers)
        self.landmarks = face_landmarks.build_landmarks() if high_pass else None
        self.landmark_weights = landmark_weights

    def players(self):
        return {name: [getattr(self, name)] for name in ("discriminator", *AVERAGED)}

    def optimizers(
        self,
        learning_rate: float = 1e-4,
        mapping_learning_rate: float = 1e-6,
        decay: float = 1e-4,
    ):
        """Returns the authors' Adams; the weights of landmarks are looked for, too.

        Args:
            learning_rate: of all but the mapping network.
            mapping_learning_rate: of the mapping network (f_lr).
            decay: of the weights, which their gradients get, times the weights, >= 0.

        Raises:
            WeightFileError: `high_pass` is not 0, and there is no file of the landmarks' weights.
        """
        if self.landmarks is not None:
            features.load(self.landmarks, self.landmark_weights)
        check_learning_rate(learning_rate=learning_rate)
        check_learning_rate(mapping_learning_rate=mapping_learning_rate)
        check_numbers(0, decay=decay)
        rates = dict.fromkeys(self.players(), learning_rate)
        rates["mapping_network"] = mapping_learning_rate
        numbers = {"beta_1": 0.0, "beta_2": 0.99, "epsilon": 1e-8, "decay": decay}
        return {player: DecayedAdam(rate, **numbers) for player, rate in rates.items()}

    def train_step(self, batch):
        mapped, encoded = self._mapped(batch), self._encoded(batch)
        batch = batch | self._masks(batch["image"])
        for first_style, _ in (mapped, encoded):
            fake = self._made(batch, first_style())
            judged = functools.partial(self.discriminator_loss, batch, fake)
            self.update("discriminator", lambda judged=judged: (judged(), None))
        loss = lambda: (self.generator_loss(batch, *mapped), None)  # noqa: E731
        self.update_together(dict.fromkeys(AVERAGED, loss))
        self.update("generator", lambda: (self.generator_loss(batch, *encoded), None))
        for player in AVERAGED:
            average = getattr(self, f"average_{player}")
            self.follow(average, getattr(self, player), self.average_decay)
        return self.finish_step()

    def test_step(self, batch):
        number = self.tested("discriminator_loss")
        batch = batch | self._masks(batch["image"])
        for first_style, other_style in (self._mapped(batch, number), self._encoded(batch)):
            fake = self._made(batch, first_style())
            self.track(
                discriminator_loss=self.discriminator_loss(batch, fake),
                generator_loss=self.generator_loss(batch, first_style, other_style),
            )
        return self.results()

    def _masks(self, image):
        """Returns what the generator is given beside an image and a style, a dict."""
        if self.landmarks is None:
            return {}
        return {"masks": face_landmarks.masks(self.landmarks, image)}

    def _made(self, given, style):
        """Returns the translations of images, given with their masks, in styles."""
        inputs = {name: given[name] for name in ("image", "masks") if name in given}
        return self.generator({**inputs, "style": style}, training=True)

    def _mapped(self, batch, number=None):
        """Returns two functions, that give styles of noise in the target's domain."""

        def style(name):
            count = tf.shape(batch["image"])[0]
            normal, shape = tf.random.stateless_normal, (self.latent_size,)
            latents = self.draw(normal, name, count, shape, number)
            return self.mapping_network({"latents": latents, "label": batch["target"]})

        return [functools.partial(style, name) for name in ("latents", "other latents")]

    def _encoded(self, batch):
        """Returns two functions, that give styles of the references."""

        def style(name):
            inputs = {"image": batch[name], "label": batch["target"]}
            return self.style_encoder(inputs, training=True)

        return [functools.partial(style, name) for name in ("reference", "other_reference")]

    def discriminator_loss(self, batch, fake):
        """Returns the cross-entropies of real images and of fakes in their domains, and R1.

        Args:
            batch: as that of `fit`.
            fake: translations of its images to its targets.
        """
        judge = lambda image, label: self.discriminator(  # noqa: E731
            {"image": image, "label": label}, training=True
        )
        penalty, on_real = r1(lambda real: judge(real, batch["label"]), batch["image"])
        self.track(penalty=0.5 * penalty)
        on_fake = judge(fake, batch["target"])
        loss = losses.non_saturating_discriminator_loss(on_real, on_fake)
        return loss + 0.5 * self.penalty_weight * penalty

    def generator_loss(self, batch, style, other_style):
        """Returns the weighed sum of what fakes are judged, of styles, of diversity and of cycles.

        Args:
            batch: as that of `fit`, and the masks of its images.
            style, other_style: functions without arguments -> styles (batch, style_size).
        """
        image, target, style = batch["image"], batch["target"], style()
        fake = self._made(batch, style)
        judged = self.discriminator({"image": fake, "label": target}, training=True)
        told = self.style_encoder({"image": fake, "label": target}, training=True)
        other = self._made(batch, other_style())
        own = self.style_encoder({"image": image, "label": batch["label"]}, training=True)
        back = self._made({"image": fake, **self._masks(fake)}, own)
        terms = {
            "adversarial": losses.non_saturating_generator_loss(judged),
            "style": losses.mean_absolute_error(told, style),
            "diversity": losses.mean_absolute_error(fake, tf.stop_gradient(other)),
            "cycle": losses.mean_absolute_error(back, image),
        }
        self.track(**terms)
        weights = {"adversarial": 1.0, "style": self.style_weight, "cycle": self.cycle_weight}
        weights["diversity"] = -self.current_diversity_weight()
        return sum(weights[name] * term for name, term in terms.items())

    def current_diversity_weight(self):
        """Returns what the weight of diversity is at this training step."""
        done = tf.cast(self.step.value, tf.float32) / self.diversity_steps
        return self.diversity_weight * tf.maximum(0.0, 1.0 - done)

    def translate(self, image, style):
        """Returns the images in the styles, by the average generator, in [-1, 1]."""
        inputs = {"image": image, "style": style, **self._masks(image)}
        translated = self.average_generator(inputs, training=False)
        return tf.clip_by_value(translated, -1.0, 1.0)

    def style_of(self, latents, label):
        """Returns the styles of noise (batch, latent_size) in domains, (batch, style_size)."""
        return self.average_mapping_network({"latents": latents, "label": label}, training=False)

    def encoded(self, image, label):
        """Returns the styles of images of domains, (batch, style_size)."""
        return self.average_style_encoder({"image": image, "label": label}, training=False)

    def call(self, x, training=False):
        style, label = x.get("style"), x.get("label")
        if "reference" in x:
            style = self.encoded(x["reference"], label)
        if style is None:
            latents = x.get("latents", tf.zeros((tf.shape(x["image"])[0], self.latent_size)))
            style = self.style_of(latents, label)
        return self.translate(x["image"], style)

    def samples(self, batch):
        """Returns the columns of a sample sheet: images in drawn styles, and in references' styles.

        Args:
            batch: as that of `fit`.
        """
        image = batch["image"]
        columns, count = {"real": image}, len(image)
        latents = tf.random.stateless_normal((2, self.latent_size), (self.seed, 0))

        def in_style(style):
            return self.translate(image, tf.repeat(style[None], count, 0))

        for number, name in enumerate(self.class_names[:_SHOWN]):
            styles = self.style_of(latents, tf.fill([2], number))
            for i, style in enumerate(tf.unstack(styles), 1):
                columns[f"{name}, drawn style {i}"] = in_style(style)
        columns["references"] = batch["reference"]
        styles = self.encoded(batch["reference"], batch["target"])[:_REFERENCES]
        for i, style in enumerate(styles, 1):
            columns[f"style of reference {i}"] = in_style(style)
        return columns

    def serving(self):
        """Returns what a server offers: a domain's styles of seeds, pictures or codes."""
        direction = Direction(self.translate, self.encoded, self.style_of)
        averages = [getattr(self, f"average_{player}") for player in AVERAGED]
        averages += [] if self.landmarks is None else [self.landmarks]
        sizes = self.image_size, self.latent_size, self.channels
        classes = {"classes": self.class_names, "style_size": self.style_size}
        return StyledImage({"serving_default": direction}, averages, *sizes, **classes)
