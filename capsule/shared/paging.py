"""Older items of long feeds, on demand: asked for from the first item that is held, taken when that fits exactly."""

from typing import Any

from capsule.shared.codes import CODES, SENTENCES
from capsule.shared.events import Events
from capsule.shared.model import Model
from capsule.shared.optimistic import Optimistic
from capsule.shared.touched import Touched
from capsule.shared.verdict import Verdict
from capsule.shared.wire import versionOf


class PageRequest(Events):
    """What `loadOlder` returns.

    `state` is "pending", then "loaded" or "rejected" (with `verdict`); "settled" fires once, with this request.
    """

    def __init__(self, feed: str, count: int) -> None:
        super().__init__()
        self.feed = feed
        self.count = count
        self.state = "pending"
        self.verdict: Verdict | None = None
        # The first item that was held when it was asked for, and what was answered, until that can be taken.
        self.before: str | None = None
        self.answer: dict[str, Any] | None = None


class Paging(Optimistic):
    """The pages that are wanted, at most one of each feed at a time. The replica says when there is somebody to ask."""

    def __init__(self, rootClass: type[Model], name: str, options: dict[str, Any]) -> None:
        super().__init__(rootClass, name, options)
        self.pages: dict[str, PageRequest] = {}
        # The subscription's, as the replica keeps it.
        self.state = "offline"

    def post(self, message: dict[str, Any]) -> None:
        """A message is to be sent."""
        raise NotImplementedError

    def loadOlder(self, feed: str, count: int) -> PageRequest:
        """Ask for up to `count` items that lie before those held. While one page is awaited there is no other."""
        known = self.pages.get(feed)
        if known is not None:
            return known
        request = PageRequest(feed, count)
        self.pages[feed] = request
        if self.state == "gone":
            self.refusePages([request], "NOT_FOUND")
        elif self.state == "live":
            self.askPage(request)
        return request

    def askPage(self, request: PageRequest) -> None:
        collection = self.base.collectionAt(request.feed)
        if collection is None or collection._older == 0:
            self.settlePage(request, "loaded")
            return
        request.answer = None
        request.before = None if collection.length == 0 else collection.models[0].id
        self.post(
            {
                "verb": "page",
                "scope": self.scope,
                "feed": request.feed,
                "before": request.before,
                "count": request.count,
            }
        )

    def askPages(self) -> None:
        for request in list(self.pages.values()):
            self.askPage(request)

    def onPage(self, message: dict[str, Any]) -> None:
        request = self.pages.get(message["feed"])
        if request is not None and message["before"] == request.before:
            request.answer = message
            self.takePage(request)

    def takePages(self) -> None:
        """The state has moved on: what was answered may fit now."""
        for request in list(self.pages.values()):
            self.takePage(request)

    def takePage(self, request: PageRequest) -> None:
        """A page fits at its event, before the item that it was asked for by. One of a later event waits; one that
        cannot fit any more is asked for anew.
        """
        answer = request.answer
        if answer is None:
            return
        collection = self.base.collectionAt(request.feed)
        fits = collection is not None and request.before == (
            None if collection.length == 0 else collection.models[0].id
        )
        at = answer["id"]
        if fits and at == self.base.eventId:
            self.takeItems(answer)
            self.settlePage(request, "loaded")
        elif not fits or (at is not None and versionOf(at) <= versionOf(self.base.eventId)):
            self.askPage(request)

    def takeItems(self, page: dict[str, Any]) -> None:
        self.show()
        touched = Touched()
        for key in self.base.extend(page):
            touched.add(page["feed"], key)
        touched.orders[page["feed"]] = True
        try:
            self.view.extend(page)
        except Exception as error:
            self.failure = error
        if len(self.pending) > 0:
            self.replay(touched)

    def refusePage(self, error: dict[str, Any]) -> None:
        """The server's error about a page."""
        request = self.pages.get(error["feed"])
        if request is not None:
            sentence = error.get("sentence", SENTENCES["INTERNAL"])
            request.verdict = Verdict(False, error["code"], "server", None, sentence)
            self.settlePage(request, "rejected")

    def refusePages(self, requests: list[PageRequest], name: str) -> None:
        for request in requests:
            request.verdict = Verdict(False, CODES[name], "server", None, SENTENCES[name])
            self.settlePage(request, "rejected")

    def settlePage(self, request: PageRequest, state: str) -> None:
        self.pages.pop(request.feed, None)
        request.state = state
        request.answer = None
        try:
            request.trigger("settled", request)
        except Exception as error:
            self.failure = error
