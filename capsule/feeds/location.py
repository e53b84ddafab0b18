"""What REDIS_URL may say: one server, several databases, Sentinels, a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from .address import Address, Where
from .errors import InputError
from .sentinel import Sentinel

SENTINEL_PORT = 26379
SCHEMES = "redis://, rediss:// (TLS), unix://, redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster://"


@dataclass(frozen=True, slots=True)
class Location:
    """Either `databases`, each of which holds its part of the hash slots, in this order, or a `cluster`, of
    which these nodes can be asked for the others.
    """

    databases: tuple[Where, ...] = ()
    cluster: tuple[Address, ...] = ()


def locate(url: str) -> Location:
    """Read a URL:

    - `redis://host`, `rediss://host`, `unix:///path`: a server; see Address.parse. - `redis://a:6379,b:6379/0`,
    or whole URLs with commas between them: several databases. -
    `redis+sentinel://[user:password@]s1:26379,s2:26379/service[/db]`: the login is the server's, that of the
    Sentinels is in the query (`sentinel_username`, `sentinel_password`). - `redis+cluster://a:7000,b:7000`: a
    Redis or Valkey Cluster, of which some nodes are named. `rediss+...` is TLS.

    Raises InputError.
    """
    parts = [part for whole in re.split(r",(?=[a-z+]+://)", url) for part in _each_host(whole)]
    clustered = [part.scheme.endswith("+cluster") for part in parts]
    if any(clustered):
        if not all(clustered):
            raise InputError("REDIS_URL cannot be read: a cluster cannot be one of several databases.")
        return Location(cluster=tuple(_server(part) for part in parts))
    return Location(databases=tuple(_place(part) for part in parts))


def _each_host(url: str) -> list[SplitResult]:
    """One URL for each host of a list; that of a Sentinel service keeps its list."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    if parts.scheme.endswith("+sentinel") or "," not in hosts:
        return [parts]
    return [parts._replace(netloc=login + at + host) for host in hosts.split(",")]


def _place(parts: SplitResult) -> Where:
    if parts.scheme.endswith("+sentinel"):
        return _sentinel(parts)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise InputError(f"REDIS_URL cannot be read: it begins with one of {SCHEMES}.")
    return _server(parts)


def _server(parts: SplitResult, **changes: str) -> Address:
    plain = parts.scheme.split("+")[0]
    found = Address.parse(urlunsplit(parts._replace(scheme=plain, **changes)))
    if parts.scheme.endswith("+cluster") and found.db:
        raise InputError(f"REDIS_URL cannot be read: a cluster has only database 0, not {found.db}.")
    return found


def _sentinel(parts: SplitResult) -> Sentinel:
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise InputError(
            "REDIS_URL cannot be read: redis+sentinel://host:port,host:port/service names the service."
        )
    login, at, hosts = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query))
    own = (query.pop("sentinel_username", ""), query.pop("sentinel_password", ""))
    options = urlencode(query)
    addresses = [_server(parts, netloc=_with_port(host), path="", query=options) for host in hosts.split(",")]
    template = _server(parts, netloc=f"{login}{at}{hosts.split(',')[0]}", path=f"/{db}", query=options)
    return Sentinel(service, tuple(_log_in(address, *own) for address in addresses), template)


def _with_port(host: str) -> str:
    return host if re.search(r":\d+$", host) else f"{host}:{SENTINEL_PORT}"


def _log_in(address: Address, username: str, password: str) -> Address:
    return replace(address, username=username or None, password=password or None, db=0)
