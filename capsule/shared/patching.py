"""Bringing the shown models to another state, only where something was touched, with one event for each real change."""

from typing import Any

from capsule.shared.scope import Scope
from capsule.shared.touched import Touched
from capsule.shared.wire import ROOT_FEED


def patchView(view: Scope, target: Scope, touched: Touched, kept: dict[str, Any]) -> None:
    """Make the view's touched places equal to the target's. Models that stay keep their identity.

    `kept` holds the instances that optimistic removals took out of the view, by `feed/id`: one that returns is the
    same as before. A listener that throws is heard of at the end, when everything is in its place.
    """
    # Before any listener hears of it, and again for the feeds that have only now come to be.
    view.matchOlder(target.older())
    try:
        if touched.everything:
            view.root.mport(target.root.xport())
        else:
            patchFeeds(view, target, touched, kept)
    finally:
        view.matchOlder(target.older())


def patchFeeds(view: Scope, target: Scope, touched: Touched, kept: dict[str, Any]) -> None:
    failure: Exception | None = None
    # Parents before what is below them: a feed's name grows by dots.
    for feed in sorted(touched.items, key=depthOf):
        try:
            if feed == ROOT_FEED:
                matchModel(view.root, target.root)
            else:
                matchFeed(view.collectionAt(feed), target.collectionAt(feed), touched, kept)
        except Exception as error:
            failure = error
    if failure is not None:
        raise failure


def depthOf(feed: str) -> int:
    return len(feed.split("."))


def matchFeed(shown: Any, wanted: Any, touched: Touched, kept: dict[str, Any]) -> None:
    """Membership and values of the touched items, then the order."""
    if shown is None or wanted is None:
        return
    feed = wanted.path
    for key in touched.items[feed]:
        old = shown.get(key)
        new = wanted.get(key)
        if new is None:
            if old is not None:
                shown.remove(old, {"remote": True})
        elif old is None:
            returning = kept.get(feed + "/" + key)
            at = wanted.indexOf(new)
            if returning is None:
                shown.add(new.xport(), {"at": at, "remote": True})
            else:
                returning.mport(new.xport())
                shown.add(returning, {"at": at, "remote": True})
        else:
            matchModel(old, new)
    if feed not in touched.orders:
        return
    for index in range(len(wanted.models)):
        key = wanted.models[index].id
        if shown.models[index].id != key:
            shown.moveItem(key, {"at": index}, {"remote": True})


def matchModel(shown: Any, wanted: Any) -> None:
    new = wanted.itemJSON()
    gone = [key for key in shown.itemJSON() if key not in new]
    shown.patch(new, gone)
