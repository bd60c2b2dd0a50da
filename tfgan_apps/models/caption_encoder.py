"""CaptionEncoder: embeds captions where the images that they describe are embedded too.

Reference:
    Reed, Akata, Schiele, Lee, "Learning Deep Representations of Fine-grained Visual Descriptions",
    CVPR 2016, https://arxiv.org/abs/1605.05395
    https://github.com/reedscot/cvpr2016 at 7988b42 (the authors' Torch code), and the encoder that
    https://github.com/reedscot/icml2016 at db3f0c6 was given (HybridCNNLong, FixedGRU)

Parameters:
    encoder of characters 4,045,184

Differences:
    The image encoder is a small CNN that learns with the text encoder; the authors' is GoogLeNet,
    trained on ImageNet, and stays as it is. It can be given.
    Captions of one class in a batch are no wrong ones of each other; the authors draw the examples
    of a batch from different classes.
    Capitals are read as small letters; the authors' captions have none.
    Initial weights follow the layers' sizes (He, Glorot). The authors' are uniform in +-0.08, which
    is near to that at their sizes; in small networks it leaves captions only a few directions to
    differ in.
    No dropout: the authors' rate is 0 in all of their scripts.
    RMSProp's epsilon, 1e-8, is under the root, where Keras has it; the authors' is beside it.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tfgan_apps import batches
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate
from tfgan_apps.layers import AveragedGRU, Characters, Whitening
from tfgan_apps.serving.kinds.text_to_embedding import TextToEmbedding

SHORTEST = 57
"""Characters whose convolutions leave the two steps that a recurrent network is for."""
_BATCH = 256


def build_text_network(embedding_size=1024, length=201, filters=(384, 512, 512), name="network"):
    """Returns the char-CNN-RNN behind the characters: three convolutions, and a GRU over the rest.

    Args:
        embedding_size: int, of the output. Defaults to 1024.
        length: int >= 57, characters of a text; 201 leave 18 steps. Defaults to 201.
        filters: three ints, of the convolutions; the last is the GRU's width too. Defaults to the
            released encoders', 4,045,184 parameters in all.
        name: str, of the model.

    Returns:
        Functional model: `characters` (batch, length, 70), one-hot -> `embedding`
        (batch, embedding_size), float32.

    Raises:
        ValueError: when `length` is too small, or `filters` are not three.
    """
    if length < SHORTEST or len(filters) != 3:
        raise ValueError(
            f"length must be at least {SHORTEST}, filters three numbers. "
            f"Received: length={length}, filters={filters}"
        )
    characters = x = layers.Input((length, 70), name="characters")
    for depth, width in enumerate(filters):
        x = layers.MaxPooling1D(3)(x) if depth else x
        x = layers.Conv1D(width, 4, activation="relu", kernel_initializer="he_uniform")(x)
    x = layers.Dense(embedding_size)(AveragedGRU(filters[-1])(x))
    embedding = layers.Activation("linear", dtype="float32", name="embedding")(x)
    return keras.Model(characters, embedding, name=name)


def build_text_encoder(
    embedding_size=1024, length=201, filters=(384, 512, 512), name="text_encoder"
):
    """Returns the char-CNN-RNN, from strings: `Characters`, then `build_text_network`.

    Args:
        embedding_size, length, filters: see `build_text_network`.
        name: str, of the model.

    Returns:
        Functional model: `text` strings (batch,), UTF-8 -> `embedding` (batch, embedding_size),
        float32.
    """
    text = layers.Input((), dtype="string", name="text")
    characters = Characters(length, name="characters")(text)
    embedding = build_text_network(embedding_size, length, filters)(characters)
    embedding = layers.Identity(dtype="float32", name="embedding")(embedding)
    return keras.Model(text, embedding, name=name)


def build_image_encoder(
    image_size=64, channels=3, embedding_size=1024, filters=64, name="image_encoder"
):
    """Returns a CNN that halves the image until 4 x 4 places are left, and a linear layer.

    Args:
        image_size: int, 4 times a power of 2 and at least 8. Defaults to 64.
        channels: int, of the image. Defaults to 3.
        embedding_size: int, of the output. Defaults to 1024.
        filters: int, of the first layer; they double with each, up to 8 times. Defaults to 64.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, image_size, image_size, channels) in [-1, 1] ->
        `embedding` (batch, embedding_size), float32.

    Raises:
        ValueError: when the size is another.
    """
    depth = (image_size // 4).bit_length() - 1
    if image_size < 8 or image_size != 4 * 2**depth:
        raise ValueError(
            "image_size must be 4 times a power of 2, and at least 8. "
            f"Received: image_size={image_size}"
        )
    image = x = layers.Input((image_size, image_size, channels), name="image")
    for stage in range(depth):
        width = filters * min(2**stage, 8)
        x = layers.Conv2D(width, 4, 2, "same", kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(embedding_size)(layers.Flatten()(x))
    embedding = layers.Activation("linear", dtype="float32", name="embedding")(x)
    return keras.Model(image, embedding, name=name)


def joint_embedding_loss(image_embeddings, text_embeddings, labels):
    """Returns the symmetric structured hinge loss: a pair should score 1 above all wrong pairs.

    With s(i, j) the inner product of image i and text j it is the sum over all i, and all j of
    another class, of max(0, 1 + s(i, j) - s(i, i)) + max(0, 1 + s(j, i) - s(i, i)), divided by the
    number of pairs (i, j), those of one class included.

    Args:
        image_embeddings, text_embeddings: float32 (batch, D); those in one place are a pair.
        labels: int (batch,), classes.

    Reference: Reed et al. 2016, https://arxiv.org/abs/1605.05395; the divisor is that of the
    authors' train_sje_hybrid.lua, `JointEmbeddingLoss`.
    """
    scores = tf.matmul(image_embeddings, text_embeddings, transpose_b=True)
    own = tf.linalg.diag_part(scores)
    wrong = tf.cast(labels[:, None] != labels[None], scores.dtype)
    texts = tf.nn.relu(1.0 + scores - own[:, None])
    images = tf.nn.relu(1.0 + scores - own[None])
    return tf.reduce_mean(wrong * (texts + images))


@keras.saving.register_keras_serializable(package="tfgan_apps")
class CaptionEncoder(AdversarialModel):
    """A text encoder and an image encoder whose embeddings of a pair have a large inner product.

    No game: one player, `encoder`, trains both.

    | here | paper | authors' code |
    |---|---|---|
    | `text_encoder` | phi | enc_doc |
    | `image_encoder` | theta | enc_image |
    | `filters[-1]` | | cnn_dim |

    Args:
        image_size: height and width of the images in pixels, 4 times a power of 2, at least 8.
        channels: of the images, 1, 3 or 4.
        embedding_size: of a caption and of an image.
        length: characters of a caption that are read, at least 57.
        filters: of the text encoder, three numbers; the released encoders' if not given.
        image_filters: of the image encoder's first layer.
        whiten: whether directions of the text encoder's embeddings are brought nearer to one scale
            after training, for a generator: see `Whitening`.
        seed: of weights and data order; training draws nothing.
        image_encoder: `keras.Model` from images to (batch, embedding_size) in place of the built
            one; with `trainable=False` it stays as it is.

    Call: `text` strings (batch,) -> (batch, embedding_size) float32.
    A batch of `fit` is a dict with `image` (batch, image_size, image_size, channels) in [-1, 1],
    `captions` strings (batch, k), of which the first is used, and `label` int (batch,).
    """

    least_batch = 2

    def __init__(
        self,
        image_size: int = 64,
        channels: int = 3,
        embedding_size: int = 1024,
        length: int = 201,
        filters: tuple[int, ...] = (384, 512, 512),
        image_filters: int = 64,
        whiten: bool = False,
        seed: int = 0,
        image_encoder=None,
        **kwargs,
    ):
        super().__init__(["image_accuracy", "text_accuracy"], seed, **kwargs)
        check_integers(1, embedding_size=embedding_size, image_filters=image_filters)
        check_choice((1, 3, 4), channels=channels)
        self.batch_spec = {"image": batches.images(image_size, channels)}
        self.text_encoder = build_text_encoder(embedding_size, length, filters)
        self.image_encoder = image_encoder or build_image_encoder(
            image_size, channels, embedding_size, image_filters
        )
        self.whitening = Whitening(name="whitening") if whiten else None
        self.finished_encoder = _whitened(self.text_encoder, self.whitening)
        counter = {"trainable": False, "aggregation": "only_first_replica"}
        self.whitened_at = self.add_weight((), "zeros", "int64", name="whitened_at", **counter)

    def players(self):
        return {"encoder": [self.text_encoder, self.image_encoder]}

    def optimizers(self, learning_rate: float = 7e-4, decay: bool = True, steps_per_epoch=None):
        """Returns the authors' RMSProp.

        Args:
            learning_rate: of RMSProp.
            decay: whether it falls by 2 percent after every epoch.
            steps_per_epoch: int, `len(dataset)`, for the decay. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        rate = learning_rate
        if decay and steps_per_epoch is not None:
            rate = keras.optimizers.schedules.ExponentialDecay(rate, steps_per_epoch, 0.98, True)
        return {"encoder": keras.optimizers.RMSprop(rate, rho=0.99, epsilon=1e-8)}

    def train_step(self, batch):
        characters = self.text_encoder.get_layer("characters")(batch["captions"][:, 0])
        labels = _of_all_replicas(batch["label"])
        self.update("encoder", lambda: (self._loss(batch["image"], characters, labels), None))
        return self.finish_step()

    def _loss(self, image, characters, labels):
        # Wrong pairs are those of the global batch: two replicas learn what one device would.
        # XLA compiles no strings, and so not the step; asked for, it compiles the networks.
        embed = self._compiled if self.asked_jit_compile is True else self._embeddings
        images, texts = map(_of_all_replicas, embed(image, characters))
        scores = tf.matmul(images, texts, transpose_b=True)
        for name, axis in (("image_accuracy", 1), ("text_accuracy", 0)):
            found = tf.gather(labels, tf.argmax(scores, axis))
            self.track(**{name: tf.reduce_mean(tf.cast(found == labels, tf.float32))})
        return joint_embedding_loss(images, texts, labels)

    def _embeddings(self, image, characters):
        text_network = self.text_encoder.get_layer("network")
        return self.image_encoder(image, training=True), text_network(characters, training=True)

    @tf.function(jit_compile=True)
    def _compiled(self, image, characters):
        return self._embeddings(image, characters)

    def call(self, text, training=False):
        return self.text_encoder(text, training=training)

    def samples(self, batch):
        """Returns the columns of a sheet: captions, their images, and those that fit them best.

        Args:
            batch: dict with `caption` strings (batch,) and `image`.
        """
        scores = tf.matmul(
            self.text_encoder(batch["caption"]),
            self.image_encoder(batch["image"]),
            transpose_b=True,
        )
        best = tf.gather(batch["image"], tf.argmax(scores, 1))
        return {"caption": batch["caption"], "image": batch["image"], "best fit": best}

    def serving(self):
        """Returns what a server offers: embeddings of texts.

        Raises:
            ValueError: when they are to be whitened, and have not been.
        """
        if self.whitening is not None and int(self.whitened_at.numpy()) != int(self.step.numpy()):
            raise ValueError(
                "whiten must be False for a text encoder that is served before the end of its "
                "training, which whitens it. Received: whiten=True"
            )
        return TextToEmbedding(self.finished_encoder)

    def whiten(self, texts):
        """Sets the whitening after training, if there is one.

        Args:
            texts: list of str, the captions of training.

        Returns:
            bool, whether that has changed the model.

        Raises:
            ValueError: see `Whitening.adapt`.
        """
        step = int(self.step.numpy())
        if self.whitening is None or int(self.whitened_at.numpy()) == step > 0:
            return False
        batches = [texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH)]
        found = [self.text_encoder(tf.constant(b), training=False) for b in batches]
        self.whitening.adapt(np.concatenate(found))
        self.whitened_at.assign(step)
        return True


def _whitened(text_encoder, whitening):
    """Returns the encoder that is served: the text encoder, whitened if that is given."""
    if whitening is None:
        return text_encoder
    text = keras.Input((), dtype="string", name="text")
    embedding = whitening(text_encoder(text))
    embedding = layers.Identity(dtype="float32", name="embedding")(embedding)
    return keras.Model(text, embedding, name=f"whitened_{text_encoder.name}")


def _of_all_replicas(rows):
    """Returns the rows of all replicas in order, which have equally many; gradients flow back."""
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync
    if replicas == 1:
        return rows
    own = tf.one_hot(context.replica_id_in_sync_group, replicas, dtype=rows.dtype)
    own = tf.reshape(own, [replicas] + [1] * len(rows.shape))
    together = context.all_reduce(tf.distribute.ReduceOp.SUM, own * rows[None])
    return tf.reshape(together, tf.concat([[-1], tf.shape(rows)[1:]], 0))
