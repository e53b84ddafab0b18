"""Does steps to a scope and writes down what came of each. `js/parity.js` is its twin, line for line.

A step is a list, `[what, feed, id, ...]`:

    ["set", feed, id, attrs, options]           ["safeSet", feed, id, attrs, user]
    ["unset", feed, id, attr]                   ["safeAdd", feed, id, attrs, user, position]
    ["add", feed, id, attrs]                    ["safeDelete", feed, id, user]
    ["remove", feed, id]                        ["safeMove", feed, id, position, user]
    ["move", feed, id, position]                ["safeCall", feed, id, method, args, user]
    ["toggle", feed, id, attr]                  ["setChild", feed, id, child, attrs]

The feed "." is the root's own. A step on what is not there is answered by "nobody".
"""

import json
from typing import Any

from capsule.shared import Model, ModelError, Operation, Scope, Transaction, Verdict

SCOPE = "parity.root"
Step = list[Any]
Entry = dict[str, Any]


class Machine:
    def __init__(self, root: type[Model]) -> None:
        self.scope = Scope(root, SCOPE)
        self.events: list[Any] = []
        self.followed: list[Any] = []
        self.listen(".", self.scope.root)

    def run(self, steps: list[Step]) -> list[Entry]:
        return [self.step(step, number) for number, step in enumerate(steps, 1)]

    def step(self, step: Step, number: int) -> Entry:
        root = self.scope.root
        self.follow(root)
        self.events = []
        recorder = Transaction(root)
        users = [part for part in step[3:] if isinstance(part, str)]
        root.operation = Operation(f"user.client01.{number}", users[-1] if users else "user", 1000 + number)
        try:
            answer = self.do(step)
        except Exception as error:
            answer = {"raised": type(error).__name__}
            if isinstance(error, ModelError):
                answer.update(code=error.code, sentence=error.sentence, field=error.field)
        root.operation = None
        if isinstance(answer, Verdict):
            if not answer.allowed:
                recorder.undo()
            answer = answer.toJSON()
        recorder.stop()
        entry = {
            "answer": answer, "events": self.events, "operations": recorder.operations, "state": root.xport()
        }  # fmt: skip
        result: Entry = plain(json.loads(json.dumps(entry)))
        return result

    def do(self, step: Step) -> Any:
        what, feed, key = step[0], step[1], step[2]
        if what in ("add", "safeAdd", "remove", "move"):
            collection = self.scope.collectionAt(feed)
            if collection is None:
                return "nobody"
            if what == "safeAdd":
                return collection.safeAdd(step[3], step[4], {"id": key, **step[5]})
            if what == "add":
                collection.add({"id": key, **step[3]})
            elif what == "remove":
                collection.remove(key)
            else:
                collection.moveItem(key, step[3])
            return None
        model = self.scope.modelAt(feed, key)
        if model is None:
            return "nobody"
        if what == "set":
            return model.set(step[3], step[4]) is model
        if what == "unset":
            return model.unset(step[3]) is model
        if what == "toggle":
            return model.toggle(step[3]) is model
        if what == "setChild":
            return getattr(model, step[3]).set(step[4]) is not False
        if what == "safeSet":
            return model.safeSet(step[3], step[4])
        if what == "safeDelete":
            return model.safeDelete(step[3])
        if what == "safeMove":
            return model.safeMove(step[3], step[4])
        return model.safeCall(step[3], step[4], step[5])

    def follow(self, model: Any) -> None:
        """Listen to the collections below a model that are not listened to yet."""
        for collection in model.childCollections():
            if not any(collection is known for known in self.followed):
                self.followed.append(collection)
                self.listen(collection.path, collection)
            for one in collection.models:
                self.follow(one)

    def listen(self, path: str, emitter: Any) -> None:
        emitter.on(
            "all",
            lambda name, model=None, *rest: self.events.append([path, name, getattr(model, "id", None)]),
        )


def plain(value: Any) -> Any:
    """As JavaScript's JSON has it: 1.0 is 1, and what is past 2**53 is no int."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        exact = abs(value) <= 2**53 and value == int(value)
        return int(value) if exact else float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
