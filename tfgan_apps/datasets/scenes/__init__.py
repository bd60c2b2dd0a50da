"""The `scenes` data set; importing this package registers it with TensorFlow Datasets."""

from tfgan_apps.datasets.scenes.scenes_dataset_builder import Builder as Builder
from tfgan_apps.datasets.scenes.scenes_dataset_builder import SceneConfig as SceneConfig
from tfgan_apps.datasets.scenes.scenes_dataset_builder import builder as builder
