"""Where bytes come from: folders, files, TFDS and memory."""
