"""Callbacks for `fit`: sample sheets, JSON log, stop on non-finite values, evaluation."""

from tfgan_apps.callbacks.held_out_evaluation import HeldOutEvaluation
from tfgan_apps.callbacks.jsonl_logger import JSONLLogger
from tfgan_apps.callbacks.sample_sheets import SampleSheets
from tfgan_apps.callbacks.stop_on_non_finite import NonFiniteError, StopOnNonFinite
from tfgan_apps.callbacks.tensorboard_scalars import TensorBoardScalars

__all__ = [
    "HeldOutEvaluation",
    "JSONLLogger",
    "NonFiniteError",
    "SampleSheets",
    "StopOnNonFinite",
    "TensorBoardScalars",
]
