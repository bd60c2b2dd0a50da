"""IRGAN: the model, its games and its scorers."""

from tfgan_apps.models.irgan.irgan import IRGAN as IRGAN
