"""MUNIT: translates an image of one domain into many of another, without pairs.

Reference:
    Huang, Liu, Belongie, Kautz, "Multimodal Unsupervised Image-to-Image Translation", ECCV 2018,
    https://arxiv.org/abs/1804.04732
    https://github.com/NVlabs/MUNIT at a82e222

Parameters:
    of a domain a generator 15,026,187, a discriminator 8,271,171; all four 46,594,716

Differences:
    Real and generated images pass a discriminator in one batch, and so do the two contents that a
    decoder makes images of: nothing in them sees other images of a batch.
    VGG16's weights are those that Keras publishes, the same ones.
"""

import keras
import tensorflow as tf

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check_choice,
    check_integers,
    check_numbers,
)
from tfgan_apps.metrics.features import vgg16, weight_files
from tfgan_apps.networks import munit
from tfgan_apps.optimizers import halved_adams
from tfgan_apps.serving.kinds.styled_image import Direction, StyledImage

OTHER = {"x": "y", "y": "x"}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class MUNIT(AdversarialModel):
    """Of each domain a content encoder, a style encoder, a decoder and discriminators.

    An image is a content, which both domains have, and a style of its own domain, which is drawn or
    told by another image. Networks are dicts by domain.

    | here | paper | authors' code |
    |---|---|---|
    | domains x, y | 1, 2 | a, b |
    | `content_encoders`, `style_encoders` | E^c, E^s | enc_content, enc_style |
    | `decoders` | G | mlp and dec |
    | `discriminators` | D | dis |
    | `latent_size`, `mlp_size` | 8, 256 | style_dim, mlp_dim |
    | `reconstruction_weight` | lambda_x | recon_x_w |
    | `content_weight`, `style_weight` | lambda_c, lambda_s | recon_c_w, recon_s_w |
    | `cycle_weight`, `vgg_weight` | | recon_x_cyc_w, vgg_w |

    `adversarial`, `reconstruction`, `style`, `content`, `cycle` and `vgg` are the generators' loss,
    each weighed; those of `_x` are of the images that x's decoder makes.

    Args:
        image_size: height and width of the training images in pixels, a multiple of 4 that leaves
            the smallest discriminator a patch, at least 16.
        channels: of the images, 1, 3 or 4.
        generator_filters: of the first layers of encoders (the authors' gen: dim).
        residual_blocks: of content encoders and of decoders (n_res).
        latent_size: of a style.
        mlp_size: width of the layers between a style and what it tells the decoder.
        discriminator_filters: of the discriminators' first layers (dis: dim).
        discriminator_layers: hidden layers of each, which halve the sides (n_layer).
        scales: how many discriminators of a domain, each of half the pixels of the one before.
        reconstruction_weight: of an image's difference from what is made of its own codes, >= 0.
        style_weight: of the difference of a drawn style from that of the image made of it, >= 0.
        content_weight: the same of contents, >= 0.
        cycle_weight: of the difference of an image from its translation back, in its own style; 10
            for summer to winter and for street scenes.
        vgg_weight: of the difference of what VGG16 sees of an image and of its translation; 0: it
            is not needed.
        vgg_weights: file with VGG16's weights; what lies in ~/.cache/tfgan_apps, or in the folder
            TFGAN_WEIGHTS, if not given.
        seed: of weights, data order and draws.

    Call: `image` (batch, height, width, channels) of x in [-1, 1], or a dict of it and of `style`
    (batch, latent_size) of y, zeros where there is none -> its translation to y.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels).

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 256,
        channels: int = 3,
        generator_filters: int = 64,
        residual_blocks: int = 4,
        latent_size: int = 8,
        mlp_size: int = 256,
        discriminator_filters: int = 64,
        discriminator_layers: int = 4,
        scales: int = 3,
        reconstruction_weight: float = 10.0,
        style_weight: float = 1.0,
        content_weight: float = 1.0,
        cycle_weight: float = 0.0,
        vgg_weight: float = 0.0,
        vgg_weights: str | None = None,
        seed: int = 0,
        **kwargs,
    ):
        weights = {"adversarial": 1.0, "reconstruction": reconstruction_weight}
        weights |= {"style": style_weight, "content": content_weight}
        weights |= {"cycle": cycle_weight, "vgg": vgg_weight}
        weights = {name: weight for name, weight in weights.items() if weight}
        super().__init__([f"{term}_{side}" for term in weights for side in OTHER], seed, **kwargs)
        check_integers(1, latent_size=latent_size, scales=scales)
        check_integers(1, discriminator_layers=discriminator_layers)
        munit.check_size(image_size, discriminator_layers, scales)
        check_choice((1, 3, 4), channels=channels)
        check_numbers(0, **{f"{name}_weight": weight for name, weight in weights.items()})
        self.image_size, self.channels, self.latent_size = image_size, channels, latent_size
        self.weights_of_terms, self.vgg_weights, self.vgg = weights, vgg_weights, None
        self.batch_spec = (batches.images(image_size, channels),) * 2
        sizes = channels, generator_filters

        def both(build, *numbers):
            kind = build.__name__.removeprefix("build_")
            return {side: build(*numbers, name=f"{kind}_{side}") for side in OTHER}

        self.content_encoders = both(munit.build_content_encoder, *sizes, residual_blocks)
        self.style_encoders = both(munit.build_style_encoder, *sizes, latent_size)
        numbers = residual_blocks, latent_size, mlp_size
        self.decoders = both(munit.build_decoder, *sizes, *numbers)
        numbers = channels, discriminator_filters, discriminator_layers, scales
        self.discriminators = both(munit.build_discriminator, *numbers)

    def players(self):
        coders = self.content_encoders, self.style_encoders, self.decoders
        generators = [network for networks in coders for network in networks.values()]
        return {"discriminator": list(self.discriminators.values()), "generator": generators}

    def optimizers(
        self, learning_rate: float = 1e-4, decay: float = 1e-4, halving_steps: int = 100_000
    ):
        """Returns the authors' Adams; VGG16's weights are looked for, too.

        Args:
            learning_rate: of both, at first.
            decay: of the weights, which their gradients get, times the weights.
            halving_steps: after how many the rates are halved; 0: never.

        Raises:
            WeightFileError: there is no file of VGG16's weights, and `vgg_weight` is not 0.
        """
        if self.vgg is None:  # before training, not amid its first step
            given = self.weights_of_terms.get("vgg"), self.vgg_weights
            self.vgg = weight_files.of_loss(vgg16.domain_invariant_features, *given)
        return halved_adams(self.players(), learning_rate, decay, halving_steps)

    def train_step(self, batch):
        images = dict(zip(OTHER, batch, strict=True))
        styles = self.drawn_styles("style of the discriminators'", images)
        fakes = {side: self.translate(images[OTHER[side]], styles[side], side) for side in OTHER}
        self.update("discriminator", lambda: (self.discriminator_loss(images, fakes), None))
        self.update("generator", lambda: (self.generator_loss(images), None))
        return self.finish_step()

    def test_step(self, batch):
        images = dict(zip(OTHER, batch, strict=True))
        self.track(generator_loss=self.generator_loss(images, self.tested("generator_loss")))
        return self.results()

    def drawn_styles(self, name, images, batch=None):
        """Returns styles of each domain, a dict; see `draw`.

        Args:
            name: str, tells apart the draws of one step.
            images: dict, domain -> (batch, height, width, channels).
            batch: scalar tensor, of an evaluation. Defaults to None, for training.
        """
        shape, normal = (self.latent_size,), tf.random.stateless_normal
        return {
            side: self.draw(normal, f"{name} {side}", tf.shape(image)[0], shape, batch)
            for side, image in images.items()
        }

    def translate(self, images, style, to="y"):
        """Returns images of the other domain as those of one.

        Args:
            images: (batch, height, width, channels) in [-1, 1].
            style: (batch, latent_size).
            to: "x" or "y". Defaults to "y".
        """
        content = self.content_encoders[OTHER[to]](images)
        return self.decoders[to]({"content": content, "style": tf.convert_to_tensor(style)})

    def discriminator_loss(self, images, fakes):
        """Returns the sum over domains and scales of both squared errors, without LSGAN's half.

        Args:
            images, fakes: dicts, domain -> (batch, height, width, channels), real and generated.
        """
        loss = 0.0
        for side, judge in self.discriminators.items():
            both = tf.concat([images[side], tf.stop_gradient(fakes[side])], 0)
            for logits in tf.nest.flatten(judge(both)):  # of one scale Keras makes no list
                loss += 2 * losses.least_squares_discriminator_loss(*tf.split(logits, 2))
        return loss

    def generator_loss(self, images, batch=None):
        """Returns the sum of the weighed terms of both domains.

        Args:
            images: dict, domain -> (batch, height, width, channels) in [-1, 1].
            batch: scalar tensor, of an evaluation. Defaults to None, for training.
        """
        styles = self.drawn_styles("style", images, batch)
        contents = {side: net(images[side]) for side, net in self.content_encoders.items()}
        codes = {side: net(images[side]) for side, net in self.style_encoders.items()}
        terms = {}
        for side in OTHER:
            found = self._terms(side, images, contents, codes, styles)
            terms |= {f"{n}_{side}": self.weights_of_terms[n] * term for n, term in found.items()}
        self.track(**terms)
        return sum(terms.values())

    def _terms(self, side, images, contents, codes, styles):
        """Returns the terms of what a domain's decoder makes, by name, not yet weighed."""
        other, asked = OTHER[side], self.weights_of_terms
        both = tf.concat([contents[side], contents[other]], 0)
        style = tf.concat([codes[side], styles[side]], 0)
        own, fake = tf.split(self.decoders[side]({"content": both, "style": style}), 2)
        content = self.content_encoders[side](fake)
        logits = tf.nest.flatten(self.discriminators[side](fake))
        verdicts = map(losses.least_squares_generator_loss, logits)
        pairs = {
            "reconstruction": (own, images[side]),
            "style": (self.style_encoders[side](fake), styles[side]),
            "content": (content, contents[other]),
        }
        if "cycle" in asked:
            back = self.decoders[other]({"content": content, "style": codes[other]})
            pairs["cycle"] = back, images[other]
        terms = {n: losses.mean_absolute_error(*pair) for n, pair in pairs.items() if n in asked}
        if "vgg" in asked:
            terms["vgg"] = vgg16.distance(self.vgg(fake), self.vgg(images[other]))
        return {"adversarial": sum(verdicts), **terms}

    def call(self, x, training=False):
        image = x["image"] if isinstance(x, dict) else x
        style = x.get("style") if isinstance(x, dict) else None
        if style is None:
            style = tf.zeros((tf.shape(image)[0], self.latent_size))
        return self.translate(image, style)

    def samples(self, batch):
        """Returns the columns of a sample sheet: images in two drawn styles, and in those of two.

        Args:
            batch: (x, y), each (batch, height, width, channels) in [-1, 1].
        """
        images, columns = dict(zip(OTHER, batch, strict=True)), {}
        for side, other in OTHER.items():
            columns[side] = images[side]
            drawn = tf.random.stateless_normal((2, self.latent_size), (self.seed, 0))
            told = self.style_encoders[other](images[other][:2])
            styles = {f"as {other}, drawn style {i}": s for i, s in enumerate(drawn, 1)}
            styles |= {f"as {other}, style of {other} {i}": s for i, s in enumerate(told, 1)}
            for title, style in styles.items():
                same = tf.repeat(style[None], len(images[side]), 0)
                columns[title] = self.translate(images[side], same, other)
        return columns

    def serving(self):
        """Returns what a server offers: both directions, in styles of seeds, pictures or codes."""

        def direction(to):
            translate = lambda images, style: self.translate(images, style, to)  # noqa: E731
            return Direction(translate, self.style_encoders[to])

        directions = {f"{OTHER[to]}_to_{to}": direction(to) for to in ("y", "x")}
        sizes = self.image_size, self.latent_size, self.channels
        return StyledImage(directions, self.players()["generator"], *sizes)
