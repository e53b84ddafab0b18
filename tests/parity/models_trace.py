"""Models, and a small machine that does things to them and writes down all that happens.

This file runs on CPython and, compiled, in Node: both must write the same (test_models_parity.py).
"""

from typing import Any

from capsule import Collection, Model, ModelError, Operation


class Task(Model):
    type = "task"
    props = {
        "title": {"type": "string", "max": 20},
        "size": {"type": "string", "values": ["s", "m", "l"], "default": "m"},
        "done": {"type": "boolean", "default": False},
        "rank": {"type": "integer", "min": 0, "allowNull": True},
        "ratio": "number",
        "tags": {"type": "list", "default": list},
        "more": "object",
        "owner": {"type": "ref", "to": "member", "setOnce": True},
        "made": "time",
    }
    session = {"selected": "boolean"}
    derived = {
        "label": {"deps": ["title", "size"], "fn": "makeLabel"},
        "shout": {"deps": ["label"], "fn": lambda task: task.get("label").upper(), "cache": False},
    }
    clientEditable = ["title", "done", "rank", "tags", "more"]
    clientAddable = ["title", "size"]
    exposedServerMethods = ["finish", "rename"]

    def makeLabel(self) -> str:
        return f"{self.get('title')}/{self.get('size')}"

    def stamp(self, user: str, now: int) -> None:
        self.set({"owner": user, "made": now})

    def validate(self, attrs: Any, options: Any) -> Any:
        return "No bad titles." if attrs.get("title") == "bad" else None

    def canEdit(self, user: str, attrs: Any) -> Any:
        return user == self.get("owner") or self.deny("Only the owner may edit a task.")

    def canDelete(self, user: str) -> Any:
        return user == self.get("owner")

    def canMove(self, user: str, position: Any) -> Any:
        return user == "ann" or user == self.get("owner")

    def canCall(self, user: str, method: str, args: Any) -> Any:
        return user == "ann" or self.deny(f"Not {method}.")

    def finish(self) -> None:
        self.set({"done": True, "selected": False})

    def rename(self, title: str) -> None:
        self.set("title", title)


class Tasks(Collection):
    model = Task
    sorted = True
    radioProperties = ["selected"]

    def canAdd(self, user: str, model: Any) -> Any:
        return model.get("owner") == user and self.parent.id == user


class Line(Model):
    type = "line"
    clientEditable = ["text"]


class Chat(Collection):
    model = Line
    maxLength = 3

    def canAdd(self, user: str) -> Any:
        return True


class Ranked(Collection):
    comparator = "rank"


class Profile(Model):
    props = {"bio": "string", "city": "string"}


class Member(Model):
    type = "member"
    props = {"name": "string"}
    children = {"profile": Profile}
    collections = {"tasks": Tasks}
    derived = {"card": {"deps": ["name", "profile.city"], "fn": "makeCard"}}
    profile: Profile
    tasks: Tasks

    def makeCard(self) -> str:
        return f"{self.get('name')} of {self.profile.get('city')}"


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    clientEditable = ["name"]
    collections = {"members": Members, "chat": Chat, "ranked": Ranked}
    members: Members
    chat: Chat
    ranked: Ranked

    def canRead(self, user: str) -> Any:
        return True

    def canEdit(self, user: str) -> Any:
        return user == "ann"


