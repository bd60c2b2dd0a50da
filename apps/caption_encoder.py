"""Trains a text encoder on images with captions; evaluates and exports it.

Minutes on a CPU and no download:
  python -m apps.caption_encoder --flagfile=apps/flags/caption_encoder/shapes.flags

A folder of your own, with images/ and captions.txt:
  python -m apps.caption_encoder --dataset=path/to/folder --test_fraction=0.1 --batch_size=40 \\
      --run_dir=runs/captions

It leaves <run_dir>/text_encoder.keras, which apps.text_to_image takes as --encoder. The same
command again resumes where the last checkpoint stands. A later flag wins over an earlier one, so
flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import retrieval
from tfgan_apps.input_pipelines import captioned_images
from tfgan_apps.models import CaptionEncoder
from tfgan_apps.text_encoders import finish

APP = App(
    __name__,
    CaptionEncoder,
    captioned_images,
    retrieval.evaluation,
    monitor="test_text_to_image_median_rank",
    open=lambda made: made.data(wrong_images=False),
    finish=finish,
)
run = APP.run

if __name__ == "__main__":
    run()
