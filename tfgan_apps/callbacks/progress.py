"""What a person sees of a run: a few aligned lines after each epoch, with the time left."""

import sys
import time

import keras

_WIDTH = 100  # characters of a line
_PAUSE = 30.0  # seconds between lines inside an epoch, where they cannot be overwritten
_TRIAL = 3.0  # seconds of steps that tell how long the others take


class Progress(keras.callbacks.Callback):
    """Prints the steps of an epoch as they are made, then its losses and held-out metrics.

    Of a model with phases the epoch is named with those that its steps were of, as far as they are.

    On a terminal the line of the epoch that runs is overwritten; elsewhere there is one as soon as
    the time that is left can be told, and then every 30 seconds at most.

    Args:
        steps_per_epoch: int.
        epochs: int, in all.
        file: where to print. Defaults to the standard output.
    """

    def __init__(self, steps_per_epoch, epochs, file=None):
        super().__init__()
        self.steps_per_epoch = steps_per_epoch
        self.epochs = epochs
        self.file = file or sys.stdout
        self._start = self._done = self._printed = None  # when, at which step, last line when

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clocks."""
        self._epoch, self._epoch_start, self._phases = epoch, time.monotonic(), []
        self._printed = self._printed or self._epoch_start - _PAUSE

    def on_train_batch_end(self, batch, logs=None):
        """Prints how far the epoch is."""
        now, live = time.monotonic(), self.file.isatty()
        if self.model.phase and self.model.phase not in self._phases:
            self._phases.append(self.model.phase)
        if self._start is None:  # the first step is compiled, which tells nothing of the others
            self._start, self._done = now, int(self.model.step.numpy())
        elif now - self._printed > (0.5 if live else _PAUSE) and now - self._start > _TRIAL:
            self._printed = now
            step = int(self.model.step.numpy()) - self._epoch * self.steps_per_epoch
            line = f"{self._name()}  step {step}/{self.steps_per_epoch}, {self._left()} left"
            self._print(f"\r{line:<60}" if live else line, end="" if live else "\n")

    def on_epoch_end(self, epoch, logs=None):
        """Prints the epoch's means: of the training first, then what was measured beside it."""
        logs = logs or {}
        self._printed = time.monotonic()
        seconds = self._printed - self._epoch_start
        start = "\r" if self.file.isatty() else ""
        self._print(f"{start}{self._name()}  {duration(seconds)}, {self._left()} left".ljust(60))
        trained = {name: logs[name] for name in logs if name in self.model.trackers}
        for name, values in (
            ("training", trained),
            ("held out", {name: logs[name] for name in logs if name not in trained}),
        ):
            for line in aligned(name, values):
                self._print(line)

    def _name(self):
        phases = f": {', '.join(self._phases)}" if self._phases else ""
        return f"epoch {self._epoch + 1}/{self.epochs}{phases}"

    def _left(self):
        done = int(self.model.step.numpy())
        start, first = self._start, self._done
        if done == first:  # the only step is the compiled one
            start, first = self._epoch_start, done - 1
        seconds = (time.monotonic() - start) / (done - first)
        return duration(seconds * (self.epochs * self.steps_per_epoch - done))

    def _print(self, line, end="\n"):
        print(line.rstrip() if end else line, end=end, file=self.file, flush=True)


def duration(seconds):
    """Returns a time as a person says it: 8 s, 3 min 20 s, 5 h 10 min.

    Args:
        seconds: float >= 0.
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    return f"{minutes // 60} h {minutes % 60} min"


def aligned(title, values):
    """Returns lines of names and numbers in columns, the title before the first.

    Args:
        title: str.
        values: dict, name -> float.
    """
    if not values:
        return []
    cells = [(name, f"{float(value):.4g}") for name, value in values.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    written = [f"{name:<{widths[0]}} {number:<{widths[1]}}" for name, number in cells]
    each = max(1, (_WIDTH - 11) // (len(written[0]) + 3))
    rows = [written[i : i + each] for i in range(0, len(written), each)]
    starts = [f"  {title:<9}", *[" " * 11] * (len(rows) - 1)]
    return [(start + "   ".join(row)).rstrip() for start, row in zip(starts, rows, strict=True)]
