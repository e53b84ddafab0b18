"""Tests of what clients may rely on run on our own driver, and on a server that gives us nothing but ASGI."""

import pytest

from . import site


@pytest.fixture(params=["own", "asgi"])
def every_driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "DRIVER", request.param)
