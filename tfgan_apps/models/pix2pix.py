"""pix2pix: translates images as pairs show it, by a discriminator that sees both of a pair.

Reference:
    Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks",
    CVPR 2017, https://arxiv.org/abs/1611.07004
    https://github.com/phillipi/pix2pix at 89ff2a8 (the paper's Torch code);
    https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix at 00d5574

Parameters:
    generator 54,413,955, discriminator 2,768,705

Differences:
    The discriminator judges the fakes anew after its move, as in the PyTorch code; the Torch code
    takes its verdict from before.
    In inference dropout acts by one mask for all images, and each image is normalized by its own
    statistics, as the authors' of one image: an answer does not depend on the others of a batch.
"""

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.initializers import gamma_normal_002
from tfgan_apps.networks import patchgan, unet
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.optimizers import Adam
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.image_to_image import ImageToImage


def build_discriminator(channels=3, filters=64, hidden_layers=3, conditional=True):
    """Returns the PatchGAN of pairs: `source`, `image` -> `patch_logits`, float32.

    Args:
        channels: int, of each of both images. Defaults to 3.
        filters: int, of the first layer (the authors' ndf). Defaults to 64.
        hidden_layers: int >= 0 (the authors' n_layers), 0 for patches of one pixel. Defaults to 3.
        conditional: bool, whether it sees the source. Defaults to True.
    """
    inputs = {n: layers.Input((None, None, channels), name=n) for n in ("source", "image")}
    x = layers.Concatenate()(list(inputs.values())) if conditional else inputs["image"]
    logits = patchgan.patch_logits(x, filters, hidden_layers, _normalization, use_bias=False)
    return keras.Model(inputs, logits, name="discriminator")


def _normalization():
    return lambda x: normalized(x, gamma_initializer=gamma_normal_002())


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Pix2Pix(AdversarialModel):
    """A generator of images from images, and a discriminator of pairs.

    x is the paper's x, the source; y is what it is to become; `l1_weight` is the paper's lambda.
    `l1` is the mean absolute error, without that weight.

    Args:
        image_size: height and width of the images in pixels, a multiple of 2**levels.
        channels: of the images, 1, 3 or 4.
        levels: how often the generator halves the sides; as often as they can be, at most 8, if
            not given.
        generator_filters: of the generator's first layer (the authors' ngf).
        dropout_layers: of the generator, innermost first.
        discriminator_filters: of the discriminator's first layer (ndf).
        discriminator_layers: hidden layers of the discriminator (n_layers), 0 to 5 for patches of
            1, 16, 34, 70, 142, 286 pixels.
        conditional: whether the discriminator sees the source (cGAN), or not (GAN).
        l1_weight: of the mean absolute error in the generator's loss.
        adversarial_weight: of the discriminator's verdict there; 0: there is no discriminator.
        seed: of weights, data order and draws.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: `image` (batch, height, width, channels) x in [-1, 1] -> its translation.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels).

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 256,
        channels: int = 3,
        levels: int | None = None,
        generator_filters: int = 64,
        dropout_layers: int = 3,
        discriminator_filters: int = 64,
        discriminator_layers: int = 3,
        conditional: bool = True,
        l1_weight: float = 100.0,
        adversarial_weight: float = 1.0,
        seed: int = 0,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["l1"], seed, **kwargs)
        check_integers(4, image_size=image_size)
        check_integers(0, discriminator_layers=discriminator_layers)
        check_choice((1, 3, 4), channels=channels)
        check_numbers(0, l1_weight=l1_weight, adversarial_weight=adversarial_weight)
        halvings = (image_size & -image_size).bit_length() - 1  # how often 2 divides it
        levels = min(halvings, 8) if levels is None else levels
        check_integers(2, levels=levels)
        check(image_size % 2**levels == 0, f"a multiple of {2**levels}", image_size=image_size)
        shape = (image_size, image_size, channels)
        check_network(shape, shape, generator=generator)
        check_network({"source": shape, "image": shape}, discriminator=discriminator)
        self.image_size, self.channels, self.levels = image_size, channels, levels
        self.batch_spec = (batches.images(image_size, channels),) * 2
        least = 2**levels
        self.predict_spec = batches.images(None, channels, multiple=least, least=least)
        self.l1_weight, self.adversarial_weight = l1_weight, adversarial_weight
        sizes = channels, generator_filters, levels
        self.generator = generator or unet.build_generator(*sizes, min(dropout_layers, levels - 1))
        sizes = channels, discriminator_filters, discriminator_layers, conditional
        self.discriminator = None
        if adversarial_weight:
            self.discriminator = discriminator or build_discriminator(*sizes)

    def players(self):
        judged = {"discriminator": [self.discriminator]} if self.adversarial_weight else {}
        return judged | {"generator": [self.generator]}

    def optimizers(
        self,
        learning_rate: float = 2e-4,
        linear_decay: bool = False,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both Adams.
            linear_decay: let the rate fall to 0 over the second half of the epochs, as in the
                authors' PyTorch code.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        rate = learning_rate
        if linear_decay and steps_per_epoch is not None:
            rate = LinearDecay(learning_rate, steps_per_epoch, epochs)
        return {p: Adam(rate, 0.5, 0.999, epsilon=1e-8) for p in self.players()}

    def train_step(self, batch):
        x, y = batch

        def generator_loss():
            fake = self.generator(x, training=True)
            if self.adversarial_weight:
                self.update("discriminator", lambda: (self.discriminator_loss(x, y, fake), None))
            return self.generator_loss(x, y, fake), None

        self.update("generator", generator_loss)
        return self.finish_step()

    def test_step(self, batch):
        x, y = batch
        self.track(l1=losses.mean_absolute_error(self.generator(x), y))
        return self.results()

    def discriminator_loss(self, x, y, fake):
        """Returns half the sum of both cross-entropies, of the mean over patches.

        Args:
            x, y: (batch, height, width, channels) images in [-1, 1].
            fake: what the generator makes of x.
        """
        on_real = self.judge(x, y)
        on_fake = self.judge(x, tf.stop_gradient(fake))
        return 0.5 * losses.minimax_discriminator_loss(on_real, on_fake)

    def generator_loss(self, x, y, fake):
        """Returns the verdict on the fakes, and the weighted mean absolute error."""
        error = losses.mean_absolute_error(fake, y)
        self.track(l1=error)
        loss = self.l1_weight * error
        if self.adversarial_weight:
            verdict = losses.non_saturating_generator_loss(self.judge(x, fake))
            loss += self.adversarial_weight * verdict
        return loss

    def judge(self, source, image):
        """Returns the discriminator's logits of patches, batches normalized apart."""
        return self.discriminator({"source": source, "image": image}, training=True)

    def call(self, image, training=False):
        return self.generator(image, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: input, output and target."""
        x, y = batch
        return {"input": x, "output": self.generator(x), "target": y}

    def serving(self):
        """Returns what a server offers: from encoded images to encoded images."""
        multiple = 2**self.levels
        return ImageToImage({"x_to_y": self.generator}, self.image_size, multiple, self.channels)
