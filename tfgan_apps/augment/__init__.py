"""Adaptive augmentation of what a discriminator sees, real and generated.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676
"""

from tfgan_apps.augment.controller import next_probability
from tfgan_apps.augment.pipeline import SETS, Pipeline, augmented

__all__ = ["SETS", "Pipeline", "augmented", "next_probability"]
