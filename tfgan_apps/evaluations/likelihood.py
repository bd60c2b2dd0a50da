"""Evaluation of a model of images by the exact likelihood of held-out ones."""

from tfgan_apps.arguments import check_integers

_BATCH = 100


def evaluation(model, data, evaluation_images: int | None = 1000):
    """Returns a function without arguments that measures a model; no bound, and no estimate.

    Args:
        model: its `evaluate` returns `nats` and `bits_per_dim`.
        data: `ImageSet`.
        evaluation_images: held-out images that evaluations during training use, at most; the last
            one uses all.

    Values:
        test_nats: negative log-likelihood of an image; smaller is better.
        test_bits_per_dim: the same, in bits for each value of the image; smaller is better.
    """
    if evaluation_images is not None:
        check_integers(1, evaluation_images=evaluation_images)

    def measure():
        if not model.compiled:
            model.compile()
        found = model.evaluate(data.test(_BATCH, evaluation_images), verbose=0, return_dict=True)
        return {f"test_{name}": float(found[name]) for name in ("nats", "bits_per_dim")}

    return measure
