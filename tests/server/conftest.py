from tests.feeds.conftest import own_server, server, url

__all__ = ["own_server", "server", "url"]
