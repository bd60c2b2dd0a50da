"""The systems, one file per paper."""

from tfgan_apps.models.cyclegan import CycleGAN as CycleGAN
