"""Gradients that are rounded alike in every run, however busy the machine is.

TensorFlow sums in place: `AddN` begins with the first of its summands whose memory nobody else
needs just then. Of three floats or more, the sum then depends on which operations have ended.
"""

import tensorflow as tf


class GradientTape(tf.GradientTape):
    """A `tf.GradientTape` whose gradients, in a graph, are sums of two and two, in a fixed order.

    Args:
        persistent, watch_accessed_variables: as in `tf.GradientTape`.
    """

    def __enter__(self):
        self._before = _tensors_so_far()
        return super().__enter__() if tf.executing_eagerly() else self  # a graph is a record itself

    def __exit__(self, *error):
        if tf.executing_eagerly():
            super().__exit__(*error)

    def watch(self, tensor):
        if tf.executing_eagerly():
            super().watch(tensor)

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients="none"):
        """Returns the gradient of a target, in the structure of the sources.

        Args:
            target, sources, output_gradients, unconnected_gradients: as in `tf.GradientTape`.
        """
        if tf.executing_eagerly():  # one operation after the other, so that the order is fixed
            return super().gradient(target, sources, output_gradients, unconnected_gradients)
        found = tf.gradients(
            tf.nest.flatten(target),
            tf.nest.flatten(sources),
            output_gradients if output_gradients is None else tf.nest.flatten(output_gradients),
            aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE,
            stop_gradients=self._before,
            unconnected_gradients=unconnected_gradients,
        )
        # Sums lie on no device by themselves, and strategies ask gradients for theirs.
        placed = [gradient if gradient is None else tf.identity(gradient) for gradient in found]
        return tf.nest.pack_sequence_as(sources, placed)


def keep_sums():
    """Lets TensorFlow leave the sums of graphs as they are written; it would make them one `AddN`.

    This sets an option of the whole process, that graphs have no arithmetic optimization.
    """
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def _tensors_so_far():
    """Returns what the graph and those around it have computed: a tape has not recorded it."""
    tensors = []
    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    while graph is not None:
        tensors += [output for op in graph.get_operations() for output in op.outputs]
        graph = getattr(graph, "outer_graph", None)
    return tensors
