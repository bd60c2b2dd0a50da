"""FUNIT: translates an image to a class that it knows by a few images only.

Reference:
    Liu, Huang, Mallya, Karras, Aila, Lehtinen, Kautz, "Few-Shot Unsupervised Image-to-Image
    Translation", ICCV 2019, https://arxiv.org/abs/1905.01723
    https://github.com/NVlabs/FUNIT at 198f430

Parameters:
    generator 29,866,435, discriminator 54,252,599 (119 classes)

Differences:
    The moving average is of the generator's weights, which are all that it has; theirs keeps
    buffers, too, that nothing reads.
    The penalty is of the whole batch's mean; theirs of each GPU's part: with 8 GPUs it weighs 64
    times as much, hence --penalty_weight=640 in animal_faces.flags, and decay an eighth.
    Two codes pass the decoder in one batch: nothing in it sees other images of a batch.
"""

import keras
import tensorflow as tf

from tfgan_apps import accumulation, batches, class_labels, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_fraction,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.layers import InstanceNormalization
from tfgan_apps.networks import funit, munit
from tfgan_apps.optimizers import DecayedRMSprop
from tfgan_apps.penalties import r1
from tfgan_apps.serving.kinds.few_shot_image import FewShotImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class FUNIT(AdversarialModel):
    """A content of one image and the code of a class, the mean of those of its images, are decoded.

    | here | paper | authors' code |
    |---|---|---|
    | `content_encoder`, `class_encoder` | E_x, E_y | enc_content, enc_class_model |
    | `decoder` | F_x | mlp and dec |
    | `average_...` | | gen_test |
    | `latent_size`, `mlp_size` | | latent_dim, nf_mlp |
    | `content_halvings`, `class_halvings` | | n_downs_content, n_downs_class |
    | `reconstruction_weight` | lambda_R | r_w |
    | `feature_weight` | lambda_F | fm_w |
    | `penalty_weight` | | 10 |

    What it shows, serves and is asked for is that of the moving averages of the generator's
    networks. `adversarial`, `reconstruction` and `features` are the generator's loss, each weighed.

    Args:
        image_size: height and width of the training images in pixels, a multiple of
            2**`content_halvings`, and at least 2**`class_halvings`.
        channels: of the images, 1, 3 or 4.
        classes: of training.
        generator_filters: of the first layers of encoders (the authors' nf).
        residual_blocks: of the content encoder and of the decoder (n_res_blks).
        latent_size: of the code of a class.
        mlp_size: width of the layers between a code and what it tells the decoder.
        content_halvings: of the sides, from an image to its content.
        class_halvings: of the sides, from an image to what the code of its class is the mean of.
        discriminator_filters: of the discriminator's first layer.
        discriminator_blocks: residual blocks of the discriminator, even.
        reconstruction_weight: of an image's difference from what is made of its own codes, >= 0.
        feature_weight: of the difference of what the discriminator sees of an image and of one of
            its class, >= 0.
        penalty_weight: of the penalty on the discriminator's gradient at real images, >= 0.
        average_decay: of the moving averages, in [0, 1).
        seed: of weights, data order and draws.
        class_names: sequence of str, of the classes of training. Defaults to the numbers.

    Call: a dict of `image` (batch, height, width, channels) in [-1, 1] and `references` (batch, K,
        height, width, channels), images of the class that is asked for -> the translation.
    A batch of `fit` is a dict of `image`, `label`, `reference` and `target`, the reference's label.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each class.
    """

    def __init__(
        self,
        image_size: int = 128,
        channels: int = 3,
        classes: int = 119,
        generator_filters: int = 64,
        residual_blocks: int = 2,
        latent_size: int = 64,
        mlp_size: int = 256,
        content_halvings: int = 3,
        class_halvings: int = 4,
        discriminator_filters: int = 64,
        discriminator_blocks: int = 10,
        reconstruction_weight: float = 0.1,
        feature_weight: float = 1.0,
        penalty_weight: float = 10.0,
        average_decay: float = 0.999,
        seed: int = 0,
        class_names=None,
        **kwargs,
    ):
        tracked = ["adversarial", "reconstruction", "features", "penalty"]
        super().__init__(tracked, seed, **kwargs)
        check_choice((1, 3, 4), channels=channels)
        check_integers(1, content_halvings=content_halvings, class_halvings=class_halvings)
        check_integers(2**class_halvings, image_size=image_size)
        multiple = 2**content_halvings
        check(image_size % multiple == 0, f"a multiple of {multiple}", image_size=image_size)
        check_numbers(0, reconstruction_weight=reconstruction_weight)
        check_numbers(0, feature_weight=feature_weight, penalty_weight=penalty_weight)
        check_fraction(average_decay=average_decay)
        self.class_names = class_labels.check_classes(classes, class_names)
        self.image_size, self.channels, self.latent_size = image_size, channels, latent_size
        self.average_decay = average_decay
        self.reconstruction_weight, self.feature_weight = reconstruction_weight, feature_weight
        self.penalty_weight = penalty_weight
        one = batches.labelled(image_size, channels, classes)
        self.batch_spec = one | {"reference": one["image"], "target": one["label"]}
        halvings = content_halvings, class_halvings
        sizes = channels, generator_filters, residual_blocks, latent_size, mlp_size, *halvings
        self.content_encoder, self.class_encoder, self.decoder = _coders(*sizes)
        self.average_content_encoder, self.average_class_encoder, self.average_decoder = _coders(
            *sizes, prefix="average_"
        )
        self.discriminator = funit.build_discriminator(
            channels, classes, discriminator_filters, discriminator_blocks
        )
        for average, network in self._averages():
            average.trainable = False
            average.set_weights(network.get_weights())

    def players(self):
        coders = [self.content_encoder, self.class_encoder, self.decoder]
        return {"discriminator": [self.discriminator], "generator": coders}

    def optimizers(self, learning_rate: float = 1e-4, decay: float = 1e-4):
        """Returns the authors' RMSprops.

        Args:
            learning_rate: of both.
            decay: of the weights, which their gradients get, times the weights.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_numbers(0, decay=decay)
        numbers = {"rho": 0.99, "epsilon": 1e-16, "decay": decay}
        return {player: DecayedRMSprop(learning_rate, **numbers) for player in self.players()}

    def _averages(self):
        """Yields each moving average and the network that it follows."""
        yield self.average_content_encoder, self.content_encoder
        yield self.average_class_encoder, self.class_encoder
        yield self.average_decoder, self.decoder

    def train_step(self, batch):
        content = self.content_encoder(batch["image"])
        code = self.class_encoder(batch["reference"])
        fake = tf.stop_gradient(self.decoder({"content": content, "style": code}))
        self.update("discriminator", lambda: (self.discriminator_loss(batch, fake), None))
        self.update("generator", lambda: (self.generator_loss(batch), None))
        for average, network in self._averages():
            self.follow(average, network, self.average_decay)
        return self.finish_step()

    def test_step(self, batch):
        self.track(generator_loss=self.generator_loss(batch))
        return self.results()

    def judged(self, image, label):
        """Returns the discriminator's logits of the labels' classes, and its features."""
        return self.discriminator({"image": image, "label": label})

    def discriminator_loss(self, batch, fake):
        """Returns the hinges of references and of translations to their classes, and the penalty.

        Args:
            batch: of `fit`.
            fake: translations of its images to the classes of its references.
        """
        real, label = batch["reference"], batch["target"]
        penalty, on_real = r1(lambda images: self.judged(images, label)["logits"], real)
        parts, _ = accumulation.place(self)  # the authors' gradient is of the batch's mean
        penalty /= tf.square(tf.cast(parts * tf.size(on_real), tf.float32))
        self.track(penalty=penalty)
        on_fake = self.judged(fake, label)["logits"]
        loss = losses.hinge_discriminator_loss(on_real, on_fake)
        return loss + self.penalty_weight * penalty

    def generator_loss(self, batch):
        """Returns the sum of the weighed terms.

        Args:
            batch: of `fit`.
        """
        image, label, real, target = (batch[n] for n in ("image", "label", "reference", "target"))
        content, codes = (
            self.content_encoder(image),
            self.class_encoder(tf.concat([image, real], 0)),
        )
        both = self.decoder({"content": tf.concat([content, content], 0), "style": codes})
        labels = tf.concat([label, target], 0)
        of_fakes = self.judged(both, labels)
        of_real = self.judged(tf.concat([image, real], 0), labels)
        features = losses.mean_absolute_error(of_fakes["features"], of_real["features"])
        own, _ = tf.split(both, 2)
        terms = {
            "adversarial": losses.hinge_generator_loss(of_fakes["logits"]),
            "reconstruction": self.reconstruction_weight * losses.mean_absolute_error(own, image),
            "features": self.feature_weight * 2 * features,  # a sum of both, not their mean
        }
        self.track(**terms)
        return sum(terms.values())

    def class_code(self, references):
        """Returns the mean of the codes of a class' images, (batch, latent_size).

        Args:
            references: (batch, K, height, width, channels) in [-1, 1].
        """
        shape = tf.shape(references)
        codes = self.average_class_encoder(tf.reshape(references, (-1, *references.shape[2:])))
        return tf.reduce_mean(tf.reshape(codes, (shape[0], shape[1], codes.shape[-1])), 1)

    def translate(self, image, code):
        """Returns images with the contents of some, and of the classes of codes.

        Args:
            image: (batch, height, width, channels) in [-1, 1].
            code: (batch, latent_size).
        """
        content = self.average_content_encoder(image)
        return self.average_decoder({"content": content, "style": code})

    def call(self, inputs, training=False):
        return self.translate(inputs["image"], self.class_code(inputs["references"]))

    def samples(self, batch):
        """Returns the columns of a sample sheet: images, some of a class, the translation to it.

        Args:
            batch: test examples: dict of `image` and of `references` (batch, K, ...), and more.
        """
        image, references = batch["image"], batch["references"]
        shots = enumerate(tf.unstack(references, axis=1), 1)
        shown = {f"unseen class {number}": each for number, each in shots}
        own = self.translate(image, self.class_code(image[:, None]))
        translated = {"as one of 1": references[:, :1], "as one of all": references}
        codes = {title: self.class_code(each) for title, each in translated.items()}
        columns = {title: self.translate(image, code) for title, code in codes.items()}
        return {"image": image, "of its own code": own, **shown, **columns}

    def serving(self):
        """Returns what a server offers: images, and some of a class, to translations."""
        networks = [average for average, _ in self._averages()]
        sizes = self.image_size, self.latent_size, self.channels
        return FewShotImage(self.translate, self.class_code, networks, *sizes)


def _coders(
    channels, filters, residual_blocks, latent_size, mlp_size, halvings, class_halvings, prefix=""
):
    """Returns a content encoder, a class encoder and a decoder."""
    content = munit.build_content_encoder(
        channels, filters, residual_blocks, halvings, f"{prefix}content_encoder"
    )
    code = munit.build_style_encoder(
        channels, filters, latent_size, class_halvings, f"{prefix}class_encoder"
    )
    sizes = residual_blocks, latent_size, mlp_size, halvings, InstanceNormalization
    return content, code, munit.build_decoder(channels, filters, *sizes, f"{prefix}decoder")
