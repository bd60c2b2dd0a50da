"""What a trained model serves, and its export to a SavedModel for TensorFlow Serving."""
