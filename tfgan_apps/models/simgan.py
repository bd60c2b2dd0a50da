"""SimGAN: makes simulated images look real, by a set of real ones, and keeps what they show.

Reference:
    Shrivastava, Pfister, Tuzel, Susskind, Wang, Webb, "Learning from Simulated and Unsupervised
    Images through Adversarial Training", CVPR 2017, https://arxiv.org/abs/1612.07828
    The authors published no code; constants that the paper lacks are those of
    https://github.com/carpedm20/simulated-unsupervised-tensorflow at eafa49f

Parameters:
    refiner 296,129, discriminator 75,906

Differences:
    The discriminator's hidden layers have ReLU, its logits have none, as the paper says; that code
    has none anywhere, and https://github.com/mjdietzx/SimGAN one behind the logits.
    Losses are sums over an image's patches or pixels, and means over images; the paper sums over
    images too, which would make steps longer with the batch.
    Two moves of the refiner to one of the discriminator, as both codes; the authors are said to
    have used 50 (`refiner_steps`).
    Gradients longer than 50, all variables together, are shortened; that code shortens each one's.
    Half of what the discriminator sees is history from the first half batch that is stored, in its
    pre-training too.
"""

import functools
from typing import Literal

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
    height_and_width,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.layers import HistoryBuffer
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

REAL, REFINED = 0, 1  # the discriminator's classes


def build_refiner(channels=1, filters=64, residual_blocks=4, first_kernel=3):
    """Returns the refiner: residual blocks at full size, nothing is normalized.

    Args:
        channels: int, of the image. Defaults to 1.
        filters: int, of every layer. Defaults to 64.
        residual_blocks: int, of two layers each. Defaults to 4.
        first_kernel: int, side of the first layer's kernels. Defaults to 3.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1] -> `refined`, the
        same shape and range, float32.
    """
    image = layers.Input((None, None, channels), name="image")
    x = layers.Conv2D(filters, first_kernel, padding="same", activation="relu")(image)
    for _ in range(residual_blocks):
        y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        y = layers.Conv2D(filters, 3, padding="same")(y)
        x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.Conv2D(channels, 1)(x)
    refined = layers.Activation("tanh", dtype="float32", name="refined")(x)
    return keras.Model(image, refined, name="refiner")


