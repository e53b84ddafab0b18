"""What is written to many: put together once, framed once, compressed once."""

import zlib

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from capsule.server.blob import PIECE, Blob


def test_everybody_is_given_the_same_bytes() -> None:
    small, large = Blob.of("é" * 10), Blob(bytes(PIECE + 1))
    assert small.frame is small.whole
    assert small.text is small.text
    assert large.frame is None
    assert large.whole is large.whole
    assert len(small) == 20


def test_a_compressed_frame_is_read_after_any_other_by_a_client_without_context() -> None:
    peer = ClientProtocol(parse_uri("ws://here/"), state=OPEN)
    peer.extensions = [PerMessageDeflate(True, True, 15, 15)]
    blob = Blob.of('{"verb":"snapshot"}' * 1000)
    blob.deflate()
    assert blob.deflated is not None
    assert len(blob.deflated) < len(blob.whole) / 20
    peer.receive_data(blob.deflated + Blob.of("plain").whole + blob.deflated)
    found = [bytes(event.data) for event in peer.events_received() if isinstance(event, Frame)]
    assert found == [blob.payload, b"plain", blob.payload]


def test_what_is_compressed_carries_no_context() -> None:
    blob = Blob.of("again and again " * 100)
    blob.deflate()
    first = blob.deflated
    blob.deflate()
    assert blob.deflated == first
    assert first is not None
    assert zlib.decompressobj(-15).decompress(first[2:] + b"\x00\x00\xff\xff") == blob.payload
