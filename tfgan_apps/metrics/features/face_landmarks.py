"""The weights of the network that sees a face's landmarks, which StarGAN v2's authors publish."""

from tfgan_apps.metrics.features import weight_files

FILES = (
    weight_files.WeightFile(
        "wing.ckpt",
        "https://www.dropbox.com/s/tjxpypwpt38926e/wing.ckpt (clovaai/stargan-v2, download.sh)",
    ),
)


def load(network, weights=None):
    """Puts the authors' weights into the network of `networks.face_landmarks`.

    Args:
        network: `keras.Model`, whose layers are called as in the file.
        weights: str, path of the file. Defaults to None, what lies in `weight_files.FOLDER`.

    Raises:
        ModuleNotFoundError: PyTorch is not installed, whose file it is.
        WeightFileError: the file is absent, or another.
    """
    path, _ = weight_files.find(weights, FILES)
    arrays = weight_files.read_torch(path, "state_dict")
    for layer in network.layers:
        if hasattr(layer, "moving_mean"):
            weight_files.load_normalization(layer, arrays, layer.name, path)
        elif hasattr(layer, "kernel"):
            weight_files.load_convolution(layer, arrays, layer.name, path)
