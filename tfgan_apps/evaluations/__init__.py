"""Evaluations: (model, data) -> a function that returns a dict of floats; one per kind of data."""
