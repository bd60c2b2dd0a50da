"""Input pipelines: a TFDS name or a folder becomes a `tf.data` stream that can start at any step.

`IndexedData` is the stream, `Images` what an index reads, `unpaired_images` the first kind of data.
"""

from tfgan_apps.input_pipelines.errors import DataError as DataError
from tfgan_apps.input_pipelines.image_sets import ImageSet as ImageSet
from tfgan_apps.input_pipelines.image_sets import image_set as image_set
from tfgan_apps.input_pipelines.images import Images as Images
from tfgan_apps.input_pipelines.indexed_data import IndexedData as IndexedData
from tfgan_apps.input_pipelines.stores import ImageFiles as ImageFiles
from tfgan_apps.input_pipelines.stores import ImagesInMemory as ImagesInMemory
from tfgan_apps.input_pipelines.unpaired import UnpairedImages as UnpairedImages
from tfgan_apps.input_pipelines.unpaired import unpaired_images as unpaired_images
