"""Host and Origin: which names, and which pages, a server answers."""

import pytest

from tfgan_apps.serving.server.callers import Callers
from tfgan_apps.serving.server.status import StatusError

PAGE = "http://studio.example:3000"


def refusal(callers, **headers):
    """Returns the header that is not allowed, or None."""
    try:
        callers.check(headers)
    except StatusError as error:
        assert error.code.name == "PERMISSION_DENIED"
        assert len(error.message) < 300
        return "Host" if "Received: Host: " in error.message else "Origin"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_a_loopback_server_has_few_names(host):
    callers = Callers(host)
    assert refusal(callers, Host="192.168.0.1") is None, "no name that somebody could point here"
    for name in ("localhost", "LOCALHOST:8501", "127.0.0.1:8501", "127.9.9.9", "[::1]:8501"):
        assert refusal(callers, Host=name) is None
    for name in (
        "evil.example:8501",
        "localhost.evil.example",
        "",
        "[::1",
        "x" * 9999,
    ):
        assert refusal(callers, Host=name) == "Host"
    assert refusal(callers) == "Host"


def test_a_server_that_listens_on_a_name_has_this_one():
    callers = Callers("Studio.example")  # It may be this machine's, at 127.0.1.1.
    assert refusal(callers, Host="studio.example:8501") is None
    assert refusal(callers, Host="localhost") is None
    assert refusal(callers, Host="evil.example") == "Host"


def test_another_server_has_any_name():
    for host in ("0.0.0.0", "192.168.0.1", "::"):
        assert refusal(Callers(host), Host="studio.example:8501") is None


def test_pages_ask_when_their_origin_is_allowed():
    for callers in (Callers("127.0.0.1", [PAGE]), Callers("0.0.0.0", [PAGE])):
        assert refusal(callers, Host="localhost:8501", Origin=PAGE) is None
        assert refusal(callers, Host="studio.example:8501", Origin=PAGE) is None
        for origin in ("null", "", "http://studio.example", f"{PAGE}0", "http://localhost:8501"):
            assert refusal(callers, Host="localhost:8501", Origin=origin) == "Origin"
        assert callers.headers({"Origin": PAGE})["Access-Control-Allow-Origin"] == PAGE
        assert callers.headers({"Origin": "null"}) == callers.headers({}) == {}


@pytest.mark.parametrize("origin", ["*", "localhost:3000", "http://a/b", "", "http://a, http://b"])
def test_what_is_no_origin(origin):
    with pytest.raises(
        ValueError, match="^allow_origin must be .* http://localhost:3000. Received: a"
    ):
        Callers("127.0.0.1", [origin])
