"""The systems, one file per paper."""

from tfgan_apps.models.cyclegan import CycleGAN as CycleGAN
from tfgan_apps.models.pixelrnn import PixelRNN as PixelRNN
