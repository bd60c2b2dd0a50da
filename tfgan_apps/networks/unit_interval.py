"""Between images in [-1, 1], which this package has, and pixels in [0, 1] of some authors' code."""

from keras import layers


def pixels_of(image):
    """Returns an image's pixels in [0, 1].

    Args:
        image: tensor (batch, height, width, channels) in [-1, 1] of a functional model.
    """
    return layers.Rescaling(0.5, 0.5)(image)


def image_of_sigmoid(x, name="image"):
    """Returns the image, in [-1, 1], whose pixels in [0, 1] are the sigmoid of features.

    Args:
        x: tensor (batch, height, width, channels) of a functional model.
        name: str, of the image. Defaults to "image".
    """
    pixels = layers.Activation("sigmoid", dtype="float32")(x)
    return layers.Rescaling(2.0, -1.0, dtype="float32", name=name)(pixels)
