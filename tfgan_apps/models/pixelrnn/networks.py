"""The three networks of PixelRNN, and the up-sampling that conditions them on a smaller image."""

import keras
from keras import layers

from tfgan_apps.layers import DiagonalBiLSTM, MaskedConv2D, RowLSTM

KINDS = ("pixelcnn", "row_lstm", "diagonal_bilstm")


def build_network(
    kind,
    image_shape,
    depth,
    filters,
    head_filters,
    levels=256,
    residual=True,
    skip_connections=False,
    condition_shape=None,
    first_kernel=7,
    name="network",
):
    """Returns a network whose logits for each colour of a pixel depend on what came before it.

    Args:
        kind: one of `KINDS`.
        image_shape: (height, width, channels).
        depth: int, layers (recurrent), or residual blocks of the PixelCNN.
        filters: int, h of the paper; the maps between layers have twice as many.
        head_filters: int, of the two 1 x 1 convolutions before the logits.
        levels: int, values of a colour; 2 makes one logit instead of a softmax. Defaults to 256.
        residual: bool, whether a layer's input is added to its output. Defaults to True.
        skip_connections: bool, whether every layer also reaches the head. Defaults to False.
        condition_shape: (height, width, channels) of a smaller image, whose sides divide those of
            the image by a power of 2 (the paper's multi-scale PixelRNN). Defaults to None.
        first_kernel: int, odd. Defaults to 7.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], and `condition` where
        asked for -> `logits`, float32 (batch, height, width, channels) for 2 levels, else
        (batch, height, width, channels, levels).
    """
    image = keras.Input(image_shape, name="image")
    inputs, upsampled = image, None
    if condition_shape is not None:
        condition = keras.Input(condition_shape, name="condition")
        inputs, upsampled = [image, condition], _upsampled(condition, image_shape, filters)
    colours = image_shape[-1]

    def masked(outputs, name):
        return MaskedConv2D(outputs, 1, "B", colours, name=name)

    # Black is 0 in black and white, as in the paper; colours are centred.
    x = layers.Rescaling(0.5, 0.5)(image) if levels == 2 else image
    x = MaskedConv2D(2 * filters, first_kernel, "A", colours, name="first")(x)
    skips = []
    for i in range(depth):
        y = _LAYERS[kind](x, filters, colours, upsampled, f"layer_{i}")
        x = layers.Add()([x, y]) if residual else y
        if skip_connections:
            skips.append(masked(2 * filters, f"layer_{i}_skip")(x))
    x = layers.Add()([x, *skips]) if skips else x
    for i in range(2):
        x = masked(head_filters, f"head_{i}")(layers.ReLU()(x))
    outputs = colours if levels == 2 else colours * levels
    x = masked(outputs, "outputs")(layers.ReLU()(x))
    if levels > 2:
        # Contiguous groups of channels belong to a colour each.
        x = layers.Reshape((*image_shape, levels))(x)
    return keras.Model(
        inputs, layers.Activation("linear", dtype="float32", name="logits")(x), name=name
    )


def _upsampled(condition, image_shape, filters):
    """Returns the features of a smaller image at the size of the image, (B, H, W, filters)."""
    x = condition
    while x.shape[1] < image_shape[0]:
        x = layers.ReLU()(layers.Conv2DTranspose(filters, 4, 2, padding="same")(x))
    if tuple(x.shape[1:3]) != tuple(image_shape[:2]):
        raise ValueError(
            "condition_shape's sides must be those of image_shape divided by a power of 2. "
            f"Received: condition_shape={tuple(condition.shape[1:])}, image_shape={image_shape}"
        )
    return x


def _conditioned(upsampled, filters, name):
    """Returns the inputs besides x of a layer: a map for its gates, not masked, or nothing."""
    if upsampled is None:
        return []
    return [layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_condition")(upsampled)]


def _pixelcnn(x, filters, colours, upsampled, name):
    y = MaskedConv2D(filters, 1, "B", colours, name=f"{name}_down")(layers.ReLU()(x))
    for condition in _conditioned(upsampled, filters, name):
        y = layers.Add()([y, condition])
    y = MaskedConv2D(filters, 3, "B", colours, name=f"{name}_conv")(layers.ReLU()(y))
    return MaskedConv2D(2 * filters, 1, "B", colours, name=f"{name}_up")(layers.ReLU()(y))


def _row_lstm(x, filters, colours, upsampled, name):
    condition = _conditioned(upsampled, 4 * filters, name)
    y = RowLSTM(filters, colours, name=f"{name}_lstm")(x, *condition)
    return MaskedConv2D(2 * filters, 1, "B", colours, name=f"{name}_up")(y)


def _diagonal_bilstm(x, filters, colours, upsampled, name):
    condition = _conditioned(upsampled, 4 * filters, name)
    return DiagonalBiLSTM(filters, 2 * filters, colours, name=f"{name}_lstm")(x, *condition)


_LAYERS = dict(zip(KINDS, (_pixelcnn, _row_lstm, _diagonal_bilstm), strict=True))
