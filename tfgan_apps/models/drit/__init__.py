"""DRIT: `drit.py` is the system, the other files its parts."""

from tfgan_apps.models.drit.drit import DRIT as DRIT
