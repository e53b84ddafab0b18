"""Model: what an app's own models extend. The rest of its behaviour is in the files that it builds upon:

events.py (Events) -> state.py (attributes) -> node.py (nesting) -> permission.py (rules) -> here.
"""

from typing import Any

from capsule.shared.permission import Permission
from capsule.shared.platform import emptyBag, holds, insertAll, keysOf, pair, put, truth


class Model(Permission):
    """Asks the server for changes, and looks at attributes in Underscore's ways."""

    # -- asking the server; each answers what the link's `request` answers

    def setServer(self, attrs: dict[str, Any]) -> Any:
        """Ask for a `safeSet`. It is done at once here, and taken back if the server refuses."""
        return self._request({"do": "edit", "attrs": attrs})

    def toggleServer(self, attr: str) -> Any:
        return self.setServer(pair(attr, self._toggled(attr)))

    def deleteServer(self) -> Any:
        return self._request({"do": "delete"})

    def moveServer(self, position: dict[str, Any]) -> Any:
        return self._request({"do": "move", "position": position})

    def callServerMethod(self, method: str, *args: Any) -> Any:
        return self._request({"do": "call", "method": method, "args": [*args]})

    def _request(self, action: dict[str, Any]) -> Any:
        path = self.path
        action["feed"] = path[0]
        action["id"] = path[1]
        return linkOf(self.root, self._blueprint.owner).request(action)

    # -- leaving

    def destroy(self, options: Any = None) -> Any:
        """Stop listening, and leave the collections that hold this model. Local: `deleteServer` asks the server."""
        self.stopListening()
        self._fire("destroy", [self, self.collection, {} if options is None else options])
        return False

    # -- Underscore's, over the attributes

    def keys(self) -> list[str]:
        return keysOf(self.attributes)

    def values(self) -> list[Any]:
        return [self.get(key) for key in keysOf(self.attributes)]

    def pairs(self) -> list[list[Any]]:
        return [[key, self.get(key)] for key in keysOf(self.attributes)]

    def invert(self) -> dict[str, str]:
        inverted = emptyBag()
        for key in keysOf(self.attributes):
            put(inverted, str(self.get(key)), key)
        return inverted

    def pick(self, *names: Any) -> dict[str, Any]:
        """The attributes with these names (strings or lists of them), or those that a function (value,
        name) wants.
        """
        picked = emptyBag()
        if len(names) > 0 and callable(names[0]):
            for key in keysOf(self.attributes):
                if truth(names[0](self.get(key), key)):
                    put(picked, key, self.get(key))
            return picked
        for name in flat(names):
            if holds(self.attributes, name):
                put(picked, name, self.get(name))
        return picked

    def omit(self, *names: Any) -> dict[str, Any]:
        """All attributes but these, or but those that a function (value, name) wants away."""
        if len(names) > 0 and callable(names[0]):
            return self.pick(lambda value, key: not truth(names[0](value, key)))
        without = flat(names)
        return self.pick([key for key in keysOf(self.attributes) if key not in without])

    def isEmpty(self) -> bool:
        return len(keysOf(self.attributes)) == 0


def flat(names: Any) -> list[Any]:
    """The names in a list of names and lists of names."""
    found: list[Any] = []
    for name in names:
        if isinstance(name, list):
            insertAll(found, name, len(found))
        else:
            found.append(name)
    return found


def linkOf(root: Any, name: str) -> Any:
    """The way to the server. Raises RuntimeError for a model that has none."""
    if root.link is None:
        raise RuntimeError(f"This model is not connected: the root of this {name} has no link to a server.")
    return root.link
