"""ServingError: what a model answered instead of a prediction."""


class ServingError(RuntimeError):
    """What a server, or the way to it, or a model in this process answered instead of a prediction.

    Args:
        code: `grpc.StatusCode`; over REST, the one that the HTTP status stands for.
        message: str, the server's own words where there are any.
    """

    def __init__(self, code, message):
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message
