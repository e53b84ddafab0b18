"""Where the data is: one server, several, or a cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .blocking import Blocking
from .commands import Commands
from .events import Events
from .node import Node


class Store(ABC):
    """The servers of a process, by what they hold."""

    events: Events

    @abstractmethod
    async def open(self) -> None:
        """Connect, and refuse servers that cannot be used. Raises ConnectionLostError, ServerError,
        ServerTooOldError, ContractError, LayoutError.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""

    @abstractmethod
    def at(self, key: str) -> Commands:
        """Commands to whoever holds the slot of `key`."""

    @abstractmethod
    def waiting(self, key: str) -> Blocking:
        """Commands that wait, to whoever holds the slot of `key`."""

    @abstractmethod
    def nodes(self) -> list[Node]:
        """The servers that are known at the moment."""
