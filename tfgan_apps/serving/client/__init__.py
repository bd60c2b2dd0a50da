"""Asks a served model: the client, and the files and texts that it is asked about."""
