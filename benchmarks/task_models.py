"""The models that models.mjs measures: the same as the rivals' in rivals.mjs, and once more with typed properties."""

from capsule import Collection, Model


class Task(Model):
    type = "task"
    defaults = {"title": "", "done": False, "order": 0}


class Tasks(Collection):
    model = Task
    comparator = "order"


class Plain(Collection):
    model = Task


class Member(Model):
    type = "member"
    collections = {"tasks": Plain}
    tasks: Plain


class Members(Collection):
    model = Member


class Team(Model):
    type = "team"
    collections = {"members": Members}
    members: Members


class TypedTask(Model):
    type = "typedTask"
    props = {
        "title": {"type": "string", "default": ""},
        "done": {"type": "boolean", "default": False},
        "order": {"type": "number", "default": 0},
    }


class TypedTasks(Collection):
    model = TypedTask
    comparator = "order"


class TypedPlain(Collection):
    model = TypedTask


class TypedMember(Model):
    type = "typedMember"
    props = {"name": "string"}
    collections = {"tasks": TypedPlain}
    tasks: TypedPlain


class TypedMembers(Collection):
    model = TypedMember


class TypedTeam(Model):
    type = "typedTeam"
    props = {"name": "string"}
    collections = {"members": TypedMembers}
    members: TypedMembers
