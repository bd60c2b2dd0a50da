"""The leaky ReLU of StyleGAN2 and its successors."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
def scaled_leaky_relu(x):
    """Returns a leaky ReLU of slope 0.2 times the root of 2, which about keeps the mean square.

    Args:
        x: float tensor.

    Reference: Karras et al. 2020 (StyleGAN2), https://arxiv.org/abs/1912.04958;
    https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, torch_utils/ops/bias_act.py
    """
    return tf.nn.leaky_relu(x, 0.2) * 2**0.5
