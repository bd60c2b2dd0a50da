"""Input pipelines: a TFDS name, a folder or a file becomes a `tf.data` stream from any step on.

`IndexedData` is the stream; `unpaired_images`, `image_set`, `captioned_images`, `token_sequences`
and others open the data, `from_arrays` and `from_dataset` take one's own.
"""

from tfgan_apps.input_pipelines.arrays import ArrayData as ArrayData
from tfgan_apps.input_pipelines.arrays import from_arrays as from_arrays
from tfgan_apps.input_pipelines.captioned import CaptionedImages as CaptionedImages
from tfgan_apps.input_pipelines.captioned import captioned_images as captioned_images
from tfgan_apps.input_pipelines.documents import graded_documents as graded_documents
from tfgan_apps.input_pipelines.domains import DomainImages as DomainImages
from tfgan_apps.input_pipelines.domains import domain_images as domain_images
from tfgan_apps.input_pipelines.errors import DataError as DataError
from tfgan_apps.input_pipelines.few_shot import FewShotImages as FewShotImages
from tfgan_apps.input_pipelines.few_shot import few_shot_images as few_shot_images
from tfgan_apps.input_pipelines.image_sets import ImageSet as ImageSet
from tfgan_apps.input_pipelines.image_sets import image_set as image_set
from tfgan_apps.input_pipelines.indexed_data import IndexedData as IndexedData
from tfgan_apps.input_pipelines.labelled import LabelledImages as LabelledImages
from tfgan_apps.input_pipelines.labelled import labelled_images as labelled_images
from tfgan_apps.input_pipelines.masks import NUMBERINGS as NUMBERINGS
from tfgan_apps.input_pipelines.masks import MaskedImages as MaskedImages
from tfgan_apps.input_pipelines.masks import masked_images as masked_images
from tfgan_apps.input_pipelines.one_image import OneImage as OneImage
from tfgan_apps.input_pipelines.one_image import one_image as one_image
from tfgan_apps.input_pipelines.paired import PairedImages as PairedImages
from tfgan_apps.input_pipelines.paired import paired_images as paired_images
from tfgan_apps.input_pipelines.perhaps_labelled import (
    images_perhaps_labelled as images_perhaps_labelled,
)
from tfgan_apps.input_pipelines.points import Points as Points
from tfgan_apps.input_pipelines.points import images_or_points as images_or_points
from tfgan_apps.input_pipelines.question_answers import QuestionAnswers as QuestionAnswers
from tfgan_apps.input_pipelines.question_answers import question_answers as question_answers
from tfgan_apps.input_pipelines.ranked import rankings_of as rankings_of
from tfgan_apps.input_pipelines.rankings import Rankings as Rankings
from tfgan_apps.input_pipelines.ratings import rated_items as rated_items
from tfgan_apps.input_pipelines.references import ReferencedImages as ReferencedImages
from tfgan_apps.input_pipelines.references import referenced_images as referenced_images
from tfgan_apps.input_pipelines.simulated import SimulatedImages as SimulatedImages
from tfgan_apps.input_pipelines.simulated import simulated_images as simulated_images
from tfgan_apps.input_pipelines.sources.images import Images as Images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles as ImageFiles
from tfgan_apps.input_pipelines.sources.stores import ImagesInMemory as ImagesInMemory
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory as PixelsInMemory
from tfgan_apps.input_pipelines.sources.tfds_images import nothing_kept as nothing_kept
from tfgan_apps.input_pipelines.streams import StreamedData as StreamedData
from tfgan_apps.input_pipelines.streams import from_dataset as from_dataset
from tfgan_apps.input_pipelines.token_sequences import TokenSequences as TokenSequences
from tfgan_apps.input_pipelines.token_sequences import token_sequences as token_sequences
from tfgan_apps.input_pipelines.unpaired import UnpairedImages as UnpairedImages
from tfgan_apps.input_pipelines.unpaired import unpaired_images as unpaired_images
