"""The gateway: what browsers talk to. `capsule.server.client` is the other side, for Python programs."""

from capsule.server.asgi import GatewayApp
from capsule.server.gateway import Gateway
from capsule.server.handshake import Handshake
from capsule.server.limits import Limits

__all__ = ["Gateway", "GatewayApp", "Handshake", "Limits"]
