"""ServerOptions: what the local server is started with; light, so that errors come at once."""

import dataclasses

from tfgan_apps.arguments import check, check_integers, check_numbers


@dataclasses.dataclass(frozen=True)
class ServerOptions:
    """What the local server is started with.

    Args:
        model_base_path: a directory with models.config, models, or versions.
        model_name: of the model, when the base path holds versions; its directory's name if not
            given.
        model_config_file: a ModelServerConfig, to be served instead of the base path.
        file_system_poll_wait_seconds: between looks for new versions; 0: one look.
        model_config_file_poll_wait_seconds: before models.config is read again; 0: never.
        port: for gRPC; 0: any free one.
        rest_api_port: for REST; 0: any free one.
        host: address to listen on; the default is this machine alone.
        max_request_mb: larger requests are refused (413, RESOURCE_EXHAUSTED).
        max_batch: rows of a request; more are refused (400, INVALID_ARGUMENT), before they are
            made arrays.
        max_pixels: of all pictures of a request together, as their headers tell; a number of an
            array, or a byte of a text, counts as one. More are refused (400, INVALID_ARGUMENT),
            before they are decoded.
        max_answer: bytes; larger answers are refused (400, INVALID_ARGUMENT), before they are
            written.
        allow_origin: of web pages that may ask over REST, such as http://localhost:3000; may be
            given several times. Pages of other origins are refused (403), as are other names than
            localhost and the host, unless that is an address of the network.
        max_queue: requests that may wait, of gRPC and of REST each; more are refused (503,
            UNAVAILABLE).
        threads: requests answered at a time; the number of cores if not given.
        drain_seconds: how long requests may finish after SIGTERM.

    Raises:
        ValueError: a number is out of its range.
    """

    model_base_path: str = "saved_models"
    model_name: str | None = None
    model_config_file: str | None = None
    file_system_poll_wait_seconds: float = 1.0
    model_config_file_poll_wait_seconds: float = 1.0
    port: int = 8500
    rest_api_port: int = 8501
    host: str = "127.0.0.1"
    max_request_mb: int = 64
    max_batch: int = 64
    max_pixels: int = 1 << 24
    max_answer: int = 64 << 20
    allow_origin: list[str] | None = None
    max_queue: int = 100
    threads: int | None = None
    drain_seconds: float = 30.0

    def __post_init__(self):
        for name in ("file_system_poll_wait_seconds", "model_config_file_poll_wait_seconds"):
            check_numbers(0, **{name: getattr(self, name)})
        for name in ("port", "rest_api_port"):
            check(getattr(self, name) in range(65536), "0 to 65535", **{name: getattr(self, name)})
        fits = self.max_request_mb in range(1, 2048)
        check(fits, "1 to 2047", max_request_mb=self.max_request_mb)
        check(self.threads is None or self.threads >= 1, ">= 1", threads=self.threads)
        check_integers(1, max_batch=self.max_batch, max_pixels=self.max_pixels)
        fits = self.max_answer in range(1, 1 << 31)
        check(fits, "1 to 2147483647", max_answer=self.max_answer)
        check_integers(0, max_queue=self.max_queue)
        check_numbers(0, drain_seconds=self.drain_seconds)
