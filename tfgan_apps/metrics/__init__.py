"""Measures of what a model generates, one per file."""
