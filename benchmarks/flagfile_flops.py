"""Counts the floating-point operations of a flagfile's steps: what a run costs that was not made.

    python -m benchmarks.flagfile_flops unit apps/flags/unit/celeba.flags
    python -m benchmarks.flagfile_flops unit apps/flags/unit/gta2city.flags --vgg_weight=0
    python -m benchmarks.flagfile_flops singan apps/flags/singan/paper.flags --steps=9 \
        --scale_steps=1 --given='{"image_size": [188, 250], "scales": 9}'

They are those of the graph of a step on a GPU, by TensorFlow's profiler: products and sums of
convolutions and matrices forward and backward, of loops none. Prints those of each kind of step,
and hours of a device that makes --teraflops of them a second. It takes no data and makes no step.
"""

import argparse
import collections
import unittest.mock

import keras
import tensorflow as tf

from benchmarks.flagfile_step import compiled, parse, random_batch


def performed(graph):
    """Returns the operations of a `tf.function`'s graph that a call performs, a list.

    The graph of a gradient has more: products for what nothing is derived by.
    """
    kept = [op.name for op in graph.get_operations() if op.op_def.is_stateful]
    kept += [output.op.name for output in graph.outputs]
    pruned = tf.compat.v1.graph_util.extract_sub_graph(graph.as_graph_def(), kept)
    return [graph.get_operation_by_name(node.name) for node in pruned.node]


def step_flops(model, batch, phase):
    """Returns the floating-point operations of a training step.

    Args:
        model: `AdversarialModel`, compiled.
        batch: as `fit` takes it, arrays.
        phase: of the step, see `AdversarialModel.phase_at`.
    """
    model.phase = phase
    tensors = tf.nest.map_structure(tf.convert_to_tensor, batch)
    graph = tf.function(lambda: model.train_step(tensors)).get_concrete_function().graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options |= {"output": "none", "max_depth": 10**6}
    found = tf.compat.v1.profiler.profile(graph, cmd="scope", options=options)
    return _float_ops(found, {op.name for op in performed(graph)})


def _float_ops(node, names):
    """Returns what the named operations in the tree of a profile cost."""
    own = node.float_ops if node.name in names else 0
    return own + sum(_float_ops(child, names) for child in node.children)


def main(system, flagfile, given, words, steps, teraflops):
    """Prints what steps cost."""
    keras.utils.set_random_seed(0)
    model, size = compiled(system, flagfile, given, words)
    batch = random_batch(model.batch_spec, size)
    phases = collections.Counter(model.phase_at(step) for step in range(steps))
    # Layers ask for devices: on a CPU they take products that others do not have.
    with unittest.mock.patch("tensorflow.config.list_logical_devices", lambda kind: [kind]):
        found = {phase: step_flops(model, batch, phase) / 1e12 for phase in phases}
    for phase, flops in found.items():
        print(f"{phases[phase]} of {steps} steps{f', {phase}' if phase else ''}: {flops:.3g} TFLOP")
    mean = sum(found[phase] * count for phase, count in phases.items()) / steps
    hours = 1e6 * mean / teraflops / 3600
    print(f"{flagfile}: {mean:.3g} TFLOP a step of {size}, {hours:.3g} hours a million steps")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=48, help="first steps, whose kinds count")
    parser.add_argument("--teraflops", type=float, default=100.0, help="10^12 operations a second")
    own, words = parse(parser)
    main(**own, words=words)
