"""What a model can serve, one kind per file: the signatures that a system's `serving` returns."""
