"""SPADE: paints photographs after label maps, by which its generator normalizes.

Reference:
    Park, Liu, Wang, Zhu, "Semantic Image Synthesis with Spatially-Adaptive Normalization",
    CVPR 2019, https://arxiv.org/abs/1903.07291
    https://github.com/NVlabs/SPADE at fecacc9

Parameters:
    generator 97,480,899 (COCO-Stuff), discriminator 5,904,514; encoder 10,463,424

Differences:
    The rates fall over the second half of the epochs, as the paper's; the code has an option.
    Keras' weights of VGG19, which see images otherwise than torchvision's, may take their place.
    A style of which nothing is known is that of zeros; the authors draw one, or encode an image.
"""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import accumulation, batches, losses, sheets
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check_integers,
    check_learning_rate,
    check_numbers,
    height_and_width,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.input_pipelines.sources.label_maps import Labelling
from tfgan_apps.metrics.features import vgg19, weight_files
from tfgan_apps.networks import spade
from tfgan_apps.optimizers import Adam
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.mask_to_image import MaskToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SPADE(AdversarialModel):
    """A generator of images from label maps, discriminators of two scales, perhaps an encoder.

    | here | authors' code |
    |---|---|
    | `classes`, `dontcare`, `instances` | label_nc, contain_dontcare_label, not no_instance |
    | `generator_filters`, `discriminator_filters` | ngf, ndf |
    | `scales`, `discriminator_layers` | num_D, n_layers_D |
    | `latent_size` | z_dim where use_vae, else 0 |
    | `feature_weight`, `vgg_weight`, `divergence_weight` | lambda_feat, lambda_vgg, lambda_kld |

    `adversarial`, `features`, `vgg` and `divergence` are the generator's loss, each weighed.

    Args:
        image_size: height and width of the images in pixels, such as 256,512, multiples of 32, 64
            or 128 by `upsampling`; one number: a square.
        classes: labels of the maps, 0 to classes - 1.
        dontcare: whether pixels of none of them have a label of their own, `classes`.
        instances: whether the edges of things are seen, too.
        first_id: the number that files of masks have for label 0; lower ones, and 255, are don't
            care.
        colors: sequence of (red, green, blue), of labels in such files. Defaults to None, files
            hold numbers.
        generator_filters: of the generator's last block, and of the encoder's first layer.
        upsampling: how often the generator doubles the sides: normal, 5 times; more, 6; most, 7.
        latent_size: of a style, which an encoder tells from images (the authors' is 256); 0: none.
        encoder_size: side that images are resized to for the encoder, in pixels, at least 128.
        discriminator_filters: of the discriminators' first layers.
        discriminator_layers: hidden layers of each.
        scales: how many discriminators, each of half the pixels of the one before.
        feature_weight: of the difference of what discriminators see, in the generator's loss.
        vgg_weight: of the difference of what VGG19 sees; 0: it is not needed.
        vgg_weights: file with VGG19's weights; what lies in ~/.cache/tfgan_apps, or in the folder
            TFGAN_WEIGHTS, if not given.
        divergence_weight: of the styles' divergence from the normal distribution.
        seed: of weights, data order and draws.
        generator, discriminator, encoder: `keras.Model`s in place of the built ones.

    Call: `x`, label maps, int (batch, height, width), or a dict of `label_map`, of `instances`
    where they are seen, int of that shape too, and perhaps of `latents` (batch, latent_size), zeros
    where there are none -> images in [-1, 1].
    A batch of `fit` and `evaluate` is `(x, image)`.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: tuple[int, ...] = (256, 256),
        classes: int = 182,
        dontcare: bool = True,
        instances: bool = True,
        first_id: int = 0,
        generator_filters: int = 64,
        upsampling: Literal["normal", "more", "most"] = "normal",
        latent_size: int = 0,
        encoder_size: int = 256,
        discriminator_filters: int = 64,
        discriminator_layers: int = 4,
        scales: int = 2,
        feature_weight: float = 10.0,
        vgg_weight: float = 10.0,
        vgg_weights: str | None = None,
        divergence_weight: float = 0.05,
        seed: int = 0,
        colors=None,
        generator=None,
        discriminator=None,
        encoder=None,
        **kwargs,
    ):
        weights = {"features": feature_weight, "vgg": vgg_weight}
        weights["divergence"] = divergence_weight if latent_size else 0.0
        super().__init__(["adversarial", *(n for n, w in weights.items() if w)], seed, **kwargs)
        size = height_and_width(image_size)
        check_integers(128, encoder_size=encoder_size)
        check_numbers(0, feature_weight=feature_weight, vgg_weight=vgg_weight)
        check_numbers(0, divergence_weight=divergence_weight)
        self.labelling = Labelling(classes, dontcare, first_id, colors)
        self.image_size, self.labels, self.instances = size, classes + dontcare, instances
        self.latent_size, self.encoder_size = latent_size, encoder_size
        self.weights_of_terms, self.vgg_weights, self.vgg = weights, vgg_weights, None
        x = batches.Values(size, "integer", 0, self.labels - 1)
        if instances:
            x = {"label_map": x, "instances": batches.Values(size, "integer")}
        self.batch_spec = x, batches.images(size, 3)
        self.predict_spec = None if latent_size else x
        channels, shape = self.labels + instances, (*size, 3)
        seen = {"semantics": (*size, channels)}
        taken = seen | {"latents": (latent_size,)} if latent_size else seen["semantics"]
        check_network(taken, shape, generator=generator)
        check_network({**seen, "image": shape}, discriminator=discriminator)
        check_network((encoder_size, encoder_size, 3), encoder=encoder)
        sizes = channels, size, generator_filters, upsampling, latent_size
        self.generator = generator or spade.build_generator(*sizes)
        sizes = channels, discriminator_filters, scales, discriminator_layers
        self.discriminator = discriminator or spade.build_discriminator(*sizes)
        self.encoder = None
        if latent_size:
            sizes = (encoder_size, encoder_size), generator_filters, latent_size
            self.encoder = encoder or spade.build_encoder(*sizes)

    def players(self):
        painters = [self.generator] + [self.encoder] * bool(self.latent_size)
        return {"generator": painters, "discriminator": [self.discriminator]}

    def optimizers(
        self,
        generator_learning_rate: float = 1e-4,
        discriminator_learning_rate: float = 4e-4,
        linear_decay: bool = True,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the authors' Adams, of two rates; VGG19's weights are looked for, too.

        Args:
            generator_learning_rate: of the generator's and encoder's Adam.
            discriminator_learning_rate: of the discriminators'.
            linear_decay: let the rates fall towards 0 over the second half of the epochs.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, constant rates.

        Raises:
            WeightFileError: there is no file of VGG19's weights, and `vgg_weight` is not 0.
        """
        rates = {"generator": generator_learning_rate, "discriminator": discriminator_learning_rate}
        check_learning_rate(**{f"{player}_learning_rate": rate for player, rate in rates.items()})
        self._open_vgg()  # before training, not amid its first step
        if linear_decay and steps_per_epoch is not None:
            decay = steps_per_epoch, epochs, epochs // 2 + 1
            rates = {player: LinearDecay(rate, *decay) for player, rate in rates.items()}
        return {p: Adam(rates[p], 0.0, 0.9, epsilon=1e-8) for p in rates}

    def _open_vgg(self):
        """Loads VGG19, as a function: it is no part of what is saved."""
        if self.vgg is None:
            given = self.weights_of_terms["vgg"], self.vgg_weights
            self.vgg = weight_files.of_loss(vgg19.perceptual_features, *given)

    def train_step(self, batch):
        x, image = batch
        semantics = self.semantics(x)
        self.update("generator", lambda: (self.generator_loss(semantics, image), None))
        fake, _ = self.painted(semantics, image, "style of the discriminator's")
        loss = lambda: (self.discriminator_loss(semantics, image, fake), None)  # noqa: E731
        self.update("discriminator", loss)
        return self.finish_step()

    def test_step(self, batch):
        x, image = batch
        semantics = self.semantics(x)
        self.track(generator_loss=self.generator_loss(semantics, image, training=False))
        return self.results()

    def semantics(self, x):
        """Returns what the networks see of label maps, see `Call`."""
        label_map = x["label_map"] if isinstance(x, dict) else x
        instances = x["instances"] if self.instances else None
        return spade.semantics_of(label_map, self.labels, instances)

    def painted(self, semantics, image, name, training=True):
        """Returns images of label maps in the styles of given ones, and the styles' divergence.

        Args:
            semantics, image, training: see `generator_loss`.
            name: str, tells apart the draws of one step.
        """
        if not self.latent_size:
            return self.generator(semantics, training=training), None
        mean, log_variance = self.encoded(image, training)
        batch = None if training else self.tested("generator_loss")
        draw = tf.random.stateless_normal, name, tf.shape(mean)[0], (self.latent_size,), batch
        latents = mean + tf.exp(0.5 * log_variance) * self.draw(*draw)
        inputs = {"semantics": semantics, "latents": latents}
        divergence = style_divergence(mean, log_variance, accumulation.place(self)[0])
        return self.generator(inputs, training=training), divergence

    def encoded(self, image, training=False):
        """Returns the means and the logarithms of variances of images' styles."""
        seen = tf.image.resize(image, (self.encoder_size, self.encoder_size))
        told = self.encoder(seen, training=training)
        return told["mean"], told["log_variance"]

    def generator_loss(self, semantics, image, training=True):
        """Returns the sum of the weighed terms.

        Args:
            semantics: (batch, height, width, channels).
            image: (batch, height, width, 3) in [-1, 1], the true ones.
            training: bool. Defaults to True.
        """
        fake, divergence = self.painted(semantics, image, "style", training)
        on_fake, on_real = self.judged(semantics, fake, image, training)
        verdicts = [losses.hinge_generator_loss(seen[-1]) for seen in on_fake]
        terms = {"adversarial": sum(verdicts) / len(verdicts)}
        weights = self.weights_of_terms
        if weights["features"]:
            terms["features"] = weights["features"] * losses.feature_matching_loss(on_fake, on_real)
        if weights["vgg"]:
            terms["vgg"] = weights["vgg"] * vgg19.distance(self.vgg(fake), self.vgg(image))
        if weights["divergence"]:
            terms["divergence"] = weights["divergence"] * divergence
        self.track(**terms)
        return sum(terms.values())

    def discriminator_loss(self, semantics, image, fake):
        """Returns the mean over scales of both hinge losses."""
        on_fake, on_real = self.judged(semantics, tf.stop_gradient(fake), image)
        pairs = zip(on_real, on_fake, strict=True)
        found = [losses.hinge_discriminator_loss(real[-1], made[-1]) for real, made in pairs]
        return sum(found) / len(found)

    def judged(self, semantics, fake, image, training=True):
        """Returns what the discriminators see of generated and of true images, in one batch."""
        both = {"semantics": tf.concat([semantics, semantics], 0)}
        both["image"] = tf.concat([fake, image], 0)
        seen = self.discriminator(both, training=training)
        halves = [[tf.split(features, 2) for features in scale] for scale in seen]
        return tuple([[pair[half] for pair in scale] for scale in halves] for half in (0, 1))

    def call(self, x, training=False):
        semantics = self.semantics(x)
        if not self.latent_size:
            return self.generator(semantics, training=training)
        latents = x.get("latents") if isinstance(x, dict) else None
        if latents is None:
            latents = tf.zeros((tf.shape(semantics)[0], self.latent_size))
        return self.generator({"semantics": semantics, "latents": latents}, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: masks, images of them, and true ones.

        With an encoder the images have the mean style, and then that of the true one.
        """
        x, image = batch
        given = x if isinstance(x, dict) else {"label_map": x}
        columns = {"mask": sheets.colored(given["label_map"]), "output": self.call(x)}
        if self.latent_size:
            styled = self.call({**given, "latents": self.encoded(image)[0]})
            columns["in the style of the real"] = styled
        return {**columns, "real": image}

    def serving(self):
        """Returns what a server offers: from masks, and styles where there are any, to images."""
        networks = [self.generator] + [self.encoder] * bool(self.latent_size)
        seen = self.image_size, self.labelling, self.instances, self.latent_size
        return MaskToImage(self.call, networks, *seen, lambda image: self.encoded(image)[0])


def style_divergence(mean, log_variance, parts=1):
    """Returns the divergence of styles from the standard normal distribution, of a whole batch.

    It is a sum over examples and numbers: over parts of a batch, whose mean is taken, too.
    """
    found = 1.0 + log_variance - tf.square(mean) - tf.exp(log_variance)
    return -0.5 * tf.reduce_sum(found) * parts
