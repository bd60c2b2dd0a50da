"""Which programs may ask: no web page but those that were allowed, under no name but our own.

A page can send requests to any address that its browser reaches, this machine's own among them, and
a name of the page's owner can lead there, too (DNS rebinding). Both are told by headers that a page
cannot write: Origin and Host.
"""

import ipaddress
import re
import urllib.parse

import grpc

from tfgan_apps.serving.server.status import StatusError

_ORIGIN = re.compile(r"https?://[^/?#\s@,*]+", re.A)
_SHOWN = 100  # characters of a header in an error
# What http_server.cc sends with --enable_cors_support, but for the origin.
_CORS = {
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept",
    "Vary": "Origin",
}


class Callers:
    """Refuses requests by their headers.

    Args:
        host: str, what the server listens on. Unless it is an address of the network, the server
            answers to this name, localhost, addresses, and the hosts of `origins` alone.
        origins: sequence of str such as "http://localhost:3000", whose pages may ask.

    Raises:
        ValueError: an origin is none.
    """

    def __init__(self, host, origins=()):
        self._origins = {_checked(origin) for origin in origins}
        hosts = {urllib.parse.urlsplit(origin).hostname for origin in self._origins}
        names = {host.lower(), "localhost"} | hosts
        self._hosts = None if _is_address(host) and not _is_loopback(host) else names

    def check(self, headers):
        """Refuses a request of a foreign page.

        Args:
            headers: mapping of the request's headers, whatever their case.

        Raises:
            StatusError: PERMISSION_DENIED.
        """
        host, origin = headers.get("Host", ""), headers.get("Origin")
        if self._hosts is not None and not self._is_ours(host):
            raise _denied(
                "This server answers to localhost, --host and the hosts of --allow_origin, not to "
                f"other names. Received: Host: {host[:_SHOWN]}"
            )
        if origin is not None and origin.lower() not in self._origins:
            raise _denied(
                "Web pages may ask this server when their origin is allowed (--allow_origin). "
                f"Received: Origin: {origin[:_SHOWN]}"
            )

    def headers(self, headers):
        """Returns the headers that let an allowed page read the answer: a dict."""
        origin = headers.get("Origin", "")
        if origin.lower() not in self._origins:
            return {}
        return {"Access-Control-Allow-Origin": origin, **_CORS}

    def _is_ours(self, host):
        try:
            name = urllib.parse.urlsplit(f"//{host}").hostname or ""
        except ValueError:  # such as half an IPv6 address
            return False
        return name in self._hosts or _is_address(name)  # An address has no owner to point it.


def _checked(origin):
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(
            "allow_origin must be an origin as browsers send it, such as http://localhost:3000. "
            f"Received: allow_origin={origin!r}"
        )
    return origin.lower()


def _is_address(host):
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _is_loopback(host):
    return ipaddress.ip_address(host).is_loopback


def _denied(message):
    return StatusError(grpc.StatusCode.PERMISSION_DENIED, message)
