"""Evaluates images, a run or a SavedModel: a table, and JSON with how each number was measured.

Two folders of images, of any sizes and formats:
  python -m apps.evaluate --real=photos --fake=generated

A run, on the held-out data of its own kind, as the report at its end does:
  python -m apps.evaluate --run_dir=runs/quickstart

What a run, or an export, draws by seeds, against a folder; with a subfolder for each class, where
it draws by classes; from the texts of a file, or from pictures:
  python -m apps.evaluate --run_dir=runs/mine --real=photos --samples=10000
  python -m apps.evaluate --saved_model=saved_models/mine --real=photos
  python -m apps.evaluate --saved_model=saved_models/mine --real=photos --input=captions.txt

--features=inception gives FID, KID and Inception Score; its weights are a local file, and without
it the command says which, and from where. keras_inception, or a classifier of your own (see
tfgan_apps/metrics/features/classifier.py) as path.keras, give numbers under their own names. The
real images' features are kept, by the hash of the files, in --cache.
"""

import inspect
import json
import os

from apps.command_line.start import start
from tfgan_apps.arguments import check, check_integers


def main(
    real: str | None = None,
    fake: str | None = None,
    run_dir: str | None = None,
    saved_model: str | None = None,
    checkpoint: str = "latest",
    features: str = "inception",
    weights: str | None = None,
    resize: str | None = None,
    samples: int = 1000,
    seed: int = 0,
    truncation: float = 0.0,
    input: str | None = None,
    output: str | None = None,
    cache: str = "~/.cache/tfgan_apps/features",
    safe_mode: bool = True,
):
    """Evaluates, and prints a table.

    Args:
        real: folder of real images.
        fake: folder of generated images.
        run_dir: directory of a run.
        saved_model: an export: saved_models/<name>, or a version in it. It is a program: take it
            from people you trust.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        features: inception, keras_inception, or the path of a classifier, <name>.keras.
        weights: file of the network's weights; what lies in ~/.cache/tfgan_apps if not given.
        resize: rule by which images are resized: tf1, half_pixel or clean; the network's if not
            given.
        samples: images that a run, or an export, draws.
        seed: the first of their seeds.
        truncation: how far their latents may be from 0, as the export tells; 0: any distance.
        input: what the model draws from where seeds are not enough: a file of texts, one a line, or
            a folder of pictures to translate, all of them.
        output: JSON file of the numbers.
        cache: folder of the real images' features.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    # Imported late: --help need not load TensorFlow.
    from apps.command_line import evaluating

    check_integers(2, samples=samples)
    check_integers(0, seed=seed)
    sources = {"fake": fake, "run_dir": run_dir, "saved_model": saved_model}
    given = [name for name, value in sources.items() if value]
    one = "given, or one of --run_dir and --saved_model; only one of the three"
    check(len(given) == 1, one, fake=fake)
    if run_dir and not real:
        names = inspect.signature(main).parameters
        found = evaluating.run_values(run_dir, checkpoint, safe_mode, names)
        return evaluating.show(*found, output)
    check(bool(real), f"given with --{given[0]}", real=real)
    network = evaluating.named_network(features, weights, resize)
    request = None
    if fake:
        found = evaluating.folder(fake, network)
    else:
        signatures, code = evaluating.source(run_dir, saved_model, checkpoint, safe_mode)
        asked = samples, seed, real, input, truncation
        request = evaluating.request(signatures, code, *asked)
        found = evaluating.drawn(signatures, request, network)
    kept = evaluating.folder(real, network, os.path.expanduser(cache))
    drawn = {} if fake else {"seed": seed, "truncation": truncation or None}
    measured = evaluating.measured(kept, found, real, request, **drawn)
    rows = {"value": {name: each.value for name, each in measured.items()}}
    rows["std"] = {name: each.std for name, each in measured.items() if each.std is not None}
    evaluating.show(rows, [json.loads(each.to_json()) for each in measured.values()], output)


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
