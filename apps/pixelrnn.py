"""Trains a PixelRNN (PixelCNN, Row LSTM, Diagonal BiLSTM); samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.pixelrnn --flagfile=apps/flags/pixelrnn/quickstart.flags

MNIST's own files, in a folder:
  python -m apps.pixelrnn --flagfile=apps/flags/pixelrnn/mnist.flags --dataset=path/to/mnist

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.arguments import check
from tfgan_apps.evaluations import likelihood
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import PixelRNN


def build(made, data):
    """Returns the model of the flags; images of two levels are binary."""
    model = made.system()
    fits = (model.levels == 2) != (data.binarization == "none")
    check(fits, "given for 2 levels, and for no other number", binarization=data.binarization)
    return model


APP = App(
    __name__,
    PixelRNN,
    image_set,
    likelihood.evaluation,
    monitor="test_nats",
    build=build,
    final={"evaluation_images": None},
)
run = APP.run

if __name__ == "__main__":
    run()
