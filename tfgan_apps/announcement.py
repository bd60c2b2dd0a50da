"""Announcement: what a run says of itself before its first step."""

from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.growth import Progress
from tfgan_apps.strategies import devices_of

_FEW = 50  # held-out examples, below which chance has a say in which epoch is the best


def announcement(model, data, options, strategy, step):
    """Returns the first lines of a run: what learns from what, for how long, and where to look.

    Args:
        model: compiled `AdversarialModel`.
        data: `IndexedData`.
        options: `RunOptions`.
        strategy: `tf.distribute` strategy.
        step: int, the last one that was done, or None.
    """
    mebibytes = (options.keep_checkpoints + bool(options.monitor)) * Checkpoints.size_of(model)
    lines = [
        f"{type(model).__name__} on {devices_of(strategy)}, {options.precision}",
        *data.describe(),
        f"steps: {options.epochs} epochs of {data.steps_per_epoch}" + _start(data, options, step),
        *([f"losses: {model.losses_are}"] if model.losses_are else []),
        *_growth(model, data, options),
        f"run: {options.run_dir}, at most {mebibytes / 2**20:,.0f} MiB of checkpoints; look into "
        f"{options.path('samples')} as it goes",
    ]
    return [*lines, *_best(data, options)]


def _start(data, options, step):
    if step == options.epochs * data.steps_per_epoch:
        return ", all of them done; more epochs let it go on"
    if step:
        return f"; goes on after step {step}, in epoch {step // data.steps_per_epoch + 1}"
    return f", from the weights of {options.init_from}" if options.init_from else ""


def _growth(model, data, options):
    progress = getattr(model, "progress", None)
    if not isinstance(progress, Progress):
        return []
    images = options.epochs * data.steps_per_epoch * data.batch_size
    end = progress.growth.end_before_the_last(images)
    cure = "more epochs, or smaller --stable_kimg and --fade_kimg, let it grow to the end"
    return [f"growth: {images:,} images end {end}; {cure}"] if end else []


def _best(data, options):
    if not options.monitor:
        return []
    number = min([data.test_length, *options.protocol.values()])
    largest, name = options.monitor.startswith("-"), options.monitor.removeprefix("-")
    count = f"{number} held-out example{'s' * (number != 1)}"
    line = f"best: the {'largest' if largest else 'smallest'} {name} of {count}"
    few = "; with so few of them chance has a say, so trust your eyes"
    end = f"; {options.patience} evaluations without a better one end the run"
    return [line + few * (number < _FEW) + end * bool(options.patience)]
