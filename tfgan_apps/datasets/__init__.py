"""Data sets that the package makes itself; nothing is downloaded.

Import the one you need (`import tfgan_apps.datasets.scenes`): that registers it with TFDS.
"""
