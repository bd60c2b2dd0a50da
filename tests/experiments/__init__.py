"""What a paper claims, measured: one module an experiment; they write docs/results/<system>.md."""
