"""Where a server is, from a URL. redis-py parses the URL and makes the TLS context; nothing else of it is
used here.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio.connection import SSLConnection, parse_url

from .errors import InputError


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
        in the query), `unix://[[user]:password@]/path[?db=0]`. Raises InputError.
        """
        try:
            options: dict[str, Any] = dict(parse_url(url))
        except ValueError as error:
            raise InputError(f"REDIS_URL cannot be read: {error}") from None
        tls: ssl.SSLContext | None = None
        if options.get("connection_class") is SSLConnection:
            names = {key: value for key, value in options.items() if key.startswith("ssl_")}
            tls = SSLConnection(host=str(options.get("host", "localhost")), **names).ssl_context.get()
        return cls(
            host=str(options.get("host") or "localhost"),
            port=int(options.get("port") or 6379),
            path=options.get("path"),
            username=options.get("username"),
            password=options.get("password"),
            db=int(options.get("db") or 0),
            tls=tls,
        )

    def __str__(self) -> str:
        """For messages and logs: never the password."""
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"
