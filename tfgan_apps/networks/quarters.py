"""Networks of small images that InfoGAN made usual: from a quarter of the side, and down to it.

Two dense layers and two transposed convolutions make an image; two convolutions and a dense layer
see it. InfoGAN, SC-GAN and VACGAN differ in kernels, biases and normalization.

Reference: Chen et al. 2016 (InfoGAN), https://arxiv.org/abs/1606.03657, appendix C
"""

from keras import layers

from tfgan_apps.arguments import check, check_choice, check_integers
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of


def check_size(image_size, channels, filters):
    """Raises `ValueError` unless such networks can be built.

    Args:
        image_size: height and width of the images in pixels, a multiple of 4.
        channels: of the images, 1 to 4.
        filters: of the layer next to the image.
    """
    check_integers(4, image_size=image_size)
    check(image_size % 4 == 0, "a multiple of 4", image_size=image_size)
    check_choice((1, 2, 3, 4), channels=channels)
    check_integers(1, filters=filters)


def image_of(x, image_size, filters, dense, first, last, relu, last_relu):
    """Returns the image in [-1, 1] that is made of features.

    Args:
        x: tensor (batch, features) of a functional model.
        image_size, filters: see `check_size`; the dense layers have 16 times the filters, and twice
            the filters at each place.
        dense: function of a width to a layer.
        first, last: layers that double the side, the last one to the image.
        relu: function of features to what is left of them, normalized or not.
        last_relu: the same between `first` and `last`.
    """
    side = image_size // 4
    x = relu(dense(16 * filters)(x))
    x = relu(dense(side * side * 2 * filters)(x))
    x = layers.Reshape((side, side, 2 * filters))(x)
    return image_of_sigmoid(last(last_relu(first(x))))


def features_of(image, filters, dense, first, second, leaky, rest):
    """Returns what is seen of an image in [-1, 1], a tensor (batch, 16 * filters).

    Args:
        image: tensor (batch, height, width, channels) of a functional model.
        filters: int, of the first layer.
        dense: function of a width to a layer.
        first, second: layers that halve the side.
        leaky: function of the first layer's features, its activation.
        rest: the same of the other layers.
    """
    x = layers.Flatten()(rest(second(leaky(first(pixels_of(image))))))
    return rest(dense(16 * filters)(x))
