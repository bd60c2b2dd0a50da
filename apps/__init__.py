"""Command lines: `python -m apps.<name> --help`."""

import os

# Below 3 TensorFlow fills the screen with notes about itself. Python's own messages stay.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
