"""Scorers: layers that say how well the candidates of a query fit it, with their penalties."""

import keras
import tensorflow as tf

from tfgan_apps.layers.text_convolution import TextConvolution


class _Scorer(keras.layers.Layer):
    def outputs(self, scores, query_penalty, candidate_penalty):
        """Returns the outputs by name; penalties are float32 in every precision."""
        zeros = tf.zeros_like(scores, tf.float32)
        return {
            "scores": scores,
            "query_penalty": zeros[:, 0] + query_penalty,
            "candidate_penalty": zeros + candidate_penalty,
        }

    def _weights_penalty(self):
        return tf.add_n([half_squares(weight) for weight in self.trainable_weights])


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Factorization(_Scorer):
    """Matrix factorization: the score of an item for a user is <P_user, Q_item> + b_item.

    Args:
        queries: int, users.
        candidates: int, items.
        dimensions: int, of the embeddings. Defaults to 5.
        spread: float, embeddings begin uniformly in [-spread, spread]. Defaults to 0.05.
    """

    def __init__(self, queries, candidates, dimensions=5, spread=0.05, **kwargs):
        super().__init__(**kwargs)
        uniform = keras.initializers.RandomUniform(-spread, spread)
        self.sizes = {"queries": queries, "candidates": candidates}
        self.sizes |= {"dimensions": dimensions, "spread": spread}
        self.users = self.add_weight((queries, dimensions), uniform, name="user_embeddings")
        uniform = keras.initializers.RandomUniform(-spread, spread)
        self.items = self.add_weight((candidates, dimensions), uniform, name="item_embeddings")
        self.bias = self.add_weight((candidates,), "zeros", name="item_bias")

    def call(self, query):
        users = tf.gather(tf.convert_to_tensor(self.users), query)
        items, bias = tf.convert_to_tensor(self.items), tf.convert_to_tensor(self.bias)
        return self.outputs(
            tf.matmul(users, items, transpose_b=True) + bias,
            half_squares(users, -1),
            half_squares(items, -1) + 0.5 * tf.square(tf.cast(bias, tf.float32)),
        )

    def get_config(self):
        return {**super().get_config(), **self.sizes}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class TanhScorer(_Scorer):
    """Features of a query and a document to their score: one hidden layer of tanh.

    Args:
        features: int, of a document. Defaults to 46, LETOR's.
        hidden: int. Defaults to 46.
        output_bias: bool; a bias changes no order and no pair. Defaults to True.
    """

    def __init__(self, features=46, hidden=46, output_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.sizes = {"features": features, "hidden": hidden, "output_bias": output_bias}
        normal = keras.initializers.TruncatedNormal(stddev=0.1)
        self.kernel = self.add_weight((features, hidden), normal, name="weight_1")
        normal = keras.initializers.TruncatedNormal(stddev=0.1)
        self.output_kernel = self.add_weight((hidden, 1), normal, name="weight_2")
        self.hidden_bias = self.add_weight((hidden,), "zeros", name="bias_1")
        self.bias = self.add_weight((1,), "zeros", name="bias_2") if output_bias else None

    def call(self, features):
        hidden = keras.ops.tanh(keras.ops.matmul(features, self.kernel) + self.hidden_bias)
        scores = keras.ops.matmul(hidden, self.output_kernel)
        if self.bias is not None:
            scores += self.bias
        return self.outputs(scores[..., 0], self._weights_penalty(), 0.0)

    def get_config(self):
        return {**super().get_config(), **self.sizes}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class QuestionAnswerScorer(_Scorer):
    """The cosine of a question's and an answer's encoding, by one convolutional network.

    Valid convolutions over the tokens' embeddings, ReLU, and the largest value of each filter.

    Args:
        vocabulary: int, tokens.
        embedding: int, dimensions of a token. Defaults to 100.
        windows: sequence of int, tokens that a convolution sees. Defaults to (1, 2, 3, 5).
        filters: int, of each window. Defaults to 500.
    """

    def __init__(self, vocabulary, embedding=100, windows=(1, 2, 3, 5), filters=500, **kwargs):
        super().__init__(**kwargs)
        self.sizes = {"vocabulary": vocabulary, "embedding": embedding}
        self.sizes |= {"windows": list(windows), "filters": filters}
        uniform = keras.initializers.RandomUniform(-1.0, 1.0)
        self.embedding = self.add_weight((vocabulary, embedding), uniform, name="embedding")
        self.convolution = TextConvolution({size: filters for size in windows}, name="convolution")
        self.convolution.build((None, max(windows), embedding))  # of sequences of any length

    def call(self, question, answers):
        shape = tf.shape(answers)
        asked = self.encode(question)[:, None]
        given = self.encode(tf.reshape(answers, (-1, shape[2])))
        given = tf.reshape(given, (shape[0], shape[1], given.shape[-1]))
        lengths = tf.norm(asked, axis=-1) * tf.norm(given, axis=-1) + 1e-8
        scores = tf.reduce_sum(asked * given, -1) / lengths
        return self.outputs(scores, self._weights_penalty(), 0.0)

    def encode(self, tokens):
        """Returns the encodings, float32 (batch, windows x filters), of tokens (batch, length)."""
        embedded = tf.gather(tf.convert_to_tensor(self.embedding), tokens)
        return tf.cast(self.convolution(embedded), tf.float32)

    def get_config(self):
        return {**super().get_config(), **self.sizes}


def half_squares(weight, axis=None):
    """Returns half the sum of squares over an axis, by default all, in float32."""
    return 0.5 * tf.reduce_sum(tf.square(tf.cast(weight, tf.float32)), axis)
