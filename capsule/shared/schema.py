"""The JSON Schemas (2020-12) of a class: what a worker holds a job to before any rule is asked.

They say what declarations say: types, lengths, allowed values, which keys a client may send. What only code can say
(`validate`, `test`, rules) is left to the model.
"""

from typing import Any

from capsule.shared.blueprint import Blueprint, blueprintOf
from capsule.shared.platform import MOST_INTEGER, classMember, fetch, keysOf
from capsule.shared.props import Prop

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ID_PATTERN = "^[A-Za-z0-9_-]{1,64}$"

TYPES: dict[str, str] = {
    "string": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "time": "integer",
    "list": "array",
    "object": "object",
    "ref": "string",
}


def editSchema(cls: Any) -> dict[str, Any]:
    """The attributes of an edit: any of `clientEditable`, at least one."""
    schema = attributesSchema(cls, classMember(cls, "clientEditable") or [])
    schema["minProperties"] = 1
    return schema


def addSchema(cls: Any) -> dict[str, Any]:
    """The attributes of an add: any of `clientAddable` (default: `clientEditable`); those required and not stamped
    by the server are asked for by the model itself, when it is built."""
    allowed = classMember(cls, "clientAddable")
    return attributesSchema(cls, (classMember(cls, "clientEditable") or []) if allowed is None else allowed)


def snapshotSchema(cls: Any) -> dict[str, Any]:
    """What `xport` gives: the whole subtree."""
    schema = subtreeSchema(cls)
    schema["$schema"] = DRAFT
    return schema


def attributesSchema(cls: Any, allowed: list[str]) -> dict[str, Any]:
    blueprint = blueprintOf(cls)
    properties: dict[str, Any] = {}
    for name in allowed:
        prop = fetch(blueprint.props, name)
        properties[name] = {} if prop is None else propSchema(prop)
    return {"$schema": DRAFT, "type": "object", "properties": properties, "additionalProperties": False}


def subtreeSchema(cls: Any) -> dict[str, Any]:
    blueprint = blueprintOf(cls)
    schema: dict[str, Any] = {"type": "object", "properties": {}, "required": [blueprint.idAttribute]}
    for name in keysOf(blueprint.props):
        prop = fetch(blueprint.props, name)
        if not prop.session:
            schema["properties"][name] = propSchema(prop)
    schema["properties"][blueprint.idAttribute] = {"type": "string", "pattern": ID_PATTERN}
    addNested(schema["properties"], blueprint)
    return schema


def addNested(properties: dict[str, Any], blueprint: Blueprint) -> None:
    for name in blueprint.childNames:
        child = subtreeSchema(fetch(blueprint.children, name))
        del child["required"]
        properties[name] = child
    for name in blueprint.collectionNames:
        model = classMember(fetch(blueprint.collections, name), "model")
        properties[name] = {"type": "array", "items": subtreeSchema(model)}


def propSchema(prop: Prop) -> dict[str, Any]:
    """One declaration. `allowNull` widens the type."""
    schema: dict[str, Any] = {}
    if prop.type != "any":
        kind = TYPES[prop.type]
        schema["type"] = [kind, "null"] if prop.allowNull else kind
    if prop.type == "ref":
        schema["pattern"] = ID_PATTERN
    if prop.values is not None:
        schema["enum"] = prop.values + [None] if prop.allowNull else prop.values
    addBounds(schema, prop)
    return schema


def addBounds(schema: dict[str, Any], prop: Prop) -> None:
    least = "minimum"
    most = "maximum"
    if prop.type == "string":
        least = "minLength"
        most = "maxLength"
    elif prop.type == "list":
        least = "minItems"
        most = "maxItems"
    elif prop.type == "integer" or prop.type == "time":
        schema[least] = -MOST_INTEGER
        schema[most] = MOST_INTEGER
    if prop.min is not None:
        schema[least] = prop.min
    if prop.max is not None:
        schema[most] = prop.max
