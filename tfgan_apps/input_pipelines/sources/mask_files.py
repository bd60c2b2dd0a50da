"""Masks: label maps, or maps of things, of a store, and what can be wrong with them."""

import tensorflow as tf

from tfgan_apps.input_pipelines.sources.headers import damage, format_of, problem_of
from tfgan_apps.input_pipelines.sources.label_maps import decode_labels, decode_numbers


class Masks:
    """The masks of a store; as `Images`, but what is read are integers.

    Args:
        store: `ImageFiles` or `ImagesInMemory`, of PNG.
        labelling: `Labelling`, of label maps. Defaults to None: numbers are of things.
    """

    others = False  # PNG only

    def __init__(self, store, labelling=None):
        self.store = store
        self.labelling = labelling
        self.sizes = None

    def __len__(self):
        return len(self.store)

    def read(self, index):
        """Returns the mask at an int tensor, int32 (height, width)."""
        mask, problem = self._decode(self.store.load(index))
        check = tf.raw_ops.Assert(condition=problem == "", data=["a mask", problem])
        with tf.control_dependencies([] if tf.executing_eagerly() else [check]):
            return tf.identity(mask)

    def find_problems(self, size):
        """Decodes every mask once, on all cores.

        Args:
            size: not used: how large masks must be is said of their images.

        Returns:
            list of str, one for each bad mask, or file beside them: which, what is wrong, and the
            cure.
        """
        decoded = self._looked_at()
        problems = list(self.store.problems)
        for index, name in enumerate(self.store.names):
            _, problem = decoded.get(index) or (None, self._unread(index))
            problems += [f"{name}: {problem}"] * bool(problem)
        self.sizes = [decoded[index][0] for index in sorted(decoded)]
        return problems

    def describe(self):
        """Returns how many masks there are, and their sizes (until checked: the first one's)."""
        sizes = self.sizes or [tuple(self.read(0).shape)]
        ends = dict.fromkeys(f"{width}x{height}" for height, width in (min(sizes), max(sizes)))
        return f"{len(self)}, {' to '.join(ends)} pixels{self.store.remark}"

    def _decode(self, encoded):
        if self.labelling is None:
            return decode_numbers(encoded)
        return decode_labels(encoded, self.labelling)

    def _looked_at(self):
        """Returns index -> ((height, width), problem) of all masks that can be decoded."""

        @tf.autograph.experimental.do_not_convert
        def look(index):
            encoded = self.store.load(index)
            announced = tf.numpy_function(problem_of, [encoded], tf.string)
            nothing = tf.zeros([0, 0], tf.int32), announced
            mask, problem = tf.cond(announced == "", lambda: self._decode(encoded), lambda: nothing)
            return index, tf.shape(mask), problem

        found = tf.data.Dataset.range(len(self)).map(look, tf.data.AUTOTUNE).ignore_errors()
        return {
            int(index): (tuple(size.tolist()), problem.decode())
            for index, size, problem in found.as_numpy_iterator()
        }

    def _unread(self, index):
        """Says why a mask cannot be decoded."""
        try:
            return damage(format_of(self.store.load(index).numpy()))
        except tf.errors.OpError as error:
            return f"cannot be read ({error.message.splitlines()[0]}). Make it readable."
