"""The training command of TinyGAN, to start as a process: python -m tests.tiny_app."""

from apps.command_line.app import App
from tests.tiny_gan import Points, TinyGAN

APP = App(__name__, TinyGAN, Points)

if __name__ == "__main__":
    APP.run()
