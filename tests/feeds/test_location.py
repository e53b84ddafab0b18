"""What REDIS_URL may say."""

import pytest

from capsule.feeds import InputError
from capsule.feeds.address import Address
from capsule.feeds.location import locate
from capsule.feeds.sentinel import Sentinel


def test_one_server_is_one_database() -> None:
    for url in (
        "redis://example.org",
        "unix:///run/valkey.sock?db=2",
        "redis://ann:a%2Cb@example.org:7000/3",
    ):
        found = locate(url)
        assert found.databases == (Address.parse(url),)
        assert found.cluster == ()


def test_several_hosts_share_the_login_the_database_and_the_options() -> None:
    found = locate("redis://ann:pw@a:1,b:2,[::1]:3/4")
    assert found.databases == tuple(
        Address(host, port, username="ann", password="pw", db=4)
        for host, port in (("a", 1), ("b", 2), ("::1", 3))
    )


def test_whole_urls_in_a_list_keep_their_own() -> None:
    found = locate("redis://ann:pw@a:1/2,unix:///run/b.sock,redis://c")
    assert found.databases == (
        Address("a", 1, username="ann", password="pw", db=2),
        Address(path="/run/b.sock"),
        Address("c"),
    )


def test_sentinels_watch_a_service() -> None:
    [found] = locate(
        "redis+sentinel://ann:pw@s1:1,s2/main/3?sentinel_username=watch&sentinel_password=er"
    ).databases
    assert isinstance(found, Sentinel)
    assert found.service == "main"
    assert found.sentinels == (
        Address("s1", 1, username="watch", password="er"),
        Address("s2", 26379, username="watch", password="er"),
    )
    assert (found.template.username, found.template.password, found.template.db) == ("ann", "pw", 3)
    assert str(found) == "main of Sentinel s1:1, s2:26379"


def test_several_services_are_several_databases() -> None:
    found = locate("redis+sentinel://s1,s2/one,redis+sentinel://s1,s2/two")
    assert [where.service for where in found.databases if isinstance(where, Sentinel)] == ["one", "two"]


def test_tls_reaches_sentinels_servers_and_nodes() -> None:
    [watched] = locate("rediss+sentinel://s1/main").databases
    assert isinstance(watched, Sentinel)
    assert watched.template.tls is not None
    assert watched.sentinels[0].tls is not None
    assert all(seed.tls is not None for seed in locate("rediss+cluster://a,b?ssl_cert_reqs=none").cluster)
    assert locate("redis+cluster://a").cluster[0].tls is None


def test_a_cluster_is_known_by_some_of_its_nodes() -> None:
    found = locate("redis+cluster://ann:pw@a:7000,b:7001")
    assert found.cluster == (
        Address("a", 7000, username="ann", password="pw"),
        Address("b", 7001, username="ann", password="pw"),
    )
    assert found.databases == ()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with one of redis://"),
        ("example.org:6379", "begins with one of"),
        ("http://example.org", "begins with one of"),
        ("redis+ring://a,b", "begins with one of"),
        ("redis://a,http://b", "begins with one of"),
        ("redis+sentinel://s1,s2", "names the service"),
        ("redis+cluster://a/3", "only database 0"),
        ("redis+cluster://a,redis://b", "cannot be one of several"),
        ("redis://a:port,b", "cannot be read"),
        ("unix://", "names the path"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(url: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        locate(url)
