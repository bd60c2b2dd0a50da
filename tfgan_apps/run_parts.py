"""What a run needs of its model and its data: what is missing is said before it trains."""

from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check, check_written
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.serving.kinds.served_model import ServedModel


def check_parts(model, data, options):
    """Raises `ValueError` unless a run can be made, and exported where that is asked for.

    Args:
        model: what `build_model` has returned.
        data: what the run is given.
        options: `RunOptions`.
    """
    fits = isinstance(model, AdversarialModel) and model.compiled
    check(fits, "a function that returns a compiled AdversarialModel", build_model=model)
    fits = isinstance(data, IndexedData)
    check(fits, "of input_pipelines, as from_arrays(...), from_dataset(...) give", data=data)
    least = model.least_batch
    fits = data.batch_size >= least
    check(fits, f"at least {least}, its examples are compared", batch_size=data.batch_size)
    names = ["samples", "serving"] if options.saved_model else ["samples"]
    check_written(model, AdversarialModel, *names)


def check_served(model):
    """Raises `ValueError` unless what a model says that it serves is something that is served.

    Args:
        model: `AdversarialModel` with a method `serving`.
    """
    served = model.serving()
    check(isinstance(served, ServedModel), "a ServedModel of serving.kinds", serving=served)
