"""Features of each place of an image, in which a search can tell how near an image is to another.

maps = named_maps("vgg19")
maps = named_maps("cifar10-classifier.keras")
"""

import keras
import tensorflow as tf

from tfgan_apps.arguments import check
from tfgan_apps.metrics.features.vgg19 import perceptual_features

_LARGEST = 256  # pixels of what VGG19 sees, as the authors of StyleGAN2 have it


def named_maps(features, weights=None, own_size=False):
    """Returns a function, images float32 (N, H, W, C) in [-1, 1] -> list of maps (N, h, w, c).

    Gradients flow through it. VGG19 sees grey images as colours, and large ones smaller; a
    classifier sees them in the size that it has learned.

    Args:
        features: "vgg19", or the path of a classifier, .keras.
        weights: str, file of VGG19's weights. Defaults to None, what lies in the folder of weights.
        own_size: bool, whether a classifier sees images in their own size. Defaults to False.

    Raises:
        ValueError: there is no such network, or a classifier comes with weights.
        WeightFileError: VGG19's weights are absent, damaged or others.
    """
    if features == "vgg19":
        return _seen_as_colours(perceptual_features(weights))
    check(features.endswith(".keras"), "vgg19, or the path of a .keras file", features=features)
    check(not weights, "left out with a classifier", weights=weights)
    return classifier_maps(keras.models.load_model(features, compile=False), own_size)


def classifier_maps(model, own_size=False):
    """Returns such a function of a classifier: what its rectified convolutions give.

    Args:
        model: `keras.Model` of images (N, H, W, C) in [-1, 1], with `ReLU` layers.
        own_size: bool, see `named_maps`. Defaults to False.

    Raises:
        ValueError: it has no such layer.
    """
    outputs = [layer.output for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    outputs = [each for each in outputs if len(each.shape) == 4]
    check(bool(outputs), "a network with ReLU layers of images", classifier=model.name)
    network, (*size, channels) = keras.Model(model.input, outputs), model.input_shape[1:]
    if own_size:
        whole = keras.Input((None, None, channels))
        fitted, size = keras.models.clone_model(network, input_tensors=whole), (None, None)
        fitted.set_weights(network.get_weights())
        network = fitted

    def maps(images):
        expected = f"of {channels} channels, as the classifier's"
        check(images.shape[-1] == channels, expected, images=tuple(images.shape))
        return tf.nest.flatten(network(_of_size(images, size), training=False))

    return maps


def _seen_as_colours(features):
    def maps(images):
        if images.shape[-1] == 1:
            images = tf.repeat(images, 3, -1)
        expected = "of 1 or 3 channels, which VGG19 knows"
        check(images.shape[-1] == 3, expected, images=tuple(images.shape))
        largest = max(images.shape[1:3])
        size = [side * min(_LARGEST, largest) // largest for side in images.shape[1:3]]
        return features(_of_size(images, size))

    return maps


def _of_size(images, size):
    """Returns images of a size, or as they are where there is none; smaller ones are means."""
    if None in size or tuple(images.shape[1:3]) == tuple(size):
        return images
    part = max(1, images.shape[1] // size[0])
    if [side * part for side in size] == list(images.shape[1:3]):
        return tf.nn.avg_pool2d(images, part, part, "VALID")
    # By area it would have no gradient.
    return tf.image.resize(images, size, antialias=True)
