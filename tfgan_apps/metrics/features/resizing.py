"""Rules by which images are resized before a feature network; FID depends on which one.

Reference: Parmar et al., "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", 2021,
    arXiv:2104.11222; https://github.com/GaParmar/clean-fid
"""

import numpy as np
import tensorflow as tf
from PIL import Image

from tfgan_apps.arguments import check_choice


def resize(images, size, rule):
    """Returns images of another size, float32 in [0, 255], not rounded.

    Args:
        images: uint8, or float in [0, 255], (N, H, W, C).
        size: (height, width).
        rule: one of `RULES`.

    Raises:
        ValueError: there is no such rule.
    """
    check_choice(RULES, rule=rule)
    return RULES[rule](images, size)


def _bilinear(half_pixel_centers):
    def resized(images, size):
        images = tf.cast(images, tf.float32)
        options = {"align_corners": False, "half_pixel_centers": half_pixel_centers}
        return tf.raw_ops.ResizeBilinear(images=images, size=size, **options).numpy()

    return resized


def _antialiased(kind):
    def resized(images, size):
        images = np.asarray(images, np.float32)
        planes = np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3])
        small = [np.asarray(Image.fromarray(p).resize(size[::-1], kind)) for p in planes]
        small = np.reshape(small, (len(images), images.shape[-1], *size))
        # Bicubic weights are partly negative: what leaves the range of bytes is clipped.
        return np.clip(np.moveaxis(small, 1, -1), 0, 255)

    return resized


RULES = {
    "tf1": _bilinear(half_pixel_centers=False),
    "half_pixel": _bilinear(half_pixel_centers=True),
    "bilinear_antialiased": _antialiased(Image.Resampling.BILINEAR),
    "clean": _antialiased(Image.Resampling.BICUBIC),
}
"""dict, name -> function of (images, size).

`tf1`: bilinear without half-pixel centres or antialiasing, as in TTUR and torch-fidelity;
`half_pixel`: with half-pixel centres, as in pytorch-fid; `clean`: Pillow's bicubic, antialiased, of
each channel in float, as in clean-fid; `bilinear_antialiased`: Pillow's bilinear.
"""