def build_discriminator(channels=1, filters=96):
    """Returns the discriminator of patches.

    Args:
        channels: int, of the image. Defaults to 1.
        filters: int, of the first layer; later ones have two thirds and one third. Defaults to 96.

    Returns:
        Functional model: `image` (batch, height, width, channels) -> `patch_logits` (batch, ~height
        / 4, ~width / 4, 2), of `REAL` and `REFINED`, float32.
    """
    image = layers.Input((None, None, channels), name="image")
    second, third = max(1, filters * 2 // 3), max(1, filters // 3)
    x = layers.Conv2D(filters, 3, 2, "same", activation="relu")(image)
    x = layers.Conv2D(second, 3, 2, "same", activation="relu")(x)
    x = layers.MaxPooling2D(3, 1, "same")(x)
    x = layers.Conv2D(third, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(third, 1, activation="relu")(x)
    x = layers.Conv2D(2, 1)(x)
    logits = layers.Activation("linear", dtype="float32", name="patch_logits")(x)
    return keras.Model(image, logits, name="discriminator")


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SimGAN(AdversarialModel):
    """A refiner of simulated images, and a discriminator of patches that remembers older ones.

    | here | paper |
    |---|---|
    | `refiner`, `discriminator` | R, D |
    | a batch (x, y) | simulated x, real y |
    | `regularization_weight`, `feature` | lambda, psi |
    | `refiner_steps`, `discriminator_steps` | K_g, K_d |
    | `buffer_size` | B |

    A training step is one move: the refiner's by the self-regularization alone, then the
    discriminator's, both as often as their pre-training says; from there on turns of
    `refiner_steps` and `discriminator_steps`. Each has a batch of its own, as in algorithm 1.

    Args:
        image_size: height and width of the images in pixels, such as 35,55; one number: a square.
        channels: of the images, 1, 3 or 4.
        generator_filters: of the refiner's layers.
        residual_blocks: of the refiner, of two layers each.
        first_kernel: side of the refiner's first kernels in pixels; 7 for depth images of hands.
        discriminator_filters: of the discriminator's first layer.
        regularization_weight: of the sum of differences between a simulated image and the refined
            one, >= 0.
        feature: what is compared there: the pixels, or the mean of their channels, where colours
            are to change.
        refiner_pretraining_steps: of the refiner by the self-regularization alone.
        discriminator_pretraining_steps: of the discriminator after that.
        refiner_steps: of the refiner in a turn.
        discriminator_steps: of the discriminator in a turn.
        buffer_size: refined images that are remembered, at least half a batch; 0: none.
        clip_norm: largest norm of a player's gradient, all variables together; 0: any.
        seed: of weights, data order and draws.
        refiner, discriminator: `keras.Model`s in place of the built ones.

    Call: `image` (batch, height, width, channels) simulated, in [-1, 1] -> refined.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, height, width, channels).

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: tuple[int, ...] = (35, 55),
        channels: int = 1,
        generator_filters: int = 64,
        residual_blocks: int = 4,
        first_kernel: int = 3,
        discriminator_filters: int = 96,
        regularization_weight: float = 0.5,
        feature: Literal["pixels", "mean"] = "pixels",
        refiner_pretraining_steps: int = 1000,
        discriminator_pretraining_steps: int = 200,
        refiner_steps: int = 2,
        discriminator_steps: int = 1,
        buffer_size: int = 25600,
        clip_norm: float = 50.0,
        seed: int = 0,
        refiner=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["realism", "self_regularization"], seed, **kwargs)
        self.image_size = height_and_width(image_size)
        check_choice((1, 3, 4), channels=channels)
        check_integers(1, generator_filters=generator_filters, first_kernel=first_kernel)
        check_integers(1, discriminator_filters=discriminator_filters)
        check_integers(0, residual_blocks=residual_blocks, buffer_size=buffer_size)
        check_numbers(0, regularization_weight=regularization_weight, clip_norm=clip_norm)
        check_choice(("pixels", "mean"), feature=feature)
        pretraining = refiner_pretraining_steps, discriminator_pretraining_steps
        check_integers(0, refiner_pretraining_steps=pretraining[0])
        check_integers(0, discriminator_pretraining_steps=pretraining[1])
        check_integers(1, refiner_steps=refiner_steps, discriminator_steps=discriminator_steps)
        shape = (*self.image_size, channels)
        check_network(shape, shape, refiner=refiner)
        check_network(shape, discriminator=discriminator)
        self.channels, self.feature, self.clip_norm = channels, feature, clip_norm
        self.batch_spec = (batches.images(self.image_size, channels),) * 2
        self.predict_spec = batches.images(None, channels)
        self.regularization_weight = regularization_weight
        self.pretraining, self.turn = pretraining, (refiner_steps, discriminator_steps)
        sizes = channels, generator_filters, residual_blocks, first_kernel
        self.refiner = refiner or build_refiner(*sizes)
        self.discriminator = discriminator or build_discriminator(channels, discriminator_filters)
        self.buffer = HistoryBuffer(buffer_size, shape, name="buffer")

    def players(self):
        return {"refiner": [self.refiner], "discriminator": [self.discriminator]}

    def optimizers(self, learning_rate: float = 1e-3, optimizer: Literal["sgd", "adam"] = "sgd"):
        """Returns one optimizer for each player.

        Args:
            learning_rate: of both.
            optimizer: gradient descent, or Adam.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_choice(("sgd", "adam"), optimizer=optimizer)
        kind = {"sgd": keras.optimizers.SGD, "adam": Adam}[optimizer]
        return {player: kind(learning_rate) for player in self.players()}

    def phase_at(self, step):
        """Returns whose move a step is, in words: "self-regularization" is the refiner's, too."""
        alone, warming_up = self.pretraining
        if step < alone:
            return "self-regularization"
        turn = step - alone - warming_up
        moves = self.turn[0]
        return "refiner" if turn >= 0 and turn % sum(self.turn) < moves else "discriminator"

    def train_step(self, batch):
        x, y = batch
        self.buffer.check_batch(x)
        if self.phase == "discriminator":
            refined = self.buffer(self.refiner(x, training=True), self.draw_seed("history"))
            self._move("discriminator", lambda: self.discriminator_loss(refined, y))
        elif self.phase == "refiner":
            self._move("refiner", lambda: self.refiner_loss(x))
        else:
            refine = functools.partial(self.refiner, training=True)
            self._move("refiner", lambda: self.self_regularization(x, refine(x)))
        return self.finish_step()

    def _move(self, player, loss):
        self.update(player, lambda: (loss(), None), clip_norm=self.clip_norm or None)

    def test_step(self, batch):
        x, y = batch
        discriminator_loss = self.discriminator_loss(self.refiner(x), y)
        self.track(refiner_loss=self.refiner_loss(x), discriminator_loss=discriminator_loss)
        return self.results()

    def refiner_loss(self, x):
        """Returns how refined the images are to the discriminator, and the weighted differences.

        Args:
            x: simulated images (batch, height, width, channels) in [-1, 1].
        """
        refined = self.refiner(x, training=True)
        realism = self._cross_entropy(refined, REAL)
        self.track(realism=realism)
        return realism + self.regularization_weight * self.self_regularization(x, refined)

    def self_regularization(self, x, refined):
        """Returns the sum of an image's absolute differences, the mean over images."""
        difference = tf.cast(refined, tf.float32) - tf.cast(x, tf.float32)
        if self.feature == "mean":
            difference = tf.reduce_mean(difference, -1)
        size = tf.cast(tf.size(difference[0]), tf.float32)
        loss = size * tf.reduce_mean(tf.abs(difference))
        self.track(self_regularization=loss)
        return loss

    def discriminator_loss(self, refined, y):
        """Returns both cross-entropies, sums over an image's patches and means over images.

        Args:
            refined, y: images (batch, height, width, channels) in [-1, 1], refined and real.
        """
        return self._cross_entropy(refined, REFINED) + self._cross_entropy(y, REAL)

    def _cross_entropy(self, images, label):
        logits = self.discriminator(images, training=True)
        labels = tf.fill(tf.shape(logits)[:-1], label)
        patches = tf.cast(tf.size(labels[0]), tf.float32)
        return patches * losses.class_cross_entropy(labels, logits)

    def call(self, image, training=False):
        return self.refiner(image, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: simulated, refined, and the nearest real image.

        Args:
            batch: (x, y); the nearest is one of y.
        """
        x, y = batch
        refined = self.refiner(x)
        apart = tf.reduce_mean(tf.abs(refined[:, None] - y[None]), [2, 3, 4])
        nearest = tf.gather(y, tf.argmin(apart, axis=1))
        return {"simulated": x, "refined": refined, "nearest real": nearest}

    def serving(self):
        """Returns what a server offers: from encoded images to encoded images."""
        return ImageToImage({"refine": self.refiner}, self.image_size, 1, self.channels)
