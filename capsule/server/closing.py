"""The WebSocket close codes of the client protocol (docs/protocol.md, "Close codes")."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Codes from 4400 are ours: the number is 4000 + the error code it resembles."""

    NORMAL = 1000
    REFUSED_TOO_OFTEN = 1008
    TOO_LARGE = 1009
    RESTART = 1012
    TRY_LATER = 1013
    UNAUTHORIZED = 4401
    STALLED = 4408
    PROTOCOL = 4426


REASONS: dict[CloseCode, str] = {
    CloseCode.NORMAL: "",
    CloseCode.REFUSED_TOO_OFTEN: "Too many messages had to be refused.",
    CloseCode.TOO_LARGE: "A message was larger than the limit.",
    CloseCode.RESTART: "This server is going away. Connect again.",
    CloseCode.TRY_LATER: "The store cannot be reached. Connect again later.",
    CloseCode.UNAUTHORIZED: "Log in first.",
    CloseCode.STALLED: "The connection was silent, or did not read what it was sent.",
    CloseCode.PROTOCOL: "This page speaks another version of the protocol. Reload it.",
}
