"""VGG19's first layer of each block, in whose features perceptual losses compare images.

Reference: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
    Recognition", 2014, arXiv:1409.1556; the weights of keras.applications and of torchvision
"""

import keras
import tensorflow as tf

from tfgan_apps import losses
from tfgan_apps.metrics.features import weight_files

LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)  # of the layers in SPADE's and pix2pixHD's loss
KERAS_SCALE = 0.01  # brings features of Keras' weights to the size of those of torchvision's
FILES = (
    weight_files.WeightFile(
        "vgg19-dcbb9e9d.pth",
        "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        "dcbb9e9d",
    ),
    weight_files.WeightFile(
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
)
_CAFFE_MEAN = (103.939, 116.779, 123.68)  # of blue, green and red


def perceptual_features(weights=None):
    """Returns a function of images in [-1, 1] to the list of VGG19's relu1_1 to relu5_1, float32.

    torchvision's weights see the images as they are, as SPADE's authors have it. Keras' see blue,
    green and red in [0, 255] less their means, as they have learned, and their features, which are
    a hundred times as large, are divided by that.

    Args:
        weights: str, path of one of `FILES`; a .pth is read with torch. Defaults to None, what lies
            in `weight_files.FOLDER`.

    Raises:
        WeightFileError: the file is absent, damaged or another.
        ModuleNotFoundError: PyTorch is not installed, and the file is its.
    """
    path, _ = weight_files.find(weights, FILES)
    of_torch = path.endswith((".pth", ".pt"))
    network = build_vgg19(None if of_torch else path)
    if of_torch:
        load_torch(network, path)

    def features(images):
        images = tf.cast(images, tf.float32)
        if of_torch:
            return network(images)
        seen = (images[..., ::-1] + 1.0) * 127.5 - tf.constant(_CAFFE_MEAN)
        return [KERAS_SCALE * each for each in network(seen)]

    return features


def distance(fake, real):
    """Returns the sum over layers of the mean absolute differences, each times its share.

    Args:
        fake, real: lists of features; gradients flow to the first ones alone.
    """
    parts = zip(SHARES, fake, real, strict=True)
    return sum(s * losses.mean_absolute_error(a, tf.stop_gradient(b)) for s, a, b in parts)


def build_vgg19(weights=None):
    """Returns the network: images (N, H, W, 3) -> list of five layers' features, float32.

    Args:
        weights: str, path of Keras' file. Defaults to None, random ones.

    Raises:
        WeightFileError: it is no such file.
    """
    whole = weight_files.load_application(keras.applications.VGG19, weights)
    outputs = [whole.get_layer(name).output for name in LAYERS]
    return keras.Model(whole.inputs[0], outputs, name="vgg19", trainable=False)


def load_torch(network, path):
    """Puts the weights of torchvision's file into a network of `build_vgg19`.

    Args:
        network: of `build_vgg19`.
        path: str, of a .pth file.

    Raises:
        WeightFileError: an array is absent, or of another shape.
        ModuleNotFoundError: PyTorch is not installed.
    """
    arrays, place = weight_files.read_torch(path), 0
    for layer in network.layers:
        if not layer.weights:
            place += isinstance(layer, keras.layers.MaxPooling2D)
            continue
        weight_files.load_convolution(layer, arrays, f"features.{place}", path)
        place += 2  # its activation is a layer there
