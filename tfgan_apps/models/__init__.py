"""The systems, one file per paper."""

from tfgan_apps.models.caption_encoder import CaptionEncoder as CaptionEncoder
from tfgan_apps.models.cyclegan import CycleGAN as CycleGAN
from tfgan_apps.models.dcgan import DCGAN as DCGAN
from tfgan_apps.models.gan import GAN as GAN
from tfgan_apps.models.irgan import IRGAN as IRGAN
from tfgan_apps.models.lsgan import LSGAN as LSGAN
from tfgan_apps.models.pixelrnn import PixelRNN as PixelRNN
from tfgan_apps.models.seqgan import Oracle as Oracle
from tfgan_apps.models.seqgan import SeqGAN as SeqGAN
from tfgan_apps.models.text_to_image import StyleEncoder as StyleEncoder
from tfgan_apps.models.text_to_image import TextToImageGAN as TextToImageGAN
from tfgan_apps.models.wgan import WGAN as WGAN
from tfgan_apps.models.wgan_gp import WGANGP as WGANGP
