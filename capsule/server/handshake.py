"""What a client brings to the door: headers, cookies and query of the WebSocket handshake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Handshake:
    """What `authenticate` is given. Header names are lower case; of a repeated query key the last one
    counts.
    """

    path: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    query: Mapping[str, str]
    client: str

    @classmethod
    def from_asgi(cls, scope: Mapping[str, Any]) -> "Handshake":
        """From the scope of an ASGI WebSocket connection."""
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        query = scope.get("query_string", b"").decode("latin-1")
        peer = scope.get("client")
        return cls.of(scope.get("path", ""), query, headers, "" if peer is None else str(peer[0]))

    @classmethod
    def of(cls, path: str, query: str, lines: Iterable[tuple[str, str]], client: str) -> "Handshake":
        """From a path without escapes, a raw query, the header lines and the address of the peer."""
        headers: dict[str, str] = {}
        for raw_name, value in lines:
            name = raw_name.lower()
            separator = "; " if name == "cookie" else ", "
            headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
        found = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        return cls(path, headers, _cookies(headers.get("cookie", "")), found, client)

    def same_site(self, origins: Iterable[str]) -> bool:
        """Whether the page that opens this socket may: cookies are sent to us from anybody's page.

        `origins` are allowed beside the gateway's own host, such as `https://app.example`; `*` allows all.
        Without an Origin header there is no browser, and so nobody's cookies to abuse.
        """
        origin = self.headers.get("origin")
        if origin is None or "*" in origins:
            return True
        host = self.headers.get("host", "")
        return origin in origins or (host != "" and origin.partition("://")[2] == host)


def _cookies(header: str) -> dict[str, str]:
    # http.cookies refuses the whole header for one odd cookie, which may be another application's.
    cookies = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            cookies[name] = value.strip('"')
    return cookies
