"""What operators read: valid Prometheus text, with numbers that move."""

import asyncio
import re

from capsule.server.metrics import Histogram, exposition

from .raw import opened
from .site import caller, site

LINE = re.compile(r'(# (HELP|TYPE) capsule_\w+ .+|capsule_\w+(\{\w+="[^"]+"\})? -?[\d.]+)')


def value(text: str, name: str) -> float:
    [found] = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found)


def test_a_histogram_counts_up() -> None:
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.add(seconds)
    assert histogram.lines("x") == [
        'x_bucket{le="0.1"} 2',
        'x_bucket{le="1.0"} 3',
        'x_bucket{le="+Inf"} 4',
        "x_sum 7.650000",
        "x_count 4",
    ]
    assert histogram.most == 7.0


def test_every_line_has_the_form_and_the_numbers_are_those_of_the_gateway(url: str) -> None:
    async def body() -> None:
        async with site(url) as place, caller(place) as ann:
            await ann.join()
            async with opened(place) as socket:
                socket.send(b"\x81\x02no mask")
                assert await socket.closed() == 1002
            text = exposition(place.gateway)
            assert text.endswith("\n")
            for line in text.splitlines():
                assert LINE.fullmatch(line), line
            assert value(text, "capsule_sockets") == 1
            assert value(text, "capsule_sockets_total") == 2
            assert value(text, "capsule_rooms") == 1
            assert value(text, "capsule_messages_received_total") == 2
            assert value(text, 'capsule_sockets_closed_total{code="1002"}') == 1
            helps = re.findall(r"^# HELP (\S+)", text, re.MULTILINE)
            assert helps == re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
            assert len(set(helps)) == len(helps)

    asyncio.run(body())