class Trace:
    """Does steps to a team and writes lines about them."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.team: Any = Team({"id": "7", "name": "andyet"})
        self.team.on("all", lambda name, *rest: self.heard("team", name, rest))
        self.team.on("publish", self.published)
        for collection in self.team.childCollections():
            self.follow(collection)
        self.team.members.on("add", lambda member: self.follow(member.tasks))
        self.team.members.add([{"id": "ann", "name": "Ann", "profile": {"city": "Kiev"}}, {"id": "bob"}])

    def follow(self, collection: Any) -> None:
        collection.on("all", lambda name, *rest: self.heard(collection.path, name, rest))

    def heard(self, place: str, name: str, rest: Any) -> None:
        values: list[Any] = []
        for value in rest:
            values.append(self.describe(value))
        self.lines.append([place, name, values])

    def describe(self, value: Any) -> Any:
        if isinstance(value, Model):
            return ["model", value.id]
        if isinstance(value, Collection):
            return ["collection", value.path]
        if isinstance(value, dict):
            return {key: self.describe(value[key]) for key in value if key != "collection"}
        if isinstance(value, list):
            return [self.describe(item) for item in value]
        return value

    def published(self, event: Any) -> None:
        self.lines.append(["publish", self.describe(event)])

    def place(self, name: str) -> Any:
        if name == "chat":
            return self.team.chat
        if name == "ranked":
            return self.team.ranked
        if name == "members":
            return self.team.members
        member = self.team.members.get(name)
        return None if member is None else member.tasks

    def step(self, step: list[Any]) -> Any:
        """[what, place, id, value, options?]: one deed and what it answered."""
        what = step[0]
        collection = self.place(step[1])
        if collection is None:
            return "nowhere"
        if what == "add":
            return self.describe(collection.add(step[3], step[4]))
        if what == "set all":
            return self.describe(collection.set(step[3], step[4]))
        if what == "reset":
            return self.describe(collection.reset(step[3]))
        if what == "remove":
            return self.describe(collection.remove(step[2]))
        if what == "safeAdd":
            return collection.safeAdd(step[3], step[4], step[2]).toJSON()
        if what == "pluck":
            return collection.pluck(step[3])
        if what == "sortBy":
            return [model.id for model in collection.sortBy(step[3])]
        if what == "where":
            return [model.id for model in collection.where(step[3])]
        if what == "group":
            groups = collection.groupBy(step[3])
            return {key: len(groups[key]) for key in groups}
        model = collection.get(step[2])
        return "nobody" if model is None else self.stepModel(model, what, step)

    def stepModel(self, model: Any, what: str, step: list[Any]) -> Any:
        if what == "set":
            return model.set(step[3], step[4]) is model
        if what == "put":
            return model.set(step[3][0], step[3][1]) is model
        if what == "unset":
            return model.unset(step[3]) is model
        if what == "toggle":
            model.toggle(step[3])
            return self.describe(model.changedAttributes())
        if what == "get":
            return [
                model.get(step[3]),
                model.has(step[3]),
                model.previous(step[3]),
                model.hasChanged(step[3]),
            ]
        if what == "safeSet":
            return model.safeSet(step[3], step[4]).toJSON()
        if what == "safeMove":
            return model.safeMove(step[3], step[4]).toJSON()
        if what == "safeDelete":
            return model.safeDelete(step[4]).toJSON()
        if what == "safeCall":
            return model.safeCall(step[3][0], step[3][1], step[4]).toJSON()
        if what == "can":
            return model.can("edit", step[4], step[3]).toJSON()
        if what == "child" and isinstance(model, Member):
            model.profile.set(step[3])
            return [model.get("card"), model.itemJSON()]
        if what == "move":
            return self.describe(model.collection.moveItem(step[2], step[3]))
        if what == "patch":
            model.patch(step[3], step[4])
            return model.xport()
        return "nothing"


def run(steps: list[Any]) -> list[Any]:
    """What each step answered and what was heard meanwhile, and at the end the state, exported and imported."""
    trace = Trace()
    for count, step in enumerate(steps, 1):
        if count % 2 == 0:
            trace.team.operation = Operation(f"ann.client01.{count}", "ann", count)
        answer: Any = None
        try:
            answer = trace.step(step)
        except ModelError as error:
            answer = ["raised", error.code, error.sentence, error.field]
        trace.team.operation = None
        trace.lines.append(["answer", answer])
    data = trace.team.xport()
    trace.lines.append(["state", data, trace.team.members.pluck("card")])
    again = Team()
    try:
        again.mport(data)
        again.mport(data)
        trace.lines.append(["again", again.xport()])
    except ModelError as error:
        # Feeds need ids; collections alone do not.
        trace.lines.append(["again", error.sentence])
    return trace.lines


# -- hostile input


def expand(value: Any) -> Any:
    """What JSON cannot say: {"$": name, ...} stands for it."""
    if isinstance(value, list):
        return [expand(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("$")
    if kind == "nan":
        return float("nan")
    if kind == "infinity":
        return float("inf")
    if kind == "text":
        return "x" * value["length"]
    if kind == "keys":
        return {f"k{index}": index for index in range(value["count"])}
    if kind == "list":
        return [0] * value["count"]
    if kind == "nest":
        nested: Any = 1
        for index in range(value["depth"]):
            nested = [nested] if index % 2 == 0 else {"a": nested}
        return nested
    return {key: expand(value[key]) for key in value}


def attack(case: list[Any]) -> list[Any]:
    """One hostile call on a fresh team: [its code, whether state and arguments are as before, what was heard]."""
    heard: list[str] = []
    team: Any = Team({"id": "7", "name": "andyet", "members": [{"id": "ann", "name": "Ann"}]})
    tasks = team.members.get("ann").tasks
    tasks.add([{"id": "a", "title": "one", "owner": "ann"}, {"id": "b", "owner": "ann"}])
    before = team.xport()
    team.modelGetter("task", "a")
    for emitter in [team, tasks, team.members, team.chat]:
        emitter.on("all publish", lambda *rest: heard.append("event"))
    args = expand(case[1])
    code = 200
    try:
        code = assault(team, tasks, case[0], args)
    except ModelError as error:
        code = error.code
    registered = team.modelGetter("task", "new") is not None
    same = team.xport() == before and not registered
    return [code, same and unchanged(args, expand(case[1])), heard]


def unchanged(value: Any, twin: Any) -> bool:
    """Whether two values are alike, however deep they are."""
    pairs: list[Any] = [[[value], [twin]]]
    while len(pairs) > 0:
        a, b = pairs.pop()
        if len(a) != len(b):
            return False
        for key in a if isinstance(a, dict) else range(len(a)):
            one = a[key]
            if isinstance(one, (list, dict)):
                pairs.append([one, b[key]])
            elif one != b[key] and one == one:
                return False
    return True


def assault(team: Any, tasks: Any, what: str, args: Any) -> int:
    task = tasks.get("a")
    if what == "safeSet member":
        return team.members.get("ann").safeSet(args[0], args[1]).code
    if what == "safeSet team":
        return team.safeSet(args[0], args[1]).code
    if what == "safeAdd member":
        return team.members.safeAdd(args[0], args[1], args[2]).code
    if what == "safeSet":
        return task.safeSet(args[0], args[1]).code
    if what == "safeAdd":
        return tasks.safeAdd(args[0], args[1], args[2]).code
    if what == "safeMove":
        return task.safeMove(args[0], args[1]).code
    if what == "safeDelete":
        return task.safeDelete(args[0]).code
    if what == "safeCall":
        return task.safeCall(args[0], args[1], args[2]).code
    if what == "mport":
        team.mport(args[0])
        return 200
    tasks.mport(args[0])
    return 200
