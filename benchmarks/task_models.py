"""The models that models.mjs measures: the same as the Backbone ones there, and once more with typed properties."""

from capsule import Collection, Model


class Task(Model):
    defaults = {"title": "", "done": False, "order": 0}


class Tasks(Collection):
    model = Task
    comparator = "order"


class TypedTask(Model):
    type = "task"
    props = {
        "title": {"type": "string", "default": ""},
        "done": {"type": "boolean", "default": False},
        "order": {"type": "number", "default": 0},
    }


class TypedTasks(Collection):
    model = TypedTask
    comparator = "order"
