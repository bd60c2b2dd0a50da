"""The optimizers of a model's players: which are chosen, and what Keras' callbacks see of them."""

import inspect

import keras

from tfgan_apps.given_networks import check_players


def chosen(model, given):
    """Returns a dict, player -> optimizer: one that is given, else the paper's.

    Args:
        model: `AdversarialModel`.
        given: dict of `<player>_optimizer`s, and arguments of the model's `optimizers`.

    Raises:
        ValueError: an optimizer is missing, named for nobody, or shared, a number is unknown, or a
            network is not built, or given twice.
    """
    check_players(model.players())
    names = {f"{player}_optimizer": player for player in model.players()}
    own = {names[n]: o for n, o in given.items() if n in names and o is not None}
    numbers = {name: value for name, value in given.items() if name not in names}
    known = list(inspect.signature(model.optimizers).parameters)
    if not set(numbers) <= set(known):
        raise ValueError(
            f"compile() expects one optimizer per player: {sorted(names)}, and numbers of the "
            f"paper's: {known}. Received: {sorted(given)}"
        )
    optimizers = {**model.optimizers(**numbers), **own}
    if set(optimizers) != set(names.values()):
        raise ValueError(
            f"compile() expects one optimizer per player: {sorted(names)}. "
            f"Received: {sorted(given)}"
        )
    objects = [o for o in own.values() if isinstance(o, keras.optimizers.Optimizer)]
    if len(set(map(id, objects))) < len(objects):
        raise ValueError(f"compile() expects an optimizer object per player. Received: {own}")
    return optimizers


def built(optimizer, variables, policy):
    """Returns an optimizer that is ready: built, and with float16 wrapped.

    Args:
        optimizer: Keras optimizer, its name or its config.
        variables: list of those that it will train.
        policy: str, name of the model's dtype policy.
    """
    optimizer = keras.optimizers.get(optimizer)
    wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if policy == "mixed_float16" and not wrapped:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    # An optimizer without its slots is skipped by load_weights, and fails under tf.distribute.
    optimizer.build(variables)
    return optimizer


def begin_anew(optimizer):
    """Lets an optimizer forget its moments, and the steps that it has made; its rate stays.

    Args:
        optimizer: built Keras optimizer, whose slots begin at 0 as those of Adam.
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    for variable in optimizer.variables:
        if variable.name != "learning_rate":
            variable.assign(keras.ops.zeros_like(variable))


class PlayerOptimizers:
    """What callbacks find as `model.optimizer`: Keras' `optimizers`, where there are several.

    So learning rates are set and logged by `LearningRateScheduler` and `ReduceLROnPlateau`, those
    of all players alike. It is no optimizer, and is not saved: the model has each as an attribute.

    Args:
        model: compiled `AdversarialModel`.
    """

    built = True

    def __init__(self, model):
        self._model = model

    @property
    def optimizers(self):
        """A view of each optimizer, named by its player: Keras' own names are alike."""
        return [_Named(p, self._model.optimizer_of(p)) for p in self._model.players()]

    @property
    def variables(self):
        """The variables of all optimizers, for `summary`."""
        return [v for p in self._model.players() for v in self._model.optimizer_of(p).variables]

    @property
    def iterations(self):
        """The training steps that were done."""
        return self._model.step


class _Named:
    def __init__(self, name, optimizer):
        self.name, self._optimizer = name, optimizer

    @property
    def learning_rate(self):
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._optimizer.learning_rate = value
