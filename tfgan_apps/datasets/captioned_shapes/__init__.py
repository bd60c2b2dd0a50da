"""The `captioned_shapes` data set; importing this package registers it with TFDS."""

from tfgan_apps.datasets.captioned_shapes.captioned_shapes_dataset_builder import (
    Builder as Builder,
)
from tfgan_apps.datasets.captioned_shapes.captioned_shapes_dataset_builder import (
    ShapesConfig as ShapesConfig,
)
from tfgan_apps.datasets.captioned_shapes.captioned_shapes_dataset_builder import (
    builder as builder,
)
