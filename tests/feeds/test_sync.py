"""The face without await: the same answers and errors, from many threads, and after a fork."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from capsule.feeds import (
    CapsuleError,
    ConnectionLostError,
    Event,
    ItemExistsError,
    NameInvalidError,
    Page,
    Publish,
    Transaction,
    sync,
)


def test_it_has_the_methods_of_what_it_stands_for(url: str) -> None:
    with sync.connect(url) as cap:
        users = cap.feed("users")
        written = users.publish({"name": "Ann"}, "42")
        assert users.edit("42", {"age": 7}, if_version=written.version).id == "42"
        assert users.all() == {"42": {"name": "Ann", "age": 7}}
        assert [item.value["age"] for item in users.items()] == [7]
        assert users.name == "."
        tasks = cap.scope("team.7").sorted_feed("tasks")
        tasks.append("b", "b")
        tasks.insert_before("b", "a", "a")
        assert tasks.ids() == ["a", "b"]
        assert tasks.scope.last().startswith("2-")
        assert (
            cap.scope("team.7").commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])[0].code
            == "applied"
        )
        queue = cap.queue("mail")
        queue.put(1, 2)
        assert queue.get(2, wait=60) == [1, 2]
        jobs = cap.jobs("actions")
        jobs.put("j1", b"x", group="g")
        [claim] = jobs.claim(1)
        assert claim.jobs[0].id == "j1"
        assert jobs.finish(claim, [(claim.jobs[0], b"done")])
        cap.presence("team.7").join({"s1": "{}"}, lease=60)
        assert cap.presence("team.7").all() == {"s1": b"{}"}


def test_its_errors_are_the_same(url: str) -> None:
    with sync.connect(url) as cap:
        cap.feed("users").publish({}, "42")
        with pytest.raises(ItemExistsError):
            cap.feed("users").publish({}, "42")
        with pytest.raises(NameInvalidError):
            cap.scope("a b")
        with pytest.raises(AttributeError):
            cap.no_such_thing()
        with pytest.raises(AttributeError, match="subscribe"):
            cap.events.subscribe("channel", print, print)
    with pytest.raises(CapsuleError, match="closed"):
        cap.feed("users").length()
    with pytest.raises(ConnectionLostError):
        sync.connect("redis://127.0.0.1:1")


def test_events_are_iterated_with_for(url: str) -> None:
    with sync.connect(url) as cap:
        feed = cap.feed("users")
        seen: list[object] = []

        def listen() -> None:
            for news in feed.subscribe():
                seen.append(news)
                if len(seen) == 3:
                    break

        thread = threading.Thread(target=listen)
        thread.start()
        while not seen:
            time.sleep(0.01)
        feed.publish({"n": 1}, "a")
        feed.retract("a")
        thread.join(60)
        assert not thread.is_alive()
        assert [type(news) for news in seen] == [Page, Event, Event]


def test_many_threads_share_one_face(url: str) -> None:
    with sync.connect(url) as cap, ThreadPoolExecutor(8) as pool:
        feed = cap.feed("users")
        feed.publish({}, "n")

        def work(n: int) -> None:
            for k in range(20):
                feed.publish({"n": n}, f"i{n}-{k}")
                feed.edit("n", {f"k{n}-{k}": True})

        list(pool.map(work, range(8)))
        assert feed.length() == 161
        assert len(feed.get("n").value) == 160, "no edit was lost"


def fork(child: Callable[[], object]) -> int:
    """Run `child()` in a forked process; its exit status."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_connects_anew_and_leaves_the_parents_connections_alone(url: str) -> None:
    with sync.connect(url) as cap:
        feed = cap.feed("users")
        feed.publish({}, "parent")

        def child() -> None:
            feed.publish({}, "child")
            assert feed.ids()[-1] == "child"
            with cap:
                assert fork(lambda: feed.publish({}, "grandchild")) == 0

        for _ in range(3):
            assert fork(child) == 0
            feed.retract("child")
            feed.retract("grandchild")
            assert feed.ids() == ["parent"]
        assert fork(lambda: None) == 0
        assert feed.has("parent")


def test_waiting_on_the_loops_own_thread_is_refused(url: str) -> None:
    with sync.connect(url) as cap:
        caught: list[BaseException] = []

        done = threading.Event()

        def inside() -> None:
            try:
                cap.feed("users").length()
            except RuntimeError as error:
                caught.append(error)
            done.set()

        loop = cap._portal._loop
        assert loop is not None
        loop.call_soon_threadsafe(inside)
        assert done.wait(5)
        assert "own thread" in str(caught[0])


def test_the_embedded_server_is_started_and_stopped_with_it(tmp_path: Path) -> None:
    with sync.connect(data_dir=tmp_path / "data") as cap:
        cap.feed("users").publish({}, "42")
        server = cap.server
    assert server.process.poll() is not None
    with sync.connect(data_dir=tmp_path / "data") as cap:
        assert cap.feed("users").ids() == ["42"]
