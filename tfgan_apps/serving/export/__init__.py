"""Writes what a model serves as a SavedModel for TensorFlow Serving, and proves it."""

from tfgan_apps.serving.export.saved_model import ExportError as ExportError
from tfgan_apps.serving.export.saved_model import export_saved_model as export_saved_model
from tfgan_apps.serving.export.saved_model import next_version as next_version
