"""Serving of networks that paint masks: files of label maps in, PNG files of images out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.input_pipelines.sources.label_maps import decode_labels, decode_numbers
from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature, tolerance_of, variables_of


class MaskToImage(ServedModel):
    """The signatures of a network that paints label maps.

    `serving_default` maps `mask_bytes` (string[None], PNG files as those of training, of any size,
    which are brought to that of training), and `seed` (int32[None]) of a style where there are
    styles, to `image_bytes` (string[None], PNG files of the training size). `styled` takes
    `image_bytes`, JPEG or PNG files whose styles are wanted, in place of the seed.

    Where edges of things are seen, `things` takes `thing_bytes` (string[None], PNG files of a
    number for each thing) besides; elsewhere a thing is what has one label.

    Args:
        paint: function, dict of `label_map` and perhaps `instances`, int32 (B, height, width), and
            `latents`, float32 (B, latent_size) -> images in [-1, 1].
        networks: list of `keras.Model`s that it calls, the one that paints first.
        image_size: (height, width) of what is painted.
        labelling: `Labelling` of the files.
        instances: bool, whether edges of things are seen.
        latent_size: int, of styles. Defaults to 0, there are none.
        encode: function, images (B, height, width, 3) in [-1, 1] -> latents. Needed with styles.
    """

    def __init__(
        self, paint, networks, image_size, labelling, instances, latent_size=0, encode=None
    ):
        self._paint, self._networks, self._encode = paint, list(networks), encode
        self.image_size, self.labelling = tuple(image_size), labelling
        self.instances, self.latent_size = instances, latent_size
        seed = [tf.TensorSpec([None], tf.int32, "seed")] * bool(latent_size)
        mask = [tf.TensorSpec([None], tf.string, "mask_bytes")]
        self.offered = {"serving_default": self._signature([*mask, *seed])}
        if instances:
            things = [tf.TensorSpec([None], tf.string, "thing_bytes")]
            self.offered["things"] = self._signature([*mask, *things, *seed])
        if latent_size:
            image = [tf.TensorSpec([None], tf.string, "image_bytes")]
            self.offered["styled"] = self._signature([*mask, *image])

    @property
    def variables(self):
        return variables_of(*self._networks)

    @property
    def about(self):
        labelling = self.labelling
        found = {"training_size": self.image_size, "classes": labelling.classes}
        return {**found, "first_id": labelling.first_id, "dontcare": labelling.dontcare}

    def tolerance(self, signature):
        return tolerance_of(self._networks[0])

    def _answer(self, mask_bytes, thing_bytes=None, seed=None, image_bytes=None):
        maps = {"label_map": self._masks(mask_bytes, self._labels, "mask_bytes")}
        if self.instances:
            maps["instances"] = maps["label_map"]
        if thing_bytes is not None:
            maps["instances"] = self._masks(thing_bytes, decode_numbers, "thing_bytes")
        if seed is not None:
            maps["latents"] = served_model.normal(seed, [self.latent_size])
        if image_bytes is not None:
            images = pixels.resized_files(image_bytes, self.image_size, 3)
            maps["latents"] = self._encode(images)
        return {"image_bytes": self._paint(maps)}

    def _masks(self, files, decode, name):
        return pixels.stack_masks(files, decode, self.image_size, name)

    def _labels(self, encoded):
        return decode_labels(encoded, self.labelling)

    def _signature(self, inputs):
        def examples(size):
            return {spec.name: self._example(spec, size) for spec in inputs}

        return Signature(inputs, self._answer, examples)

    def _example(self, spec, size):
        if spec.name == "seed":
            return served_model.seeds(size)
        rng = np.random.default_rng(0)
        if spec.name == "image_bytes":
            images = rng.integers(0, 256, (size, *self.image_size, 3), np.uint8)
            return pixels.encode_png(images).numpy()
        coarse = rng.integers(0, self.labelling.classes, (size, 4, 4, 1))
        labels = tf.image.resize(coarse, self.image_size, "nearest").numpy()
        if spec.name == "thing_bytes" or self.labelling.colors is None:
            numbers = labels + self.labelling.first_id
            return _files(numbers.astype(np.uint16 if numbers.max() > 255 else np.uint8))
        return _files(np.asarray(self.labelling.colors, np.uint8)[labels[..., 0]])


def _files(images):
    return np.array([tf.io.encode_png(image).numpy() for image in images], object)
