"""Measures what one label, swapped in held-out masks, changes of a run's images: there, elsewhere.

    python -m tests.spade_swap --run_dir=runs/spade_quickstart --dataset=shapes --label=1 --to=3

A network that sees masks where they are changes the image there, and much less elsewhere.
"""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import numpy as np

from apps.command_line.start import start
from tfgan_apps.input_pipelines import masked_images
from tfgan_apps.run_directory import RunDirectory


def main(run_dir: str, dataset: str, label: int, to: int, examples: int = 100):
    """Prints the mean absolute change of images in [-1, 1], in both places.

    Args:
        run_dir: directory of a run of SPADE.
        dataset: masks, as for apps.spade.
        label: that is swapped.
        to: what it becomes.
        examples: held-out masks that are looked at, at most.
    """
    there, elsewhere = measured(run_dir, dataset, label, to, examples)
    print(f"label {label} to {to}, {len(there)} masks that have it:")
    print(f"  there {np.mean(there):.4f}, elsewhere {np.mean(elsewhere):.4f}")
    return 0


def measured(run_dir, dataset, label, to, examples=100):
    """Returns `changes` of the last checkpoint's images; the arguments are those of `main`."""
    model, _ = RunDirectory(run_dir).load()
    numbers = {n: getattr(model.labelling, n) for n in ("classes", "dontcare", "first_id")}
    data = masked_images(dataset, model.image_size, instances=model.instances, **numbers)
    return changes(model, data.test(limit=examples), label, to)


def changes(model, batches, label, to):
    """Returns the mean absolute change where the label was, and elsewhere, of each mask with it.

    Args:
        model: `SPADE`.
        batches: of one example each, (x, image).
        label, to: int.
    """
    found = []
    for x, _ in batches:
        given = x if isinstance(x, dict) else {"label_map": x}
        swapped = np.where(given["label_map"] == label, to, given["label_map"])
        where = np.asarray(given["label_map"] == label)
        if where.any() and not where.all():
            other = model({**given, "label_map": swapped})
            change = np.abs(np.asarray(model(given)) - np.asarray(other)).mean(-1)
            found.append((change[where].mean(), change[~where].mean()))
    return tuple(zip(*found, strict=True)) or ((), ())


if __name__ == "__main__":
    start(__name__, main)
