"""UNIT: translates between two sets of images without pairs, by a code that both share.

Reference:
    Liu, Breuel, Kautz, "Unsupervised Image-to-Image Translation Networks", NIPS 2017,
    https://arxiv.org/abs/1703.00848
    https://github.com/mingyuliutw/UNIT, branch version_02 at 96def6b (the paper's code), and
    master at 28d5982 (the authors' rewrite)

Parameters:
    generators 18,017,286, discriminators 25,240,065; rewrite: of a domain 11,140,483, 8,271,171

Differences:
    The paper's networks are those of CelebA: for cats and dogs the authors normalize instances
    outside of residual blocks, too, and for streets they have dropout and several scales; their
    discriminators of both share nothing. Sigmoids and cross-entropies are one, of logits.
    Of the rewrite, two codes pass a decoder in one batch: nothing in it sees other images.
"""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_numbers,
)
from tfgan_apps.metrics.features import vgg16, weight_files
from tfgan_apps.networks import munit, unit
from tfgan_apps.optimizers import halved_adams
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

OTHER = {"x": "y", "y": "x"}


def squared_errors(on_real, on_fake):
    """Returns the sum of both squared errors, without LSGAN's half."""
    return 2 * losses.least_squares_discriminator_loss(on_real, on_fake)


GAMES = {
    "shared": (losses.non_saturating_generator_loss, losses.minimax_discriminator_loss),
    "rewrite": (losses.least_squares_generator_loss, squared_errors),
}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class UNIT(AdversarialModel):
    """Two autoencoders and two discriminators; a code of one domain is decoded to the other.

    Networks are dicts by domain. A code is the mean of a normal distribution of variance 1: in
    training it gets noise, in inference none.

    | here | paper | authors' code |
    |---|---|---|
    | domains x, y | 1, 2 | a, b |
    | `encoders`, `decoders`, `discriminators` | E, G, D | encode and enc_shared, ... |
    | `adversarial_weight` | lambda_0 | gan_w |
    | `divergence_weight`, `reconstruction_weight` | lambda_1, lambda_2 | kl_..., ll_direct_link_w |
    | `cycle_divergence_weight`, `cycle_weight` | lambda_3, lambda_4 | kl_..., ll_cycle_link_w |

    `adversarial`, `reconstruction`, `divergence`, `cycle`, `cycle_divergence` and `vgg` are the
    generators' loss, each weighed; those of `_x` are of the images that x's decoder makes.

    Args:
        image_size: height and width of the training images in pixels, a multiple of 4.
        channels: of the images, 1, 3 or 4.
        architecture: `shared`, the paper's: both encoders end with the same layers, both decoders
            begin with the same, both discriminators end with the same; `rewrite`: the authors'
            later one, which shares none, with MUNIT's networks, least squares, and divergences of
            codes without noise; `UNIT.rewrite()` has its numbers.
        generator_filters: of the encoders' first layers.
        residual_blocks: of each encoder and decoder alone.
        shared_blocks: residual blocks that both encoders share, and both decoders; 0: none.
        discriminator_filters: of the discriminators' first layers.
        discriminator_layers: hidden layers of each, of which two are not shared.
        scales: how many discriminators of a domain the rewrite has.
        adversarial_weight: of what the discriminators say, in both players' losses, >= 0.
        reconstruction_weight: of an image's difference from what is made of its code, >= 0.
        divergence_weight: of the codes' divergence from the normal distribution, the mean of their
            squares, >= 0.
        cycle_weight: of an image's difference from its translation back, >= 0.
        cycle_divergence_weight: of the divergence of translated images' codes, >= 0.
        vgg_weight: of the difference of what VGG16 sees of an image and of its translation; 0: it
            is not needed.
        vgg_weights: file with VGG16's weights; what lies in ~/.cache/tfgan_apps, or in the folder
            TFGAN_WEIGHTS, if not given.
        seed: of weights, data order and draws.

    Call: `image` (batch, height, width, channels) of x in [-1, 1] -> its translation to y.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels).

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 128,
        channels: int = 3,
        architecture: Literal["shared", "rewrite"] = "shared",
        generator_filters: int = 64,
        residual_blocks: int = 3,
        shared_blocks: int = 1,
        discriminator_filters: int = 64,
        discriminator_layers: int = 6,
        scales: int = 3,
        adversarial_weight: float = 10.0,
        reconstruction_weight: float = 100.0,
        divergence_weight: float = 0.1,
        cycle_weight: float = 100.0,
        cycle_divergence_weight: float = 0.1,
        vgg_weight: float = 0.0,
        vgg_weights: str | None = None,
        seed: int = 0,
        **kwargs,
    ):
        weights = {"adversarial": adversarial_weight, "reconstruction": reconstruction_weight}
        weights |= {"divergence": divergence_weight, "cycle": cycle_weight}
        weights |= {"cycle_divergence": cycle_divergence_weight, "vgg": vgg_weight}
        weights = {name: weight for name, weight in weights.items() if weight}
        super().__init__([f"{term}_{side}" for term in weights for side in OTHER], seed, **kwargs)
        check_choice(tuple(GAMES), architecture=architecture)
        check_integers(unit.OWN_LAYERS, discriminator_layers=discriminator_layers)
        check_integers(1, scales=scales)
        check_integers(8, image_size=image_size)
        check(image_size % 4 == 0, "a multiple of 4", image_size=image_size)
        check_choice((1, 3, 4), channels=channels)
        check_numbers(0, **{f"{name}_weight": weight for name, weight in weights.items()})
        self.image_size, self.channels, self.architecture = image_size, channels, architecture
        self.weights_of_terms, self.vgg_weights, self.vgg = weights, vgg_weights, None
        self.batch_spec = (batches.images(image_size, channels),) * 2
        self.predict_spec = batches.images(None, channels, multiple=4, least=8)
        coder = channels, generator_filters, residual_blocks
        judge = discriminator_filters, discriminator_layers
        if architecture == "shared":
            self._build_shared(coder, shared_blocks, *judge)
        else:
            munit.check_size(image_size, discriminator_layers, scales)
            self._build_rewrite(coder, (channels, *judge, scales))
        for side, to in OTHER.items():
            parts = self.encoders[side], self.decoders[to]
            name = f"generator_{side}_to_{to}"
            setattr(self, name, unit.joined(*parts, name))

    @classmethod
    def rewrite(cls, **kwargs):
        """Returns the authors' rewrite at 256 px, with its numbers; see the class."""
        numbers = {"adversarial_weight": 1.0, "reconstruction_weight": 10.0, "cycle_weight": 10.0}
        numbers |= {"divergence_weight": 0.01, "cycle_divergence_weight": 0.01}
        sizes = {"image_size": 256, "residual_blocks": 4, "discriminator_layers": 4}
        return cls(**{"architecture": "rewrite", **sizes, **numbers, **kwargs})

    def _build_shared(self, coder, shared_blocks, filters, layers):
        """Builds the paper's networks: what each domain has alone, joined with what both have."""
        width = coder[1] * 2**unit.HALVINGS
        encoder = unit.build_shared(width, shared_blocks, "shared_encoder")
        decoder = unit.build_shared(width, shared_blocks, "shared_decoder")
        judge = unit.build_shared_discriminator(2 * filters, layers - unit.OWN_LAYERS)
        encoders = _both(unit.build_encoder, "own_encoder", *coder)
        decoders = _both(unit.build_decoder, "own_decoder", *coder)
        judges = _both(unit.build_discriminator, "own_discriminator", coder[0], filters)
        join = unit.joined
        self.encoders = {s: join(own, encoder, f"encoder_{s}") for s, own in encoders.items()}
        self.decoders = {s: join(decoder, own, f"decoder_{s}") for s, own in decoders.items()}
        self.discriminators = {s: join(own, judge, f"judge_{s}") for s, own in judges.items()}
        self.generator_parts = [*encoders.values(), encoder, decoder, *decoders.values()]
        self.discriminator_parts = [*judges.values(), judge]

    def _build_rewrite(self, coder, judge):
        """Builds the rewrite's networks, of which none is shared."""
        self.encoders = _both(munit.build_content_encoder, "encoder", *coder)
        self.decoders = _both(munit.build_decoder, "decoder", *coder, 0)
        self.discriminators = _both(munit.build_discriminator, "discriminator", *judge)
        self.generator_parts = [*self.encoders.values(), *self.decoders.values()]
        self.discriminator_parts = list(self.discriminators.values())

    def players(self):
        judges, coders = list(self.discriminator_parts), list(self.generator_parts)
        return {"discriminator": judges, "generator": coders}

    def optimizers(
        self,
        learning_rate: float = 1e-4,
        decay: float = 1e-4,
        halving_steps: int | None = None,
    ):
        """Returns the authors' Adams; VGG16's weights are looked for, too.

        Args:
            learning_rate: of both, at first.
            decay: of the weights, which their gradients get, times the weights.
            halving_steps: after how many the rates are halved; 0: never. Defaults to the authors':
                100,000 of the rewrite, 0 of the paper.

        Raises:
            WeightFileError: there is no file of VGG16's weights, and `vgg_weight` is not 0.
        """
        if self.vgg is None:  # before training, not amid its first step
            given = self.weights_of_terms.get("vgg"), self.vgg_weights
            self.vgg = weight_files.of_loss(vgg16.domain_invariant_features, *given)
        if halving_steps is None:
            halving_steps = 100_000 if self.architecture == "rewrite" else 0
        return halved_adams(self.players(), learning_rate, decay, halving_steps)

    def train_step(self, batch):
        images = dict(zip(OTHER, batch, strict=True))
        fakes = {}
        for side, other in OTHER.items():
            code = self.encoders[other](images[other])
            noise = self.noise(f"noise of the discriminators' {side}", code)
            fakes[side] = self.decoders[side](code + noise)
        self.update("discriminator", lambda: (self.discriminator_loss(images, fakes), None))
        self.update("generator", lambda: (self.generator_loss(images), None))
        return self.finish_step()

    def test_step(self, batch):
        images = dict(zip(OTHER, batch, strict=True))
        self.track(generator_loss=self.generator_loss(images, self.tested("generator_loss")))
        return self.results()

    def noise(self, name, code, batch=None):
        """Returns noise of a code's shape; see `draw`.

        Args:
            name: str, tells apart the draws of one step.
            code: (batch, height, width, channels).
            batch: scalar tensor, of an evaluation. Defaults to None, for training.
        """
        normal = tf.random.stateless_normal
        drawn = self.draw(normal, name, tf.shape(code)[0], tuple(code.shape[1:]), batch)
        return tf.cast(drawn, code.dtype)

    def discriminator_loss(self, images, fakes):
        """Returns the sum over domains and scales, weighed.

        Args:
            images, fakes: dicts, domain -> (batch, height, width, channels), real and generated.
        """
        loss = 0.0
        for side, judge in self.discriminators.items():
            both = tf.concat([images[side], tf.stop_gradient(fakes[side])], 0)
            for logits in tf.nest.flatten(judge(both)):
                loss += GAMES[self.architecture][1](*tf.split(logits, 2))
        return self.weights_of_terms.get("adversarial", 0.0) * loss

    def generator_loss(self, images, batch=None):
        """Returns the sum of the weighed terms of both domains.

        Args:
            images: dict, domain -> (batch, height, width, channels) in [-1, 1].
            batch: scalar tensor, of an evaluation. Defaults to None, for training.
        """
        codes = {side: encoder(images[side]) for side, encoder in self.encoders.items()}
        noisy = {s: code + self.noise(f"noise {s}", code, batch) for s, code in codes.items()}
        terms = {}
        for side in OTHER:
            for name, term in self._terms(side, images, codes, noisy, batch).items():
                terms[f"{name}_{side}"] = self.weights_of_terms.get(name, 0.0) * term
        asked = {name: term for name, term in terms.items() if name in self.tracked}
        self.track(**asked)
        return sum(asked.values())

    def _terms(self, side, images, codes, noisy, batch):
        """Returns the terms of what a domain's decoder makes, by name, not yet weighed."""
        other = OTHER[side]
        both = tf.concat([noisy[side], noisy[other]], 0)
        own, fake = tf.split(self.decoders[side](both), 2)
        code = self.encoders[side](fake)
        again = code + self.noise(f"noise of the translated {side}", code, batch)
        back = self.decoders[other](again)
        shown = (noisy[side], again) if self.architecture == "shared" else (codes[side], code)
        fooling, verdicts = GAMES[self.architecture][0], self.discriminators[side](fake)
        terms = {
            "adversarial": sum(fooling(logits) for logits in tf.nest.flatten(verdicts)),
            "reconstruction": losses.mean_absolute_error(own, images[side]),
            "divergence": divergence(shown[0]),
            "cycle": losses.mean_absolute_error(back, images[other]),
            "cycle_divergence": divergence(shown[1]),
        }
        if "vgg" in self.weights_of_terms:
            terms["vgg"] = vgg16.distance(self.vgg(fake), self.vgg(images[other]))
        return terms

    def call(self, image, training=False):
        return self.generator_x_to_y(image)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real, translated and cycled images.

        Args:
            batch: (x, y), each (batch, height, width, channels) in [-1, 1].
        """
        x, y = batch
        fake_x, fake_y = self.generator_y_to_x(y), self.generator_x_to_y(x)
        columns = {"x": x, "fake_y": fake_y, "cycled_x": self.generator_y_to_x(fake_y)}
        return {**columns, "y": y, "fake_x": fake_x, "cycled_y": self.generator_x_to_y(fake_x)}

    def serving(self):
        """Returns what a server offers: both directions, from encoded images to encoded images."""
        generators = {"x_to_y": self.generator_x_to_y, "y_to_x": self.generator_y_to_x}
        return ImageToImage(generators, self.image_size, 4, self.channels)


def divergence(code):
    """Returns the mean of squares, the divergence of N(code, 1) from N(0, 1) up to a half."""
    return tf.reduce_mean(tf.square(tf.cast(code, tf.float32)))


def _both(build, name, *sizes):
    """Returns a network of each domain."""
    return {side: build(*sizes, name=f"{name}_{side}") for side in OTHER}
