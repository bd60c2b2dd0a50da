"""What an `AdversarialModel`'s config follows from: the constructor's arguments, and the policy."""

import contextlib
import inspect
import types

import keras


def given(constructor, model, args, kwargs):
    """Returns what a constructor is given, by name; Keras' own record is of the defaults (3.15).

    Args:
        constructor: function `__init__` of a class.
        model: the object, its first argument.
        args, kwargs: the other arguments.
    """
    signature = inspect.signature(constructor)
    found = dict(signature.bind_partial(model, *args, **kwargs).arguments)
    found.pop(next(iter(signature.parameters)))  # self
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= found.pop(name, {})
    return types.MappingProxyType(found)  # Keras would track and save a dict's networks


@contextlib.contextmanager
def dtype_policy(policy):
    """In the `with` block networks are built under a policy; None: under the present one."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(before if policy is None else policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
