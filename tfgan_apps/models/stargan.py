"""StarGAN: one generator that brings an image to any of many domains, by a label.

Reference:
    Choi, Choi, Kim, Ha, Kim, Choo, "StarGAN: Unified Generative Adversarial Networks for
    Multi-Domain Image-to-Image Translation", CVPR 2018, https://arxiv.org/abs/1711.09020
    https://github.com/yunjey/stargan at 94dd002 (the authors' PyTorch code)

Parameters:
    generator 8,430,528, discriminator 44,762,048 (5 attributes, 128 pixels)

Differences:
    The rate falls over the second half of the epochs to 0, as the paper says; that code lowers it
    by a thousandth of this.
    Scales of normalization begin at 1, as PyTorch's do since 1.2; those of its time were drawn from
    U(0, 1).
    Two sets of data with labels of their own are not trained together ("Both" there).
"""

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
from tfgan_apps.given_networks import check_network
from tfgan_apps.layers.global_batch import of_all_replicas
from tfgan_apps.networks import stargan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import gradient_penalty
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.image_and_style_to_image import ImageAndStyleToImage

HAIR = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair")  # of which a face has one at most
_SHOWN = 12  # domains of a sheet


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StarGAN(AdversarialModel):
    """A generator that is told a label, and a discriminator that tells source and label.

    | here | paper |
    |---|---|
    | `label`, `target` | c', c |
    | the discriminator's `source`, `class` | D_src, D_cls |
    | `class_weight`, `reconstruction_weight` | lambda_cls, lambda_rec |
    | `penalty_weight` | lambda_gp |
    | `critic_steps` | n_critic |

    A training step is a move of the discriminator; in each `critic_steps`-th one the generator
    moves after it, on the same images and targets. These are the batch's own labels, shuffled.
    `distance` is the critic's estimate; `real_class` and `fake_class` are cross-entropies.

    Args:
        image_size: height and width of the images in pixels, a multiple of 4 and of 2 to the power
            of discriminator_layers.
        channels: of the images, 1, 3 or 4.
        classes: domains, or attributes.
        generator_filters: of the generator's first layer (the authors' g_conv_dim).
        residual_blocks: of the generator (g_repeat_num).
        discriminator_filters: of the discriminator's first layer, doubled by each (d_conv_dim).
        discriminator_layers: that halve the sides (d_repeat_num).
        class_weight: of the domain in both losses, >= 0.
        reconstruction_weight: of the images that are translated there and back, >= 0.
        penalty_weight: of the gradient penalty, >= 0.
        critic_steps: moves of the discriminator for each of the generator.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.
        exclusive: bool, an image is of one domain, as in RaFD, and its label is that number. Else
            it has or lacks each attribute, as in CelebA: its label is a vector of 0 and 1. Defaults
            to False.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: a dict of `image` (batch, height, width, channels) in [-1, 1] and `label`, the target ->
        the translation.
    A batch of `fit` is a dict of `image` (batch, image_size, image_size, channels) and `label` int
    (batch,), or (batch, classes).

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each domain.
    """

    def __init__(
        self,
        image_size: int = 128,
        channels: int = 3,
        classes: int = 5,
        generator_filters: int = 64,
        residual_blocks: int = 6,
        discriminator_filters: int = 64,
        discriminator_layers: int = 6,
        class_weight: float = 1.0,
        reconstruction_weight: float = 10.0,
        penalty_weight: float = 10.0,
        critic_steps: int = 5,
        seed: int = 0,
        class_names=None,
        exclusive=False,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        tracked = ["distance", "penalty", "real_class", "fake_class", "reconstruction"]
        super().__init__(tracked, seed, **kwargs)
        check_choice((1, 3, 4), channels=channels)
        check_integers(4, image_size=image_size)
        check(image_size % 4 == 0, "a multiple of 4", image_size=image_size)
        check_integers(1, critic_steps=critic_steps)
        check_numbers(0, class_weight=class_weight, penalty_weight=penalty_weight)
        check_numbers(0, reconstruction_weight=reconstruction_weight)
        self.class_names = class_labels.check_classes(classes, class_names)
        self.exclusive, self.critic_steps = exclusive, critic_steps
        shape, label_shape = (image_size, image_size, channels), () if exclusive else (classes,)
        check_network({"image": shape, "label": label_shape}, shape, generator=generator)
        check_network(shape, discriminator=discriminator)
        last = classes - 1 if exclusive else 1
        label_spec = batches.Values(label_shape, "integer", 0, last)
        self.batch_spec = {"image": batches.images(image_size, channels), "label": label_spec}
        self.image_size, self.channels = image_size, channels
        self.class_weight, self.penalty_weight = class_weight, penalty_weight
        self.reconstruction_weight = reconstruction_weight
        self.generator = generator or networks.build_generator(
            channels, classes, exclusive, generator_filters, residual_blocks
        )
        self.discriminator = discriminator or networks.build_discriminator(
            image_size, channels, classes, discriminator_filters, discriminator_layers
        )

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 1e-4, epochs: int = 200, steps_per_epoch=None):
        """Returns the paper's Adams; their rate falls to 0 over the second half of the epochs.

        Args:
            learning_rate: of both Adams, before the decay.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        moves = {"discriminator": 1, "generator": self.critic_steps}  # steps for each
        rates = dict.fromkeys(moves, learning_rate)
        if steps_per_epoch is not None:
            rates = {
                player: LinearDecay(learning_rate, steps_per_epoch / steps, epochs)
                for player, steps in moves.items()
            }
        return {p: Adam(r, 0.5, 0.999, epsilon=1e-8) for p, r in rates.items()}

    def phase_at(self, step):
        """Returns "round's end" where the generator moves too, else "discriminator"."""
        return "discriminator" if (step + 1) % self.critic_steps else "round's end"

    def train_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        target = of_all_replicas(self._shuffled, label)
        fake = self.translate(image, target)
        self.update("discriminator", lambda: (self.discriminator_loss(image, label, fake), None))
        if self.phase == "round's end":
            self.update("generator", lambda: (self.generator_loss(image, label, target), None))
        return self.finish_step()

    def test_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        target = tf.roll(label, 1, 0)
        self.critic_loss(image, label, self.translate(image, target))
        self.track(generator_loss=self.generator_loss(image, label, target))
        return self.results()

    def _shuffled(self, label):
        order = tf.random.stateless_uniform(tf.shape(label)[:1], self.draw_seed("targets"))
        return tf.gather(label, tf.argsort(order))

    def translate(self, image, label, training=True):
        """Returns the images in the domains of the labels."""
        return self.generator({"image": image, "label": label}, training=training)

    def discriminator_loss(self, image, label, fake):
        """Returns the critic's loss, and the penalty between real images and fakes.

        Args:
            image, label: the real images (B, H, W, C) in [-1, 1], and their domains.
            fake: translated ones.
        """
        epsilon = self.draw(tf.random.stateless_uniform, "between", tf.shape(image)[0])
        source = lambda x: self.discriminator(x, training=True)["source"]  # noqa: E731
        penalty = gradient_penalty(source, image, fake, epsilon)
        self.track(penalty=penalty)
        return self.critic_loss(image, label, fake) + self.penalty_weight * penalty

    def critic_loss(self, image, label, fake):
        """Returns minus the estimate of the distance, and the domain of real images."""
        real = self.discriminator(image, training=True)
        on_fake = self.discriminator(fake, training=True)["source"]
        loss = losses.wasserstein_discriminator_loss(real["source"], on_fake)
        real_class = self.class_loss(label, real["class"])
        self.track(distance=-loss, real_class=real_class)
        return loss + self.class_weight * real_class

    def generator_loss(self, image, label, target):
        """Returns minus the score of fakes, their domain, and what is lost there and back.

        Args:
            image, label: as for `discriminator_loss`.
            target: the domains that the images are brought to.
        """
        fake = self.translate(image, target)
        judged = self.discriminator(fake, training=True)
        fake_class = self.class_loss(target, judged["class"])
        reconstruction = losses.mean_absolute_error(self.translate(fake, label), image)
        self.track(fake_class=fake_class, reconstruction=reconstruction)
        loss = losses.wasserstein_generator_loss(judged["source"])
        loss += self.class_weight * fake_class
        return loss + self.reconstruction_weight * reconstruction

    def class_loss(self, label, logits):
        """Returns the cross-entropy of domains: a sum over attributes, a mean over images."""
        if self.exclusive:
            return losses.class_cross_entropy(label, logits)
        label = tf.cast(label, tf.float32)
        entropies = tf.nn.sigmoid_cross_entropy_with_logits(label, logits)
        return tf.reduce_mean(tf.reduce_sum(entropies, -1))

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def targets(self, label):
        """Returns what images of these labels may become: dict, title -> labels.

        Each domain, or each attribute switched; one hair colour in place of the others.

        Args:
            label: int32 tensor (B,), or (B, classes).
        """
        shown = dict(enumerate(self.class_names[:_SHOWN]))
        if self.exclusive:
            return {name: tf.fill(tf.shape(label), number) for number, name in shown.items()}
        return {self._title(name): self._switched(label, name) for name in shown.values()}

    def _title(self, name):
        return name if name in HAIR else f"{name} switched"

    def _switched(self, label, name):
        columns = dict(zip(self.class_names, tf.unstack(label, axis=1), strict=True))
        if name in HAIR:
            columns |= {other: tf.zeros_like(columns[other]) for other in HAIR if other in columns}
        columns[name] = 1 - columns[name]
        return tf.stack(list(columns.values()), axis=1)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real images, their translations, and one back.

        Args:
            batch: dict of `image`, real ones in [-1, 1], and `label`.
        """
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        wanted = self.targets(label)
        fakes = {title: self.translate(image, to, training=False) for title, to in wanted.items()}
        first = next(iter(fakes))
        back = self.translate(fakes[first], label, training=False)
        return {"real": image, **fakes, f"{first}, and back": back}

    def serving(self):
        """Returns what a server offers: from encoded images and labels to encoded images."""
        sizes = {"image_size": self.image_size, "channels": self.channels}
        return ImageAndStyleToImage(self.generator, self.class_names, self.exclusive, **sizes)
