"""What StyleGAN2 and StyleGAN2-ADA were trained with, by the authors' names: dicts of arguments.

Reference: Karras et al. 2020, https://arxiv.org/abs/1912.04958, tables 1 and 5;
https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, train.py
"""

from tfgan_apps.arguments import check_integers

_AUGMENTED = {"augment": "bgc"}
CONFIG_F = {"image_size": 1024}
CONFIG_E = {"image_size": 1024, "filters_base": 16384, "penalty_weight": 100.0}
CIFAR = _AUGMENTED | {
    "image_size": 32,
    "mapping_layers": 2,
    "residual": False,
    "deviation_group": 32,
    "path_weight": 0.0,
    "mixing": 0.0,
    "penalty_weight": 0.01,
    "average_kimg": 500.0,
    "average_ramp": 0.05,
}
PAPER_256 = _AUGMENTED | {
    "image_size": 256,
    "filters_base": 16384,
    "deviation_group": 8,
    "penalty_weight": 1.0,
    "average_kimg": 20.0,
}
PAPER_512 = PAPER_256 | {"image_size": 512, "filters_base": 32768, "penalty_weight": 0.5}
PAPER_1024 = _AUGMENTED | {"image_size": 1024, "penalty_weight": 2.0}


def auto(image_size, batch_size=None):
    """Returns what train.py guesses for a set of images on one GPU, by its formulas.

    Args:
        image_size: int, a power of 2 from 8 on.
        batch_size: int >= 1. Defaults to what it guesses, `auto_batch_size`; for another one it
            keeps the numbers of that guess, and these follow the batch.
    """
    check_integers(8, image_size=image_size)
    batch_size = auto_batch_size(image_size) if batch_size is None else batch_size
    check_integers(1, batch_size=batch_size)
    return _AUGMENTED | {
        "image_size": image_size,
        "mapping_layers": 2,
        "filters_base": 32768 if image_size >= 512 else 16384,
        "deviation_group": min(batch_size, 4),
        "penalty_weight": 2e-4 * image_size**2 / batch_size,
        "average_kimg": batch_size * 10 / 32,
        "average_ramp": 0.05,
    }


def auto_batch_size(image_size):
    """Returns the images of a step that train.py guesses for one GPU: what its memory holds."""
    return max(min(4096 // image_size, 32), 1)
