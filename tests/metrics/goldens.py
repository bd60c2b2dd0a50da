"""What independent packages make of the inputs of tests/goldens/metrics."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "metrics"
ARITHMETIC = json.loads((FOLDER / "arithmetic.json").read_text())
