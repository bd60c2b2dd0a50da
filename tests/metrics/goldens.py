"""What independent packages make of the inputs of tests/goldens/metrics."""

import json
import pathlib
import types

import numpy as np

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "metrics"
ARITHMETIC = json.loads((FOLDER / "arithmetic.json").read_text())


def networks():
    """Returns dict, name -> array: what PyTorch's networks gave with random weights."""
    with np.load(FOLDER / "networks.npz") as file:
        return {name: file[name] for name in file}


class PyTorchReader(types.ModuleType):
    """Stands where PyTorch is imported: its `load` gives a state dict of NumPy's arrays."""

    def __init__(self, state):
        super().__init__("torch")
        self.state = state

    def load(self, path, map_location, weights_only):
        """Returns the state dict, as PyTorch does that refuses programs."""
        assert map_location == "cpu" and weights_only
        return dict(self.state)
