"""Checks of arrays that metrics are given; each error names the argument."""

import numpy as np


def features(name, value, rows=1, columns=None):
    """Returns features as an array (N, D), of their own dtype when it is a floating one.

    Args:
        name: str, of the argument, for the error.
        value: real numbers (N, D), finite.
        rows: int, the least N. Defaults to 1.
        columns: int, the D that others have. Defaults to None, any.

    Raises:
        ValueError: the shape does not fit, or a value is not finite.
    """
    found = np.asarray(value)
    found = found if np.issubdtype(found.dtype, np.floating) else found.astype(np.float64)
    shape = f"(N >= {rows}, {columns or 'D >= 1'})"
    if found.ndim != 2 or len(found) < rows or found.shape[1] != (columns or found.shape[1] or 1):
        raise ValueError(f"{name} must be features of shape {shape}. Received: {found.shape}")
    return finite(name, found)


def finite(name, value):
    """Returns a floating array, all of whose values are finite.

    Args:
        name: str, of the argument, for the error.
        value: floating array.

    Raises:
        ValueError: a value is not finite.
    """
    finite_ones = np.isfinite(value)
    if not finite_ones.all():
        first = value[~finite_ones][0]
        raise ValueError(f"{name} must be finite. Received: {first} in an array {value.shape}")
    return value


def pixels(name, value, like=None):
    """Returns images as float64 in [0, 255], without rounding.

    Args:
        name: str, of the argument, for the error.
        value: images (N >= 1, H, W, C), uint8, or float in [-1, 1].
        like: images of whose shape they must be. Defaults to None, any.

    Raises:
        ValueError: the shape, or the range, does not fit.
    """
    found = np.asarray(value)
    if found.ndim != 4 or not found.size or (like is not None and found.shape != np.shape(like)):
        expected = "(N, H, W, C)" if like is None else str(np.shape(like))
        raise ValueError(f"{name} must be images of shape {expected}. Received: {found.shape}")
    if found.dtype == np.uint8:
        return found.astype(np.float64)
    if not np.issubdtype(found.dtype, np.floating):
        raise ValueError(f"{name} must be uint8, or float in [-1, 1]. Received: {found.dtype}")
    found = finite(name, found)
    if np.abs(found).max() > 1.001:
        raise ValueError(
            f"{name} must be in [-1, 1] where they are float. "
            f"Received: values in [{found.min():g}, {found.max():g}]"
        )
    return (found.astype(np.float64) + 1) * 127.5
