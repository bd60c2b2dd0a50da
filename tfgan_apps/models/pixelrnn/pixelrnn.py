"""PixelRNN: an exact model of images, one pixel and one colour after the other.

Reference: van den Oord, Kalchbrenner, Kavukcuoglu, "Pixel Recurrent Neural Networks", ICML 2016,
https://arxiv.org/abs/1601.06759. The authors published no code.

Parameters:
    69,601 (MNIST, 7 layers, h = 16)

Differences:
- States begin at 0 and not at learned values: the paper does not say of what shape these are.
- Learning rates were set by hand for each data set and not published, nor were RMSProp's other
  numbers: 1e-3, with a decay of 0.99.
- Gradients, of an image's nats, are clipped to [-1, 1]; the paper states nothing. Public codes clip
  those of the mean over pixels (igul222, carpedm20), which is looser by the number of pixels, or
  none (taimir).
- Channels belong to colours in contiguous groups, within each gate of an LSTM; the paper leaves
  open how they are split.
"""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps import batches
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check, check_choice, check_integers, check_learning_rate
from tfgan_apps.models.pixelrnn.networks import KINDS, build_network
from tfgan_apps.models.pixelrnn.sampling import Sampler, image_of, levels_of
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.autoregressive_image import AutoregressiveImage
from tfgan_apps.serving.kinds.served_model import variables_of


