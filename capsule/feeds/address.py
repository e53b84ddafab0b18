"""Where one server is, from a URL. redis-py parses the URL and makes the TLS context; nothing else of it is
used here.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any, Protocol

from redis.asyncio.connection import SSLConnection, parse_url

from .errors import InputError


class Where(Protocol):
    """What a connection is made to. It is asked again for every new connection, so it may answer another
    address each time. `str` of it is for messages and logs: never the password.
    """

    async def find(self) -> Address:
        """The server to connect to now. Raises ConnectionLostError when there is none."""


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and how to log in to it. `path` is a unix socket; otherwise `host` and `port`."""

    host: str = "localhost"
    port: int = 6379
    path: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    db: int = 0
    tls: ssl.SSLContext | None = None

    @classmethod
    def parse(cls, url: str) -> Address:
        """`redis://[[user]:password@]host[:port][/db]`, `rediss://...` (TLS, with redis-py's `ssl_*` options
        in the query), `unix://[[user]:password@]/path[?db=0]`. redis-py's other options tune redis-py, and are
        ignored. Raises InputError.
        """
        try:
            options: dict[str, Any] = dict(parse_url(url))
        except ValueError as error:
            raise InputError(f"REDIS_URL cannot be read: {error}") from None
        tls: ssl.SSLContext | None = None
        if options.get("connection_class") is SSLConnection:
            tls = _tls({key: value for key, value in options.items() if key.startswith("ssl_")})
        if "path" not in options and url.startswith("unix:"):
            raise InputError("REDIS_URL cannot be read: a unix: URL names the path of a socket.")
        return cls(
            host=str(options.get("host") or "localhost"),
            port=int(options.get("port") or 6379),
            path=options.get("path"),
            username=options.get("username"),
            password=options.get("password"),
            db=int(options.get("db") or 0),
            tls=tls,
        )

    async def find(self) -> Address:
        return self

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"


def _tls(options: dict[str, Any]) -> ssl.SSLContext:
    # redis-py's own default has changed over time. Whoever accepts any certificate accepts any name.
    usual = {"ssl_check_hostname": options.get("ssl_cert_reqs") not in ("none", "optional")}
    try:
        return SSLConnection(**{**usual, **options}).ssl_context.get()
    except TypeError:
        raise InputError(
            f"REDIS_URL cannot be read: redis-py knows no such option: {', '.join(sorted(options))}."
        ) from None
    except Exception as error:  # a file that is not there or holds no certificate, a word that means nothing
        raise InputError(f"REDIS_URL asks for TLS that cannot be set up: {error}") from None
