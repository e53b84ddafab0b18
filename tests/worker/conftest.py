from tests.feeds.conftest import own_server, run, server, url

__all__ = ["own_server", "run", "server", "url"]
