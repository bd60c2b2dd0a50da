"""BigGAN and BigGAN-deep: images of a thousand classes, by scale, and variety for quality.

Reference:
    Brock, Donahue, Simonyan, "Large Scale GAN Training for High Fidelity Natural Image Synthesis",
    ICLR 2019, https://arxiv.org/abs/1809.11096
    https://github.com/ajbrock/BigGAN-PyTorch at 9845943 (the first author's own, in PyTorch)

Parameters:
    generator 70,433,988, discriminator 87,982,370 (128 pixels); deep: 50,244,484, 34,590,210

Differences:
    Constants in divisions are 1e-5 in batch normalization and 1e-12 in spectral norms, PyTorch's;
    the paper's, for TPUs, are 1e-4.
    Embeddings are not held orthogonal; the code leaves out the shared one alone.
    The last convolution of a deep generator has 3 outputs; that of the TF-Hub modules has 128.
    Discriminators of 512 pixels have compare_gan's widths, but a convolution in each shortcut that
    halves the sides, as those of the other sizes.
"""

import keras
import tensorflow as tf

from tfgan_apps import averages, batches, class_labels, losses, noise, sheets, standing_statistics
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.layers import StandingBatchNormalization
from tfgan_apps.networks import biggan
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import orthogonality
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

_SHOWN = 4  # classes of a sheet
_ALL = 5.0  # one latent of a million is farther from 0


