"""The compiled functions of an `AdversarialModel`: which one a step takes, and steps by hand."""

import collections

import tensorflow as tf

from tfgan_apps.batches import check_batches


def by_kind(model, attribute, make):
    """Returns what calls a traced function of its own for each kind of step.

    A kind is the phase, and whether the batch has strings. Python chooses, because a graph under
    `tf.distribute` applies no optimizer inside a condition, and XLA compiles no strings.

    Args:
        model: `AdversarialModel`, compiled.
        attribute: `"train_function"` or `"test_function"`, where Keras keeps what it makes.
        make: Keras' own maker of it, a function of `force`.
    """
    functions, reports, looked_at = {}, collections.defaultdict(set), []
    trains = attribute == "train_function"
    phased, least = model.has_phases and trains, model.least_batch if trains else 1

    def function(iterator):
        if model.batch_spec is not None and iterator.element_spec not in looked_at:
            spec = iterator.element_spec
            iterator = check_batches(model.batch_spec, iterator, model.steps_per_execution, least)
            looked_at.append(spec)
        if trains:
            model.begin_step()
        model.phase = model.phase_at(int(model.step.numpy())) if phased else None
        kind = model.phase, _has_strings(iterator)
        if kind not in functions:
            functions[kind] = _made(model, attribute, make, has_strings=kind[1])
        model.traced = set()  # takes the names of what `track` reports, when a step is traced
        logs = functions[kind](iterator)
        reports[kind] |= model.traced
        model.played |= reports[kind]
        # The mean of a loss that no step of this epoch has would be shown as 0.
        return {name: value for name, value in logs.items() if name in model.played}

    return function


def _made(model, attribute, make, has_strings):
    chosen, compiled = getattr(model, attribute), model.jit_compile
    model.jit_compile = compiled and not has_strings
    make(force=True)
    made = getattr(model, attribute)
    setattr(model, attribute, chosen)
    model.jit_compile = compiled
    return made


def _has_strings(iterator):
    """Tells whether the batches of a `tf.data` or distributed iterator have strings."""
    specs = tf.nest.flatten(iterator.element_spec, expand_composites=True)
    return any(spec.dtype == tf.string for spec in specs)


def on_batch(model, function, x, y, return_dict):
    """Makes a step on one batch, as `train_on_batch` does.

    Args:
        model: `AdversarialModel`.
        function: its `train_function` or `test_function`.
        x, y: a batch as `fit` takes it from a dataset, and None; or both parts of a pair.
        return_dict: bool, whether means come by name; else as a list.

    Raises:
        ValueError: the model makes several steps in one call.
    """
    if model.steps_per_execution != 1:
        raise ValueError(
            "steps_per_execution must be 1 to take a single batch. "
            f"Received: steps_per_execution={model.steps_per_execution}"
        )
    examples = tf.data.Dataset.from_tensor_slices(x if y is None else (x, y))
    data = examples.batch(examples.cardinality())
    logs = function(iter(model.distribute_strategy.experimental_distribute_dataset(data)))
    means = {name: value.numpy() for name, value in logs.items()}
    return means if return_dict else list(means.values())
