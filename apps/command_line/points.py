"""Models of commands that take images, or points of the plane."""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
from tfgan_apps.input_pipelines import Points
from tfgan_apps.networks import points


def build(made, data, judge="discriminator"):
    """Returns the model of the flags; points have networks of their own.

    Args:
        made: from `App.define`.
        data: from `input_pipelines.images_or_points`.
        judge: str, how the system calls its discriminator. Defaults to "discriminator".
    """
    return made.system(**points.networks(judge)) if isinstance(data, Points) else made.system()