@keras.saving.register_keras_serializable(package="tfgan_apps")
class BigGAN(AdversarialModel):
    """SAGAN's players, larger: noise and a shared embedding of the class go to every block.

    Inference is by an average of the generator's weights. What it normalizes by is measured by
    `settle`, for each truncation, over batches that it draws; before that, by moving averages.

    | here | paper | BigGAN-PyTorch | released modules of TF-Hub |
    |---|---|---|---|
    | `latents`, `label` | z, y | z, y | z, y |
    | `embedding_size`, layer `shared` | shared embedding, 128 | shared_dim, G.shared | linear |
    | `hierarchical` | skip-z | hier | |
    | `generator_filters`, `discriminator_filters` | ch | G_ch, D_ch | |
    | `discriminator_steps` | D steps | num_D_steps | |
    | `orthogonality_weight` | beta | G_ortho | |
    | `average_decay`, `average_start` | | ema_decay, ema_start | |
    | `truncations` | threshold | (z_var is a deviation) | truncation, times 2 |
    | `settle` | standing statistics | use_standing_stats | |
    | layer `linear` | | G.linear | G_Z/G_linear |
    | layers `blocks_<n>_0_conv1`, `_conv_sc` ... | | blocks.n.0.conv1 ... | GBlock_n/conv0 ... |
    | layers `blocks_<n>_0_bn1_gain`, `_bias` | | blocks.n.0.bn1.gain ... | HyperBN/gamma ... |
    | layers `blocks_<n>_1_theta`, `_phi`, `_g`, `_o` | | blocks.n.1.theta ... | attention/... |

    Args:
        image_size: height and width of the images in pixels: 32, 64, 128, 256 or 512.
        channels: of the images, 1 to 4.
        classes: of the images.
        deep: whether the networks are those of BigGAN-deep.
        latent_size: of the noise, standard normal; 20 for the first layer and for each block, or
            128 for deep networks, if not given.
        embedding_size: of the classes' embedding that all blocks share; 0: each normalization has
            its own tables of classes, and blocks get no noise, as for CIFAR-10.
        hierarchical: whether each block gets a part of the noise; deep ones get all of it.
        generator_filters: unit of the generator's widths; 96, or 128 of deep ones, if not given.
        discriminator_filters: the same of the discriminator's.
        generator_attention: height and width of the features that have attention; 0: none. 64, or
            what the authors have for the size of the images, if not given.
        discriminator_attention: the same of the discriminator's.
        discriminator_steps: moves of the discriminator for each of the generator.
        orthogonality_weight: of the products of the generator's kernels, in its loss, >= 0; models
            that BigGAN-PyTorch has released were trained with 0.
        average_decay: of the generator's average, in [0, 1].
        average_start: moves of the generator before which the average is but a copy.
        truncations: how far latents may be from 0, > 0, of which users may choose.
        standing_batches: batches that each truncation's statistics are measured over; the paper has
            100.
        standing_batch_size: images of each of them.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: a dict of `latents` (batch, latent_size), `label` int (batch,) and perhaps `truncation`
    float (batch,), 0 or one of `truncations`, with whose statistics to normalize; moving averages
    where there is none -> `image`.
    A batch of `fit` is a dict of `image` (batch, image_size, image_size, channels) in [-1, 1] and
    `label` int (batch,), below `classes`; each serves one move of the discriminator.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each class.
    """

    def __init__(
        self,
        image_size: int = 128,
        channels: int = 3,
        classes: int = 1000,
        deep: bool = False,
        latent_size: int | None = None,
        embedding_size: int = 128,
        hierarchical: bool = True,
        generator_filters: int | None = None,
        discriminator_filters: int | None = None,
        generator_attention: int | None = None,
        discriminator_attention: int | None = None,
        discriminator_steps: int = 2,
        orthogonality_weight: float = 1e-4,
        average_decay: float = 0.9999,
        average_start: int = 20_000,
        truncations: tuple[float, ...] = (0.5, 1.0, 2.0),
        standing_batches: int = 16,
        standing_batch_size: int = 64,
        seed: int = 0,
        class_names=None,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["real_logit", "fake_logit", "orthogonality"], seed, **kwargs)
        check_choice((1, 2, 3, 4), channels=channels)
        check_integers(
            1, discriminator_steps=discriminator_steps, standing_batches=standing_batches
        )
        check_integers(2, standing_batch_size=standing_batch_size)
        check_integers(0, average_start=average_start, embedding_size=embedding_size)
        check_numbers(0, orthogonality_weight=orthogonality_weight)
        check_numbers(0, 1, average_decay=average_decay)
        check(all(t > 0 for t in truncations), "numbers above 0", truncations=truncations)
        self.class_names = class_labels.check_classes(classes, class_names)
        size = image_size, channels, classes
        if generator is None:
            own = deep, latent_size, embedding_size, hierarchical
            rest = generator_filters, generator_attention, truncations
            generator = biggan.generator_of(*size, *own, *rest)
        if discriminator is None:
            own = deep, discriminator_filters, discriminator_attention
            discriminator = biggan.discriminator_of(*size, *own)
        self.latent_size = latent_size or generator.input["latents"].shape[1]
        self.noise = noise.DISTRIBUTIONS["normal"]
        shape, numbers = (image_size, image_size, channels), {"label": (), "truncation": ()}
        takes = {"latents": (self.latent_size,), **numbers}
        check_network(takes, shape, generator=generator)
        check_network({"image": shape, "label": ()}, discriminator=discriminator)
        self.batch_spec = batches.labelled(*size)
        known = {layer.truncations for layer in _standing_normalizations(generator)}
        expected = f"those of the generator's normalizations, {known}"
        check(known <= {tuple(truncations)}, expected, truncations=tuple(truncations))
        self.generator, self.discriminator = generator, discriminator
        self.average = averages.average_of(generator)
        self.discriminator_steps = discriminator_steps
        self.orthogonality_weight = orthogonality_weight
        self.average_decay, self.average_start = average_decay, average_start
        self.truncations = tuple(truncations)
        self.standing = standing_batches, standing_batch_size

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(
        self,
        generator_learning_rate: float = 5e-5,
        discriminator_learning_rate: float = 2e-4,
        epsilon: float = 1e-8,
    ):
        """Returns the paper's Adams, of two rates.

        Args:
            generator_learning_rate: of the generator's Adam; BigGAN-PyTorch's script has 1e-4.
            discriminator_learning_rate: of the discriminator's; its script has 4e-4.
            epsilon: of both, > 0; its script has 1e-6.
        """
        rates = {"discriminator": discriminator_learning_rate, "generator": generator_learning_rate}
        check_learning_rate(**{f"{player}_learning_rate": rate for player, rate in rates.items()})
        check_numbers(0, epsilon=epsilon)
        return {p: Adam(r, 0.0, 0.999, epsilon=epsilon) for p, r in rates.items()}

    def phase_at(self, step):
        """Returns "round's end" where the generator moves too, else "discriminator"."""
        return "discriminator" if (step + 1) % self.discriminator_steps else "round's end"

    def train_step(self, batch):
        fake = self.drawn(batch["image"], "the discriminator's")
        self.update("discriminator", lambda: (self.discriminator_loss(batch, fake), None))
        if self.phase == "round's end":
            self.update("generator", lambda: (self.generator_loss(batch["image"]), None))
            self.follow(self.average, self.generator, self.current_decay())
        return self.finish_step()

    def current_decay(self):
        """Returns the decay of the average at this training step."""
        moves = self.step.value // self.discriminator_steps
        return tf.where(moves < self.average_start, 0.0, self.average_decay)

    def test_step(self, batch):
        number = self.tested("discriminator_loss")
        inputs = {"latents": noise.drawn(self, "test", batch["image"], number)}
        fake = {"image": self.call(inputs | {"label": batch["label"]}), "label": batch["label"]}
        self.track(discriminator_loss=self.discriminator_loss(batch, fake, training=False))
        return self.results()

    def drawn(self, like, name):
        """Returns generated images of a training step, and their classes, drawn too: a dict.

        Args:
            like: tensor with as many examples.
            name: str, tells apart the draws of one step.
        """
        label = class_labels.drawn(self, f"{name} labels", like, len(self.class_names))
        latents = noise.drawn(self, f"{name} latents", like)
        return {
            "image": self.generated(self.generator, latents, label, training=True),
            "label": label,
        }

    @staticmethod
    def generated(network, latents, label, truncation=None, training=False):
        """Returns images of a generator; see `Call`."""
        if truncation is None:
            truncation = tf.fill([tf.shape(latents)[0]], -1.0)
        inputs = {"latents": latents, "label": label, "truncation": truncation}
        return network(inputs, training=training)

    def discriminator_loss(self, real, fake, training=True):
        """Returns the hinge losses; both kinds of images pass in one batch.

        Args:
            real, fake: dicts of `image` and `label`.
            training: bool. Defaults to True.
        """
        label = tf.cast(real["label"], tf.int32)
        both = {"image": tf.concat([fake["image"], tf.cast(real["image"], tf.float32)], 0)}
        both["label"] = tf.concat([tf.cast(fake["label"], tf.int32), label], 0)
        on_fake, on_real = tf.split(self.discriminator(both, training=training), 2)
        self.track(real_logit=tf.reduce_mean(on_real), fake_logit=tf.reduce_mean(on_fake))
        return losses.hinge_discriminator_loss(on_real, on_fake)

    def generator_loss(self, like):
        """Returns minus the mean logit of fresh fakes, and what its kernels are off orthogonal."""
        fake = self.drawn(like, "the generator's")
        loss = losses.hinge_generator_loss(self.discriminator(fake, training=True))
        if self.orthogonality_weight:
            layers = self.generator.layers
            kernels = [layer.kernel for layer in layers if hasattr(layer, "kernel")]
            penalty = self.orthogonality_weight * orthogonality(kernels)
            self.track(orthogonality=penalty)
            loss += penalty
        return loss

    def settle(self):
        """Measures the average generator's statistics without truncation, and for each of them."""
        norms = _standing_normalizations(self.average)
        for row, truncation in enumerate((0.0, *self.truncations)):
            found = standing_statistics.measure(self.average, self._standing(row, truncation))
            for norm, pair in zip(norms, found, strict=True):
                for table, value in zip((norm.mean, norm.variance), pair, strict=True):
                    table.assign(tf.tensor_scatter_nd_update(table.value, [[row]], value[None]))

    def _standing(self, row, truncation):
        """Yields batches of the inputs that statistics are measured over."""
        count, size = self.standing
        for inputs in standing_statistics.batches(self, count, size, count * row, truncation):
            yield inputs | {"truncation": tf.zeros([size])}

    def call(self, inputs, training=False):
        network = self.generator if training else self.average
        inputs = {"truncation": None, **inputs}
        return self.generated(network, **inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: classes, between two of them, and truncated.

        Args:
            batch: dict of `image`, real ones in [-1, 1], and `label`.
        """
        self.settle()
        count, own = len(batch["image"]), tf.cast(batch["label"], tf.int32)
        seeds, shape = tf.range(count), (self.latent_size,)

        def drawn(label, truncation=0.0):
            # Latents of one seed come nearer to 0 with the bound; _ALL is none.
            latents = served_model.normal(seeds, shape, tf.fill([count], truncation or _ALL))
            return self.generated(self.average, latents, label, tf.fill([count], truncation))

        of_class = lambda number: drawn(tf.fill([count], number))  # noqa: E731
        columns = {"real": batch["image"], **sheets.of_classes(of_class, self.class_names[:_SHOWN])}
        columns |= {f"as real, {n}": x for n, x in self._between(own, seeds, shape).items()}
        truncated = lambda truncation: drawn(own, truncation)  # noqa: E731
        return columns | sheets.sweep(truncated, "as real, truncation", self.truncations[::-1])

    def _between(self, label, seeds, shape):
        """Returns columns between the classes of real images and the next ones, where embedded."""
        if "shared" not in [layer.name for layer in self.average.layers]:
            return {}
        embed, inputs = self.average.get_layer("shared"), self.average.input
        told = [embed.output, inputs["latents"], inputs["truncation"]]
        network = keras.Model(told, self.average.output)
        latents = served_model.normal(seeds, shape, tf.fill([len(label)], _ALL))
        given = latents, tf.zeros(len(label))
        show = lambda embedding: network([embedding, *given])  # noqa: E731
        other = (label + 1) % len(self.class_names)
        return sheets.on_the_way(show, embed(label), embed(other))

    def serving(self):
        """Returns what a server offers: images of a class, more or less truncated."""
        self.settle()
        given = {"classes": len(self.class_names), "names": self.class_names}
        return NoiseToImage(self.average, truncations=self.truncations, **given)


def _standing_normalizations(network):
    """Returns the layers of a generator that have standing statistics, in order."""
    return [layer for layer in network.layers if isinstance(layer, StandingBatchNormalization)]
