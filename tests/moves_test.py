"""Moves of several players at once; tests/adversarial_model_test.py has those of one."""

import keras
import numpy as np
import tensorflow as tf

from benchmarks.flagfile_flops import performed
from tests.model_test_case import values
from tests.tiny_gan import TinyGAN


@keras.saving.register_keras_serializable(package="tests")
class TinyShared(TinyGAN):
    """One function of both players, or for each a function of its own that says the same."""

    def both_lose(self):
        return tf.reduce_mean(self.discriminator(self.generator(tf.ones((2, 4))))), None

    def shared(self):
        self.update_together(dict.fromkeys(self.players(), self.both_lose))

    def apart(self):
        self.update_together({player: lambda: self.both_lose() for player in self.players()})

    def alone(self):
        self.update("generator", self.both_lose)


def test_players_of_one_function_share_the_pass_backward():
    """As many products of matrices as the generator's own move, and one per layer of the other."""
    found, products = {}, {}
    for way in ("shared", "apart", "alone"):
        keras.utils.set_random_seed(0)
        model = TinyShared()
        model.compile(**{f"{p}_optimizer": keras.optimizers.SGD(0.1) for p in model.players()})
        step = tf.function(getattr(model, way))
        operations = performed(step.get_concrete_function().graph)
        products[way] = [op.type for op in operations].count("MatMul")
        step()
        found[way] = values(model.trainable_variables)
    kernels = sum(len(v.shape) == 2 for v in model.variables_of("discriminator"))
    assert products["shared"] == products["alone"] + kernels
    for a, b in zip(found["shared"], found["apart"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
