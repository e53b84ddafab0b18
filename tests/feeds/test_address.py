"""URLs, as redis-py reads them."""

import asyncio
import ssl

import pytest

from capsule.feeds import InputError
from capsule.feeds.address import Address


def test_a_tcp_url_with_login_and_database() -> None:
    address = Address.parse("redis://ann:p%40ss@example.org:7000/3")
    assert (address.host, address.port, address.db) == ("example.org", 7000, 3)
    assert (address.username, address.password) == ("ann", "p@ss")
    assert address.path is None
    assert address.tls is None


def test_the_defaults() -> None:
    assert Address.parse("redis://") == Address("localhost", 6379)


def test_a_unix_socket() -> None:
    address = Address.parse("unix://:secret@/run/valkey.sock?db=2")
    assert (address.path, address.password, address.db) == ("/run/valkey.sock", "secret", 2)


def test_tls_verifies_unless_told_not_to() -> None:
    strict = Address.parse("rediss://example.org")
    assert strict.tls is not None
    assert strict.tls.check_hostname
    assert strict.tls.verify_mode is ssl.CERT_REQUIRED
    for options in ("ssl_cert_reqs=none", "ssl_cert_reqs=none&ssl_check_hostname=false"):
        loose = Address.parse(f"rediss://example.org?{options}")
        assert loose.tls is not None
        assert loose.tls.verify_mode is ssl.CERT_NONE
        assert not loose.tls.check_hostname
    other_name = Address.parse("rediss://example.org?ssl_check_hostname=false")
    assert other_name.tls is not None
    assert other_name.tls.verify_mode is ssl.CERT_REQUIRED
    assert not other_name.tls.check_hostname


def test_a_password_is_never_shown() -> None:
    address = Address.parse("redis://ann:secret@example.org:7000")
    assert str(address) == "example.org:7000"
    assert "secret" not in repr(address)
    assert str(Address.parse("unix:///run/valkey.sock")) == "unix:/run/valkey.sock"


@pytest.mark.parametrize("url", ["", "http://example.org", "example.org:6379", "redis://example.org:port"])
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        Address.parse(url)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("ssl_ca_certs=/nowhere.pem", "TLS that cannot be set up"),
        ("ssl_certfile=/nowhere.pem&ssl_keyfile=/nowhere.key", "TLS that cannot be set up"),
        ("ssl_cert_reqs=perhaps", "TLS that cannot be set up"),
        ("ssl_typo=1", "knows no such option: ssl_typo"),
    ],
)
def test_tls_that_cannot_work_is_refused_at_once(options: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        Address.parse(f"rediss://example.org?{options}")


def test_an_address_is_found_where_it_is() -> None:
    address = Address("example.org", 7000)
    assert asyncio.run(address.find()) is address


def test_what_tunes_redis_py_alone_is_ignored() -> None:
    assert Address.parse("redis://example.org?max_connections=5&socket_timeout=1") == Address("example.org")
