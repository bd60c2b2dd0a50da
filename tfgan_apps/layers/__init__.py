"""Layers that Keras does not have, one per file."""

from tfgan_apps.layers.adaptive_instance_normalization import (
    AdaptiveInstanceNormalization as AdaptiveInstanceNormalization,
)
from tfgan_apps.layers.averaged_gru import AveragedGRU as AveragedGRU
from tfgan_apps.layers.bias import Bias as Bias
from tfgan_apps.layers.bilinear_resizing import BilinearResizing as BilinearResizing
from tfgan_apps.layers.blend import Blend as Blend
from tfgan_apps.layers.characters import Characters as Characters
from tfgan_apps.layers.coordinates import Coordinates as Coordinates
from tfgan_apps.layers.doubling_conv_transpose import (
    DoublingConv2DTranspose as DoublingConv2DTranspose,
)
from tfgan_apps.layers.dropout import Dropout as Dropout
from tfgan_apps.layers.equalized import EqualizedConv2D as EqualizedConv2D
from tfgan_apps.layers.equalized import EqualizedDense as EqualizedDense
from tfgan_apps.layers.equalized import EqualizedDoublingConv2D as EqualizedDoublingConv2D
from tfgan_apps.layers.equalized import EqualizedFilteredConv2D as EqualizedFilteredConv2D
from tfgan_apps.layers.equalized import EqualizedHalvingConv2D as EqualizedHalvingConv2D
from tfgan_apps.layers.filtered_leaky_relu import FilteredLeakyReLU as FilteredLeakyReLU
from tfgan_apps.layers.fourier_features import FourierFeatures as FourierFeatures
from tfgan_apps.layers.gain import Gain as Gain
from tfgan_apps.layers.high_pass import HighPass as HighPass
from tfgan_apps.layers.history_buffer import HistoryBuffer as HistoryBuffer
from tfgan_apps.layers.image_batch_normalization import (
    ImageBatchNormalization as ImageBatchNormalization,
)
from tfgan_apps.layers.image_layer_normalization import (
    ImageLayerNormalization as ImageLayerNormalization,
)
from tfgan_apps.layers.image_pool import ImagePool as ImagePool
from tfgan_apps.layers.inside_average_pooling import (
    InsideAveragePooling2D as InsideAveragePooling2D,
)
from tfgan_apps.layers.instance_normalization import InstanceNormalization as InstanceNormalization
from tfgan_apps.layers.learned_constant import LearnedConstant as LearnedConstant
from tfgan_apps.layers.masked_conv import MaskedConv2D as MaskedConv2D
from tfgan_apps.layers.minibatch_deviation import MinibatchDeviation as MinibatchDeviation
from tfgan_apps.layers.modulated_conv import ModulatedConv2D as ModulatedConv2D
from tfgan_apps.layers.noise_injection import NoiseInjection as NoiseInjection
from tfgan_apps.layers.one_hot import OneHot as OneHot
from tfgan_apps.layers.pixel_normalization import PixelNormalization as PixelNormalization
from tfgan_apps.layers.reflection_conv import ReflectionConv2D as ReflectionConv2D
from tfgan_apps.layers.reflection_padding import ReflectionPadding2D as ReflectionPadding2D
from tfgan_apps.layers.resampling import Resampling2D as Resampling2D
from tfgan_apps.layers.scaled_leaky_relu import scaled_leaky_relu as scaled_leaky_relu
from tfgan_apps.layers.spatial_lstm import DiagonalBiLSTM as DiagonalBiLSTM
from tfgan_apps.layers.spatial_lstm import RowLSTM as RowLSTM
from tfgan_apps.layers.spectral_normalization import SpectralConv2D as SpectralConv2D
from tfgan_apps.layers.spectral_normalization import SpectralDense as SpectralDense
from tfgan_apps.layers.spectral_normalization import SpectralEmbedding as SpectralEmbedding
from tfgan_apps.layers.standing_batch_normalization import (
    StandingBatchNormalization as StandingBatchNormalization,
)
from tfgan_apps.layers.style_truncation import StyleTruncation as StyleTruncation
from tfgan_apps.layers.text_convolution import TextConvolution as TextConvolution
from tfgan_apps.layers.whitening import Whitening as Whitening
