"""PixelRNN: `pixelrnn.py` is the system, `networks.py`, `sampling.py` and `caches.py` its parts."""

from tfgan_apps.models.pixelrnn.pixelrnn import PixelRNN as PixelRNN
