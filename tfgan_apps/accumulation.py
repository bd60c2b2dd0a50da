"""Accumulation: the moves of a training step on a batch that comes in parts, to save memory.

A move is made when all parts have its gradient. So a training step is played several times: each
time, for each part, up to the first move that is not made yet; moves that are made are passed by,
and what they gave is given again.
"""

import threading

import tensorflow as tf

from tfgan_apps import moves
from tfgan_apps.arguments import check_integers


class Accumulation(threading.local):  # replicas play in threads, each its own parts
    """Plays the training steps of a model in parts.

    The gradients are those of the whole batch, to rounding, where a loss is a mean over examples:
    batch normalization, and losses that compare examples, see one part. Networks that count their
    calls, as spectral norms do, are called once for each part. What a training step does after its
    last move is done once, with the first part.

    Args:
        model: `AdversarialModel`.
        parts: int >= 2, of each replica's batch, which they must divide.
    """

    def __init__(self, model, parts):
        self.model, self.parts, self.part = model, parts, 0
        self.made, self.last, self.calls, self.repeats = {}, None, 0, False

    def train_step(self, batch):
        """Makes a training step, see `AdversarialModel.train_step`; traced once a part and move."""
        self.made, batches = {}, self._split(batch)
        while True:
            first = self._played(0, batches[0])
            if not isinstance(first, _Reached):
                return first
            gradients, results = first.gradients, [first.extras]
            for part in range(1, self.parts):
                # One after the other: the next part's features come when this one's have gone.
                with tf.control_dependencies(_tensors(gradients)):
                    reached = self._played(part, batches[part])
                gradients = {p: _sums(gradients[p], reached.gradients[p]) for p in gradients}
                results.append(reached.extras)
            means = {p: [_divided(g, self.parts) for g in own] for p, own in gradients.items()}
            moves.apply(self.model, means, *first.clips)
            self.made[first.number], self.last = (results, first.calls), first.number

    def make(self, loss_fns, *clips):
        """Makes the moves of several players at once; see `AdversarialModel.update_together`."""
        number, self.calls = self.calls, self.calls + 1
        if number in self.made:
            if number == self.last:
                self._restore()
            results, self.calls = self.made[number]  # moves inside it have their numbers, too
            return results[self.part]
        raise _Reached(number, *moves.gradients(self.model, loss_fns, *clips), clips, self.calls)

    def _played(self, part, batch):
        """Returns what the training step of a part returns, or the `_Reached` where it stops."""
        self.part, self.calls = part, 0
        self.repeats = bool(self.made)
        weights = self.model.non_trainable_variables if self.repeats else []
        self.kept = [(weight, tf.identity(weight.value)) for weight in weights]
        try:
            return type(self.model).train_step(self.model, batch)
        except _Reached as reached:
            return reached
        finally:
            self.repeats = False

    def _restore(self):
        """Ends what is played again: its effects on moving averages and pools are undone."""
        self.repeats = False
        for weight, value in self.kept:
            weight.assign(value)

    def _split(self, batch):
        """Returns the parts of a batch."""
        for tensor in tf.nest.flatten(batch):
            if tensor.shape[0] is not None and tensor.shape[0] % self.parts:
                raise ValueError(
                    "accumulate_steps must divide the batch of each replica. Received: "
                    f"accumulate_steps={self.parts}, {tensor.shape[0]} examples"
                )
        split = [tf.split(tensor, self.parts) for tensor in tf.nest.flatten(batch)]
        return [tf.nest.pack_sequence_as(batch, part) for part in zip(*split, strict=True)]


class _Reached(Exception):
    """The first move that is not made yet has its gradients.

    Args:
        number: int, of the move, counted as the training step begins them.
        gradients, extras: from `moves.gradients`.
        clips: of `moves.apply`.
        calls: int, moves that were begun, this one and those inside it included.
    """

    def __init__(self, number, gradients, extras, clips, calls):
        super().__init__(number)
        self.number, self.gradients, self.extras = number, gradients, extras
        self.clips, self.calls = clips, calls


def begin(model, parts):
    """Lets a model play its training steps in parts, as `accumulate_steps` of `compile` asks.

    Args:
        model: `AdversarialModel`.
        parts: int >= 1.
    """
    check_integers(1, accumulate_steps=parts)
    model.__dict__.pop("train_step", None)
    model.accumulation = None
    if parts > 1:
        model.accumulation = Accumulation(model, parts)
        model.train_step = model.accumulation.train_step


def place(model):
    """Returns how many parts a global batch has, and which of them is being played.

    Args:
        model: `AdversarialModel`.
    """
    replica, own = tf.distribute.get_replica_context(), model.accumulation
    if own is None:
        return replica.num_replicas_in_sync, replica.replica_id_in_sync_group
    place = replica.replica_id_in_sync_group * own.parts + own.part
    return replica.num_replicas_in_sync * own.parts, place


def _tensors(gradients):
    return [gradient for gradient in tf.nest.flatten(gradients) if gradient is not None]


def _sums(first, second):
    pairs = zip(first, second, strict=True)
    return [None if a is None else a + b for a, b in pairs]  # a loss depends on them in any part


def _divided(gradient, count):
    return None if gradient is None else gradient / count


def examples(model, like):
    """Returns how many examples the global batch has, an int64 scalar tensor.

    Args:
        model: `AdversarialModel`.
        like: tensor with as many examples as this replica's batch, or the part that is played.
    """
    parts, _ = place(model)
    return tf.shape(like, tf.int64)[0] * parts
