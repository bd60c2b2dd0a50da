"""Text to image: `text_to_image.py` and `style_encoder.py` are the systems, the others parts."""

from tfgan_apps.models.text_to_image.networks import build_discriminator as build_discriminator
from tfgan_apps.models.text_to_image.networks import build_generator as build_generator
from tfgan_apps.models.text_to_image.style_encoder import StyleEncoder as StyleEncoder
from tfgan_apps.models.text_to_image.text_to_image import TextToImageGAN as TextToImageGAN
