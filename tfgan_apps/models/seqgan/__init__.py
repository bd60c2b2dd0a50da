"""SeqGAN: `seqgan.py` is the system, the other files its parts."""

from tfgan_apps.models.seqgan.oracle import Oracle as Oracle
from tfgan_apps.models.seqgan.seqgan import SeqGAN as SeqGAN
