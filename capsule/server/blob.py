"""A message on its way to many sockets: put together once, framed once, compressed at most once."""

import zlib

from capsule.server.frames import TEXT, header

RSV1 = 0x40
# Fast: a snapshot of a megabyte becomes a fifth of it in 10-20 ms. Better levels take five times as long.
LEVEL = 1
# What a transport is given at once, and so the most that it ever copies: a transport copies what it cannot send.
PIECE = 64 * 1024


class Blob:
    """One text message. Everybody who is sent it is sent the same `bytes` object."""

    __slots__ = ("_large", "_text", "deflated", "frame", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.frame = None if len(payload) > PIECE else header(TEXT, len(payload)) + payload
        """The WebSocket frame; None for a message that is handed over in pieces."""
        self.deflated: bytes | None = None
        """The frame under permessage-deflate, once `deflate` was called."""
        self._text: str | None = None
        self._large: bytes | None = None

    @classmethod
    def of(cls, text: str) -> "Blob":
        """From text that is known to be valid Unicode."""
        return cls(text.encode())

    def __len__(self) -> int:
        return len(self.payload)

    @property
    def whole(self) -> bytes:
        """The WebSocket frame, however large."""
        if self.frame is not None:
            return self.frame
        if self._large is None:
            self._large = header(TEXT, len(self.payload)) + self.payload
        return self._large

    @property
    def text(self) -> str:
        """What ASGI's `send` wants."""
        if self._text is None:
            self._text = self.payload.decode()
        return self._text

    def deflate(self) -> None:
        """Compress, so that sockets that understand it are sent less. May be called in a thread.

        No context is carried over from message to message (RFC 7692, 7.1.1), which is what lets sockets
        share a frame, and what saves the 50 KB that a compressor costs each of them.
        """
        compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = compressor.compress(self.payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
        data = data[:-4]  # 00 00 ff ff, which the receiver puts back
        self.deflated = header(TEXT, len(data), RSV1) + data
