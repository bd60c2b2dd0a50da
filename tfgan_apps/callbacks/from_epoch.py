"""Base of the callbacks whose files go on where a run goes on."""

import keras


class FromEpoch(keras.callbacks.Callback):
    """Calls `keep_epochs` before the first epoch of a `fit`, to drop what is done again."""

    def on_train_begin(self, logs=None):
        """Marks that the first epoch's number is not known yet."""
        self._begun = False

    def on_epoch_begin(self, epoch, logs=None):
        """Tells, once, how many epochs are done."""
        if not self._begun:
            self._begun = True
            self.keep_epochs(epoch)

    def keep_epochs(self, last):
        """Drops what was written of the epochs after `last`, an int that counts from 1."""
        raise NotImplementedError
