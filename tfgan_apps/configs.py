"""Configured: a model whose config follows from its constructor's arguments, and the policy."""

import contextlib
import inspect
import types

import keras


class Configured:
    """What a `keras.Model` inherits from first, so that `.keras` files and JSON can build it.

    Its config is what the constructor was given, by name, beside what Keras has in it.
    """

    def __new__(cls, *args, **kwargs):
        """Keeps what the constructor is given."""
        model = super().__new__(cls, *args, **kwargs)
        model._given = _given(cls.__init__, model, args, kwargs)
        return model

    def get_config(self):
        given = {n: keras.saving.serialize_keras_object(v) for n, v in self._given.items()}
        return {**super().get_config(), **given}

    @classmethod
    def from_config(cls, config):
        dtype = keras.saving.deserialize_keras_object(config.get("dtype"))
        with dtype_policy(dtype):  # the networks, too, be they built or given
            return cls(**keras.saving.deserialize_keras_object(config))


def _given(constructor, model, args, kwargs):
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
