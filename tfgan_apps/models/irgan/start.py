"""What a game needs before it begins: enough candidates, and perhaps weights to start from."""

import numpy as np


def check_draws(data, game):
    """Raises `ValueError` when a game draws more different candidates than a query has.

    Args:
        data: `Rankings` or `QuestionAnswers`.
        game: `Game`.
    """
    drawn = data.most_relevant * max(game.samples_per_relevant, game.negatives)
    if not game.replacement and drawn > data.candidates:
        raise ValueError(
            f"pool, the candidates of a query, must be at least {drawn} to draw so many without "
            f"replacement. Received: {data.candidates}"
        )


def load_start(model, path):
    """Gives the generator, and with a common start the discriminator too, the weights of a file.

    Args:
        model: `IRGAN`.
        path: str, an .npz file whose arrays, in their order, are the generator's weights.

    Raises:
        ValueError: the file cannot be read, or its arrays are not the network's weights.
    """
    try:
        with np.load(path) as file:
            arrays = [file[name] for name in file.files]
    except OSError as error:
        raise ValueError(f"start must be an .npz file. Received: {path} ({error})") from error
    expected = [tuple(weight.shape) for weight in model.generator.weights]
    if [array.shape for array in arrays] != expected:
        raise ValueError(
            f"start must hold arrays of the shapes {expected}. "
            f"Received: {[array.shape for array in arrays]} in {path}"
        )
    model.generator.set_weights(arrays)
    if model.game.common_start:
        model.discriminator.set_weights(arrays)
