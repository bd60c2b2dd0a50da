"""Asks a served model: the client, and the files and texts that it is asked about.

`Client` and `ServingError` are loaded when they are asked for: they need the extra `serving`.
"""


def __getattr__(name):
    if name in ("Client", "ServingError"):
        from tfgan_apps.serving.client import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
