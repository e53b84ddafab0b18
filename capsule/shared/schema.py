"""JSON Schemas (draft 2020-12) of a model's class, derived from what its class body declares.

For workers, which validate every job before they look at it; the `safe*` calls check the same and more
(nesting, lone surrogates, a prop's own `test`), so a schema is a first sieve, never the last word.
"""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.platform import (
    MOST_INTEGER,
    MOST_TEXT,
    classMember,
    fetch,
    isClass,
    keysOf,
)
from capsule.shared.props import Prop

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Python's `$` is content with a newline behind it, JavaScript's is not.
ID_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}(?!\\n)$"}
TYPES: dict[str, str] = {
    "string": "string",
    "number": "number",
    "integer": "integer",
    "time": "integer",
    "boolean": "boolean",
    "list": "array",
    "object": "object",
    "ref": "string",
}


def editSchema(cls: Any) -> dict[str, Any]:
    """What a user may send to edit a model of this class: the attributes that are `clientEditable`."""
    return _attributesSchema(blueprintOf(cls), classMember(cls, "clientEditable"))


def addSchema(cls: Any) -> dict[str, Any]:
    """What a user may send to add one: the `clientAddable` attributes (when not given, the editable ones).

    Required are those of them that are `required` and have no default; what `stamp` sets is not the
    user's to send.
    """
    blueprint = blueprintOf(cls)
    addable = classMember(cls, "clientAddable")
    if addable is None:
        addable = classMember(cls, "clientEditable")
    schema = _attributesSchema(blueprint, addable)
    schema["required"] = [
        prop.name for prop in blueprint.required if prop.name in addable and not prop.hasDefault
    ]
    return schema


def snapshotSchema(cls: Any) -> dict[str, Any]:
    """What `xport` of a model of this class gives, with everything below it."""
    schemas = Schemas()
    reference = schemas.reference(cls)
    return {"$schema": DIALECT, "$ref": reference["$ref"], "$defs": schemas.definitions}


def _attributesSchema(blueprint: Blueprint, names: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name in names:
        prop = fetch(blueprint.props, name)
        if prop is not None:
            properties[name] = propSchema(prop)
        elif not blueprint.typed:
            properties[name] = True
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def propSchema(prop: Prop) -> dict[str, Any]:
    """One property's schema. A prop's own `test` cannot be told in one."""
    schema: dict[str, Any] = {}
    if prop.type != "any":
        kind = TYPES[prop.type]
        schema["type"] = [kind, "null"] if prop.allowNull else kind
    if prop.type == "ref":
        schema["pattern"] = ID_SCHEMA["pattern"]
    if prop.type == "integer" or prop.type == "time":
        schema["minimum"] = -MOST_INTEGER
        schema["maximum"] = MOST_INTEGER
    if prop.type == "string":
        schema["maxLength"] = MOST_TEXT
    limits = {"string": ["minLength", "maxLength"], "list": ["minItems", "maxItems"]}
    names = limits[prop.type] if prop.type in limits else ["minimum", "maximum"]
    if prop.min is not None:
        schema[names[0]] = prop.min
    if prop.max is not None:
        schema[names[1]] = prop.max
    if prop.values is not None:
        schema["enum"] = [*prop.values, None] if prop.allowNull else [*prop.values]
    if prop.hasDefault and not callable(prop.default):
        schema["default"] = prop.default
    return schema


class Schemas:
    """The definitions of a class and of all that can be below it; a class that holds itself is one definition."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self.classes: list[Any] = []
        self.names: list[str] = []

    def reference(self, cls: Any) -> dict[str, Any]:
        for index in range(len(self.classes)):
            if self.classes[index] is cls:
                return {"$ref": "#/$defs/" + self.names[index]}
        name = blueprintOf(cls).owner
        if name in self.names:
            name = f"{name}{len(self.names)}"
        self.classes.append(cls)
        self.names.append(name)
        self.definitions[name] = self.definition(blueprintOf(cls))
        return {"$ref": "#/$defs/" + name}

    def definition(self, blueprint: Blueprint) -> dict[str, Any]:
        properties: dict[str, Any] = {blueprint.idAttribute: ID_SCHEMA}
        for name in keysOf(blueprint.props):
            prop = fetch(blueprint.props, name)
            if not prop.session and name != blueprint.idAttribute:
                properties[name] = self.stored(prop)
        for name in blueprint.childNames:
            properties[name] = self.reference(fetch(blueprint.children, name))
        for name in blueprint.collectionNames:
            model = classMember(fetch(blueprint.collections, name), "model")
            items = {"type": "object"}
            key = "id"
            if isClass(model):
                items = self.reference(model)
                key = blueprintOf(model).idAttribute
            properties[name] = {"type": "array", "items": {"allOf": [items, {"required": [key]}]}}
        # A newer version of the class may have stored what this one does not declare: it is kept.
        return {"type": "object", "properties": properties}

    def stored(self, prop: Prop) -> dict[str, Any]:
        """The type alone: constraints may have been narrowed since the value was stored."""
        if prop.type == "any":
            return {}
        kind = TYPES[prop.type]
        if prop.required:
            return {"type": kind}
        return {"type": [kind, "null"]}
