"""What metrics and the packages they are compared with are given: NumPy's legacy streams."""

import numpy as np

REFERENCES = ["the cat is on the mat", "there is a cat on the mat", "a dog sat in the park"]
HYPOTHESES = ["the cat the cat on the mat", "a dog on the mat", "zebra runs"]


def features():
    """Returns X, Y and X2 (1000, 16): X and X2 have one distribution."""
    random = np.random.RandomState(0)
    x, y = random.randn(1000, 16), 1.2 * random.randn(1000, 16) + 0.3
    return x, y, random.randn(1000, 16)


def few_features():
    """Returns two sets (100, 256), whose covariances are singular."""
    return np.random.RandomState(3).randn(100, 256), np.random.RandomState(4).randn(100, 256)


def logits():
    """Returns (1000, 10)."""
    return 2 * np.random.RandomState(1).randn(1000, 10)


def images(size=64, count=3):
    """Returns pairs of uint8 images (count, size, size, 3): smooth ones, and with noise."""
    random = np.random.RandomState(5)
    coarse = random.uniform(40, 215, (count, size // 8, size // 8, 3))
    smooth = coarse.repeat(8, 1).repeat(8, 2)
    noise = random.randn(*smooth.shape) * np.linspace(4, 40, count)[:, None, None, None]
    return np.uint8(smooth.round()), np.uint8(np.clip(smooth + noise, 0, 255).round())


def label_maps():
    """Returns true and found labels (4, 16, 16) of 5 classes."""
    random = np.random.RandomState(6)
    true = random.randint(0, 5, (4, 16, 16))
    return true, np.where(random.rand(*true.shape) < 0.7, true, random.randint(0, 5, true.shape))


def rankings():
    """Returns scores and relevant (50, 20)."""
    random = np.random.RandomState(7)
    relevant = random.rand(50, 20) < 0.2
    relevant[:, 0] |= ~relevant.any(1)
    return random.randn(50, 20) + relevant, relevant


def feature_maps():
    """Returns two lists of feature maps of three layers, and their weights."""
    random = np.random.RandomState(8)
    shapes = [(2, 6, 5, 4), (2, 3, 3, 7), (2, 1, 2, 3)]
    first = [np.maximum(random.randn(*shape), 0) for shape in shapes]
    second = [np.maximum(random.randn(*shape), 0) for shape in shapes]
    return first, second, [random.rand(shape[-1]) for shape in shapes]


def state(shapes):
    """Returns random weights in PyTorch's layout, drawn in the order of their names.

    Args:
        shapes: dict, name in a state dict -> shape.
    """
    random = np.random.RandomState(10)
    found = {}
    for name, shape in sorted(shapes.items()):
        if len(shape) > 1:
            found[name] = random.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif name.endswith(("bn.weight", "running_var")):
            found[name] = random.uniform(0.8, 1.2, shape)
        else:
            found[name] = 0.1 * random.randn(*shape)
    return {name: np.float32(array) for name, array in found.items()}


def lpips_weights(channels):
    """Returns weights of layers, of an LPIPS.

    Args:
        channels: sequence of int.
    """
    return [np.random.RandomState(20 + i).rand(count) for i, count in enumerate(channels)]
