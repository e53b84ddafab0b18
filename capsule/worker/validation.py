"""The first gate of a job: its JSON Schema, derived from the models that it speaks of."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from capsule.shared.blueprint import blueprintOf
from capsule.shared.model import Model
from capsule.shared.schema import addSchema, editSchema
from capsule.shared.verdict import Verdict
from capsule.shared.wire import ACTIONS, ROOT_FEED, actionProblem, isId, isScope

ENVELOPE = Draft202012Validator(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "user": {"type": "string", "minLength": 1, "maxLength": 64},
            "scope": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,128}$"},
            "action": {
                "type": "object",
                "properties": {"do": {"enum": sorted(ACTIONS)}},
                "required": ["do"],
            },
        },
        "required": ["user", "scope", "action"],
        "additionalProperties": False,
    }
)


class Schemas:
    """The validators of one application's classes, each built when it is first needed."""

    def __init__(self) -> None:
        self.validators: dict[tuple[type[Model], str], Draft202012Validator] = {}

    def refusal(self, root_class: type[Model], job: Any) -> Verdict | None:
        """A 422 verdict for a job that does not have the form of its kind, else None."""
        problem = best_match(ENVELOPE.iter_errors(job))
        if problem is not None:
            return invalid("", problem.message)
        if not isId(job["user"]) or not isScope(job["scope"]):
            return invalid("user", "The job's user or scope has no valid form.")
        action = job["action"]
        form = actionProblem(action)
        if form is not None:
            return invalid("", form[1] or form[0])
        if action["do"] not in ("edit", "add"):
            return None
        model_class = class_at(root_class, action["feed"])
        if model_class is None:
            return None  # there is no such feed: `perform` answers 404
        for problem in self.validator(model_class, action["do"]).iter_errors(action["attrs"]):
            field = str(problem.absolute_path[0]) if problem.absolute_path else ""
            return invalid(field, problem.message)
        return None

    def validator(self, model_class: type[Model], do: str) -> Draft202012Validator:
        key = (model_class, do)
        if key not in self.validators:
            schema = addSchema(model_class) if do == "add" else editSchema(model_class)
            self.validators[key] = Draft202012Validator(schema)
        return self.validators[key]


def invalid(field: str, sentence: str) -> Verdict:
    return Verdict(False, 422, "schema", field or None, sentence[:300])


def class_at(root_class: type[Model], feed: str) -> type[Model] | None:
    """The class of a feed's items, from the declarations alone. None when no such feed is declared."""
    if feed == ROOT_FEED:
        return root_class
    found: Any = root_class
    for part in feed.split(".")[::2]:
        # `profile-links` is the collection of a child model.
        *children, name = part.split("-")
        for child in children:
            found = blueprintOf(found).children.get(child)
            if found is None:
                return None
        collection = blueprintOf(found).collections.get(name)
        if collection is None:
            return None
        found = collection.model
    return found if isinstance(found, type) and issubclass(found, Model) else None