@keras.saving.register_keras_serializable(package="tfgan_apps")
class PixelRNN(AdversarialModel):
    """PixelCNN, Row LSTM or Diagonal BiLSTM; a single player that maximizes the likelihood.

    | here | paper |
    |---|---|
    | `filters` | h |
    | `depth` | layers |
    | `condition_size` | s of the multi-scale PixelRNN |
    | `MaskedConv2D` | masked convolution, mask A and B |

    The defaults are the paper's best model of binary MNIST.

    Args:
        kind: of the network.
        image_size: height and width of the images in pixels; from Keras code a pair, too.
        channels: of the images, 1, 3 or 4.
        depth: recurrent layers, or residual blocks of the PixelCNN, at least 1.
        filters: of a layer, h of the paper, at least 1.
        head_filters: of the last two hidden convolutions; 1024 in the paper's models of colour
            images.
        levels: values of a colour, 2 to 256: 2 for black and white, 256 for 8 bits.
        residual: whether layers add to their input.
        skip_connections: whether every layer reaches the head.
        condition_size: of a multi-scale model, the height of a smaller image that is given: of the
            image every n-th row and column, n a power of 2. None: not conditional.
        seed: of weights, data order and the samples that `samples` shows.

    Call: `image` (batch, height, width, channels) in [-1, 1] -> logits; see `build_network`.
    A batch of `fit` and `evaluate` is such images.

    Raises:
        ValueError: an argument out of its range, or a `condition_size` that does not fit.
    """

    def __init__(
        self,
        kind: Literal[KINDS] = "diagonal_bilstm",
        image_size: int = 28,
        channels: int = 1,
        depth: int = 7,
        filters: int = 16,
        head_filters: int = 32,
        levels: int = 2,
        residual: bool = True,
        skip_connections: bool = False,
        condition_size: int | None = None,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(["nats", "bits_per_dim"], seed, **kwargs)
        check_choice(KINDS, kind=kind)
        check_choice((1, 3, 4), channels=channels)
        check_integers(1, depth=depth, filters=filters, head_filters=head_filters)
        check(levels in range(2, 257), "2 to 256", levels=levels)
        height, width = image_size if isinstance(image_size, list | tuple) else [image_size] * 2
        check(min(height, width) >= 1, "at least 1", image_size=image_size)
        if condition_size is not None:
            check(
                condition_size in range(1, height + 1),
                f"1 to {height}",
                condition_size=condition_size,
            )
        self.image_shape = (height, width, channels)
        self.batch_spec = self.predict_spec = batches.images((height, width), channels)
        self.scale = height // (condition_size or height)
        self.condition_size = condition_size
        condition_shape = condition_size and (condition_size, width // self.scale, channels)
        self.network = build_network(
            kind,
            self.image_shape,
            depth,
            filters,
            head_filters,
            levels,
            residual,
            skip_connections,
            condition_shape,
        )
        self.levels = levels
        self.sampler = Sampler(
            self.network, kind, self.image_shape, depth, levels, residual, skip_connections
        )

    def players(self):
        return {"network": [self.network]}

    def optimizers(
        self,
        learning_rate: float = 1e-3,
        decay: bool = False,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the paper's RMSProp.

        Args:
            learning_rate: of RMSProp.
            decay: whether it falls to 0 over the second half of the epochs.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`, for the decay. Defaults to None.

        Raises:
            ValueError: a decay without its steps, or a rate that is none.
        """
        check_learning_rate(learning_rate=learning_rate)
        if decay:
            check(steps_per_epoch is not None, "given for a decay", steps_per_epoch=steps_per_epoch)
            learning_rate = LinearDecay(learning_rate, steps_per_epoch, epochs)
        return {"network": keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-8)}

    def train_step(self, image):
        self.update("network", lambda: (self._track(image), None), clip_value=1.0)
        return self.finish_step()

    def test_step(self, image):
        self.track(network_loss=self._track(image))
        return self.results()

    def _track(self, image):
        nats = tf.reduce_mean(-self.log_prob(image))
        self.track(nats=nats, bits_per_dim=nats / (np.log(2) * np.prod(self.image_shape)))
        return nats

    def log_prob(self, image):
        """Returns the exact log-likelihood of images, given their smaller ones if conditional.

        Args:
            image: (batch, height, width, channels) in [-1, 1], rounded to the nearest level.

        Returns:
            float32 (batch,), nats.
        """
        numbers = levels_of(image, self.levels)
        logits = self(image_of(numbers, self.levels))
        if self.levels == 2:
            targets = tf.cast(numbers, tf.float32)
            terms = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
        else:
            terms = tf.nn.sparse_softmax_cross_entropy_with_logits(numbers, logits)
        return -tf.reduce_sum(terms, (1, 2, 3))

    def call(self, image, training=False):
        inputs = [image, self.smaller(image)] if self.condition_size else image
        return self.network(inputs, training=training)

    def smaller(self, image):
        """Returns every n-th row and column of images, what a conditional model is given."""
        return image[:, :: self.scale, :: self.scale]

    def sample(self, uniform, image=None, known_rows=None, temperature=1.0):
        """Draws images, or completes them from the rows that are known.

        Args:
            uniform: float32 (batch, height, width, channels) in [0, 1), what chance decides.
            image: (batch, height, width, channels) in [-1, 1]: known rows are taken from it, and
                the smaller image that a conditional model needs. Defaults to None.
            known_rows: int32 (batch,), rows from the top that stay as in `image`. Defaults to 0.
            temperature: float > 0; below 1, likelier images. Defaults to 1.

        Returns:
            float32 (batch, height, width, channels) in [-1, 1].

        Raises:
            ValueError: a conditional model without `image`.
        """
        if self.condition_size is not None and image is None:
            raise ValueError("image must be given to a conditional model. Received: image=None")
        return self._sample(uniform, image, known_rows, tf.convert_to_tensor(temperature))

    @tf.function(reduce_retracing=True)
    def _sample(self, uniform, image, known_rows, temperature):
        known = mask = condition = None
        if self.condition_size is not None:
            condition = self.smaller(image)
        if known_rows is not None:
            rows = tf.range(self.image_shape[0])[None, :, None, None]
            mask = tf.broadcast_to(rows < known_rows[:, None, None, None], tf.shape(uniform))
            known = levels_of(image, self.levels)
        numbers, _ = self.sampler(uniform, known, mask, temperature, condition)
        return image_of(numbers, self.levels)

    def samples(self, batch):
        """Returns the columns of a sample sheet: images, their completions, and fresh samples.

        Args:
            batch: (batch, height, width, channels) images in [-1, 1].
        """
        image = image_of(levels_of(batch, self.levels), self.levels)
        uniform = tf.random.stateless_uniform(tf.shape(image), (self.seed, 0), alg="philox")
        half = tf.fill(tf.shape(image)[:1], self.image_shape[0] // 2)
        columns = {"image": image, "completed": self.sample(uniform, image, half)}
        return {**columns, "sample": self.sample(uniform, image, tf.zeros_like(half))}

    def serving(self):
        """Returns what a server offers: samples, completions, log-probabilities."""

        def sample(seed, image, known_rows):
            uniform = served_model.uniform(seed, self.image_shape)
            drawn = self.sample(uniform, _from_uint8(image), known_rows)
            return tf.cast(tf.round((drawn + 1.0) * 127.5), tf.uint8)

        def log_prob(image):
            return self.log_prob(_from_uint8(image))

        return AutoregressiveImage(sample, log_prob, variables_of(self.network), self.image_shape)


def _from_uint8(image):
    return tf.cast(image, tf.float32) * np.float32(1 / 127.5) - 1.0
