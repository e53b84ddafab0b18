"""Frames, held against the `websockets` package as the other side, and against what no client may send."""

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from capsule.server.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameReader,
    Heard,
    WireError,
    close_code,
    close_frame,
    header,
    pong_frame,
)

LARGEST = 4096
KINDS = {"text": TEXT, "binary": BINARY, "ping": PING, "pong": PONG}
SIZES = st.one_of(st.integers(0, 300), st.sampled_from([125, 126, 127, LARGEST - 1, LARGEST]))
SEEDS = st.integers(0, 99)
MESSAGES = st.lists(
    st.tuples(st.sampled_from(["text", "binary", "ping", "pong", "pieces"]), SIZES, SEEDS), max_size=12
)


def client(deflate: bool = False) -> ClientProtocol:
    """The package's client, after its handshake."""
    made = ClientProtocol(parse_uri("ws://here/"), state=OPEN)
    if deflate:
        made.extensions = [PerMessageDeflate(True, True, 15, 15)]
    return made


def drawn(size: int, seed: int) -> bytes:
    """Bytes that cannot be compressed, or zeros."""
    return bytes(size) if seed < 20 else random.Random(seed).randbytes(size)


def taken(reader: FrameReader) -> list[Heard]:
    return list(iter(reader.take, None))


@settings(deadline=None)
@given(messages=MESSAGES, cuts=st.lists(st.integers(1, 200), min_size=1, max_size=30), deflate=st.booleans())
def test_what_websockets_sends_is_read_however_it_is_cut(
    messages: list[tuple[str, int, int]], cuts: list[int], deflate: bool
) -> None:
    peer, reader = client(deflate), FrameReader(LARGEST, deflate=deflate)
    expected: list[Heard] = []
    for kind, size, seed in messages:
        payload = drawn(size, seed)
        if kind in ("ping", "pong"):
            payload = payload[:125]
            (peer.send_ping if kind == "ping" else peer.send_pong)(payload)
        elif kind == "pieces":
            middle = len(payload) // 2
            peer.send_text(payload[:middle], fin=False)
            peer.send_ping(b"between")
            peer.send_continuation(payload[middle:], fin=True)
            expected.append(Heard(PING, b"between"))
            kind = "text"
        else:
            (peer.send_text if kind == "text" else peer.send_binary)(payload)
        expected.append(Heard(KINDS[kind], payload))
    data, found, turn = b"".join(peer.data_to_send()), [], 0
    while data:
        size = cuts[turn % len(cuts)]
        reader.feed(data[:size])
        found += taken(reader)
        data, turn = data[size:], turn + 1
    assert found == expected
    assert reader.waiting == 0


@settings(deadline=None)
@given(size=SIZES, seed=SEEDS, code=st.integers(3000, 4999))
def test_what_we_send_is_read_by_websockets(size: int, seed: int, code: int) -> None:
    peer, payload = client(), drawn(size, seed)
    peer.receive_data(
        header(BINARY, len(payload)) + payload + pong_frame(payload[:125]) + close_frame(code, "é" * 90)
    )
    whole, pong, close = peer.events_received()
    assert isinstance(whole, Frame)
    assert isinstance(pong, Frame)
    assert isinstance(close, Frame)
    assert (whole.opcode, bytes(whole.data)) == (Opcode.BINARY, payload)
    assert (pong.opcode, bytes(pong.data)) == (Opcode.PONG, payload[:125])
    assert peer.close_rcvd is not None
    assert (peer.close_rcvd.code, peer.close_rcvd.reason) == (code, "é" * 61)


@settings(deadline=None)
@given(data=st.binary(max_size=400), deflate=st.booleans())
def test_garbage_is_an_error_with_a_code_or_waits_for_more(data: bytes, deflate: bool) -> None:
    reader, found, code = FrameReader(LARGEST, deflate=deflate), [], None
    reader.feed(data)
    try:
        while (heard := reader.take()) is not None:
            found.append(heard)
    except WireError as error:
        code = error.code
    assert code in (None, 1002, 1007, 1009)
    assert {opcode for opcode, _ in found} <= {TEXT, BINARY, CLOSE, PING, PONG}
    assert all(len(payload) <= LARGEST for _, payload in found)


