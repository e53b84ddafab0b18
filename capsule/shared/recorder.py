"""What was done to a root, in order, so that it can be taken back."""

from typing import Any

from capsule.shared.touched import Touched


class Recorder:
    """Listens to a root's `publish` events from its creation until `stop` or `undo`."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.events: list[dict[str, Any]] = []
        self.touched = Touched()
        self.root.on("publish", self.record)

    def record(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self.touched.addEvent(event)

    def stop(self) -> None:
        self.root.off("publish", self.record)

    def undo(self) -> None:
        """Take everything back, last first. The same instances return, so listeners on them live on."""
        self.stop()
        for index in range(len(self.events) - 1, -1, -1):
            undoEvent(self.events[index])
        self.events = []


def undoEvent(event: dict[str, Any]) -> None:
    model = event["model"]
    name = event["event"]
    if name == "change":
        previous = event["previous"]
        gone = [key for key in event["changed"] if key not in previous]
        model.patch({key: previous[key] for key in previous}, gone)
    elif name == "add":
        event["collection"].remove(model, {"remote": True})
    elif name == "remove":
        event["collection"].add(model, {"at": event["at"], "remote": True})
    else:
        event["collection"].moveItem(model.id, {"at": event["from"]}, {"remote": True})
