"""First values of weights, as the GANs of 2015 to 2018 draw them.

Each call returns a new initializer: Keras lets one that has no seed draw the same values again.

Reference: Radford et al. 2016 (DCGAN), https://arxiv.org/abs/1511.06434
"""

import keras


def normal_002():
    """Returns an initializer of kernels: N(0, 0.02), the second number the standard deviation."""
    return keras.initializers.RandomNormal(stddev=0.02)


def gamma_normal_002():
    """Returns an initializer of batch normalization's gamma: N(1, 0.02), 0.02 the deviation."""
    return keras.initializers.RandomNormal(1.0, 0.02)


def uniform_of(deviation):
    """Returns an initializer: uniform around 0.

    Args:
        deviation: float > 0, standard deviation.
    """
    bound = 3**0.5 * deviation
    return keras.initializers.RandomUniform(-bound, bound)


def default_of_pytorch():
    """Returns PyTorch's initializer of convolutions and dense layers that are given none.

    Uniform within 1 / sqrt(fan_in), as kaiming_uniform with a = sqrt(5) gives. PyTorch's fan_in of
    a transposed convolution is counted over its outputs, and so is Keras'.
    """
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def kaiming():
    """Returns an initializer: normal with variance 2 / fan_in, as PyTorch's `kaiming_normal_`."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