def masked(first: int, payload: bytes = b"", size: int | None = None) -> bytes:
    """A client's frame with the mask 0; `size`: what its header claims."""
    claimed = len(payload) if size is None else size
    if claimed < 126:
        head = bytes((first, 0x80 | claimed))
    elif claimed < 65536:
        head = bytes((first, 0xFE)) + claimed.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + claimed.to_bytes(8, "big")
    return head + bytes(4) + payload


BOMB = zlib.compress(bytes(10_000_000), 9, -15)[:-1]
WRONG: dict[str, tuple[bytes, int]] = {
    "unmasked": (b"\x81\x02hi", 1002),
    "reserved bit 1": (masked(0xC1, b"hi"), 1002),
    "reserved bit 2": (masked(0xA1, b"hi"), 1002),
    "reserved bit 3": (masked(0x91, b"hi"), 1002),
    "reserved opcode 3": (masked(0x83, b"hi"), 1002),
    "reserved opcode 15": (masked(0x8F, b"hi"), 1002),
    "ping in pieces": (masked(0x09, b"hi"), 1002),
    "ping too long": (masked(0x89, bytes(126)), 1002),
    "close too long": (masked(0x88, bytes(126)), 1002),
    "continues nothing": (masked(0x80, b"hi"), 1002),
    "begins twice": (masked(0x01, b"hi") + masked(0x81, b"hi"), 1002),
    "claims 2^63": (masked(0x81, b"", 2**63), 1009),
    "claims one byte too many": (masked(0x81, b"", LARGEST + 1), 1009),
    "too large in pieces": (masked(0x01, bytes(LARGEST)) + masked(0x80, b"x"), 1009),
    "endless pieces of nothing": (masked(0x01) + masked(0x00) * 1_000, 1009),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_client_may_send_has_its_code(name: str) -> None:
    data, code = WRONG[name]
    reader = FrameReader(LARGEST)
    reader.feed(data)
    with pytest.raises(WireError) as raised:
        taken(reader)
    assert raised.value.code == code
    assert raised.value.sentence


def test_an_oversized_message_is_refused_before_it_has_come() -> None:
    reader = FrameReader(LARGEST)
    reader.feed(masked(0x81, b"", LARGEST + 1)[:10])
    with pytest.raises(WireError):
        reader.take()


def test_a_bomb_is_not_inflated_beyond_the_limit() -> None:
    assert len(BOMB) < 16_000
    reader = FrameReader(20_000, deflate=True)
    reader.feed(masked(0xC1, BOMB))
    with pytest.raises(WireError) as raised:
        reader.take()
    assert raised.value.code == 1009


def test_what_cannot_be_inflated_is_invalid_data() -> None:
    reader = FrameReader(LARGEST, deflate=True)
    reader.feed(masked(0xC1, b"\xff\xff\xff\xff"))
    with pytest.raises(WireError) as raised:
        reader.take()
    assert raised.value.code == 1007


def test_a_message_that_comes_byte_by_byte_is_not_copied_for_each_byte() -> None:
    reader = FrameReader(LARGEST)
    data = masked(0x82, bytes(LARGEST))
    reader.feed(data[:1])
    for index in range(1, len(data)):
        assert reader.take() is None
        kept = reader._data
        reader.feed(data[index : index + 1])
        assert index < 2 or reader._data is kept
    assert reader.take() == Heard(BINARY, bytes(LARGEST))


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", 1005), (b"\x03\xe8", 1000), (b"\x03\xe8bye", 1000), (b"\x0b\xb8", 3000), (b"\x13\x87", 4999)],
)
def test_close_codes_that_may_be_sent(payload: bytes, code: int) -> None:
    assert close_code(payload) == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_close_codes_that_may_not(code: int) -> None:
    with pytest.raises(WireError) as raised:
        close_code(code.to_bytes(2, "big"))
    assert raised.value.code == 1002


@pytest.mark.parametrize(("payload", "code"), [(b"\x03", 1002), (b"\x03\xe8\xff\xff", 1007)])
def test_a_broken_close_has_its_code(payload: bytes, code: int) -> None:
    with pytest.raises(WireError) as raised:
        close_code(payload)
    assert raised.value.code == code
