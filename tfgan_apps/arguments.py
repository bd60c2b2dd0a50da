"""Checks of arguments: each error names the argument, what was expected and what was received."""

import inspect
import math
import numbers


def check(fits, expected, **value):
    """Raises `ValueError` unless an argument fits.

    Args:
        fits: bool, or a function of the value that returns one.
        expected: what the argument must be, as "a power of 2".
        **value: the argument by its name.

    Raises:
        ValueError: it does not fit.
    """
    ((name, received),) = value.items()
    if not (fits(received) if callable(fits) else fits):
        raise ValueError(f"{name} must be {expected}. Received: {name}={received!r}")


def check_integers(low, **values):
    """Raises `ValueError` unless all arguments are integers, and at least so large.

    Args:
        low: the least value.
        **values: the arguments by their names.
    """
    for name, value in values.items():
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        check(whole and value >= low, f"an integer >= {low}", **{name: value})


def check_numbers(low=-math.inf, high=math.inf, **values):
    """Raises `ValueError` unless all arguments are finite numbers in a range.

    Args:
        low, high: the least and the largest value. Default to no bound.
        **values: the arguments by their names.
    """
    bounds = [f">= {low}"] * (low > -math.inf) + [f"<= {high}"] * (high < math.inf)
    expected = " and ".join(["a finite number", *bounds])
    for name, value in values.items():
        real = isinstance(value, numbers.Real) and math.isfinite(value)
        check(real and low <= value <= high, expected, **{name: value})


def check_fraction(**values):
    """Raises `ValueError` unless all arguments are numbers in [0, 1).

    Args:
        **values: the arguments by their names.
    """
    for name, value in values.items():
        check(isinstance(value, numbers.Real) and 0 <= value < 1, "in [0, 1)", **{name: value})


def check_choice(choices, **values):
    """Raises `ValueError` unless all arguments are among the choices.

    Args:
        choices: sequence of what is allowed.
        **values: the arguments by their names.
    """
    for name, value in values.items():
        check(value in choices, f"one of {tuple(choices)}", **{name: value})


def height_and_width(image_size):
    """Returns the (height, width) that an `image_size` stands for.

    Args:
        image_size: int, of a square, or one or two of them.

    Raises:
        ValueError: it is something else.
    """
    sides = (image_size,) if isinstance(image_size, numbers.Integral) else image_size
    fits = isinstance(sides, tuple | list) and len(sides) in (1, 2)
    fits = fits and all(isinstance(side, numbers.Integral) and side >= 1 for side in sides)
    check(fits, "a height and a width in pixels, or one side", image_size=image_size)
    return int(sides[0]), int(sides[-1])


def check_channels_last():
    """Raises `ValueError` unless Keras' images have their channels last, as all networks here."""
    import keras  # other checks need not load it

    order = keras.config.image_data_format()
    check(order == "channels_last", "channels_last", image_data_format=order)


def check_learning_rate(**values):
    """Raises `ValueError` unless all arguments are rates: finite numbers >= 0, or schedules.

    Args:
        **values: the arguments by their names.
    """
    check_numbers(0, **{name: value for name, value in values.items() if not callable(value)})


def check_unweighted(**values):
    """Raises `ValueError` unless all arguments are None: games weigh no examples.

    Args:
        **values: the arguments by their names, as `sample_weight`.
    """
    for name, value in values.items():
        check(value is None, "None: no example is weighed", **{name: value})


def check_written(system, base, *names):
    """Raises `ValueError` unless an object has methods of its own, not those that describe them.

    Args:
        system: the object.
        base: class, whose methods say what they must do.
        names: of methods.
    """
    for name in names:
        described, own = getattr(base, name), getattr(system, name)
        if getattr(own, "__func__", own) is described:
            raise ValueError(
                f"{type(system).__name__} must have a method {name}(...): "
                f"{inspect.getdoc(described).splitlines()[0]} Received: none"
            )
