"""Callbacks for `fit`: checkpoints, sample sheets, logs, evaluation, orderly ends."""

from tfgan_apps.callbacks.best_so_far import BestSoFar as BestSoFar
from tfgan_apps.callbacks.collapse_alarm import CollapseAlarm as CollapseAlarm
from tfgan_apps.callbacks.epoch_means import EpochMeans as EpochMeans
from tfgan_apps.callbacks.held_out_evaluation import HeldOutEvaluation as HeldOutEvaluation
from tfgan_apps.callbacks.jsonl_logger import JSONLLogger as JSONLLogger
from tfgan_apps.callbacks.one_epoch import OneEpoch as OneEpoch
from tfgan_apps.callbacks.progress import Progress as Progress
from tfgan_apps.callbacks.sample_sheets import SampleSheets as SampleSheets
from tfgan_apps.callbacks.save_checkpoints import SaveCheckpoints as SaveCheckpoints
from tfgan_apps.callbacks.stop_on_non_finite import StopOnNonFinite as StopOnNonFinite
from tfgan_apps.callbacks.stop_on_signal import StopOnSignal as StopOnSignal
from tfgan_apps.callbacks.stop_on_signal import Stopped as Stopped
from tfgan_apps.callbacks.tensorboard_scalars import TensorBoardScalars as TensorBoardScalars
from tfgan_apps.non_finite import NonFiniteError as NonFiniteError
