"""Ends a run in an orderly way when the process is asked to stop."""

import contextlib
import signal

import keras

from tfgan_apps.strategies import largest_of_workers


class Stopped(SystemExit):
    """The process was asked to stop and has saved a checkpoint; the code is 128 + the signal's.

    Args:
        received: int, the signal.
        step: int, that is saved.
    """

    def __init__(self, received, step):
        super().__init__(128 + received)
        self.step = step


class StopOnSignal(keras.callbacks.Callback):
    """Saves and ends the process after the step in which SIGTERM or SIGINT (Ctrl-C) came.

    Inside an epoch its end is not waited for, with its evaluation and samples; what is written
    after its last step is. A second signal kills.
    Of several workers all stop after the same step when one is asked to.

    Args:
        save: the `SaveCheckpoints` to save with.
        strategy: `tf.distribute` strategy of the run.

    Raises:
        Stopped: out of `fit`, after saving.
    """

    def __init__(self, save, strategy):
        super().__init__()
        self.save = save
        self.largest = largest_of_workers(strategy)
        self.received = 0

    @contextlib.contextmanager
    def listening(self):
        """Handles the signals inside the `with` block, and gives them back after it."""
        before = {s: signal.signal(s, self._note) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number, frame):
        self.received = number
        signal.signal(number, signal.SIG_DFL)

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 < self.params["steps"]:
            self.obey()

    def on_epoch_end(self, epoch, logs=None):
        self.obey()

    def obey(self):
        """Saves and raises `Stopped` if a signal came, to whichever worker."""
        received = self.largest(self.received)
        if received:
            self.save.save()
            raise Stopped(received, int(self.model.step.numpy()))
