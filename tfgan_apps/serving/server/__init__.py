"""A local server for development that speaks TensorFlow Serving's REST and gRPC APIs."""
