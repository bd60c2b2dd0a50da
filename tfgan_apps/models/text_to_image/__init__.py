"""Text to image: `text_to_image.py` is the system, the other files its parts."""

from tfgan_apps.models.text_to_image.networks import build_discriminator as build_discriminator
from tfgan_apps.models.text_to_image.networks import build_generator as build_generator
from tfgan_apps.models.text_to_image.text_to_image import TextToImageGAN as TextToImageGAN
