"""StyleGAN2: `stylegan2.py` is the system, `configurations.py` what the authors have trained."""

from tfgan_apps.models.stylegan2.stylegan2 import StyleGAN2 as StyleGAN2
