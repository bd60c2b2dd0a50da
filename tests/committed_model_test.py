"""The trained model in saved_models/: what its card says of it is true of the files."""

import pathlib

import numpy as np
import tensorflow as tf

from tfgan_apps.datasets import shape_renderer

PATH = pathlib.Path(__file__).parent.parent / "saved_models" / "text_to_image_shapes" / "1"
SENTENCE = "a {size} {color} {kind}, {position}"


def test_it_is_small():
    assert sum(file.stat().st_size for file in PATH.rglob("*") if file.is_file()) <= 3e6


def test_it_draws_what_sentences_say():
    """Of combinations that it never saw in training; each twice."""
    labels = [n for n in range(len(shape_renderer.SHAPES)) if shape_renderer.is_held_out(n)] * 2
    texts = [SENTENCE.format(**vars(shape_renderer.SHAPES[label])) for label in labels]
    serve = tf.saved_model.load(str(PATH)).signatures["uint8"]
    seeds = tf.range(len(labels), dtype=tf.int32)
    images = serve(text=tf.constant(texts), seed=seeds)["image"].numpy()
    found = shape_renderer.read_attributes(images / 127.5 - 1)
    truth = shape_renderer.true_attributes(labels)
    right = {name: np.mean(found[name] == truth[name]) for name in truth}
    assert right["color"] >= 0.9 and right["kind"] >= 0.8 and right["position"] >= 0.8, right
