"""Hostile values in every place where one can arrive: each argument of each `safe*` method and of `mport`."""

import json
from typing import Any

# {"$": ...} is spelled out by models_trace.expand.
VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "a number": 5,
    "NaN": {"$": "nan"},
    "infinity": {"$": "infinity"},
    "2**53 + 1": 2**53 + 1,
    "no text": "",
    "an id with a dot": "42.tasks.T1",
    "a lone surrogate": "\ud800",
    "a megabyte": {"$": "text", "length": 1_000_001},
    "a list": [],
    "a list of names": ["title"],
    "an object": {},
    "a model as data": {"id": "a", "title": "x", "tasks": [{"id": "q"}]},
    "__proto__": {"__proto__": {"owner": "ann"}},
    "100,001 values": {"$": "list", "count": 100_001},
    "100,001 keys": {"$": "keys", "count": 100_001},
    "33 levels": {"$": "nest", "depth": 33},
    "100,000 levels": {"$": "nest", "depth": 100_000},
}
HERE = "<here>"
PLACES: dict[str, list[Any]] = {
    "attributes of a set": ["safeSet", [HERE, "ann"]],
    "text of a set": ["safeSet", [{"title": HERE}, "ann"]],
    "list of a set": ["safeSet", [{"tags": [HERE]}, "ann"]],
    "unknown attribute of a set": ["safeSet", [{"title": "x", "zip": HERE}, "ann"]],
    "child model of a set": ["safeSet member", [{"profile": HERE}, "ann"]],
    "collection of a set": ["safeSet member", [{"tasks": HERE}, "ann"]],
    "collection of a set of the root": ["safeSet team", [{"members": HERE}, "ann"]],
    "user of a set": ["safeSet", [{"title": "x"}, HERE]],
    "attributes of an add": ["safeAdd", [HERE, "ann", {"id": "new"}]],
    "text of an add": ["safeAdd", [{"title": HERE}, "ann", {"id": "new"}]],
    "child model of an add": ["safeAdd member", [{"profile": HERE}, "ann", {"id": "new"}]],
    "options of an add": ["safeAdd", [{"title": "x"}, "ann", HERE]],
    "id of an add": ["safeAdd", [{"title": "x"}, "ann", {"id": HERE}]],
    "neighbour of an add": ["safeAdd", [{"title": "x"}, "ann", {"id": "new", "before": HERE}]],
    "user of an add": ["safeAdd", [{"title": "x"}, HERE, {"id": "new"}]],
    "position of a move": ["safeMove", [HERE, "ann"]],
    "neighbour of a move": ["safeMove", [{"after": HERE}, "ann"]],
    "truth of a move": ["safeMove", [{"last": HERE}, "ann"]],
    "user of a move": ["safeMove", [{"last": True}, HERE]],
    "user of a delete": ["safeDelete", [HERE]],
    "name of a call": ["safeCall", [HERE, [], "ann"]],
    "arguments of a call": ["safeCall", ["rename", HERE, "ann"]],
    "argument of a call": ["safeCall", ["rename", [HERE], "ann"]],
    "user of a call": ["safeCall", ["finish", [], HERE]],
    "snapshot": ["mport", [HERE]],
    "id of a snapshot's item": ["mport", [{"id": "7", "members": [{"id": HERE}]}]],
    "collection of a snapshot": ["mport", [{"id": "7", "members": HERE}]],
    "item of a snapshot": ["mport", [{"id": "7", "members": [HERE]}]],
    "child model of a snapshot": ["mport", [{"id": "7", "members": [{"id": "ann", "profile": HERE}]}]],
    "text of a snapshot": [
        "mport",
        [{"id": "7", "members": [{"id": "ann", "tasks": [{"id": "a", "title": HERE}]}]}],
    ],
    "collection's snapshot": ["mport tasks", [HERE]],
}
# These take their time to build: they come where each method first meets a value.
LARGE = ["100,001 values", "100,001 keys", "100,000 levels"]
FIRST_MET = [
    "attributes of a set",
    "text of a set",
    "child model of a set",
    "attributes of an add",
    "options of an add",
    "id of an add",
    "position of a move",
    "neighbour of a move",
    "user of a delete",
    "name of a call",
    "arguments of a call",
    "argument of a call",
    "snapshot",
    "item of a snapshot",
    "text of a snapshot",
    "collection's snapshot",
]
# What only looks hostile: empty text is a title, an empty object means the end, a stored item may have unknown keys.
HARMLESS = {
    "text of a set": ["no text", "an id with a dot"],
    "text of an add": ["no text", "an id with a dot"],
    "list of a set": [
        "null",
        "true",
        "a number",
        "no text",
        "an id with a dot",
        "a list",
        "a list of names",
        "an object",
        "a model as data",
        "__proto__",
    ],
    "position of a move": ["an object"],
    "truth of a move": ["true"],
    "attributes of a set": ["an object"],
    "attributes of an add": ["an object"],
    "arguments of a call": ["a list of names"],
    "item of a snapshot": ["a model as data"],
    "argument of a call": ["no text", "an id with a dot"],
    "snapshot": ["an object", "a model as data", "__proto__"],
    "collection of a snapshot": ["a list"],
    "child model of a snapshot": ["an object", "a model as data"],
    "text of a snapshot": ["null", "no text", "an id with a dot"],
    "collection's snapshot": ["a list"],
}


def cases() -> dict[str, list[Any]]:
    """[method, arguments] for each value in each place where it is hostile, by the names of both."""
    found: dict[str, list[Any]] = {}
    for place, template in PLACES.items():
        for name, value in VALUES.items():
            if name not in HARMLESS.get(place, []) and (name not in LARGE or place in FIRST_MET):
                text = json.dumps(template).replace(json.dumps(HERE), json.dumps(value))
                found[f"{place}: {name}"] = json.loads(text)
    return found
