"""RunOptions: what a run needs besides its model and its data."""

import dataclasses
import os
from typing import Literal

from tfgan_apps.arguments import check_choice, check_integers, check_numbers
from tfgan_apps.files import check_folders

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
RESULT = ("epochs", "seed", "precision", "jit_compile", "accumulate_steps", "init_from")
"""Options that define the result; the others may differ when a run goes on."""


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What a run needs besides its model and its data.

    Args:
        run_dir: where the run is written: checkpoints, samples, metrics. The same directory again
            resumes.
        epochs: of the whole training, those of earlier processes included. A run may be given more
            of them later: it goes on under the schedules of the longer run.
        seed: of weights, data order and draws.
        precision: Keras' dtype policy.
        jit_compile: XLA; auto is on on GPUs, off on CPUs.
        accumulate_steps: parts of each replica's batch, which it must divide, that pass one after
            the other, where memory does not hold all of it; batch normalization sees one part.
        checkpoint_steps: also save every so many steps; 0: after epochs only.
        checkpoint_epochs: save after every so many epochs.
        keep_checkpoints: latest checkpoints kept, besides the best.
        sample_epochs: epochs between sample sheets.
        samples: rows of a sample sheet.
        evaluate_epochs: epochs between evaluations on held-out data.
        evaluate_share: held-out examples that such an evaluation uses, at most, as a share of those
            learned from since the one before, but 16 at least: then it takes less than a tenth of
            the time. What the run reports at its end is of all.
        monitor: the held-out metric whose smallest value marks the best checkpoint, or with a minus
            before its name, as -recall, whose largest does; the command's own if not given.
        patience: evaluations in a row without a better one by the monitored metric, after which the
            run ends; 0: none of them ends it.
        init_from: a run directory, or a .keras file of a whole system, whose weights a new run
            starts from; optimizers and the step start afresh.
        saved_model: export to <saved_model>/<version> at the end, as saved_models/horse2zebra; not
            given: no export.
        export_best: whether the best checkpoint by its held-out metric is exported, not the last.
        accept_changed_data: go on although the data have changed since the run began, files by
            their name, size or time (cp -p keeps it); which run would have been the unbroken one,
            nobody can tell then.
        protocol: dict, what evaluations in training use, as {"evaluation_images": 64}.
        settings, defaults: dicts, what defines the result, and what it counts as in older runs.
        flags: str, the text of `flags.txt`, which reproduces the run.

    Raises:
        ValueError: a number is out of its range.
    """

    run_dir: str
    epochs: int = 200
    seed: int = 0
    precision: Literal[PRECISIONS] = "float32"
    jit_compile: Literal["auto", "on", "off"] = "auto"
    accumulate_steps: int = 1
    checkpoint_steps: int = 0
    checkpoint_epochs: int = 1
    keep_checkpoints: int = 3
    sample_epochs: int = 1
    samples: int = 4
    evaluate_epochs: int = 5
    evaluate_share: float = 0.1
    monitor: str | None = None
    patience: int = 0
    init_from: str | None = None
    saved_model: str | None = None
    export_best: bool = False
    accept_changed_data: bool = False
    protocol: dict = dataclasses.field(default_factory=dict)
    settings: dict = dataclasses.field(default_factory=dict)
    defaults: dict = dataclasses.field(default_factory=dict)
    flags: str = ""

    def __post_init__(self):
        for name in ("run_dir", "saved_model", "init_from"):
            if path := getattr(self, name):
                object.__setattr__(self, name, os.path.expanduser(path))  # frozen
        check_integers(0, seed=self.seed, checkpoint_steps=self.checkpoint_steps)
        check_integers(0, patience=self.patience)
        check_numbers(0, evaluate_share=self.evaluate_share)
        names = (
            "epochs",
            "accumulate_steps",
            "checkpoint_epochs",
            "keep_checkpoints",
            "sample_epochs",
            "samples",
        )
        for name in (*names, "evaluate_epochs"):
            check_integers(1, **{name: getattr(self, name)})
        check_choice(PRECISIONS, precision=self.precision)
        check_folders(run_dir=self.run_dir, saved_model=self.saved_model)

    @property
    def compiled_with_xla(self):
        """What `compile` calls `jit_compile`."""
        return {"auto": "auto", "on": True, "off": False}[self.jit_compile]

    def path(self, *names):
        """Returns a path inside the run directory."""
        return os.path.join(self.run_dir, *names)
