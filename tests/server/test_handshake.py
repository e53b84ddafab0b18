from typing import Any

import pytest

from capsule.server.handshake import Handshake


def handshake(*headers: tuple[str, str], query: bytes = b"") -> Handshake:
    scope: dict[str, Any] = {
        "path": "/live",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "query_string": query,
        "client": ("192.0.2.1", 5000),
    }
    return Handshake.from_asgi(scope)


def test_names_are_lower_case_and_repeated_headers_are_joined() -> None:
    found = handshake(("X-A", "1"), ("x-a", "2"), ("Host", "h"))
    assert found.headers == {"x-a": "1, 2", "host": "h"}
    assert (found.path, found.client) == ("/live", "192.0.2.1")


def test_one_odd_cookie_does_not_hide_the_others() -> None:
    found = handshake(("cookie", 'a=1; b[x]={"y"}; lonely; session="s=1"'), ("cookie", "c=3"))
    assert found.cookies == {"a": "1", "b[x]": '{"y"}', "session": "s=1", "c": "3"}


def test_query_values_are_decoded() -> None:
    assert handshake(query=b"token=a%20b&x=").query == {"token": "a b", "x": ""}


@pytest.mark.parametrize(
    ("origin", "origins", "allowed"),
    [
        (None, (), True),
        ("http://app.example:8000", (), True),
        ("https://app.example:8000", (), True),
        ("http://evil.example", (), False),
        ("http://app.example", (), False),
        ("null", (), False),
        ("", (), False),
        ("https://other.example", ("https://other.example",), True),
        ("http://other.example", ("https://other.example",), False),
        ("http://evil.example", ("*",), True),
    ],
)
def test_a_page_of_another_site_is_not_let_in(
    origin: str | None, origins: tuple[str, ...], allowed: bool
) -> None:
    headers = [("host", "app.example:8000")] + ([] if origin is None else [("origin", origin)])
    assert handshake(*headers).same_site(origins) is allowed


def test_without_a_host_no_origin_is_ours() -> None:
    assert not handshake(("origin", "null")).same_site(())
