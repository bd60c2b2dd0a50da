"""VGG16's last features, in which MUNIT and UNIT compare an image with what it is translated to.

Reference: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
    Recognition", 2014, arXiv:1409.1556; the weights of keras.applications, which are the authors'
"""

import keras
import tensorflow as tf

from tfgan_apps.configs import dtype_policy
from tfgan_apps.layers import InstanceNormalization
from tfgan_apps.metrics.features import weight_files

FILES = (
    weight_files.WeightFile(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
)
_LEFT_OUT = ("block4_pool", "block5_pool")


def domain_invariant_features(weights=None):
    """Returns a function of images in [-1, 1] to VGG16's relu5_3, of normalized instances, float32.

    As the authors have it: there is no pooling before the fifth block, and what is a domain's, the
    mean and deviation of each channel, is taken away.

    Args:
        weights: str, path of the file. Defaults to None, what lies in `weight_files.FOLDER`.

    Raises:
        WeightFileError: the file is absent, or another.
    """
    network = build_vgg16(weight_files.find(weights, FILES)[0])

    def features(images):
        return network(keras.applications.vgg16.preprocess_input((images + 1.0) * 127.5))

    return features


def build_vgg16(weights=None):
    """Returns the network: images (N, H, W, 3) -> features (N, H / 8, W / 8, 512), float32.

    Args:
        weights: str, path of Keras' file. Defaults to None, random ones.

    Raises:
        WeightFileError: it is no such file.
    """
    whole = weight_files.load_application(keras.applications.VGG16, weights)
    with dtype_policy("float32"):
        image = x = keras.Input((None, None, 3), name="image")
        for layer in whole.layers[1:]:
            x = x if layer.name in _LEFT_OUT else layer(x)
        x = InstanceNormalization()(x)
    return keras.Model(image, x, name="vgg16", trainable=False)


def distance(fake, source):
    """Returns the mean squared difference of features."""
    return tf.reduce_mean(tf.square(fake - source))
