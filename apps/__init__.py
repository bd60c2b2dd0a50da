"""Command lines: `python -m apps.<name> --help`."""
