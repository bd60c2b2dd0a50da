"""Augmentation of images in training: of what a discriminator sees, real and generated.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676
"""

from tfgan_apps.augment.controller import next_probability as next_probability
from tfgan_apps.augment.mirroring import mirrored as mirrored
from tfgan_apps.augment.pipeline import SETS as SETS
from tfgan_apps.augment.pipeline import Pipeline as Pipeline
from tfgan_apps.augment.pipeline import augmented as augmented
