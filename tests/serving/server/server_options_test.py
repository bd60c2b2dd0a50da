"""Ranges of what the local server is started with."""

import pytest

from tfgan_apps.serving.server.server_options import ServerOptions

WRONG = {
    "file_system_poll_wait_seconds": (-1.0, "a finite number and >= 0"),
    "model_config_file_poll_wait_seconds": (float("nan"), "a finite number and >= 0"),
    "port": (65536, "0 to 65535"),
    "rest_api_port": (-1, "0 to 65535"),
    "max_request_mb": (2048, "1 to 2047"),
    "threads": (0, ">= 1"),
    "max_batch": (0, "an integer >= 1"),
    "max_pixels": (0, "an integer >= 1"),
    "max_answer": (1 << 31, "1 to 2147483647"),
    "max_queue": (-1, "an integer >= 0"),
    "drain_seconds": (-0.5, "a finite number and >= 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_out_of_range(name):
    value, expected = WRONG[name]
    with pytest.raises(ValueError, match=f"^{name} must be {expected}. Received: {name}={value}$"):
        ServerOptions(**{name: value})
    assert getattr(ServerOptions(), name) != value
