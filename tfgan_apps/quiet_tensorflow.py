"""Loads TensorFlow without its notes about itself: `import tfgan_apps.quiet_tensorflow`, first.

Import it before anything that imports TensorFlow, Keras among it: some notes no setting silences
(2.21). What is no such note is shown as ever, and `TF_CPP_MIN_LOG_LEVEL=0` shows all but those.
"""

import gc
import os
import re
import signal
import sys
import tempfile

_NOTES = re.compile(rb"(WARNING: All log messages before absl::InitializeLog|I0000 ).*\n")


def _load():
    """Imports TensorFlow with the process' standard error in a file, and shows what is left."""
    kept = os.dup(2)
    gc.disable()  # modules are not garbage: looking for it in them takes a second
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the process, without a traceback
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            gc.enable()
            signal.signal(signal.SIGINT, interrupt)
            os.dup2(kept, 2)
            os.close(kept)
            notes.seek(0)
            sys.stderr.write(_NOTES.sub(b"", notes.read()).decode(errors="replace"))


# Below 3 TensorFlow fills the screen with notes about itself. Python's own messages stay.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "tensorflow" not in sys.modules:
    _load()
